import { KIND } from '@starling/event'
import type { Event } from '@starling/event'

import type { RunSummary } from './event-log.ts'
import { addCallUsage, summaryOf } from './run-totals.ts'

/** Sums up a run event by event. */
export interface Summarizer {
  /** Takes the next event of the run. */
  push(event: Event): void
  /** Returns the summary of what has been pushed, or `undefined` before the first event. */
  summary(): RunSummary | undefined
}

/** Returns the summary of `events`, one run in order; `undefined` when there are none. */
export function summarize(events: Iterable<Event>): RunSummary | undefined {
  const summarizer = createSummarizer()
  for (const event of events) summarizer.push(event)
  return summarizer.summary()
}

/**
 * Creates a {@link Summarizer}, which keeps totals and never the events.
 *
 * Tokens and costs are those of every model call, failed attempts included, as
 * in the totals of a run's terminal event. Costs are added in log order starting
 * from 0, so that two readers of one log get the same float. A call whose event
 * does not decode counts nothing.
 */
export function createSummarizer(): Summarizer {
  return new RunSummarizer()
}

class RunSummarizer implements Summarizer {
  #first: Event | undefined
  #last: Event | undefined
  #turnCount = 0
  #toolCallCount = 0
  readonly #usage = { inputTokens: 0, outputTokens: 0, costUsd: 0 }

  push(event: Event): void {
    this.#first ??= event
    this.#last = event
    if (event.kind === KIND.TurnStarted) this.#turnCount++
    else if (event.kind === KIND.ToolCallScheduled) this.#toolCallCount++
    else addCallUsage(this.#usage, event.kind, event.payload)
  }

  summary(): RunSummary | undefined {
    const first = this.#first
    const last = this.#last
    if (first === undefined || last === undefined) return undefined
    return summaryOf({
      runId: first.runId,
      startedAt: first.ts,
      lastAt: last.ts,
      lastSeq: last.seq,
      lastKind: last.kind,
      turnCount: this.#turnCount,
      toolCallCount: this.#toolCallCount,
      ...this.#usage,
    })
  }
}
