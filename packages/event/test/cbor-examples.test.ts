import { describe, expect, test } from 'vitest'
import {
  CborFloat,
  CborSimple,
  CborTag,
  checkWellFormed,
  decodeCbor,
  encodeCbor,
  fromHex,
  toHex,
} from '../src/index.ts'
import type { CborValue } from '../src/index.ts'

const float = (value: number): CborFloat => new CborFloat(value)
const map = (...entries: [CborValue, CborValue][]): Map<CborValue, CborValue> => new Map(entries)

// RFC 8949, appendix A.
const EXAMPLES: readonly (readonly [string, CborValue])[] = [
  ['00', 0],
  ['01', 1],
  ['0a', 10],
  ['17', 23],
  ['1818', 24],
  ['1819', 25],
  ['1864', 100],
  ['1903e8', 1000],
  ['1a000f4240', 1_000_000],
  ['1b000000e8d4a51000', 1_000_000_000_000],
  ['1bffffffffffffffff', 18_446_744_073_709_551_615n],
  ['c249010000000000000000', 18_446_744_073_709_551_616n],
  ['3bffffffffffffffff', -18_446_744_073_709_551_616n],
  ['c349010000000000000000', -18_446_744_073_709_551_617n],
  ['20', -1],
  ['29', -10],
  ['3863', -100],
  ['3903e7', -1000],
  ['f90000', float(0)],
  ['f98000', float(-0)],
  ['f93c00', float(1)],
  ['fb3ff199999999999a', float(1.1)],
  ['f93e00', float(1.5)],
  ['f97bff', float(65_504)],
  ['fa47c35000', float(100_000)],
  ['fa7f7fffff', float(3.402_823_466_385_288_6e38)],
  ['fb7e37e43c8800759c', float(1e300)],
  ['f90001', float(5.960_464_477_539_063e-8)],
  ['f90400', float(0.000_061_035_156_25)],
  ['f9c400', float(-4)],
  ['fbc010666666666666', float(-4.1)],
  ['f97c00', float(Infinity)],
  ['f97e00', float(Number.NaN)],
  ['f9fc00', float(-Infinity)],
  ['f4', false],
  ['f5', true],
  ['f6', null],
  ['f7', undefined],
  ['f0', new CborSimple(16)],
  ['f8ff', new CborSimple(255)],
  ['c074323031332d30332d32315432303a30343a30305a', new CborTag(0, '2013-03-21T20:04:00Z')],
  ['c11a514b67b0', new CborTag(1, 1_363_896_240)],
  ['c1fb41d452d9ec200000', new CborTag(1, float(1_363_896_240.5))],
  ['d74401020304', new CborTag(23, fromHex('01020304'))],
  ['d818456449455446', new CborTag(24, fromHex('6449455446'))],
  ['d82076687474703a2f2f7777772e6578616d706c652e636f6d', new CborTag(32, 'http://www.example.com')],
  ['40', new Uint8Array(0)],
  ['4401020304', fromHex('01020304')],
  ['60', ''],
  ['6161', 'a'],
  ['6449455446', 'IETF'],
  ['62225c', '"\\'],
  ['62c3bc', 'ü'],
  ['63e6b0b4', '水'],
  ['64f0908591', '𐅑'],
  ['80', []],
  ['83010203', [1, 2, 3]],
  ['8301820203820405', [1, [2, 3], [4, 5]]],
  ['98190102030405060708090a0b0c0d0e0f101112131415161718181819', Array.from({ length: 25 }, (_, index) => index + 1)],
  ['a0', map()],
  ['a201020304', map([1, 2], [3, 4])],
  ['a26161016162820203', map(['a', 1], ['b', [2, 3]])],
  ['826161a161626163', ['a', map(['b', 'c'])]],
  ['a56161614161626142616361436164614461656145', map(['a', 'A'], ['b', 'B'], ['c', 'C'], ['d', 'D'], ['e', 'E'])],
]

// The same appendix: what other encoders may write. Longer floats are read; indefinite lengths are not.
const LONGER: readonly (readonly [string, CborValue])[] = [
  ['fa7f800000', float(Infinity)],
  ['fa7fc00000', float(Number.NaN)],
  ['faff800000', float(-Infinity)],
  ['fb7ff0000000000000', float(Infinity)],
  ['fb7ff8000000000000', float(Number.NaN)],
  ['fbfff0000000000000', float(-Infinity)],
]

const INDEFINITE = [
  '5f42010243030405ff',
  '7f657374726561646d696e67ff',
  '9fff',
  '9f018202039f0405ffff',
  '9f01820203820405ff',
  '83018202039f0405ff',
  '83019f0203ff820405',
  '9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff',
  'bf61610161629f0203ffff',
  '826161bf61626163ff',
  'bf6346756ef563416d7421ff',
]

// RFC 8949, appendix F: what is not well-formed.
const MALFORMED = [
  '18',
  '19',
  '1a',
  '1b',
  '1901',
  '1a0102',
  '1b01020304050607',
  '38',
  '58',
  '78',
  '98',
  '9a01ff00',
  'b8',
  'd8',
  'f8',
  'f900',
  'fa0000',
  'fb000000',
  '41',
  '61',
  '5affffffff00',
  '5bffffffffffffffff010203',
  '7affffffff00',
  '7b7fffffffffffffff010203',
  '81',
  '818181818181818181',
  '8200',
  'a1',
  'a20102',
  'a100',
  'a2000000',
  'c0',
  'd9',
  '1c',
  '1d',
  '1e',
  '3c',
  '3d',
  '3e',
  '5c',
  '5d',
  '5e',
  '7c',
  '7d',
  '7e',
  '9c',
  '9d',
  '9e',
  'bc',
  'bd',
  'be',
  'dc',
  'dd',
  'de',
  'fc',
  'fd',
  'fe',
  'f800',
  'f801',
  'f818',
  'f81f',
  'ff',
  '81ff',
  '8200ff',
  'a1ff',
  'a1ff00',
  'a100ff',
  'a20000ff',
  '1f',
  '3f',
  'df',
]

describe('the examples of RFC 8949', () => {
  test.each(EXAMPLES)('%s is read as %o and written back', (hex, value) => {
    expect(decodeCbor(fromHex(hex))).toEqual(value)
    expect(toHex(encodeCbor(value))).toBe(hex)
    expect(() => checkWellFormed(fromHex(hex))).not.toThrow()
  })

  test.each(LONGER)('%s is read as %o, and written shorter', (hex, value) => {
    expect(decodeCbor(fromHex(hex))).toEqual(value)
    expect(encodeCbor(value)).toHaveLength(3)
  })

  test.each(INDEFINITE)('%s has an indefinite length and is refused', (hex) => {
    expect(() => decodeCbor(fromHex(hex))).toThrow('indefinite length')
    expect(() => checkWellFormed(fromHex(hex))).toThrow('indefinite length')
  })

  test.each(MALFORMED)('%s is not well-formed', (hex) => {
    const refused: unknown = expect.objectContaining({ code: 'EVENT_DECODE' })
    expect(() => decodeCbor(fromHex(hex))).toThrow(refused)
    expect(() => checkWellFormed(fromHex(hex))).toThrow(refused)
  })

  test('every truncation of every example is refused', () => {
    const accepted = EXAMPLES.flatMap(([hex]) => {
      const bytes = fromHex(hex)
      return Array.from(bytes.keys(), (length) => bytes.subarray(0, length)).filter((part) => {
        try {
          checkWellFormed(part)
          return true
        } catch {
          return false
        }
      })
    })
    expect(accepted).toEqual([])
  })
})
