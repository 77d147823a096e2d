import { Encoder } from 'cbor-x'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CborFloat, CborRaw, CborSimple, CborTag, decodeCbor, encodeCbor, fromHex, toHex } from '../src/index.ts'
import type { CborValue } from '../src/index.ts'
import { cborValues, mapOf } from './cbor-arbitraries.ts'
import { readGolden, readVectors, valueOf } from './event-fixtures.ts'
import type { Notation } from './event-fixtures.ts'

interface FloatVectors {
  readonly vectors: readonly { readonly value: number | string; readonly cbor_hex: string }[]
}

interface NumberCases {
  readonly cases: readonly {
    readonly cbor_hex: string
    readonly type: string
    readonly value?: string
    readonly ieee754_hex?: string
  }[]
}

interface CodecVectors {
  readonly vectors: readonly { readonly name: string; readonly value?: Notation; readonly cbor_hex?: string }[]
}

describe('floats', () => {
  const { vectors } = readVectors('cbor-floats.json') as FloatVectors

  test.each(vectors)('$value is $cbor_hex', ({ value, cbor_hex: expected }) => {
    expect(toHex(encodeCbor(new CborFloat(Number(value))))).toBe(expected)
  })

  test.each(vectors)('$cbor_hex reads back as $value', ({ value, cbor_hex: encoded }) => {
    expect(decodeCbor(fromHex(encoded))).toEqual(new CborFloat(Number(value)))
  })

  test('every binary16 value comes back from its own three bytes', () => {
    const isNan = (bits: number): boolean => (bits & 0x7c00) === 0x7c00 && (bits & 0x3ff) !== 0
    const changed = Array.from({ length: 0x10000 }, (_, bits) => bits).filter((bits) => {
      const encoded = Uint8Array.of(0xf9, bits >> 8, bits & 0xff)
      return toHex(encodeCbor(decodeCbor(encoded))) !== (isNan(bits) ? 'f97e00' : toHex(encoded))
    })
    expect(changed).toEqual([])
  })

  test('a float takes the shortest width that keeps its value', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        const encoded = encodeCbor(new CborFloat(value))
        expect(decodeCbor(encoded)).toEqual(new CborFloat(value))
        expect(encoded.length === 9).toBe(!Number.isNaN(value) && Math.fround(value) !== value)
      }),
    )
  })
})

describe('recorded numbers', () => {
  const { cases } = readGolden('codec/numbers-cbor.json') as NumberCases

  test.each(cases.filter(({ type }) => type === 'float64'))('the float $ieee754_hex is $cbor_hex', (recorded) => {
    const bits = fromHex(recorded.ieee754_hex ?? '')
    const value = new DataView(bits.buffer, bits.byteOffset).getFloat64(0)
    expect(toHex(encodeCbor(new CborFloat(value)))).toBe(recorded.cbor_hex)
    expect(decodeCbor(fromHex(recorded.cbor_hex))).toEqual(new CborFloat(value))
  })

  test.each(cases.filter(({ type }) => type !== 'float64'))('the integer $value is $cbor_hex', (recorded) => {
    const value = BigInt(recorded.value ?? '')
    expect(toHex(encodeCbor(value))).toBe(recorded.cbor_hex)
    expect(BigInt(decodeCbor(fromHex(recorded.cbor_hex)) as number | bigint)).toBe(value)
    const narrow = Number.isSafeInteger(Number(value)) ? Number(value) : value
    expect(toHex(encodeCbor(narrow))).toBe(recorded.cbor_hex)
  })
})

