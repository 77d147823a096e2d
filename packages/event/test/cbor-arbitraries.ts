import fc from 'fast-check'
import { CborFloat, CborSimple, CborTag } from '../src/index.ts'
import type { CborValue } from '../src/index.ts'

/** What {@link cborValues} generates. */
export interface CborValuesOptions {
  /** Only what other implementations represent alike: no simple values, tags, undefined or integers beyond 53 bits. */
  readonly plain?: boolean
}

/** Values of every type, up to a few levels deep; maps are plain objects or `Map`s with text keys. */
export function cborValues(options: CborValuesOptions = {}): fc.Arbitrary<CborValue> {
  const scalars: fc.Arbitrary<CborValue>[] = [
    fc.maxSafeInteger(),
    fc.string({ unit: 'grapheme', maxLength: 60 }),
    fc.boolean(),
    fc.constant(null),
    // A float of integral value is told apart from an integer here, but not everywhere.
    fc.double({ noInteger: options.plain ?? false, noNaN: true }).map((value) => new CborFloat(value)),
  ]
  if (options.plain !== true) {
    scalars.push(
      fc.uint8Array({ maxLength: 40 }),
      fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(canonicalInteger),
      fc.constant(undefined),
      fc.oneof(fc.nat(19), fc.integer({ min: 32, max: 255 })).map((value) => new CborSimple(value)),
      fc.integer({ min: 4, max: 100_000 }).map((tag) => new CborTag(tag, 'content')),
    )
  }
  const { value } = fc.letrec<{ value: CborValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      fc.oneof(...scalars),
      fc.array(tie('value'), { maxLength: 5 }),
      fc
        .array(fc.tuple(fc.string({ unit: 'grapheme' }), tie('value')), { maxLength: 5 })
        .map((entries) => new Map(entries)),
      fc.dictionary(fc.string({ minLength: 1 }), tie('value'), { maxKeys: 5, noNullPrototype: true }),
    ),
  }))
  return value
}

/** The value as decoding yields it: every plain object a `Map`, without its undefined properties. */
export function mapOf(value: CborValue): CborValue {
  if (Array.isArray(value)) return value.map((element: CborValue) => mapOf(element))
  if (value instanceof Map) return new Map(Array.from(value, ([key, element]) => [key, mapOf(element)]))
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  const entries = Object.entries(value).filter(([, element]) => element !== undefined)
  return new Map(entries.map(([key, element]) => [key, mapOf(element as CborValue)]))
}

function canonicalInteger(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value
}
