import { createServer } from 'node:net'

import { chainOf } from '@starling/eventlog/conformance'
import pg from 'pg'
import { beforeAll, describe, expect, test } from 'vitest'

import { openPostgresEventLog } from '../src/index.ts'
import type { PostgresEventLogOptions } from '../src/index.ts'
import { execute, freshSchema, rowsOf, sharedServer, startServer } from './server.ts'
import type { TestServer } from './server.ts'

let server: TestServer

beforeAll(async () => {
  server = await sharedServer()
}, 30_000)

/** Opens a log, which has to fail, and returns how it did. */
async function failureOf(options: PostgresEventLogOptions): Promise<{ code: unknown; message: string; all: string }> {
  try {
    const log = await openPostgresEventLog(options)
    await log[Symbol.asyncDispose]()
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const causes = [error, error.cause].map((each) => `${String(each)} ${JSON.stringify(each)}`)
    return { code: 'code' in error ? error.code : undefined, message: error.message, all: causes.join('\n') }
  }
  throw new Error('expected the log not to open')
}

describe('what keeps a log from opening is said in one line', () => {
  test('a server that is not there', async () => {
    const { code, message } = await failureOf({ url: 'postgres://user:secret@127.0.0.1:1/db' })
    expect(code).toBe('EVENTLOG_OPEN_FAILED')
    expect(message).toBe(
      'eventlog/postgres: 127.0.0.1:1/db: the server cannot be reached (ECONNREFUSED: connect ECONNREFUSED 127.0.0.1:1)',
    )
  })

  test('a host that there is not', async () => {
    const { code, message } = await failureOf({ url: 'postgres://user:secret@nowhere.invalid/db' })
    expect(code).toBe('EVENTLOG_OPEN_FAILED')
    expect(message).toMatch(/^eventlog\/postgres: nowhere\.invalid:5432\/db: the server cannot be reached \(/)
  })

  test('a server that does not answer in time', async () => {
    const silent = createServer(() => undefined)
    await new Promise<void>((resolve) => {
      silent.listen(0, '127.0.0.1', resolve)
    })
    const address = silent.address()
    const port = typeof address === 'object' ? address?.port : 0
    const { code, message } = await failureOf({ url: `postgres://u@127.0.0.1:${port}/db`, connectTimeoutMs: 50 })
    silent.close()
    expect(code).toBe('EVENTLOG_OPEN_FAILED')
    expect(message).toMatch(/the server cannot be reached \(.*(timeout|expired)/)
  })

  test('a wrong password, which is not shown', async () => {
    const { code, message, all } = await failureOf({ url: server.url('postgres', 'sesame-open') })
    expect(code).toBe('EVENTLOG_OPEN_FAILED')
    expect(message).toMatch(
      /^eventlog\/postgres: 127\.0\.0\.1:\d+\/postgres: the server refuses this user or password \(28P01: .*\)$/,
    )
    expect(all).not.toContain('sesame')
  })

  test('a password that is missing', async () => {
    const { code, message } = await failureOf({ url: `postgres://postgres@127.0.0.1:${server.port}/postgres` })
    expect(code).toBe('EVENTLOG_OPEN_FAILED')
    expect(message).toContain('the server refuses this user or password')
  })

  test('a database that there is not', async () => {
    const { code, message } = await failureOf({ url: server.url(undefined, undefined, 'nowhere') })
    expect(code).toBe('EVENTLOG_OPEN_FAILED')
    expect(message).toMatch(/\/nowhere: there is no such database \(3D000: /)
  })

  test('a URL that is none, without what was in it', async () => {
    const { code, all } = await failureOf({ url: 'postgres://user:hidden@host:port:/x' })
    expect(code).toBe('EVENTLOG_OPEN_FAILED')
    expect(all).not.toContain('hidden')
  })

  test('TLS that the server does not speak', async () => {
    const { code, message } = await failureOf({ url: server.url(), ssl: true })
    expect(code).toBe('EVENTLOG_OPEN_FAILED')
    expect(message).toContain('the connection cannot be encrypted as asked for (The server does not support SSL')
  })

  test('options that contradict each other, or are out of range', async () => {
    const url = server.url()
    const wrong: readonly PostgresEventLogOptions[] = [
      {},
      { url, connection: {} },
      { url, poolSize: 0 },
      { url, schema: '' },
      { url, lockTimeoutMs: -1 },
      { url, pollIntervalMs: 0 },
      { url, allowNewerSchema: true },
    ]
    for (const options of wrong) expect((await failureOf(options)).code).toBe('EVENTLOG_INVALID_OPTIONS')
  })

  test('no connection left', async () => {
    const own = await startServer({ settings: ['max_connections=5', 'superuser_reserved_connections=0'] })
    const clients = Array.from({ length: 5 }, () => new pg.Client(own.url()))
    for (const client of clients) client.on('error', () => undefined)
    await Promise.all(clients.map((client) => client.connect()))
    const { code, message } = await failureOf({ url: own.url() })
    await Promise.all(clients.map((client) => client.end()))
    await own.stop()
    expect(code).toBe('EVENTLOG_BUSY')
    expect(message).toContain('the server has no connection left (53300: ')
  })
})

describe('a schema that is not ours is refused, and nothing in it is changed', () => {
  test.each([
    [
      'a table of events of another shape',
      'CREATE TABLE $.eventlog_events (id integer, seq bigint, payload jsonb)',
      'EVENTLOG_OPEN_FAILED',
      /its table .*\.eventlog_events is not an event log, it lacks run_id, prev_hash, ts, kind$/,
    ],
    [
      'a table of events with a column of another type',
      `CREATE TABLE $.eventlog_events
         (run_id text, seq bigint, prev_hash bytea, ts timestamptz, kind integer, payload bytea)`,
      'EVENTLOG_OPEN_FAILED',
      /its ts is timestamp with time zone and not bigint$/,
    ],
    [
      'a table of versions that is none',
      'CREATE TABLE $.eventlog_schema_migrations (name text)',
      'EVENTLOG_OPEN_FAILED',
      /its table .*\.eventlog_schema_migrations is not one of schema versions, it lacks an integer version$/,
    ],
    [
      'a newer schema',
      'CREATE TABLE $.eventlog_schema_migrations (version integer); INSERT INTO $.eventlog_schema_migrations VALUES (1), (2)',
      'EVENTLOG_SCHEMA_TOO_NEW',
      /^eventlog: database schema is newer than this binary: db=2 binary=1; use a newer starling for 127/,
    ],
    [
      'newer derived tables',
      'CREATE TABLE $.starling_state (version integer); INSERT INTO $.starling_state VALUES (99); CREATE TABLE $.starling_runs ()',
      'EVENTLOG_SCHEMA_TOO_NEW',
      /^eventlog: database schema is newer than this binary: derived tables db=99 binary=\d+; /,
    ],
    [
      'a view where a table of ours goes',
      'CREATE VIEW $.starling_runs AS SELECT 1 AS one',
      'EVENTLOG_OPEN_FAILED',
      /starling_runs/,
    ],
  ])('%s', async (...[, statements, code, message]) => {
    const schema = freshSchema()
    await execute(server.url(), `CREATE SCHEMA ${schema}`, statements.replaceAll('$', schema))
    const before = await contentsOf(schema)
    const failure = await failureOf({ url: server.url(), schema })
    expect(failure).toMatchObject({ code, message: expect.stringMatching(message) })
    expect(failure.message).not.toContain('\n')
    expect(await contentsOf(schema)).toEqual(before)
  })

  test('also by a reader, when it is newer', async () => {
    const schema = freshSchema()
    await execute(
      server.url(),
      `CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.eventlog_schema_migrations (version integer);
       INSERT INTO ${schema}.eventlog_schema_migrations VALUES (2)`,
    )
    expect((await failureOf({ url: server.url(), schema, readOnly: true })).code).toBe('EVENTLOG_SCHEMA_TOO_NEW')
  })

  test('but a newer one can be looked at by a reader that asks for it', async () => {
    const schema = freshSchema()
    {
      await using log = await openPostgresEventLog({ url: server.url(), schema })
      await log.append('r', chainOf('r', 3))
    }
    await execute(server.url(), `INSERT INTO ${schema}.eventlog_schema_migrations VALUES (7)`)
    await using log = await openPostgresEventLog({
      url: server.url(),
      schema,
      readOnly: true,
      allowNewerSchema: true,
    })
    expect(await log.schemaVersion()).toBe(7)
    expect(await log.read('r')).toHaveLength(3)
    await expect(log.migrate({ dryRun: true })).rejects.toMatchObject({ code: 'EVENTLOG_SCHEMA_TOO_NEW' })
  })
})

test('a table that somebody drops under an open log is said to be missing', async () => {
  const schema = freshSchema()
  await using log = await openPostgresEventLog({ url: server.url(), schema })
  await log.append('r', chainOf('r', 1))
  await execute(server.url(), `DROP SCHEMA ${schema} CASCADE`)
  await expect(log.read('r')).rejects.toMatchObject({
    code: 'EVENTLOG_SCHEMA_OUTDATED',
    message: expect.stringContaining('a table is missing; run migrate (42P01: '),
  })
  await expect(log.append('s', chainOf('s', 1))).rejects.toMatchObject({ code: 'EVENTLOG_SCHEMA_OUTDATED' })
})

/** Describes everything in a schema: names, kinds, columns and how many rows. */
async function contentsOf(schema: string): Promise<readonly unknown[][]> {
  return rowsOf(
    server.url(),
    `SELECT c.relname, c.relkind, c.reltuples, a.attname, format_type(a.atttypid, a.atttypmod)
     FROM pg_class AS c LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
     WHERE c.relnamespace = $1::regnamespace ORDER BY 1, a.attnum`,
    [schema],
  )
}
