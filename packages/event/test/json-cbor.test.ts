import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { fromHex, toHex } from '../src/bytes.ts'
import { encodeCbor } from '../src/cbor-encode.ts'
import { cborToJson, formatJsonCanonical } from '../src/cbor-to-json.ts'
import { CborFloat, CborTag } from '../src/cbor.ts'
import { encodeJson, jsonToCbor } from '../src/json-to-cbor.ts'
import type { JsonValue } from '../src/json.ts'
import { inputOf, jsonCborCases, jsonTexts, jsonValues, readFixture } from './json-fixtures.ts'

const accepted = jsonCborCases.filter((recorded) => recorded.cbor_hex !== undefined)
const hexOf = (text: string | Uint8Array): string => toHex(jsonToCbor(text))

interface Vectors {
  readonly vectors: readonly { readonly json: string; readonly cbor_hex: string }[]
  readonly rejects: readonly { readonly json: string }[]
  readonly reference_quirks: readonly { readonly json: string }[]
}

describe('JSON to CBOR', () => {
  test('gives the bytes of the reference for all recorded texts', () => {
    expect(jsonCborCases).toHaveLength(460)
    for (const recorded of accepted) expect(hexOf(inputOf(recorded))).toBe(recorded.cbor_hex)
  })

  test('gives the bytes of the specification', () => {
    const { vectors, rejects, reference_quirks: quirks }: Vectors = JSON.parse(readFixture('vectors/json-to-cbor.json'))
    expect(vectors.length).toBeGreaterThan(40)
    for (const { json, cbor_hex: hex } of vectors) expect(hexOf(json)).toBe(hex)
    expect(rejects.length).toBeGreaterThan(0)
    for (const { json } of rejects) expect(() => jsonToCbor(json)).toThrow(/^decode json: /)
    expect(quirks.map(({ json }) => hexOf(json))).toEqual(['a1616101', 'a1616101'])
  })

  test('gives what the CBOR encoder gives for the same value', () => {
    fc.assert(
      fc.property(jsonValues, (value) => {
        const unique = wellFormedKeys(value)
        expect(toHex(encodeJson(unique))).toBe(toHex(encodeCbor(unique)))
      }),
      { numRuns: 500 },
    )
  })

  test('orders the keys of a large object like those of a small one', () => {
    const keys = Array.from({ length: 300 }, (_, at) =>
      String.fromCodePoint(0x61 + ((at * 7919) % 0x2ff), 0x61 + (at % 5)),
    )
    const value: JsonValue = new Map(keys.map((key, at) => [key, at]))
    expect(toHex(encodeJson(value))).toBe(toHex(encodeCbor(value)))
  })

  test('nests 10,000 deep without a deep call stack', () => {
    const text = `${'[{"a":'.repeat(5000)}1${'}]'.repeat(5000)}`
    const bytes = jsonToCbor(text)
    expect(bytes).toHaveLength(4 * 5000 + 1)
    expect(cborToJson(bytes)).toBe(text)
  })
})

describe('CBOR to JSON', () => {
  test('gives the texts of the reference for all recorded values', () => {
    for (const { cbor_hex: hex, resume_json: text, resume_error: error } of accepted) {
      expect(outcomeOf(() => cborToJson(fromHex(hex ?? ''), { reference: true }))).toBe(text ?? error)
    }
  })

  test('gives the texts that the reference replays, wherever they are stable', () => {
    const replayable = accepted.filter((recorded) => recorded.replay_stable === true)
    expect(replayable.length).toBeGreaterThan(100)
    for (const { cbor_hex: hex, replay_json: text } of replayable) expect(cborToJson(fromHex(hex ?? ''))).toBe(text)
  })

  test('differs from the reference only where an integral float would become an integer, or for an infinity', () => {
    for (const { cbor_hex: hex, resume_json: text, resume_error: error } of accepted) {
      const canonical = cborToJson(fromHex(hex ?? ''))
      const withoutFractions = canonical.replaceAll(/(?<=[:[,-]|^)(-?\d+)\.0(?=[\],}]|$)/g, '$1')
      const infinity = /(?<=[:[,]|^)-?1e400(?=[\],}]|$)/.exec(canonical)?.[0]
      expect(infinity === undefined ? withoutFractions : infinity.replace('1e400', 'Inf')).toBe(
        text ?? error?.replace(/.* \+?/, ''),
      )
    }
  })

  test.each([
    ['{"x":1.0}', '{"x":1.0}'],
    ['[1e3,-0.0,0.0,-0]', '[1000.0,-0.0,0.0,0]'],
    ['[1e400,-1e400]', '[1e400,-1e400]'],
    ['[1E21, 1e-7, 123456789012345678901234567890]', '[1e+21,1e-7,1.2345678901234568e+29]'],
    [
      '[9007199254740993,-9223372036854775808,18446744073709551615]',
      '[9007199254740993,-9223372036854775808,18446744073709552000]',
    ],
    [' { "b" : 1 , "a" : [ ] , "aa" : { } } ', '{"a":[],"aa":{},"b":1}'],
    ['{"😀":1,"\uffff":2,"z":3,"":4}', '{"":4,"z":3,"\uffff":2,"😀":1}'],
    ['"<\\u0041\\/>"', String.raw`"\u003cA/\u003e"`],
    ['{"a":1}}', '{"a":1}'],
  ])('brings %s to its canonical form', (text, canonical) => {
    expect(formatJsonCanonical(text)).toBe(canonical)
  })

  test('and back is stable for every text', () => {
    fc.assert(
      fc.property(jsonTexts, (text) => {
        const bytes = jsonToCbor(text)
        const canonical = cborToJson(bytes)
        expect(toHex(jsonToCbor(canonical))).toBe(toHex(bytes))
        expect(formatJsonCanonical(canonical)).toBe(canonical)
      }),
      { numRuns: 500 },
    )
  })

  test('and back is stable for every value', () => {
    fc.assert(
      fc.property(jsonValues, (value) => {
        const bytes = encodeJson(wellFormedKeys(value))
        expect(toHex(jsonToCbor(cborToJson(bytes)))).toBe(toHex(bytes))
      }),
      { numRuns: 500 },
    )
  })

  test('writes a text that JSON.parse reads to the same data', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value)
        expect(JSON.parse(formatJsonCanonical(text))).toStrictEqual(JSON.parse(text))
      }),
    )
  })
})

