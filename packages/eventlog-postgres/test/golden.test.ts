import { readdirSync, readFileSync } from 'node:fs'

import { hashEvent, toHex } from '@starling/event'
import { validateRun } from '@starling/eventlog'
import { eventOfVector, eventsOfRecording } from '@starling/eventlog/conformance'
import type { RecordedEvents, VectorEvent } from '@starling/eventlog/conformance'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { openPostgresEventLog } from '../src/index.ts'
import type { PostgresEventLog } from '../src/index.ts'
import { at } from './raw.ts'
import { freshSchema, rowsOf, sharedServer } from './server.ts'
import type { TestServer } from './server.ts'

interface StoredRun extends RecordedEvents {
  readonly validate: string
  readonly aggregate: {
    readonly started_at_ns: string
    readonly last_seq: number
    readonly turn_count: number
    readonly tool_call_count: number
    readonly input_tokens: number
    readonly output_tokens: number
    readonly cost_usd: number
    readonly duration_ms: number
  }
}

interface ValidateCase {
  readonly name: string
  readonly events: readonly VectorEvent[]
  readonly expect: string
  readonly expect_message_suffix?: string
}

const ROOT = new URL('../../event/test/', import.meta.url)
const names = readdirSync(new URL('golden/runs/', ROOT)).toSorted()
const vectors = readJson('vectors/validate.json') as Readonly<Record<string, readonly ValidateCase[]>>

// Postgres holds one row for each run and seq, and a run in one table: these cannot be stored there.
const storable = [...(vectors['reference_cases'] ?? []), ...(vectors['derived_cases'] ?? [])].filter(({ events }) => {
  const keys = new Set(events.map(({ run_id: runId, seq }) => `${runId} ${seq}`))
  const isInOrder = events.every(({ seq }, index) => index === 0 || seq > (events[index - 1]?.seq ?? 0))
  return keys.size === events.length && isInOrder && new Set(events.map(({ run_id: runId }) => runId)).size === 1
})

let server: TestServer
let log: PostgresEventLog
const schema = freshSchema()

beforeAll(async () => {
  server = await sharedServer()
  log = await openPostgresEventLog({ url: server.url(), schema })
}, 30_000)

afterAll(async () => {
  await log[Symbol.asyncDispose]()
})

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(new URL(path, ROOT), 'utf8'))
}

// What comes behind is the wording of the reference's decoder.
function withoutDetail(verdict: string | undefined): string | undefined {
  return verdict?.replace(/(decode \w+(?: at \d+)?): .*$/s, '$1')
}

describe('runs that the reference has recorded', () => {
  test.each(names)('%s comes back byte for byte, sums up and validates as there', async (name) => {
    const run = readJson(`golden/runs/${name}`) as StoredRun
    const events = eventsOfRecording(run)
    await log.append(run.run_id, events)
    const stored = await log.read(run.run_id)
    expect(stored).toEqual(events)
    expect(stored.map((event) => toHex(hashEvent(event)))).toEqual(events.map((event) => toHex(hashEvent(event))))
    const { status, reason } = await validateRun(log, run.run_id)
    expect(withoutDetail(status === 'ok' ? 'ok' : reason)).toBe(withoutDetail(run.validate))
    const { aggregate } = run
    expect(await log.summary(run.run_id)).toMatchObject({
      startedAt: BigInt(aggregate.started_at_ns),
      lastSeq: aggregate.last_seq,
      turnCount: aggregate.turn_count,
      toolCallCount: aggregate.tool_call_count,
      inputTokens: aggregate.input_tokens,
      outputTokens: aggregate.output_tokens,
      costUsd: aggregate.cost_usd,
      durationMs: aggregate.duration_ms,
    })
  })

  test('are in the columns that the log format says, the first link as NULL', async () => {
    const run = readJson(`golden/runs/${at(names, 0)}`) as StoredRun
    const rows = await rowsOf(
      server.url(),
      `SELECT seq::integer, encode(prev_hash, 'hex'), ts::text, kind, encode(payload, 'hex')
       FROM ${schema}.eventlog_events WHERE run_id = $1 ORDER BY seq`,
      [run.run_id],
    )
    expect(rows).toEqual(
      run.events.map(({ seq, prev_hash_hex: link = null, ts, kind, payload_cbor_hex: payload }) => [
        seq,
        link,
        String(ts),
        kind,
        payload,
      ]),
    )
  })
})

describe('what the reference says of runs that somebody has changed', () => {
  test('is known for most of its vectors here', () => {
    expect(storable.length).toBeGreaterThan(35)
  })

  test.each(storable.map(({ name }, index) => [name, index] as const))('%s', async (_, index) => {
    const { events, expect: verdict, expect_message_suffix: suffix = '' } = at(storable, index)
    const stored = events.map(eventOfVector)
    await using own = await openPostgresEventLog({ url: server.url(), schema: freshSchema() })
    const runId = events[0]?.run_id ?? ''
    await own.appendUnchecked(runId, stored)
    expect(await own.read(runId)).toEqual(stored)
    const { status, reason } = await validateRun(own, runId)
    expect(status === 'ok').toBe(verdict === 'valid')
    expect(reason ?? '').toContain(suffix)
  })
})

test('a number of a run can be stored once, also unchecked', async () => {
  const run = readJson(`golden/runs/${at(names, 1)}`) as StoredRun
  await using own = await openPostgresEventLog({ url: server.url(), schema: freshSchema() })
  await own.appendUnchecked(run.run_id, eventsOfRecording(run).slice(2))
  await expect(own.appendUnchecked(run.run_id, eventsOfRecording(run))).rejects.toMatchObject({
    code: 'EVENTLOG_INVALID_APPEND',
  })
  expect(await own.read(run.run_id)).toHaveLength(run.events.length - 2)
  expect((await own.listRuns()).runs).toMatchObject([{ runId: run.run_id, lastSeq: run.events.length }])
})
