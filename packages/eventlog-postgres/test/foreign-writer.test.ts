import { readFileSync } from 'node:fs'

import { summarize, validateRun } from '@starling/eventlog'
import { chainOf, finishedRun, RunBuilder } from '@starling/eventlog/conformance'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'

import { openPostgresEventLog } from '../src/index.ts'
import type { PostgresEventLog } from '../src/index.ts'
import { at, insertLikeReference, nextEvent } from './raw.ts'
import { execute, freshSchema, rowsOf, sharedServer, withClient } from './server.ts'
import type { TestServer } from './server.ts'

interface Observations {
  readonly checks: readonly { readonly check: string; readonly validate?: string; readonly error?: string }[]
  readonly listing: { readonly run_ids: readonly string[]; readonly queries: readonly Query[] }
}

interface Query {
  readonly query?: string
  readonly run_ids?: readonly string[]
}

const FILE = new URL('fixtures/observations.json', import.meta.url)
const { checks, listing } = JSON.parse(readFileSync(FILE, 'utf8')) as Observations

let server: TestServer

beforeAll(async () => {
  server = await sharedServer()
}, 30_000)

async function open(): Promise<{ log: PostgresEventLog; reader: PostgresEventLog; schema: string; events: string }> {
  const schema = freshSchema()
  const log = await openPostgresEventLog({ url: server.url(), schema, poolSize: 2, listen: false })
  const reader = await openPostgresEventLog({ url: server.url(), schema, poolSize: 2, readOnly: true })
  onTestFinished(async () => {
    await log[Symbol.asyncDispose]()
    await reader[Symbol.asyncDispose]()
  })
  return { log, reader, schema, events: `${schema}.eventlog_events` }
}

function observed(check: string): string | undefined {
  const found = checks.find((each) => each.check.startsWith(check))
  return found?.validate ?? found?.error
}

describe('what the reference was seen to do with Postgres', () => {
  test('the first link is stored as NULL, and an empty one in its place breaks the run', async () => {
    const { log, events } = await open()
    await log.append('r', finishedRun('r'))
    expect(await rowsOf(server.url(), `SELECT prev_hash FROM ${events} WHERE seq = 1`)).toEqual([[null]])
    await execute(server.url(), `UPDATE ${events} SET prev_hash = '' WHERE seq = 1`)
    const { status, reason } = await validateRun(log, 'r')
    expect(status).toBe('corrupt')
    expect(reason).toBe(observed('prev_hash of the first event overwritten'))
  })

  test('a run whose last kind is stored as 256 and more can be continued, as kinds count modulo 256', async () => {
    const { log, schema, events } = await open()
    const run = chainOf('r', 4)
    await log.append('r', run.slice(0, 2))
    await execute(server.url(), `UPDATE ${events} SET kind = kind + 256 * seq`)
    await using other = await openPostgresEventLog({ url: server.url(), schema, poolSize: 2, listen: false })
    await other.append('r', at(run, 2))
    await log.append('r', at(run, 3))
    expect(await log.read('r')).toEqual(run)
  })

  test('an append that the server would refuse for ever fails instead of being tried for ever', async () => {
    const { log, schema, events } = await open()
    const run = chainOf('r', 2)
    await log.append('r', at(run, 0))
    const [source] = await rowsOf(server.url(), `SELECT pg_get_functiondef('${schema}.starling_append'::regproc)`)
    await execute(server.url(), String(source?.[0]).replace('int8send(last.ts)', 'int8send(last.ts + 1)'))
    const [single] = await rowsOf(server.url(), `SELECT pg_get_functiondef('${schema}.starling_append_one'::regproc)`)
    await execute(server.url(), String(single?.[0]).replace('int8send(last.ts)', 'int8send(last.ts + 1)'))
    await expect(log.append('r', at(run, 1))).rejects.toMatchObject({
      code: 'EVENTLOG_STORAGE',
      message: expect.stringContaining('the server does not recognise event 1 of run "r"'),
    })
    expect(await rowsOf(server.url(), `SELECT count(*)::integer FROM ${events}`)).toEqual([[1]])
  })

  test('an append with a stale seq is refused with the same words', async () => {
    const { log } = await open()
    const events = chainOf('r', 4)
    await log.append('r', events)
    const message = observed('append of an event with a stale seq')
    await expect(log.append('r', at(events, 1))).rejects.toThrow(message ?? 'no such observation')
  })

  test('a query finds the runs that it finds there, but for wildcards, which are letters here', async () => {
    const { log } = await open()
    for (const runId of listing.run_ids) await log.append(runId, chainOf(runId, 1))
    const plain = listing.queries.filter(({ query }) => query !== undefined && !/[%_]/.test(query))
    expect(plain.length).toBeGreaterThan(4)
    for (const { query, run_ids: runIds = [] } of plain) {
      const { runs } = await log.listRuns({ query })
      expect(runs.map(({ runId }) => runId).toSorted()).toEqual(runIds.toSorted())
    }
    expect((await log.listRuns({ query: '%' })).runs.map(({ runId }) => runId)).toEqual(['100%_x'])
  })
})

