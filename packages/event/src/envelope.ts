import { blake3 } from './blake3.ts'
import { decodeCbor } from './cbor-decode.ts'
import { writeEmbedded } from './cbor-encode.ts'
import { CborReader, EMBED_LIMITS } from './cbor-reader.ts'
import { withWriter } from './cbor-writer.ts'
import type { CborWriter } from './cbor-writer.ts'
import { BYTE, MAJOR } from './cbor.ts'
import { EventError } from './event-error.ts'
import type { Event } from './event.ts'
import { readMap } from './payload-decode.ts'
import type { PayloadField } from './payload-fields.ts'
import { encodeKey, planMap } from './payload-plan.ts'

const FIELDS: readonly PayloadField[] = [
  field('run_id', 'text'),
  field('seq', 'int', 'u64'),
  field('prev_hash', 'bytes'),
  // Nanoseconds need all 64 bits, so they are kept as an item and decoded exactly.
  field('ts', 'raw'),
  field('kind', 'int', 'u32'),
  field('payload', 'raw'),
]
// An event may carry a payload that is too deep to be decoded; it is an event all the same.
const PLAN = planMap('envelope', FIELDS, EMBED_LIMITS)
const KEYS = {
  ts: encodeKey('ts'),
  seq: encodeKey('seq'),
  kind: encodeKey('kind'),
  runId: encodeKey('run_id'),
  payload: encodeKey('payload'),
  prevHash: encodeKey('prev_hash'),
}
const MAX_INT64 = (1n << 63n) - 1n
const MIN_INT64 = -(1n << 63n)

/**
 * Encodes the envelope of an event, with the payload copied into it verbatim.
 *
 * These are the bytes that {@link hashEvent} hashes. A `null` in `prevHash`
 * and zero bytes there are different encodings; only `null` is right for the
 * first event.
 *
 * @throws {@link EventError} `EVENT_ENCODE` for a number out of range or a
 * payload that is not one well-formed CBOR item.
 */
export function encodeEnvelope(event: Event): Uint8Array {
  return withWriter((writer) => {
    writeEnvelope(writer, event)
    return writer.toBytes()
  })
}

/** Returns the hash of an event: BLAKE3-256 over its encoded envelope, 32 bytes. Throws like {@link encodeEnvelope}. */
export function hashEvent(event: Event): Uint8Array {
  return withWriter((writer) => {
    writeEnvelope(writer, event)
    return blake3(writer.view())
  })
}

/**
 * Hashes like {@link hashEvent} an event whose payload has just been encoded or
 * scanned, so that it is known to be one well-formed item: it is not checked
 * again. With any other payload the hash is that of no event.
 */
export function hashScannedEvent(event: Event): Uint8Array {
  return withWriter((writer) => {
    writeEnvelope(writer, event, true)
    return blake3(writer.view())
  })
}

function writeEnvelope(writer: CborWriter, event: Event, isScanned = false): void {
  const { runId, seq, prevHash, ts, kind, payload } = event
  if (BigInt.asIntN(64, ts) !== ts) throw outOfRange('ts', ts)
  if (!Number.isSafeInteger(seq) || seq < 0) throw outOfRange('seq', seq)
  if (!Number.isInteger(kind) || kind < 0 || kind > 255) throw outOfRange('kind', kind)
  writer.byte((MAJOR.map << 5) | 6)
  writer.raw(KEYS.ts)
  writer.int64(ts)
  writer.raw(KEYS.seq)
  writer.integer(seq)
  writer.raw(KEYS.kind)
  writer.integer(kind)
  writer.raw(KEYS.runId)
  writer.text(runId)
  writer.raw(KEYS.payload)
  if (isScanned && payload.length > 0) writer.raw(payload)
  else writeEmbedded(writer, 'payload', payload)
  writer.raw(KEYS.prevHash)
  if (prevHash === null) writer.byte(BYTE.null)
  else writer.bytes(prevHash)
}

/**
 * Decodes an encoded envelope as strictly as {@link decodePayload} does a payload.
 *
 * The payload in it is only checked to be well-formed, and may nest to any depth.
 *
 * @throws {@link EventError} `EVENT_DECODE`, also for a `seq` beyond
 * `Number.MAX_SAFE_INTEGER` or a `kind` beyond 255.
 */
export function decodeEnvelope(bytes: Uint8Array): Event {
  const reader = new CborReader(bytes)
  const draft = readMap(reader, PLAN, 1)
  reader.expectEnd()
  // Each property has the type of its field in PLAN.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const event = draft as unknown as Omit<Event, 'ts'> & { readonly ts: Uint8Array }
  if (!Number.isSafeInteger(event.seq)) throw new EventError('EVENT_DECODE', `seq ${event.seq} is not a safe integer`)
  if (event.kind > 255) throw new EventError('EVENT_DECODE', `kind ${event.kind} is above 255`)
  return { ...event, ts: decodeTimestamp(event.ts) }
}

function decodeTimestamp(item: Uint8Array): bigint {
  if (item.length === 0) return 0n
  const value = decodeCbor(item)
  if (value === null || value === undefined) return 0n
  if (typeof value !== 'number' && typeof value !== 'bigint')
    throw new EventError('EVENT_DECODE', 'ts is not an integer')
  const ts = BigInt(value)
  if (ts > MAX_INT64 || ts < MIN_INT64) throw new EventError('EVENT_DECODE', `ts ${ts} does not fit 64 bits`)
  return ts
}

function outOfRange(name: string, value: number | bigint): EventError {
  return new EventError('EVENT_ENCODE', `${name} ${value} is out of range`)
}

function field(key: string, type: PayloadField['type'], width?: PayloadField['width']): PayloadField {
  const property = key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
  return { key, property, type, width, omit: false, nullable: type === 'bytes', fields: [] }
}
