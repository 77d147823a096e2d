import { chainOf, finishedRun } from '@starling/eventlog/conformance'
import { beforeAll, describe, expect, test } from 'vitest'

import { openPostgresEventLog } from '../src/index.ts'
import type { PostgresEventLogOptions } from '../src/index.ts'
import { untilWaitingForLock } from './lock-waits.ts'
import { execute, freshSchema, rowsOf, sharedServer, withClient } from './server.ts'
import type { TestServer } from './server.ts'

// As the reference creates them.
const REFERENCE_TABLES = `
  CREATE TABLE IF NOT EXISTS $.eventlog_events (
    run_id TEXT NOT NULL, seq BIGINT NOT NULL, prev_hash BYTEA,
    ts BIGINT NOT NULL, kind INTEGER NOT NULL, payload BYTEA NOT NULL,
    PRIMARY KEY (run_id, seq)
  );
  CREATE TABLE IF NOT EXISTS $.eventlog_schema_migrations (
    version INTEGER PRIMARY KEY, applied_at TIMESTAMPTZ NOT NULL DEFAULT now()
  )`

let server: TestServer

beforeAll(async () => {
  server = await sharedServer()
}, 30_000)

describe('the two tables of the log format', () => {
  test('are exactly those of the reference, and so is the version', async () => {
    const [ours, theirs] = [freshSchema(), freshSchema()]
    await using log = await openPostgresEventLog({ url: server.url(), schema: ours })
    await execute(server.url(), `CREATE SCHEMA ${theirs}`, REFERENCE_TABLES.replaceAll('$', theirs))
    expect(await shapeOf(ours)).toEqual(await shapeOf(theirs))
    expect(await shapeOf(ours)).not.toEqual([])
    expect(await log.schemaVersion()).toBe(1)
    expect(await rowsOf(server.url(), `SELECT version FROM ${ours}.eventlog_schema_migrations`)).toEqual([[1]])
  })

  test('are in the schema public unless another is named', async () => {
    await execute(server.url(), 'CREATE DATABASE another')
    const url = server.url(undefined, undefined, 'another')
    await using log = await openPostgresEventLog({ url })
    await log.append('r', chainOf('r', 2))
    expect(await rowsOf(url, 'SELECT count(*) FROM public.eventlog_events')).toEqual([['2']])
  })

  test('may be in a schema of any name', async () => {
    const schema = `${freshSchema()} "$body$" $body1$ Ünï; --`
    await using log = await openPostgresEventLog({ url: server.url(), schema })
    await log.append('r', finishedRun('r'))
    expect((await log.listRuns()).totalMatching).toBe(1)
    expect(await log.search({ query: 'thanks' })).toHaveLength(1)
    expect(await log.prune({ before: 10n ** 18n })).toMatchObject({ runIds: ['r'] })
  })
})

describe('migrating', () => {
  test('reports what it does, once', async () => {
    const schema = freshSchema()
    await using log = await openPostgresEventLog({ url: server.url(), schema, migrate: false })
    expect(await log.schemaVersion()).toBe(0)
    expect(await log.migrate({ dryRun: true })).toEqual({ from: 0, to: 1, applied: [1], dryRun: true })
    expect(await rowsOf(server.url(), 'SELECT to_regnamespace($1)', [schema])).toEqual([[null]])
    expect(await log.migrate()).toEqual({ from: 0, to: 1, applied: [1], dryRun: false })
    expect(await log.migrate()).toEqual({ from: 1, to: 1, applied: [], dryRun: false })
    await log.append('r', chainOf('r', 1))
    expect(await log.read('r')).toHaveLength(1)
  })

  test('must come before writing, when it is not done on opening', async () => {
    const schema = freshSchema()
    await execute(server.url(), `CREATE SCHEMA ${schema}`, REFERENCE_TABLES.replaceAll('$', schema))
    await using log = await openPostgresEventLog({ url: server.url(), schema, migrate: false })
    expect(log.leases).toBeUndefined()
    expect(await log.read('r')).toEqual([])
    await expect(log.append('r', chainOf('r', 1))).rejects.toMatchObject({
      code: 'EVENTLOG_SCHEMA_OUTDATED',
      message: 'eventlog: database schema is older than this binary; run migrate: db=0 binary=1',
    })
    await log.migrate()
    await log.append('r', chainOf('r', 1))
    expect(log.leases).toBeDefined()
  })

  test('is refused to a reader', async () => {
    const schema = freshSchema()
    await using log = await openPostgresEventLog({ url: server.url(), schema, readOnly: true })
    expect(await log.migrate({ dryRun: true })).toMatchObject({ applied: [1] })
    await expect(log.migrate()).rejects.toMatchObject({ code: 'EVENTLOG_READ_ONLY' })
    await expect(log.rebuild()).rejects.toMatchObject({ code: 'EVENTLOG_READ_ONLY' })
    expect(await rowsOf(server.url(), 'SELECT to_regnamespace($1)', [schema])).toEqual([[null]])
  })

  test('is done by twelve logs at once, of which each works', async () => {
    const schema = freshSchema()
    const logs = await Promise.all(
      Array.from({ length: 12 }, () => openPostgresEventLog({ url: server.url(), schema, poolSize: 2 })),
    )
    await Promise.all(logs.map((log, n) => log.append(`r${n}`, finishedRun(`r${n}`))))
    for (const log of logs) expect((await log.listRuns()).totalMatching).toBe(12)
    await Promise.all(logs.map((log) => log[Symbol.asyncDispose]()))
  })

  test('takes up the runs that the reference has written before', async () => {
    const schema = freshSchema()
    await execute(
      server.url(),
      `CREATE SCHEMA ${schema}`,
      REFERENCE_TABLES.replaceAll('$', schema),
      `INSERT INTO ${schema}.eventlog_schema_migrations (version) VALUES (1)`,
    )
    for (const { runId, seq, prevHash, ts, kind, payload } of finishedRun('theirs')) {
      await rowsOf(server.url(), `INSERT INTO ${schema}.eventlog_events VALUES ($1, $2, $3, $4, $5, $6)`, [
        runId,
        seq,
        prevHash,
        ts,
        kind,
        payload,
      ])
    }
    await using log = await openPostgresEventLog({ url: server.url(), schema })
    expect((await log.listRuns()).runs).toMatchObject([{ runId: 'theirs', lastSeq: 7, status: 'completed' }])
    expect(await log.search({ query: 'thanks' })).toHaveLength(1)
  })
})

