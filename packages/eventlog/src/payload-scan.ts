import { payloadFields, utf8Decode, utf8Encode } from '@starling/event'
import type { PayloadField } from '@starling/event'

// The limits of the log format for anything that is decoded.
const MAX_DEPTH = 32
const MAX_ELEMENTS = 131_072

// From here on the platform's decoder beats a loop over the bytes.
const LONG_TEXT = 512

const MAJOR_BYTES = 2
const MAJOR_TEXT = 3
const MAJOR_ARRAY = 4
const MAJOR_MAP = 5
const MAJOR_SIMPLE = 7
// An argument of eight bytes.
const LONG_ARGUMENT = 27
const FALSE = 0xf4
const TRUE = 0xf5
const NULL = 0xf6
const UNDEFINED = 0xf7
const FLOAT_16 = 0xf9
const FLOAT_64 = 0xfb

/** A field to expect, with its key as it is encoded. */
export interface ScanField {
  readonly name: string
  readonly key: Uint8Array
  readonly type: PayloadField['type']
  readonly width: PayloadField['width']
  /** The fields of a map, or of each map in a list. */
  readonly nested: readonly ScanField[]
}

/** Returns the fields of a kind in the order in which a canonical encoding has their keys. */
export function scanFieldsOf(kind: number): readonly ScanField[] {
  return toScanFields(payloadFields(kind) ?? [])
}

/**
 * Checks a payload against its fields without building any value, and picks
 * out the top-level ids on the way.
 *
 * It accepts what this runtime and the reference write: canonical maps of known
 * keys. Whatever it does not accept is not wrong for that; the decoder has the
 * last word on it. What it does accept, the decoder accepts too.
 */
export class PayloadScan {
  turnId = ''
  callId = ''
  attempt = 0
  readonly #data: Uint8Array
  #at = 0

  constructor(payload: Uint8Array) {
    this.#data = payload
  }

  /** Reports whether the payload is exactly a map of `fields`, all of the right type. */
  accept(fields: readonly ScanField[]): boolean {
    return this.#map(fields, 1) && this.#at === this.#data.length
  }

  #map(fields: readonly ScanField[], depth: number): boolean {
    const count = this.#head(MAJOR_MAP)
    // More keys than fields cannot all be known.
    if (count < 0 || count > fields.length) return false
    let next = 0
    for (let pair = 0; pair < count; pair++) {
      while (next < fields.length && !this.#isKey(fields[next])) next++
      const field = fields[next++]
      if (field === undefined) return false
      this.#at += field.key.length
      if (!this.#value(field, depth)) return false
    }
    return true
  }

  #isKey(field: ScanField | undefined): boolean {
    const key = field?.key ?? NO_KEY
    const data = this.#data
    const at = this.#at
    // The last byte tells keys apart sooner than the first ones.
    for (let i = key.length - 1; i >= 0; i--) if (data[at + i] !== key[i]) return false
    return true
  }

