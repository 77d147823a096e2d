import { payloadFields, utf8Decode, utf8Encode } from '@starling/event'
import type { PayloadField } from '@starling/event'

// The limits of the log format for anything that is decoded.
const MAX_DEPTH = 32
const MAX_ELEMENTS = 131_072

// From here on the platform's decoder beats a loop over the bytes.
const LONG_TEXT = 256

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
  readonly key: Uint8Array
  readonly type: PayloadField['type']
  readonly width: PayloadField['width']
  /** What the value is wanted for, when it is. */
  readonly role: 'turn' | 'call' | 'attempt' | undefined
  /** The fields of a map, or of each map in a list. */
  readonly nested: readonly ScanField[]
}

/** Returns the fields of a kind in the order in which a canonical encoding has their keys. */
export function scanFieldsOf(kind: number): readonly ScanField[] {
  return toScanFields(payloadFields(kind) ?? [], ROLES)
}

/** Where a scan stands, and what it has found. Positions are in `data`; an id that was not found is empty. */
export interface PayloadScan {
  readonly data: Uint8Array
  at: number
  turnStart: number
  turnEnd: number
  callStart: number
  callEnd: number
  attempt: number
}

/**
 * Checks a payload against its fields without building any value, and notes
 * where its ids are.
 *
 * It accepts what this runtime and the reference write: canonical maps of known
 * keys. What it does not accept is not wrong for that; the decoder has the last
 * word on it, and `undefined` is returned. What it accepts the decoder accepts
 * too, with the same ids.
 */
export function scanPayload(payload: Uint8Array, fields: readonly ScanField[]): PayloadScan | undefined {
  const scan = { data: payload, at: 0, turnStart: 0, turnEnd: 0, callStart: 0, callEnd: 0, attempt: 0 }
  return skipMap(scan, fields, 1) && scan.at === payload.length ? scan : undefined
}

const ROLES: ReadonlyMap<string, ScanField['role']> = new Map([
  ['turn_id', 'turn'],
  ['call_id', 'call'],
  ['attempt', 'attempt'],
])
const NO_ROLES: typeof ROLES = new Map()

function toScanFields(fields: readonly PayloadField[], roles: typeof ROLES): readonly ScanField[] {
  return fields
    .toSorted((a, b) => (a.key.length === b.key.length ? (a.key < b.key ? -1 : 1) : a.key.length - b.key.length))
    .map(({ key, type, width, fields: inner }) => ({
      // A short ASCII text in CBOR: its length in the head, then the bytes.
      key: Uint8Array.of((MAJOR_TEXT << 5) | key.length, ...utf8Encode(key)),
      type,
      width,
      role: roles.get(key),
      nested: toScanFields(inner, NO_ROLES),
    }))
}

// The functions below step over one item each and return whether it is as expected.

function skipMap(scan: PayloadScan, fields: readonly ScanField[], depth: number): boolean {
  const count = readHead(scan, MAJOR_MAP)
  // More keys than fields cannot all be known.
  if (count < 0 || count > fields.length) return false
  let next = 0
  for (let pair = 0; pair < count; pair++) {
    let field = fields[next++]
    while (field !== undefined && !skipKey(scan, field.key)) field = fields[next++]
    if (field === undefined || !skipField(scan, field, depth)) return false
  }
  return true
}

function skipKey(scan: PayloadScan, key: Uint8Array): boolean {
  const { data, at } = scan
  // The last byte tells keys apart sooner than the first ones.
  for (let i = key.length - 1; i >= 0; i--) if (data[at + i] !== key[i]) return false
  scan.at = at + key.length
  return true
}

function skipField(scan: PayloadScan, field: ScanField, depth: number): boolean {
  switch (field.type) {
    case 'text':
      return skipText(scan, field)
    case 'int':
      return skipInteger(scan, field)
    case 'bytes':
      return skipBytes(scan)
    case 'float':
      return skipFloat(scan)
    case 'bool':
      return skipBool(scan)
    case 'raw':
      return skipItem(scan, depth)
    case 'list':
      return skipList(scan, field.nested, depth + 1)
    case 'map':
      return skipMap(scan, field.nested, depth + 1)
  }
}

