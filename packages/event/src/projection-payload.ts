import { toHex } from './bytes.ts'
import { CborReader, EMBED_LIMITS } from './cbor-reader.ts'
import { formatItem, readKey } from './cbor-to-json.ts'
import type { JsonStyle } from './cbor-to-json.ts'
import { MAJOR } from './cbor.ts'
import type { Event } from './event.ts'
import { quoteJsonPlain } from './json-text.ts'
import { payloadFields } from './payload-fields.ts'
import type { PayloadField } from './payload-fields.ts'

/** How the two parts of a payload are written. */
export interface PayloadStyle {
  /** The fields themselves. */
  readonly fields: JsonStyle
  /** CBOR that a field embeds: arguments, results, values, parameters. */
  readonly embedded: JsonStyle
}

// What an empty payload stands for.
const NULL = Uint8Array.of(0xf6)

/**
 * Returns a payload as readable JSON text.
 *
 * Works from the bytes and not from the typed payload, so that integers stay
 * exact, keys that have no field are kept, and a field of an unexpected type
 * is shown as it is. Never throws: what does not decode is shown as the bytes
 * and the reason.
 */
export function formatPayload({ kind, payload }: Pick<Event, 'kind' | 'payload'>, style: PayloadStyle): string {
  try {
    const reader = new CborReader(payload.length === 0 ? NULL : payload)
    const text = new PayloadFormatter(reader, style).formatMap(payloadFields(kind) ?? [])
    reader.expectEnd()
    return text
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return `{"$cbor":"${toHex(payload)}","$error":${quoteJsonPlain(reason)}}`
  }
}

class PayloadFormatter {
  readonly #reader: CborReader
  readonly #style: PayloadStyle

  constructor(reader: CborReader, style: PayloadStyle) {
    this.#reader = reader
    this.#style = style
  }

  /** Formats the next item as a map with `fields`: those first, in their order, then the other keys. */
  formatMap(fields: readonly PayloadField[]): string {
    const reader = this.#reader
    if (reader.peek() >> 5 !== MAJOR.map) return formatItem(reader, this.#style.fields)
    const byKey = new Map(fields.map((field) => [field.key, field]))
    const texts = new Map<string, string>()
    reader.readHead()
    for (let items = reader.count(1, EMBED_LIMITS); items > 0; items -= 2) {
      const key = readKey(reader)
      if (texts.has(key)) throw reader.fail(`duplicate key ${key}`)
      texts.set(key, this.#formatField(byKey.get(key)))
    }
    const known = fields.map((field) => field.key).filter((key) => texts.has(key))
    const order = new Set([...known, ...texts.keys()])
    return `{${Array.from(order, (key) => `${quoteJsonPlain(key)}:${texts.get(key) ?? 'null'}`).join(',')}}`
  }

  #formatField(field: PayloadField | undefined): string {
    if (field?.type === 'raw') return formatItem(this.#reader, this.#style.embedded)
    if (field?.type === 'map') return this.formatMap(field.fields)
    if (field?.type === 'list') return this.#formatList(field.fields)
    return formatItem(this.#reader, this.#style.fields)
  }

  #formatList(fields: readonly PayloadField[]): string {
    const reader = this.#reader
    if (reader.peek() >> 5 !== MAJOR.array) return formatItem(reader, this.#style.fields)
    reader.readHead()
    const count = reader.count(1, EMBED_LIMITS)
    return `[${Array.from({ length: count }, () => this.formatMap(fields)).join(',')}]`
  }
}
