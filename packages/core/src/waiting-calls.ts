import { hashArgs } from './approval.ts'
import type { ApprovalRequest } from './definition.ts'
import type { PlannedCall } from './planned-call.ts'
import type { RunState } from './run-state.ts'

/** The calls of a run that wait for a decision, in plan order: those that have asked and have had no answer. */
export function waitingCalls(runId: string, state: RunState): readonly ApprovalRequest[] {
  if (state.terminal !== undefined) return []
  return state.pending.flatMap((call) => {
    const { request } = call
    return request === undefined || decisionIn(call) !== undefined ? [] : [{ ...describeCall(runId, call), ...request }]
  })
}

/** The decision that a call which has asked goes by; what was decided before it was cut off does not say whether to repeat it. */
export function decisionIn(call: PlannedCall): PlannedCall['approval'] {
  return call.status === 'cut-off' ? call.reissueApproval : call.approval
}

/** What a request says of its call. */
export function describeCall(
  runId: string,
  call: PlannedCall,
): Pick<ApprovalRequest, 'runId' | 'turnId' | 'callId' | 'tool' | 'input' | 'argsHash'> {
  const { turnId, callId, tool, input, args } = call
  return { runId, turnId, callId, tool, input, argsHash: hashArgs(args) }
}
