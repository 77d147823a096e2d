import { decodePayload, encodeCbor, KIND } from '@starling/event'
import { describe, expect, test } from 'vitest'

import type { EventLog, RunSummary } from '../event-log.ts'
import { summarize } from '../summarize.ts'
import type { EventLogHarness, Reopen } from './harness.ts'
import { CallBuilder, runOfCalls } from './model-calls.ts'
import type { CallTotals } from './model-calls.ts'
import { RunBuilder } from './runs.ts'
import { store } from './test-steps.ts'

const ANSWERED = { inputTokens: 1000, outputTokens: 20, costUsd: 0.25 }
const FAILED = { inputTokens: 300, outputTokens: 4, costUsd: 0.5 }
const FAILED_OF_ALL = {
  ...FAILED,
  cacheReadTokens: 10 ** 5,
  cacheCreateTokens: 10 ** 6,
  cacheCreateLongTokens: 10 ** 4,
  reasoningTokens: 10 ** 3,
  rate: { input: 9, output: 9 },
  providerId: 'other',
  modelId: 'another',
}
const RUN_IDS = Array.from({ length: 40 }, (_, seed) => `run ${seed}`)

/** Registers what holds for what model calls have used, as summaries count it. */
export function describeCallUsage(harness: EventLogHarness): void {
  describe('what model calls have used', () => {
    test('is counted for a failed attempt as for an answer', async () => {
      await using log = await harness.open()
      const run = new CallBuilder('r')
        .startTurn()
        .fail(FAILED)
        .fail({ next: 'fallback', ...FAILED_OF_ALL })
      await store(log, run.answer(ANSWERED).complete().events)
      const expected = { inputTokens: 1600, outputTokens: 28, costUsd: 1.25, turnCount: 1, toolCallCount: 0 }
      expect(await log.summary('r')).toMatchObject(expected)
      expect((await log.listRuns()).runs).toMatchObject([expected])
    })

    test('is counted for the attempt that a run fails with', async () => {
      await using log = await harness.open()
      await store(log, new CallBuilder('r').giveUp(FAILED).events)
      expect(await log.summary('r')).toMatchObject({ ...FAILED, status: 'failed' })
    })

    test('is nothing for an attempt of which it is not known', async () => {
      await using log = await harness.open()
      await store(log, new CallBuilder('r').startTurn().fail().fail({ inputTokens: 5 }).events)
      await store(log, new CallBuilder('s').startTurn().fail().answer(ANSWERED).events)
      expect(await log.summary('r')).toMatchObject({ inputTokens: 5, outputTokens: 0, costUsd: 0 })
      expect(await log.summary('s')).toMatchObject(ANSWERED)
    })

    test.each([
      ['no map', encodeCbor(1)],
      ['a damaged cost', encodeCbor({ input_tokens: 7, output_tokens: 7, cost_usd: 'much' })],
      ['a damaged field that is not counted', encodeCbor({ input_tokens: 7, output_tokens: 7, turn_id: 1 })],
    ])('is nothing for a failed attempt with %s, which stops nothing', async (_, payload) => {
      await using log = await harness.open()
      const run = new RunBuilder('r').start().addRaw(KIND.TurnFailed, payload).callTool()
      await store(log, run.events)
      expect(await log.summary('r')).toEqual(summarize(run.events))
      expect(await log.summary('r')).toMatchObject({ inputTokens: 10, outputTokens: 4, costUsd: 0.000_3 })
    })

    test('is what the agent has counted, to the last bit, and what the terminal event says', async () => {
      await using log = await harness.open()
      const runs = RUN_IDS.map((runId, seed) => ({ runId, ...runOfCalls(runId, seed) }))
      await Promise.all(runs.map(({ events }) => store(log, events)))
      const listed = await log.listRuns({ limit: 0 })
      expect(new Map(listed.runs.map((run) => [run.runId, totalsOf(run)]))).toEqual(
        new Map(runs.map(({ runId, totals }) => [runId, totals])),
      )
      const completed = listed.runs.filter((run) => run.status === 'completed')
      expect(completed.length).toBeGreaterThan(10)
      for (const run of completed) {
        expect(await log.summary(run.runId)).toEqual(run)
        expect(totalsOf(run)).toEqual(await claimedTotals(log, run))
      }
    })

    test('follows every append, whether the run is asked for or all are listed', async () => {
      await using log = await harness.open()
      const { events } = runOfCalls('r', 3)
      for (const [index, event] of events.entries()) {
        await log.append('r', event)
        const expected = summarize(events.slice(0, index + 1))
        // Each brings itself up to date: what the one has seen must not help the other.
        const answer = index % 2 === 0 ? await log.summary('r') : (await log.listRuns()).runs[0]
        expect(answer).toEqual(expected)
      }
    })

    test('of a fork is that of the events it has', async () => {
      await using log = await harness.open()
      const { events, totals } = runOfCalls('r', 3)
      await store(log, events)
      for (let beforeSeq = 2; beforeSeq <= events.length + 1; beforeSeq++) {
        const newRunId = `before ${beforeSeq}`
        await log.fork('r', { beforeSeq, newRunId })
        const expected = summarize(events.slice(0, beforeSeq - 1))
        expect(await log.summary(newRunId)).toEqual({ ...expected, runId: newRunId })
      }
      expect(await log.summary(`before ${events.length + 1}`)).toMatchObject(totals)
      expect(await log.summary('r')).toMatchObject(totals)
    })

    test('does not outlive its run', async () => {
      await using log = await harness.open()
      await store(log, new CallBuilder('r').startTurn().fail(FAILED).answer(ANSWERED).complete().events)
      expect(await log.summary('r')).toMatchObject({ inputTokens: 1300 })
      await log.prune({ before: 10n ** 18n })
      await store(log, new CallBuilder('r').startTurn().answer(ANSWERED).events)
      expect(await log.summary('r')).toMatchObject(ANSWERED)
    })
  })
}

