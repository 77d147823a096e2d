import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { fromHex } from '../src/bytes.ts'
import { quoteByteAt, quoteText } from '../src/json-quote.ts'
import { compareUtf8, formatFloat, formatTypedFloat, quoteJson, quoteJsonPlain, utf8Length } from '../src/json-text.ts'
import { readFixture } from './json-fixtures.ts'

const wellFormed = fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.toWellFormed())

describe('quoteJson', () => {
  test.each([
    ['', '""'],
    ['plain', '"plain"'],
    [" !#$%'()*+,-./09:;=?@AZ[]^_`az{|}~\u007f", '" !#$%\'()*+,-./09:;=?@AZ[]^_`az{|}~\u007f"'],
    ['<b>&', String.raw`"\u003cb\u003e\u0026"`],
    ['\u2028\u2029', String.raw`"\u2028\u2029"`],
    ['\u2027\u202a\uffff😀é', '"\u2027\u202a\uffff😀é"'],
    ['\b\t\n\f\r', String.raw`"\b\t\n\f\r"`],
    ['\u0000\u000b\u001f', String.raw`"\u0000\u000b\u001f"`],
    ['"\\/', String.raw`"\"\\/"`],
  ])('%j is %s', (text, quoted) => {
    expect(quoteJson(text)).toBe(quoted)
  })

  test('reads back, in one line, without a character that means something in HTML', () => {
    fc.assert(
      fc.property(wellFormed, (text) => {
        const quoted = quoteJson(text)
        expect(JSON.parse(quoted)).toBe(text)
        expect(quoted).not.toMatch(/[<>&\n\r\u2028\u2029]/)
      }),
      { numRuns: 500 },
    )
  })

  test('leaves HTML alone in the plain form', () => {
    expect(quoteJsonPlain('<b>&\u2028"\n')).toBe(String.raw`"<b>&\u2028\"\n"`)
  })
})

describe('a float', () => {
  interface NumberCase {
    readonly type: string
    readonly ieee754_hex?: string
    readonly json?: string
    readonly json_error?: string
  }
  const recorded: { readonly cases: readonly NumberCase[] } = JSON.parse(readFixture('golden/codec/numbers-cbor.json'))

  test('has the text that the reference prints', () => {
    const cases = recorded.cases.filter(({ ieee754_hex, json }) => ieee754_hex !== undefined && json !== undefined)
    expect(cases.length).toBeGreaterThan(100)
    for (const { ieee754_hex, json } of cases) {
      const value = new DataView(fromHex(ieee754_hex ?? '').slice().buffer).getFloat64(0)
      expect(formatFloat(value)).toBe(json)
    }
  })

  test.each([
    [0, '0.0'],
    [-0, '-0.0'],
    [1, '1.0'],
    [-3, '-3.0'],
    [1.5, '1.5'],
    [1000, '1000.0'],
    [2 ** 53, '9007199254740992.0'],
    [9223372036854774784, '9223372036854775000.0'],
    [-9223372036854774784, '-9223372036854775000.0'],
    [2 ** 63, '9223372036854776000'],
    [-(2 ** 63), '-9223372036854776000'],
    [1e20, '100000000000000000000'],
    [1e21, '1e+21'],
    [1e-7, '1e-7'],
    [Infinity, '1e400'],
    [-Infinity, '-1e400'],
  ])('%d is written as %s where it must stay one', (value, text) => {
    expect(formatTypedFloat(value)).toBe(text)
  })

  test('reads back to the same bits', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (value) => {
        expect(Number(formatTypedFloat(value))).toBe(value)
      }),
    )
  })
})

describe('the order of texts', () => {
  test('is that of their UTF-8 bytes', () => {
    fc.assert(
      fc.property(wellFormed, wellFormed, (a, b) => {
        expect(Math.sign(compareUtf8(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
      }),
      { numRuns: 500 },
    )
  })

  test('puts what needs a surrogate pair behind the rest of Unicode', () => {
    expect(compareUtf8('\uffff', '😀')).toBeLessThan(0)
    expect(compareUtf8('😀', '\ue000')).toBeGreaterThan(0)
    expect(compareUtf8('a\ud7ff', 'a😀')).toBeLessThan(0)
    expect(compareUtf8('a', 'a')).toBe(0)
    expect(compareUtf8('a', 'ab')).toBeLessThan(0)
  })

  test('goes with a length that is that of the bytes', () => {
    fc.assert(
      fc.property(wellFormed, (text) => {
        expect(utf8Length(text)).toBe(Buffer.byteLength(text))
      }),
    )
  })
})

describe('quoting for an error message', () => {
  test.each([
    ['a"b', String.raw`"a\"b"`],
    ['\u0007\b\f\n\r\t\v\\', String.raw`"\a\b\f\n\r\t\v\\"`],
    ['\u0000\u001f\u007f', String.raw`"\x00\x1f\x7f"`],
    ['é 日本 😀 \ufffd', '"é 日本 😀 \ufffd"'],
    ['\u00a0\u00ad\u2028\ufeff', String.raw`"\u00a0\u00ad\u2028\ufeff"`],
    ['\u{e0001}', String.raw`"\U000e0001"`],
  ])('%j is %s', (text, quoted) => {
    expect(quoteText(text)).toBe(quoted)
  })

  test.each([
    ['a', "'a'"],
    ['"', `'"'`],
    ["'", String.raw`'\''`],
    ['\n', String.raw`'\n'`],
    ['\ufeff', "'ï'"],
    ['é', "'Ã'"],
    ['ࠀ', "'à'"],
    ['😀', "'ð'"],
  ])('of one character names its first byte: %j', (text, quoted) => {
    expect(quoteByteAt(`x${text}`, 1)).toBe(quoted)
  })
})
