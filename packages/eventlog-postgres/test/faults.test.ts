import { hasCode } from '@starling/event'
import type { Event } from '@starling/event'
import { validateRun } from '@starling/eventlog'
import { chainOf, finishedRun } from '@starling/eventlog/conformance'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'

import { openPostgresEventLog } from '../src/index.ts'
import type { PostgresEventLog, PostgresEventLogOptions } from '../src/index.ts'
import { startProxy } from './proxy.ts'
import { execute, freshSchema, rowsOf, sharedServer, startServer, withClient } from './server.ts'
import type { TestServer } from './server.ts'

let server: TestServer

beforeAll(async () => {
  server = await sharedServer()
}, 30_000)

/** Opens a log in a schema of its own, closed when the test is over. */
async function open(options: PostgresEventLogOptions = {}): Promise<{ log: PostgresEventLog; schema: string }> {
  const { schema = freshSchema() } = options
  const log = await openPostgresEventLog({ url: server.url(), schema, ...options })
  onTestFinished(async () => {
    await log[Symbol.asyncDispose]()
  })
  return { log, schema }
}

describe('a connection that breaks', () => {
  test.each(['before', 'answer'] as const)(
    'at any message of the work on a log, %s the server has it, changes nothing that the log says',
    async (when) => {
      await using proxy = await startProxy(server.port)
      const url = `postgres://postgres:owner-password@127.0.0.1:${proxy.port}/postgres`
      const { log, schema } = await open({ url, poolSize: 2 })
      // Each round breaks one message later, until the work is done before that.
      let round = 0
      for (let asked = Infinity; asked > round;) {
        round++
        const from = proxy.asked
        proxy.cutAt(round, when)
        await work(log, `round-${round}`)
        asked = proxy.asked - from
      }
      expect(round).toBeGreaterThan(20)
      const { runs } = await log.listRuns({ limit: 0 })
      for (const { runId, lastSeq } of runs) expect(await log.read(runId)).toHaveLength(lastSeq)
      expect(await rowsOf(server.url(), `SELECT count(DISTINCT run_id) FROM ${schema}.eventlog_events`)).toEqual([
        [String(runs.length)],
      ])
    },
  )

  test('is replaced whenever the server ends it, and no append is lost or made twice', async () => {
    const applicationName = `killed-${freshSchema()}`
    const { log, schema } = await open({ applicationName })
    const events = chainOf('r', 60)
    await withClient(server.url(), async (client) => {
      for (const [index, event] of events.entries()) {
        const appending = log.append('r', event)
        // At another moment of the append each time.
        for (let waits = 0; waits < index % 6; waits++) await client.query('SELECT 1')
        await client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1', [
          applicationName,
        ])
        await appending
      }
    })
    expect(await log.read('r')).toEqual(events)
    expect(await rowsOf(server.url(), `SELECT count(*) FROM ${schema}.eventlog_events`)).toEqual([['60']])
  })

  test('that stays broken fails the append in time, saying that its outcome is not known', async () => {
    await using proxy = await startProxy(server.port)
    const url = `postgres://postgres:owner-password@127.0.0.1:${proxy.port}/postgres`
    const { log } = await open({ url, reconnectTimeoutMs: 100 })
    const [first, second] = chainOf('r', 2)
    await log.append('r', first ?? [])
    proxy.pause()
    await expect(log.append('r', second ?? [])).rejects.toMatchObject({
      code: 'EVENTLOG_STORAGE',
      retryable: true,
      message: expect.stringMatching(/127\.0\.0\.1.*whether event 2 of run "r" was written is not known$/),
    })
    await expect(log.read('r')).rejects.toMatchObject({ code: 'EVENTLOG_STORAGE', retryable: true })
    proxy.resume()
    await log.append('r', second ?? [])
    expect(await log.read('r')).toHaveLength(2)
  })

  test('does not end a stream, which drops and repeats nothing', async () => {
    await using proxy = await startProxy(server.port)
    const url = `postgres://postgres:owner-password@127.0.0.1:${proxy.port}/postgres`
    const { log: writer, schema } = await open()
    const { log: reader } = await open({ url, schema, readOnly: true, pollIntervalMs: 20 })
    const events = finishedRun('r')
    const seen: Event[] = []
    const stream = reader.stream('r')[Symbol.asyncIterator]()
    for (const [index, event] of events.entries()) {
      const next = stream.next()
      if (index % 2 === 1) {
        proxy.pause()
        proxy.resume()
      }
      await writer.append('r', event)
      const { value } = await next
      if (value !== undefined) seen.push(value)
    }
    expect(seen).toEqual(events)
    expect(await stream.next()).toMatchObject({ done: true })
  })
})

