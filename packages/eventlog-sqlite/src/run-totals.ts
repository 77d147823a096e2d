import { KIND } from '@starling/event'
import { addCallUsage } from '@starling/eventlog/backend'

/** What a summary needs to know of an event. */
export interface EventFacts {
  /** 0 when what is stored is no number. */
  readonly seq: number
  /** 0 when what is stored is no number. */
  readonly kind: number
  /** `undefined` when what is stored is no number. */
  readonly ts: bigint | undefined
  /** The payload, when the kind is one that says what a model call has used; of no interest for others. */
  readonly payload: Uint8Array | undefined
}

/** A row of `starling_runs`: the totals of a run, to which later events can be added. */
export interface RunTotals {
  readonly runId: string
  readonly startedAt: bigint
  lastAt: bigint
  lastSeq: number
  lastKind: number
  eventCount: number
  turnCount: number
  toolCallCount: number
  inputTokens: number
  outputTokens: number
  costUsd: number
}

/** Returns the totals of a run that so far has only its `first` event. */
export function startTotals(runId: string, first: EventFacts): RunTotals {
  const totals: RunTotals = {
    runId,
    startedAt: first.ts ?? 0n,
    lastAt: first.ts ?? 0n,
    lastSeq: 0,
    lastKind: 0,
    eventCount: 0,
    turnCount: 0,
    toolCallCount: 0,
    inputTokens: 0,
    outputTokens: 0,
    costUsd: 0,
  }
  addEvent(totals, first)
  return totals
}

/** Adds the next event of the run. Costs are added in log order, so that every reader gets the same float. */
export function addEvent(totals: RunTotals, { seq, kind, ts, payload }: EventFacts): void {
  if (ts !== undefined) totals.lastAt = ts
  if (seq > 0) totals.lastSeq = seq
  totals.lastKind = kind
  totals.eventCount++
  if (kind === KIND.TurnStarted) totals.turnCount++
  else if (kind === KIND.ToolCallScheduled) totals.toolCallCount++
  else if (payload !== undefined) addCallUsage(totals, kind, payload)
}
