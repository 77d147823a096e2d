import { decodePayload, isKnownKind, KIND } from '@starling/event'
import type { BudgetCaps, Event, RunStarted } from '@starling/event'
import { blake3, utf8Encode } from '@starling/event'
import { readPages, validateEvents } from '@starling/eventlog'
import { createLiveRecorder, ENGINE, hashToolRegistry, observe } from '@starling/step'
import type { Engine, LiveRecorder, Observer, OperationOutcome, Recorded } from '@starling/step'
import { CoreError } from './core-error.ts'
import { keepLease } from './lease-keeper.ts'
import type { LiveInputs } from './live-inputs.ts'
import { runLoop } from './loop.ts'
import { resultOf } from './run-result.ts'
import type { RunResult } from './run-result.ts'
import { createRunState, isOvertaken } from './session.ts'
import type { AgentSetup, Session } from './session.ts'
import { stageFailed } from './terminal.ts'

/** What a live run is to do. */
export type Assignment =
  | { readonly type: 'start'; readonly runId: string; readonly goal: string }
  | {
      readonly type: 'resume'
      readonly runId: string
      readonly message: string | undefined
      readonly reissueTools: boolean
    }

/** Where a live run gets its inputs and shows its work. */
export interface LiveRunOptions {
  readonly inputs: LiveInputs
  readonly observers: readonly Observer[]
  readonly onDurable?: ((event: Event) => void) | undefined
}

/**
 * Starts or resumes a run and drives it to its end.
 *
 * @throws {@link CoreError}, or the log's error, when the run could not be recorded to its end.
 */
export async function runLive(setup: AgentSetup, assignment: Assignment, options: LiveRunOptions): Promise<RunResult> {
  const { log, leaseMs = 30_000 } = setup.options
  await using lease = await keepLease(log, assignment.runId, leaseMs)
  const fence = lease === undefined ? undefined : () => lease.fence()
  const open = { ...options, fence }
  const session =
    assignment.type === 'start' ? startSession(setup, assignment, open) : await resumeSession(setup, assignment, open)
  const stopTimer = watchDeadline(session, options.inputs)
  const { runId } = assignment
  const { model, provider } = setup.options
  const operation = {
    type: 'run',
    runId,
    resumed: assignment.type === 'resume',
    agent: { model, provider: provider.info.id },
  } as const
  try {
    const run = (): Promise<RunResult> => finish(session, assignment)
    return options.observers.length === 0
      ? await run()
      : await observe(options.observers, operation, { run, outcomeOf })
  } finally {
    stopTimer()
  }
}

interface OpenOptions extends LiveRunOptions {
  readonly fence: Parameters<typeof createLiveRecorder>[0]['fence']
}

interface LiveSession extends Session {
  readonly recorder: LiveRecorder
}

function startSession(
  setup: AgentSetup,
  assignment: { readonly runId: string; readonly goal: string },
  options: OpenOptions,
): LiveSession {
  const engine = setup.options.profile === 'reference' ? ENGINE.reference : ENGINE.scoped
  const session = createSession(setup, { runId: assignment.runId, engine, history: [] }, options)
  session.recorder.stage(KIND.RunStarted, describeStart(setup, assignment.goal, engine))
  return session
}

async function resumeSession(
  setup: AgentSetup,
  assignment: Extract<Assignment, { type: 'resume' }>,
  options: OpenOptions,
): Promise<LiveSession> {
  const { runId, message, reissueTools } = assignment
  const history = await readHistory(setup, runId)
  const engine = engineOf(history)
  const session = createSession(setup, { runId, engine, history }, options)
  const { state, recorder } = session
  if (!reissueTools && state.openSchedules > 0) {
    const text = `run ${runId} has ${state.openSchedules} tool calls without an outcome; resume with re-issuing allowed`
    throw new CoreError('CORE_PENDING_CALLS', text)
  }
  recorder.stage(KIND.RunResumed, {
    atSeq: recorder.lastSeq,
    extraMessage: message,
    reissueTools,
    pendingCalls: state.openSchedules,
  })
  if (message !== undefined && message !== '') recorder.stage(KIND.UserMessageAppended, { content: message })
  return session
}

