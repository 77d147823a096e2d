import { readFileSync } from 'node:fs'

import { validateRun } from '@starling/eventlog'
import { chainOf, finishedRun } from '@starling/eventlog/conformance'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'

import { openPostgresEventLog } from '../src/index.ts'
import type { PostgresEventLog, PostgresEventLogOptions } from '../src/index.ts'
import { insertLikeReference } from './raw.ts'
import { execute, freshSchema, rowsOf, sharedServer, withClient } from './server.ts'
import type { TestServer } from './server.ts'

// What is tested is what is documented.
const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

let server: TestServer

beforeAll(async () => {
  server = await sharedServer()
}, 30_000)

interface Roles {
  readonly schema: string
  readonly owner: PostgresEventLog
  /** Opens the log as one of the roles. */
  open(role: 'writer' | 'reader' | 'retention', options?: PostgresEventLogOptions): Promise<PostgresEventLog>
  readonly url: (role: string) => string
}

/** Creates the roles of the README, of names of their own, and a log of the owner's. */
async function createRoles(): Promise<Roles> {
  const schema = freshSchema()
  const owner = await openPostgresEventLog({ url: server.url(), schema })
  await execute(server.url(), sqlOf(schema))
  const url = (role: string): string => server.url(`${schema}_${role}`, 'change-me')
  const opened = [owner]
  onTestFinished(async () => {
    for (const log of opened) await log[Symbol.asyncDispose]()
  })
  return {
    schema,
    owner,
    url,
    open: async (role, options) => {
      const log = await openPostgresEventLog({ url: url(role), schema, ...options })
      opened.push(log)
      return log
    },
  }
}

/** The statements of the README, for a schema of this name. */
function sqlOf(schema: string): string {
  const [, sql = ''] = /```sql roles\n(.*?)```/s.exec(README) ?? []
  return sql
    .replaceAll('SCHEMA public', `SCHEMA ${schema}`)
    .replaceAll('public.', `${schema}.`)
    .replaceAll('starling_writer', `${schema}_writer`)
    .replaceAll('starling_reader', `${schema}_reader`)
    .replaceAll('starling_retention', `${schema}_retention`)
}

const DENIED = { code: 'EVENTLOG_OPEN_FAILED', message: expect.stringContaining('the user lacks a right (42501: ') }

