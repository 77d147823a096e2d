import { cborToJson, equalBytes, jsonToCbor, KIND, utf8Encode } from '@starling/event'
import { ToolError } from '@starling/tool'
import { ENGINE } from './engine.ts'
import { ABANDONED, NestedCalls } from './nested-calls.ts'
import { textWithin, SCHEDULED_LEVELS } from './nesting.ts'
import { holdsSchedule, recordedCause, replayModeOf, takeOver } from './replayed-call.ts'
import type { NestedCall } from './run-context.ts'
import { keyIfRecorded, noteOpen, pauseFor } from './running-call.ts'
import type { RunningAttempt, RunningCall } from './running-call.ts'
import { idempotencyKeyOf, placeOfNested, scheduleOf } from './tool-call.ts'
import type { CallEnvironment, CallOutcome, CallPlan, EndedCall } from './tool-call.ts'
import { CutOffError } from './turnstile.ts'

/** How a call inside another is made. */
export interface NestedCallOptions {
  /** The first call that the attempt makes is 1. */
  readonly index: number
  /** Runs a scheduled call to its outcome. */
  readonly execute: (call: RunningCall) => Promise<CallOutcome>
}

/** Makes a call inside another: scheduled, run and recorded like a planned one. */
export async function callNested(
  running: RunningAttempt,
  inner: NestedCall,
  { index, execute }: NestedCallOptions,
): Promise<string> {
  const { call: outer, attempt } = running
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
  const nested = nestedIn(running)
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
    const outcome = await runNested(call, execute)
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

function nestedIn(running: RunningAttempt): NestedCalls {
  const { call, guard } = running
  const { environment, scope, progress } = call
  running.nested ??= new NestedCalls(environment.recorder, { scope, signal: guard?.signal ?? environment.signal })
  if (progress !== undefined) progress.nested = running.nested
  return running.nested
}

function chosenPlace(running: RunningAttempt, callId: string): string {
  const chosen = (running.chosen ??= new Map<string, number>())
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
async function runNested(call: RunningCall, execute: NestedCallOptions['execute']): Promise<CallOutcome> {
  const { environment, plan, scope, replay } = call
  const mode = replay === undefined ? 'executed' : replayModeOf(environment, plan, replay)
  if (replay === undefined || mode === 'executed') return execute(call)
  replay.recorder.end(scope)
  replay.recorder.begin(scope, mode)
  return takeOver(replay, plan, scope)
}
