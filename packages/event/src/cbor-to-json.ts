import { toBase64 } from './bytes.ts'
import { bytesToBigint } from './cbor-decode.ts'
import { CborReader } from './cbor-reader.ts'
import type { CborLimits } from './cbor-reader.ts'
import { BYTE, MAJOR } from './cbor.ts'
import { EventError } from './event-error.ts'
import { compareUtf8, formatFloat, formatTypedFloat, quoteJson } from './json-text.ts'
import { jsonToCbor } from './json-to-cbor.ts'

/** How {@link cborToJson} writes. */
export interface CborToJsonOptions {
  /**
   * Write exactly what the Go reference writes: an integral float as an
   * integer, so that reading the text back gives other bytes. Default: `false`.
   */
  readonly reference?: boolean | undefined
}

/** How scalars are written as JSON, with those that JSON has no form of its own for. */
export interface JsonStyle {
  /** The JSON text of a text, also of a key. */
  text(value: string): string
  /** The JSON text of an integer: a `number`, or a `bigint` from 2^53 - 1 on. Default: its digits. */
  integer?(value: number | bigint): string
  /** The JSON text of a float. */
  float(value: number): string
  /** The JSON text of a byte string. */
  bytes(value: Uint8Array): string
}

// As deep as a JSON text may nest, and as wide as the input is long.
const LIMITS: CborLimits = { maxDepth: 10_000, maxElements: Infinity, checkTags: true }

/** Up to this many keys an insertion sort beats the built-in one. */
const FEW_KEYS = 12

const CANONICAL: JsonStyle = {
  text: quoteJson,
  float(value) {
    if (Number.isNaN(value)) throw unsupported('NaN')
    return formatTypedFloat(value)
  },
  bytes: quoteBytes,
}

/** For keys, which become texts whatever they were. */
const KEY_STYLE: JsonStyle = { text: String, float: String, bytes: toBase64 }

