import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { CborFloat } from '../src/cbor.ts'
import { parseJson } from '../src/json-scan.ts'
import type { JsonValue } from '../src/json.ts'
import { hasCode } from '../src/starling-error.ts'
import { inputOf, jsonCborCases, jsonTexts, toPlain } from './json-fixtures.ts'

const float = (value: number): CborFloat => new CborFloat(value)
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)

function messageOf(text: string | Uint8Array): string {
  try {
    parseJson(text)
    return 'accepted'
  } catch (error) {
    return hasCode(error, 'EVENT_JSON') ? error.message : `another error: ${String(error)}`
  }
}

describe('a number', () => {
  test.each<[string, JsonValue]>([
    ['0', 0],
    ['7', 7],
    ['-1', -1],
    ['123456789012345', 123456789012345],
    ['-123456789012345', -123456789012345],
    ['1234567890123456', 1234567890123456],
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', 9007199254740992n],
    ['-9007199254740993', -9007199254740993n],
    ['9223372036854775807', 9223372036854775807n],
    ['-9223372036854775808', -9223372036854775808n],
  ])('%s without fraction and exponent is an integer', (text, value) => {
    expect(parseJson(text)).toStrictEqual(value)
  })

  test.each<[string, number]>([
    ['1.0', 1],
    ['-0.0', -0],
    ['0e0', 0],
    ['1e3', 1000],
    ['1E2', 100],
    ['1e+2', 100],
    ['-2.5e-3', -0.0025],
    ['0.1', 0.1],
    ['9223372036854775808', 2 ** 63],
    ['-9223372036854775809', -(2 ** 63)],
    ['18446744073709551615', 2 ** 64],
    ['100000000000000000000', 1e20],
    ['1e400', Infinity],
    ['-1e400', -Infinity],
    ['1e-400', 0],
    ['-1e-400', -0],
    ['4.9e-324', 5e-324],
  ])('%s with one, or beyond 64 bits, is a float', (text, value) => {
    expect(parseJson(text)).toStrictEqual(float(value))
  })

  test('-0 is the integer 0', () => {
    expect(Object.is(parseJson('-0'), 0)).toBe(true)
  })

  test.each(['01', '-01', '00', '1.', '.5', '1.e1', '+1', '--1', '1e+', '0x10', '1_000', '-', '-a', 'Infinity', 'NaN'])(
    '%s is none',
    (text) => {
      expect(messageOf(text)).toMatch(/^decode json: /)
    },
  )
})

describe('a text', () => {
  test.each([
    ['""', ''],
    ['"a"', 'a'],
    [String.raw`"\"\\\/\b\f\n\r\t"`, '"\\/\b\f\n\r\t'],
    [String.raw`"a\u00e9b"`, 'aéb'],
    [String.raw`"\u00E9\uABCD"`, 'é\uabcd'],
    [String.raw`"\ud83d\ude00"`, '😀'],
    [String.raw`"x\ud83d\ude00y\n"`, 'x😀y\n'],
    ['"é😀\u2028\u007f"', 'é😀\u2028\u007f'],
    [String.raw`"\u0000"`, '\0'],
  ])('%s reads as it should', (text, value) => {
    expect(parseJson(text)).toBe(value)
  })

  test.each([
    [String.raw`"\ud83d"`, '\ufffd'],
    [String.raw`"\ude00"`, '\ufffd'],
    [String.raw`"\ude00\ud83d"`, '\ufffd\ufffd'],
    [String.raw`"\ud83d\ud83d\ude00"`, '\ufffd😀'],
    [String.raw`"\ud83dx"`, '\ufffdx'],
    [String.raw`"\ud83d\n"`, '\ufffd\n'],
    ['"\ud83d"', '\ufffd'],
    ['"\ud83d\\ude00"', '\ufffd\ufffd'],
  ])('%j has U+FFFD for each lone surrogate', (text, value) => {
    expect(parseJson(text)).toBe(value)
  })

  test('has U+FFFD for each byte that is not UTF-8', () => {
    expect(parseJson(Uint8Array.of(0x22, 0xff, 0xe2, 0x82, 0x22))).toBe('\ufffd\ufffd\ufffd')
  })

  test('does not depend on whether it comes as bytes', () => {
    fc.assert(
      fc.property(jsonTexts, (text) => {
        expect(parseJson(new TextEncoder().encode(text))).toStrictEqual(parseJson(text))
      }),
    )
  })
})

describe('an object', () => {
  test('keeps the last of duplicate keys', () => {
    expect(parseJson('{"a":1,"b":2,"a":{"c":3}}')).toStrictEqual(
      new Map<string, JsonValue>([
        ['a', new Map([['c', 3]])],
        ['b', 2],
      ]),
    )
  })

  test('takes keys for the same when they are so after decoding', () => {
    expect(parseJson(String.raw`{"é":1,"\u00e9":2,"\ud800":3,"\udfff":4}`)).toStrictEqual(
      new Map([
        ['é', 2],
        ['\ufffd', 4],
      ]),
    )
  })

  test('gives no key a meaning', () => {
    expect(parseJson('{"__proto__":{"a":1},"constructor":2}')).toStrictEqual(
      new Map<string, JsonValue>([
        ['__proto__', new Map([['a', 1]])],
        ['constructor', 2],
      ]),
    )
  })
})

