import type { BudgetExceeded, ContextTruncated, RunResumed, RunStarted, TurnFailed } from '@starling/event'
import type { RecordedApproval } from '../approvals/recorded-approval.ts'
import type { AttachmentView } from './attachment-view.ts'
import type { AnswerPart } from './view-parts.ts'

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
  | {
      readonly status: 'completed'
      readonly result: string
      readonly durationMs: number
      readonly attachments?: readonly AttachmentView[] | undefined
    }
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
  | UserItem
  | { readonly type: 'reasoning'; readonly seq: number; readonly text: string; readonly redacted: boolean }
  | AssistantItem
  | ToolCallItem
  | ApprovalItem
  | { readonly type: 'turn-failed'; readonly seq: number; readonly failure: TurnFailed }
  | { readonly type: 'budget-exceeded'; readonly seq: number; readonly budget: BudgetExceeded }
  | { readonly type: 'context-truncated'; readonly seq: number; readonly truncation: ContextTruncated }
  | ResumedItem
  | EndItem
  /** An event whose payload cannot be read. */
  | { readonly type: 'unreadable'; readonly seq: number; readonly kind: string; readonly error: string }

/** What a person said. */
export interface UserItem {
  readonly type: 'user'
  readonly seq: number
  readonly text: string
  readonly attachments?: readonly AttachmentView[] | undefined
}

/** That a call waits for a decision, what was decided, or what a tool was answered. */
export type ApprovalItem = RecordedApproval & {
  readonly seq: number
  /** When, in nanoseconds since the epoch. */
  readonly at: bigint
  /** The tool that was to be called; empty where the log does not say. */
  readonly tool: string
}

/** Where the run was taken up again. */
export interface ResumedItem {
  readonly type: 'resumed'
  readonly seq: number
  readonly resume: RunResumed
}

/** What the model said. */
export interface AssistantItem {
  readonly type: 'assistant'
  readonly seq: number
  readonly text: string
  readonly stopReason: string
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cacheReadTokens: number
  /** Part of the output tokens; absent when there were none. */
  readonly reasoningTokens?: number | undefined
  readonly costUsd: number
  /** The provider that answered, when it was not the run's own. */
  readonly providerId?: string | undefined
  /** The model that answered, when it was not the run's own. */
  readonly modelId?: string | undefined
  /** The order of the answer, when it is more than a text. */
  readonly parts?: readonly AnswerPart[] | undefined
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
  /** The settings of every model call as JSON text; absent when none is set. */
  readonly settings?: string | undefined
  readonly items: readonly ConversationItem[]
  /** How many side effects were recorded that are not part of the conversation: all but decisions and questions. */
  readonly sideEffects: number
}
