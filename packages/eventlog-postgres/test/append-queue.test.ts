import { hasCode, hashEvent } from '@starling/event'
import type { Event } from '@starling/event'
import { validateRun } from '@starling/eventlog'
import { chainOf, finishedRun, RunBuilder } from '@starling/eventlog/conformance'
import pg from 'pg'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'

import { openPostgresEventLog } from '../src/index.ts'
import type { PostgresEventLog, PostgresEventLogOptions } from '../src/index.ts'
import { startProxy } from './proxy.ts'
import { at, nextEvent } from './raw.ts'
import { freshSchema, rowsOf, sharedServer, withClient } from './server.ts'
import type { TestServer } from './server.ts'

let server: TestServer

beforeAll(async () => {
  server = await sharedServer()
}, 30_000)

async function open(options: PostgresEventLogOptions = {}): Promise<{ log: PostgresEventLog; schema: string }> {
  const schema = freshSchema()
  const reach = options.pool === undefined ? { url: server.url() } : {}
  const log = await openPostgresEventLog({ ...reach, schema, listen: false, ...options })
  onTestFinished(async () => {
    await log[Symbol.asyncDispose]()
  })
  return { log, schema }
}

/** How many transactions have written events. */
async function transactions(schema: string): Promise<number> {
  const [[count] = []] = await rowsOf(
    server.url(),
    `SELECT count(DISTINCT xmin::text)::integer FROM ${schema}.eventlog_events`,
  )
  return Number(count)
}

/** Says of each promise `ok`, or with which code it failed. */
async function outcomesOf(promises: readonly Promise<unknown>[]): Promise<readonly string[]> {
  const results = await Promise.allSettled(promises)
  return results.map((result) => {
    if (result.status === 'fulfilled') return 'ok'
    if (hasCode(result.reason, 'EVENTLOG_INVALID_APPEND')) return 'refused'
    throw result.reason
  })
}

describe('one round trip', () => {
  test('is what an append takes, of one event or of several, from the second one of a run on', async () => {
    await using proxy = await startProxy(server.port)
    const { log } = await open({ url: `postgres://postgres:owner-password@127.0.0.1:${proxy.port}/postgres` })
    const events = chainOf('r', 41)
    await log.append('r', at(events, 0))
    await log.append('r', events.slice(1, 3))
    const before = proxy.asked
    for (let from = 3; from < 11; from++) await log.append('r', at(events, from))
    expect(proxy.asked - before).toBe(8)
    for (let from = 11; from < 41; from += 3) await log.append('r', events.slice(from, from + 3))
    expect(proxy.asked - before).toBe(18)
  })

  test('is what the first append of a run takes, too', async () => {
    await using proxy = await startProxy(server.port)
    const { log } = await open({ url: `postgres://postgres:owner-password@127.0.0.1:${proxy.port}/postgres` })
    await log.append('warm', chainOf('warm', 1))
    const before = proxy.asked
    for (let n = 0; n < 10; n++) await log.append(`r${n}`, chainOf(`r${n}`, 1))
    expect(proxy.asked - before).toBe(10)
  })
})

describe('appends that wait together', () => {
  test('share transactions, and each lands whole', async () => {
    const { log, schema } = await open()
    const runs = Array.from({ length: 200 }, (_, n) => finishedRun(`r${n}`))
    await Promise.all(runs.map((events, n) => log.append(`r${n}`, events)))
    expect(await transactions(schema)).toBeLessThan(12)
    for (const [n, events] of runs.entries()) expect(await log.read(`r${n}`)).toEqual(events)
  })

  test('to one run land in the order in which they were asked for, as one', async () => {
    const { log, schema } = await open()
    const events = chainOf('r', 50)
    await Promise.all(events.map((event) => log.append('r', event)))
    expect(await log.read('r')).toEqual(events)
    expect(await transactions(schema)).toBeLessThan(4)
  })

  test('fail alone, whichever of them is wrong', async () => {
    const { log } = await open()
    const runs = Array.from({ length: 60 }, (_, n) => chainOf(`r${n}`, 3))
    const outcomes = await outcomesOf(
      runs.map((events, n) => log.append(`r${n}`, n % 7 === 3 ? events.slice(1) : events)),
    )
    expect(outcomes).toEqual(runs.map((_, n) => (n % 7 === 3 ? 'refused' : 'ok')))
    expect((await log.listRuns()).totalMatching).toBe(outcomes.filter((outcome) => outcome === 'ok').length)
  })

  test('to one run fail alone as well, and what follows a wrong one is judged by what is stored', async () => {
    const { log } = await open()
    const events = chainOf('r', 6)
    const other: Event = { ...at(events, 2), ts: 5n }
    const third = { ...at(events, 2), prevHash: hashEvent(at(events, 1)) }
    const outcomes = await outcomesOf([
      log.append('r', events.slice(0, 2)),
      log.append('r', { ...other, prevHash: new Uint8Array(32) }),
      log.append('r', third),
      log.append('r', third),
      log.append('r', at(events, 3)),
      log.append('r', at(events, 5)),
      log.append('r', at(events, 4)),
    ])
    expect(outcomes).toEqual(['ok', 'refused', 'ok', 'refused', 'ok', 'refused', 'ok'])
    expect(await log.read('r')).toEqual(events.slice(0, 5))
  })

  test('with different leases are not made one', async () => {
    const { log } = await open()
    const events = chainOf('r', 3)
    const old = await log.leases?.acquire('r', { owner: 'a', ttlMs: 60_000 })
    const fence = await log.leases?.acquire('r', { owner: 'a', ttlMs: 60_000 })
    const [first, second, third] = await Promise.allSettled([
      log.append('r', at(events, 0), { fence }),
      log.append('r', at(events, 1), { fence: old }),
      log.append('r', at(events, 1), { fence }),
    ])
    expect([first?.status, second?.status, third?.status]).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(await log.read('r')).toHaveLength(2)
  })

  test('of more bytes than one transaction carries land all the same', async () => {
    const { log, schema } = await open()
    const large = Array.from({ length: 8 }, (_, n) => new RunBuilder(`r${n}`).start().say('x'.repeat(1_500_000)).events)
    await Promise.all(large.map((events, n) => log.append(`r${n}`, events)))
    expect(await transactions(schema)).toBeGreaterThan(2)
    for (const [n, events] of large.entries()) expect(await log.read(`r${n}`)).toEqual(events)
  })

  test('survive a server that ends all connections while they are under way', async () => {
    const applicationName = `killed-${freshSchema()}`
    const { log } = await open({ applicationName })
    const runs = Array.from({ length: 20 }, (_, n) => chainOf(`r${n}`, 30))
    const appending = Promise.all(runs.flatMap((events, n) => events.map((event) => log.append(`r${n}`, event))))
    await withClient(server.url(), async (client) => {
      for (let times = 0; times < 3; times++) {
        await client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1', [
          applicationName,
        ])
      }
    })
    await appending
    for (const [n, events] of runs.entries()) expect(await log.read(`r${n}`)).toEqual(events)
  })
})

