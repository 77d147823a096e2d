import { KIND } from '@starling/event'
import type { Tool } from '@starling/tool'
import { ENGINE } from './engine.ts'
import { executeCall } from './execute-call.ts'
import type { ReplayMode, Scope } from './recorder.ts'
import { CutOffError } from './replay-recorder.ts'
import type { ReplayRecorder } from './replay-recorder.ts'
import { Semaphore } from './semaphore.ts'
import { idempotencyKeyOf, scheduleOf, scopeOfCall } from './tool-call.ts'
import type { CallEnvironment, CallOutcome, CallPlan } from './tool-call.ts'

/** Where a replay stands: what of a batch the recording holds. */
export interface ReplayedBatch {
  readonly recorder: ReplayRecorder
  /** How the recording has a call end; a call that is not named ended by itself. */
  readonly fates: ReadonlyMap<string, 'interrupted' | 'cut-off'>
  /** Whether what the recording holds next cuts off whatever was going on. */
  isCutOff(): boolean
}

/**
 * Makes the planned calls of a turn: schedules all of them, runs them
 * concurrently, and resolves with their outcomes in plan order. The last
 * outcome is staged, not flushed: it belongs to the next step's commit.
 */
export async function dispatchCalls(
  environment: CallEnvironment,
  plans: readonly CallPlan[],
  replay?: ReplayedBatch,
): Promise<readonly CallOutcome[]> {
  const { recorder } = environment
  const scheduled = plans.map((plan) => {
    // A process may end between two schedules of a batch.
    if (replay?.isCutOff() === true && plan.scheduledAttempt === undefined) throw new CutOffError()
    return schedule(environment, plan)
  })
  await recorder.flush()
  let open = plans.length
  const settle = (): 'durable' | 'later' => (open === 1 ? 'later' : 'durable')
  const all = new Semaphore(environment.maxParallel)
  const perTool = new Map<string, Semaphore>()
  for (const { plan, scope } of scheduled) replay?.recorder.begin(scope, modeOf(environment, plan, replay))
  const results = await Promise.allSettled(
    scheduled.map(async ({ plan, scope, idempotencyKey }) => {
      try {
        if (replay !== undefined && modeOf(environment, plan, replay) !== 'executed')
          return await takeOver(replay, plan, scope)
        const policy = environment.tools.get(plan.tool)?.policy ?? {}
        const maxAttempts = policy.idempotent === true ? (policy.maxAttempts ?? 1) : 1
        const work = (): Promise<CallOutcome> =>
          executeCall({ environment, plan, scope, idempotencyKey, maxAttempts, settle })
        if (replay !== undefined) return await work() // the recorded order rules, not a semaphore
        const own = policy.concurrency === undefined ? undefined : semaphoreOf(perTool, plan.tool, policy.concurrency)
        return await all.run(own === undefined ? work : () => own.run(work))
      } finally {
        open -= 1
        replay?.recorder.end(scope)
      }
    }),
  )
  if (replay?.recorder.broken !== undefined) throw replay.recorder.broken
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason
    return result.value
  })
}

interface ScheduledCall {
  readonly plan: CallPlan
  readonly scope: Scope
  readonly idempotencyKey: string
}

function schedule(environment: CallEnvironment, plan: CallPlan): ScheduledCall {
  const { recorder } = environment
  const scope = scopeOfCall(plan)
  const derived = plan.idempotencyKey ?? idempotencyKeyOf(recorder.lastHash, plan.callId)
  if (plan.scheduledAttempt !== undefined) return { plan, scope, idempotencyKey: derived }
  // A forked run keeps the keys of its source, whose chain they were derived from.
  const { idempKey } = recorder.stage(KIND.ToolCallScheduled, (recorded) =>
    scheduleOf(plan, 1, recorder.engine === ENGINE.reference ? undefined : (recorded?.idempKey ?? derived)),
  )
  return { plan, scope, idempotencyKey: idempKey ?? derived }
}

function semaphoreOf(semaphores: Map<string, Semaphore>, tool: string, capacity: number): Semaphore {
  const semaphore = semaphores.get(tool) ?? new Semaphore(capacity)
  semaphores.set(tool, semaphore)
  return semaphore
}

/** Whether a replay calls the tool again. What is unsafe to repeat, or was interrupted, is only taken over. */
function modeOf(environment: CallEnvironment, plan: CallPlan, replay: ReplayedBatch): ReplayMode {
  const fate = replay.fates.get(plan.callId)
  if (fate === 'cut-off') return 'cut-off'
  if (fate === 'interrupted' || environment.replayTools === 'recorded') return 'recorded'
  const tool = environment.tools.get(plan.tool)
  return tool !== undefined && replayPolicy(tool) === 'recorded' ? 'recorded' : 'executed'
}

function replayPolicy(tool: Tool): 'execute' | 'recorded' {
  return tool.policy?.replay ?? (tool.policy?.idempotent === false ? 'recorded' : 'execute')
}

/** Takes over what was recorded of a call, up to its outcome. */
async function takeOver(replay: ReplayedBatch, plan: CallPlan, scope: Scope): Promise<CallOutcome> {
  for (;;) {
    const recorded = await replay.recorder.next(scope)
    if (recorded.kind === KIND.ToolCallCompleted) return { ok: true, plan, result: recorded.payload.result }
    if (
      recorded.kind === KIND.ToolCallFailed &&
      (recorded.payload.final === true || !isTriedAgain(replay.recorder, plan.callId))
    ) {
      return { ok: false, plan, error: recorded.payload.error, errorType: recorded.payload.errorType }
    }
  }
}

/** Old recordings do not mark the last failure: it is the one that no schedule of the same call follows. */
function isTriedAgain(recorder: ReplayRecorder, callId: string): boolean {
  for (let ahead = 0; ; ahead += 1) {
    const recorded = recorder.peek(ahead)
    if (recorded === undefined || recorded.kind === KIND.TurnStarted || recorded.kind === KIND.RunResumed) return false
    if (recorded.kind === KIND.ToolCallScheduled && recorded.payload.callId === callId) return true
  }
}
