import { encodeCbor, MAX_DEPTH } from './cbor-encode.ts'
import { CborReader, DECODE_LIMITS } from './cbor-reader.ts'
import type { CborLimits } from './cbor-reader.ts'
import { BYTE, CborFloat, CborSimple, CborTag, MAJOR } from './cbor.ts'
import type { CborValue } from './cbor.ts'

/** How {@link decodeCbor} decodes. */
export interface DecodeCborOptions {
  /** Levels of arrays, maps and tags upon tags; at most 1,000. Default: 32, the limit of the log format. */
  readonly maxDepth?: number | undefined
  /** Elements of one array, or pairs of one map. Default: 131,072, the limit of the log format. */
  readonly maxElements?: number | undefined
}

/**
 * Decodes one CBOR item strictly: no duplicate keys, no indefinite lengths, nothing behind the item, valid UTF-8.
 *
 * Nothing of the value is lost: an integer is a `number` when safe and a
 * `bigint` otherwise, a float a {@link CborFloat}, a map a `Map`, a tag a
 * {@link CborTag}. Encodings that are not the shortest are accepted, and not kept.
 *
 * @throws {@link EventError} `EVENT_DECODE`.
 */
export function decodeCbor(bytes: Uint8Array, options: DecodeCborOptions = {}): CborValue {
  const reader = new CborReader(bytes)
  const limits: CborLimits = {
    maxDepth: Math.min(options.maxDepth ?? DECODE_LIMITS.maxDepth, MAX_DEPTH),
    maxElements: options.maxElements ?? DECODE_LIMITS.maxElements,
    checkTags: true,
  }
  const value = readValue(reader, 0, limits)
  reader.expectEnd()
  return value
}

/** Reads the next item; `depth` is the number of containers around it. */
function readValue(reader: CborReader, depth: number, limits: CborLimits): CborValue {
  reader.readHead()
  switch (reader.major) {
    case MAJOR.unsigned:
      return readInteger(reader, false)
    case MAJOR.negative:
      return readInteger(reader, true)
    case MAJOR.bytes:
      return reader.bytes()
    case MAJOR.text:
      return reader.text()
    case MAJOR.array:
      return readArray(reader, depth + 1, limits)
    case MAJOR.map:
      return readMap(reader, depth + 1, limits)
    case MAJOR.tag:
      return readTag(reader, depth, limits)
    default:
      return readSimple(reader)
  }
}

function readInteger(reader: CborReader, negative: boolean): number | bigint {
  if (reader.argument < Number.MAX_SAFE_INTEGER) return negative ? -1 - reader.argument : reader.argument
  const exact = reader.bigArgument()
  const value = negative ? -1n - exact : exact
  return value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER ? Number(value) : value
}

function readArray(reader: CborReader, depth: number, limits: CborLimits): CborValue[] {
  const count = reader.count(depth, limits)
  const array: CborValue[] = []
  for (let i = 0; i < count; i++) array.push(readValue(reader, depth, limits))
  return array
}

function readMap(reader: CborReader, depth: number, limits: CborLimits): Map<CborValue, CborValue> {
  const items = reader.count(depth, limits)
  const map = new Map<CborValue, CborValue>()
  // Text keys are compared by the map itself, others by their canonical bytes.
  const others = new Set<string>()
  for (let i = 0; i < items; i += 2) {
    const key = readValue(reader, depth, limits)
    if (typeof key === 'string' ? map.has(key) : isRepeated(key, others)) throw reader.fail('duplicate map key')
    map.set(key, readValue(reader, depth, limits))
  }
  return map
}

function isRepeated(key: CborValue, seen: Set<string>): boolean {
  const known = seen.size
  return seen.add(encodeCbor(key).join()).size === known
}

function readTag(reader: CborReader, depth: number, limits: CborLimits): CborValue {
  reader.checkTagContent()
  const exact = reader.bigArgument()
  const stacked = reader.peek() >> 5 === MAJOR.tag
  if (stacked && depth + 1 > limits.maxDepth) throw reader.fail(`nested deeper than ${limits.maxDepth} levels`)
  const value = readValue(reader, stacked ? depth + 1 : depth, limits)
  if ((exact === 2n || exact === 3n) && value instanceof Uint8Array && value.length > 8 && value[0] !== 0) {
    const magnitude = bytesToBigint(value)
    return exact === 2n ? magnitude : -1n - magnitude
  }
  return new CborTag(exact <= Number.MAX_SAFE_INTEGER ? Number(exact) : exact, value)
}

/** The unsigned integer that big-endian `bytes` stand for. */
export function bytesToBigint(bytes: Uint8Array): bigint {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex === '' ? 0n : BigInt(`0x${hex}`)
}

function readSimple(reader: CborReader): CborValue {
  if (reader.isFloat) return new CborFloat(reader.float())
  switch (reader.argument + 0xe0) {
    case BYTE.false:
      return false
    case BYTE.true:
      return true
    case BYTE.null:
      return null
    case BYTE.undefined:
      return undefined
    default:
      return new CborSimple(reader.argument)
  }
}
