import { setImmediate as turn } from 'node:timers/promises'

import { chainOf, finishedRun } from '@starling/eventlog/conformance'
import Database from 'better-sqlite3'
import { describe, expect, onTestFinished, test, vi } from 'vitest'

import { createEventReader } from '../src/event-rows.ts'
import { openSqliteEventLog } from '../src/index.ts'
import { LiveTail } from '../src/live-tail.ts'
import { insertEvents, openRaw } from './raw.ts'
import { temporaryPath } from './temporary-directory.ts'

describe('a stream', () => {
  test('wakes at once for an append of its own process, without looking at the file', async () => {
    const path = temporaryPath()
    await using log = await openSqliteEventLog({ path, pollIntervalMs: 3_600_000 })
    const stream = log.stream('r')[Symbol.asyncIterator]()
    const next = stream.next()
    await log.append('r', chainOf('r', 1))
    expect((await next).value).toMatchObject({ seq: 1 })
    await stream.return?.()
  })

  test('looks for the appends of others as often as it is told', async () => {
    const path = temporaryPath()
    await using log = await openSqliteEventLog({ path, pollIntervalMs: 1 })
    const stream = log.stream('r')[Symbol.asyncIterator]()
    const next = stream.next()
    using raw = openRaw(path)
    insertEvents(raw.db, chainOf('r', 1))
    expect((await next).value).toMatchObject({ seq: 1 })
    await stream.return?.()
  })

  test('that nobody waits for any more stops looking at the file', async () => {
    const { tail, versionReads } = await openTail()
    const stop = vi.spyOn(globalThis, 'clearInterval')
    onTestFinished(() => stop.mockRestore())
    const streams = [tail.stream('r'), tail.stream('r')].map((stream) => stream[Symbol.asyncIterator]())
    const waiting = streams.map((stream) => stream.next())
    await expect.poll(versionReads).toBeGreaterThan(3)
    await streams[0]?.return?.()
    expect(stop).not.toHaveBeenCalled()
    await streams[1]?.return?.()
    await Promise.all(waiting)
    expect(stop).toHaveBeenCalledTimes(1)
  })

  test('of a slow reader is behind and loses nothing', async () => {
    const path = temporaryPath()
    await using log = await openSqliteEventLog({ path })
    const events = chainOf('r', 2000)
    const seen: number[] = []
    const reading = (async () => {
      for await (const event of log.stream('r')) {
        seen.push(event.seq)
        if (event.seq % 10 === 0) await turn()
        if (event.seq === events.length) break
      }
    })()
    for (let from = 0; from < events.length; from += 10) await log.append('r', events.slice(from, from + 10))
    await reading
    expect(seen).toEqual(events.map((event) => event.seq))
  })

  test('of a run that another program prunes ends', async () => {
    const path = temporaryPath()
    await using log = await openSqliteEventLog({ path, pollIntervalMs: 1 })
    await log.append('r', chainOf('r', 2))
    const seen: number[] = []
    using raw = openRaw(path)
    for await (const event of log.stream('r')) {
      seen.push(event.seq)
      if (event.seq === 2) raw.db.exec('DELETE FROM eventlog_events')
    }
    expect(seen).toEqual([1, 2])
  })

  test('reports what is wrong with the file', async () => {
    const path = temporaryPath()
    await using log = await openSqliteEventLog({ path, pollIntervalMs: 1 })
    const next = log.stream('r')[Symbol.asyncIterator]().next()
    using raw = openRaw(path)
    raw.db.exec('DROP TABLE eventlog_events')
    await expect(next).rejects.toMatchObject({ code: 'EVENTLOG_SCHEMA_OUTDATED' })
  })

  test('many of them share one look at the file', async () => {
    const { tail, versionReads } = await openTail()
    const spy = vi.spyOn(globalThis, 'setInterval')
    onTestFinished(() => spy.mockRestore())
    const streams = Array.from({ length: 20 }, (_, n) => tail.stream(`run-${n}`)[Symbol.asyncIterator]())
    const waiting = streams.map((stream) => stream.next())
    await expect.poll(versionReads).toBeGreaterThan(3)
    expect(spy).toHaveBeenCalledTimes(1)
    tail.close()
    const results = await Promise.allSettled(waiting)
    expect(results.every((result) => result.status === 'rejected')).toBe(true)
  })
})

test('a finished run is streamed and over, whoever wrote it', async () => {
  const path = temporaryPath()
  await using log = await openSqliteEventLog({ path })
  using raw = openRaw(path)
  insertEvents(raw.db, finishedRun('r'))
  const seen: number[] = []
  for await (const event of log.stream('r', { fromSeq: 3 })) seen.push(event.seq)
  expect(seen).toEqual([3, 4, 5, 6, 7])
})

/** A tail over a connection that counts how often the file's version is asked for. */
async function openTail(): Promise<{ readonly tail: LiveTail; readonly versionReads: () => number }> {
  const path = temporaryPath()
  await (await openSqliteEventLog({ path }))[Symbol.asyncDispose]()
  let reads = 0
  const db = new Database(path, {
    verbose: (sql) => {
      if (String(sql).includes('data_version')) reads++
    },
  })
  const tail = new LiveTail({ db, reader: createEventReader(db), pollIntervalMs: 1, read: async (action) => action() })
  onTestFinished(() => {
    tail.close()
    db.close()
  })
  return { tail, versionReads: () => reads }
}
