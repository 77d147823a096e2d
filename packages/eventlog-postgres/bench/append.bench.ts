/**
 * What an append costs beside a bare insert of the same row in one round trip,
 * and what it gains when many runs append at once.
 *
 * Run with `node --conditions=@starling/source packages/eventlog-postgres/bench/append.bench.ts`,
 * or with `DATABASE_URL` to measure another server.
 */
import { encodePayload, hashEvent, KIND } from '@starling/event'
import type { Event } from '@starling/event'
import pg from 'pg'

import { openPostgresEventLog } from '../src/index.ts'
import { startServer } from '../test/server.ts'

const BLOCKS = 50
const BLOCK = 50
const ROUNDS = 7
const EVENTS = 20
const RUNS = 64
const TEXT = 'x'.repeat(1500)

const own = process.env['DATABASE_URL'] === undefined ? await startServer({ settings: ['fsync=on'] }) : undefined
const url = process.env['DATABASE_URL'] ?? own?.url() ?? ''
const client = new pg.Client(url)
await client.connect()
await client.query(`DROP SCHEMA IF EXISTS starling_bench CASCADE; CREATE SCHEMA starling_bench;
  CREATE TABLE starling_bench.bare (run_id TEXT NOT NULL, seq BIGINT NOT NULL, prev_hash BYTEA, ts BIGINT NOT NULL,
    kind INTEGER NOT NULL, payload BYTEA NOT NULL, PRIMARY KEY (run_id, seq))`)
const log = await openPostgresEventLog({ url, schema: 'starling_bench' })

// The two take turns in short blocks, so that whatever else the machine does hits both alike.
const [bare, one]: [number[], number[]] = [[], []]
const [bareEvents, oneEvents] = [events('bare'), events('one')]
for (let block = 0; block < BLOCKS; block++) {
  for (let n = 0; n < BLOCK; n++) {
    const event = bareEvents.next().value
    bare.push(await timed(1, () => insertBare(event)))
  }
  for (let n = 0; n < BLOCK; n++) {
    const event = oneEvents.next().value
    one.push(await timed(1, () => log.append('one', event)))
  }
}
const [alone, many]: [number[], number[]] = [[], []]
for (let round = 0; round < ROUNDS; round++) {
  alone.push(await timed(RUNS * 2, () => appendTo(`alone-${round}`, RUNS * 2)))
  many.push(await timed(RUNS * EVENTS, () => appendToMany(round)))
}
console.log(`bare insert, one round trip    ${format(median(bare))} µs`)
console.log(
  `append, one run                ${format(median(one))} µs   ${(median(one) / median(bare)).toFixed(2)} × the insert`,
)
console.log(
  `append, ${RUNS} runs at once       ${format(median(many))} µs   ${ratio(alone, many)} × the throughput of one`,
)

await log[Symbol.asyncDispose]()
await client.query('DROP SCHEMA starling_bench CASCADE')
await client.end()
await own?.stop()

async function insertBare({ runId, seq, prevHash, ts, kind, payload }: Event): Promise<void> {
  await client.query(
    'INSERT INTO starling_bench.bare (run_id, seq, prev_hash, ts, kind, payload) VALUES ($1, $2, $3, $4, $5, $6)',
    [runId, seq, prevHash, ts, kind, payload],
  )
}

async function appendTo(runId: string, count: number): Promise<void> {
  let left = count
  for (const event of events(runId)) {
    await log.append(runId, event)
    if (--left === 0) return
  }
}

async function appendToMany(round: number): Promise<void> {
  await Promise.all(Array.from({ length: RUNS }, (_, n) => appendTo(`many-${round}-${n}`, EVENTS)))
}

/** Yields the events of a run, each of 1.5 KB; both sides pay for the chain. */
function* events(runId: string): Generator<Event, never, undefined> {
  for (let previous: Event | undefined; ;) {
    const prevHash: Uint8Array | null = previous === undefined ? null : hashEvent(previous)
    previous = {
      runId,
      seq: (previous?.seq ?? 0) + 1,
      prevHash,
      ts: 1_795_256_961_295_544_784n,
      kind: KIND.UserMessageAppended,
      payload: encodePayload(KIND.UserMessageAppended, { content: TEXT }),
    }
    yield previous
  }
}

/** Returns the microseconds of one of `count`. */
async function timed(count: number, action: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await action()
  return ((performance.now() - start) * 1000) / count
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN
}

/** The median of the ratios of the rounds: what disturbs a round disturbs both sides of it. */
function ratio(above: readonly number[], below: readonly number[]): string {
  return median(above.map((value, round) => value / (below[round] ?? NaN))).toFixed(2)
}

function format(us: number): string {
  return us.toFixed(0).padStart(6)
}
