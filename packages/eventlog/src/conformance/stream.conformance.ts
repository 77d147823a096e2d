import type { Event } from '@starling/event'
import { describe, expect, test } from 'vitest'

import type { EventLog } from '../event-log.ts'
import type { EventLogHarness } from './harness.ts'
import { chainOf, finishedRun, RunBuilder } from './runs.ts'
import { at, collect, store } from './test-steps.ts'

/** Registers what holds for streams. */
export function describeStream(harness: EventLogHarness): void {
  describe('stream', () => {
    test('a finished run is streamed whole, then the stream ends', async () => {
      await using log = await harness.open()
      const events = await store(log, finishedRun('r'))
      expect(await collect(log.stream('r'))).toEqual(events)
    })

    test('history comes first, then live events, and the terminal event ends it', async () => {
      await using log = await harness.open()
      const events = finishedRun('r')
      await log.append('r', events.slice(0, 3))
      const stream = log.stream('r')[Symbol.asyncIterator]()
      const streamed: Event[] = []
      for (let n = 0; n < 3; n++) streamed.push(await next(stream))
      for (const event of events.slice(3)) {
        const live = next(stream)
        await log.append('r', event)
        streamed.push(await live)
      }
      expect(streamed).toEqual(events)
      expect(await stream.next()).toMatchObject({ done: true })
    })

    test('a run that does not exist yet is waited for', async () => {
      await using log = await harness.open()
      const streamed = collect(log.stream('r'))
      await store(log, finishedRun('other'))
      const events = await store(log, finishedRun('r'))
      expect(await streamed).toEqual(events)
    })

    test('starts at fromSeq', async () => {
      await using log = await harness.open()
      const events = finishedRun('r')
      await log.append('r', events.slice(0, 2))
      const streamed = collect(log.stream('r', { fromSeq: 4 }))
      await log.append('r', events.slice(2))
      expect(await streamed).toEqual(events.slice(3))
    })

    test('ends at once when it starts behind the end of a finished run', async () => {
      await using log = await harness.open()
      const events = await store(log, finishedRun('r'))
      expect(await collect(log.stream('r', { fromSeq: events.length + 1 }))).toEqual([])
      expect(await collect(log.stream('r', { fromSeq: events.length + 100 }))).toEqual([])
    })

    test('one that follows goes on after a terminal event', async () => {
      await using log = await harness.open()
      const run = new RunBuilder('r').start().complete()
      await store(log, run.events.slice(0, 2))
      const stream = log.stream('r', { follow: true })[Symbol.asyncIterator]()
      expect(await next(stream)).toEqual(run.events[0])
      expect(await next(stream)).toEqual(run.events[1])
      const late = next(stream)
      run.say('one more thing')
      await log.append('r', at(run.events, 2))
      expect(await late).toEqual(run.events[2])
      await stream.return?.()
    })

    test('can be iterated more than once, from the start each time', async () => {
      await using log = await harness.open()
      const events = await store(log, finishedRun('r'))
      const stream = log.stream('r')
      expect(await collect(stream)).toEqual(events)
      expect(await collect(stream)).toEqual(events)
    })

    test('an event that lands while history is read comes once and in order', async () => {
      await using log = await harness.open()
      const events = new RunBuilder('r').start()
      while (events.events.length < 600) events.say(`message ${events.events.length}`)
      events.complete()
      await log.append('r', events.events.slice(0, 300))
      const streams = Array.from({ length: 4 }, () => collect(log.stream('r')))
      for (let from = 300; from < 601; from += 20) await log.append('r', events.events.slice(from, from + 20))
      for (const stream of streams) expect((await stream).map((event) => event.seq)).toEqual(seqs(601))
    })

    test('a slow reader of 3,000 events misses none', async () => {
      await using log = await harness.open()
      const events = chainOf('r', 3000)
      await log.append('r', at(events, 0))
      const stream = log.stream('r')[Symbol.asyncIterator]()
      const streamed = [await next(stream)]
      for (let from = 1; from < events.length; from += 100) await log.append('r', events.slice(from, from + 100))
      while (streamed.length < events.length) streamed.push(await next(stream))
      expect(streamed).toEqual(events)
      await stream.return?.()
    })

    test('what a reader does to an event changes no other stream', async () => {
      await using log = await harness.open()
      const events = await store(log, finishedRun('r'))
      for await (const event of log.stream('r')) event.payload.fill(0)
      expect(await collect(log.stream('r'))).toEqual(events)
    })

    test.each([{ fromSeq: 0 }, { fromSeq: -3 }, { fromSeq: 2.5 }])('%j is refused', async (options) => {
      await using log = await harness.open()
      await expect(collect(log.stream('r', options))).rejects.toMatchObject({ code: 'EVENTLOG_INVALID_OPTIONS' })
    })
  })

  describe('a stream that is stopped', () => {
    test('rejects with the reason of a signal that was aborted before', async () => {
      await using log = await harness.open()
      await store(log, finishedRun('r'))
      const reason = new Error('before')
      await expect(collect(log.stream('r', { signal: AbortSignal.abort(reason) }))).rejects.toBe(reason)
    })

    test('rejects with the reason while it waits', async () => {
      await using log = await harness.open()
      await store(log, chainOf('r', 2))
      const controller = new AbortController()
      const stream = log.stream('r', { signal: controller.signal })[Symbol.asyncIterator]()
      await next(stream)
      await next(stream)
      const waiting = stream.next()
      const reason = { custom: 'reason' }
      controller.abort(reason)
      await expect(waiting).rejects.toBe(reason)
      expect(await stream.next()).toMatchObject({ done: true })
    })

    test('rejects with the reason in the middle of history', async () => {
      await using log = await harness.open()
      await store(log, chainOf('r', 600))
      const controller = new AbortController()
      const streamed: number[] = []
      const reading = (async () => {
        for await (const { seq } of log.stream('r', { signal: controller.signal })) {
          streamed.push(seq)
          if (seq === 10) controller.abort('enough')
        }
      })()
      await expect(reading).rejects.toBe('enough')
      expect(streamed).toEqual(seqs(10))
    })

    test('disturbs no other stream', async () => {
      await using log = await harness.open()
      const events = finishedRun('r')
      const controller = new AbortController()
      const stopped = collect(log.stream('r', { signal: controller.signal }))
      const others = [collect(log.stream('r')), collect(log.stream('r'))]
      await log.append('r', at(events, 0))
      controller.abort('gone')
      await expect(stopped).rejects.toBe('gone')
      await log.append('r', events.slice(1))
      for (const other of others) expect(await other).toEqual(events)
    })

    test('can be left with break', async () => {
      await using log = await harness.open()
      const events = await store(log, chainOf('r', 5))
      expect(await collect(log.stream('r'), 3)).toEqual(events.slice(0, 3))
    })

    test('can be left while it waits', async () => {
      await using log = await harness.open()
      const stream = log.stream('r')[Symbol.asyncIterator]()
      const waiting = stream.next()
      expect(await stream.return?.()).toMatchObject({ done: true })
      expect(await waiting).toMatchObject({ done: true })
      await store(log, finishedRun('r'))
      expect(await stream.next()).toMatchObject({ done: true })
    })

    test('fails with EVENTLOG_CLOSED when the log is disposed of, and so does one that begins afterwards', async () => {
      const log = await harness.open()
      await store(log, chainOf('r', 2))
      const waiting = await waitingStreams(log, 3)
      await log[Symbol.asyncDispose]()
      for (const stream of waiting) await expect(stream).rejects.toMatchObject({ code: 'EVENTLOG_CLOSED' })
      await expect(collect(log.stream('r'))).rejects.toMatchObject({ code: 'EVENTLOG_CLOSED' })
    })

    test('ends when its run is pruned', async () => {
      await using log = await harness.open()
      await store(log, chainOf('r', 2))
      const stream = log.stream('r')[Symbol.asyncIterator]()
      await next(stream)
      await next(stream)
      const waiting = stream.next()
      await log.prune({ before: 10n ** 18n, includeInProgress: true })
      expect(await waiting).toMatchObject({ done: true })
    })
  })
}

async function next(stream: AsyncIterator<Event>): Promise<Event> {
  const result = await stream.next()
  if (result.done === true) throw new RangeError('expected another event, got the end of the stream')
  return result.value
}

/** Streams that have read the two events of run `r` and wait for a third. */
async function waitingStreams(log: EventLog, count: number): Promise<readonly Promise<unknown>[]> {
  const waiting: Promise<unknown>[] = []
  for (let n = 0; n < count; n++) {
    const stream = log.stream('r')[Symbol.asyncIterator]()
    await next(stream)
    await next(stream)
    const third = stream.next()
    // Handled where it is awaited; until then a rejection is nobody's.
    third.catch(() => undefined)
    waiting.push(third)
  }
  return waiting
}

function seqs(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1)
}
