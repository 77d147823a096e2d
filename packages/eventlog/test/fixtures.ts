import { readdirSync, readFileSync } from 'node:fs'

import { fromHex, hashEvent } from '@starling/event'
import type { Event } from '@starling/event'

const ROOT = new URL('../../event/test/', import.meta.url)

/** A recorded run, as far as these tests use it. */
export interface GoldenRun {
  readonly name: string
  readonly events: readonly Event[]
  readonly merkle_root_hex: string
  readonly validate: string
  readonly aggregate: {
    readonly run_id: string
    readonly started_at_ns: string
    readonly last_seq: number
    readonly last_kind: string
    readonly turn_count: number
    readonly tool_call_count: number
    readonly input_tokens: number
    readonly output_tokens: number
    readonly cost_usd: number
    readonly duration_ms: number
  }
}

type StoredRun = Omit<GoldenRun, 'events'> & { readonly run_id: string; readonly events: readonly StoredEvent[] }

interface StoredEvent {
  readonly run_id?: string
  readonly seq: number
  readonly kind: number
  readonly ts: string | number
  readonly prev_hash_hex?: string | null
  readonly payload_cbor_hex: string
}

/** An event as the vectors write it. */
export interface VectorEvent {
  readonly run_id: string
  readonly seq: number
  readonly prev_hash: string | null
  readonly ts: number
  readonly kind: number
  readonly payload_hex: string
}

/** Reads a JSON file below the fixtures of the event package. */
export function readFixture(path: string): unknown {
  return JSON.parse(readFileSync(new URL(path, ROOT), 'utf8'))
}

/** Reads one recorded run by name. */
export function readGoldenRun(name: string): GoldenRun {
  const run = readFixture(`golden/runs/${name}.json`) as StoredRun
  const events = run.events.map((event) => ({
    runId: run.run_id,
    seq: event.seq,
    prevHash: typeof event.prev_hash_hex === 'string' ? fromHex(event.prev_hash_hex) : null,
    ts: BigInt(event.ts),
    kind: event.kind,
    payload: fromHex(event.payload_cbor_hex),
  }))
  return { ...run, events }
}

/** Reads every recorded run, in name order. */
export function readGoldenRuns(): readonly GoldenRun[] {
  return readdirSync(new URL('golden/runs/', ROOT))
    .toSorted()
    .map((file) => readGoldenRun(file.replace('.json', '')))
}

/** Turns an event of the vectors into one of ours. */
export function eventOfVector(event: VectorEvent): Event {
  return {
    runId: event.run_id,
    seq: event.seq,
    prevHash: event.prev_hash === null ? null : fromHex(event.prev_hash),
    ts: BigInt(event.ts),
    kind: event.kind,
    payload: fromHex(event.payload_hex),
  }
}

/** Numbers and links `events` anew, as if they had been appended in this order. */
export function rechain(events: readonly Event[]): Event[] {
  const chained: Event[] = []
  for (const [index, event] of events.entries()) {
    chained.push({ ...event, seq: index + 1, prevHash: hashOrNull(chained.at(-1)) })
  }
  return chained
}

function hashOrNull(event: Event | undefined): Uint8Array | null {
  try {
    return event === undefined ? null : hashEvent(event)
  } catch {
    // A payload that is not well-formed has no hash; the link after it is null.
    return null
  }
}
