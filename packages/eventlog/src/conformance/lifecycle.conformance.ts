import { describe, expect, test } from 'vitest'

import type { EventLog } from '../event-log.ts'
import type { EventLogHarness, Reopen } from './harness.ts'
import { chainOf, finishedRun } from './runs.ts'
import { at, collect, outcomesOf, store } from './test-steps.ts'

const CLOSED = { code: 'EVENTLOG_CLOSED' }
const READ_ONLY = { code: 'EVENTLOG_READ_ONLY' }

/** Registers what holds for the end of a log, and for what outlives it. */
export function describeLifecycle(harness: EventLogHarness): void {
  describe('disposal', () => {
    test('may be repeated, also at the same time', async () => {
      const log = await harness.open()
      await store(log, finishedRun('r'))
      await Promise.all([log[Symbol.asyncDispose](), log[Symbol.asyncDispose]()])
      await expect(log[Symbol.asyncDispose]()).resolves.toBeUndefined()
    })

    test.each([
      { what: 'append', call: (log: EventLog) => log.append('r', at(chainOf('r', 1), 0)) },
      { what: 'append of nothing', call: (log: EventLog) => log.append('r', []) },
      { what: 'read', call: (log: EventLog) => log.read('r') },
      { what: 'stream', call: (log: EventLog) => collect(log.stream('r')) },
      { what: 'listRuns', call: (log: EventLog) => log.listRuns() },
      { what: 'summary', call: (log: EventLog) => log.summary('r') },
      { what: 'search', call: (log: EventLog) => log.search({ query: 'x' }) },
      { what: 'prune', call: (log: EventLog) => log.prune({ before: 1n, dryRun: true }) },
      { what: 'fork', call: (log: EventLog) => log.fork('r', { beforeSeq: 0, newRunId: 's' }) },
    ])('$what fails afterwards with EVENTLOG_CLOSED', async ({ call }) => {
      const log = await harness.open()
      await log[Symbol.asyncDispose]()
      await expect(call(log)).rejects.toMatchObject(CLOSED)
    })

    test('an append that is under way lands or fails with EVENTLOG_CLOSED', async () => {
      const log = await harness.open()
      const appends = Array.from({ length: 8 }, (_, n) => log.append(`r${n}`, finishedRun(`r${n}`)))
      await log[Symbol.asyncDispose]()
      const outcomes = await outcomesOf(appends)
      expect(outcomes.filter((outcome) => outcome !== 'ok' && outcome !== CLOSED.code)).toEqual([])
    })
  })
}

/** Registers what holds for a log that ends with its process. */
export function describeTransience(harness: EventLogHarness): void {
  test('the log does not outlive its process', async () => {
    await using log = await harness.open()
    await store(log, finishedRun('r'))
    await using other = await harness.open()
    expect(await other.read('r')).toEqual([])
  })
}

