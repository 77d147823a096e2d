import { KIND } from '@starling/event'
import type { Event } from '@starling/event'

import { callUsageOf } from './call-usage.ts'
import type { RunSummary } from './event-log.ts'
import { statusOfKind } from './status.ts'

const NS_PER_MS = 1_000_000n

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
  #inputTokens = 0
  #outputTokens = 0
  #costUsd = 0

  push(event: Event): void {
    this.#first ??= event
    this.#last = event
    if (event.kind === KIND.TurnStarted) this.#turnCount++
    else if (event.kind === KIND.ToolCallScheduled) this.#toolCallCount++
    else this.#addUsage(event)
  }

  summary(): RunSummary | undefined {
    const first = this.#first
    const last = this.#last
    if (first === undefined || last === undefined) return undefined
    return {
      runId: first.runId,
      status: statusOfKind(last.kind),
      startedAt: first.ts,
      lastSeq: last.seq,
      lastKind: last.kind,
      turnCount: this.#turnCount,
      toolCallCount: this.#toolCallCount,
      inputTokens: this.#inputTokens,
      outputTokens: this.#outputTokens,
      costUsd: this.#costUsd,
      durationMs: last.ts > first.ts ? Number((last.ts - first.ts) / NS_PER_MS) : 0,
    }
  }

  #addUsage({ kind, payload }: Event): void {
    const usage = callUsageOf(kind, payload)
    if (usage === undefined) return
    this.#inputTokens += usage.inputTokens
    this.#outputTokens += usage.outputTokens
    this.#costUsd += usage.costUsd
  }
}
