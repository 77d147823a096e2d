import { finishedRun } from '@starling/eventlog/conformance'
import { beforeAll, describe, expect, test } from 'vitest'

import { openPostgresEventLog } from '../src/index.ts'
import { execute, freshSchema, rowsOf, sharedServer } from './server.ts'
import type { TestServer } from './server.ts'

let server: TestServer

beforeAll(async () => {
  server = await sharedServer()
}, 30_000)

describe('a table of someone else’s under a name of ours', () => {
  test.each([
    ['starling_runs', 'id integer'],
    ['starling_counts', 'status text, runs integer'],
    ['starling_touched', 'run_id text, from_seq bigint, note text'],
    ['starling_search', 'id bigint, words text'],
    ['starling_state', 'state jsonb'],
    ['starling_leases', 'run_id text'],
  ])('%s stays as it is, and the log is not opened', async (table, columns) => {
    const schema = freshSchema()
    await execute(
      server.url(),
      `CREATE SCHEMA ${schema}`,
      `CREATE TABLE ${schema}.${table} (${columns})`,
      `INSERT INTO ${schema}.${table} DEFAULT VALUES`,
    )
    for (const readOnly of [false, true]) {
      await expect(openPostgresEventLog({ url: server.url(), schema, readOnly })).rejects.toMatchObject({
        code: 'EVENTLOG_OPEN_FAILED',
        message: expect.stringContaining(`its "${schema}".${table} is not the table of that name that a log has`),
      })
    }
    expect(await rowsOf(server.url(), `SELECT count(*)::integer FROM ${schema}.${table}`)).toEqual([[1]])
    const tables = await rowsOf(server.url(), 'SELECT count(*)::integer FROM pg_tables WHERE schemaname = $1', [schema])
    expect(tables).toEqual([[1]])
  })

  test('that has taken the place of one of ours is not adopted by a migration', async () => {
    const schema = freshSchema()
    await using log = await openPostgresEventLog({ url: server.url(), schema })
    await log.append('r', finishedRun('r'))
    await execute(
      server.url(),
      `DROP TABLE ${schema}.starling_search`,
      `CREATE VIEW ${schema}.starling_search AS SELECT 1 AS one`,
    )
    await expect(log.migrate()).rejects.toMatchObject({ code: 'EVENTLOG_OPEN_FAILED' })
    expect(await rowsOf(server.url(), `SELECT one FROM ${schema}.starling_search`)).toEqual([[1]])
  })
})
