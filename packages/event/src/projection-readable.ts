import { toBase64, toHex } from './bytes.ts'
import type { Event } from './event.ts'
import { formatFloat, formatTypedFloat, quoteJsonPlain } from './json-text.ts'
import { isKnownKind, kindName } from './kinds.ts'
import { formatPayload } from './projection-payload.ts'
import type { PayloadStyle } from './projection-payload.ts'

/** Data that `JSON.stringify` writes without loss or error. */
export type ReadableValue =
  | null
  | boolean
  | number
  | string
  | readonly ReadableValue[]
  | { readonly [key: string]: ReadableValue }

/** An event as plain data, for people and for programs that know nothing of CBOR. */
export type ReadableEvent = {
  readonly run_id: string
  readonly seq: number
  /** Nanoseconds since the Unix epoch, in decimal digits. */
  readonly ts: string
  /** The same in ISO 8601, UTC, to the nanosecond; `null` outside of the years that a `Date` can say. */
  readonly time: string | null
  /** The name of the kind; `Kind(<n>)` for one that this version does not know. */
  readonly kind: string
  /** Only for a kind that this version does not know. */
  readonly kind_number?: number
  /** In hexadecimal. */
  readonly prev_hash: string | null
  /** The payload under its wire keys; see {@link readableEvent}. */
  readonly payload: ReadableValue
}

/**
 * Returns an event as plain JSON data.
 *
 * The payload has the keys of the wire in declaration order, with the ones
 * that this version does not know behind them. Embedded CBOR (arguments,
 * results, recorded values, parameters) is real JSON. What JSON has no form
 * for is written so:
 *
 * - a byte field in hexadecimal; bytes inside embedded values as
 *   `{"$bytes": "<base64>"}`;
 * - an integer that is not safe as its digits in a string;
 * - an infinity or `NaN` as `{"$float": "Infinity"}`, `"-Infinity"` or `"NaN"`;
 * - a payload that does not decode as `{"$cbor": "<hex>", "$error": "<why>"}`.
 *
 * Never throws.
 */
export function readableEvent(event: Event): ReadableEvent {
  // The text was written here from checked parts, and parses to data of this type.
  const payload: ReadableValue = JSON.parse(formatPayload(event, DATA))
  const { prevHash } = event
  return {
    run_id: event.runId,
    seq: event.seq,
    ts: String(event.ts),
    time: formatTime(event.ts),
    kind: kindName(event.kind),
    ...(isKnownKind(event.kind) ? {} : { kind_number: event.kind }),
    prev_hash: prevHash === null ? null : toHex(prevHash),
    payload,
  }
}

/**
 * Returns an event as one line of JSON without the line end.
 *
 * The same as {@link readableEvent}, but integers are exact numbers whatever
 * their size, and a float inside an embedded value keeps a fraction or an
 * exponent (`1.0`), so that it can be told from an integer.
 *
 * Never throws.
 */
export function readableJson(event: Event): string {
  const time = formatTime(event.ts)
  const members = [
    `"run_id":${quoteJsonPlain(event.runId.toWellFormed())}`,
    `"seq":${event.seq}`,
    `"ts":"${event.ts}"`,
    `"time":${time === null ? 'null' : `"${time}"`}`,
    `"kind":"${kindName(event.kind)}"`,
    ...(isKnownKind(event.kind) ? [] : [`"kind_number":${event.kind}`]),
    `"prev_hash":${event.prevHash === null ? 'null' : `"${toHex(event.prevHash)}"`}`,
    `"payload":${formatPayload(event, EXACT)}`,
  ]
  return `{${members.join(',')}}`
}

/** Everything in numbers that any reader of JSON can hold. */
const DATA: PayloadStyle = {
  fields: { text: quoteJsonPlain, integer: quoteUnsafe, float: readableFloat(formatFloat), bytes: quoteHex },
  embedded: { text: quoteJsonPlain, integer: quoteUnsafe, float: readableFloat(formatFloat), bytes: tagBase64 },
}

const EXACT: PayloadStyle = {
  fields: { text: quoteJsonPlain, float: readableFloat(formatFloat), bytes: quoteHex },
  embedded: { text: quoteJsonPlain, float: readableFloat(formatTypedFloat), bytes: tagBase64 },
}

function quoteUnsafe(value: number | bigint): string {
  return Number.isSafeInteger(Number(value)) ? String(value) : `"${value}"`
}

function readableFloat(format: (value: number) => string): (value: number) => string {
  return (value) => (Number.isFinite(value) ? format(value) : `{"$float":"${value}"}`)
}

function quoteHex(value: Uint8Array): string {
  return `"${toHex(value)}"`
}

function tagBase64(value: Uint8Array): string {
  return `{"$bytes":"${toBase64(value)}"}`
}

/** The furthest from 1970 that a `Date` goes, in milliseconds. */
const MAX_DATE_MS = 8_640_000_000_000_000

function formatTime(ts: bigint): string | null {
  const nanoseconds = ((ts % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n
  const ms = Number((ts - nanoseconds) / 1_000_000n)
  if (Math.abs(ms) > MAX_DATE_MS) return null
  const seconds = new Date(ms).toISOString().slice(0, -'.000Z'.length)
  return `${seconds}.${String(nanoseconds).padStart(9, '0')}Z`
}