describe('white space', () => {
  test('may stand around every token', () => {
    expect(parseJson(' \t\r\n[ 1 , { "a" : [ ] , "b" : { } } ] \n')).toStrictEqual([
      1,
      new Map<string, JsonValue>([
        ['a', []],
        ['b', new Map()],
      ]),
    ])
  })

  test.each(['\u00a01', '\ufeff1', '\v1', '\f1', '\u20281'])('%j is none', (text) => {
    expect(messageOf(text)).toMatch(/looking for beginning of value$/)
  })
})

describe('after the value', () => {
  test.each(['{}}', '{}]', '1}', '[]]]]', '{}}garbage', '{} ] {"a"', '"a" }\u0000'])(
    'everything from a stray closing bracket on is ignored: %j',
    (text) => {
      expect(messageOf(text)).toBe('accepted')
    },
  )

  test.each([
    ['1 2', '"2"'],
    ['1 2 3', '"2"'],
    ['{} {"b": 2}x', String.raw`"{\"b\": 2}"`],
    ['{},', '""'],
    ['{}x', '""'],
    ['nulltrue', '"true"'],
    ['1 "a\tb"', '""'],
    [`1 "a'é\u00a0😀\u007f"`, String.raw`"\"a'é\u00a0😀\x7f\""`],
    ['[] [1,\n2]', String.raw`"[1,\n2]"`],
  ])('anything else is an error that quotes the next value: %j', (text, quoted) => {
    expect(messageOf(text)).toBe(`decode json: trailing data after first value: ${quoted}`)
  })
})

describe('what is not JSON', () => {
  const refused = jsonCborCases.filter((recorded) => recorded.error !== undefined)

  test('is refused in the words of the reference', () => {
    expect(refused.length).toBeGreaterThan(15)
    for (const recorded of refused) expect(messageOf(inputOf(recorded))).toBe(recorded.error)
  })

  test.each([
    ['', 'EOF'],
    [' \n', 'EOF'],
    ['[', 'unexpected EOF'],
    ['{"a"', 'unexpected EOF'],
    ['{"a":', 'unexpected EOF'],
    ['[1', 'unexpected EOF'],
    [String.raw`"\u00`, 'unexpected EOF'],
    ['"\\', 'unexpected EOF'],
    ['1.', 'unexpected EOF'],
    ['fals', 'unexpected EOF'],
    ['trux', "invalid character 'x' in literal true (expecting 'e')"],
    ['nulL', "invalid character 'L' in literal null (expecting 'l')"],
    ['{a:1}', "invalid character 'a' looking for beginning of object key string"],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ['{"a":1 "b"}', `invalid character '"' after object key:value pair`],
    ['{"a"}', "invalid character '}' after object key"],
    ['[1}', "invalid character '}' after array element"],
    ['[,1]', "invalid character ',' looking for beginning of value"],
    ["'a'", String.raw`invalid character '\'' looking for beginning of value`],
    [String.raw`"\u00g0"`, String.raw`invalid character 'g' in \u hexadecimal character escape`],
    [String.raw`"\ua"`, String.raw`invalid character '"' in \u hexadecimal character escape`],
    [String.raw`"\'"`, String.raw`invalid character '\'' in string escape code`],
    ['"\t"', String.raw`invalid character '\t' in string literal`],
    ['"a\\n\u0001"', String.raw`invalid character '\x01' in string literal`],
    ['1.x', "invalid character 'x' after decimal point in numeric literal"],
    ['1e-x', "invalid character 'x' in exponent of numeric literal"],
    ['-x', "invalid character 'x' in numeric literal"],
    ['é', "invalid character 'Ã' looking for beginning of value"],
    ['\u{1f600}', "invalid character 'ð' looking for beginning of value"],
  ])('%j is refused, naming what was expected', (text, message) => {
    expect(messageOf(text)).toBe(`decode json: ${message}`)
  })
})

describe('nesting', () => {
  test('goes 10,000 deep without a deep call stack', () => {
    expect(messageOf(nested(10_000))).toBe('accepted')
    expect(messageOf(`${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`)).toBe('accepted')
  })

  test('beyond that is refused, also of empty containers', () => {
    expect(messageOf(nested(10_001))).toBe('decode json: exceeded max depth')
    expect(messageOf('['.repeat(10_001))).toBe('decode json: exceeded max depth')
    expect(messageOf(`${'['.repeat(10_000)}{}`)).toBe('decode json: exceeded max depth')
  })
})

describe('every valid text', () => {
  test('has the shape, texts and numbers that JSON.parse reads', () => {
    fc.assert(
      fc.property(jsonTexts, (text) => {
        const expected: unknown = JSON.parse(text, wellFormed)
        expect(unsignedZeros(toPlain(parseJson(text)))).toStrictEqual(unsignedZeros(expected))
      }),
      { numRuns: 500 },
    )
  })

  test('is read the same with other white space', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(1, '\t', '\r\n'), (value, space) => {
        expect(parseJson(JSON.stringify(value, undefined, space))).toStrictEqual(parseJson(JSON.stringify(value)))
      }),
    )
  })
})

/** `-0` is the integer 0 here, and a float to `JSON.parse`. */
function unsignedZeros(value: unknown): unknown {
  if (value === 0) return 0
  if (Array.isArray(value)) return value.map(unsignedZeros)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, element]) => [key, unsignedZeros(element)]))
}

/** Lone surrogates are kept by `JSON.parse`. */
function wellFormed(_key: string, value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed()
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, element]) => [key.toWellFormed(), element]))
}
