import type { ToolAnswer, ToolAttachment, ToolQuestion } from '@starling/tool'

/** A question of the server; `key` is its name for it. */
export type StepQuestion = ToolQuestion & { readonly key: string }

/** What one exchange with the server came to, as plain data: it is what a side effect records. */
export type CallStep =
  | {
      /** The JSON text of the result, or the words of a failure. */
      readonly result: string
      readonly is_error?: true
      readonly attachments?: readonly ToolAttachment[]
    }
  | {
      /** Asks this of a person before it goes on; without a question, it only wants to be called again. */
      readonly questions: readonly StepQuestion[]
      /** What to do with the answers: hand them over in another request, on the open one, or just ask again. */
      readonly resume: 'retry' | 'answer' | 'repeat'
      /** To be handed back with the answers, unread. */
      readonly request_state?: string
    }

/** What a person answered to each question of a step, by its key. */
export interface StepAnswers {
  readonly step: Extract<CallStep, { readonly resume: unknown }>
  readonly answers: Readonly<Record<string, ToolAnswer>>
}
