import { decodePayload, encodeCbor, encodePayload, KIND } from '@starling/event'
import type { Event } from '@starling/event'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { CALL_USAGE_KINDS, callUsageOf } from '../src/backend/index.ts'
import { CallBuilder, runOfCalls } from '../src/conformance/model-calls.ts'
import { createSummarizer, summarize, validateEvents } from '../src/index.ts'
import { createMemoryEventLog } from '../src/memory/index.ts'
import { readGoldenRuns } from './fixtures.ts'

const ANSWER = { turnId: 't', text: 'Hello', stopReason: 'stop', rawResponseHash: null }
const FAILURE = { turnId: 't', attempt: 1, error: 'too many', errorClass: 'rate_limit', next: 'retry' }
const USED = { inputTokens: 30, outputTokens: 4, costUsd: 0.125 }
const NOTHING = { inputTokens: 0, outputTokens: 0, costUsd: 0 }

describe('callUsageOf', () => {
  test('an answer and a failed attempt say the same of the same use', () => {
    const answered = encodePayload(KIND.AssistantMessageCompleted, { ...ANSWER, ...USED })
    const failed = encodePayload(KIND.TurnFailed, { ...FAILURE, ...USED })
    expect(callUsageOf(KIND.AssistantMessageCompleted, answered)).toMatchObject(USED)
    expect(callUsageOf(KIND.TurnFailed, failed)).toEqual(USED)
  })

  test('a failed attempt of which nothing is known has used nothing', () => {
    expect(callUsageOf(KIND.TurnFailed, encodePayload(KIND.TurnFailed, FAILURE))).toEqual(NOTHING)
    expect(callUsageOf(KIND.TurnFailed, encodeCbor({}))).toEqual(NOTHING)
  })

  test('what is read from and written to a cache is no part of it, for either', () => {
    const cached = { cacheReadTokens: 1000, cacheCreateTokens: 100, cacheCreateLongTokens: 10, reasoningTokens: 2 }
    const failed = encodePayload(KIND.TurnFailed, { ...FAILURE, ...USED, ...cached })
    expect(callUsageOf(KIND.TurnFailed, failed)).toEqual(USED)
    const answered = encodePayload(KIND.AssistantMessageCompleted, { ...ANSWER, ...USED, ...cached })
    expect(callUsageOf(KIND.AssistantMessageCompleted, answered)).toMatchObject(USED)
  })

  test('only the kinds that are named say anything', () => {
    const payload = encodePayload(KIND.TurnFailed, { ...FAILURE, ...USED })
    const kinds = Array.from({ length: 256 }, (_, kind) => kind)
    expect(kinds.filter((kind) => callUsageOf(kind, payload) !== undefined)).toEqual(CALL_USAGE_KINDS)
  })

  test.each(CALL_USAGE_KINDS)('no bytes whatever make kind %i throw', (kind) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (payload) => {
        const usage = callUsageOf(kind, payload)
        expect(usage === undefined || Number.isFinite(usage.inputTokens + usage.outputTokens)).toBe(true)
      }),
    )
    expect(callUsageOf(kind, Uint8Array.of(0xff))).toBeUndefined()
    expect(callUsageOf(kind, encodeCbor({ cost_usd: 'much' }))).toBeUndefined()
  })
})

describe('a summary', () => {
  test('agrees with the terminal event, to the last bit, whatever failed on the way', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const { events, totals } = runOfCalls('r', seed)
        const summary = summarize(events)
        expect(summary).toMatchObject(totals)
        expect(summary).toMatchObject(claimOf(events) ?? {})
      }),
      { numRuns: 2000 },
    )
  })

  test('agrees with what was counted until then after every event', () => {
    fc.assert(
      fc.property(fc.array(anyCall(), { maxLength: 20 }), (calls) => {
        const run = new CallBuilder('r').startTurn()
        const summarizer = createSummarizer()
        let seen = 0
        for (const call of calls) {
          call(run)
          for (const event of run.events.slice(seen)) summarizer.push(event)
          seen = run.events.length
          expect(summarizer.summary()).toMatchObject(run.totals)
        }
      }),
    )
  })

  test('in memory agrees as well, appended in any pieces', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 9 }), async (seed, size) => {
        await using log = createMemoryEventLog()
        const { events, totals } = runOfCalls('r', seed)
        for (let from = 0; from < events.length; from += size) await log.append('r', events.slice(from, from + size))
        expect(await log.summary('r')).toMatchObject(totals)
      }),
    )
  })

  test('of a run without a failed attempt is the sum of its answers', () => {
    for (const { events } of readGoldenRuns()) {
      expect(events.filter((event) => event.kind === KIND.TurnFailed)).toEqual([])
      const answers = events.flatMap(({ kind, payload }) => callUsageOf(kind, payload) ?? [])
      expect(summarize(events)?.inputTokens).toBe(answers.reduce((sum, { inputTokens }) => sum + inputTokens, 0))
    }
  })
})

describe('the runs that the suite makes up', () => {
  const runs = Array.from({ length: 200 }, (_, seed) => runOfCalls('r', seed))

  test('are the same for the same seed, and differ for others', () => {
    expect(runOfCalls('r', 3).events).toEqual(runOfCalls('r', 3).events)
    expect(new Set(runs.map(({ totals }) => JSON.stringify(totals))).size).toBe(runs.length)
  })

  test('are intact, and end in every way', () => {
    const verdicts = runs.map(({ events }) => validateEvents(events).status)
    expect(new Set(verdicts)).toEqual(new Set(['ok', 'open']))
    expect(new Set(runs.map(({ events }) => summarize(events)?.status))).toEqual(
      new Set(['completed', 'failed', 'in progress']),
    )
  })

  test('would tell a sum that leaves failed attempts out, or adds them at the end', () => {
    const answered = runs.filter(({ events }) => costOf(events, KIND.TurnFailed) === 0)
    const reordered = runs.filter(({ events, totals }) => {
      return costOf(events, KIND.AssistantMessageCompleted) + costOf(events, KIND.TurnFailed) !== totals.costUsd
    })
    expect(answered.length).toBeLessThan(runs.length / 2)
    expect(reordered.length).toBeGreaterThan(runs.length / 10)
  })
})

/** What a terminal event says that the calls of its run have used; nothing when there is none that says it. */
function claimOf(events: readonly Event[]): typeof USED | undefined {
  const last = events.at(-1)
  if (last?.kind !== KIND.RunCompleted) return undefined
  const completed = decodePayload(KIND.RunCompleted, last.payload)
  return {
    inputTokens: completed.totalInputTokens,
    outputTokens: completed.totalOutputTokens,
    costUsd: completed.totalCostUsd,
  }
}

/** The costs in all events of a kind. */
function costOf(events: readonly Event[], kind: number): number {
  return events
    .filter((event) => event.kind === kind)
    .reduce((sum, { payload }) => sum + (callUsageOf(kind, payload)?.costUsd ?? 0), 0)
}

function anyCall(): fc.Arbitrary<(run: CallBuilder) => void> {
  const used = fc.record({
    inputTokens: fc.nat(),
    outputTokens: fc.nat(),
    costUsd: fc.double({ min: 0, max: 100, noNaN: true }),
  })
  const partlyKnown = used.map(({ inputTokens }) => ({ inputTokens }))
  return fc.oneof(
    used.map((each) => (run: CallBuilder) => void run.answer(each).startTurn()),
    fc.oneof(used, partlyKnown, fc.constant({})).map((each) => (run: CallBuilder) => void run.fail(each)),
    fc.constant((run: CallBuilder) => void run.resume().startTurn()),
  )
}