describe('what JSON has no form for', () => {
  test('bytes are base64', () => {
    expect(cborToJson(encodeCbor([Uint8Array.of(1, 2), new Uint8Array(0)]))).toBe('["AQI=",""]')
  })

  test('keys that are not texts are texts, and take part in the order', () => {
    const map = new Map<string | number | boolean, number>([
      [10, 1],
      [-2, 2],
      ['1', 3],
      [true, 4],
    ])
    expect(cborToJson(encodeCbor(map))).toBe('{"-2":2,"1":3,"10":1,"true":4}')
    expect(cborToJson(encodeCbor(new Map([[Uint8Array.of(255), 1]])))).toBe('{"/w==":1}')
    expect(cborToJson(encodeCbor(new Map([[2n ** 70n, 1]])))).toBe('{"1180591620717411303424":1}')
  })

  test('big integers are exact', () => {
    expect(cborToJson(encodeCbor([2n ** 64n - 1n, -(2n ** 64n), 2n ** 70n, -(2n ** 70n)]))).toBe(
      '[18446744073709551615,-18446744073709551616,1180591620717411303424,-1180591620717411303424]',
    )
    expect(cborToJson(fromHex('c24105'))).toBe('5')
    expect(cborToJson(fromHex('c340'))).toBe('-1')
  })

  test('a tagged item is its content, undefined is null, a simple value its number', () => {
    expect(cborToJson(encodeCbor([new CborTag(0, '2026'), new CborTag(55_799, [1]), undefined]))).toBe(
      '["2026",[1],null]',
    )
    expect(cborToJson(fromHex('d9d9f7d9d9f7a16161f0'))).toBe('{"a":16}')
  })

  test('NaN is refused', () => {
    expect(() => cborToJson(encodeCbor(new CborFloat(Number.NaN)))).toThrow('json: unsupported value: NaN')
    expect(() => cborToJson(encodeCbor(new CborFloat(Number.NaN)), { reference: true })).toThrow(
      expect.objectContaining({ code: 'EVENT_JSON', message: 'json: unsupported value: NaN' }),
    )
  })

  test('a container as a key is refused', () => {
    expect(() => cborToJson(encodeCbor(new Map([[[1], 1]])))).toThrow(
      'json: unsupported value: a map key that is a container',
    )
  })

  test.each(['', '9fff', '0000', 'a2616101616102', 'a2010161310a', '61ff', '1c', 'c201', '8101ff', '9a7fffffff'])(
    'the bytes %s are refused',
    (hex) => {
      expect(() => cborToJson(fromHex(hex))).toThrow(expect.objectContaining({ code: 'EVENT_DECODE' }))
    },
  )
})

function outcomeOf(convert: () => string): string {
  try {
    return convert()
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** The tree as a text would have it: lone surrogates replaced, and keys that become the same are one. */
function wellFormedKeys(value: JsonValue): JsonValue {
  if (typeof value === 'string') return value.toWellFormed()
  if (Array.isArray(value)) return value.map(wellFormedKeys)
  if (!(value instanceof Map)) return value
  return new Map(Array.from(value, ([key, element]) => [key.toWellFormed(), wellFormedKeys(element)]))
}
