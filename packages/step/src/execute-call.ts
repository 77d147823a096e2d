import { cborToJson, decodeValue, encodeValue, equalBytes, jsonToCbor, KIND, utf8Encode } from '@starling/event'
import { ToolError } from '@starling/tool'
import type { Tool, ToolAttachment } from '@starling/tool'
import { toRecordedAttachments } from './attachments.ts'
import { createAttemptGuard } from './attempt-guard.ts'
import type { AttemptGuard } from './attempt-guard.ts'
import { classifyFailure } from './call-failure.ts'
import type { CallLimiter, Slot } from './call-limiter.ts'
import { DivergenceError } from './divergence.ts'
import { ENGINE } from './engine.ts'
import type { Engine } from './engine.ts'
import { ABANDONED, NestedCalls } from './nested-calls.ts'
import type { Progress } from './nested-calls.ts'
import { textWithin, SCHEDULED_LEVELS } from './nesting.ts'
import { observe } from './observer.ts'
import type { OperationOutcome } from './observer.ts'
import { SuspendedError } from './questions.ts'
import type { Scope } from './recorder.ts'
import { CutOffError } from './turnstile.ts'
import { recordFailure } from './record-failure.ts'
import { holdsSchedule, recordedCause, replayModeOf, takeOver } from './replayed-call.ts'
import type { ReplayedBatch } from './replayed-call.ts'
import { createCallContext, withCall } from './run-context.ts'
import type { NestedCall } from './run-context.ts'
import { idempotencyKeyOf, placeOfNested, scheduleOf } from './tool-call.ts'
import type {
  CallEnvironment,
  CallOrigin,
  CallOutcome,
  CallPlan,
  EndedCall,
  GivenAnswer,
  OpenQuestion,
  ResultText,
} from './tool-call.ts'
import { assertOpen, callEnded } from './scopes.ts'

/** One call while it runs. */
export interface RunningCall {
  readonly environment: CallEnvironment
  readonly plan: CallPlan
  readonly scope: Scope
  readonly idempotencyKey: string
  /** Where in a planned call it is made: `2` is the second call that one makes, `2/1.3` the third of the first attempt of that. */
  readonly place?: string | undefined
  /** What it counts as against the limits. */
  readonly slot: Slot
  readonly limiter: CallLimiter
  /** How often an idempotent tool may be tried. Default: by its policy. */
  readonly maxAttempts?: number | undefined
  /** Whether the event that ends the call may be left for the next flush. */
  readonly settle: () => 'durable' | 'later'
  /** Stops the clocks of the calls around this one until `wait` has settled. Default: there are none. */
  readonly pauseFor?: (<T>(wait: Promise<T>) => Promise<T>) | undefined
  /** Kept up to date for whoever may end the call from outside. */
  readonly progress?: Progress | undefined
  /** What a recording holds of this call and of those inside it. */
  readonly replay?: ReplayedBatch | undefined
}

type Result =
  | ({ readonly ok: true; readonly attachments: readonly ToolAttachment[] } & ResultText)
  | { readonly ok: false; readonly error: unknown; readonly errorType: string }

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

function noteOpen(call: RunningCall, attempt: number | undefined): void {
  if (call.progress !== undefined) call.progress.openAttempt = attempt
}

function keyIfRecorded(call: RunningCall): string | undefined {
  return call.environment.recorder.engine === ENGINE.reference ? undefined : call.idempotencyKey
}

