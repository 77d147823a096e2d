import { hashArgs } from './approval.ts'
import { questionHash } from './call-questions.ts'
import type { CallQuestion } from './call-questions.ts'
import type { ApprovalRequest } from './definition.ts'
import type { PlannedCall } from './planned-call.ts'
import type { RunState } from './run-state.ts'

/** What somebody has to decide: on a call, or how a question of one is answered. */
export interface Waiting {
  readonly call: PlannedCall
  readonly request: ApprovalRequest
  /** The question, where it is one that waits. */
  readonly question: CallQuestion | undefined
}

/** What waits in a run, in plan order, the questions of a call in the order in which they were asked. */
export function findWaiting(runId: string, state: RunState): readonly Waiting[] {
  if (state.terminal !== undefined) return []
  return state.pending.flatMap((call) => {
    const questions = call.record.openQuestions.map((question) => {
      return { call, request: describeQuestion(runId, call, question), question }
    })
    const { request } = call
    if (request === undefined || decisionIn(call) !== undefined) return questions
    return [{ call, request: { ...describeCall(runId, call), ...request }, question: undefined }, ...questions]
  })
}

/** What whoever decides in a run that waits is shown. */
export function waitingCalls(runId: string, state: RunState): readonly ApprovalRequest[] {
  return findWaiting(runId, state).map(({ request }) => request)
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

function describeQuestion(runId: string, call: PlannedCall, asked: CallQuestion): ApprovalRequest {
  const { question, held, expiresAt } = asked
  const shared = { ...describeCall(runId, call), reason: 'question', argsHash: questionHash(asked), question } as const
  return { ...shared, expiresAt, ...(held ? { held } : {}) }
}
