import type { AssistantMessageCompleted, TurnFailed, UsedRate } from '@starling/event'
import type { Usage } from '@starling/provider'
import type { ModelRate } from './model-rate.ts'
import { costFromRecord, costOf, effectiveRate, rateFor } from './prices.ts'

/** The token counts of a call, as they are recorded with its answer or its failure. */
export type RecordedUsage = Pick<
  TurnFailed & AssistantMessageCompleted,
  'inputTokens' | 'outputTokens' | 'cacheReadTokens' | 'cacheCreateTokens' | 'cacheCreateLongTokens' | 'reasoningTokens'
>

/** What a call cost, and at which rate. */
export interface Priced {
  readonly costUsd: number
  readonly rate?: UsedRate | undefined
}

/** Prices a call that has just been made. */
export function priced(usage: Usage, rate: ModelRate | undefined): Priced {
  if (rate === undefined) return { costUsd: 0 }
  const used = rateFor(rate, promptTokens(usage))
  return { costUsd: costOf(usage, used), rate: effectiveRate(used) }
}

/** Prices a recorded call at its own rate, so that a changed price list changes no replay. */
export function pricedAsRecorded(usage: Usage, recorded: Pick<TurnFailed, 'costUsd' | 'rate'>): Priced {
  const { rate, costUsd = 0 } = recorded
  return rate === undefined ? { costUsd: 0 } : { costUsd: costFromRecord(usage, rate, costUsd), rate }
}

/** The token counts of a call as they are recorded. */
export function toRecordedUsage(usage: Usage): RecordedUsage {
  return {
    inputTokens: usage.input,
    outputTokens: usage.output,
    cacheReadTokens: usage.cacheRead,
    cacheCreateTokens: usage.cacheWrite,
    cacheCreateLongTokens: usage.cacheWriteLong,
    reasoningTokens: usage.reasoning,
  }
}

/** Recorded token counts as the vendor reported them. */
export function toUsage(recorded: Pick<TurnFailed, keyof RecordedUsage>): Usage {
  return {
    input: recorded.inputTokens ?? 0,
    output: recorded.outputTokens ?? 0,
    cacheRead: recorded.cacheReadTokens ?? 0,
    cacheWrite: recorded.cacheCreateTokens ?? 0,
    cacheWriteLong: recorded.cacheCreateLongTokens,
    reasoning: recorded.reasoningTokens ?? 0,
  }
}

/** Whether a call has used anything. */
export function isUsed(usage: Usage): boolean {
  return promptTokens(usage) + usage.output > 0
}

function promptTokens({ input, cacheRead, cacheWrite }: Usage): number {
  return input + cacheRead + cacheWrite
}