describe('canonical form', () => {
  const { vectors } = readVectors('cbor-codec.json') as CodecVectors

  test.each(vectors.filter(({ value }) => value !== undefined))('$name has the recorded bytes', (vector) => {
    const expected = vector.cbor_hex ?? ''
    expect(toHex(encodeCbor(valueOf(vector.value ?? null)))).toBe(expected)
    expect(toHex(encodeCbor(decodeCbor(fromHex(expected))))).toBe(expected)
  })

  test.each([
    [0, '00'],
    [23, '17'],
    [24, '1818'],
    [255, '18ff'],
    [256, '190100'],
    [65_535, '19ffff'],
    [65_536, '1a00010000'],
    [4_294_967_295, '1affffffff'],
    [4_294_967_296, '1b0000000100000000'],
    [Number.MAX_SAFE_INTEGER, '1b001fffffffffffff'],
    [2 ** 63, '1b8000000000000000'],
    [18_446_744_073_709_551_615n, '1bffffffffffffffff'],
    [18_446_744_073_709_551_616n, 'c249010000000000000000'],
    [-0, '00'],
    [-1, '20'],
    [-24, '37'],
    [-25, '3818'],
    [Number.MIN_SAFE_INTEGER, '3b001ffffffffffffe'],
    [-(2 ** 63), '3b7fffffffffffffff'],
    [-18_446_744_073_709_551_616n, '3bffffffffffffffff'],
    [-18_446_744_073_709_551_617n, 'c349010000000000000000'],
    ['', '60'],
    ['ü', '62c3bc'],
    ['\ud800', '63efbfbd'],
    [new Uint8Array(0), '40'],
    [null, 'f6'],
    [undefined, 'f7'],
    [true, 'f5'],
    [new CborSimple(16), 'f0'],
    [new CborSimple(255), 'f8ff'],
    [new CborTag(4, [1, 2]), 'c4820102'],
    [new CborTag(18_446_744_073_709_551_615n, null), 'dbfffffffffffffffff6'],
    [new CborRaw(fromHex('1800')), '1800'],
    [new CborRaw(new Uint8Array(0)), 'f6'],
    [{ b: 1, a: undefined }, 'a1616201'],
  ] satisfies [CborValue, string][])('%o is %s', (value, expected) => {
    expect(toHex(encodeCbor(value))).toBe(expected)
  })

  test.each([1, 22, 23, 24, 25, 84, 85, 86, 255, 256, 21_845, 21_846, 65_535, 65_536])(
    'texts of %i characters have the right head, whatever their UTF-8 length',
    (units) => {
      for (const character of ['a', 'é', '€']) {
        const text = character.repeat(units)
        expect(decodeCbor(encodeCbor(text))).toBe(text)
        expect(toHex(encodeCbor(text))).toBe(toHex(new Encoder().encode(text)))
      }
    },
  )

  test('keys are ordered by their encoding, so shorter ones come first', () => {
    const value = new Map<CborValue, CborValue>([
      ['aa', 1],
      ['b', 2],
      [[1], 3],
      [-1, 4],
      [100, 5],
      [10, 6],
      [false, 7],
      ['', 8],
    ])
    expect(toHex(encodeCbor(value))).toBe('a80a061864052004600861620262616101810103f407')
  })

  test('keys outside ASCII are ordered by their UTF-8 bytes, not by their UTF-16 units', () => {
    // U+FFFF has the larger UTF-16 unit, U+10000 the longer UTF-8 form.
    const encoded = toHex(encodeCbor({ '\u{10000}': 1, '\uffff': 2, é: 3, z: 4 }))
    expect(encoded).toBe('a4617a0462c3a90363efbfbf0264f090808001')
  })

  test('a map with text keys alone is encoded like one that has another key beside them', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ unit: 'grapheme-ascii', maxLength: 80 }), { maxLength: 20 }), (keys) => {
        const alone = encodeCbor(new Map(keys.map((key, index) => [key, index])))
        const mixed = encodeCbor(
          new Map<CborValue, CborValue>([...keys.map((key, index) => [key, index] as const), [false, 0]]),
        )
        // `false` sorts behind every text; its pair takes two bytes.
        expect(toHex(mixed.subarray(headOf(mixed), -2))).toBe(toHex(alone.subarray(headOf(alone))))
      }),
    )
  })

  test('the order in which a map was filled does not show', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(fc.string(), fc.integer()), { selector: ([key]) => key }), (entries) => {
        const forward = encodeCbor(new Map(entries))
        expect(toHex(encodeCbor(new Map(entries.toReversed())))).toBe(toHex(forward))
        expect(toHex(encodeCbor(Object.fromEntries(entries)))).toBe(toHex(forward))
      }),
    )
  })

  test('what is decoded encodes to the same bytes again', () => {
    fc.assert(
      fc.property(cborValues(), (value) => {
        const encoded = encodeCbor(value)
        const decoded = decodeCbor(encoded)
        expect(decoded).toEqual(mapOf(value))
        expect(toHex(encodeCbor(decoded))).toBe(toHex(encoded))
      }),
    )
  })
})

