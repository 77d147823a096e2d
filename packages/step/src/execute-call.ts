import { KIND } from '@starling/event'
import { ToolError } from '@starling/tool'
import type { Tool } from '@starling/tool'
import { toRecordedAttachments } from './attachments.ts'
import { createAttemptGuard } from './attempt-guard.ts'
import { classifyFailure } from './call-failure.ts'
import { assertShown, finishResult, giveResult, outcomeOf } from './call-result.ts'
import type { AttemptResult } from './call-result.ts'
import { DivergenceError } from './divergence.ts'
import { callNested } from './nested-call.ts'
import { observe } from './observer.ts'
import type { Operation } from './observer.ts'
import { SuspendedError } from './questions.ts'
import { recordFailure } from './record-failure.ts'
import { createCallContext, withCall } from './run-context.ts'
import { keyIfRecorded, noteOpen, pauseFor } from './running-call.ts'
import type { RunningAttempt, RunningCall } from './running-call.ts'
import { assertOpen, callEnded } from './scopes.ts'
import { scheduleOf } from './tool-call.ts'
import type { CallOrigin, CallOutcome, GivenAnswer, OpenQuestion } from './tool-call.ts'

/** Runs a scheduled call when the limits allow, to its outcome, with retries; every attempt is recorded. */
export async function executeCall(call: RunningCall): Promise<CallOutcome> {
  const { limiter, slot } = call
  const refused = limiter.tryEnter(slot) ? undefined : await waitInLine(call)
  try {
    return await runAttempts(refused ?? call)
  } finally {
    limiter.leave(slot)
  }
}

/** Waits until the limits allow a call; returns what to run instead of one that would wait for ever. */
async function waitInLine(call: RunningCall): Promise<RunningCall | undefined> {
  const { limiter, slot, replay, plan, scope, environment } = call
  if (replay !== undefined) {
    const { recorder } = replay
    await limiter.enter(slot, {
      onWait: (begin) => recorder.park(scope, begin),
      onBegin: () => recorder.unpark(scope),
    })
  } else if (slot.outer === undefined) {
    await limiter.enter(slot)
  } else if (limiter.wouldWaitForever(slot)) {
    const cap = environment.tools.get(plan.tool)?.policy?.concurrency
    const error = `tool ${plan.tool} may run ${cap} at once, and whoever does waits for this call to end`
    return { ...call, plan: { ...plan, refusal: { error, errorType: DEADLOCK } } }
  } else {
    await limiter.enter(slot, { signal: environment.signal })
  }
  return undefined
}

/** How a call is recorded that would wait for itself: a replay takes that over, because it depends on what ran at the time. */
const DEADLOCK = 'deadlock'

async function runAttempts(call: RunningCall): Promise<CallOutcome> {
  const { environment, plan, scope } = call
  const first = Math.max(1, plan.scheduledAttempt ?? 1)
  for (let attempt = first; ; attempt += 1) {
    if (attempt > first) {
      const schedule = scheduleOf(plan, attempt, keyIfRecorded(call))
      noteOpen(call, attempt)
      await environment.recorder.emit(KIND.ToolCallScheduled, schedule, { scope })
    }
    const outcome = await attemptCall(call, attempt)
    if (outcome !== 'retry') return outcome
  }
}

async function attemptCall(call: RunningCall, attempt: number): Promise<CallOutcome | 'retry'> {
  const { environment, plan } = call
  const { clock, observers } = environment
  const tool = environment.tools.get(plan.tool)
  const startedMs = clock.elapsedMs()
  const running: RunningAttempt = {
    call,
    attempt,
    nested: undefined,
    guard: undefined,
    asking: undefined,
    chosen: undefined,
  }
  try {
    const result =
      observers.length === 0
        ? await perform(running, tool)
        : await observe(observers, operationOf(running, tool !== undefined), {
            run: async () => perform(running, tool),
            outcomeOf,
          })
    if (!result.ok && isNoOutcome(result.error)) throw result.error
    const measuredMs =
      tool === undefined || plan.refusal !== undefined || plan.given !== undefined
        ? 0
        : Math.trunc(clock.elapsedMs() - startedMs)
    return await record(call, { attempt, result, measuredMs })
  } finally {
    running.nested?.close()
  }
}

function operationOf({ call, attempt }: RunningAttempt, known: boolean): Operation {
  const { plan, environment } = call
  return { type: 'tool', runId: environment.recorder.runId, tool: plan.tool, known, callId: plan.callId, attempt }
}

