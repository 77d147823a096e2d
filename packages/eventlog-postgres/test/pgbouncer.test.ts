import { validateRun } from '@starling/eventlog'
import { chainOf, describeEventLog, finishedRun } from '@starling/eventlog/conformance'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'

import { openPostgresEventLog } from '../src/index.ts'
import type { PostgresEventLog, PostgresEventLogOptions } from '../src/index.ts'
import { findPgBouncer, startPgBouncer } from './pgbouncer.ts'
import type { PgBouncer } from './pgbouncer.ts'
import { recycledSchemas } from './recycled-schemas.ts'
import { freshSchema, rowsOf, sharedServer, withClient } from './server.ts'
import type { TestServer } from './server.ts'

const found = findPgBouncer(process.env)
// The summary of the test command shows this title where the tests cannot run.
const reason = found.missing === undefined ? '' : ` (${found.missing})`

describe.skipIf(found.path === undefined)(`behind PgBouncer in transaction mode${reason}`, () => {
  let server: TestServer
  let bouncer: PgBouncer

  beforeAll(async () => {
    server = await sharedServer()
    bouncer = await startPgBouncer(found.path ?? '', server.port, 5)
  }, 30_000)

  afterAll(async () => {
    await bouncer[Symbol.asyncDispose]()
  })

  async function open(options: PostgresEventLogOptions = {}): Promise<PostgresEventLog> {
    const log = await openPostgresEventLog({ url: bouncer.url(), schema: freshSchema(), ...options })
    onTestFinished(async () => {
      await log[Symbol.asyncDispose]()
    })
    return log
  }

  test('sixty-four runs append at once through five connections of the server', async () => {
    const log = await open({ poolSize: 20 })
    const runs = Array.from({ length: 64 }, (_, n) => finishedRun(`run-${n}`))
    await Promise.all(
      runs.map(async (events, n) => {
        for (const event of events) await log.append(`run-${n}`, event)
      }),
    )
    for (let n = 0; n < 64; n++) expect(await validateRun(log, `run-${n}`)).toMatchObject({ status: 'ok' })
    expect((await log.listRuns()).totalMatching).toBe(64)
    expect(await log.search({ query: 'thanks', limit: 100 })).toHaveLength(64)
  })

  test('two logs see what the other appends, in streams that nobody has to announce anything to', async () => {
    const schema = freshSchema()
    const [one, two] = [await open({ schema }), await open({ schema, pollIntervalMs: 5 })]
    const events = finishedRun('r')
    const streamed = (async () => {
      const seen = []
      for await (const event of two.stream('r')) seen.push(event)
      return seen
    })()
    for (const event of events) await one.append('r', event)
    expect(await streamed).toEqual(events)
  })

  test('leases are fenced', async () => {
    const log = await open()
    const old = await log.leases?.acquire('r', { owner: 'a', ttlMs: 60_000 })
    await log.leases?.acquire('r', { owner: 'a', ttlMs: 60_000 })
    await expect(log.append('r', chainOf('r', 1), { fence: old })).rejects.toMatchObject({ code: 'EVENTLOG_FENCED' })
  })

  test('a lock that is held too long is given up, and no setting of ours stays in a connection', async () => {
    const log = await open({ lockTimeoutMs: 50 })
    await withClient(server.url(), async (client) => {
      await client.query("BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('r', 0))")
      await expect(log.append('r', chainOf('r', 1))).rejects.toMatchObject({ code: 'EVENTLOG_BUSY' })
      await client.query('ROLLBACK')
    })
    const pool = new pg.Pool({ connectionString: bouncer.url(), max: 5 })
    const settings = await Promise.all(
      Array.from({ length: 5 }, () => pool.query("SELECT current_setting('lock_timeout') AS value, pg_sleep(0.05)")),
    )
    const prepared = await pool.query('SELECT count(*)::integer AS count FROM pg_prepared_statements')
    const listening = await rowsOf(bouncer.url(), 'SELECT pg_listening_channels()')
    await pool.end()
    expect(settings.map(({ rows }) => rows[0]?.value)).toEqual(['0', '0', '0', '0', '0'])
    expect(prepared.rows).toEqual([{ count: 0 }])
    expect(listening).toEqual([])
  })

  const schemas = new WeakMap<object, string>()
  let pool: pg.Pool
  const empty = recycledSchemas(() => pool)
  beforeAll(() => {
    pool = new pg.Pool({ connectionString: bouncer.url(), max: 20 })
  })
  afterAll(async () => {
    await pool.end()
  })
  const openIn = async (schema: string): Promise<PostgresEventLog> => {
    const log = await openPostgresEventLog({ pool, schema, pollIntervalMs: 5 })
    schemas.set(log, schema)
    return log
  }
  describeEventLog({
    name: 'Postgres behind PgBouncer',
    open: async () => openIn(await empty.take()),
    reopen: (log) => openIn(schemas.get(log) ?? ''),
    reopenReadOnly: (log) => openPostgresEventLog({ pool, schema: schemas.get(log), readOnly: true }),
    capabilities: { nulInRunId: false },
  })
})