interface SessionStart {
  readonly runId: string
  readonly engine: Engine
  readonly history: readonly Event[]
}

function createSession(setup: AgentSetup, start: SessionStart, options: OpenOptions): LiveSession {
  const { state, prompt } = createRunState(setup, start.engine)
  for (const event of start.history) {
    const recorded = toRecorded(event)
    if (recorded !== undefined) state.apply(recorded)
  }
  const recorder = createLiveRecorder({
    log: setup.options.log,
    runId: start.runId,
    engine: start.engine,
    clock: setup.clock,
    history: start.history,
    fence: options.fence,
    onStaged: (recorded) => state.apply(recorded),
    onDurable: options.onDurable,
  })
  return {
    setup,
    engine: start.engine,
    recorder,
    state,
    prompt,
    inputs: options.inputs,
    observers: options.observers,
    replayTools: 'execute',
  }
}

/** Decodes an event for the fold; one of an unknown kind is not part of it. */
export function toRecorded(event: Event): Recorded | undefined {
  const { kind } = event
  if (!isKnownKind(kind)) return undefined
  return { kind, payload: decodePayload(kind, event.payload), event } as Recorded // one kind on both sides
}

async function finish(session: LiveSession, assignment: Assignment): Promise<RunResult> {
  const { recorder, state } = session
  try {
    // A resume is on record before anything is done again: of two resumers one loses here.
    if (assignment.type === 'resume') await recorder.flush()
    await runLoop(session)
  } catch (error) {
    return endAfterAppendFailure(session, assignment, error)
  }
  const result = resultOf(recorder.runId, state)
  if (result === undefined) throw new Error('the loop ended without a terminal event')
  return result
}

/** The log refused an append. When it takes events again, the run still gets its terminal event. */
async function endAfterAppendFailure(session: LiveSession, assignment: Assignment, error: unknown): Promise<RunResult> {
  const { recorder, setup } = session
  const { runId } = recorder
  const durable = await setup.options.log.read(runId).catch(() => [])
  if (isOvertaken(error)) {
    const exists = assignment.type === 'start' && durable[0] !== undefined && recorder.lastSeq <= 2
    if (exists) throw new CoreError('CORE_RUN_EXISTS', `the log already has a run ${runId}`, { cause: error })
    throw new CoreError('CORE_RUN_IN_USE', `run ${runId} is in use: another process has appended to it`, {
      cause: error,
    })
  }
  if (durable.length === 0) throw error
  const { state, prompt } = createRunState(setup, session.engine)
  recorder.rollback(durable)
  for (const event of durable) {
    const recorded = toRecorded(event)
    if (recorded !== undefined) state.apply(recorded)
  }
  const rest: Session = { ...session, state, prompt }
  try {
    stageFailed(rest, error)
    await recorder.flush()
  } catch {
    throw error // what matters is the first failure; the log holds what was durable before it
  }
  const terminal = await setup.options.log.read(runId, { fromSeq: recorder.lastSeq })
  for (const event of terminal) {
    const recorded = toRecorded(event)
    if (recorded !== undefined) state.apply(recorded)
  }
  const result = resultOf(runId, state)
  if (result === undefined) throw error
  return result
}

/** Reads a run that is to be continued, and makes sure that it can be. */
async function readHistory(setup: AgentSetup, runId: string): Promise<readonly Event[]> {
  const { log, namespace } = setup.options
  if (namespace !== undefined && namespace !== '' && !runId.startsWith(`${namespace}/`)) {
    throw new CoreError('CORE_INVALID_OPTIONS', `run ${runId} is not in the agent's namespace ${namespace}`)
  }
  const history = await readRun(log, runId)
  const validation = validateEvents(history)
  if (validation.status === 'ok') throw new CoreError('CORE_RUN_ENDED', `run ${runId} has ended and cannot be resumed`)
  if (validation.status === 'corrupt') {
    throw new CoreError('CORE_CORRUPT', `run ${runId} is corrupt: ${validation.reason ?? 'it does not validate'}`)
  }
  return history
}

/**
 * Reads a whole run.
 *
 * @throws {@link CoreError} `CORE_RUN_NOT_FOUND` when there is none.
 */