describe('a migration that makes derived tables anew', () => {
  test('has readers and pages of writers wait, and not see them empty', async () => {
    const schema = freshSchema()
    const named = (applicationName: string): PostgresEventLogOptions => {
      return { url: server.url(), schema, applicationName, poolSize: 1, listen: false }
    }
    await using owner = await openPostgresEventLog(named(`${schema}-owner`))
    for (let n = 0; n < 5; n++) await owner.append(`r${n}`, finishedRun(`r${n}`))
    expect(await owner.search({ query: 'thanks' })).toHaveLength(5)
    await using lister = await openPostgresEventLog({ ...named(`${schema}-lister`), readOnly: true })
    await using searcher = await openPostgresEventLog({ ...named(`${schema}-searcher`), readOnly: true })
    await using writer = await openPostgresEventLog(named(`${schema}-writer`))
    const waiting = (role: string): Promise<void> => untilWaitingForLock(server.url(), `${schema}-${role}`)
    await withClient(server.url(), async (client) => {
      // The last table that a migration removes: it waits with the others removed, and not committed.
      await client.query(`BEGIN; SELECT version FROM ${schema}.starling_state`)
      await execute(server.url(), `DROP TRIGGER starling_event_truncated ON ${schema}.eventlog_events`)
      const migrating = owner.migrate()
      await waiting('owner')
      const looking = [
        lister.listRuns().then(({ totalMatching }) => totalMatching),
        searcher.search({ query: 'thanks' }).then(({ length }) => length),
        writer.listRuns({ offset: 2 }).then(({ runs }) => runs.length),
      ]
      await Promise.all(['lister', 'searcher', 'writer'].map(waiting))
      await client.query('COMMIT')
      await migrating
      expect(await Promise.all(looking)).toEqual([5, 5, 3])
    })
  })
})

describe('what somebody has dropped of the derived tables', () => {
  test.each([
    'TABLE $.starling_search',
    'TABLE $.starling_counts',
    'TABLE $.starling_touched',
    'TABLE $.starling_runs',
    'TABLE $.starling_leases',
    'FUNCTION $.starling_append_one',
    'FUNCTION $.starling_append_two',
    'FUNCTION $.starling_touch',
    'TRIGGER starling_event_inserted ON $.eventlog_events',
  ])('%s, is there again after a migration, under the open log', async (what) => {
    const schema = freshSchema()
    await using log = await openPostgresEventLog({ url: server.url(), schema })
    await log.append('r', finishedRun('r'))
    expect(await log.search({ query: 'thanks' })).toHaveLength(1)
    await execute(server.url(), `DROP ${what.replace('$', schema)} CASCADE`)
    await using reader = await openPostgresEventLog({ url: server.url(), schema, readOnly: true })
    expect(await reader.listRuns()).toMatchObject({ totalMatching: 1 })
    await log.migrate()
    await log.append('s', finishedRun('s'))
    expect(await log.listRuns()).toMatchObject({ totalMatching: 2 })
    expect(await log.search({ query: 'thanks' })).toHaveLength(2)
    expect(await log.rebuild()).toMatchObject({ runs: 2 })
  })
})

/** The columns, keys and defaults of the two tables. */
async function shapeOf(schema: string): Promise<readonly unknown[][]> {
  return rowsOf(
    server.url(),
    `SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attcollation::regcollation::text,
       pg_get_expr(d.adbin, d.adrelid), (SELECT string_agg(pg_get_constraintdef(oid), ';' ORDER BY conname)
         FROM pg_constraint WHERE conrelid = c.oid AND contype = 'p')
     FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
     LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
     WHERE c.relnamespace = $1::regnamespace AND c.relname LIKE 'eventlog%' AND c.relkind = 'r' ORDER BY 1, a.attnum`,
    [schema],
  )
}