/** Does one of everything, in runs of names of their own, and checks what comes of it. */
async function work(log: PostgresEventLog, name: string): Promise<void> {
  const [one, two, three] = [`${name}/1`, `${name}/2`, `${name}/3`]
  const events = finishedRun(one)
  await log.append(one, events.slice(0, 2))
  await Promise.all([log.append(one, events.slice(2)), log.append(two, finishedRun(two, 2n))])
  expect(await log.read(one)).toEqual(events)
  expect(await log.summary(one)).toMatchObject({ lastSeq: 7, status: 'completed' })
  const lease = await log.leases?.acquire(three, { owner: 'me', ttlMs: 60_000 })
  await log.append(three, chainOf(three, 1), { fence: lease })
  expect((await log.listRuns({ query: name })).totalMatching).toBe(3)
  expect(await log.search({ query: 'thanks', runId: one })).toHaveLength(1)
  expect(await log.prune({ before: 3n })).toMatchObject({ deletedEvents: 7, runIds: [two] })
  expect((await log.listRuns({ query: name })).totalMatching).toBe(2)
  expect((await log.listRuns({ query: name, offset: 1 })).runs).toHaveLength(1)
}

const DURABLE = ['fsync=on', 'full_page_writes=on']

describe('a server that is restarted in the middle of appends', () => {
  test('goes on with every run where it was, and nothing that was durable is lost', async () => {
    const own = await startServer({ settings: DURABLE })
    const { log, schema } = await open({ url: own.url(), reconnectTimeoutMs: 20_000 })
    const runs = Array.from({ length: 8 }, (_, n) => chainOf(`run-${n}`, 150))
    const appending = Promise.all(
      runs.map(async (events, n) => {
        for (const event of events) await log.append(`run-${n}`, event)
      }),
    )
    await log.stream('run-0', { fromSeq: 20 })[Symbol.asyncIterator]().next()
    const { dataDirectory, port } = own
    own.process.send('crash')
    const again = await startServer({ dataDirectory, port, settings: DURABLE })
    await appending
    for (const [n, events] of runs.entries()) expect(await log.read(`run-${n}`)).toEqual(events)
    expect((await log.listRuns()).totalMatching).toBe(8)
    expect(await rowsOf(again.url(), `SELECT count(*) FROM ${schema}.eventlog_events`)).toEqual([['1200']])
    await log[Symbol.asyncDispose]()
    await again.stop()
    await own.stop()
  })
})

describe('a time limit', () => {
  test('on locks fails the append with EVENTLOG_BUSY, and the next one lands', async () => {
    const { log } = await open({ lockTimeoutMs: 50 })
    const events = chainOf('r', 2)
    await log.append('r', events.slice(0, 1))
    await withClient(server.url(), async (client) => {
      await client.query("BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('r', 0))")
      await expect(log.append('r', events.slice(1))).rejects.toMatchObject({
        code: 'EVENTLOG_BUSY',
        retryable: true,
        message: expect.stringContaining('55P03'),
      })
      await client.query('ROLLBACK')
    })
    await log.append('r', events.slice(1))
    expect(await log.read('r')).toEqual(events)
  })

  test('on statements does so, too', async () => {
    const { log } = await open({ statementTimeoutMs: 50, lockTimeoutMs: 0 })
    await withClient(server.url(), async (client) => {
      await client.query("BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('r', 0))")
      await expect(log.append('r', chainOf('r', 1))).rejects.toMatchObject({
        code: 'EVENTLOG_BUSY',
        message: expect.stringContaining('57014'),
      })
      await client.query('ROLLBACK')
    })
    expect(await log.read('r')).toEqual([])
  })

  test('keeps no other run waiting: who shares a transaction with a locked run lands at once', async () => {
    const { log } = await open({ lockTimeoutMs: 0, statementTimeoutMs: 0 })
    await withClient(server.url(), async (client) => {
      await client.query("BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('locked', 0))")
      let landed = false
      const locked = log.append('locked', chainOf('locked', 1)).then(() => {
        landed = true
      })
      await Promise.all(Array.from({ length: 100 }, (_, n) => log.append(`r${n}`, chainOf(`r${n}`, 2))))
      expect(landed).toBe(false)
      await client.query('ROLLBACK')
      await locked
    })
    expect((await log.listRuns()).totalMatching).toBe(101)
  })
})

describe('a user whose transactions are serializable', () => {
  test('appends all the same, and of several writers one wins each seq', async () => {
    const role = freshSchema()
    const schema = freshSchema()
    await execute(
      server.url(),
      `CREATE ROLE ${role} LOGIN PASSWORD 'x'`,
      `ALTER ROLE ${role} SET default_transaction_isolation = 'serializable'`,
      `CREATE SCHEMA ${schema} AUTHORIZATION ${role}`,
    )
    const { log: one } = await open({ url: server.url(role, 'x'), schema })
    const { log: two } = await open({ url: server.url(role, 'x'), schema })
    for (const event of chainOf('r', 10)) {
      const outcomes = await Promise.allSettled([one.append('r', event), two.append('r', event)])
      const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
      expect(refused).toHaveLength(1)
      expect(hasCode(refused[0]?.reason, 'EVENTLOG_INVALID_APPEND')).toBe(true)
    }
    await Promise.all(Array.from({ length: 20 }, (_, n) => one.append(`r${n}`, finishedRun(`r${n}`))))
    expect(await validateRun(one, 'r')).toMatchObject({ status: 'open', events: 10 })
    expect((await two.listRuns()).totalMatching).toBe(21)
    expect(await two.search({ query: 'thanks' })).toHaveLength(20)
  })
})
