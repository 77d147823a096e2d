import { decodePayload, KIND } from '@starling/event'
import type { Event } from '@starling/event'

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
 * Costs are added in log order starting from 0, so that two readers of one log
 * get the same float. An answer that does not decode counts nothing.
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
    else if (event.kind === KIND.AssistantMessageCompleted) this.#addUsage(event.payload)
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

  #addUsage(payload: Uint8Array): void {
    try {
      const message = decodePayload(KIND.AssistantMessageCompleted, payload)
      this.#inputTokens += message.inputTokens
      this.#outputTokens += message.outputTokens
      this.#costUsd += message.costUsd
    } catch {
      // A damaged answer is validation's business; a listing must go on.
    }
  }
}