describe('events of another program', () => {
  test('show in the next read, listing, summary and search, of a writer and of a reader', async () => {
    const { log, reader, schema } = await open()
    const events = finishedRun('theirs')
    await log.append('ours', finishedRun('ours'))
    expect((await log.listRuns()).totalMatching).toBe(1)
    await withClient(server.url(), async (client) => {
      for (const [index, event] of events.entries()) {
        await insertLikeReference(client, schema, [event])
        for (const each of [reader, log]) {
          expect(await each.read('theirs')).toEqual(events.slice(0, index + 1))
          expect(await each.summary('theirs')).toEqual(summarize(events.slice(0, index + 1)))
          expect((await each.listRuns({ query: 'theirs' })).runs).toEqual([summarize(events.slice(0, index + 1))])
          expect((await each.search({ query: 'thanks', runId: 'theirs' })).length).toBe(index < 5 ? 0 : 1)
        }
      }
    })
    for (const each of [reader, log]) expect(await validateRun(each, 'theirs')).toMatchObject({ status: 'ok' })
  })

  test('may come in turn with ours in one run, which stays whole', async () => {
    const { log, schema } = await open()
    const events = chainOf('r', 20)
    await withClient(server.url(), async (client) => {
      for (const [index, event] of events.entries()) {
        if (index % 3 === 0) await insertLikeReference(client, schema, [event])
        else await log.append('r', event)
      }
    })
    expect(await log.read('r')).toEqual(events)
    expect(await validateRun(log, 'r')).toMatchObject({ status: 'open', events: 20 })
  })

  test('wait for our append, and ours for theirs', async () => {
    const { log, schema } = await open()
    const events = chainOf('r', 2)
    await withClient(server.url(), async (client) => {
      await client.query('BEGIN')
      await client.query("SELECT pg_advisory_xact_lock(hashtextextended('r', 0))")
      const late = log.append('r', events.slice(0, 1))
      late.catch(() => undefined)
      const { runId, seq, prevHash, ts, kind, payload } = at(events, 0)
      await client.query(`INSERT INTO ${schema}.eventlog_events VALUES ($1, $2, $3, $4, $5, $6)`, [
        runId,
        seq,
        prevHash,
        ts,
        kind,
        payload,
      ])
      await client.query('COMMIT')
      await expect(late).rejects.toMatchObject({
        code: 'EVENTLOG_INVALID_APPEND',
        message: 'eventlog: invalid append: expected Seq=2, got 1',
      })
    })
    expect(await log.read('r')).toHaveLength(1)
  })

  test('that are changed or deleted show, too, and so does a truncated table', async () => {
    const { log, reader, events } = await open()
    for (const runId of ['one', 'two']) await log.append(runId, finishedRun(runId))
    for (const each of [log, reader]) expect(await each.search({ query: 'thanks' })).toHaveLength(2)
    await execute(server.url(), `DELETE FROM ${events} WHERE run_id = 'one' AND seq > 5`)
    for (const each of [reader, log]) {
      expect(await each.summary('one')).toMatchObject({ lastSeq: 5, status: 'in progress' })
      expect(await each.search({ query: 'thanks' })).toHaveLength(1)
      expect((await each.listRuns({ status: 'completed' })).totalMatching).toBe(1)
    }
    await execute(server.url(), `UPDATE ${events} SET run_id = 'three' WHERE run_id = 'two'`)
    for (const each of [reader, log]) {
      expect((await each.listRuns()).runs.map(({ runId }) => runId)).toEqual(['three', 'one'])
      expect((await each.search({ query: 'thanks' })).map(({ runId }) => runId)).toEqual(['three'])
    }
    await execute(server.url(), `TRUNCATE ${events}`)
    for (const each of [reader, log]) {
      expect((await each.listRuns()).totalMatching).toBe(0)
      expect(await each.search({ query: 'thanks' })).toEqual([])
    }
  })

  test('that replace the last event of a run are noticed by the next append', async () => {
    const { log, events } = await open()
    const run = chainOf('r', 3)
    await log.append('r', run.slice(0, 2))
    await execute(server.url(), `UPDATE ${events} SET ts = ts + 1 WHERE seq = 2`)
    await expect(log.append('r', at(run, 2))).rejects.toMatchObject({
      message: 'eventlog: invalid append: PrevHash does not match prior event hash',
    })
    await execute(server.url(), `UPDATE ${events} SET ts = ts - 1 WHERE seq = 2`)
    await log.append('r', at(run, 2))
    await execute(server.url(), `DELETE FROM ${events} WHERE seq = 3`)
    const [, second] = await log.read('r')
    await log.append('r', nextEvent(second ?? at(run, 1)))
    expect(await log.read('r')).toHaveLength(3)
  })

  test('that are under way are not listed yet, and are as soon as they are committed', async () => {
    const { log, schema } = await open()
    const [first, second] = chainOf('r', 2)
    await withClient(server.url(), async (client) => {
      await insertLikeReference(client, schema, first === undefined ? [] : [first])
      await client.query('BEGIN')
      await client.query(`INSERT INTO ${schema}.eventlog_events VALUES ('r', 2, $1, 5, 2, $2)`, [
        second?.prevHash,
        second?.payload,
      ])
      for (let times = 0; times < 2; times++) {
        expect((await log.listRuns()).runs).toMatchObject([{ runId: 'r', lastSeq: 1 }])
      }
      await client.query('COMMIT')
    })
    expect((await log.listRuns()).runs).toMatchObject([{ runId: 'r', lastSeq: 2 }])
  })

  test('without a run id are listed, searched and summed up anew as any others', async () => {
    const { log, reader, events } = await open()
    await log.append('r', finishedRun('r'))
    await execute(server.url(), `INSERT INTO ${events} SELECT '', seq, prev_hash, ts, kind, payload FROM ${events}`)
    for (const each of [reader, log]) {
      expect(await each.listRuns()).toMatchObject({ totalMatching: 2 })
      expect(await each.search({ query: 'thanks' })).toHaveLength(2)
    }
    expect(await log.rebuild()).toEqual({ runs: 2, events: 14 })
    expect((await log.listRuns()).runs).toMatchObject([
      { runId: 'r', lastSeq: 7 },
      { runId: '', lastSeq: 7 },
    ])
  })

  test('with kinds beyond a byte read as the reference reads them', async () => {
    const { log, events } = await open()
    await log.append('r', finishedRun('r'))
    await execute(server.url(), `UPDATE ${events} SET kind = kind + 256 WHERE seq = 7`)
    expect((await log.read('r')).at(-1)?.kind).toBe(12)
    expect(await log.summary('r')).toMatchObject({ status: 'completed', lastKind: 12 })
  })
})