/** Registers what holds for a storage that is opened more than once. */
export function describeReopening(harness: EventLogHarness, reopen: Reopen): void {
  describe('a log that is opened again', () => {
    test('has everything that was appended', async () => {
      const log = await harness.open()
      const events = await store(log, finishedRun('r'))
      const summary = await log.summary('r')
      await log[Symbol.asyncDispose]()
      await using again = await reopen(log)
      expect(await again.read('r')).toEqual(events)
      expect(await again.summary('r')).toEqual(summary)
      expect(await again.search({ query: 'thanks' })).toHaveLength(1)
      expect(await collect(again.stream('r'))).toEqual(events)
    })

    test('has what was appended by a log that was never disposed of', async () => {
      await using log = await harness.open()
      const events = await store(log, finishedRun('r'))
      await using again = await reopen(log)
      expect(await again.read('r')).toEqual(events)
    })

    test('has whole batches or nothing of what was under way when it was disposed of', async () => {
      const log = await harness.open()
      const appends = Array.from({ length: 8 }, (_, n) => log.append(`r${n}`, finishedRun(`r${n}`)))
      await log[Symbol.asyncDispose]()
      const outcomes = await outcomesOf(appends)
      await using again = await reopen(log)
      for (const [n, outcome] of outcomes.entries()) {
        expect(await again.read(`r${n}`)).toHaveLength(outcome === 'ok' ? finishedRun('r').length : 0)
      }
    })

    test('goes on with a run', async () => {
      const log = await harness.open()
      const events = chainOf('r', 4)
      await log.append('r', events.slice(0, 2))
      await log[Symbol.asyncDispose]()
      await using again = await reopen(log)
      await again.append('r', events.slice(2))
      expect(await again.read('r')).toEqual(events)
    })
  })

  describe('two logs on one storage', () => {
    test('see what the other appends', async () => {
      await using one = await harness.open()
      await using two = await reopen(one)
      const events = chainOf('r', 6)
      for (const [index, event] of events.entries()) {
        await (index % 2 === 0 ? one : two).append('r', event)
        expect(await (index % 2 === 0 ? two : one).read('r')).toEqual(events.slice(0, index + 1))
      }
      expect(await one.summary('r')).toEqual(await two.summary('r'))
      expect((await two.listRuns()).totalMatching).toBe(1)
    })

    test('let exactly one of two writers win each seq', async () => {
      await using one = await harness.open()
      await using two = await reopen(one)
      for (const [index, event] of chainOf('r', 10).entries()) {
        const outcomes = await outcomesOf([one.append('r', event), two.append('r', event)])
        expect(outcomes.toSorted()).toEqual(['EVENTLOG_INVALID_APPEND', 'ok'])
        expect(await one.read('r')).toHaveLength(index + 1)
      }
    })

    test('stream what the other appends', async () => {
      await using one = await harness.open()
      await using two = await reopen(one)
      const events = finishedRun('r')
      await one.append('r', at(events, 0))
      const streamed = collect(two.stream('r'))
      for (const event of events.slice(1)) await one.append('r', event)
      expect(await streamed).toEqual(events)
    })

    test('no longer see what the other pruned', async () => {
      await using one = await harness.open()
      await using two = await reopen(one)
      await store(one, finishedRun('r'))
      expect(await two.summary('r')).toMatchObject({ status: 'completed' })
      await one.prune({ before: 10n ** 18n })
      expect(await two.read('r')).toEqual([])
      expect(await two.summary('r')).toBeUndefined()
      expect((await two.listRuns()).totalMatching).toBe(0)
      expect(await two.search({ query: 'thanks' })).toEqual([])
    })
  })
}

/** Registers what holds for a log that was opened for reading only. */
export function describeReadOnly(harness: EventLogHarness, reopen: Reopen): void {
  describe('a log that was opened for reading only', () => {
    test('reads everything', async () => {
      await using log = await harness.open()
      const events = await store(log, finishedRun('r'))
      await using reader = await reopen(log)
      expect(await reader.read('r')).toEqual(events)
      expect(await reader.summary('r')).toEqual(await log.summary('r'))
      expect(await reader.listRuns()).toEqual(await log.listRuns())
      expect(await reader.search({ query: 'thanks' })).toHaveLength(1)
      expect(await collect(reader.stream('r'))).toEqual(events)
      expect(await reader.prune({ before: 10n ** 18n, dryRun: true })).toMatchObject({ matchedRuns: 1 })
    })

    test.each([
      { what: 'append', call: (log: EventLog) => log.append('s', chainOf('s', 1)) },
      { what: 'prune', call: (log: EventLog) => log.prune({ before: 10n ** 18n }) },
      { what: 'fork', call: (log: EventLog) => log.fork('r', { beforeSeq: 0, newRunId: 's' }) },
    ])('$what is refused with EVENTLOG_READ_ONLY and changes nothing', async ({ call }) => {
      await using log = await harness.open()
      const events = await store(log, finishedRun('r'))
      await using reader = await reopen(log)
      await expect(call(reader)).rejects.toMatchObject(READ_ONLY)
      expect(await log.read('r')).toEqual(events)
      expect(await log.read('s')).toEqual([])
    })
  })
}
