import { decodePayload, KIND } from '@starling/event'

import { scanFieldsOf, PayloadScan } from './payload-scan.ts'
import type { ScanField } from './payload-scan.ts'

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

const FIELDS: Readonly<Record<StepKind, readonly ScanField[]>> = {
  [KIND.TurnStarted]: scanFieldsOf(KIND.TurnStarted),
  [KIND.AssistantMessageCompleted]: scanFieldsOf(KIND.AssistantMessageCompleted),
  [KIND.ToolCallScheduled]: scanFieldsOf(KIND.ToolCallScheduled),
  [KIND.ToolCallCompleted]: scanFieldsOf(KIND.ToolCallCompleted),
  [KIND.ToolCallFailed]: scanFieldsOf(KIND.ToolCallFailed),
  [KIND.BudgetExceeded]: scanFieldsOf(KIND.BudgetExceeded),
}

/**
 * Reads the ids of a payload, which is decoded for it in full: a payload with
 * any damaged field is refused.
 *
 * @throws {@link EventError} `EVENT_DECODE`.
 */
export function readStep(kind: StepKind, payload: Uint8Array): Step {
  const scan = new PayloadScan(payload)
  return scan.accept(FIELDS[kind]) ? scan : decodeStep(kind, payload)
}

function decodeStep(kind: StepKind, payload: Uint8Array): Step {
  const fields: Fields = decodePayload<StepKind>(kind, payload)
  return { turnId: fields.turnId ?? '', callId: fields.callId ?? '', attempt: fields.attempt ?? 0 }
}

type Fields = { readonly [Name in keyof Step]?: Step[Name] | undefined }
