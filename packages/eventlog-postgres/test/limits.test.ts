import { randomBytes } from 'node:crypto'

import { chainOf, finishedRun, RunBuilder } from '@starling/eventlog/conformance'
import type { Event } from '@starling/event'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'

import { openPostgresEventLog } from '../src/index.ts'
import type { PostgresEventLog } from '../src/index.ts'
import { at } from './raw.ts'
import { execute, freshSchema, sharedServer } from './server.ts'
import type { TestServer } from './server.ts'

const KIND = 2
const ASSISTANT_KIND = 5
const LONGEST_ID = 2684

let server: TestServer

beforeAll(async () => {
  server = await sharedServer()
}, 30_000)

async function open(): Promise<PostgresEventLog> {
  const log = await openPostgresEventLog({ url: server.url(), schema: freshSchema() })
  onTestFinished(async () => {
    await log[Symbol.asyncDispose]()
  })
  return log
}

describe('a run id', () => {
  // Of bytes that no compression makes shorter.
  const longest = randomBytes(LONGEST_ID).toString('base64url').slice(0, LONGEST_ID)

  test('of the greatest length can be appended to, listed, leased, searched and pruned', async () => {
    const log = await open()
    await log.append('good', finishedRun('good'))
    await log.append(longest, finishedRun(longest))
    const lease = await log.leases?.acquire(longest, { owner: 'me', ttlMs: 60_000 })
    if (lease !== undefined) await log.leases?.release(lease)
    expect(await log.listRuns({ status: 'completed' })).toMatchObject({ totalMatching: 2 })
    expect(await log.search({ query: 'thanks' })).toHaveLength(2)
    expect(await log.read(longest)).toHaveLength(7)
    expect(await log.prune({ before: 10n ** 18n })).toMatchObject({ deletedRuns: 2 })
  })

  test('that is longer is refused, whatever it is appended with, and listings go on', async () => {
    const log = await open()
    const tooLong = `${longest}x`
    await log.append('good', finishedRun('good'))
    const refusal = {
      code: 'EVENTLOG_INVALID_APPEND',
      message: expect.stringMatching(
        /^eventlog: invalid append: a run id has at most 2684 bytes in Postgres, .* has 2685$/,
      ),
    }
    await expect(log.append(tooLong, finishedRun(tooLong))).rejects.toMatchObject(refusal)
    await expect(log.appendUnchecked(tooLong, finishedRun(tooLong))).rejects.toMatchObject(refusal)
    await expect(log.fork('good', { beforeSeq: 3, newRunId: tooLong })).rejects.toMatchObject(refusal)
    expect(await log.listRuns()).toMatchObject({ totalMatching: 1 })
    expect(await log.read(tooLong)).toEqual([])
  })
})

describe('more bytes than can be stored and read back', () => {
  const full = (text: string): object => ({ code: 'EVENTLOG_FULL', message: expect.stringContaining(text) })

  test('in one payload are refused before anything is sent', async () => {
    const log = await open()
    const large = withPayload(at(chainOf('r', 1), 0), new Uint8Array(250_000_001))
    await expect(log.append('r', large)).rejects.toMatchObject(
      full('event 1 of run "r" has 250000001 bytes, Postgres takes at most 250000000; nothing was written'),
    )
    await expect(log.appendUnchecked('r', [large])).rejects.toMatchObject(full('has 250000001 bytes'))
    expect(await log.read('r')).toEqual([])
  })

  test('in one batch are refused before anything is sent', async () => {
    const log = await open()
    const shared = new Uint8Array(200_000_000)
    const batch = new RunBuilder('r')
      .addRaw(KIND, new Uint8Array(1))
      .events.flatMap((event) => Array.from({ length: 6 }, () => withPayload(event, shared)))
    await expect(log.append('r', batch)).rejects.toMatchObject(
      full('a batch of 6 events of run "r" has 1200000000 bytes, Postgres takes at most 1000000000'),
    )
    await expect(log.appendUnchecked('r', batch)).rejects.toMatchObject(full('has 1200000000 bytes'))
    expect(await log.read('r')).toEqual([])
  })
})

describe('a payload larger than can be read, which another program has stored', () => {
  const unreadable = {
    code: 'EVENTLOG_STORAGE',
    message: 'eventlog/postgres: event 2 of run "r" has 250000001 bytes, at most 250000000 can be read',
  }

  test('is said to be when it is read, and keeps nobody from listing and searching', async () => {
    const schema = freshSchema()
    await using log = await openPostgresEventLog({ url: server.url(), schema })
    const [first] = finishedRun('r')
    await log.append('r', first ?? [])
    await log.append('other', finishedRun('other'))
    await execute(
      server.url(),
      `INSERT INTO ${schema}.eventlog_events
       VALUES ('r', 2, '\\x00', 2, ${ASSISTANT_KIND}, convert_to(repeat('x', 250000001), 'UTF8'))`,
    )
    await expect(log.read('r')).rejects.toMatchObject(unreadable)
    const stream = log.stream('r')[Symbol.asyncIterator]()
    await expect(stream.next()).rejects.toMatchObject(unreadable)
    expect(await log.read('r', { limit: 1 })).toEqual([first])
    await using other = await openPostgresEventLog({ url: server.url(), schema })
    const next = { ...at(chainOf('r', 3), 2), prevHash: new Uint8Array(32) }
    // Of one that remembers the run, and of one that has to look.
    for (const each of [log, other]) await expect(each.append('r', next)).rejects.toMatchObject(unreadable)
    expect(await log.listRuns()).toMatchObject({ totalMatching: 2 })
    expect(await log.search({ query: 'thanks' })).toMatchObject([{ runId: 'other' }])
    await using reader = await openPostgresEventLog({ url: server.url(), schema, readOnly: true })
    expect(await reader.search({ query: 'thanks' })).toMatchObject([{ runId: 'other' }])
  })
})

function withPayload(event: Event, payload: Uint8Array): Event {
  return { ...event, payload }
}
