import { describe, expect, test } from 'vitest'

import { readPages } from '../read-pages.ts'
import type { EventLogHarness } from './harness.ts'
import { chainOf, finishedRun } from './runs.ts'
import { collect, store } from './test-steps.ts'

/** Registers what holds for reading. */
export function describeRead(harness: EventLogHarness): void {
  describe('read', () => {
    test('an unknown run is an empty one', async () => {
      await using log = await harness.open()
      await store(log, finishedRun('r'))
      expect(await log.read('other')).toEqual([])
      expect(await log.read('other', { fromSeq: 5, limit: 2 })).toEqual([])
    })

    test.each([
      { fromSeq: 1, limit: 3 },
      { fromSeq: 4, limit: 3 },
      { fromSeq: 9, limit: 5 },
      { fromSeq: 10 },
      { fromSeq: 11 },
      { fromSeq: 1_000_000, limit: 1 },
      { limit: 0 },
      { limit: 1 },
      { limit: 1_000_000 },
      {},
    ])('the range %j is returned', async (range: { fromSeq?: number; limit?: number }) => {
      await using log = await harness.open()
      const events = await store(log, chainOf('r', 10))
      const { fromSeq = 1, limit = Infinity } = range
      expect(await log.read('r', range)).toEqual(events.slice(fromSeq - 1, fromSeq - 1 + limit))
    })

    test.each([{ fromSeq: 0 }, { fromSeq: -1 }, { fromSeq: 1.5 }, { fromSeq: NaN }, { limit: -1 }, { limit: 0.5 }])(
      'the range %j makes no sense and is refused',
      async (range) => {
        await using log = await harness.open()
        await expect(log.read('r', range)).rejects.toMatchObject({ code: 'EVENTLOG_INVALID_OPTIONS' })
      },
    )

    test.each([1, 7, 10, 29, 30, 31, 1000])('pages of %i hold the whole run in order', async (pageSize) => {
      await using log = await harness.open()
      const events = await store(log, chainOf('r', 30))
      const pages = await collect(readPages(log, 'r', { pageSize }))
      expect(pages.flat()).toEqual(events)
      expect(pages.slice(0, -1).every((page) => page.length === pageSize)).toBe(true)
    })

    const runs = harness.runs ?? []
    test.each(runs)('the recorded run $name comes back byte for byte', async ({ events }) => {
      await using log = await harness.open()
      const runId = events[0]?.runId ?? ''
      await log.append(runId, events)
      expect(await log.read(runId)).toEqual(events)
    })
  })
}