describe('a schema without tables of ours', () => {
  test('is read, listed, searched and validated by a reader, which changes nothing', async () => {
    const { log, schema, events } = await open()
    const runs = [finishedRun('a', 5n), finishedRun('b', 6n), new RunBuilder('c', 7n).start().fail('no').events]
    for (const run of runs) await log.append(at(run, 0).runId, run)
    await execute(
      server.url(),
      `DROP TABLE ${schema}.starling_runs, ${schema}.starling_touched, ${schema}.starling_state,
         ${schema}.starling_counts, ${schema}.starling_search, ${schema}.starling_leases;
       DROP FUNCTION ${schema}.starling_touch CASCADE; DROP FUNCTION ${schema}.starling_touch_one CASCADE;
       DROP FUNCTION ${schema}.starling_append, ${schema}.starling_append_one, ${schema}.starling_append_two`,
    )
    await using reader = await openPostgresEventLog({ url: server.url(), schema, readOnly: true })
    expect((await reader.listRuns()).runs).toEqual(runs.map((run) => summarize(run)).toReversed())
    expect((await reader.listRuns({ status: 'failed' })).totalMatching).toBe(1)
    expect(await reader.summary('a')).toEqual(summarize(at(runs, 0)))
    expect(await reader.search({ query: 'thanks' })).toHaveLength(2)
    expect(await reader.prune({ before: 7n, dryRun: true })).toMatchObject({ runIds: ['a', 'b'] })
    await execute(server.url(), `DELETE FROM ${events} WHERE run_id = 'a'`)
    expect((await reader.listRuns()).totalMatching).toBe(2)
    await using writer = await openPostgresEventLog({ url: server.url(), schema })
    expect((await writer.listRuns()).runs).toEqual([summarize(at(runs, 2)), summarize(at(runs, 1))])
  })
})
