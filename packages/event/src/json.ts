import type { CborFloat } from './cbor.ts'

/**
 * A JSON value that keeps what `JSON.parse` loses about numbers.
 *
 * An integer is a `number` while it is safe and a `bigint` beyond; a literal
 * with a fraction or an exponent, or one beyond 64 bits, is a
 * {@link CborFloat}, whatever its value. An object is a `Map`, so that no key
 * is special. Every such value is a `CborValue` too.
 */
export type JsonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | CborFloat
  | readonly JsonValue[]
  | ReadonlyMap<string, JsonValue>