describe('a run that others write, too', () => {
  test('is gone on with after their events, and the last event is asked for once', async () => {
    const { log, schema } = await open()
    await using other = await openPostgresEventLog({ url: server.url(), schema, listen: false })
    const events = chainOf('r', 30)
    for (let from = 0; from < 30; from += 3) {
      await (from % 2 === 0 ? log : other).append('r', events.slice(from, from + 3))
    }
    expect(await log.read('r')).toEqual(events)
  })

  test('has one winner for each seq, whatever the sizes of the batches that race for it', async () => {
    const { log, schema } = await open()
    const others = Array.from({ length: 3 }, () => openPostgresEventLog({ url: server.url(), schema, listen: false }))
    const logs = [log, ...(await Promise.all(others))]
    onTestFinished(async () => {
      for (const each of logs) await each[Symbol.asyncDispose]()
    })
    await log.append('r', chainOf('r', 1))
    const won: Event[] = []
    const race = async (each: PostgresEventLog, writer: number): Promise<void> => {
      for (let n = writer; won.length < 300; n++) {
        const last = at(await each.read('r'), -1)
        const batch: Event[] = []
        for (let size = 0; size < at([1, 2, 5], n % 3); size++) {
          // Each writer says something of its own.
          batch.push({ ...nextEvent(batch.at(-1) ?? last), ts: last.ts + BigInt(writer) })
        }
        const [outcome] = await outcomesOf([each.append('r', batch)])
        if (outcome === 'ok') won.push(...batch)
      }
    }
    await Promise.all(logs.map(race))
    expect(won.toSorted((a, b) => a.seq - b.seq)).toEqual((await log.read('r')).slice(1))
    expect(await validateRun(log, 'r')).toMatchObject({ status: 'open' })
  })

  test('may have gone on after its end, or from an event that says something else', async () => {
    const { log } = await open()
    const ended = new RunBuilder('r').start().completeWithoutRoot('ok').say('late').say('later').events
    for (const event of ended) await log.append('r', event)
    expect(await log.read('r')).toEqual(ended)
    await expect(log.append('r', { ...at(ended, 3), seq: 5 })).rejects.toMatchObject({
      message: 'eventlog: invalid append: PrevHash does not match prior event hash',
    })
  })
})

test('what a caller does to its bytes after asking changes nothing', async () => {
  const { log } = await open()
  const [pristine, mine] = [chainOf('r', 3), chainOf('r', 3)]
  const appending = log.append('r', mine)
  for (const { payload, prevHash } of mine) {
    payload.fill(0)
    prevHash?.fill(0)
  }
  await appending
  expect(await log.read('r')).toEqual(pristine)
})

test('a pool of the caller’s is used, also one of a single connection, and left open', async () => {
  const pool = new pg.Pool({ connectionString: server.url(), max: 1 })
  const { log } = await open({ pool })
  await Promise.all(Array.from({ length: 20 }, (_, n) => log.append(`r${n}`, finishedRun(`r${n}`))))
  expect((await log.listRuns()).totalMatching).toBe(20)
  await log[Symbol.asyncDispose]()
  const { rows } = await pool.query('SELECT 1 AS one')
  expect(rows).toEqual([{ one: 1 }])
  await pool.end()
})

test.each([1, 100])('20,000 appends to %i runs that are asked for at once all land, in order', async (count) => {
  const { log } = await open()
  const runs = Array.from({ length: count }, (_, n) => chainOf(`r${n}`, 20_000 / count))
  await Promise.all(runs.flatMap((events) => events.map((event) => log.append(event.runId, event))))
  expect((await log.listRuns({ limit: 0 })).runs.map(({ lastSeq }) => lastSeq)).toEqual(
    runs.map(({ length }) => length),
  )
})
