import { cborToJson, decodeValue, encodeValue, hasCode, jsonToCbor, KIND, utf8Encode } from '@starling/event'
import type { ToolCallFailed } from '@starling/event'
import { isTransient, ToolError } from '@starling/tool'
import type { Tool } from '@starling/tool'
import { DivergenceError } from './divergence.ts'
import { ENGINE } from './engine.ts'
import { errorText } from './error-text.ts'
import { observe } from './observer.ts'
import type { OperationOutcome } from './observer.ts'
import type { Scope } from './recorder.ts'
import { createCallContext, withCall } from './run-context.ts'
import type { CallContext, NestedCall } from './run-context.ts'
import { idempotencyKeyOf, scheduleOf } from './tool-call.ts'
import type { CallEnvironment, CallOutcome, CallPlan } from './tool-call.ts'

/** One call while it runs. */
export interface RunningCall {
  readonly environment: CallEnvironment
  readonly plan: CallPlan
  readonly scope: Scope
  readonly idempotencyKey: string
  /** How often an idempotent tool may be tried. */
  readonly maxAttempts: number
  /** Whether the event that ends the call may be left for the next flush. */
  readonly settle: () => 'durable' | 'later'
}

type Result =
  | { readonly ok: true; readonly result: Uint8Array; readonly text: string; readonly raw: string }
  | { readonly ok: false; readonly error: unknown; readonly errorType: string }

/** Runs a scheduled call to its outcome, with retries; every attempt is recorded. */
export async function executeCall(call: RunningCall): Promise<CallOutcome> {
  const { environment, plan, scope } = call
  for (let attempt = Math.max(1, plan.scheduledAttempt ?? 1); ; attempt += 1) {
    if (attempt > Math.max(1, plan.scheduledAttempt ?? 1)) {
      await environment.recorder.emit(scope, KIND.ToolCallScheduled, scheduleOf(plan, attempt, keyIfRecorded(call)))
    }
    const outcome = await attemptCall(call, attempt)
    if (outcome !== 'retry') return outcome
  }
}

function keyIfRecorded(call: RunningCall): string | undefined {
  return call.environment.recorder.engine === ENGINE.reference ? undefined : call.idempotencyKey
}

async function attemptCall(call: RunningCall, attempt: number): Promise<CallOutcome | 'retry'> {
  const { environment, plan } = call
  const { recorder, clock, observers } = environment
  const tool = environment.tools.get(plan.tool)
  const startedMs = clock.elapsedMs()
  for (const observer of observers) {
    observer.onToolStarted?.({ turnId: plan.turnId, callId: plan.callId, tool: plan.tool, attempt, input: plan.input })
  }
  const run = (): Promise<Result> => perform(call, tool, attempt)
  const operation = {
    type: 'tool',
    runId: recorder.runId,
    tool: plan.tool,
    known: tool !== undefined,
    callId: plan.callId,
    attempt,
  } as const
  const result = observers.length === 0 ? await run() : await observe(observers, operation, { run, outcomeOf })
  if (!result.ok && result.error instanceof DivergenceError) throw result.error
  const measuredMs = tool === undefined || plan.refusal !== undefined ? 0 : Math.trunc(clock.elapsedMs() - startedMs)
  const outcome = await record(call, { attempt, result, measuredMs })
  notifyEnd(call, attempt, result)
  return outcome
}

function notifyEnd(call: RunningCall, attempt: number, result: Result): void {
  const { plan, environment } = call
  const end = result.ok ? { result: result.text } : { error: errorText(result.error) }
  for (const observer of environment.observers) {
    observer.onToolEnded?.({ callId: plan.callId, tool: plan.tool, attempt, ...end })
  }
}

interface Attempted {
  readonly attempt: number
  readonly result: Result
  readonly measuredMs: number
}

