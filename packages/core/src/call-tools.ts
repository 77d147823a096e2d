import { jsonToCbor, KIND } from '@starling/event'
import { BudgetError, checkToolCalls, dispatchCalls, ENGINE, SuspendedError } from '@starling/step'
import type { CallEnvironment, CallOutcome, CallPlan } from '@starling/step'
import { approvalReason, isInDoubt, judge, judgeCall } from './access.ts'
import { APPROVAL_REQUEST, decodeRequest, encodeRequest } from './approval.ts'
import type { RecordedRequest } from './approval.ts'
import type { ApprovalRequest } from './definition.ts'
import { findUnsupported } from './messages.ts'
import type { PlannedCall } from './planned-call.ts'
import { argumentsOf } from './redact-decision.ts'
import type { Session } from './session.ts'
import { acknowledge, takeInput } from './take-input.ts'
import { ToolFailure } from './terminal.ts'
import { decisionIn, describeCall } from './waiting-calls.ts'

/** How a call is recorded to have failed whose outcome nobody knows. */
export const IN_DOUBT = 'in_doubt'

/**
 * Takes the next step with the calls that the model has planned: ask for the
 * decisions that some of them need, make those that need none, wait, and make
 * the rest in the order of the plan once all are decided.
 */
export async function callTools(session: Session): Promise<void> {
  const { state, recorder, inputs, engine } = session
  const pending = state.pending.filter((call) => !isLeft(session, call))
  // What is left was suspended in this very process: it goes on in another.
  if (pending.length === 0) return inputs.wait()
  const asking = pending.filter((call) => approvalReason(session, call) !== undefined)
  const undecided = asking.filter((call) => decisionIn(call) === undefined)
  if (undecided.length === 0) return makeCalls(session, inOneGo(session, pending))
  const governed = engine >= ENGINE.governed
  // Nobody is asked about, and nothing made of, a plan that cannot be made whole.
  if (governed) endAtCap(session, pending)
  const unasked = governed ? undecided.filter(({ request }) => request === undefined) : []
  for (const call of unasked) {
    // A recording may have been cut between two of them, and the first decided on.
    if (inputs.isWaiting()) return
    stageRequest(session, call)
  }
  await recorder.flush()
  inputs.announce(undecided.map((call) => requestOf(session, call)))
  // What has been decided by now is taken before anything is made.
  if (unasked.length > 0) return
  const free = governed ? pending.filter((call) => !asking.includes(call)) : []
  if (free.length > 0) return makeCalls(session, free)
  await inputs.wait()
}

/** Whether a call was begun, and then left to wait for an answer. */
function isLeft({ recorder }: Session, call: PlannedCall): boolean {
  return call.status === 'scheduled' && (!recorder.replaying || call.record.isStanding)
}

function stageRequest(session: Session, call: PlannedCall): void {
  const { recorder, setup } = session
  recorder.stage(KIND.SideEffectRecorded, (recorded) => {
    const expiresAt = recorded === undefined ? expiryOf(setup, call.tool) : decodeRequest(recorded.value).expiresAt
    return {
      name: APPROVAL_REQUEST,
      value: encodeRequest({ ...reasonOf(session, call), expiresAt }, call.args),
      callId: call.callId,
    }
  })
}

function reasonOf(session: Session, call: PlannedCall): Omit<RecordedRequest, 'expiresAt'> {
  const reason = approvalReason(session, call) ?? 'policy'
  return { reason, because: reason === 'policy' ? judgeCall(session.setup, call).reason : undefined }
}

function expiryOf({ options, tools, clock }: Session['setup'], tool: string): number | undefined {
  const timeoutMs = tools.get(tool)?.policy?.approvalTimeoutMs ?? options.approvalTimeoutMs ?? 0
  return timeoutMs > 0 ? Number(clock.now() / 1_000_000n) + timeoutMs : undefined
}

function requestOf(session: Session, call: PlannedCall): ApprovalRequest {
  // Recordings of old hold no requests: the time counts from when this process asks.
  const request = call.request ?? { ...reasonOf(session, call), expiresAt: expiryOf(session.setup, call.tool) }
  return { ...describeCall(session.recorder.runId, call), ...request }
}

/** Ends the run when the budget does not let these calls be made. */
function endAtCap({ state, setup, recorder }: Session, calls: readonly PlannedCall[]): void {
  const { budget } = setup.options
  // What was scheduled already has been counted, also when it is made again.
  const fresh = calls.filter((call) => call.status === 'planned').length
  const trip = budget === undefined || fresh === 0 ? undefined : checkToolCalls(budget, state.spent, fresh)
  if (trip === undefined) return
  throw new BudgetError(recorder.stage(KIND.BudgetExceeded, { ...trip, where: 'pre_call' }))
}

/** Makes calls together, within the budget. */
async function makeCalls(session: Session, calls: readonly PlannedCall[]): Promise<void> {
  const { inputs } = session
  endAtCap(session, calls)
  const plans = calls.map((call) => planOf(session, call))
  const outcomes = await dispatch(session, plans)
  // A resumed run of the reference shows the model the failures that it finds; only new ones end it.
  if (session.engine !== ENGINE.reference || inputs.isCutOff()) return
  for (const outcome of outcomes) {
    if (outcome.ok || outcome.errorType === 'cancelled') continue
    const { tool, callId } = outcome.plan
    throw new ToolFailure({ tool, callId, error: outcome.error }, outcome.cause)
  }
}

