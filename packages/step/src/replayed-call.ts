import { KIND } from '@starling/event'
import type { ToolCallFailed } from '@starling/event'
import { ToolError } from '@starling/tool'
import type { Tool } from '@starling/tool'
import type { ReplayMode, Scope } from './recorder.ts'
import type { ReplayRecorder } from './replay-recorder.ts'
import type { CallEnvironment, CallOutcome, CallPlan } from './tool-call.ts'

/** Where a replay stands: what the recording holds of the calls under way. */
export interface ReplayedBatch {
  readonly recorder: ReplayRecorder
  /** How the recording has a call end; `undefined` when it ended by itself. */
  fateOf(callId: string): 'interrupted' | 'cut-off' | undefined
  /** Whether what the recording holds next cuts off whatever was going on. */
  isCutOff(): boolean
}

/** Whether a replay calls the tool again. What is unsafe to repeat, or was interrupted, is only taken over. */
export function replayModeOf(environment: CallEnvironment, plan: CallPlan, replay: ReplayedBatch): ReplayMode {
  const fate = replay.fateOf(plan.callId)
  if (fate === 'cut-off') return 'cut-off'
  if (fate === 'interrupted' || environment.replayTools === 'recorded') return 'recorded'
  const tool = environment.tools.get(plan.tool)
  return tool !== undefined && replayPolicy(tool) === 'recorded' ? 'recorded' : 'executed'
}

function replayPolicy(tool: Tool): 'execute' | 'recorded' {
  return tool.policy?.replay ?? (tool.policy?.idempotent === false ? 'recorded' : 'execute')
}

/** Takes over what was recorded of a call, up to its outcome. */
export async function takeOver(replay: ReplayedBatch, plan: CallPlan, scope: Scope): Promise<CallOutcome> {
  for (;;) {
    const recorded = await replay.recorder.next(scope)
    if (recorded.kind === KIND.ToolCallCompleted) return { ok: true, plan, result: recorded.payload.result }
    if (
      recorded.kind === KIND.ToolCallFailed &&
      (recorded.payload.final === true || !isTriedAgain(replay.recorder, plan.callId))
    ) {
      const { error, errorType } = recorded.payload
      return { ok: false, plan, error, errorType, cause: recordedCause(recorded.payload) }
    }
  }
}

/** The error of a call that has failed, as far as the recording tells. */
export function recordedCause({ error, errorType }: Pick<ToolCallFailed, 'error' | 'errorType'>): Error {
  return errorType === 'timeout' ? new ToolError('TOOL_TIMEOUT', error) : new Error(error)
}

/** Whether the recording still holds a schedule of this call before the next turn. */
export function holdsSchedule(recorder: ReplayRecorder, callId: string): boolean {
  return isTriedAgain(recorder, callId)
}

/** Old recordings do not mark the last failure: it is the one that no schedule of the same call follows. */
function isTriedAgain(recorder: ReplayRecorder, callId: string): boolean {
  for (let ahead = 0; ; ahead += 1) {
    const recorded = recorder.peek(ahead)
    if (recorded === undefined || recorded.kind === KIND.TurnStarted || recorded.kind === KIND.RunResumed) return false
    if (recorded.kind === KIND.ToolCallScheduled && recorded.payload.callId === callId) return true
  }
}
