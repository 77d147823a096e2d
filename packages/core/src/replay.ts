import { KIND, kindName } from '@starling/event'
import type { Event } from '@starling/event'
import { validateEvents } from '@starling/eventlog'
import { createReplayRecorder, DivergenceError, ENGINE, isOfKind, toRecorded } from '@starling/step'
import type { Divergence, Recorded, ReplayRecorder } from '@starling/step'
import { CoreError } from './core-error.ts'
import { engineOf, readRun, startOf } from './history.ts'
import { runLoop } from './loop.ts'
import { isInput, isPlanned, ReplayInputs } from './replay-inputs.ts'
import { describeMismatch, describeStart } from './run-start.ts'
import { RunState } from './run-state.ts'
import { createRunState, setupOfRun } from './session.ts'
import type { AgentSetup, Session } from './session.ts'
import { restoreTools } from './tool-sources.ts'

/** How a recording is replayed. */
export interface ReplayOptions {
  /**
   * `execute`: tools are called again and their results compared, except those
   * whose policy says otherwise. `recorded`: no tool is called. Default: `execute`.
   */
  readonly tools?: 'execute' | 'recorded' | undefined
  /** Stop at the first difference, or go on and report all. Default: `first`. */
  readonly collect?: 'first' | 'all' | undefined
  /** Check from this `seq`, or the last step boundary before it; what comes before is taken over. Default: 1. */
  readonly fromSeq?: number | undefined
  /** Also compare the budget, the library's and the application's version. Default: `false`. */
  readonly strict?: boolean | undefined
  /** Ends the replay when aborted: it rejects with the signal's reason. Tools that are called again see it too. */
  readonly signal?: AbortSignal | undefined
}

/** What a replay found. */
export interface ReplayReport {
  readonly runId: string
  readonly status: 'match' | 'diverged'
  readonly eventsRecorded: number
  /** The `seq` of the first event that was compared; those before it were taken over. */
  readonly comparedFrom: number
  /** How many events were reproduced, those before `comparedFrom` included; events that differed are not. */
  readonly eventsReproduced: number
  readonly divergences: readonly Divergence[]
  /** Differences that a recording of the reference cannot avoid: hashes over argument text that the log does not keep. */
  readonly warnings: readonly Divergence[]
}

/**
 * Runs a recording again and compares every event with it, the terminal one
 * included, whatever the outcome of the run was.
 *
 * @throws {@link CoreError} `CORE_RUN_NOT_FOUND`, `CORE_CORRUPT`, `CORE_SCHEMA_MISMATCH`, `CORE_INVALID_OPTIONS`;
 *   the reason of `options.signal`.
 */
export async function replayRun(given: AgentSetup, runId: string, options: ReplayOptions = {}): Promise<ReplayReport> {
  const { signal, fromSeq = 1 } = options
  signal?.throwIfAborted()
  const recording = await readRun(given.options.log, runId)
  checkFromSeq(fromSeq, recording.at(-1)?.seq ?? 0)
  const validation = validateEvents(recording)
  if (validation.status === 'corrupt') {
    throw new CoreError('CORE_CORRUPT', `run ${runId} is corrupt: ${validation.reason ?? 'it does not validate'}`)
  }
  const engine = engineOf(recording)
  const started = startOf(recording)
  const setup = setupOfRun(restoreTools(given, started), started, false)
  const warnings: Divergence[] = []
  const { state, prompt } = createRunState(setup, engine)
  const recorder = createReplayRecorder({
    recording,
    engine,
    trustedSeq: boundaryBefore(recording, fromSeq),
    // The reference hashed the model's own argument text, which its log does not keep.
    tolerate: (divergence) =>
      engine === ENGINE.reference && divergence.kind === kindName(KIND.TurnStarted) && divergence.path !== 'turn_id',
    onTolerated: (divergence) => warnings.push(divergence),
    // Before, tools could choose names like those of the runtime.
    ...(engine >= ENGINE.governed ? { isInput, isPlanned: (recorded) => isPlanned(recorded, state) } : {}),
    onStaged: (recorded) => state.apply(recorded),
  })
  const comparedFrom = recorder.lastSeq + 1
  const inputs = new ReplayInputs(recorder, state, {
    rate: setup.rate,
    providerId: setup.options.provider.info.id,
    signal,
  })
  const session: Session = {
    setup,
    engine,
    recorder,
    state,
    prompt,
    inputs,
    observers: [],
    answer: { output: undefined },
    replayTools: options.tools ?? 'execute',
  }
  const { divergences, differing } = await untilAborted(compare({ session, recorder, inputs }, options), signal)
  return {
    runId,
    status: divergences.length === 0 ? 'match' : 'diverged',
    eventsRecorded: recording.length,
    comparedFrom,
    eventsReproduced: recorder.lastSeq - differing,
    divergences,
    warnings,
  }
}

