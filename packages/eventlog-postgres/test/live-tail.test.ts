import type { Event } from '@starling/event'
import { chainOf, finishedRun } from '@starling/eventlog/conformance'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'

import { openPostgresEventLog } from '../src/index.ts'
import type { PostgresEventLog, PostgresEventLogOptions } from '../src/index.ts'
import { insertLikeReference } from './raw.ts'
import { freshSchema, rowsOf, sharedServer, withClient } from './server.ts'
import type { TestServer } from './server.ts'

const NEVER = 3_600_000

let server: TestServer

beforeAll(async () => {
  server = await sharedServer()
}, 30_000)

async function open(options: PostgresEventLogOptions): Promise<PostgresEventLog> {
  const log = await openPostgresEventLog({ url: server.url(), ...options })
  onTestFinished(async () => {
    await log[Symbol.asyncDispose]()
  })
  return log
}

/** The processes of the server that listen for what happens in a log of this application. */
async function listeners(applicationName: string): Promise<readonly number[]> {
  const rows = await rowsOf(
    server.url(),
    "SELECT pid FROM pg_stat_activity WHERE application_name = $1 AND query LIKE 'LISTEN %'",
    [applicationName],
  )
  return rows.map(([pid]) => Number(pid))
}

async function untilListening(applicationName: string, count: number): Promise<readonly number[]> {
  for (;;) {
    const pids = await listeners(applicationName)
    if (pids.length === count) return pids
  }
}

async function next(stream: AsyncIterator<Event>): Promise<Event | undefined> {
  const { value, done } = await stream.next()
  return done === true ? undefined : value
}

describe('a stream', () => {
  test('is woken by what another log announces, without looking', async () => {
    const schema = freshSchema()
    const writer = await open({ schema })
    const reader = await open({ schema, readOnly: true, pollIntervalMs: NEVER, applicationName: schema })
    const events = finishedRun('r')
    const stream = reader.stream('r')[Symbol.asyncIterator]()
    const first = next(stream)
    await untilListening(schema, 1)
    await writer.append('r', events.slice(0, 1))
    expect(await first).toEqual(events[0])
    for (const event of events.slice(1)) {
      const live = next(stream)
      await writer.append('r', event)
      expect(await live).toEqual(event)
    }
    expect(await next(stream)).toBeUndefined()
  })

  test('finds what was appended while nobody listened, once somebody does again', async () => {
    const schema = freshSchema()
    const writer = await open({ schema })
    const reader = await open({ schema, readOnly: true, pollIntervalMs: NEVER, applicationName: schema })
    const events = chainOf('r', 6)
    const stream = reader.stream('r')[Symbol.asyncIterator]()
    for (const event of events) {
      const live = next(stream)
      const [pid] = await untilListening(schema, 1)
      await rowsOf(server.url(), 'SELECT pg_terminate_backend($1)', [pid])
      await writer.append('r', event)
      expect(await live).toEqual(event)
    }
    await stream.return?.()
  })

  test('looks by itself for what nobody announces', async () => {
    const schema = freshSchema()
    const reader = await open({ schema, listen: false, pollIntervalMs: 5 })
    const events = finishedRun('r')
    const streamed = (async () => {
      const seen: Event[] = []
      for await (const event of reader.stream('r')) seen.push(event)
      return seen
    })()
    await withClient(server.url(), (client) => insertLikeReference(client, schema, events))
    expect(await streamed).toEqual(events)
    expect(await listeners(schema)).toEqual([])
  })

  test('leaves no connection behind, and neither do fifty', async () => {
    const schema = freshSchema()
    const log = await open({ schema, applicationName: schema })
    const streams = Array.from({ length: 50 }, (_, n) => log.stream(`r${n}`)[Symbol.asyncIterator]())
    const waiting = streams.map((stream) => next(stream))
    await untilListening(schema, 1)
    for (const stream of streams) await stream.return?.()
    expect(await Promise.all(waiting)).toEqual(streams.map(() => undefined))
    expect(await untilListening(schema, 0)).toEqual([])
  })

  test('of a run that another log prunes ends', async () => {
    const schema = freshSchema()
    const [one, two] = [await open({ schema }), await open({ schema, pollIntervalMs: 10 })]
    await one.append('r', chainOf('r', 2))
    const stream = two.stream('r')[Symbol.asyncIterator]()
    await next(stream)
    await next(stream)
    const ending = next(stream)
    await one.prune({ before: 10n ** 18n, includeInProgress: true })
    expect(await ending).toBeUndefined()
  })

  test('of a long run holds a page of it at a time', async () => {
    const log = await open({ schema: freshSchema() })
    const events = chainOf('r', 3000)
    await log.append('r', events)
    let count = 0
    for await (const { seq } of log.stream('r')) {
      expect(seq).toBe(++count)
      if (count === 3000) break
    }
  })
})

test('a log that is disposed of closes its connections', async () => {
  const schema = freshSchema()
  const log = await open({ schema, applicationName: schema })
  await Promise.all(Array.from({ length: 20 }, (_, n) => log.append(`r${n}`, chainOf(`r${n}`, 1))))
  const waiting = log.stream('r')[Symbol.asyncIterator]().next()
  waiting.catch(() => undefined)
  await untilListening(schema, 1)
  await log[Symbol.asyncDispose]()
  await expect(waiting).rejects.toMatchObject({ code: 'EVENTLOG_CLOSED' })
  for (;;) {
    const [[count] = []] = await rowsOf(
      server.url(),
      'SELECT count(*)::integer FROM pg_stat_activity WHERE application_name = $1',
      [schema],
    )
    if (count === 0) break
  }
})
