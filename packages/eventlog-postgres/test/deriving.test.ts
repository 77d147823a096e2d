import { chainOf, finishedRun, RunBuilder } from '@starling/eventlog/conformance'
import type { Event } from '@starling/event'
import { summarize } from '@starling/eventlog'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'

import { openPostgresEventLog } from '../src/index.ts'
import type { PostgresEventLog, PostgresEventLogOptions } from '../src/index.ts'
import { at } from './raw.ts'
import { execute, freshSchema, rowsOf, sharedServer, withClient } from './server.ts'
import type { TestServer } from './server.ts'

const RUNS = 120

let server: TestServer

beforeAll(async () => {
  server = await sharedServer()
}, 30_000)

async function open(schema: string, options: PostgresEventLogOptions = {}): Promise<PostgresEventLog> {
  const log = await openPostgresEventLog({ url: server.url(), schema, listen: false, ...options })
  onTestFinished(async () => {
    await log[Symbol.asyncDispose]()
  })
  return log
}

/** Inserts events of no meaning the way another program may, many at a time. */
async function insertMany(schema: string, runId: string, [from, to]: readonly [number, number]): Promise<void> {
  await execute(
    server.url(),
    `INSERT INTO ${schema}.eventlog_events SELECT '${runId}', n, '\\x00', n, 2, '\\xa0' FROM generate_series(${from}, ${to}) AS n`,
  )
}

/** The runs with notes that they have changed, each with the first event that has. */
async function notes(schema: string): Promise<readonly unknown[][]> {
  return rowsOf(server.url(), `SELECT run_id, from_seq::integer FROM ${schema}.starling_touched ORDER BY 1, 2`)
}

