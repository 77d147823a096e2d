import { describe, expect, test } from 'vitest'

import { chainOf, finishedRun } from '../src/conformance/runs.ts'
import { at, collect } from '../src/conformance/test-steps.ts'
import { EventLogError, readPages, validateEvents, validateRun } from '../src/index.ts'
import type { EventLog } from '../src/index.ts'
import { createMemoryEventLog } from '../src/memory/index.ts'

describe('readPages', () => {
  test('reads no more than a page ahead of its consumer', async () => {
    const reads: number[] = []
    const log = {
      read: (_: string, { fromSeq = 1, limit = 0 } = {}) => {
        reads.push(fromSeq)
        return Promise.resolve(chainOf('r', 10).slice(fromSeq - 1, fromSeq - 1 + limit))
      },
    }
    for await (const page of readPages(log, 'r', { pageSize: 4 })) if (at(page, 0).seq === 5) break
    expect(reads).toEqual([1, 5])
  })

  test('starts at fromSeq', async () => {
    await using log = createMemoryEventLog()
    await log.append('r', chainOf('r', 10))
    const pages = await collect(readPages(log, 'r', { fromSeq: 4, pageSize: 3 }))
    expect(pages.map((page) => page.map((event) => event.seq))).toEqual([[4, 5, 6], [7, 8, 9], [10]])
  })

  test('has no page for a run without events', async () => {
    await using log = createMemoryEventLog()
    expect(await collect(readPages(log, 'r'))).toEqual([])
  })

  test.each([0, -1, 1.5, NaN, Infinity])('a page size of %j is refused', async (pageSize) => {
    await using log = createMemoryEventLog()
    await expect(collect(readPages(log, 'r', { pageSize }))).rejects.toMatchObject({ code: 'EVENTLOG_INVALID_OPTIONS' })
  })

  test('includes what is appended while it reads', async () => {
    await using log = createMemoryEventLog()
    const events = chainOf('r', 6)
    await log.append('r', events.slice(0, 4))
    const pages = readPages(log, 'r', { pageSize: 2 })
    const first = await pages.next()
    await log.append('r', events.slice(4))
    const rest = await collect(pages)
    expect([first.value, ...rest].flat()).toEqual(events)
  })
})

describe('validateRun', () => {
  test.each([1, 3, 7, 1000, undefined])('says the same as validating at once, in pages of %j', async (pageSize) => {
    await using log = createMemoryEventLog()
    await log.append('done', finishedRun('done'))
    await log.append('open', chainOf('open', 9))
    expect(await validateRun(log, 'done', { pageSize })).toEqual(validateEvents(finishedRun('done')))
    expect(await validateRun(log, 'open', { pageSize })).toEqual(validateEvents(chainOf('open', 9)))
  })

  test('a run that does not exist has no events, and is corrupt for that', async () => {
    await using log = createMemoryEventLog()
    expect(await validateRun(log, 'r')).toMatchObject({
      status: 'corrupt',
      events: 0,
      reason: 'eventlog: log failed validation: no events',
    })
  })

  test('fails when the log does', async () => {
    const log = createMemoryEventLog()
    await log[Symbol.asyncDispose]()
    await expect(validateRun(log, 'r')).rejects.toMatchObject({ code: 'EVENTLOG_CLOSED' })
  })

  test('calls a run corrupt that holds something unreadable, and says what', async () => {
    const events = chainOf('r', 9)
    const log: Pick<EventLog, 'read'> = {
      read: async (_runId, { fromSeq = 1, limit = 0 } = {}) => {
        if (fromSeq > 4) throw new EventLogError('EVENTLOG_CORRUPT', 'eventlog: event 6 is no event')
        return events.slice(fromSeq - 1, fromSeq - 1 + limit)
      },
    }
    expect(await validateRun(log, 'r', { pageSize: 4 })).toMatchObject({
      status: 'corrupt',
      events: 5,
      reason: 'eventlog: log failed validation: event 6 is no event',
    })
  })
})
