import { cborToJson, equalBytes, jsonToCbor } from '@starling/event'
import type { PlannedToolUse, ToolCallFailed } from '@starling/event'
import type { Attachment } from '@starling/provider'
import type { EndedCall } from '@starling/step'
import type { RecordedRequest } from './approval.ts'
import { CallRecord } from './call-questions.ts'
import type { ApprovalDecision } from './definition.ts'

/** A call that the model planned in its last answer, and what has become of it. */
export interface PlannedCall {
  /** As the model named it. */
  readonly callId: string
  readonly turnId: string
  readonly tool: string
  /** What it is called with, canonical CBOR: the model's arguments, until someone who decides puts others in their place. */
  args: Uint8Array
  /** The same as canonical JSON text. */
  input: string
  /** Whether the arguments are no longer the model's. */
  edited: boolean
  readonly argsError: string | undefined
  /** `cut-off`: scheduled, and its process ended before it had an outcome. */
  status: 'planned' | 'scheduled' | 'cut-off' | 'done'
  /** The id under which it was last scheduled; a re-issue has a fresh one. */
  loggedId: string
  attempt: number
  idempotencyKey: string | undefined
  failure: ToolCallFailed | undefined
  /** That it waits, or has waited, for a decision. */
  request: RecordedRequest | undefined
  approval: ApprovalDecision | undefined
  /** What was decided after the call had been cut off; what was before it does not say whether to repeat it. */
  reissueApproval: ApprovalDecision | undefined
  outcome:
    | {
        readonly content: string
        readonly isError: boolean
        readonly errorType?: string
        readonly attachments?: readonly Attachment[] | undefined
      }
    | undefined
  /** How calls that its last attempt made itself have ended, by their place in it. */
  readonly nested: Map<string, EndedCall>
  /** What its last attempt has recorded by itself. */
  readonly record: CallRecord
}

/** A call as the model has planned it. */
export function planCall(use: PlannedToolUse, turnId: string): PlannedCall {
  return {
    callId: use.callId,
    turnId,
    tool: use.tool,
    args: use.args,
    input: cborToJson(use.args),
    edited: false,
    argsError: use.argsError === '' ? undefined : use.argsError,
    status: 'planned',
    loggedId: use.callId,
    attempt: 0,
    idempotencyKey: undefined,
    failure: undefined,
    request: undefined,
    approval: undefined,
    reissueApproval: undefined,
    outcome: undefined,
    nested: new Map(),
    record: new CallRecord(),
  }
}

/** Takes a decision in. Called with other arguments it is another call, which shares no key and no results with the one before. */
export function decideCall(call: PlannedCall, decision: ApprovalDecision): void {
  call.approval = decision
  if (call.status === 'cut-off') call.reissueApproval = decision
  if (decision.decision !== 'approve' || decision.input === undefined) return
  const args = jsonToCbor(decision.input)
  call.edited = true
  if (equalBytes(args, call.args)) return
  call.args = args
  call.input = cborToJson(args)
  call.idempotencyKey = undefined
  call.nested.clear()
  call.record.clear()
}
