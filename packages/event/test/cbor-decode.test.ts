import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  CborFloat,
  CborSimple,
  CborTag,
  checkWellFormed,
  decodeCbor,
  encodeCbor,
  EventError,
  fromHex,
} from '../src/index.ts'
import type { CborValue } from '../src/index.ts'
import { cborValues } from './cbor-arbitraries.ts'
import { DECODED_OR_REFUSED, errorCodeOf, readVectors } from './event-fixtures.ts'

interface CodecVectors {
  readonly vectors: readonly { readonly name: string; readonly input_hex?: string; readonly expect?: string }[]
}

const refused = (message: string): unknown => expect.objectContaining({ code: 'EVENT_DECODE', message })

describe('what is not one item', () => {
  const { vectors } = readVectors('cbor-codec.json') as CodecVectors

  test.each(vectors.filter((vector) => vector.expect === 'error'))('$name is refused', ({ input_hex: input }) => {
    expect(() => decodeCbor(fromHex(input ?? ''))).toThrow(EventError)
  })

  test.each([
    ['', 'cbor at byte 0: empty input'],
    ['18', 'cbor at byte 1: input ends inside an item'],
    ['1900', 'cbor at byte 1: input ends inside an item'],
    ['1b00000000000000', 'cbor at byte 1: input ends inside an item'],
    ['61', 'cbor at byte 1: input ends inside an item'],
    ['4201', 'cbor at byte 1: input ends inside an item'],
    ['8201', 'cbor at byte 1: input ends inside an item'],
    ['a101', 'cbor at byte 1: input ends inside an item'],
    ['c4', 'cbor at byte 1: input ends inside an item'],
    ['fb00', 'cbor at byte 1: input ends inside an item'],
    ['0000', 'cbor at byte 1: 1 bytes after the end of the item'],
    ['9fff', 'cbor at byte 1: indefinite length'],
    ['bfff', 'cbor at byte 1: indefinite length'],
    ['5f4100ff', 'cbor at byte 1: indefinite length'],
    ['7f6161ff', 'cbor at byte 1: indefinite length'],
    ['ff', 'cbor at byte 1: indefinite length'],
    ['1c', 'cbor at byte 1: reserved head, additional information 28'],
    ['fe', 'cbor at byte 1: reserved head, additional information 30'],
    ['f818', 'cbor at byte 2: simple value in two bytes'],
    ['61ff', 'cbor at byte 1: text is not valid UTF-8'],
    ['62c328', 'cbor at byte 1: text is not valid UTF-8'],
    ['63eda080', 'cbor at byte 1: text is not valid UTF-8'],
    ['a2616101616102', 'cbor at byte 6: duplicate map key'],
    ['a20102180102', 'cbor at byte 5: duplicate map key'],
    ['a2f93c0001fa3f80000002', 'cbor at byte 10: duplicate map key'],
    ['a2810100810100', 'cbor at byte 6: duplicate map key'],
    ['c001', 'cbor at byte 1: tag 0 before an item of the wrong type'],
    ['c16130', 'cbor at byte 1: tag 1 before an item of the wrong type'],
    ['c201', 'cbor at byte 1: tag 2 before an item of the wrong type'],
    ['c36130', 'cbor at byte 1: tag 3 before an item of the wrong type'],
    ['9bffffffffffffffff', 'cbor at byte 9: 18446744073709552000 entries in one container, at most 131072'],
    ['9a00020001', 'cbor at byte 5: 131073 entries in one container, at most 131072'],
    ['ba00020000', 'cbor at byte 5: input ends inside an item'],
    ['5bffffffffffffffff', 'cbor at byte 9: input ends inside an item'],
    ['7affffffff', 'cbor at byte 5: input ends inside an item'],
  ])('%s is refused', (input, message) => {
    expect(() => decodeCbor(fromHex(input))).toThrow(refused(message))
  })
})