  #value(field: ScanField, depth: number): boolean {
    switch (field.type) {
      case 'text':
        return this.#text(field, depth)
      case 'int':
        return this.#integer(field, depth)
      case 'bytes':
        return this.#bytes()
      case 'float':
        return this.#float()
      case 'bool':
        return this.#bool()
      case 'raw':
        return this.#item(depth)
      case 'list':
        return this.#list(field.nested, depth + 1)
      case 'map':
        return this.#map(field.nested, depth + 1)
    }
  }

  #text(field: ScanField, depth: number): boolean {
    const length = this.#head(MAJOR_TEXT)
    const start = this.#at
    if (length < 0 || !this.#skip(length)) return false
    if (length >= LONG_TEXT || !isAscii(this.#data, start, this.#at)) {
      if (!isUtf8(this.#data, start, this.#at)) return false
    }
    if (depth === 1 && field.name === 'turn_id') this.turnId = utf8Decode(this.#data, start, this.#at)
    if (depth === 1 && field.name === 'call_id') this.callId = utf8Decode(this.#data, start, this.#at)
    return true
  }

  #integer(field: ScanField, depth: number): boolean {
    const major = (this.#data[this.#at] ?? NULL) >> 5
    if (major > 1 || (major === 1 && field.width !== 'i64')) return false
    const value = this.#head(major)
    if (value < 0) return false
    if (depth === 1 && field.name === 'attempt') this.attempt = value
    return true
  }

  #bytes(): boolean {
    if (this.#data[this.#at] === NULL) return this.#skip(1)
    const length = this.#head(MAJOR_BYTES)
    return length >= 0 && this.#skip(length)
  }

  #float(): boolean {
    const head = this.#data[this.#at] ?? 0
    return head >= FLOAT_16 && head <= FLOAT_64 && this.#skip(1 + floatBytes(head))
  }

  #bool(): boolean {
    const head = this.#data[this.#at]
    return (head === FALSE || head === TRUE) && this.#skip(1)
  }

  #list(fields: readonly ScanField[], depth: number): boolean {
    const count = this.#head(MAJOR_ARRAY)
    if (count < 0 || count > MAX_ELEMENTS) return false
    for (let i = 0; i < count; i++) if (!this.#map(fields, depth + 1)) return false
    return true
  }

  /** Steps over any item without tags; `depth` is the level of the container around it. */
  #item(depth: number): boolean {
    const head = this.#data[this.#at] ?? -1
    const major = head >> 5
    if (major === MAJOR_SIMPLE) {
      if (head >= FALSE && head <= UNDEFINED) return this.#skip(1)
      return this.#float()
    }
    // Tags have rules of their own, and -1 is the end.
    if (major < 0 || major > MAJOR_MAP) return false
    if (major < MAJOR_BYTES && (head & 31) === LONG_ARGUMENT) return this.#skip(1 + 8)
    const argument = this.#head(major)
    if (argument < 0) return false
    if (major < MAJOR_BYTES) return true
    if (major <= MAJOR_TEXT) return this.#skip(argument)
    if (depth >= MAX_DEPTH || argument > MAX_ELEMENTS) return false
    const items = major === MAJOR_MAP ? argument * 2 : argument
    for (let i = 0; i < items; i++) if (!this.#item(depth + 1)) return false
    return true
  }

  /** Reads a head of this major type and returns its argument; -1 when it is not that, or beyond 32 bits. */
  #head(major: number): number {
    const data = this.#data
    const head = data[this.#at] ?? -1
    if (head >> 5 !== major) return -1
    const info = head & 31
    if (info < 24) {
      this.#at++
      return info
    }
    const size = info < 27 ? 1 << (info - 24) : 0
    if (size === 0 || !this.#skip(1 + size)) return -1
    let argument = 0
    for (let i = this.#at - size; i < this.#at; i++) argument = argument * 256 + (data[i] ?? 0)
    return argument
  }

  #skip(bytes: number): boolean {
    this.#at += bytes
    return this.#at <= this.#data.length
  }
}

const NO_KEY = new Uint8Array([0])

function toScanFields(fields: readonly PayloadField[]): readonly ScanField[] {
  return fields
    .map((field) => ({
      name: field.key,
      key: encodeKey(field.key),
      type: field.type,
      width: field.width,
      nested: toScanFields(field.fields),
    }))
    .toSorted((a, b) => (a.name.length === b.name.length ? (a.name < b.name ? -1 : 1) : a.name.length - b.name.length))
}

/** A short ASCII text in CBOR: its length in the head, then the bytes. */
function encodeKey(name: string): Uint8Array {
  return Uint8Array.of((MAJOR_TEXT << 5) | name.length, ...utf8Encode(name))
}

function floatBytes(head: number): number {
  return 2 << (head - FLOAT_16)
}

function isAscii(data: Uint8Array, start: number, end: number): boolean {
  let bits = 0
  for (let at = start; at < end; at++) bits |= data[at] ?? 0
  return bits < 0x80
}

function isUtf8(data: Uint8Array, start: number, end: number): boolean {
  try {
    utf8Decode(data, start, end)
    return true
  } catch {
    // The decoder says so again, with the words for it.
    return false
  }
}
