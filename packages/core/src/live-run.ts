import { KIND } from '@starling/event'
import type { Event, UserMessageAppended } from '@starling/event'
import { createLiveRecorder, ENGINE, observe } from '@starling/step'
import type { Engine, LiveRecorder, Observer, OperationOutcome, RecordedListener } from '@starling/step'
import { CoreError } from './core-error.ts'
import { checkSameAgent, engineOf, readResumable, startOf } from './history.ts'
import { keepLease } from './lease-keeper.ts'
import { NO_PLACE } from './live-inputs.ts'
import type { LiveInputs } from './live-inputs.ts'
import { runLoop } from './loop.ts'
import { resultOf, suspendedResult } from './run-result.ts'
import type { RunResult } from './run-result.ts'
import { describeStart } from './run-start.ts'
import type { Goal } from './run-start.ts'
import { createRunState, isOvertaken, setupOfRun } from './session.ts'
import type { AgentSetup, Session } from './session.ts'
import { stageFailed } from './terminal.ts'
import { listTools, restoreTools } from './tool-sources.ts'

/** What a live run is to do. */
export type Assignment =
  | { readonly type: 'start'; readonly runId: string; readonly goal: Goal }
  | {
      readonly type: 'resume'
      readonly runId: string
      readonly message: UserMessageAppended | undefined
      readonly reissueTools: boolean
      /** Go on although the agent is another one. */
      readonly force: boolean
    }

/** Where a live run gets its inputs and shows its work. */
export interface LiveRunOptions {
  readonly inputs: LiveInputs
  readonly observers: readonly Observer[]
  readonly onDurable?: RecordedListener | undefined
}

/**
 * Starts or resumes a run and drives it to its end.
 *
 * @throws {@link CoreError}, or the log's error, when the run could not be recorded to its end.
 */
export async function runLive(setup: AgentSetup, assignment: Assignment, options: LiveRunOptions): Promise<RunResult> {
  try {
    return await runUnderLease(setup, assignment, options)
  } finally {
    options.inputs.close()
  }
}

async function runUnderLease(setup: AgentSetup, assignment: Assignment, options: LiveRunOptions): Promise<RunResult> {
  const { log, leaseMs = 30_000 } = setup.options
  await using lease = await keepLease(log, assignment.runId, {
    ttlMs: leaseMs,
    onLost: (error) => options.inputs.lose(error),
  })
  const fence = lease === undefined ? undefined : () => lease.fence()
  const open = { ...options, fence }
  const session =
    assignment.type === 'start'
      ? startSession(await listInTime(setup, options.inputs), assignment, open)
      : await resumeSession(setup, assignment, open)
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
    const run = (): Promise<RunResult> => finish(session, assignment, open)
    return options.observers.length === 0
      ? await run()
      : await observe(options.observers, operation, { run, outcomeOf })
  } finally {
    stopTimer()
  }
}

/** Sources may take as long as the run itself may: one that keeps it waiting for longer ends it. */
async function listInTime(setup: AgentSetup, inputs: LiveInputs): Promise<AgentSetup> {
  const cap = setup.options.budget?.maxWallClockMs ?? 0
  if (cap <= 0 || (setup.options.toolSources ?? []).length === 0) return listTools(setup, inputs.signal)
  const stop = expireAfter(cap, setup, inputs)
  try {
    return await listTools(setup, inputs.signal)
  } finally {
    stop()
  }
}

interface OpenOptions extends LiveRunOptions {
  readonly fence: Parameters<typeof createLiveRecorder>[0]['fence']
}

interface LiveSession extends Session {
  readonly recorder: LiveRecorder
  /** How many events the log held when this process took the run up. */
  readonly openedAtSeq: number
}

function startSession(
  setup: AgentSetup,
  assignment: { readonly runId: string; readonly goal: Goal },
  options: OpenOptions,
): LiveSession {
  const engine = setup.options.profile === 'reference' ? ENGINE.reference : ENGINE.asking
  const session = createSession(setup, { runId: assignment.runId, engine }, options)
  session.recorder.stage(KIND.RunStarted, describeStart(setup, assignment.goal, engine))
  session.state.keepsEffects = false
  options.inputs.attach(session.state, engine)
  return session
}

async function resumeSession(
  setup: AgentSetup,
  assignment: Extract<Assignment, { type: 'resume' }>,
  options: OpenOptions,
): Promise<LiveSession> {
  const { runId, message, reissueTools, force } = assignment
  const session = await openSession(setup, { runId, force }, options)
  const { state, recorder, engine } = session
  if (engine < ENGINE.governed && options.inputs.maySuspend) {
    const text = `run ${runId} cannot be suspended: ${NO_PLACE}; pass another onApproval`
    throw new CoreError('CORE_INVALID_OPTIONS', text)
  }
  if (!reissueTools && state.openSchedules > 0) {
    const text = `run ${runId} has ${state.openSchedules} tool calls without an outcome; resume with re-issuing allowed`
    throw new CoreError('CORE_PENDING_CALLS', text)
  }
  recorder.stage(KIND.RunResumed, {
    atSeq: recorder.lastSeq,
    extraMessage: message?.content,
    reissueTools,
    pendingCalls: state.openSchedules,
  })
  if (message !== undefined) recorder.stage(KIND.UserMessageAppended, message)
  state.keepsEffects = false
  options.inputs.attach(state, engine)
  return session
}

