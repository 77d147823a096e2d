import { bytesToBigint, decodeCbor } from './cbor-decode.ts'
import { CborFloat, CborSimple, CborTag } from './cbor.ts'
import type { CborValue } from './cbor.ts'

/**
 * Decodes one CBOR item to plain JavaScript data, the counterpart of `encodeValue`.
 *
 * Integers and floats become `number`s, integers that are not safe `bigint`s,
 * byte strings `Uint8Array`s. A map with text keys becomes a plain object, any
 * other one a `Map`. A tagged item is its content, an undefined one null.
 *
 * @throws {@link EventError} `EVENT_DECODE` when the bytes are not one item
 * that the log format allows.
 */
export function decodeValue(bytes: Uint8Array): unknown {
  return plainOf(decodeCbor(bytes))
}

// Recursion is safe here: decoding has refused whatever nests too deeply.
function plainOf(value: CborValue): unknown {
  if (value === undefined || value === null) return null
  if (typeof value !== 'object' || value instanceof Uint8Array) return value
  if (value instanceof CborFloat || value instanceof CborSimple) return value.value
  if (value instanceof CborTag) return untagged(value)
  if (Array.isArray(value)) return value.map(plainOf)
  return value instanceof Map ? plainMap(value) : value
}

function untagged({ tag, value }: CborTag): unknown {
  if ((tag !== 2 && tag !== 3) || !(value instanceof Uint8Array)) return plainOf(value)
  const magnitude = bytesToBigint(value)
  const integer = tag === 2 ? magnitude : -1n - magnitude
  const number = Number(integer)
  return Number.isSafeInteger(number) ? number : integer
}

function plainMap(map: ReadonlyMap<CborValue, CborValue>): unknown {
  const entries = Array.from(map, ([key, value]) => [plainOf(key), plainOf(value)] as const)
  if (!entries.every(([key]) => typeof key === 'string')) return new Map(entries)
  // Defines own properties, so that a key like `__proto__` is data.
  return Object.fromEntries(entries)
}
