import type { BudgetExceeded, ContextTruncated, RunResumed, RunStarted, TurnFailed } from '@starling/event'

/** A tool call with what became of it, all its attempts in one place. */
export interface ToolCallItem {
  readonly type: 'tool-call'
  readonly seq: number
  readonly callId: string
  readonly tool: string
  /** The arguments as JSON text, numbers exactly as recorded. */
  readonly arguments: string
  readonly attempt: number
  /** The call that this one, made after a resume, stands in for. */
  readonly reissueOf?: string | undefined
  readonly outcome: ToolOutcome
}

/** What became of a tool call. */
export type ToolOutcome =
  | { readonly status: 'completed'; readonly result: string; readonly durationMs: number }
  | {
      readonly status: 'failed'
      readonly error: string
      readonly errorType: string
      readonly durationMs: number
      readonly willRetry: boolean
    }
  /** There is no outcome in the log: the process died, or the run goes on. */
  | { readonly status: 'pending' }

/** One thing that was said or happened, in the order of the log. */
export type ConversationItem =
  | { readonly type: 'user'; readonly seq: number; readonly text: string }
  | { readonly type: 'reasoning'; readonly seq: number; readonly text: string; readonly redacted: boolean }
  | AssistantItem
  | ToolCallItem
  | { readonly type: 'turn-failed'; readonly seq: number; readonly failure: TurnFailed }
  | { readonly type: 'budget-exceeded'; readonly seq: number; readonly budget: BudgetExceeded }
  | { readonly type: 'context-truncated'; readonly seq: number; readonly truncation: ContextTruncated }
  | { readonly type: 'resumed'; readonly seq: number; readonly resume: RunResumed }
  | EndItem
  /** An event whose payload cannot be read. */
  | { readonly type: 'unreadable'; readonly seq: number; readonly kind: string; readonly error: string }

/** What the model said. */
export interface AssistantItem {
  readonly type: 'assistant'
  readonly seq: number
  readonly text: string
  readonly stopReason: string
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cacheReadTokens: number
  readonly costUsd: number
}

/** How the run ended. */
export interface EndItem {
  readonly type: 'end'
  readonly seq: number
  readonly status: 'completed' | 'failed' | 'cancelled'
  /** The error or the reason; empty for a completed run. */
  readonly detail: string
  readonly errorType?: string | undefined
}

/** A run, as people read it. */
export interface Conversation {
  /** The first event's payload; `undefined` when it cannot be read. */
  readonly started: RunStarted | undefined
  readonly items: readonly ConversationItem[]
  /** How many side effects were recorded; they are not part of the conversation. */
  readonly sideEffects: number
}
