import { KIND } from '@starling/event'
import type { AssistantMessageCompleted, Event, RunCompleted, TurnFailed } from '@starling/event'

import type { RunSummary } from '../event-log.ts'
import { RunBuilder } from './runs.ts'

/** What the model calls of a run have used and cost. */
export type CallTotals = Pick<RunSummary, 'inputTokens' | 'outputTokens' | 'costUsd'>

/** A run whose model calls are answered and fail. */
export interface RunOfCalls {
  readonly events: readonly Event[]
  /** What the calls have used, added in the order in which they were made; as its terminal event says if it has one. */
  readonly totals: CallTotals
}

/** Returns a valid run of a few turns with answers, failed attempts, retries and crashes; the same for the same seed. */
export function runOfCalls(runId: string, seed: number): RunOfCalls {
  const dice = new Dice(seed)
  const calls = new CallBuilder(runId)
  for (let turns = 1 + dice.below(4); turns > 0; turns--) addTurn(calls, dice)
  const end = dice.below(4)
  if (end > 1) calls.complete()
  else if (end === 1) calls.giveUp(usedByFailure(dice))
  return { events: calls.events, totals: calls.totals }
}

/** Builds a run of model calls, and counts what they have used as the agent does that makes them. */
export class CallBuilder implements RunOfCalls {
  readonly #run: RunBuilder
  #turn = 0
  #attempt = 0
  #inputTokens = 0
  #outputTokens = 0
  #costUsd = 0

  constructor(runId: string) {
    this.#run = new RunBuilder(runId).start()
  }

  get events(): readonly Event[] {
    return this.#run.events
  }

  get totals(): CallTotals {
    return { inputTokens: this.#inputTokens, outputTokens: this.#outputTokens, costUsd: this.#costUsd }
  }

  /** Begins a turn. */
  startTurn(): this {
    this.#attempt = 0
    this.#turn++
    this.#run.add(KIND.TurnStarted, { turnId: this.#turnId, promptHash: null, inputTokens: 7 })
    return this
  }

  /** Adds an attempt that failed, after which there is another unless `used.next` is `fail`. */
  fail(used: Partial<TurnFailed> = {}): this {
    this.#attempt++
    const { inputTokens = 0, outputTokens = 0, costUsd = 0 } = used
    this.#count({ inputTokens, outputTokens, costUsd })
    const failure = { error: 'too many', errorClass: 'rate_limit', next: 'retry' }
    this.#run.add(KIND.TurnFailed, { turnId: this.#turnId, attempt: this.#attempt, ...failure, ...used })
    return this
  }

  /** Ends the turn with an answer. */
  answer(used: CallTotals & Partial<AssistantMessageCompleted>): this {
    this.#count(used)
    const answer = { text: 'Hello', stopReason: 'stop', rawResponseHash: null }
    this.#run.add(KIND.AssistantMessageCompleted, { turnId: this.#turnId, ...answer, ...used })
    return this
  }

  /** Resumes the run after a crash. */
  resume(): this {
    this.#run.add(KIND.RunResumed, { atSeq: this.events.length, reissueTools: false, pendingCalls: 0 })
    return this
  }

  /** Ends the run with an attempt after which there is no other. */
  giveUp(used: Partial<TurnFailed>): this {
    this.startTurn().fail({ ...used, next: 'fail' })
    this.#run.fail('too many')
    return this
  }

  /** Ends the run well; the terminal event says what all its calls have used. */
  complete(): this {
    const completed: RunCompleted = {
      finalText: 'Hello',
      turnCount: this.#turn,
      toolCallCount: 0,
      totalCostUsd: this.#costUsd,
      totalInputTokens: this.#inputTokens,
      totalOutputTokens: this.#outputTokens,
      durationMs: 0,
      merkleRoot: this.#run.root,
    }
    this.#run.add(KIND.RunCompleted, completed)
    return this
  }

  get #turnId(): string {
    return `turn-${this.#turn}`
  }

  #count({ inputTokens, outputTokens, costUsd }: CallTotals): void {
    this.#inputTokens += inputTokens
    this.#outputTokens += outputTokens
    this.#costUsd += costUsd
  }
}

function addTurn(calls: CallBuilder, dice: Dice): void {
  calls.startTurn()
  for (let failures = dice.below(4); failures > 0; failures--) {
    calls.fail({ ...usedByFailure(dice), next: dice.below(3) === 0 ? 'fallback' : 'retry' })
    if (dice.below(5) === 0) calls.resume().startTurn()
  }
  calls.answer({ ...usedByCall(dice), cacheReadTokens: dice.below(3) })
}

/** Of some failures a vendor says nothing, of some not all, and not every model has a price. */
function usedByFailure(dice: Dice): Partial<TurnFailed> {
  const { inputTokens, outputTokens, costUsd } = usedByCall(dice)
  const rate = { input: 0.5, output: 1.5 }
  const cached = { cacheReadTokens: 900, cacheCreateTokens: 70, cacheCreateLongTokens: 8, reasoningTokens: 5 }
  switch (dice.below(4)) {
    case 0:
      return {}
    case 1:
      return { inputTokens }
    case 2:
      return { inputTokens, outputTokens, costUsd, rate }
    default:
      return { inputTokens, outputTokens, costUsd, rate, ...cached, providerId: 'other', modelId: 'another' }
  }
}

// Sums of such costs depend on the order in which they are added.
function usedByCall(dice: Dice): CallTotals {
  return { inputTokens: dice.below(5000), outputTokens: dice.below(300), costUsd: dice.below(10 ** 6) / 10 ** 7 }
}

/** Numbers that are the same for the same seed (a linear congruential generator, Numerical Recipes' constants). */
class Dice {
  #state: number

  constructor(seed: number) {
    // Spreads small seeds over all bits: the first numbers of neighbours would be alike.
    this.#state = Math.imul(seed + 1, 0x9e37_79b1)
  }

  /** Returns a whole number from 0 to below `bound`. */
  below(bound: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((this.#state / 2 ** 32) * bound)
  }
}