/** Registers the same for a storage that is opened more than once. */
export function describeSharedCallUsage(harness: EventLogHarness, reopen: Reopen): void {
  describe('what model calls have used, in two logs on one storage', () => {
    test('is the same in both, whoever records the call', async () => {
      await using one = await harness.open()
      await using two = await reopen(one)
      const { events, totals } = runOfCalls('r', 3)
      for (const [index, event] of events.entries()) {
        const [writer, other] = index % 2 === 0 ? [one, two] : [two, one]
        await writer.append('r', event)
        expect(await other.summary('r')).toEqual(summarize(events.slice(0, index + 1)))
      }
      expect((await one.listRuns()).runs).toMatchObject([totals])
      expect(await two.listRuns()).toEqual(await one.listRuns())
    })

    test('is the same when the log is opened again', async () => {
      const log = await harness.open()
      const { events, totals } = runOfCalls('r', 3)
      await store(log, events)
      await log[Symbol.asyncDispose]()
      await using again = await reopen(log)
      expect(await again.summary('r')).toMatchObject(totals)
      expect((await again.listRuns()).runs).toMatchObject([totals])
    })
  })
}

/** Registers the same for a log that was opened for reading only. */
export function describeReadOnlyCallUsage(harness: EventLogHarness, reopen: Reopen): void {
  test('a log that was opened for reading only counts what failed attempts have used', async () => {
    await using log = await harness.open()
    const { events, totals } = runOfCalls('r', 3)
    await log.append('r', events.slice(0, 3))
    await using reader = await reopen(log)
    expect((await reader.listRuns()).runs).toEqual([summarize(events.slice(0, 3))])
    await log.append('r', events.slice(3))
    expect((await reader.listRuns()).runs).toMatchObject([totals])
    expect(await reader.summary('r')).toMatchObject(totals)
  })
}

function totalsOf({ inputTokens, outputTokens, costUsd }: RunSummary): CallTotals {
  return { inputTokens, outputTokens, costUsd }
}

/** What the terminal event of a completed run says that its calls have used. */
async function claimedTotals(log: EventLog, { runId, lastSeq }: RunSummary): Promise<CallTotals> {
  const [last] = await log.read(runId, { fromSeq: lastSeq })
  const { payload = new Uint8Array() } = last ?? {}
  const completed = decodePayload(KIND.RunCompleted, payload)
  return {
    inputTokens: completed.totalInputTokens,
    outputTokens: completed.totalOutputTokens,
    costUsd: completed.totalCostUsd,
  }
}
