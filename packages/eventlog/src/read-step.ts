import { decodePayload, KIND } from '@starling/event'

/** The kinds that turns and tool calls are made of. */
export type StepKind =
  | typeof KIND.TurnStarted
  | typeof KIND.AssistantMessageCompleted
  | typeof KIND.ToolCallScheduled
  | typeof KIND.ToolCallCompleted
  | typeof KIND.ToolCallFailed
  | typeof KIND.BudgetExceeded

/** What pairs the events of a turn or of a tool call; a field that the kind lacks is empty. */
export interface Step {
  readonly turnId: string
  readonly callId: string
  readonly attempt: number
}

/**
 * Reads the ids of a payload, which is decoded for it in full: a payload with
 * any damaged field is refused.
 *
 * @throws {@link EventError} `EVENT_DECODE`.
 */
export function readStep(kind: StepKind, payload: Uint8Array): Step {
  const fields: Fields = decodePayload<StepKind>(kind, payload)
  return { turnId: fields.turnId ?? '', callId: fields.callId ?? '', attempt: fields.attempt ?? 0 }
}

type Fields = { readonly [Name in keyof Step]?: Step[Name] | undefined }
