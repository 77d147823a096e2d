import { runInNewContext } from 'node:vm'

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { fromHex, toHex } from '../src/bytes.ts'
import { encodeCbor } from '../src/cbor-encode.ts'
import { CborFloat, CborTag } from '../src/cbor.ts'
import { decodeValue } from '../src/value-decode.ts'
import { encodeValue } from '../src/value-encode.ts'

const hexOf = (value: unknown): string => toHex(encodeValue(value))
const copyOf = (value: unknown): unknown => decodeValue(encodeValue(value))

describe('encodeValue', () => {
  test.each<[unknown, string]>([
    [null, 'f6'],
    [undefined, 'f6'],
    [true, 'f5'],
    [0, '00'],
    [-1, '20'],
    [2 ** 53 - 1, '1b001fffffffffffff'],
    [-(2 ** 53 - 1), '3b001ffffffffffffe'],
    [1.5, 'f93e00'],
    [-0, 'f98000'],
    [2 ** 53, 'fa5a000000'],
    [1e21, 'fb444b1ae4d6e2ef50'],
    [Number.NaN, 'f97e00'],
    [Infinity, 'f97c00'],
    [5n, '05'],
    [-(2n ** 63n), '3b7fffffffffffffff'],
    [2n ** 64n, 'c249010000000000000000'],
    ['é', '62c3a9'],
    ['\ud800', '63efbfbd'],
    [Uint8Array.of(1, 2), '420102'],
    [Buffer.from([3]), '4103'],
    [new Date(Date.UTC(2026, 10, 21, 10, 11, 12, 13)), '7818323032362d31312d32315431303a31313a31322e3031335a'],
    [[], '80'],
    [{}, 'a0'],
    [[1, undefined, [null]], '8301f681f6'],
    [{ bb: 1, a: undefined, c: null }, 'a26163f662626201'],
    [new Map([['k', 1]]), 'a1616b01'],
    [
      new Map<unknown, unknown>([
        ['a', 1],
        [10, 2],
        [-1, 3],
        [300n, 4],
      ]),
      'a40a0219012c042003616101',
    ],
    [new Map([['a', undefined]]), 'a0'],
  ])('writes %o as %s', (value, hex) => {
    expect(hexOf(value)).toBe(hex)
  })

  test('writes the elements that an array lacks as null', () => {
    const sparse: unknown[] = []
    sparse[2] = 1
    expect(hexOf(sparse)).toBe('83f6f601')
  })

  test('honours toJSON, once, with the key', () => {
    const asked: string[] = []
    const inner = {
      toJSON(key: string) {
        asked.push(key)
        return { ...this, hidden: 1, toJSON: undefined }
      },
    }
    expect(copyOf({ a: inner, b: [inner] })).toEqual({ a: { hidden: 1 }, b: [{ hidden: 1 }] })
    expect(copyOf(inner)).toEqual({ hidden: 1 })
    expect(asked).toEqual(['a', '', ''])
  })

  test('leaves out a property whose toJSON gives nothing', () => {
    expect(copyOf({ a: { toJSON: () => undefined }, b: 1 })).toEqual({ b: 1 })
  })

  test('takes the own enumerable properties of an instance, as JSON does', () => {
    class Point {
      readonly x = 1
      readonly #secret = 2
      get secret(): number {
        return this.#secret
      }
    }
    expect(copyOf(new Point())).toEqual({ x: 1 })
    expect(copyOf(Object.create({ inherited: 1 }, { own: { value: 2, enumerable: true } }))).toEqual({ own: 2 })
    expect(copyOf(Object.assign(Object.create(null), { a: 1 }))).toEqual({ a: 1 })
  })

  test('takes data of another realm', () => {
    const foreign: unknown = runInNewContext('({ list: [1, { deep: new Uint8Array([7]) }] })')
    expect(copyOf(foreign)).toEqual({ list: [1, { deep: Uint8Array.of(7) }] })
  })

  test('keeps the last of keys that differ only in lone surrogates', () => {
    expect(copyOf({ '\ud800': 1, a: 2, '\udfff': 3 })).toEqual({ a: 2, '\ufffd': 3 })
  })

  test('takes an object that occurs twice, next to itself', () => {
    const shared = { a: 1 }
    expect(copyOf([shared, { shared }])).toEqual([{ a: 1 }, { shared: { a: 1 } }])
  })

  test('nests as deep as a payload can hold, and no deeper', () => {
    expect(copyOf(nested(31))).toEqual(nested(31))
    expect(() => encodeValue(nested(32))).toThrow(`the value at $${'[0]'.repeat(31)} is nested deeper than 31 levels`)
  })

  const cycle: { self?: unknown } = {}
  cycle.self = [cycle]
  test.each<[string, unknown]>([
    ['the value at $ is a function, which has no recorded form', () => 1],
    ['the value at $.a is a symbol, which has no recorded form', { a: Symbol('s') }],
    ['the value at $.a[1].b is a function, which has no recorded form', { a: [0, { b: encodeValue }] }],
    ['the value at $["not plain"][""] is a function, which has no recorded form', { 'not plain': { '': encodeValue } }],
    ['the value at $[7] is of the class Set, which has no recorded form', new Map([[7, new Set()]])],
    ['the value at $.error is of the class Error, which has no recorded form', { error: new TypeError('x') }],
    ['the value at $.p is of the class Promise, which has no recorded form', { p: Promise.resolve() }],
    ['the value at $.r is of the class RegExp, which has no recorded form', { r: /x/ }],
    ['the value at $.f is of the class Float32Array, which has no recorded form', { f: new Float32Array(1) }],
    ['the value at $.n is of the class Number, which has no recorded form', { n: Object(1) }],
    ['the value at $.date is an invalid date', { date: new Date(Number.NaN) }],
    ['the value at $.self[0] is a cycle: the object contains itself', cycle],
    ['the value at $[1.5] has a key that is neither a text nor an integer', new Map([[1.5, 1]])],
    ['the value at $[object] has a key that is neither a text nor an integer', new Map([[{}, 1]])],
  ])('refuses with: %s', (message, value) => {
    expect(() => encodeValue(value)).toThrow(expect.objectContaining({ code: 'EVENT_ENCODE', message }))
  })

  test('names the place of a toJSON that throws, and keeps its error', () => {
    const cause = new Error('broken')
    const broken = {
      toJSON() {
        throw cause
      },
    }
    expect(() => encodeValue({ a: [broken] })).toThrow(
      expect.objectContaining({ message: 'the value at $.a[0] has a toJSON method that throws', cause }),
    )
  })

  test('works again after an error, and inside of a toJSON', () => {
    expect(() => encodeValue({ a: encodeValue })).toThrow('$.a')
    const outer = { before: 'x', inner: { toJSON: () => encodeValue({ a: 1 }) }, later: 'y' }
    expect(copyOf(outer)).toEqual({ before: 'x', inner: encodeValue({ a: 1 }), later: 'y' })
  })
})