/** Takes up a run where its log ends: every page is folded as it comes, and let go. */
async function openSession(
  agent: AgentSetup,
  { runId, force }: { readonly runId: string; readonly force: boolean },
  options: OpenOptions,
): Promise<LiveSession> {
  let session: LiveSession | undefined
  await readResumable(agent.options.log, runId, (page) => {
    if (session === undefined) {
      const engine = engineOf(page)
      const started = startOf(page)
      const setup = setupOfRun(restoreTools(agent, started), started, true)
      if (!force) checkSameAgent(setup, page[0], engine)
      session = createSession(setup, { runId, engine }, options)
    }
    follow(session, page)
  })
  if (session === undefined) throw new Error(`run ${runId} was read without a page`)
  return { ...session, openedAtSeq: session.recorder.lastSeq }
}

function follow({ state, recorder }: LiveSession, events: readonly Event[]): void {
  state.follow(events)
  recorder.follow(events)
}

interface SessionStart {
  readonly runId: string
  readonly engine: Engine
}

function createSession(setup: AgentSetup, start: SessionStart, options: OpenOptions): LiveSession {
  const { state, prompt } = createRunState(setup, start.engine)
  const recorder = createLiveRecorder({
    log: setup.options.log,
    runId: start.runId,
    engine: start.engine,
    clock: setup.clock,
    fence: options.fence,
    onStaged(recorded) {
      state.apply(recorded)
      if (state.terminal !== undefined) options.inputs.seal()
    },
    onDurable: options.onDurable,
  })
  return {
    setup,
    engine: start.engine,
    recorder,
    openedAtSeq: 0,
    state,
    prompt,
    inputs: options.inputs,
    observers: options.observers,
    answer: { output: undefined },
    replayTools: 'execute',
  }
}

async function finish(session: LiveSession, assignment: Assignment, options: OpenOptions): Promise<RunResult> {
  const { recorder, state } = session
  try {
    // A resume is on record before anything is done again: of two resumers one loses here.
    if (assignment.type === 'resume') await recorder.flush()
    if ((await runLoop(session)) === 'open') return suspendedResult(recorder.runId, state)
  } catch (error) {
    if (isOvertaken(error)) throw await describeOvertaken(session, assignment, error)
    return endAfterFailure(session, error, options)
  }
  const result = resultOf(recorder.runId, state, session.answer.output)
  if (result === undefined) throw new Error('the loop ended without a terminal event')
  return result
}

async function describeOvertaken(session: LiveSession, assignment: Assignment, cause: unknown): Promise<CoreError> {
  const { recorder, setup } = session
  const { runId } = recorder
  if (assignment.type === 'start' && recorder.durableSeq === 0) {
    const [first] = await setup.options.log.read(runId, { limit: 1 })
    if (first !== undefined) return new CoreError('CORE_RUN_EXISTS', `the log already has a run ${runId}`, { cause })
  }
  return new CoreError('CORE_RUN_IN_USE', `run ${runId} is in use: another process has appended to it`, { cause })
}

/** The log refused an append. When it takes events again, the run still gets its terminal event. */
async function endAfterFailure(session: LiveSession, error: unknown, options: OpenOptions): Promise<RunResult> {
  const { setup, recorder, engine, openedAtSeq } = session
  const { runId } = recorder
  // Nothing was done yet: the run stays as it was, and can be taken up another time.
  if (recorder.durableSeq === openedAtSeq) throw error
  try {
    const history = await setup.options.log.read(runId)
    const rest = createSession(setup, { runId, engine }, options)
    follow(rest, history)
    // The log may have taken more than it said: a run has one terminal event.
    if (rest.state.terminal === undefined) stageFailed(rest, error)
    await rest.recorder.flush()
    const result = resultOf(runId, rest.state)
    if (result !== undefined) return result
  } catch {
    // What matters is the first failure; the log holds what was durable before it.
  }
  throw error
}

/** Ends the run when its wall-clock budget has run out; returns how to stop watching. */
function watchDeadline(session: LiveSession, inputs: LiveInputs): () => void {
  const { setup, state } = session
  const cap = setup.options.budget?.maxWallClockMs ?? 0
  if (cap <= 0) return () => undefined
  const used = state.startedAtNs === state.lastNs ? 0 : state.activeMs(setup.clock.now())
  return expireAfter(Math.max(0, cap - used), setup, inputs)
}

function expireAfter(ms: number, { clock }: AgentSetup, inputs: LiveInputs): () => void {
  const controller = new AbortController()
  clock.sleep(ms, { signal: controller.signal }).then(
    () => inputs.expire(),
    () => undefined, // it ended before its deadline
  )
  return () => controller.abort()
}

function outcomeOf(result: RunResult): OperationOutcome {
  const { status, error } = result
  if (status === 'completed' || status === 'suspended') return { status: 'ok', errorType: 'none' }
  if (status === 'cancelled') return { status: 'cancelled', errorType: 'none', error: error?.message }
  return {
    status: error?.type === 'budget' ? 'budget' : 'error',
    errorType: error?.type ?? 'internal',
    error: error?.message,
    budgetLimit: error?.limit,
  }
}
