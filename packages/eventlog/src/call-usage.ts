import { decodePayload, KIND } from '@starling/event'

/** What a model call has used and cost, as far as a summary counts it. */
export interface CallUsage {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly costUsd: number
}

/**
 * The kinds of events that say what a model call has used: it was answered, or
 * it failed. For a backend that fetches the payloads of no others.
 */
export const CALL_USAGE_KINDS: readonly number[] = [KIND.AssistantMessageCompleted, KIND.TurnFailed]

/**
 * Returns what a model call has used and cost, when the event tells; nothing
 * for an event of another kind, and for a payload that does not decode:
 * damage is validation's business, and a listing must go on.
 */
export function callUsageOf(kind: number, payload: Uint8Array): CallUsage | undefined {
  try {
    if (kind === KIND.AssistantMessageCompleted) return decodePayload(KIND.AssistantMessageCompleted, payload)
    if (kind !== KIND.TurnFailed) return undefined
    const { inputTokens = 0, outputTokens = 0, costUsd = 0 } = decodePayload(KIND.TurnFailed, payload)
    return { inputTokens, outputTokens, costUsd }
  } catch {
    return undefined
  }
}