describe('the roles of the README', () => {
  test('a writer does everything but delete and migrate', async () => {
    const { open, schema } = await createRoles()
    const log = await open('writer')
    const events = finishedRun('r')
    const lease = await log.leases?.acquire('r', { owner: 'me', ttlMs: 60_000 })
    await log.append('r', events, { fence: lease })
    expect(await validateRun(log, 'r')).toMatchObject({ status: 'ok' })
    expect((await log.listRuns()).totalMatching).toBe(1)
    expect(await log.search({ query: 'thanks' })).toHaveLength(1)
    expect(await log.fork('r', { beforeSeq: 4, newRunId: 's' })).toMatchObject({ events: 3 })
    await expect(log.prune({ before: 10n ** 18n, includeInProgress: true })).rejects.toMatchObject(DENIED)
    await expect(log.rebuild()).resolves.toEqual({ runs: 2, events: 10 })
    await withClient(server.url(`${schema}_writer`, 'change-me'), async (client) => {
      await expect(client.query(`UPDATE ${schema}.eventlog_events SET ts = 0`)).rejects.toThrow('permission denied')
      await expect(client.query(`DROP TABLE ${schema}.eventlog_events`)).rejects.toThrow('must be owner')
      await expect(client.query(`CREATE TABLE ${schema}.mine ()`)).rejects.toThrow('permission denied')
    })
  })

  test('a reader reads, lists, searches and streams, and writes nothing', async () => {
    const { owner, open, schema, url } = await createRoles()
    await owner.append('r', finishedRun('r'))
    const log = await open('reader', { readOnly: true })
    expect(await log.read('r')).toEqual(finishedRun('r'))
    expect((await log.listRuns()).runs).toMatchObject([{ runId: 'r', status: 'completed' }])
    expect(await log.search({ query: 'thanks' })).toHaveLength(1)
    const seen: number[] = []
    for await (const { seq } of log.stream('r')) seen.push(seq)
    expect(seen).toHaveLength(7)
    await withClient(url('reader'), async (client) => {
      await expect(client.query(`DELETE FROM ${schema}.eventlog_events`)).rejects.toThrow('permission denied')
    })
    const writing = await open('reader')
    await expect(writing.append('s', chainOf('s', 1))).rejects.toMatchObject(DENIED)
    expect(await owner.read('s')).toEqual([])
  })

  test('nobody else may fire the triggers of ours, which have the rights of the owner', async () => {
    const { owner, schema, url } = await createRoles()
    await owner.append('r', finishedRun('r'))
    expect((await owner.listRuns()).totalMatching).toBe(1)
    await withClient(url('reader'), async (client) => {
      await client.query('CREATE TEMP TABLE mine (run_id text, seq bigint)')
      for (const name of ['starling_touch', 'starling_touch_one']) {
        const trigger = `CREATE TRIGGER ${name} AFTER TRUNCATE ON mine FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.${name}()`
        await expect(client.query(trigger)).rejects.toThrow(`permission denied for function ${schema}.${name}`)
      }
    })
    expect((await owner.listRuns()).totalMatching).toBe(1)
  })

  test('a retention job prunes, and appends nothing', async () => {
    const { owner, open } = await createRoles()
    await owner.append('old', finishedRun('old', 5n))
    await owner.append('new', finishedRun('new', 50n))
    const log = await open('retention')
    expect(await log.prune({ before: 10n })).toMatchObject({ runIds: ['old'], deletedEvents: 7 })
    expect((await log.listRuns()).totalMatching).toBe(1)
    await expect(log.append('s', chainOf('s', 1))).rejects.toMatchObject(DENIED)
    expect((await owner.listRuns()).runs).toMatchObject([{ runId: 'new' }])
  })

  test('keep their rights when a newer version makes anew what is derived, also on functions that it adds', async () => {
    const { owner, open, schema } = await createRoles()
    await owner.append('old', finishedRun('old', 5n))
    await execute(
      server.url(),
      `UPDATE ${schema}.starling_state SET version = 2; DROP FUNCTION ${schema}.starling_append_two;
       ALTER DEFAULT PRIVILEGES IN SCHEMA ${schema} REVOKE ALL ON FUNCTIONS FROM PUBLIC;
       ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC`,
    )
    onTestFinished(async () => {
      await execute(server.url(), 'ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC')
    })
    await expect(open('writer')).rejects.toMatchObject({
      ...DENIED,
      message: expect.stringMatching(
        /the user lacks a right \(42501: .*; the tables are created and migrated by their owner\)$/,
      ),
    })
    const granted = await grantsOf(schema)
    await owner.migrate()
    expect(await grantsOf(schema)).toEqual(granted)
    const writer = await open('writer')
    for (const [runId, events] of [1, 2, 3].map((size) => [`r${size}`, chainOf(`r${size}`, size)] as const)) {
      await writer.append(runId, events)
    }
    expect(await writer.listRuns()).toMatchObject({ totalMatching: 4 })
    expect(await writer.search({ query: 'thanks' })).toHaveLength(1)
    const reader = await open('reader', { readOnly: true })
    expect(await reader.listRuns()).toMatchObject({ totalMatching: 4 })
    const retention = await open('retention')
    expect(await retention.prune({ before: 10n })).toMatchObject({ runIds: ['old'] })
  })

  test('who may not call a function that appends is told which, and nothing is written', async () => {
    const { owner, open, schema } = await createRoles()
    const log = await open('writer')
    for (const [size, name] of ['starling_append_one', 'starling_append_two', 'starling_append'].entries()) {
      await execute(server.url(), `REVOKE EXECUTE ON FUNCTION ${schema}.${name} FROM PUBLIC, ${schema}_writer`)
      await expect(log.append('r', chainOf('r', size + 1))).rejects.toMatchObject({
        code: 'EVENTLOG_OPEN_FAILED',
        message: expect.stringContaining(`permission denied for function ${name})`),
      })
    }
    expect(await owner.read('r')).toEqual([])
  })

  test('a writer of the reference needs no right on our tables, and is noticed', async () => {
    const { owner, schema } = await createRoles()
    const role = `${schema}_theirs`
    await execute(
      server.url(),
      `CREATE ROLE ${role} LOGIN PASSWORD 'x'; GRANT USAGE ON SCHEMA ${schema} TO ${role};
       GRANT SELECT, INSERT ON ${schema}.eventlog_events TO ${role}`,
    )
    await withClient(server.url(role, 'x'), (client) => insertLikeReference(client, schema, finishedRun('theirs')))
    expect((await owner.listRuns()).runs).toMatchObject([{ runId: 'theirs', lastSeq: 7 }])
    await using reader = await openPostgresEventLog({ url: server.url(role, 'x'), schema, readOnly: true })
    expect((await reader.listRuns()).runs).toMatchObject([{ runId: 'theirs', lastSeq: 7 }])
    expect(await reader.search({ query: 'thanks' })).toHaveLength(1)
  })

  test('who may not create tables is told so, and nothing is left behind', async () => {
    const schema = freshSchema()
    await execute(
      server.url(),
      `CREATE SCHEMA ${schema}; CREATE ROLE ${schema}_weak LOGIN PASSWORD 'x';
       GRANT USAGE ON SCHEMA ${schema} TO ${schema}_weak`,
    )
    const url = server.url(`${schema}_weak`, 'x')
    await expect(openPostgresEventLog({ url, schema })).rejects.toMatchObject(DENIED)
    await expect(openPostgresEventLog({ url, schema: `${schema}_other` })).rejects.toMatchObject(DENIED)
    const left = await rowsOf(server.url(), 'SELECT count(*) FROM pg_class WHERE relnamespace = $1::regnamespace', [
      schema,
    ])
    expect(left).toEqual([['0']])
  })
})

/** Who may do what with the tables of ours. */
async function grantsOf(schema: string): Promise<readonly unknown[][]> {
  return rowsOf(
    server.url(),
    `SELECT table_name, grantee, privilege_type, is_grantable FROM information_schema.role_table_grants
     WHERE table_schema = $1 AND table_name LIKE 'starling%' ORDER BY 1, 2, 3`,
    [schema],
  )
}