describe('what is one item', () => {
  test.each([
    ['1800', 0],
    ['1900ff', 255],
    ['1b0000000000000001', 1],
    ['1b0020000000000000', 9_007_199_254_740_992n],
    ['1b001fffffffffffff', Number.MAX_SAFE_INTEGER],
    ['3b001ffffffffffffe', Number.MIN_SAFE_INTEGER],
    ['3b001fffffffffffff', -9_007_199_254_740_992n],
    ['3bffffffffffffffff', -18_446_744_073_709_551_616n],
    ['c249010000000000000000', 18_446_744_073_709_551_616n],
    ['c349010000000000000000', -18_446_744_073_709_551_617n],
    ['c24101', new CborTag(2, Uint8Array.of(1))],
    ['c24a00010000000000000000', new CborTag(2, fromHex('00010000000000000000'))],
    ['c074323031332d30332d32315432303a30343a30305a', new CborTag(0, '2013-03-21T20:04:00Z')],
    ['c11a514b67b0', new CborTag(1, 1_363_896_240)],
    ['c1fb41d452d9ec200000', new CborTag(1, new CborFloat(1_363_896_240.5))],
    ['d9d9f700', new CborTag(55_799, 0)],
    ['dbffffffffffffffff00', new CborTag(18_446_744_073_709_551_615n, 0)],
    ['f6', null],
    ['f7', undefined],
    ['e0', new CborSimple(0)],
    ['f820', new CborSimple(32)],
    ['f8ff', new CborSimple(255)],
    ['fa47c35000', new CborFloat(100_000)],
    ['fb3ff0000000000000', new CborFloat(1)],
    ['fa7f800000', new CborFloat(Infinity)],
    ['f90001', new CborFloat(2 ** -24)],
    [
      'a2616202616101',
      new Map([
        ['b', 2],
        ['a', 1],
      ]),
    ],
    [
      'a220020102',
      new Map([
        [-1, 2],
        [1, 2],
      ]),
    ],
    ['63efbbbf', '\ufeff'],
    [`7818${'61'.repeat(22)}c3a9`, `${'a'.repeat(22)}é`],
  ] satisfies [string, CborValue][])('%s is read', (input, expected) => {
    expect(decodeCbor(fromHex(input))).toEqual(expected)
  })

  test('a NaN of any payload is NaN', () => {
    for (const input of ['f97e00', 'f97e01', 'faffc00000', 'fb7ff8000000000001']) {
      expect(decodeCbor(fromHex(input))).toEqual(new CborFloat(Number.NaN))
    }
  })

  test('bytes are a copy, whatever kind of view they come from', () => {
    const input = Buffer.from('430102ff', 'hex')
    const decoded = decodeCbor(input)
    input.fill(0)
    expect(decoded).toEqual(Uint8Array.of(1, 2, 255))
  })

  test('a view into a larger buffer is read from its own start', () => {
    const whole = fromHex('ffff820102ff')
    expect(decodeCbor(whole.subarray(2, 5))).toEqual([1, 2])
  })
})

