import { formatUlid } from '@starling/event'
import { validateRun } from '@starling/eventlog'
import { chainOf, finishedRun } from '@starling/eventlog/conformance'
import { beforeAll, expect, onTestFinished, test } from 'vitest'

import { openPostgresEventLog } from '../src/index.ts'
import type { PostgresEventLog } from '../src/index.ts'
import { insertLikeReference } from './raw.ts'
import { freshSchema, rowsOf, sharedServer, withClient } from './server.ts'
import type { TestServer } from './server.ts'

const JANUARY = Date.UTC(2026, 0)
const FEBRUARY = Date.UTC(2026, 1)
const MARCH = Date.UTC(2026, 2)

let server: TestServer

beforeAll(async () => {
  server = await sharedServer()
}, 30_000)

async function open(): Promise<{ log: PostgresEventLog; schema: string }> {
  const schema = freshSchema()
  const log = await openPostgresEventLog({ url: server.url(), schema, partitioned: true })
  onTestFinished(async () => {
    await log[Symbol.asyncDispose]()
  })
  return { log, schema }
}

/** The id of a run that began at a time, in milliseconds since the epoch. */
function idAt(ms: number, random = 7): string {
  return formatUlid(ms, new Uint8Array(10).fill(random))
}

/** How many runs each partition holds, by the partition's own table. */
async function partitionsOf(schema: string): Promise<ReadonlyMap<string, number>> {
  const rows = await rowsOf(
    server.url(),
    `SELECT tableoid::regclass::text, count(DISTINCT run_id)::integer FROM ${schema}.eventlog_events GROUP BY 1`,
  )
  return new Map(rows.map(([table, runs]) => [String(table).replace(`${schema}.`, ''), Number(runs)]))
}

test('a run is in the partition of the time in its id, whole, and others are in the default one', async () => {
  const { log, schema } = await open()
  const january = await log.partitions.add({ from: JANUARY, to: FEBRUARY })
  const february = await log.partitions.add({ from: FEBRUARY, to: MARCH })
  const tenant = await log.partitions.add({ from: JANUARY, to: FEBRUARY, namespace: "tenant's" })
  expect(await log.partitions.list()).toEqual(expect.arrayContaining([january, february, tenant]))
  const ids = [JANUARY, FEBRUARY - 1, FEBRUARY, MARCH].map((ms) => idAt(ms))
  for (const runId of [...ids, `tenant's/${idAt(JANUARY)}`, 'by hand']) await log.append(runId, finishedRun(runId))
  expect(await partitionsOf(schema)).toEqual(
    new Map([
      [january.table, 2],
      [february.table, 1],
      [tenant.table, 1],
      ['eventlog_events_default', 2],
    ]),
  )
  for (const runId of ids) expect(await validateRun(log, runId)).toMatchObject({ status: 'ok', events: 7 })
})

test('old partitions are dropped, with everything that was derived from them', async () => {
  const { log, schema } = await open()
  const january = await log.partitions.add({ from: JANUARY, to: FEBRUARY })
  await log.partitions.add({ from: FEBRUARY, to: MARCH })
  for (const ms of [JANUARY, JANUARY + 1, FEBRUARY]) await log.append(idAt(ms), finishedRun(idAt(ms)))
  expect(await log.search({ query: 'thanks' })).toHaveLength(3)
  const plan = await log.partitions.drop({ before: FEBRUARY, dryRun: true })
  expect(plan).toEqual({ dropped: [january], kept: [], deletedRuns: 0, dryRun: true })
  expect((await log.listRuns()).totalMatching).toBe(3)
  expect(await log.partitions.drop({ before: MARCH - 1 })).toEqual({
    dropped: [january],
    kept: [],
    deletedRuns: 2,
    dryRun: false,
  })
  expect((await log.listRuns()).runs).toMatchObject([{ runId: idAt(FEBRUARY) }])
  expect(await log.search({ query: 'thanks' })).toHaveLength(1)
  expect(await rowsOf(server.url(), `SELECT count(*)::integer FROM ${schema}.eventlog_events`)).toEqual([[7]])
  await log.append(idAt(JANUARY), finishedRun(idAt(JANUARY)))
  expect(await log.read(idAt(JANUARY))).toHaveLength(7)
})