/** What the reference writes. */
export const REFERENCE_STYLE: JsonStyle = {
  text: quoteJson,
  float(value) {
    if (Number.isFinite(value)) return formatFloat(value)
    throw unsupported(Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf')
  },
  bytes: quoteBytes,
}

/**
 * Returns the canonical JSON text of one CBOR item: the form in which tool
 * arguments are shown to the model, hashed and handed to the tool.
 *
 * Compact; keys in the order of their UTF-8 bytes; `<`, `>`, `&`, U+2028 and
 * U+2029 escaped; integers exact; floats in their shortest form. A float that
 * would read back as an integer keeps a fraction (`1.0`), an infinity is
 * `1e400`. For every item that {@link jsonToCbor} made, text to CBOR to text
 * changes neither.
 *
 * What JSON cannot say becomes what comes closest: a byte string is its base64
 * text, a key that is a number the text of that number, a tagged item its
 * content.
 *
 * @throws {@link EventError} `EVENT_DECODE` when the bytes are not one
 * well-formed item without duplicate keys, `EVENT_JSON` for `NaN` (and, with
 * `reference`, for an infinity).
 */
export function cborToJson(bytes: Uint8Array, options: CborToJsonOptions = {}): string {
  const reader = new CborReader(bytes)
  const text = formatItem(reader, options.reference === true ? REFERENCE_STYLE : CANONICAL)
  reader.expectEnd()
  return text
}

/**
 * Returns the canonical form of a JSON text, as {@link cborToJson} has it.
 *
 * @throws {@link EventError} `EVENT_JSON` when the text is not one JSON value.
 */
export function formatJsonCanonical(text: string | Uint8Array): string {
  return cborToJson(jsonToCbor(text))
}

interface Member {
  readonly key: string
  readonly text: string
}

/** A container whose content is still being read. */
class OpenContainer {
  /** The members so far; `undefined` for an array. */
  readonly members: Member[] | undefined
  /** The text of an array so far, without its brackets. */
  text = ''
  /** The key whose value comes next. */
  key = ''
  /** How many values are still to come. */
  remaining: number

  constructor(members: Member[] | undefined, remaining: number) {
    this.members = members
    this.remaining = remaining
  }
}

/** Reads the next item and returns its JSON text, however deeply it nests. */
export function formatItem(reader: CborReader, style: JsonStyle): string {
  const open: OpenContainer[] = []
  for (;;) {
    let text = beginItem(reader, open, style)
    while (text !== undefined) {
      const parent = open.at(-1)
      if (parent === undefined) return text
      const { members } = parent
      if (members !== undefined) members.push({ key: parent.key, text })
      else parent.text = parent.text === '' ? text : `${parent.text},${text}`
      parent.remaining--
      if (parent.remaining === 0) {
        open.pop()
        text = members === undefined ? `[${parent.text}]` : joinMembers(members, reader, style)
      } else {
        if (members !== undefined) parent.key = readKey(reader)
        text = undefined
      }
    }
  }
}

/** Reads a scalar or an empty container; opens any other and returns nothing. */
function beginItem(reader: CborReader, open: OpenContainer[], style: JsonStyle): string | undefined {
  const bignum = readUntagged(reader, style)
  const { major } = reader
  if (major !== MAJOR.array && major !== MAJOR.map) return bignum ?? formatScalar(reader, style)
  const items = reader.count(open.length + 1, LIMITS)
  const isMap = major === MAJOR.map
  if (items === 0) return isMap ? '{}' : '[]'
  const container = isMap ? new OpenContainer([], items / 2) : new OpenContainer(undefined, items)
  if (isMap) container.key = readKey(reader)
  open.push(container)
  return undefined
}

/** Reads the key of a map as text; one that is a container has no such form. */
export function readKey(reader: CborReader): string {
  const bignum = readUntagged(reader, KEY_STYLE)
  if (bignum !== undefined) return bignum
  const { major } = reader
  if (major === MAJOR.text) return reader.text()
  if (major === MAJOR.array || major === MAJOR.map) throw unsupported('a map key that is a container')
  return formatScalar(reader, KEY_STYLE)
}

/**
 * Reads the head of the next item behind its tags.
 *
 * A big integer (tag 2 or 3) is read whole and returned; the content of any
 * other tag stands for itself.
 */
function readUntagged(reader: CborReader, style: JsonStyle): string | undefined {
  reader.readHead()
  let tag = -1
  while (reader.major === MAJOR.tag) {
    reader.checkTagContent()
    tag = reader.argument
    reader.readHead()
  }
  if (tag !== 2 && tag !== 3) return undefined
  const magnitude = bytesToBigint(reader.bytes())
  return formatInteger(tag === 2 ? magnitude : -1n - magnitude, style)
}

/** The text of the scalar whose head was read last. */
function formatScalar(reader: CborReader, style: JsonStyle): string {
  const { argument } = reader
  const isSafe = argument < Number.MAX_SAFE_INTEGER
  switch (reader.major) {
    case MAJOR.unsigned:
      return formatInteger(isSafe ? argument : reader.bigArgument(), style)
    case MAJOR.negative:
      return formatInteger(isSafe ? -1 - argument : -1n - reader.bigArgument(), style)
    case MAJOR.bytes:
      return style.bytes(reader.bytes())
    case MAJOR.text:
      return style.text(reader.text())
    default:
      return reader.isFloat ? style.float(reader.float()) : formatSimple(argument)
  }
}

function formatInteger(value: number | bigint, style: JsonStyle): string {
  return style.integer === undefined ? String(value) : style.integer(value)
}

function formatSimple(value: number): string {
  const byte = value + 0xe0
  if (byte === BYTE.false) return 'false'
  if (byte === BYTE.true) return 'true'
  return byte === BYTE.null || byte === BYTE.undefined ? 'null' : String(value)
}

function joinMembers(members: Member[], reader: CborReader, style: JsonStyle): string {
  let text = ''
  let previous: string | undefined
  for (const member of sortMembers(members)) {
    if (member.key === previous) throw reader.fail('duplicate map key')
    text += `${previous === undefined ? '{' : ','}${style.text(member.key)}:${member.text}`
    previous = member.key
  }
  return `${text}}`
}

/** Sorts by the bytes of the keys; may do so in place. */
function sortMembers(members: Member[]): readonly Member[] {
  if (members.length > FEW_KEYS) return members.toSorted((a, b) => compareUtf8(a.key, b.key))
  for (let end = 1; end < members.length; end++) {
    for (let at = end; at > 0; at--) {
      const [left, right] = [members[at - 1], members[at]]
      if (left === undefined || right === undefined || compareUtf8(left.key, right.key) <= 0) break
      members[at - 1] = right
      members[at] = left
    }
  }
  return members
}

function quoteBytes(value: Uint8Array): string {
  return `"${toBase64(value)}"`
}

function unsupported(what: string): EventError {
  return new EventError('EVENT_JSON', `json: unsupported value: ${what}`)
}