describe('limits', () => {
  test('32 levels are read, 33 are not', () => {
    expect(() => decodeCbor(nested(32))).not.toThrow()
    expect(() => decodeCbor(nested(33))).toThrow(refused('cbor at byte 33: nested deeper than 32 levels'))
  })

  test('an empty container is a level as well', () => {
    const deepest = Uint8Array.from([...nested(32).subarray(0, 32), 0x80])
    expect(() => decodeCbor(deepest)).toThrow(refused('cbor at byte 33: nested deeper than 32 levels'))
  })

  test('a tag is a level only upon another tag', () => {
    const tags = (count: number): Uint8Array => Uint8Array.from([...Array<number>(count).fill(0xc6), 0])
    expect(() => decodeCbor(tags(33))).not.toThrow()
    expect(() => decodeCbor(tags(34))).toThrow(refused('cbor at byte 33: nested deeper than 32 levels'))
  })

  test('the depth can be chosen, up to a thousand levels', () => {
    expect(() => decodeCbor(nested(3), { maxDepth: 2 })).toThrow(refused('cbor at byte 3: nested deeper than 2 levels'))
    expect(() => decodeCbor(nested(1000), { maxDepth: 1_000_000 })).not.toThrow()
    expect(() => decodeCbor(nested(1001), { maxDepth: 1_000_000 })).toThrow('nested deeper than 1000 levels')
  })

  test('131,072 elements are read, one more is not, unless the limit is raised', () => {
    const array = (length: number): Uint8Array => encodeCbor(Array<number>(length).fill(0))
    expect(decodeCbor(array(131_072))).toHaveLength(131_072)
    expect(() => decodeCbor(array(131_073))).toThrow('131073 entries in one container, at most 131072')
    expect(decodeCbor(array(131_073), { maxElements: 200_000 })).toHaveLength(131_073)
  })
})

describe('checkWellFormed', () => {
  test.each(['00', 'a2616101616102', 'a0', '61ff', '8181818100', 'c11a514b67b0', 'f97e01', '9800'])(
    '%s may be embedded',
    (item) => {
      expect(() => checkWellFormed(fromHex(item))).not.toThrow()
    },
  )

  test.each(['', '18', '0000', '9fff', '82018101ff', 'c001', '81c001', 'a1c201f6', '1c', 'f801', '5bffffffffffffffff'])(
    '%s may not be embedded',
    (item) => {
      expect(() => checkWellFormed(fromHex(item))).toThrow(EventError)
    },
  )

  test('nesting is checked without recursion', () => {
    expect(() => checkWellFormed(nested(65_535))).not.toThrow()
    expect(() => checkWellFormed(nested(65_536))).toThrow('nested deeper than 65535 levels')
  })
})

describe('hostile input', () => {
  const outcome = (input: Uint8Array): string | undefined => errorCodeOf(() => decodeCbor(input))

  test('random bytes are read or refused with a code', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (input) => {
        expect(DECODED_OR_REFUSED).toContain(outcome(input))
      }),
      { numRuns: 3000 },
    )
  })

  test('a damaged encoding is read or refused with a code', () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(cborValues(), damage, (value, changes) => {
        const input = encodeCbor(value)
        for (const [position, byte] of changes) input[position % input.length] = byte
        expect(DECODED_OR_REFUSED).toContain(outcome(input))
      }),
      { numRuns: 1000 },
    )
  })

  test('a truncated encoding is always refused', () => {
    fc.assert(
      fc.property(cborValues(), fc.nat(), (value, cut) => {
        const input = encodeCbor(value)
        expect(() => decodeCbor(input.subarray(0, cut % input.length))).toThrow(EventError)
      }),
    )
  })

  test('whatever decodes may be embedded', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (input) => {
        fc.pre(outcome(input) === undefined)
        expect(errorCodeOf(() => checkWellFormed(input))).toBeUndefined()
      }),
      { numRuns: 300 },
    )
  })

  test('a huge declared length costs no memory', () => {
    const before = process.memoryUsage().arrayBuffers
    for (const head of ['5a7fffffff', '7a7fffffff', '9a0001ffff', 'ba0001ffff', '5b0000000fffffffff']) {
      for (let i = 0; i < 1000; i++) expect(outcome(fromHex(head))).toBe('EVENT_DECODE')
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024)
  })

  test('a million levels are refused at the thirty-third', () => {
    expect(() => decodeCbor(nested(1_000_000))).toThrow('cbor at byte 33: nested deeper than 32 levels')
    expect(() => checkWellFormed(nested(1_000_000))).toThrow('nested deeper than 65535 levels')
  })
})

/** An integer inside `levels` arrays. */
function nested(levels: number): Uint8Array {
  const bytes = new Uint8Array(levels + 1).fill(0x81)
  bytes[levels] = 0
  return bytes
}
