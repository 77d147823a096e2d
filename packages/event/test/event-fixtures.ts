import { readdirSync, readFileSync } from 'node:fs'
import { CborFloat, CborRaw, EventError, fromHex, payloadFields } from '../src/index.ts'
import type { CborValue, Event, PayloadField } from '../src/index.ts'

/** Parses one of the files in `test/vectors`. */
export function readVectors(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`vectors/${name}`, import.meta.url), 'utf8'))
}

/** Parses one of the files in `test/golden`. */
export function readGolden(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`golden/${name}`, import.meta.url), 'utf8'))
}

export interface RecordedEvent {
  readonly seq: number
  readonly kind: number
  readonly kind_name: string
  readonly ts: string
  readonly prev_hash_hex: string | null
  readonly payload_cbor_hex: string
  readonly envelope_cbor_hex?: string
  readonly event_hash_hex: string
}

export interface RecordedRun {
  readonly name: string
  readonly run_id: string
  readonly events: readonly RecordedEvent[]
  readonly merkle_root_hex: string
  readonly provider_requests?: readonly { readonly cbor_hex: string; readonly hash_hex: string }[]
}

/** The names of all recorded runs. */
export const GOLDEN_RUNS: readonly string[] = readdirSync(new URL('golden/runs', import.meta.url))
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.slice(0, -'.json'.length))

/** Parses a recorded run. */
export function readRun(name: string): RecordedRun {
  return readGolden(`runs/${name}.json`) as RecordedRun
}

/** The event that a recording describes. */
export function eventOf(run: RecordedRun, recorded: RecordedEvent): Event {
  return {
    runId: run.run_id,
    seq: recorded.seq,
    prevHash: recorded.prev_hash_hex === null ? null : fromHex(recorded.prev_hash_hex),
    ts: BigInt(recorded.ts),
    kind: recorded.kind,
    payload: fromHex(recorded.payload_cbor_hex),
  }
}

/** A value as the vector files write it: bytes, floats, big integers and embedded items as marked objects. */
export type Notation = null | boolean | number | string | readonly Notation[] | { readonly [key: string]: Notation }

/** The CBOR value that `notation` stands for. */
export function valueOf(notation: Notation): CborValue {
  if (notation === null || typeof notation !== 'object') return notation
  if (Array.isArray(notation)) return notation.map(valueOf)
  const [[marker, content] = ['', '']] = Object.entries(notation)
  if (typeof content === 'string' || typeof content === 'number') {
    if (marker === '$bytes') return fromHex(String(content))
    if (marker === '$float') return new CborFloat(Number(content))
    if (marker === '$int') return BigInt(content)
    if (marker === '$cbor') return new CborRaw(fromHex(String(content)))
  }
  return Object.fromEntries(Object.entries(notation).map(([key, value]) => [key, valueOf(value)]))
}

/** The typed payload that a vector describes by wire keys. */
export function payloadOf(kind: number, fields: { readonly [key: string]: Notation }): object {
  return recordOf(payloadFields(kind) ?? [], fields)
}

function recordOf(table: readonly PayloadField[], values: { readonly [key: string]: Notation }): object {
  const entries = table.map((field) => [field.property, propertyOf(field, values[field.key])] as const)
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}

function propertyOf(field: PayloadField, notation: Notation | undefined): unknown {
  if (notation === undefined || notation === null) return notation
  if (field.type === 'list' && Array.isArray(notation)) {
    return notation.map((entry) => recordOf(field.fields, entry as { readonly [key: string]: Notation }))
  }
  if (field.type === 'map') return recordOf(field.fields, notation as { readonly [key: string]: Notation })
  const value = valueOf(notation)
  if (value instanceof CborFloat) return value.value
  if (value instanceof CborRaw) return value.bytes
  return typeof value === 'bigint' ? Number(value) : value
}

/** The code of the error that `decode` throws, `undefined` when it throws none, or what else it throws as a text. */
export function errorCodeOf(decode: () => unknown): string | undefined {
  try {
    decode()
    return undefined
  } catch (error) {
    return error instanceof EventError ? error.code : String(error)
  }
}

/** What decoding anything may end in. */
export const DECODED_OR_REFUSED: readonly (string | undefined)[] = [undefined, 'EVENT_DECODE']
