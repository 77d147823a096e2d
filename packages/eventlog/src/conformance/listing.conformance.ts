import { KIND } from '@starling/event'
import type { Event } from '@starling/event'
import { describe, expect, test } from 'vitest'

import type { EventLog, ListRunsOptions, PruneOptions } from '../event-log.ts'
import { summarize } from '../summarize.ts'
import type { EventLogHarness } from './harness.ts'
import { LISTING_CASES, PRUNE_CASES, runsToList, runsToPrune } from './listing-cases.ts'
import { chainOf, finishedRun, RunBuilder } from './runs.ts'
import { store } from './test-steps.ts'

/** Registers what holds for listings and summaries. */
export function describeListing(harness: EventLogHarness): void {
  describe('listRuns', () => {
    test('an empty log has no runs', async () => {
      await using log = await harness.open()
      expect(await log.listRuns()).toEqual({ runs: [], totalMatching: 0, limit: 50, offset: 0 })
    })

    test.each(LISTING_CASES)('the log format says: $options', async ({ options, totalMatching, runIds }) => {
      await using log = await storing(harness, runsToList())
      const page = await log.listRuns(options)
      expect(page.totalMatching).toBe(totalMatching)
      expect(page.runs).toHaveLength(runIds?.length ?? totalMatching)
      const listed = page.runs.map((run) => run.runId)
      expect(listed).toEqual(runIds ?? listed)
    })

    test('the newest run comes first', async () => {
      const runs = [1n, 9n, 5n].map((startedAt) => chainOf(`r${startedAt}`, 1, startedAt))
      await using log = await storing(harness, runs)
      expect(await listedIds(log)).toEqual(['r9', 'r5', 'r1'])
    })

    test('runs that began together are in descending order of the UTF-8 bytes of their ids', async () => {
      const ids = ['a', 'B', 'b', 'aa', 'é', '\u{ff5e}', '\u{1f600}', 'z']
      await using log = await storing(
        harness,
        ids.map((runId) => chainOf(runId, 1)),
      )
      expect(await listedIds(log)).toEqual(['\u{1f600}', '\u{ff5e}', 'é', 'z', 'b', 'aa', 'a', 'B'])
    })

    test('fifty runs are a page, unless a limit says otherwise', async () => {
      const runs = Array.from({ length: 55 }, (_, n) => chainOf(`r${n}`, 1, BigInt(n)))
      await using log = await storing(harness, runs)
      const newestFirst = runs.map((_, n) => `r${n}`).toReversed()
      const page = await log.listRuns()
      expect(page).toMatchObject({ totalMatching: 55, limit: 50, offset: 0 })
      expect(page.runs.map((run) => run.runId)).toEqual(newestFirst.slice(0, 50))
      expect(await listedIds(log, { offset: 50 })).toEqual(newestFirst.slice(50))
      expect(await listedIds(log, { limit: 7, offset: 3 })).toEqual(newestFirst.slice(3, 10))
      for (const limit of [0, -1]) expect(await listedIds(log, { limit })).toEqual(newestFirst)
      expect(await listedIds(log, { limit: 5, offset: 100 })).toEqual([])
    })

    test.each([1, 2, 7, 50])(
      'pages of %d, each behind the one before, hold every run once, in order',
      async (limit) => {
        // Several began together, so that the place of a run is more than its time.
        const runs = Array.from({ length: 23 }, (_, n) => chainOf(`r${n}`, 1, BigInt(n >> 2)))
        await using log = await storing(harness, runs)
        const pages = await collectPages(log, { limit })
        expect(pages).toEqual(await listedIds(log, { limit: 0 }))
        expect(await collectPages(log, { limit, query: 'r1' })).toEqual(await listedIds(log, { limit: 0, query: 'r1' }))
        expect(await collectPages(log, { limit, status: 'failed' })).toEqual([])
      },
    )

    test('a run that is added or deleted between two pages moves no other', async () => {
      const runs = Array.from({ length: 9 }, (_, n) => finishedRun(`r${n}`, BigInt(n) * 1000n + 1n))
      await using log = await storing(harness, runs)
      const first = await log.listRuns({ limit: 4 })
      expect(first.runs.map((run) => run.runId)).toEqual(['r8', 'r7', 'r6', 'r5'])
      await log.append('newest', finishedRun('newest', 10n ** 9n))
      await log.prune({ before: 2n, includeInProgress: true })
      const second = await log.listRuns({ limit: 4, after: first.next })
      expect(second.runs.map((run) => run.runId)).toEqual(['r4', 'r3', 'r2', 'r1'])
      expect(second.totalMatching).toBe(9)
      expect(second.next).toBeUndefined()
    })

    test('an offset behind a page counts from there', async () => {
      const runs = Array.from({ length: 9 }, (_, n) => chainOf(`r${n}`, 1, BigInt(n)))
      await using log = await storing(harness, runs)
      const { next } = await log.listRuns({ limit: 2 })
      expect(await listedIds(log, { limit: 2, offset: 3, after: next })).toEqual(['r3', 'r2'])
      expect(await listedIds(log, { limit: 0, after: next })).toEqual(['r6', 'r5', 'r4', 'r3', 'r2', 'r1', 'r0'])
      expect(await listedIds(log, { offset: 100, after: next })).toEqual([])
    })

    test('the last page, wherever it begins, has nothing behind it', async () => {
      const runs = Array.from({ length: 6 }, (_, n) => chainOf(`r${n}`, 1, BigInt(n)))
      await using log = await storing(harness, runs)
      for (const options of [{}, { limit: 6 }, { limit: 0 }, { limit: 3, offset: 3 }, { offset: 9 }]) {
        expect((await log.listRuns(options)).next).toBeUndefined()
      }
      expect((await log.listRuns({ limit: 3, offset: 2 })).next).toBeDefined()
    })

    test.each(['', 'r1', ':', 'x:r', '1.5:r', `${'9'.repeat(20)}:r`])(
      'a place that is none, %j, is refused',
      async (after) => {
        await using log = await harness.open()
        await expect(log.listRuns({ after })).rejects.toMatchObject({ code: 'EVENTLOG_INVALID_OPTIONS' })
      },
    )

    test('a negative offset counts as none, and the page says so', async () => {
      await using log = await storing(harness, runsToList())
      const page = await log.listRuns({ limit: 1, offset: -4 })
      expect(page).toMatchObject({ limit: 1, offset: 0, totalMatching: 5, runs: [{ runId: 'epsilon-completed' }] })
    })

    test.each([{ limit: 1.5 }, { limit: NaN }, { offset: 0.5 }, { offset: Infinity }])(
      '%j is refused',
      async (options) => {
        await using log = await harness.open()
        await expect(log.listRuns(options)).rejects.toMatchObject({ code: 'EVENTLOG_INVALID_OPTIONS' })
      },
    )

    test.each([' FAILED ', 'Failed', 'failed'])('the status may be written %j', async (status) => {
      await using log = await storing(harness, runsToList())
      expect(await listedIds(log, { status })).toEqual(['beta-failed'])
    })

    test.each([
      ['ALPHA', ['alpha-completed']],
      [' gamma ', ['gamma-cancelled']],
      ['a-c', ['gamma-cancelled', 'alpha-completed']],
      ['in prog', ['delta-progress']],
      ['', ['epsilon-completed', 'delta-progress', 'gamma-cancelled', 'beta-failed', 'alpha-completed']],
      ["'", []],
      ['\\', []],
      ['nothing', []],
    ])('the query %j finds %j', async (query, runIds) => {
      await using log = await storing(harness, runsToList())
      expect(await listedIds(log, { query })).toEqual(runIds)
    })

    test('startedAfter is exclusive, to the nanosecond', async () => {
      const startedAt = 1_736_121_600_000_000_005n
      await using log = await storing(harness, [chainOf('r', 1, startedAt)])
      expect(await listedIds(log, { startedAfter: startedAt })).toEqual([])
      expect(await listedIds(log, { startedAfter: startedAt - 1n })).toEqual(['r'])
    })

    test('filters are combined', async () => {
      await using log = await storing(harness, runsToList())
      expect(await listedIds(log, { requireToolCalls: true, status: 'failed' })).toEqual(['beta-failed'])
      expect(await listedIds(log, { requireToolCalls: true, status: 'completed' })).toEqual([])
      expect(await listedIds(log, { query: 'e', startedAfter: 2_000_000n, limit: 2 })).toEqual([
        'epsilon-completed',
        'delta-progress',
      ])
    })
  })

  describe('summary', () => {
    test('is that of the events, for every state of a run, alone and in the listing', async () => {
      const runs = [...runsToList(), finishedRun('with-a-tool'), resumedRun()]
      await using log = await storing(harness, runs)
      const page = await log.listRuns()
      expect(page.runs).toHaveLength(runs.length)
      for (const summary of page.runs) {
        expect(summary).toEqual(summarize(await log.read(summary.runId)))
        expect(await log.summary(summary.runId)).toEqual(summary)
      }
    })

    test('counts turns, calls, tokens, cost and time', async () => {
      await using log = await storing(harness, [finishedRun('r')])
      expect(await log.summary('r')).toEqual({
        runId: 'r',
        status: 'completed',
        startedAt: 1_000_000n,
        lastSeq: 7,
        lastKind: KIND.RunCompleted,
        turnCount: 1,
        toolCallCount: 1,
        inputTokens: 10,
        outputTokens: 4,
        costUsd: 0.000_3,
        durationMs: 6,
      })
    })

    test('follows every append', async () => {
      await using log = await harness.open()
      const events = finishedRun('r')
      for (const [index, event] of events.entries()) {
        await log.append('r', event)
        expect(await log.summary('r')).toEqual(summarize(events.slice(0, index + 1)))
      }
    })

    test('a clock that goes back gives no negative duration', async () => {
      await using log = await storing(harness, [new RunBuilder('r', 10n ** 9n, -1_000_000n).start().complete().events])
      expect(await log.summary('r')).toMatchObject({ durationMs: 0, startedAt: 10n ** 9n })
    })

    test('costs are added in log order', async () => {
      const run = new RunBuilder('r').start()
      for (let n = 0; n < 30; n++) run.callTool()
      await using log = await storing(harness, [run.events])
      let sum = 0
      for (let n = 0; n < 30; n++) sum += 0.000_3
      expect((await log.summary('r'))?.costUsd).toBe(sum)
    })

    test('an answer that does not decode counts nothing and stops nothing', async () => {
      const run = new RunBuilder('r')
        .start()
        .callTool()
        .addRaw(KIND.AssistantMessageCompleted, Uint8Array.of(0x01))
        .callTool()
      await using log = await storing(harness, [run.events])
      expect(await log.summary('r')).toMatchObject({ inputTokens: 20, turnCount: 2, lastSeq: 10 })
    })

    test('there is none for a run that does not exist', async () => {
      await using log = await harness.open()
      expect(await log.summary('r')).toBeUndefined()
    })
  })

  describe('prune', () => {
    test('the log format says what is deleted', async () => {
      await using log = await storing(harness, runsToPrune())
      for (const { options, report, remaining } of PRUNE_CASES) {
        expect(await log.prune(options)).toMatchObject({ ...report, dryRun: options.dryRun ?? false })
        expect((await listedIds(log)).toSorted()).toEqual(remaining.toSorted())
      }
    })

    test.each([
      [{ before: 5_000_000n }, ['old-completed', 'old-failed']],
      [{ before: 5_000_000n, includeInProgress: true }, ['old-completed', 'old-failed', 'old-progress']],
      [{ before: 5_000_000n, status: ' In Progress ' }, ['old-progress']],
      [{ before: 5_000_000n, includeInProgress: true, status: 'failed' }, ['old-failed']],
      [{ before: 5_000_000n, includeInProgress: true, limit: 2 }, ['old-completed', 'old-failed']],
      [{ before: 5_000_000n, limit: -3 }, ['old-completed', 'old-failed']],
      [{ before: 1_000_000n }, []],
      [{ before: 1_000_001n }, ['old-completed']],
      [{ before: 2n ** 63n - 1n }, ['old-completed', 'old-failed', 'new-completed']],
    ] satisfies [PruneOptions, string[]][])('%o deletes %j, oldest first', async (options, runIds) => {
      await using log = await storing(harness, runsToPrune())
      const before = await listedIds(log)
      const events = runsToPrune().filter(([first]) => runIds.some((runId) => runId === first?.runId))
      const counts = { matchedRuns: runIds.length, matchedEvents: events.flat().length }
      const dry = await log.prune({ ...options, dryRun: true })
      expect(dry).toEqual({ ...counts, deletedRuns: 0, deletedEvents: 0, dryRun: true, runIds })
      expect(await listedIds(log)).toEqual(before)
      const report = await log.prune(options)
      const deleted = { deletedRuns: counts.matchedRuns, deletedEvents: counts.matchedEvents }
      expect(report).toEqual({ ...counts, ...deleted, dryRun: false, runIds })
      expect(await listedIds(log)).toEqual(before.filter((runId) => !runIds.some((gone) => gone === runId)))
    })

    test('runs that began together are deleted in the order of their ids', async () => {
      await using log = await storing(
        harness,
        ['b', 'a', 'c'].map((runId) => new RunBuilder(runId).start().complete().events),
      )
      expect((await log.prune({ before: 10n ** 18n, limit: 2 })).runIds).toEqual(['a', 'b'])
      expect(await listedIds(log)).toEqual(['c'])
    })

    test.each([
      { before: 2n ** 63n },
      { before: -(2n ** 63n) - 1n },
      { before: 0n },
      { before: 5n, status: 'bogus' },
      { before: 5n, limit: 1.5 },
    ])('%o is refused', async (options) => {
      await using log = await storing(harness, runsToPrune())
      await expect(log.prune(options)).rejects.toMatchObject({ code: 'EVENTLOG_INVALID_PRUNE' })
      expect(await listedIds(log)).toHaveLength(4)
    })

    test('a pruned run is gone everywhere, and its id can be used again', async () => {
      await using log = await storing(harness, [finishedRun('r'), finishedRun('kept', 2n)])
      await log.prune({ before: 10n ** 18n, limit: 1 })
      await log.prune({ before: 10n ** 18n, limit: 1 })
      expect(await log.read('r')).toEqual([])
      expect(await log.summary('r')).toBeUndefined()
      expect(await log.search({ query: 'thanks' })).toEqual([])
      const events = await store(log, finishedRun('r'))
      expect(await log.read('r')).toEqual(events)
      expect(await log.search({ query: 'thanks' })).toHaveLength(1)
    })

    test('hundreds of runs are pruned at once', async () => {
      await using log = await harness.open()
      for (let n = 0; n < 300; n++) await store(log, new RunBuilder(`r${n}`, BigInt(n + 1)).start().complete().events)
      const report = await log.prune({ before: 10n ** 18n })
      expect(report).toMatchObject({ deletedRuns: 300, deletedEvents: 600 })
      expect((await log.listRuns()).totalMatching).toBe(0)
    })
  })
}

async function storing(harness: EventLogHarness, runs: readonly (readonly Event[])[]): Promise<EventLog> {
  const log = await harness.open()
  for (const events of runs) await store(log, events)
  return log
}

async function listedIds(log: EventLog, options?: ListRunsOptions): Promise<readonly string[]> {
  return (await log.listRuns(options)).runs.map((run) => run.runId)
}

function resumedRun(): readonly Event[] {
  return new RunBuilder('resumed', 7_000_000n)
    .start()
    .schedule('c1', 'fetch')
    .add(KIND.RunResumed, { atSeq: 2, reissueTools: true, pendingCalls: 1 })
    .callTool()
    .complete().events
}

/** The ids on all pages, each asked for by the end of the one before. */
async function collectPages(log: EventLog, options: ListRunsOptions): Promise<readonly string[]> {
  const ids: string[] = []
  let after: string | undefined
  do {
    const page = await log.listRuns({ ...options, after })
    ids.push(...page.runs.map((run) => run.runId))
    after = page.next
  } while (after !== undefined)
  return ids
}
