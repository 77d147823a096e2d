import { toBase64 } from './bytes.ts'
import { CborReader, DECODE_LIMITS } from './cbor-reader.ts'
import { skipItem } from './cbor-scan.ts'
import { formatItem, REFERENCE_STYLE } from './cbor-to-json.ts'
import { MAJOR } from './cbor.ts'
import { EventError } from './event-error.ts'
import type { Event } from './event.ts'
import { quoteJson, quoteJsonPlain } from './json-text.ts'
import { isKnownKind, kindName } from './kinds.ts'
import { decodePayload } from './payload-codec.ts'
import { payloadFields } from './payload-fields.ts'
import type { PayloadField } from './payload-fields.ts'
import { REFERENCE_KEYS } from './projection-reference-keys.ts'

/**
 * Returns the payload of an event as the JSON object of the Go reference, byte for byte.
 *
 * Keys in declaration order, byte strings and embedded CBOR in base64,
 * integers exact, additions of this runtime left out.
 *
 * @throws {@link EventError} `EVENT_DECODE` for a payload that does not decode
 * and for a kind that the reference does not know, `EVENT_JSON` for a float
 * without a JSON form.
 */
export function referencePayloadJson({ kind, payload }: Pick<Event, 'kind' | 'payload'>): string {
  const known = REFERENCE_KEYS.get(kind)
  const fields = payloadFields(kind)
  if (known === undefined || fields === undefined || !isKnownKind(kind)) {
    throw new EventError('EVENT_DECODE', `event: unknown kind ${kind}`)
  }
  try {
    return new ReferencePayload(payload, known).format(fields, { ...decodePayload(kind, payload) })
  } catch (cause) {
    if (!(cause instanceof EventError) || cause.code !== 'EVENT_DECODE') throw cause
    const message = `event: decode ${kindName(kind)} payload: ${referenceMessage(cause.message)}`
    throw new EventError('EVENT_DECODE', message, { cause })
  }
}

/**
 * Returns an event as one line of the Go reference's export, byte for byte, without the line end.
 *
 * Lossy: the number of the kind and the hash of the event are not in it.
 *
 * @throws {@link EventError} like {@link referencePayloadJson}, with the seq
 * and the kind in front, in the words of the reference's export command.
 */
export function referenceJson(event: Event): string {
  const { prevHash } = event
  const kind = REFERENCE_KEYS.has(event.kind) ? kindName(event.kind) : `Kind(${event.kind})`
  // The reference escapes the payload on its own, and the rest of the line more sparingly.
  const members = [
    `"run_id":${quoteJsonPlain(event.runId.toWellFormed())}`,
    `"seq":${event.seq}`,
    `"ts":${event.ts}`,
    `"kind":"${kind}"`,
    `"prev_hash":${prevHash === null ? 'null' : quoteBytes(prevHash)}`,
    `"payload":${payloadOf(event, kind)}`,
  ]
  return `{${members.join(',')}}`
}

function payloadOf(event: Event, kind: string): string {
  try {
    return referencePayloadJson(event)
  } catch (cause) {
    if (!(cause instanceof EventError)) throw cause
    const message = `encode payload (seq=${event.seq} kind=${kind}): ${cause.message}`
    throw new EventError(cause.code, message, { cause })
  }
}

/** The wording of the reference's CBOR library, where it is known; other texts are ours. */
function referenceMessage(message: string): string {
  return message.replace(/^cbor at byte \d+: nested deeper than (\d+) levels$/, 'cbor: exceeded max nested level $1')
}

/** One payload, decoded and as bytes. */
class ReferencePayload {
  readonly #bytes: Uint8Array
  readonly #known: ReadonlySet<string>
  /** The keys of the maps around the field being written. */
  readonly #path: string[] = []

  constructor(bytes: Uint8Array, known: ReadonlySet<string>) {
    this.#bytes = bytes
    this.#known = known
  }

  /** Writes a decoded map; decoding has left out what the wire omits. */
  format(fields: readonly PayloadField[], values: Readonly<Record<string, unknown>>): string {
    const members: string[] = []
    for (const field of fields) {
      const value = values[field.property]
      if (value === undefined || !this.#known.has(field.key)) continue
      this.#path.push(field.key)
      members.push(`"${field.key}":${this.#formatField(field, value)}`)
      this.#path.pop()
    }
    return `{${members.join(',')}}`
  }

  #formatField(field: PayloadField, value: unknown): string {
    if (value instanceof Uint8Array) return field.type === 'raw' && value.length === 0 ? 'null' : quoteBytes(value)
    if (typeof value === 'string') return quoteJson(value)
    if (typeof value === 'number')
      return field.type === 'float' ? REFERENCE_STYLE.float(value) : this.#formatInteger(value)
    if (Array.isArray(value)) return `[${value.map((element) => this.format(field.fields, { ...element })).join(',')}]`
    return typeof value === 'object' && value !== null ? this.format(field.fields, { ...value }) : String(value)
  }

  /** The digits of an integer; those of one that is not safe come from the bytes. */
  #formatInteger(value: number): string {
    return Number.isSafeInteger(value) ? String(value) : formatItem(readerAt(this.#bytes, this.#path), REFERENCE_STYLE)
  }
}

/** A reader that stands at the value of the last key of `path`, from one nested map to the next. */
function readerAt(bytes: Uint8Array, path: readonly string[]): CborReader {
  const reader = new CborReader(bytes)
  for (const key of path) enterKey(reader, key)
  return reader
}

function enterKey(reader: CborReader, key: string): void {
  do reader.readHead()
  while (reader.major === MAJOR.tag)
  for (let items = reader.count(1, DECODE_LIMITS); items > 0; items -= 2) {
    const start = reader.position
    reader.readHead()
    // Decoding matches keys without regard to case, and refuses two that match one field.
    if (reader.major === MAJOR.text && reader.text().toLowerCase() === key) return
    reader.position = start
    skipItem(reader, 0)
    skipItem(reader, 0)
  }
}

function quoteBytes(bytes: Uint8Array): string {
  return `"${toBase64(bytes)}"`
}