/** Whether a call that ends like this stays without an outcome. */
function isNoOutcome(error: unknown): boolean {
  return error instanceof DivergenceError || error instanceof SuspendedError
}

interface Attempted {
  readonly attempt: number
  readonly result: AttemptResult
  readonly measuredMs: number
}

async function record(call: RunningCall, attempted: Attempted): Promise<CallOutcome | 'retry'> {
  const { plan, scope, environment } = call
  const { attempt, result, measuredMs } = attempted
  assertOpen(scope)
  noteOpen(call, undefined)
  if (!result.ok) return recordFailure(call, { attempt, measuredMs, ...result })
  environment.onResultText?.(plan.callId, result)
  const attachments = toRecordedAttachments(result.attachments)
  await environment.recorder.emit(
    KIND.ToolCallCompleted,
    (recorded) => ({
      callId: plan.callId,
      result: result.result,
      durationMs: recorded?.durationMs ?? measuredMs,
      attempt,
      attachments,
    }),
    { scope, settle: call.settle() },
  )
  return { ok: true, plan, result: result.result }
}

function perform(running: RunningAttempt, tool: Tool | undefined): AttemptResult | Promise<AttemptResult> {
  const { plan, environment } = running.call
  // What the log does not take must not happen: the call may have waited in line until then.
  if (environment.recorder.failure !== undefined) throw environment.recorder.failure.error
  if (plan.refusal !== undefined) {
    return { ok: false, error: new Error(plan.refusal.error), errorType: plan.refusal.errorType }
  }
  if (plan.given !== undefined) return giveResult(plan.given, tool, environment.recorder.engine)
  if (tool === undefined) {
    return {
      ok: false,
      error: new ToolError('TOOL_NOT_FOUND', `step: tool not found: ${plan.tool}`),
      errorType: 'tool',
    }
  }
  if (plan.argsError !== undefined) {
    const message = `the arguments are not valid JSON: ${plan.argsError}`
    return { ok: false, error: new ToolError('TOOL_INVALID_INPUT', message), errorType: 'tool' }
  }
  if (environment.signal.aborted) {
    return { ok: false, error: environment.signal.reason, errorType: 'cancelled' } // it waited in line until then
  }
  return runTool(running, tool)
}

async function runTool(running: RunningAttempt, tool: Tool): Promise<AttemptResult> {
  const { call, attempt } = running
  const { plan, environment, scope, idempotencyKey } = call
  const { recorder, clock, entropy } = environment
  const guard = createAttemptGuard(environment, tool)
  running.guard = guard
  let count = 0
  const { onProgress } = environment
  const from = { turnId: plan.turnId, callId: plan.callId, tool: plan.tool, signal: guard.signal }
  const context = createCallContext({
    recorder,
    clock,
    entropy,
    scope,
    turnId: plan.turnId,
    attempt,
    idempotencyKey,
    signal: guard.signal,
    callTool: (inner) => callNested(running, inner, { index: (count += 1), execute: executeCall }),
    ask: askFrom(running, from),
    holdsQuestions: tool.policy?.idempotent === false,
    onLeave: (reason) => guard.suspend(reason),
    expiry: () => environment.expiryOf?.(plan.tool),
    effects: attempt === 1 ? plan.effects : undefined,
    onProgress: onProgress === undefined ? undefined : (report) => onProgress(report, from),
  })
  try {
    const returned = withCall(context, () => tool.execute(plan.input, context))
    const text = await guard.watch(returned)
    const { attachments } = context
    if (attachments.length > 0) assertShown(call, attachments)
    return finishResult({ text, attachments }, tool, recorder.engine)
  } catch (error) {
    return { ok: false, error, errorType: classifyFailure(error, environment) }
  } finally {
    context.end()
    running.asking?.abort(callEnded(scope))
    // A replay waits with that for the outcome: what a nested call has recorded may come before it.
    if (!recorder.replaying) running.nested?.close()
  }
}

/** How a call asks people: its time, and that of the calls around it, stands still meanwhile. */
function askFrom(
  running: RunningAttempt,
  from: CallOrigin,
): ((open: OpenQuestion) => Promise<GivenAnswer>) | undefined {
  const { ask } = running.call.environment
  if (ask === undefined) return undefined
  return async (open) => {
    running.asking ??= new AbortController()
    const signal = AbortSignal.any([from.signal, running.asking.signal])
    return pauseFor(running, ask(open, { ...from, signal }))
  }
}