async function attemptCall(call: RunningCall, attempt: number): Promise<CallOutcome | 'retry'> {
  const { environment, plan } = call
  const { recorder, clock, observers } = environment
  const tool = environment.tools.get(plan.tool)
  const startedMs = clock.elapsedMs()
  const running: RunningAttempt = {
    call,
    attempt,
    nested: undefined,
    guard: undefined,
    asking: undefined,
    chosen: new Map(),
  }
  const operation = {
    type: 'tool',
    runId: recorder.runId,
    tool: plan.tool,
    known: tool !== undefined,
    callId: plan.callId,
    attempt,
  } as const
  try {
    const result =
      observers.length === 0
        ? await perform(running, tool)
        : await observe(observers, operation, { run: async () => perform(running, tool), outcomeOf })
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

/** Whether a call that ends like this stays without an outcome. */
function isNoOutcome(error: unknown): boolean {
  return error instanceof DivergenceError || error instanceof SuspendedError
}

interface RunningAttempt {
  readonly call: RunningCall
  readonly attempt: number
  nested: NestedCalls | undefined
  guard: AttemptGuard | undefined
  /** Ends the questions that the attempt has not waited for. */
  asking: AbortController | undefined
  /** How many calls it has made under each id that its tool has chosen. */
  readonly chosen: Map<string, number>
}

interface Attempted {
  readonly attempt: number
  readonly result: Result
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

function perform(running: RunningAttempt, tool: Tool | undefined): Result | Promise<Result> {
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

/** A result that someone gave in the tool's stead is held to what the tool's own would be. */
function giveResult(given: Uint8Array, tool: Tool | undefined, engine: Engine): Result {
  const text = cborToJson(given)
  if (tool === undefined) return { ok: true, result: given, canonical: text, raw: text, attachments: [] }
  try {
    return finish({ text, attachments: [] }, tool, engine)
  } catch (error) {
    return { ok: false, error, errorType: 'tool' }
  }
}

async function runTool(running: RunningAttempt, tool: Tool): Promise<Result> {
  const { call, attempt } = running
  const { plan, environment, scope, idempotencyKey } = call
  const { recorder, clock, entropy } = environment
  const guard = createAttemptGuard(environment, tool)
  running.guard = guard
  const nested = (running.nested = new NestedCalls(recorder, { scope, signal: guard.signal }))
  if (call.progress !== undefined) call.progress.nested = nested
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
    callTool: (inner) => callNested(running, inner, (count += 1)),
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
    return finish({ text, attachments }, tool, recorder.engine)
  } catch (error) {
    return { ok: false, error, errorType: classifyFailure(error, environment) }
  } finally {
    context.end()
    running.asking?.abort(callEnded(scope))
    // A replay waits with that for the outcome: what a nested call has recorded may come before it.
    if (!recorder.replaying) nested.close()
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

function pauseFor<T>({ guard, call }: RunningAttempt, wait: Promise<T>): Promise<T> {
  const paused = call.pauseFor?.(wait) ?? wait
  return guard?.pauseFor(paused) ?? paused
}

/** Makes a call inside another: scheduled, run and recorded like a planned one. */
async function callNested(running: RunningAttempt, inner: NestedCall, index: number): Promise<string> {
  const { call: outer, attempt, nested } = running
  const { environment, replay } = outer
  const { recorder } = environment
  const args = jsonToCbor(inner.input ?? '{}')
  if (recorder.engine >= ENGINE.governed) assertOwnId(environment, inner)
  const strict = recorder.engine === ENGINE.reference
  const input = strict ? cborToJson(args) : textWithin(SCHEDULED_LEVELS, args, 'arguments')
  const callId = inner.callId ?? `${outer.plan.callId}/${attempt}.${index}`
  const turnId = inner.turnId ?? outer.plan.turnId
  const place = outer.place === undefined ? String(index) : `${outer.place}/${attempt}.${index}`
  // Another attempt of the planned call begins from nothing.
  const inherited = outer.place === undefined && attempt > 1 ? undefined : outer.plan.inherited
  const plan: CallPlan = { callId, turnId, tool: inner.tool, args, input, inherited }
  const isMadeAgain = replay !== undefined && holdsSchedule(replay.recorder, callId)
  const done = inherited?.get(inner.callId === undefined ? place : chosenPlace(running, inner.callId))
  // Before, a call under an id of its tool's choice was made again.
  const isKnown = done?.tool === inner.tool && (!isMadeAgain || recorder.engine >= ENGINE.asking)
  if (isKnown && equalBytes(done.args, args)) return outcomeAgain(done)
  if (!isMadeAgain) assertNestable(environment, outer.plan, plan)
  if (nested === undefined) throw callEnded(outer.scope)
  const { scope, signal, progress } = nested.begin(callId)
  const call: RunningCall = {
    environment: { ...environment, signal },
    plan,
    scope,
    idempotencyKey: idempotencyKeyOf(utf8Encode(outer.idempotencyKey), callId),
    place,
    slot: { tool: inner.tool, outer: outer.slot },
    limiter: outer.limiter,
    maxAttempts: inner.maxAttempts,
    settle: () => 'durable',
    pauseFor: (wait) => pauseFor(running, wait),
    progress,
    replay,
  }
  try {
    noteOpen(call, 1)
    await recorder.emit(KIND.ToolCallScheduled, scheduleOf(plan, 1, keyIfRecorded(call)), { scope })
    const outcome = await runNested(call)
    if (outcome.ok) return cborToJson(outcome.result)
    if (recorder.replaying && outcome.error === ABANDONED) throw new CutOffError()
    throw outcome.cause
  } catch (error) {
    // The recording has the outer call go on without it: as it did live, nothing comes of it.
    if (error instanceof CutOffError) nested.end(scope)
    throw error instanceof CutOffError ? await abortOf(signal) : error
  } finally {
    nested.end(scope)
  }
}

function chosenPlace({ chosen }: RunningAttempt, callId: string): string {
  const count = chosen.get(callId) ?? 0
  chosen.set(callId, count + 1)
  return placeOfNested(callId, count)
}

/** What came of a call before, to whoever makes it again. */
function outcomeAgain(done: EndedCall): string {
  if ('result' in done) return cborToJson(done.result)
  throw recordedCause(done)
}

/** Under the id of a call that the model has planned, the outcome would be taken for that one's. */
function assertOwnId({ isPlanned }: CallEnvironment, { tool, callId }: NestedCall): void {
  if (callId === undefined || isPlanned?.(callId) !== true) return
  throw new ToolError(
    'TOOL_DENIED',
    `tool ${tool} cannot be called as ${callId}: the model has planned a call of this id`,
  )
}

/**
 * Checks that a call may be made inside another: nobody can be asked there, and
 * what is made again after a crash makes its own calls again.
 */
function assertNestable({ tools, mayNest }: CallEnvironment, outer: CallPlan, inner: CallPlan): void {
  const policy = tools.get(inner.tool)?.policy ?? {}
  if (policy.approval === true) {
    const message = `tool ${inner.tool} needs an approval before every call, so no other tool can call it`
    throw new ToolError('TOOL_DENIED', message)
  }
  const problem = mayNest?.(inner.tool, inner.input)
  if (problem !== undefined) throw new ToolError('TOOL_DENIED', `tool ${inner.tool} cannot be called here: ${problem}`)
  if (policy.idempotent !== false || tools.get(outer.tool)?.policy?.idempotent === false) return
  const because = `a call of ${outer.tool} is made again after a crash`
  const message = `tool ${inner.tool} must not be called twice, and ${because}: declare ${outer.tool} idempotent: false as well`
  throw new ToolError('TOOL_DENIED', message)
}

/** Resolves with the reason of the abort. */
function abortOf(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason)
    else signal.addEventListener('abort', () => resolve(signal.reason), { once: true })
  })
}

/** In a replay, how a nested call goes on is known once its schedule has been found in the recording. */
async function runNested(call: RunningCall): Promise<CallOutcome> {
  const { environment, plan, scope, replay } = call
  const mode = replay === undefined ? 'executed' : replayModeOf(environment, plan, replay)
  if (replay === undefined || mode === 'executed') return executeCall(call)
  replay.recorder.end(scope)
  replay.recorder.begin(scope, mode)
  return takeOver(replay, plan, scope)
}

const DEFAULT_MAX_RESULT_BYTES = 1024 * 1024

/** What a tool has returned. */
interface Returned {
  readonly text: string
  readonly attachments: readonly ToolAttachment[]
}

/** What the model is to see, it must be able to see: a call inside another is not shown to it. */
function assertShown({ environment, plan, place }: RunningCall, attachments: readonly ToolAttachment[]): void {
  if (environment.recorder.engine === ENGINE.reference) {
    throw new ToolError(
      'TOOL_INVALID_OUTPUT',
      `the result of ${plan.tool} has attachments, which the reference has not`,
    )
  }
  const problem = place === undefined ? environment.refuseAttachments?.(attachments) : undefined
  if (problem === undefined) return
  throw new ToolError('TOOL_INVALID_OUTPUT', `the result of ${plan.tool} cannot be shown: ${problem}`)
}

function finish({ text, attachments }: Returned, tool: Tool, engine: Engine): Result {
  const policy = tool.policy ?? {}
  const raw = jsonToCbor(text === '' ? 'null' : text)
  const result = policy.redact === undefined ? raw : encodeValue(policy.redact(decodeValue(raw), 'output'))
  const canonical = engine === ENGINE.reference ? cborToJson(result) : textWithin(SCHEDULED_LEVELS, result, 'result')
  const limit = policy.maxResultBytes ?? DEFAULT_MAX_RESULT_BYTES
  // The UTF-8 text is at least as long as the UTF-16 one: most results need not be encoded to be measured.
  if (canonical.length > limit || (canonical.length * 3 > limit && utf8Encode(canonical).length > limit)) {
    throw new ToolError('TOOL_RESULT_TOO_LARGE', `the result of ${tool.name} is larger than ${limit} bytes`)
  }
  return { ok: true, result, canonical, raw: text, attachments }
}

function outcomeOf(result: Result): OperationOutcome {
  if (result.ok) return { status: 'ok', errorType: 'none' }
  return {
    status: result.errorType === 'cancelled' ? 'cancelled' : 'error',
    errorType: result.errorType,
    error: result.error,
  }
}
