import { readdirSync, readFileSync } from 'node:fs'

import { hashEvent } from '@starling/event'
import type { Event } from '@starling/event'

import { eventsOfRecording } from '../src/conformance/recordings.ts'
import type { RecordedEvents } from '../src/conformance/recordings.ts'

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

type StoredRun = Omit<GoldenRun, 'events'> & RecordedEvents

/** Reads a JSON file below the fixtures of the event package. */
export function readFixture(path: string): unknown {
  return JSON.parse(readFileSync(new URL(path, ROOT), 'utf8'))
}

/** Reads one recorded run by name. */
export function readGoldenRun(name: string): GoldenRun {
  const run = readFixture(`golden/runs/${name}.json`) as StoredRun
  return { ...run, events: eventsOfRecording(run) }
}

/** Reads every recorded run, in name order. */
export function readGoldenRuns(): readonly GoldenRun[] {
  return readdirSync(new URL('golden/runs/', ROOT))
    .toSorted()
    .map((file) => readGoldenRun(file.replace('.json', '')))
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
