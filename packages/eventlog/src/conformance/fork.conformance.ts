import { describe, expect, test } from 'vitest'

import { validateRun } from '../validate.ts'
import type { EventLogHarness } from './harness.ts'
import { chainOf, finishedRun, RunBuilder } from './runs.ts'
import { at, store } from './test-steps.ts'

/** Registers what holds for forks. */
export function describeFork(harness: EventLogHarness): void {
  describe('fork', () => {
    test('copies a whole run, and the copy is valid', async () => {
      await using log = await harness.open()
      const events = await store(log, finishedRun('r'))
      expect(await log.fork('r', { beforeSeq: 0, newRunId: 'copy' })).toEqual({ events: events.length, isWhole: true })
      expect(await validateRun(log, 'r')).toMatchObject({ status: 'ok' })
      expect(await validateRun(log, 'copy')).toMatchObject({ status: 'ok', events: events.length })
      expect(await log.summary('copy')).toEqual({ ...(await log.summary('r')), runId: 'copy' })
    })

    test('keeps payloads as they are', async () => {
      await using log = await harness.open()
      const events = await store(log, chainOf('r', 5))
      await log.fork('r', { beforeSeq: 0, newRunId: 'copy' })
      expect((await log.read('copy')).map((copy) => copy.payload)).toEqual(events.map((event) => event.payload))
    })

    test.each([1, 2, 4, 7, 8, 100])('keeps the events before %i', async (beforeSeq) => {
      await using log = await harness.open()
      const events = await store(log, finishedRun('r'))
      const kept = events.slice(0, beforeSeq - 1)
      const report = { events: kept.length, isWhole: kept.length === events.length }
      expect(await log.fork('r', { beforeSeq, newRunId: 'copy' })).toEqual(report)
      const copies = await log.read('copy')
      expect(copies.map(({ seq, ts, kind }) => ({ seq, ts, kind }))).toEqual(
        kept.map(({ seq, ts, kind }) => ({ seq, ts, kind })),
      )
      expect(copies.every((copy) => copy.runId === 'copy')).toBe(true)
      expect(await log.read('r')).toEqual(events)
    })

    test('a fork goes its own way', async () => {
      await using log = await harness.open()
      const events = await store(log, chainOf('r', 4))
      await log.fork('r', { beforeSeq: 3, newRunId: 'copy' })
      const other = new RunBuilder('copy').start().say('message 1').say('another way').complete()
      await log.append('copy', other.events.slice(2))
      expect(await log.read('copy')).toEqual(other.events)
      expect(await validateRun(log, 'copy')).toMatchObject({ status: 'ok' })
      expect(await log.read('r')).toEqual(events)
    })

    test('a fork is listed and found', async () => {
      await using log = await harness.open()
      await store(log, finishedRun('r'))
      await log.fork('r', { beforeSeq: 0, newRunId: 'copy' })
      expect((await log.listRuns()).runs.map((run) => run.runId)).toEqual(['r', 'copy'])
      expect((await log.search({ query: 'thanks' })).map((hit) => hit.runId).toSorted()).toEqual(['copy', 'r'])
    })

    test('wakes the streams of the new run', async () => {
      await using log = await harness.open()
      const events = await store(log, finishedRun('r'))
      const stream = log.stream('copy')[Symbol.asyncIterator]()
      const first = stream.next()
      await log.fork('r', { beforeSeq: 0, newRunId: 'copy' })
      expect((await first).value).toMatchObject({ runId: 'copy', seq: 1, payload: at(events, 0).payload })
      await stream.return?.()
    })

    test('of a run that does not exist is refused', async () => {
      await using log = await harness.open()
      await expect(log.fork('r', { beforeSeq: 0, newRunId: 'copy' })).rejects.toMatchObject({
        code: 'EVENTLOG_FORK_NOT_FOUND',
      })
    })

    test.each(['other', 'r', ''])(
      'into %j, which exists or cannot, is refused and changes nothing',
      async (newRunId) => {
        await using log = await harness.open()
        const events = await store(log, finishedRun('r'))
        const other = await store(log, chainOf('other', 2))
        await expect(log.fork('r', { beforeSeq: 0, newRunId })).rejects.toMatchObject({
          code: 'EVENTLOG_INVALID_APPEND',
        })
        expect(await log.read('r')).toEqual(events)
        expect(await log.read('other')).toEqual(other)
      },
    )

    test.each([-1, 1.5, NaN, Infinity])('before %j is refused', async (beforeSeq) => {
      await using log = await harness.open()
      await store(log, finishedRun('r'))
      await expect(log.fork('r', { beforeSeq, newRunId: 'copy' })).rejects.toMatchObject({
        code: 'EVENTLOG_INVALID_OPTIONS',
      })
      expect(await log.read('copy')).toEqual([])
    })
  })
}