describe('decodeValue', () => {
  test('tells integers that are not safe from the others', () => {
    expect(decodeValue(encodeCbor([1n, 2n ** 53n, -(2n ** 53n), 2n ** 64n - 1n, 2n ** 80n]))).toEqual([
      1,
      2n ** 53n,
      -(2n ** 53n),
      2n ** 64n - 1n,
      2n ** 80n,
    ])
  })

  test('reads floats as numbers', () => {
    expect(decodeValue(encodeCbor([new CborFloat(1), new CborFloat(-0), new CborFloat(Infinity)]))).toEqual([
      1,
      -0,
      Infinity,
    ])
  })

  test('gives a map with other keys than texts as a Map', () => {
    expect(
      decodeValue(
        encodeCbor(
          new Map<number | string, number>([
            [1, 2],
            ['a', 3],
          ]),
        ),
      ),
    ).toEqual(
      new Map<number | string, number>([
        [1, 2],
        ['a', 3],
      ]),
    )
  })

  test('gives a key no meaning', () => {
    const value = decodeValue(encodeCbor(new Map([['__proto__', new Map([['polluted', true]])]])))
    expect(Object.keys(value ?? {})).toEqual(['__proto__'])
    expect(value).not.toHaveProperty('polluted')
  })

  test('reads tags as their content, short bignums as integers, undefined as null', () => {
    expect(decodeValue(encodeCbor([new CborTag(1, 17), undefined]))).toEqual([17, null])
    expect(decodeValue(fromHex('83c24105c340c2480020000000000001'))).toEqual([5, -1, 2n ** 53n + 1n])
    expect(decodeValue(fromHex('f0'))).toBe(16)
  })

  test.each(['', 'ff', '0000', 'a2616101616102', '9f00ff'])('refuses the bytes %s', (hex) => {
    expect(() => decodeValue(fromHex(hex))).toThrow(expect.objectContaining({ code: 'EVENT_DECODE' }))
  })
})

describe('a round trip', () => {
  test('gives JSON data back as it was', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        expect(copyOf(value)).toStrictEqual(value)
      }),
    )
  })

  test('gives any data back so that it has the same bytes', () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, maxDepth: 4 }),
        fc.oneof(fc.uint8Array(), fc.date({ noInvalidDate: true })),
        (value, scalar) => {
          const encoded = encodeValue({ value, scalar })
          expect(toHex(encodeValue(decodeValue(encoded)))).toBe(toHex(encoded))
        },
      ),
      { numRuns: 300 },
    )
  })
})

function nested(depth: number): unknown {
  let value: unknown = 1
  for (let level = 0; level < depth; level++) value = [value]
  return value
}
