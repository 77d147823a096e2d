/**
 * A number that is a CBOR float whatever its value.
 *
 * A plain `number` is always encoded as an integer, because in this format an
 * integer and a float of the same value are different bytes.
 */
export class CborFloat {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }
}

/** One encoded CBOR item that is copied verbatim into the encoding around it. No bytes stand for null. */
export class CborRaw {
  readonly bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }
}

/** A tagged item. Integers beyond 64 bits are plain `bigint`s; every other tag is kept as this. */
export class CborTag {
  readonly tag: number | bigint
  readonly value: CborValue

  constructor(tag: number | bigint, value: CborValue) {
    this.tag = tag
    this.value = value
  }
}

/** A simple value without a meaning of its own: 0 to 19 or 32 to 255. */
export class CborSimple {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }
}

/** A map with text keys, as a plain object. Properties that are `undefined` are left out. */
export interface CborObject {
  readonly [key: string]: CborValue
}

/**
 * Anything that CBOR can say.
 *
 * An integer is a `number` while it is safe and a `bigint` beyond; a float is
 * a {@link CborFloat}. Decoding yields `Map`s, never plain objects.
 */
export type CborValue =
  | null
  | undefined
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | CborFloat
  | CborRaw
  | CborTag
  | CborSimple
  | readonly CborValue[]
  | ReadonlyMap<CborValue, CborValue>
  | CborObject

/** The major types of RFC 8949, the upper three bits of an item's first byte. */
export const MAJOR = {
  unsigned: 0,
  negative: 1,
  bytes: 2,
  text: 3,
  array: 4,
  map: 5,
  tag: 6,
  simple: 7,
} as const

/** The items that are one fixed byte. */
export const BYTE = {
  false: 0xf4,
  true: 0xf5,
  null: 0xf6,
  undefined: 0xf7,
  float16: 0xf9,
  float32: 0xfa,
  float64: 0xfb,
} as const