describe('another decoder', () => {
  const oracle = new Encoder({ mapsAsObjects: false, useRecords: false, tagUint8Array: false })

  test('reads what is encoded here', () => {
    fc.assert(
      fc.property(cborValues({ plain: true }), (value) => {
        const theirs: unknown = oracle.decode(encodeCbor(value))
        expect(plainOf(theirs as CborValue)).toEqual(plainOf(mapOf(value)))
      }),
    )
  })

  test('writes what is decoded here', () => {
    fc.assert(
      fc.property(cborValues({ plain: true }), (value) => {
        const plain = plainOf(mapOf(value))
        expect(plainOf(decodeCbor(oracle.encode(plain)))).toEqual(plain)
      }),
    )
  })
})

describe('size', () => {
  test.each([4000, 4096, 5000, 65_536, 70_000, 1_000_000])(
    'a value of %i bytes outgrows the buffer unharmed',
    (size) => {
      const bytes = new Uint8Array(size).fill(7)
      const value = ['a'.repeat(size), 'é'.repeat(size), bytes, Array<number>(100).fill(1)]
      expect(decodeCbor(encodeCbor(value))).toEqual(value)
    },
  )

  test('a small value is right after a huge one', () => {
    encodeCbor('x'.repeat(200_000))
    expect(toHex(encodeCbor({ a: 'b' }))).toBe('a161616162')
  })

  test('what was encoded before does not change', () => {
    const first = encodeCbor('first')
    encodeCbor('second, and longer')
    expect(toHex(first)).toBe('656669727374')
    expect(first.buffer.byteLength).toBe(first.length)
  })

  test('keys that are maps themselves are encoded on their own', () => {
    const key = new Map<CborValue, CborValue>([['é', [new Map([['z', 1]])]]])
    const value = new Map<CborValue, CborValue>([[key, key]])
    expect(toHex(encodeCbor(value))).toBe(`a1${'a162c3a981a1617a01'.repeat(2)}`)
  })
})

describe('refusals', () => {
  const cycle: CborValue[] = []
  cycle.push(cycle)

  test.each([
    [1.5, '1.5 is not an integer: wrap it in CborFloat'],
    [Number.NaN, 'NaN is not an integer: wrap it in CborFloat'],
    [2 ** 64, 'integer 18446744073709552000 does not fit 64 bits'],
    [new CborSimple(24), 'simple value 24 is not 0 to 19 or 32 to 255'],
    [new CborSimple(256), 'simple value 256 is not 0 to 19 or 32 to 255'],
    [new CborTag(-1, 0), 'tag -1 does not fit 64 bits'],
    [new CborTag(1.5, 0), 'tag 1.5 is not an integer'],
    [new CborRaw(fromHex('81')), 'the embedded value is not one well-formed CBOR item'],
    [new CborRaw(fromHex('0000')), 'the embedded value is not one well-formed CBOR item'],
    [{ '\ud800': 1, '\udbff': 2 }, 'two keys of a map have the same encoding'],
    [
      new Map<CborValue, CborValue>([
        [1, 0],
        [1n, 0],
      ]),
      'two keys of a map have the same encoding',
    ],
    [cycle, 'nested deeper than 1000 levels'],
  ] satisfies [CborValue, string][])('%o cannot be encoded', (value, message) => {
    expect(() => encodeCbor(value)).toThrow(expect.objectContaining({ code: 'EVENT_ENCODE', message }))
  })

  test('a function, smuggled past the types, cannot be encoded', () => {
    const smuggled: unknown = { f: () => 0 }
    expect(() => encodeCbor(smuggled as CborValue)).toThrow('a function has no CBOR form')
  })

  test('an encoding that failed leaves nothing behind for the next one', () => {
    expect(() => encodeCbor(['x'.repeat(100), 1.5])).toThrow('1.5 is not an integer')
    expect(toHex(encodeCbor(1))).toBe('01')
  })
})

/** The same value in terms that the other implementation shares. */
function plainOf(value: CborValue): unknown {
  if (value instanceof CborFloat) return value.value
  if (value instanceof Map) return new Map(Array.from(value, ([key, element]) => [plainOf(key), plainOf(element)]))
  // The other implementation uses a bigint from 2^32 on.
  if (typeof value === 'bigint') return Number(value)
  return Array.isArray(value) ? value.map(plainOf) : value
}

/** How long the head of an item with less than 256 entries is. */
function headOf(bytes: Uint8Array): number {
  return ((bytes[0] ?? 0) & 31) < 24 ? 1 : 2
}
