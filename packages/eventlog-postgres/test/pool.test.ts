import { chainOf, finishedRun } from '@starling/eventlog/conformance'
import pg from 'pg'
import { beforeAll, describe, expect, test } from 'vitest'

import { openPostgresEventLog } from '../src/index.ts'
import { namesOf } from '../src/names.ts'
import { untilWaitingForLock } from './lock-waits.ts'
import { execute, freshSchema, sharedServer, withClient } from './server.ts'
import type { TestServer } from './server.ts'
import { stallingProxy } from './stalling-proxy.ts'

let server: TestServer

beforeAll(async () => {
  server = await sharedServer()
}, 30_000)

describe('the connections of a pool', () => {
  test('are left to appends by listings and searches that wait for another process to derive', async () => {
    const schema = freshSchema()
    const times = { connectTimeoutMs: 700, reconnectTimeoutMs: 700 }
    await using log = await openPostgresEventLog({
      url: server.url(),
      schema,
      poolSize: 2,
      applicationName: schema,
      ...times,
    })
    await log.append('r', finishedRun('r'))
    await withClient(server.url(), async (client) => {
      await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [`${namesOf(schema).lock}/derive`])
      const waiting = Array.from({ length: 8 }, (_, n) =>
        n % 2 === 0 ? log.listRuns() : log.search({ query: 'thanks' }),
      )
      await untilWaitingForLock(server.url(), schema)
      await log.append('s', chainOf('s', 1))
      await client.query('SELECT pg_advisory_unlock_all()')
      await Promise.all(waiting)
    })
    expect(await log.listRuns()).toMatchObject({ totalMatching: 2 })
  })

  test('that are all lent are said to be, and that nothing was written', async () => {
    const schema = freshSchema()
    const times = { connectTimeoutMs: 200, reconnectTimeoutMs: 200 }
    await using log = await openPostgresEventLog({
      url: server.url(),
      schema,
      poolSize: 1,
      applicationName: schema,
      listen: false,
      ...times,
    })
    await withClient(server.url(), async (client) => {
      await client.query("SELECT pg_advisory_lock(hashtextextended('r', 0))")
      const waiting = log.append('r', chainOf('r', 1))
      await untilWaitingForLock(server.url(), schema)
      await expect(log.append('s', chainOf('s', 1))).rejects.toMatchObject({
        code: 'EVENTLOG_BUSY',
        retryable: true,
        message: expect.stringMatching(/no connection of the pool became free in time, nothing was written \([^)]*\)$/),
      })
      await client.query('SELECT pg_advisory_unlock_all()')
      await waiting
    })
    expect(await log.read('s')).toEqual([])
  })

  test('that the role may not have are done without, and those that it has go round', async () => {
    const [schema, role] = [freshSchema(), freshSchema()]
    await using owner = await openPostgresEventLog({ url: server.url(), schema })
    await execute(
      server.url(),
      `CREATE ROLE ${role} LOGIN PASSWORD 'x' CONNECTION LIMIT 2;
       GRANT ALL ON SCHEMA ${schema} TO ${role}; GRANT ALL ON ALL TABLES IN SCHEMA ${schema} TO ${role}`,
    )
    await using log = await openPostgresEventLog({ url: server.url(role, 'x'), schema, listen: false })
    const asked = Array.from({ length: 40 }, (_, n) =>
      n % 2 === 0 ? log.append(`r${n}`, chainOf(`r${n}`, 1)) : log.read('nothing'),
    )
    await Promise.all(asked)
    expect(await owner.listRuns()).toMatchObject({ totalMatching: 20 })
  })

  test('that nobody gives back are not waited for for ever, also in a pool of someone else', async () => {
    const pool = new pg.Pool({ connectionString: server.url(), max: 1 })
    const schema = freshSchema()
    const times = { connectTimeoutMs: 200, reconnectTimeoutMs: 200 }
    await using log = await openPostgresEventLog({ pool, schema, listen: false, ...times })
    const client = await pool.connect()
    await expect(log.append('r', chainOf('r', 1))).rejects.toMatchObject({ code: 'EVENTLOG_BUSY', retryable: true })
    client.release()
    // What came too late was given back.
    await log.append('r', chainOf('r', 1))
    await log[Symbol.asyncDispose]()
    await pool.end()
  })
})

test('a statement without an answer is given up, also in a pool of someone else', async () => {
  const proxy = await stallingProxy(server.port)
  const pool = new pg.Pool({ connectionString: proxy.url })
  pool.on('error', () => undefined)
  const times = { statementTimeoutMs: 100, connectTimeoutMs: 100, reconnectTimeoutMs: 0 }
  await using log = await openPostgresEventLog({ pool, schema: freshSchema(), listen: false, ...times })
  await log.append('r', chainOf('r', 1))
  proxy.stall()
  await expect(log.read('r')).rejects.toMatchObject({ code: 'EVENTLOG_STORAGE', retryable: true })
})