function checkFromSeq(fromSeq: number, lastSeq: number): void {
  if (Number.isInteger(fromSeq) && fromSeq >= 1 && fromSeq <= lastSeq) return
  const text = `fromSeq is ${String(fromSeq)}, expected a whole number from 1 to ${lastSeq}`
  throw new CoreError('CORE_INVALID_OPTIONS', text)
}

/** Settles as `work` does, or rejects with the signal's reason; a tool that ignores the signal is left to itself. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

interface Replay {
  readonly session: Session
  readonly recorder: ReplayRecorder
  readonly inputs: ReplayInputs
}

interface Comparison {
  readonly divergences: readonly Divergence[]
  /** How many recorded events were taken over although something else was produced. */
  readonly differing: number
}

async function compare({ session, recorder, inputs }: Replay, options: ReplayOptions): Promise<Comparison> {
  const divergences: Divergence[] = []
  let differing = 0
  for (;;) {
    try {
      if (session.state.started === undefined) stageStart(session, options.strict ?? false)
      await runLoop(session)
      if (recorder.peek() === undefined) return { divergences, differing }
      recorder.adopt() // after its end, the run emits nothing that could be compared
      differing += 1
    } catch (error) {
      if (!(error instanceof DivergenceError)) throw error
      options.signal?.throwIfAborted()
      recorder.reset()
      const recorded = recorder.peek()
      divergences.push(named(session, error.divergence, recorded))
      if (options.collect !== 'all' || recorded === undefined) return { divergences, differing }
      recorder.adopt() // the state follows the recording, and so the next step can be compared again
      differing += 1
      inputs.skipStep()
    }
  }
}

/** Says what a hash or an id stands for: which part of the agent differs, which turn and tool a call belongs to. */
function named(session: Session, divergence: Divergence, recorded: Recorded | undefined): Divergence {
  const { setup, state, engine } = session
  if (isOfKind(recorded, KIND.RunStarted)) {
    const mismatch = describeMismatch(setup, recorded.payload, engine)
    return mismatch === undefined ? divergence : { ...divergence, message: `${divergence.message}: ${mismatch}` }
  }
  const { callId } = divergence
  const call = state.pending.find((planned) => planned.loggedId === callId || planned.callId === callId)
  if (call === undefined) return divergence
  const { tool, turnId } = call
  return { ...divergence, turnId, tool, message: `${divergence.message} (tool ${tool}, call ${call.callId})` }
}

function stageStart(session: Session, strict: boolean): void {
  const { recorder, setup, engine } = session
  recorder.stage(KIND.RunStarted, (recorded) => {
    const produced = describeStart(setup, { content: recorded?.goal ?? '', attachments: recorded?.attachments }, engine)
    if (recorded === undefined) return produced
    const { parentRunId, parentRoot } = recorded
    const linked = { ...produced, parentRunId, parentRoot }
    if (strict) return linked
    // Caps differ where they are crossed, if at all: an agent may be given others between two runs.
    const { starlingVersion, appVersion, budget } = recorded
    return { ...linked, starlingVersion, appVersion, budget }
  })
}

/** By the rules of the reference a failed call ends the run: the step is not over before it has. */
function endsReference({ started, planned }: RunState): boolean {
  return (
    (started?.engine ?? ENGINE.reference) === ENGINE.reference && planned.some((call) => call.outcome?.isError === true)
  )
}

/** The last `seq` before `fromSeq` after which the run was between two steps. */
function boundaryBefore(recording: readonly Event[], fromSeq: number): number {
  const state = new RunState()
  let boundary = 0
  for (const event of recording) {
    if (event.seq >= fromSeq) break
    const recorded = toRecorded(event)
    if (recorded !== undefined) state.apply(recorded)
    if (state.openTurn === undefined && !state.isPending && !endsReference(state)) boundary = event.seq
  }
  return boundary
}