/** Makes calls to their outcomes; none of those is to be looked at where a call has been left to wait for an answer. */
async function dispatch(session: Session, plans: readonly CallPlan[]): Promise<readonly CallOutcome[]> {
  const { state, setup, recorder, inputs } = session
  const { options } = setup
  const { budget } = options
  const environment: CallEnvironment = {
    recorder,
    tools: setup.tools,
    clock: setup.clock,
    entropy: setup.entropy,
    observers: session.observers,
    signal: inputs.signal,
    maxParallel: options.maxParallelTools ?? 8,
    cancelGraceMs: options.cancelGraceMs ?? 1000,
    replayTools: session.replayTools,
    mayRetry: budget === undefined ? undefined : () => checkToolCalls(budget, state.spent, 1) === undefined,
    refuseAttachments: (attachments) =>
      findUnsupported(options, { role: 'tool', callId: '', content: '', isError: false, attachments }),
    mayNest: (tool, input) => mayNest(setup, tool, input),
    isPlanned: (callId) => state.isPlanned(callId),
    ask: inputs.ask,
    expiryOf: (tool) => expiryOf(setup, tool),
    onProgress: inputs.onProgress,
    // The reference shows the model the tool's own text; its log does not keep it.
    onResultText: (callId, { result, canonical, raw }) =>
      state.useResultText(callId, { result, text: session.engine === ENGINE.reference ? raw : canonical }),
  }
  const stop = session.engine >= ENGINE.asking ? takeAtOnce(session) : undefined
  try {
    return await dispatchCalls(environment, plans, inputs.replayed())
  } catch (error) {
    if (error instanceof SuspendedError) return []
    throw error
  } finally {
    stop?.()
  }
}

/** Records what people say and decide while calls run: who waits for a call must not lose what somebody else has said. */
function takeAtOnce(session: Session): (() => void) | undefined {
  const taken: (() => void)[] = []
  return session.inputs.takeAtOnce?.((input) => {
    takeInput(session, input)
    if (input.type === 'decision' && input.recorded !== undefined) taken.push(input.recorded)
    // What is decided together is taken together, and so is one append.
    queueMicrotask(() => {
      acknowledge(session, taken).catch(() => undefined) // the run finds out by itself that its log takes nothing
    })
  })
}

/** Nobody can be asked for a call inside another: what is not allowed outright is refused. */
function mayNest(setup: Session['setup'], tool: string, input: string): string | undefined {
  const { effect, reason } = judge(setup, { tool, input })
  if (effect === 'allow') return undefined
  const what = effect === 'deny' ? 'the policy denies this call' : 'it needs an approval, so no other tool can call it'
  return reason === undefined ? what : `${what}: ${reason}`
}

/** The calls to make together: all of them, except that the reference re-issues one by one. */
function inOneGo(session: Session, pending: readonly PlannedCall[]): readonly PlannedCall[] {
  const [first] = pending
  return session.engine === ENGINE.reference && first?.status === 'cut-off' ? [first] : pending
}

function planOf(session: Session, call: PlannedCall): CallPlan {
  const reissue = call.status === 'cut-off'
  const { turnId, tool, argsError, idempotencyKey } = call
  const { args, input, problem } = argumentsOf(session.setup.tools, call)
  const refusal = refusalOf(session, call, problem)
  const shared = { turnId, tool, args, input, argsError, idempotencyKey, refusal, given: resultOf(call) }
  // In a replay that goes on after a difference, the log already holds the schedule.
  const scheduledAttempt = call.status === 'scheduled' ? call.attempt : undefined
  if (!reissue) return { ...shared, callId: call.loggedId, scheduledAttempt }
  const callId = session.inputs.reissueId(call)
  // The reference does not know its own re-issues, nor what they have done before.
  if (session.engine === ENGINE.reference) return { ...shared, callId }
  return { ...shared, callId, reissueOf: call.callId, ...inheritanceOf(call) }
}

/** What a call that is made again need not do again. One that begins anew may try again what has failed. */
function inheritanceOf({ nested, record }: PlannedCall): Pick<CallPlan, 'inherited' | 'effects'> {
  const { effects } = record
  const inherited = new Map([...nested].filter(([, ended]) => effects !== undefined || 'result' in ended))
  return { inherited, effects }
}

/** Judged each time: what a call was when it was cut off does not say that it was let through. */
function refusalOf(session: Session, call: PlannedCall, problem: string | undefined): CallPlan['refusal'] {
  if (session.engine >= ENGINE.asking && isLeftInDoubt(call)) {
    // That nobody lets it be made again does not say that it was not made.
    const text = 'outcome unknown: the process ended while this call was running, and to make it again was denied'
    return { ...denied(text, call.reissueApproval?.reason), errorType: IN_DOUBT }
  }
  if (call.approval?.decision === 'deny') return denied('the call was denied', call.approval.reason)
  if (problem !== undefined) return denied('the call was denied', problem)
  const verdict = judgeCall(session.setup, call)
  if (verdict.effect === 'deny') return denied('the policy denies this call', verdict.reason)
  if (isInDoubt(session, call) && call.reissueApproval === undefined) {
    return {
      error: 'outcome unknown: the process ended while this call was running, and it is not safe to repeat',
      errorType: IN_DOUBT,
    }
  }
  return undefined
}

function isLeftInDoubt({ request, reissueApproval }: PlannedCall): boolean {
  return request?.reason === 'in_doubt' && reissueApproval?.decision === 'deny'
}

function denied(what: string, reason: string | undefined): NonNullable<CallPlan['refusal']> {
  return { error: reason === undefined || reason === '' ? what : `${what}: ${reason}`, errorType: 'denied' }
}

/** The result that someone gave in the tool's stead. */
function resultOf(call: PlannedCall): Uint8Array | undefined {
  const decision = decisionIn(call) ?? call.approval
  return decision?.decision === 'answer' ? jsonToCbor(decision.result) : undefined
}
