import { KIND } from '@starling/event'
import { addCallUsage, summaryOf } from '@starling/eventlog/backend'
import type { RunSummary } from '@starling/eventlog'

/** What a summary needs to know of an event. */
export interface EventFacts {
  readonly seq: bigint
  readonly kind: number
  readonly ts: bigint
  /** The payload of a model call that has ended; of no interest for other kinds. */
  readonly payload: Uint8Array | null
}

/** A row of `starling_runs`: the totals of a run, to which later events can be added. */
export interface RunTotals {
  readonly runId: string
  startedAt: bigint
  lastAt: bigint
  lastSeq: bigint
  lastKind: number
  eventCount: number
  turnCount: number
  toolCallCount: number
  inputTokens: number
  outputTokens: number
  costUsd: number
}

/** The columns of {@link RunTotals}, each with its type, in the order of {@link toRow}. */
export const TOTALS: readonly (readonly [column: string, type: string])[] = [
  ['started_at', 'bigint'],
  ['last_at', 'bigint'],
  ['last_seq', 'bigint'],
  ['last_kind', 'integer'],
  ['event_count', 'bigint'],
  ['turn_count', 'bigint'],
  ['tool_call_count', 'bigint'],
  ['input_tokens', 'double precision'],
  ['output_tokens', 'double precision'],
  ['cost_usd', 'double precision'],
]

/** A row of the columns {@link TOTALS}. */
export type TotalsRow = [
  startedAt: bigint,
  lastAt: bigint,
  lastSeq: bigint,
  lastKind: number,
  eventCount: bigint,
  turnCount: bigint,
  toolCallCount: bigint,
  inputTokens: number,
  outputTokens: number,
  costUsd: number,
]

/** Returns the totals of a run without events, which {@link addEvent} begins. */
export function emptyTotals(runId: string): RunTotals {
  const counts = { eventCount: 0, turnCount: 0, toolCallCount: 0, inputTokens: 0, outputTokens: 0, costUsd: 0 }
  return { runId, startedAt: 0n, lastAt: 0n, lastSeq: 0n, lastKind: 0, ...counts }
}

/** Adds the next event of the run. Costs are added in log order, so that every reader gets the same float. */
export function addEvent(totals: RunTotals, { seq, kind, ts, payload }: EventFacts): void {
  if (totals.eventCount === 0) totals.startedAt = ts
  totals.lastAt = ts
  totals.lastSeq = seq
  totals.lastKind = kind
  totals.eventCount++
  if (kind === KIND.TurnStarted) totals.turnCount++
  else if (kind === KIND.ToolCallScheduled) totals.toolCallCount++
  else if (payload !== null) addCallUsage(totals, kind, payload)
}

/** Returns the summary that the totals stand for. */
export function toSummary(totals: RunTotals): RunSummary {
  return summaryOf({ ...totals, lastSeq: Number(totals.lastSeq) })
}

/** Returns the totals in a row of {@link TOTALS}. */
export function toTotals(runId: string, row: TotalsRow): RunTotals {
  const [startedAt, lastAt, lastSeq, lastKind, eventCount, turnCount, toolCallCount, ...sums] = row
  const [inputTokens, outputTokens, costUsd] = sums
  const counts = { eventCount: Number(eventCount), turnCount: Number(turnCount), toolCallCount: Number(toolCallCount) }
  return { runId, startedAt, lastAt, lastSeq, lastKind, ...counts, inputTokens, outputTokens, costUsd }
}

/** Returns the totals as values of the columns {@link TOTALS}. */
export function toRow(totals: RunTotals): readonly unknown[] {
  const { startedAt, lastAt, lastSeq, lastKind, eventCount, turnCount, toolCallCount } = totals
  const { inputTokens, outputTokens, costUsd } = totals
  const counts = [eventCount, turnCount, toolCallCount]
  return [startedAt, lastAt, lastSeq, lastKind, ...counts, inputTokens, outputTokens, costUsd]
}