test('a partition with a run in progress or under a lease is kept, and said to be', async () => {
  const { log } = await open()
  const january = await log.partitions.add({ from: JANUARY, to: FEBRUARY })
  const february = await log.partitions.add({ from: FEBRUARY, to: MARCH })
  const [open1, leased] = [idAt(JANUARY), idAt(FEBRUARY)]
  await log.append(open1, finishedRun(open1).slice(0, 6))
  await log.append(leased, finishedRun(leased))
  const lease = await log.leases?.acquire(leased, { owner: 'me', ttlMs: 60_000 })
  expect(await log.partitions.drop({ before: MARCH })).toMatchObject({ dropped: [], kept: [january, february] })
  await log.append(open1, finishedRun(open1).slice(6))
  if (lease !== undefined) await log.leases?.release(lease)
  expect(await log.partitions.drop({ before: MARCH })).toMatchObject({ dropped: [january, february], deletedRuns: 2 })
  expect((await log.listRuns()).totalMatching).toBe(0)
})

test('the reference reads and writes a partitioned log like any other', async () => {
  const { log, schema } = await open()
  await log.partitions.add({ from: JANUARY, to: FEBRUARY })
  const runId = idAt(JANUARY)
  await withClient(server.url(), (client) => insertLikeReference(client, schema, finishedRun(runId)))
  expect(await validateRun(log, runId)).toMatchObject({ status: 'ok' })
  expect((await log.listRuns()).runs).toMatchObject([{ runId, lastSeq: 7 }])
  await expect(
    withClient(server.url(), (client) => insertLikeReference(client, schema, finishedRun(runId).slice(0, 1))),
  ).rejects.toThrow('duplicate key')
})

test('a partition over another one, for runs that there are, or of no time is refused', async () => {
  const { log } = await open()
  await log.partitions.add({ from: JANUARY, to: FEBRUARY })
  await log.append(idAt(MARCH), chainOf(idAt(MARCH), 1))
  for (const options of [
    { from: JANUARY, to: FEBRUARY },
    { from: JANUARY + 5, to: MARCH },
    { from: MARCH, to: MARCH + 1 },
    { from: MARCH, to: FEBRUARY },
    { from: -1, to: FEBRUARY },
    { from: JANUARY, to: 2 ** 48 },
  ]) {
    await expect(log.partitions.add(options)).rejects.toMatchObject({ code: 'EVENTLOG_INVALID_OPTIONS' })
  }
  expect(await log.partitions.list()).toHaveLength(1)
})

test('a log without partitions has none, and drops none', async () => {
  await using log = await openPostgresEventLog({ url: server.url(), schema: freshSchema() })
  expect(await log.partitions.list()).toEqual([])
  expect(await log.partitions.drop({ before: MARCH })).toMatchObject({ dropped: [], kept: [] })
  await expect(log.partitions.add({ from: JANUARY, to: FEBRUARY })).rejects.toMatchObject({
    code: 'EVENTLOG_INVALID_OPTIONS',
  })
})

test('a partition is dropped beside appends, listings and searches without anybody in the way of another', async () => {
  const schema = freshSchema()
  // Who waits for each other would do so for as long as a lock is waited for, and fail.
  const url = `${server.url()}?options=${encodeURIComponent('-c deadlock_timeout=60000')}`
  const openLog = (readOnly = false): Promise<PostgresEventLog> =>
    openPostgresEventLog({ url, schema, readOnly, partitioned: true, listen: false, lockTimeoutMs: 2000 })
  await using log = await openLog()
  await using other = await openLog()
  await using reader = await openLog(true)
  const over = new AbortController()
  let appended = 0
  const whileDropping = async (work: () => Promise<unknown>): Promise<void> => {
    while (!over.signal.aborted) await work()
  }
  const working = Promise.allSettled([
    whileDropping(async () => {
      const runId = `r${appended++}`
      await other.append(runId, finishedRun(runId))
    }),
    whileDropping(() => reader.listRuns({ limit: 5 })),
    whileDropping(() => other.search({ query: 'thanks', limit: 5 })),
  ])
  try {
    for (let n = 0; n < 8; n++) {
      const { table } = await log.partitions.add({ from: JANUARY + n, to: JANUARY + n + 1 })
      await other.append(idAt(JANUARY + n), finishedRun(idAt(JANUARY + n)))
      expect(await log.partitions.drop({ before: FEBRUARY })).toMatchObject({ dropped: [{ table }], deletedRuns: 1 })
    }
  } finally {
    over.abort()
  }
  expect((await working).map(({ status }) => status)).toEqual(Array(3).fill('fulfilled'))
  expect(await log.listRuns()).toMatchObject({ totalMatching: appended })
})
