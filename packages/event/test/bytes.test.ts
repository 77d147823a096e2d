import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  equalBytes,
  fromBase64,
  fromHex,
  toBase64,
  toHex,
  utf8Decode,
  utf8DecodeLossy,
  utf8Encode,
} from '../src/bytes.ts'

const bytesOf = (...values: number[]): Uint8Array => Uint8Array.from(values)
const anyBytes = fc.uint8Array({ maxLength: 200 })

describe('hexadecimal', () => {
  test('is lower case with two digits a byte', () => {
    expect(toHex(bytesOf(0, 1, 15, 16, 171, 255))).toBe('00010f10abff')
  })

  test('is the text that the platform writes', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(toHex(bytes)).toBe(Buffer.from(bytes).toString('hex'))
      }),
    )
  })

  test('reads back in either case', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(fromHex(toHex(bytes))).toEqual(bytes)
        expect(fromHex(toHex(bytes).toUpperCase())).toEqual(bytes)
      }),
    )
  })

  test('of no bytes is the empty text', () => {
    expect(toHex(bytesOf())).toBe('')
    expect(fromHex('')).toEqual(bytesOf())
  })

  test.each(['0', '0g', 'g0', ' 0', '0x', '\u0130\u0130', '-1', '１２'])('refuses %j', (text) => {
    expect(() => fromHex(text)).toThrow(expect.objectContaining({ code: 'EVENT_DECODE' }))
  })

  test('names the byte of a bad digit', () => {
    expect(() => fromHex('00zz')).toThrow('hex text has a bad digit in byte 1')
    expect(() => fromHex('000')).toThrow('hex text has an odd length of 3')
  })
})

describe('base64', () => {
  test.each([
    ['', ''],
    ['f', 'Zg=='],
    ['fo', 'Zm8='],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg=='],
    ['fooba', 'Zm9vYmE='],
    ['foobar', 'Zm9vYmFy'],
  ])('of %j is %j, as RFC 4648 has it', (text, encoded) => {
    expect(toBase64(utf8Encode(text))).toBe(encoded)
    expect(fromBase64(encoded)).toEqual(utf8Encode(text))
  })

  test('is the text that the platform writes, and reads back', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'))
        expect(fromBase64(toBase64(bytes))).toEqual(bytes)
      }),
    )
  })

  test.each(['Zg', 'Zg=', 'Z===', '====', 'Zm9v=', 'Zm8=Zm8=', 'Zm-v', 'Zm_v', 'Zm 9', 'Zmé='])(
    'refuses %j',
    (text) => {
      expect(() => fromBase64(text)).toThrow(expect.objectContaining({ code: 'EVENT_DECODE' }))
    },
  )

  test('refuses a second text for the same bytes', () => {
    expect(() => fromBase64('Zh==')).toThrow('base64 text has bits left over in its last character')
    expect(() => fromBase64('Zm9=')).toThrow('base64 text has bits left over in its last character')
  })
})

describe('equalBytes', () => {
  test('compares content, not identity', () => {
    expect(equalBytes(bytesOf(1, 2), bytesOf(1, 2))).toBe(true)
    expect(equalBytes(bytesOf(), bytesOf())).toBe(true)
  })

  test('sees a difference in length and in any byte', () => {
    expect(equalBytes(bytesOf(1, 2), bytesOf(1, 2, 0))).toBe(false)
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 50 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (bytes, at, xor) => {
          const other = bytes.slice()
          const index = at % bytes.length
          other[index] = (other[index] ?? 0) ^ xor
          expect(equalBytes(bytes, other)).toBe(false)
        },
      ),
    )
  })
})

describe('UTF-8', () => {
  test('reads back what it wrote', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const wellFormed = text.toWellFormed()
        expect(utf8Decode(utf8Encode(wellFormed))).toBe(wellFormed)
      }),
    )
  })

  test('keeps a byte order mark', () => {
    expect(utf8Decode(utf8Encode('\ufeffa'))).toBe('\ufeffa')
    expect(utf8Decode(utf8Encode(`\ufeff${'a'.repeat(50)}`))).toHaveLength(51)
    expect(utf8DecodeLossy(utf8Encode('\ufeffa'))).toBe('\ufeffa')
  })

  test('writes a lone surrogate as U+FFFD', () => {
    expect(toHex(utf8Encode('a\ud800b'))).toBe('61efbfbd62')
  })

  test('reads a part of the bytes', () => {
    const bytes = utf8Encode(`abécd${'x'.repeat(60)}`)
    expect(utf8Decode(bytes, 2, 4)).toBe('é')
    expect(utf8Decode(bytes, 5)).toBe(`d${'x'.repeat(60)}`)
    expect(utf8Decode(bytes, 0, 2)).toBe('ab')
  })

  test.each(['ff', '61ff', 'c0af', 'e28228', 'eda080', 'f4908080', 'c3', `${'61'.repeat(40)}80`])(
    'refuses the bytes %s',
    (hex) => {
      expect(() => utf8Decode(fromHex(hex))).toThrow(expect.objectContaining({ code: 'EVENT_DECODE' }))
    },
  )

  test.each([
    ['ff', '\ufffd'],
    ['61ff62', 'a\ufffdb'],
    ['e282', '\ufffd\ufffd'],
    ['e28261', '\ufffd\ufffda'],
    ['f09f98', '\ufffd\ufffd\ufffd'],
    ['f09f9880ff', '😀\ufffd'],
    ['eda080', '\ufffd\ufffd\ufffd'],
    ['c080', '\ufffd\ufffd'],
    ['e08080', '\ufffd\ufffd\ufffd'],
    ['f08fbfbf', '\ufffd\ufffd\ufffd\ufffd'],
    ['f48fbfbf', '\u{10ffff}'],
    ['f4908080', '\ufffd\ufffd\ufffd\ufffd'],
    ['f5808080', '\ufffd\ufffd\ufffd\ufffd'],
    ['80', '\ufffd'],
    ['c3a9c3', 'é\ufffd'],
  ])('reads the invalid bytes %s with a U+FFFD for each bad byte', (hex, text) => {
    expect(utf8DecodeLossy(fromHex(hex))).toBe(text)
  })

  test('lossy reading never throws, and changes nothing about valid text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.string({ unit: 'binary' }), (bytes, text) => {
        expect(utf8DecodeLossy(bytes).isWellFormed()).toBe(true)
        expect(utf8DecodeLossy(utf8Encode(text))).toBe(text)
      }),
    )
  })

  test('lossy reading keeps the valid text around bad bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (before, after) => {
        const bytes = Uint8Array.from([...utf8Encode(before), 0xff, ...utf8Encode(after)])
        expect(utf8DecodeLossy(bytes)).toBe(`${before}\ufffd${after}`)
      }),
    )
  })
})
