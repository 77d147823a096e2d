import { callUsageOf } from './call-usage.ts'
import type { CallUsage } from './call-usage.ts'
import type { RunSummary } from './event-log.ts'
import { statusOfKind } from './status.ts'

const NS_PER_MS = 1_000_000n

/** What a summary is made of; times are in nanoseconds. */
export interface SummaryTotals extends Omit<RunSummary, 'status' | 'durationMs'> {
  /** The time of the last event. */
  readonly lastAt: bigint
}

/** Returns the summary that totals stand for. */
export function summaryOf(totals: SummaryTotals): RunSummary {
  const { runId, startedAt, lastAt, lastSeq, lastKind, turnCount, toolCallCount } = totals
  const { inputTokens, outputTokens, costUsd } = totals
  return {
    runId,
    status: statusOfKind(lastKind),
    startedAt,
    lastSeq,
    lastKind,
    turnCount,
    toolCallCount,
    inputTokens,
    outputTokens,
    costUsd,
    durationMs: lastAt > startedAt ? Number((lastAt - startedAt) / NS_PER_MS) : 0,
  }
}

/**
 * Adds what a model call has used and cost, when the event tells.
 *
 * Floats are added in log order, so that every reader gets the same sum.
 */
export function addCallUsage(totals: Writable<CallUsage>, kind: number, payload: Uint8Array): void {
  const usage = callUsageOf(kind, payload)
  if (usage === undefined) return
  totals.inputTokens += usage.inputTokens
  totals.outputTokens += usage.outputTokens
  totals.costUsd += usage.costUsd
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }
