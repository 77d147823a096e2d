import { isStarlingError } from '@starling/event'
import fc from 'fast-check'
import { expect } from 'vitest'

import type { EventLog } from '../event-log.ts'
import { createMemoryEventLog } from '../memory/index.ts'
import { anyChange, anyLook } from './questions.ts'
import type { Memory, Question } from './questions.ts'

/** One log, as three have opened it; they may be one and the same. */
export interface SharedEventLog {
  readonly first: EventLog
  readonly second: EventLog
  /** Only looks. */
  readonly reader: EventLog
}

/** What a backend provides to be compared with the log in memory. */
export interface EventLogModelHarness {
  /** Opens an empty log, whose leases go by `now` where the backend takes a clock; it is disposed of. */
  open(now: () => number): Promise<SharedEventLog>
  /** Whether leases go by a clock of the backend's own, so that their ends cannot be compared. Default: `false`. */
  readonly hasOwnClock?: boolean | undefined
  /** How many series of questions are asked. Default: 60. */
  readonly numRuns?: number | undefined
}

const NOW = 1_000_000

/**
 * Asks two writers and a reader of one log whatever comes to mind, in whatever
 * order, and compares every answer and every refusal with those of the log in
 * memory: what one of them remembers must never be older than what another has
 * written.
 *
 * A failure names the seed and the shortest series of questions that shows it.
 */
export async function expectToAnswerLikeMemory(harness: EventLogModelHarness): Promise<void> {
  const { hasOwnClock = false, numRuns = 60 } = harness
  const change = fc.tuple(anyChange(), fc.constantFrom('first', 'second'))
  const look = fc.tuple(anyLook(), fc.constantFrom('first', 'second', 'reader'))
  const questions = fc.array(fc.oneof({ weight: 2, arbitrary: change }, look), { minLength: 1, maxLength: 25 })
  const comparable = hasOwnClock ? withoutTime : (outcome: Outcome) => outcome
  await fc.assert(
    fc.asyncProperty(questions, async (asked) => {
      await using model = createMemoryEventLog({ now: () => NOW })
      const opened = await harness.open(() => NOW)
      await using first = opened.first
      await using second = opened.second
      await using reader = opened.reader
      const logs = { first, second, reader }
      const [modelMemory, memory]: [Memory, Memory] = [{ leases: [] }, { leases: [] }]
      for (const [question, who] of asked) {
        const expected = comparable(await answerOf(question, model, modelMemory))
        expect(comparable(await answerOf(question, logs[who], memory))).toEqual(expected)
      }
    }),
    { numRuns },
  )
}

interface Outcome {
  readonly answer?: unknown
  readonly code?: string
  readonly message?: string
}

async function answerOf(question: Question, log: EventLog, memory: Memory): Promise<Outcome> {
  try {
    return { answer: await question(log, memory) }
  } catch (error) {
    if (!isStarlingError(error)) throw error
    return { code: error.code, message: error.message }
  }
}

/** Leaves out when a lease ends. */
function withoutTime(outcome: Outcome): Outcome {
  const { answer } = outcome
  if (typeof answer !== 'object' || answer === null || !('expiresAt' in answer)) return outcome
  const { expiresAt, ...lease } = answer
  expect(expiresAt).toBeGreaterThan(0)
  return { answer: lease }
}