async function record(call: RunningCall, attempted: Attempted): Promise<CallOutcome | 'retry'> {
  const { plan, scope, environment } = call
  const { recorder } = environment
  const { attempt, result, measuredMs } = attempted
  if (result.ok) {
    environment.onResultText?.(plan.callId, result.raw)
    await recorder.emit(
      scope,
      KIND.ToolCallCompleted,
      (recorded) => ({
        callId: plan.callId,
        result: result.result,
        durationMs: recorded?.durationMs ?? measuredMs,
        attempt,
      }),
      { settle: call.settle() },
    )
    return { ok: true, plan, result: result.result }
  }
  const { error, errorType } = result
  const retry = attempt < call.maxAttempts && isTransient(error) && !environment.signal.aborted
  const delayMs = retry ? backoffMs(attempt, environment) : 0
  const failed = await recorder.emit(
    scope,
    KIND.ToolCallFailed,
    (recorded): ToolCallFailed => ({
      callId: plan.callId,
      error: failureText(error),
      errorType,
      durationMs: recorded?.durationMs ?? measuredMs,
      attempt,
      final: !retry,
      retryAfterMs: recorder.engine === ENGINE.reference ? 0 : (recorded?.retryAfterMs ?? delayMs),
    }),
    { settle: retry ? 'durable' : call.settle() },
  )
  if (!retry) return { ok: false, plan, error: failed.error, errorType, cause: error }
  if (!recorder.replaying) await environment.clock.sleep(delayMs, { signal: environment.signal })
  return 'retry'
}

const BACKOFF_MS = 100
const MAX_BACKOFF_MS = 10_000
const MAX_DOUBLINGS = 6

/** Doubles from 100 ms, capped, plus up to a quarter; the wait is recorded. */
function backoffMs(attempt: number, environment: CallEnvironment): number {
  const base = Math.min(MAX_BACKOFF_MS, BACKOFF_MS * 2 ** Math.min(attempt - 1, MAX_DOUBLINGS))
  return Math.round(base * (1 + (environment.entropy.bytes(1)[0] ?? 0) / 1024))
}

async function perform(call: RunningCall, tool: Tool | undefined, attempt: number): Promise<Result> {
  const { plan, environment } = call
  if (plan.refusal !== undefined) {
    return { ok: false, error: new Error(plan.refusal.error), errorType: plan.refusal.errorType }
  }
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
  const controller = new AbortController()
  const signal = AbortSignal.any([environment.signal, controller.signal])
  const { recorder, clock, entropy } = environment
  const { scope, idempotencyKey } = call
  let nested = 0
  const context = createCallContext({
    recorder,
    clock,
    entropy,
    scope,
    turnId: plan.turnId,
    attempt,
    idempotencyKey,
    signal,
    callTool: (inner) => callNested(call, inner, `${plan.callId}/${attempt}.${(nested += 1)}`),
  })
  try {
    const text = await invoke({ tool, plan, context, controller, environment })
    return finish(text, tool)
  } catch (error) {
    return { ok: false, error, errorType: classify(error, environment) }
  } finally {
    context.end()
    controller.abort() // ends the timers that watched this attempt
  }
}

/** Makes a call inside another: scheduled, run and recorded like a planned one. */
async function callNested(outer: RunningCall, inner: NestedCall, defaultId: string): Promise<string> {
  const { environment, scope: parent } = outer
  const { recorder } = environment
  const args = jsonToCbor(inner.input ?? '{}')
  const callId = inner.callId ?? defaultId
  const turnId = inner.turnId ?? outer.plan.turnId
  const plan: CallPlan = { callId, turnId, tool: inner.tool, args, input: cborToJson(args) }
  const scope: Scope = { callId, parent }
  const idempotencyKey = idempotencyKeyOf(utf8Encode(outer.idempotencyKey), callId)
  const policy = environment.tools.get(inner.tool)?.policy ?? {}
  const maxAttempts = inner.maxAttempts ?? (policy.idempotent === true ? (policy.maxAttempts ?? 1) : 1)
  const call: RunningCall = { environment, plan, scope, idempotencyKey, maxAttempts, settle: () => 'durable' }
  recorder.begin(scope, 'executed')
  try {
    await recorder.emit(scope, KIND.ToolCallScheduled, scheduleOf(plan, 1, keyIfRecorded(call)))
    const outcome = await executeCall(call)
    if (outcome.ok) return cborToJson(outcome.result)
    throw outcome.cause ?? new Error(outcome.error)
  } finally {
    recorder.end(scope)
  }
}