describe('while a log is derived anew', () => {
  test('listings and searches of readers and of other writers miss nothing', async () => {
    const schema = freshSchema()
    const log = await open(schema)
    const others = [await open(schema), await open(schema, { readOnly: true })]
    for (let n = 0; n < RUNS; n++) await log.append(`r${n}`, finishedRun(`r${n}`, BigInt(n)))
    expect(await log.search({ query: 'thanks', limit: RUNS })).toHaveLength(RUNS)
    const over = new AbortController()
    const seen = new Set<string>()
    const looking = others.map(async (other) => {
      while (!over.signal.aborted) {
        const { runs, totalMatching } = await other.listRuns({ limit: 0 })
        const hits = await other.search({ query: 'thanks', limit: RUNS })
        seen.add(`${runs.length} of ${totalMatching} with ${new Set(hits.map(({ runId }) => runId)).size}`)
      }
    })
    for (let round = 0; round < 3; round++) expect(await log.rebuild()).toEqual({ runs: RUNS, events: 7 * RUNS })
    over.abort()
    await Promise.all(looking)
    expect([...seen]).toEqual([`${RUNS} of ${RUNS} with ${RUNS}`])
  })

  test('a reader lists every append that was durable before', async () => {
    const schema = freshSchema()
    const [log, reader] = [await open(schema), await open(schema, { readOnly: true })]
    const durable = new Set<string>()
    const over = new AbortController()
    const writing = Array.from({ length: 4 }, async (_, writer) => {
      for (let n = 0; !over.signal.aborted; n++) {
        await log.append(`${writer}-${n}`, chainOf(`${writer}-${n}`, 2))
        durable.add(`${writer}-${n}`)
      }
    })
    const rebuilding = (async () => {
      for (let round = 0; round < 3; round++) await log.rebuild()
    })().finally(() => {
      over.abort()
    })
    while (!over.signal.aborted) {
      const expected = [...durable]
      const { runs } = await reader.listRuns({ limit: 0 })
      const listed = new Map(runs.map(({ runId, lastSeq }) => [runId, lastSeq]))
      expect(expected.filter((runId) => listed.get(runId) !== 2)).toEqual([])
    }
    await Promise.all([rebuilding, ...writing])
    expect(await log.listRuns({ limit: 0 })).toMatchObject({ totalMatching: durable.size })
  })

  test('appends to the very runs do not wait', async () => {
    const schema = freshSchema()
    const log = await open(schema)
    // What waits for longer fails, and to sum all of it up takes longer.
    const other = await open(schema, { lockTimeoutMs: 50 })
    const events = chainOf('r', 20_000)
    await log.append('r', events.slice(0, 15_000))
    await insertMany(schema, 'other', [1, 40_000])
    const over = new AbortController()
    const rebuilding = log.rebuild().finally(() => {
      over.abort()
    })
    let next = 15_000
    while (!over.signal.aborted && next < events.length) await other.append('r', at(events, next++))
    await rebuilding
    expect(await log.listRuns()).toMatchObject({
      totalMatching: 2,
      runs: expect.arrayContaining([expect.objectContaining({ runId: 'r', lastSeq: next })]),
    })
  })

  test('and runs are appended, pruned and deleted, every listing and search has what stays, once', async () => {
    const schema = freshSchema()
    const logs = [await open(schema), await open(schema)]
    const [log, other] = [at(logs, 0), at(logs, 1)]
    const reader = await open(schema, { readOnly: true })
    const stays = new Set<string>()
    const strange = new Set<string>()
    const over = new AbortController()
    const meanwhile = async (work: (n: number) => Promise<unknown>): Promise<void> => {
      for (let n = 0; !over.signal.aborted; n++) await work(n)
    }
    const look = async (each: PostgresEventLog): Promise<void> => {
      const expected = [...stays]
      const { runs, totalMatching } = await each.listRuns({ limit: 0 })
      const hits = await each.search({ query: 'thanks', limit: 100_000 })
      for (const runIds of [runs, hits].map((found) => found.map(({ runId }) => runId))) {
        const unique = new Set(runIds)
        if (unique.size < runIds.length) strange.add('twice')
        if (expected.some((runId) => !unique.has(runId))) strange.add('missing')
      }
      if (runs.length !== totalMatching) strange.add('miscounted')
    }
    const working = Promise.all([
      meanwhile(async (n) => {
        const events = finishedRun(`stays${n}`, 1000n)
        await log.append(`stays${n}`, events.slice(0, 2))
        await log.append(`stays${n}`, events.slice(2))
        stays.add(`stays${n}`)
      }),
      meanwhile((n) => other.append(`goes${n}`, finishedRun(`goes${n}`, 5n))),
      meanwhile(() => other.prune({ before: 100n, limit: 20 })),
      meanwhile(() =>
        execute(
          server.url(),
          `DELETE FROM ${schema}.eventlog_events WHERE run_id = (SELECT max(run_id) FROM ${schema}.eventlog_events WHERE run_id LIKE 'goes%')`,
        ),
      ),
      ...[log, other, reader].map((each) => meanwhile(() => look(each))),
    ]).finally(() => {
      over.abort()
    })
    for (let round = 0; round < 3 && !over.signal.aborted; round++) await log.rebuild()
    over.abort()
    await working
    expect([...strange]).toEqual([])
    const { runs, totalMatching } = await log.listRuns({ limit: 0 })
    const stored = `SELECT count(DISTINCT run_id)::integer FROM ${schema}.eventlog_events`
    expect(await rowsOf(server.url(), stored)).toEqual([[totalMatching]])
    for (const run of runs) expect(run).toEqual(summarize(await other.read(run.runId)))
  })

  test('what was there of runs that are gone, or was changed by hand, goes', async () => {
    const schema = freshSchema()
    const log = await open(schema)
    for (let n = 0; n < 3; n++) await log.append(`r${n}`, finishedRun(`r${n}`))
    expect(await log.search({ query: 'thanks' })).toHaveLength(3)
    await execute(
      server.url(),
      `SET session_replication_role = replica; DELETE FROM ${schema}.eventlog_events WHERE run_id = 'r1';
       SET session_replication_role = origin; UPDATE ${schema}.starling_counts SET runs = 9;
       INSERT INTO ${schema}.starling_search (run_id, seq, words) VALUES ('nobody', 1, 'thanks')`,
    )
    expect(await log.rebuild()).toEqual({ runs: 2, events: 14 })
    expect(await log.listRuns()).toMatchObject({ totalMatching: 2, runs: [{ runId: 'r2' }, { runId: 'r0' }] })
    expect(await rowsOf(server.url(), `SELECT DISTINCT run_id FROM ${schema}.starling_search ORDER BY 1`)).toEqual([
      ['r0'],
      ['r2'],
    ])
  })
})