export async function readRun(log: AgentSetup['options']['log'], runId: string): Promise<readonly Event[]> {
  const events: Event[] = []
  for await (const page of readPages(log, runId)) events.push(...page)
  if (events.length === 0) throw new CoreError('CORE_RUN_NOT_FOUND', `there is no run ${runId} in the log`)
  return events
}

/**
 * The rules a recording was made under.
 *
 * @throws {@link CoreError} `CORE_SCHEMA_MISMATCH` for rules that this version does not know.
 */
export function engineOf(history: readonly Event[]): Engine {
  const first = history[0]
  if (first?.kind !== KIND.RunStarted) throw new CoreError('CORE_CORRUPT', 'the run does not begin with RunStarted')
  const { engine: recorded = 0, schemaVersion } = decodePayload(KIND.RunStarted, first.payload)
  const engine = Object.values(ENGINE).find((known) => known === recorded)
  if (schemaVersion !== SCHEMA_VERSION || engine === undefined) {
    const text = `run ${first.runId} was recorded with schema ${schemaVersion} and engine ${recorded}; this version knows schema ${SCHEMA_VERSION} and engines up to ${Math.max(...Object.values(ENGINE))}`
    throw new CoreError('CORE_SCHEMA_MISMATCH', text)
  }
  return engine
}

const SCHEMA_VERSION = 1

/** The first event of a run: everything about the agent that its replay must find the same. */
export function describeStart(setup: AgentSetup, goal: string, engine: Engine): RunStarted {
  const { options, params, tools } = setup
  const { systemPrompt = '', provider, model, budget, appVersion, starlingVersion } = options
  const toolSchemas = [...tools.values()]
    .map(({ name, inputSchema }) => ({ name, schemaHash: inputSchema === '' ? null : blake3(utf8Encode(inputSchema)) }))
    .toSorted((a, b) => compareUtf8(a.name, b.name))
  return {
    schemaVersion: SCHEMA_VERSION,
    goal,
    providerId: provider.info.id,
    modelId: model,
    apiVersion: provider.info.apiVersion,
    paramsHash: params === null ? null : blake3(params),
    params,
    systemPromptHash: systemPrompt === '' ? null : blake3(utf8Encode(systemPrompt)),
    systemPrompt,
    toolRegistryHash: hashToolRegistry(toolSchemas),
    toolSchemas,
    budget: budget === undefined ? undefined : recordedBudget(budget),
    starlingVersion: starlingVersion ?? STARLING_VERSION,
    appVersion,
    engine,
  }
}

/** How this library names itself in the log. */
const STARLING_VERSION = 'starling-ts/0.1.0'

function recordedBudget(budget: BudgetCaps): BudgetCaps {
  return { ...budget }
}

/** Orders texts by their UTF-8 bytes, which is the order of their code points. */
function compareUtf8(a: string, b: string): number {
  const left = [...a]
  const right = [...b]
  for (let index = 0; index < Math.min(left.length, right.length); index += 1) {
    const difference = (left[index]?.codePointAt(0) ?? 0) - (right[index]?.codePointAt(0) ?? 0)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

/** Ends the run when its wall-clock budget has run out; returns how to stop watching. */
function watchDeadline(session: LiveSession, inputs: LiveInputs): () => void {
  const { setup, state } = session
  const cap = setup.options.budget?.maxWallClockMs ?? 0
  if (cap <= 0) return () => undefined
  const controller = new AbortController()
  const used = state.startedAtNs === state.lastNs ? 0 : state.activeMs(setup.clock.now())
  const left = Math.max(0, cap - used)
  setup.clock.sleep(left, { signal: controller.signal }).then(
    () => inputs.expire(),
    () => undefined, // the run ended before its deadline
  )
  return () => controller.abort()
}

function outcomeOf(result: RunResult): OperationOutcome {
  const { status, error } = result
  if (status === 'completed') return { status: 'ok', errorType: 'none' }
  if (status === 'cancelled') return { status: 'cancelled', errorType: 'none' }
  return {
    status: error?.type === 'budget' ? 'budget' : 'error',
    errorType: error?.type ?? 'internal',
    error: error?.message,
    budgetLimit: error?.limit,
  }
}