function skipText(scan: PayloadScan, { role }: ScanField): boolean {
  const length = readHead(scan, MAJOR_TEXT)
  const start = scan.at
  if (length < 0 || !advance(scan, length) || !isUtf8(scan.data, start, scan.at)) return false
  if (role === 'turn') {
    scan.turnStart = start
    scan.turnEnd = scan.at
  } else if (role === 'call') {
    scan.callStart = start
    scan.callEnd = scan.at
  }
  return true
}

function skipInteger(scan: PayloadScan, { role, width }: ScanField): boolean {
  const major = (scan.data[scan.at] ?? NULL) >> 5
  if (major > 1 || (major === 1 && width !== 'i64')) return false
  const value = readHead(scan, major)
  if (role === 'attempt') scan.attempt = value
  return value >= 0
}

function skipBytes(scan: PayloadScan): boolean {
  if (scan.data[scan.at] === NULL) return advance(scan, 1)
  const length = readHead(scan, MAJOR_BYTES)
  return length >= 0 && advance(scan, length)
}

function skipFloat(scan: PayloadScan): boolean {
  const head = scan.data[scan.at] ?? 0
  return head >= FLOAT_16 && head <= FLOAT_64 && advance(scan, 1 + (2 << (head - FLOAT_16)))
}

function skipBool(scan: PayloadScan): boolean {
  const head = scan.data[scan.at]
  return (head === FALSE || head === TRUE) && advance(scan, 1)
}

function skipList(scan: PayloadScan, fields: readonly ScanField[], depth: number): boolean {
  const count = readHead(scan, MAJOR_ARRAY)
  if (count < 0 || count > MAX_ELEMENTS) return false
  for (let i = 0; i < count; i++) if (!skipMap(scan, fields, depth + 1)) return false
  return true
}

/** Steps over any item without tags; `depth` is the level of the container around it. */
function skipItem(scan: PayloadScan, depth: number): boolean {
  const head = scan.data[scan.at] ?? -1
  const major = head >> 5
  if (major === MAJOR_SIMPLE) return head >= FALSE && head <= UNDEFINED ? advance(scan, 1) : skipFloat(scan)
  // Tags have rules of their own, and -1 is the end.
  if (major < 0 || major > MAJOR_MAP) return false
  if (major < MAJOR_BYTES && (head & 31) === LONG_ARGUMENT) return advance(scan, 1 + 8)
  const argument = readHead(scan, major)
  if (argument < 0) return false
  if (major < MAJOR_BYTES) return true
  if (major <= MAJOR_TEXT) return advance(scan, argument)
  if (depth >= MAX_DEPTH || argument > MAX_ELEMENTS) return false
  const items = major === MAJOR_MAP ? argument * 2 : argument
  for (let i = 0; i < items; i++) if (!skipItem(scan, depth + 1)) return false
  return true
}

/** Steps over a head of this major type and returns its argument; -1 when it is not that, or beyond 32 bits. */
function readHead(scan: PayloadScan, major: number): number {
  const { data } = scan
  const head = data[scan.at] ?? -1
  if (head >> 5 !== major) return -1
  const info = head & 31
  if (info < 24) {
    scan.at++
    return info
  }
  const size = info < LONG_ARGUMENT ? 1 << (info - 24) : 0
  if (size === 0 || !advance(scan, 1 + size)) return -1
  let argument = 0
  for (let i = scan.at - size; i < scan.at; i++) argument = argument * 256 + (data[i] ?? 0)
  return argument
}

function advance(scan: PayloadScan, bytes: number): boolean {
  scan.at += bytes
  return scan.at <= scan.data.length
}

function isUtf8(data: Uint8Array, start: number, end: number): boolean {
  if (end - start < LONG_TEXT) {
    let bits = 0
    for (let at = start; at < end; at++) bits |= data[at] ?? 0
    if (bits < 0x80) return true
  }
  try {
    utf8Decode(data, start, end)
    return true
  } catch {
    // The decoder says so again, with the words for it.
    return false
  }
}