describe('a run whose writer is under way', () => {
  test('is summed up as far as it is committed, and not again', async () => {
    const schema = freshSchema()
    const log = await open(schema)
    const reader = await open(schema, { readOnly: true })
    await insertMany(schema, 'r', [1, 100])
    await withClient(server.url(), async (client) => {
      await client.query('BEGIN')
      await client.query(`INSERT INTO ${schema}.eventlog_events VALUES ('r', 101, '\\x00', 101, 2, '\\xa0')`)
      for (const each of [log, reader]) expect((await each.listRuns()).runs).toMatchObject([{ lastSeq: 100 }])
      // Nothing that was committed is left to be looked at by the next listing.
      expect(await notes(schema)).toEqual([])
      await client.query('COMMIT')
    })
    // The summary goes on from there.
    expect(await notes(schema)).toEqual([['r', 101]])
    for (const each of [reader, log]) expect((await each.listRuns()).runs).toMatchObject([{ lastSeq: 101 }])
    expect(await notes(schema)).toEqual([])
  })

  test('keeps the notes of events that it adds in front of those that are summed up', async () => {
    const schema = freshSchema()
    const log = await open(schema)
    await insertMany(schema, 'r', [1, 3])
    await insertMany(schema, 'r', [6, 9])
    expect((await log.listRuns()).runs).toMatchObject([{ lastSeq: 9 }])
    await insertMany(schema, 'r', [4, 5])
    await insertMany(schema, 'r', [10, 10])
    await log.listRuns()
    const [[count] = []] = await rowsOf(server.url(), `SELECT event_count::integer FROM ${schema}.starling_runs`)
    expect(count).toBe(10)
  })
})

describe('a search', () => {
  /** A log in which more entries than are looked through first are of events that are gone. */
  async function withStaleEntries(): Promise<{ log: PostgresEventLog; reader: PostgresEventLog }> {
    const schema = freshSchema()
    const log = await open(schema)
    await log.append('old', say('old', 1))
    await log.search({ query: 'needle' })
    await log.append('gone', say('gone', 2600))
    await log.search({ query: 'needle' })
    await log.append('newer', new RunBuilder('newer').start().events)
    await execute(server.url(), `DELETE FROM ${schema}.eventlog_events WHERE run_id = 'gone'`)
    return { log, reader: await open(schema, { readOnly: true }) }
  }

  test('goes on behind thousands of entries of events that are gone', async () => {
    const { log, reader } = await withStaleEntries()
    for (const each of [reader, log]) {
      expect((await each.search({ query: 'needle' })).map(({ runId }) => runId)).toEqual(['old'])
    }
  })

  test('takes up the runs behind hundreds whose events have gone without a note', async () => {
    const schema = freshSchema()
    const log = await open(schema)
    const events = `${schema}.eventlog_events`
    await log.append('needle', say('needle', 1))
    await execute(
      server.url(),
      `INSERT INTO ${events} SELECT 'r' || n, 1, NULL, -n, 2, '\\xa0' FROM generate_series(1, 300) AS n`,
    )
    expect(await log.listRuns()).toMatchObject({ totalMatching: 301 })
    await execute(
      server.url(),
      `SET session_replication_role = replica; DELETE FROM ${events} WHERE run_id <> 'needle'`,
    )
    expect(await log.search({ query: 'needle' })).toHaveLength(1)
  })

  test('by a reader finds each event once, be it in the index or not', async () => {
    const schema = freshSchema()
    const log = await open(schema)
    const reader = await open(schema, { readOnly: true })
    const events = say('r', 20)
    await log.append('r', events.slice(0, 10))
    await log.search({ query: 'needle' })
    await log.append('r', events.slice(10))
    expect(await reader.search({ query: 'needle' })).toHaveLength(20)
    // All of the run counts as changed, and half of it is in the index.
    await execute(server.url(), `UPDATE ${schema}.eventlog_events SET ts = ts WHERE seq = 3`)
    expect(await reader.search({ query: 'needle' })).toHaveLength(20)
    expect(await reader.search({ query: 'needle', runId: 'r', kinds: [1] })).toEqual([])
  })
})

function say(runId: string, times: number): readonly Event[] {
  const run = new RunBuilder(runId).start()
  for (let n = 0; n < times; n++) run.say('needle')
  return run.events
}
