/** The recorded JSON cases and runs, and generators of JSON, for the tests of the JSON half. */
import { readdirSync, readFileSync } from 'node:fs'

import * as fc from 'fast-check'

import { fromHex } from '../src/bytes.ts'
import { CborFloat } from '../src/cbor.ts'
import type { Event } from '../src/event.ts'
import type { JsonValue } from '../src/json.ts'

export interface JsonCborCase {
  readonly json?: string
  readonly json_hex?: string
  readonly cbor_hex?: string
  readonly error?: string
  readonly replay_json?: string
  readonly replay_stable?: boolean
  readonly resume_json?: string
  readonly resume_error?: string
}

const codec: { readonly cases: readonly JsonCborCase[] } = JSON.parse(readFixture('golden/codec/json-cbor.json'))

export const jsonCborCases: readonly JsonCborCase[] = codec.cases

/** The JSON text of a case: a string, or bytes where it is not valid UTF-8. */
export function inputOf({ json, json_hex }: JsonCborCase): string | Uint8Array {
  return json ?? fromHex(json_hex ?? '')
}

interface RecordedEvent {
  readonly seq: number
  readonly ts: string
  readonly kind: number
  readonly prev_hash_hex: string | null
  readonly payload_cbor_hex: string
}

export interface RecordedRun {
  readonly run_id: string
  readonly events: readonly RecordedEvent[]
  readonly ndjson_export?: readonly string[]
  readonly ndjson_export_error?: string
  readonly ndjson_export_blake3_hex?: string
}

export const recordedRunNames: readonly string[] = readdirSync(new URL('golden/runs/', import.meta.url))
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.slice(0, -'.json'.length))

export function readRecordedRun(name: string): { run: RecordedRun; events: Event[] } {
  const run: RecordedRun = JSON.parse(readFixture(`golden/runs/${name}.json`))
  return { run, events: run.events.map((recorded) => eventOf(run.run_id, recorded)) }
}

function eventOf(runId: string, recorded: RecordedEvent): Event {
  const { seq, ts, kind, prev_hash_hex: prevHash, payload_cbor_hex: payload } = recorded
  return {
    runId,
    seq,
    ts: BigInt(ts),
    kind,
    prevHash: prevHash === null ? null : fromHex(prevHash),
    payload: fromHex(payload),
  }
}

/** An event with the least that one needs, and what a test sets. */
export function eventWith(parts: Partial<Event>): Event {
  return { runId: 'r', seq: 1, ts: 0n, kind: 2, prevHash: null, payload: Uint8Array.of(0xa0), ...parts }
}

/** The text of a file beside the tests. */
export function readFixture(path: string): string {
  return readFileSync(new URL(path, import.meta.url), 'utf8')
}

/** The same numbers, texts and shapes as `JSON.parse` gives; integers beyond the safe ones lose their end. */
export function toPlain(value: JsonValue): unknown {
  if (value instanceof CborFloat) return value.value
  if (typeof value === 'bigint') return Number(value)
  if (Array.isArray(value)) return value.map(toPlain)
  if (!(value instanceof Map)) return value
  return Object.fromEntries(Array.from(value, ([key, element]) => [key, toPlain(element)]))
}

const texts = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom('__proto__', '', 'é', '\u2028', '\uffff', '😀', '<&>', '"\\\n\u0000', 'a'.repeat(60)),
)

/** Any value that a JSON text can say, with its numbers told apart. */
export const jsonValues: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, false),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(integerOf),
    fc.double({ noNaN: true }).map((value) => new CborFloat(value)),
    fc.integer().map((value) => new CborFloat(value)),
    fc.constantFrom(-0, 0, 1e21, 2 ** 53, 2 ** 63, -(2 ** 63), 2 ** 64, 5e-324).map((value) => new CborFloat(value)),
    texts,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.array(fc.tuple(texts, tie('value')), { maxLength: 5 }).map((entries) => new Map(entries)),
  ),
})).value

function integerOf(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value
}

const literals = fc.oneof(
  fc.integer().map(String),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc
    .tuple(
      fc.constantFrom('', '-'),
      fc.nat(99),
      fc.constantFrom('', '.0', '.50', '.25'),
      fc.constantFrom('', 'e2', 'E-7', 'e+400'),
    )
    .map((parts) => parts.join('')),
)

const spaces = fc.constantFrom('', '', '', ' ', '\n', '\t\r ')

const quoted = fc
  .tuple(texts, fc.boolean())
  .map(([text, escaped]) => (escaped ? escapeAll(text) : JSON.stringify(text)))

/** Valid JSON texts of every spelling: white space, escapes, exponents, duplicate keys, lone surrogates. */
export const jsonTexts: fc.Arbitrary<string> = fc.letrec<{ text: string }>((tie) => ({
  text: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('null', 'true', 'false'),
    literals,
    quoted,
    fc.constantFrom(
      String.raw`"\ud800"`,
      String.raw`"\ud83d\ude00"`,
      String.raw`"\ude00\ud83d"`,
      String.raw`"\/\b\u00E9"`,
    ),
    spaced(fc.array(tie('text'), { maxLength: 4 }).map((elements) => `[${elements.join(',')}]`)),
    spaced(
      fc
        .array(fc.tuple(quoted, spaces, tie('text')), { maxLength: 4 })
        .map((members) => `{${members.map(([key, space, value]) => `${key}${space}:${value}`).join(',')}}`),
    ),
  ),
})).text

function spaced(inner: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(spaces, inner, spaces).map((parts) => parts.join(''))
}

function escapeAll(text: string): string {
  const units = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at).toString(16).padStart(4, '0'))
  return `"${units.map((unit) => String.raw`\u${unit}`).join('')}"`
}