interface Invocation {
  readonly tool: Tool
  readonly plan: CallPlan
  readonly context: CallContext
  /** Aborts the attempt. */
  readonly controller: AbortController
  readonly environment: CallEnvironment
}

/** Calls the tool; ends with its result, its timeout, or, a moment after a cancellation, with that. */
async function invoke(invocation: Invocation): Promise<string> {
  const { tool, plan, context, environment } = invocation
  const timeoutMs = tool.policy?.timeoutMs
  const work = withCall(context, async () => tool.execute(plan.input, context))
  if (environment.recorder.replaying) return work
  const watches = [watchCancellation(invocation)]
  if (timeoutMs !== undefined) watches.push(watchTimeout(invocation, timeoutMs))
  work.catch(() => undefined) // a tool that was given up may still fail later: its outcome is recorded already
  return Promise.race([work, ...watches])
}

async function watchTimeout(invocation: Invocation, timeoutMs: number): Promise<never> {
  const { controller, environment, tool } = invocation
  await sleepOrPend(environment, timeoutMs, controller.signal)
  const error = new ToolError('TOOL_TIMEOUT', `tool ${tool.name} did not finish within ${timeoutMs} ms`)
  controller.abort(error)
  throw error
}

async function watchCancellation(invocation: Invocation): Promise<never> {
  const { controller, environment } = invocation
  await aborted(environment.signal, controller.signal)
  await sleepOrPend(environment, environment.cancelGraceMs, controller.signal)
  throw environment.signal.reason
}

/** Sleeps; once the attempt is over it never settles, so that nothing is left to handle. */
async function sleepOrPend(environment: CallEnvironment, ms: number, over: AbortSignal): Promise<void> {
  try {
    await environment.clock.sleep(ms, { signal: over })
  } catch {
    await new Promise<never>(() => undefined) // the attempt is over and its race decided
  }
}

function aborted(signal: AbortSignal, over: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true, signal: over }))
}

const DEFAULT_MAX_RESULT_BYTES = 1024 * 1024

function finish(text: string, tool: Tool): Result {
  const policy = tool.policy ?? {}
  const raw = jsonToCbor(text === '' ? 'null' : text)
  const result = policy.redact === undefined ? raw : encodeValue(policy.redact(decodeValue(raw), 'output'))
  const canonical = cborToJson(result)
  const limit = policy.maxResultBytes ?? DEFAULT_MAX_RESULT_BYTES
  // The UTF-8 text is at least as long as the UTF-16 one: most results need not be encoded to be measured.
  if (canonical.length > limit || (canonical.length * 3 > limit && utf8Encode(canonical).length > limit)) {
    throw new ToolError('TOOL_RESULT_TOO_LARGE', `the result of ${tool.name} is larger than ${limit} bytes`)
  }
  return { ok: true, result, text: canonical, raw: text }
}

function classify(error: unknown, environment: CallEnvironment): string {
  if (hasCode(error, 'TOOL_TIMEOUT')) return 'timeout'
  if (environment.signal.aborted && isAbort(error, environment.signal)) return 'cancelled'
  return error instanceof Error ? 'tool' : 'panic'
}

/** A tool that throws something that is not an error has lost its way: the reference calls that a panic. */
function failureText(error: unknown): string {
  return error instanceof Error ? errorText(error) : `tool: panicked: ${errorText(error)}`
}

/** Whether `error` is, or was caused by, the abort of this very signal. */
function isAbort(error: unknown, signal: AbortSignal): boolean {
  for (let cause: unknown = error; cause !== undefined; cause = cause instanceof Error ? cause.cause : undefined) {
    if (cause === signal.reason || (cause instanceof Error && cause.name === 'AbortError')) return true
  }
  return false
}

function outcomeOf(result: Result): OperationOutcome {
  if (result.ok) return { status: 'ok', errorType: 'none' }
  return {
    status: result.errorType === 'cancelled' ? 'cancelled' : 'error',
    errorType: result.errorType,
    error: result.error,
  }
}
