import { KIND } from '@starling/event'
import type { SideEffectRecorded } from '@starling/event'
import { readPages } from '@starling/eventlog'
import type { EventLog } from '@starling/eventlog'
import { ANSWER, createLiveRecorder, encodeAnswer, errorText, systemClock } from '@starling/step'
import type { Clock, Engine, LiveRecorder } from '@starling/step'
import { answerIn, isSameAnswer } from './answer-decision.ts'
import {
  alreadyAnswered,
  alreadyDecided,
  APPROVAL,
  checkGiven,
  contradictory,
  encodeApproval,
  findMismatch,
  isSameDecision,
  notWaiting,
} from './approval.ts'
import type { GivenDecision } from './approval.ts'
import { CoreError } from './core-error.ts'
import { questionHash } from './call-questions.ts'
import type { ApprovalDecision, ApprovalRequest, CallDecision } from './definition.ts'
import { engineOf, readResumable } from './history.ts'
import { keepLease } from './lease-keeper.ts'
import type { PlannedCall } from './planned-call.ts'
import { RunState } from './run-state.ts'
import { isOvertaken } from './session.ts'
import { decisionIn, findWaiting, waitingCalls } from './waiting-calls.ts'
import type { Waiting } from './waiting-calls.ts'

const RUNS_PER_PAGE = 100

/** Which decisions are recorded from outside a run, and how. */
export interface DecideOptions {
  readonly runId: string
  readonly decisions: readonly CallDecision[]
  /** Default: the clock of this machine. */
  readonly clock?: Clock | undefined
  /** How long the lease lasts that keeps others off the run, in milliseconds. Default: 30,000. */
  readonly leaseMs?: number | undefined
}

/**
 * Reads which calls of a run wait for a decision, in plan order. Needs no
 * agent. The calls of a run that has ended, or that does not exist, wait for
 * nothing.
 */
export async function readApprovals(log: EventLog, runId: string): Promise<readonly ApprovalRequest[]> {
  const state = new RunState()
  state.keepsMessages = false
  for await (const page of readPages(log, runId)) state.follow(page)
  return waitingCalls(runId, state)
}

/** How {@link listApprovals} goes about runs that it cannot read. */
export interface ListApprovalsOptions {
  /** Told of each such run; the list goes on. Default: the list goes on, and throws at its end. */
  readonly onUnreadable?: ((runId: string, error: unknown) => void) | undefined
}

/**
 * Reads which calls wait for a decision in any run of a log, the newest run
 * first. Needs no agent. A run that cannot be read hides nothing of the others.
 *
 * @throws {@link CoreError} `CORE_CORRUPT`, at the end of the list, naming the runs that could not be read.
 */
export async function* listApprovals(
  log: EventLog,
  { onUnreadable }: ListApprovalsOptions = {},
): AsyncGenerator<ApprovalRequest> {
  const unreadable: string[] = []
  const skip = onUnreadable ?? ((runId, error) => void unreadable.push(`${runId}: ${errorText(error)}`))
  for (let after: string | undefined; ;) {
    const { runs, next } = await log.listRuns({ status: 'in progress', limit: RUNS_PER_PAGE, after })
    for (const { runId } of runs) yield* await readOr(log, runId, skip)
    after = next
    if (after === undefined) break
  }
  if (unreadable.length === 0) return
  throw new CoreError(
    'CORE_CORRUPT',
    `what waits in ${unreadable.length} runs cannot be read: ${unreadable.join('; ')}`,
  )
}

async function readOr(
  log: EventLog,
  runId: string,
  skip: (runId: string, error: unknown) => void,
): Promise<readonly ApprovalRequest[]> {
  try {
    return await readApprovals(log, runId)
  } catch (error) {
    skip(runId, error)
    return []
  }
}

/**
 * Records decisions on calls of a run that no process is working on, all of
 * them or none, in one append. The run goes on with them when it is resumed. A
 * decision that has been made already is no harm. The time between the two does
 * not count against the wall-clock budget.
 *
 * No agent is at hand, and so no tool's `redact`: arguments and results that are
 * given here are in the decision as they are. They are redacted before the call
 * is made and its result recorded.
 *
 * @returns how many were recorded: those that had not been made already.
 * @throws {@link CoreError} `CORE_RUN_NOT_FOUND`, `CORE_RUN_ENDED`, `CORE_RUN_IN_USE`, `CORE_CORRUPT`,
 *   `CORE_SCHEMA_MISMATCH`; `CORE_NOT_WAITING` for a call that does not wait for a decision, or no longer,
 *   or in another turn or with other arguments than the decision says; `CORE_DECIDED`, also for decisions that
 *   contradict each other; `CORE_INVALID_OPTIONS` for arguments or a result that are not JSON or are nested deeper than
 *   31 levels.
 */
export async function decideApprovals(
  log: EventLog,
  { runId, decisions, clock = systemClock, leaseMs = 30_000 }: DecideOptions,
): Promise<number> {
  const checked = decisions.map(checkGiven)
  let lost: Error | undefined
  await using lease = await keepLease(log, runId, { ttlMs: leaseMs, onLost: (error) => (lost = error) })
  const state = new RunState()
  state.keepsMessages = false
  const recorder = await openRecorder(log, { runId, state, clock, fence: () => lease?.fence() })
  const fresh = assign(checked, { runId, state, waiting: findWaiting(runId, state), nowNs: clock.now() })
  for (const [target, { decision }] of fresh) {
    recorder.stage(KIND.SideEffectRecorded, effectOf(target, decision, recorder.engine))
  }
  try {
    await recorder.flush()
  } catch (cause) {
    if (lost === undefined && !isOvertaken(cause)) throw cause
    throw new CoreError('CORE_RUN_IN_USE', `run ${runId} is in use: another process has appended to it`, { cause })
  }
  return fresh.size
}

interface OpenOptions {
  readonly runId: string
  readonly state: RunState
  readonly clock: Clock
  readonly fence: Parameters<typeof createLiveRecorder>[0]['fence']
}

async function openRecorder(log: EventLog, { runId, state, clock, fence }: OpenOptions): Promise<LiveRecorder> {
  let recorder: LiveRecorder | undefined
  await readResumable(log, runId, (page) => {
    recorder ??= createLiveRecorder({
      log,
      runId,
      engine: engineOf(page),
      clock,
      fence,
      onStaged: (recorded) => state.apply(recorded),
    })
    state.follow(page)
    recorder.follow(page)
  })
  if (recorder === undefined) throw new Error(`run ${runId} was read without a page`)
  return recorder
}

interface OpenRun {
  readonly runId: string
  readonly state: RunState
  readonly waiting: readonly Waiting[]
  readonly nowNs: bigint
}

/** What each decision is on, without those that have been made already. */
function assign(checked: readonly GivenDecision[], run: OpenRun): ReadonlyMap<Waiting, GivenDecision> {
  const fresh = new Map<Waiting, GivenDecision>()
  for (const given of checked) {
    const target = targetOf(given, run, fresh)
    if (target === undefined) continue
    if (target.question !== undefined) answerIn(given, target.question)
    const other = fresh.get(target)
    if (other === undefined) fresh.set(target, given)
    else if (!isSameDecision(other.decision, given.decision)) {
      throw contradictory(given.callId, other.decision, given.decision)
    }
  }
  return fresh
}

/** What a decision is on: of several questions, the first that no other is on. `undefined` for one that has been made already. */
function targetOf(
  given: GivenDecision,
  { runId, state, waiting, nowNs }: OpenRun,
  taken: ReadonlyMap<Waiting, unknown>,
): Waiting | undefined {
  const { callId, argsHash } = given
  const ofCall = waiting.filter(({ request }) => request.callId === callId)
  const meant = argsHash === undefined ? ofCall : ofCall.filter(({ request }) => request.argsHash === argsHash)
  const target = meant.find((one) => !taken.has(one)) ?? meant.at(-1)
  // A decision on the call, sent once more, must not answer what the call has come to ask since.
  const isUnsaid = argsHash === undefined && target?.question !== undefined && decisionOn(target.call) !== undefined
  if ((target === undefined || isUnsaid) && isDecided(given, state)) return undefined
  if (isUnsaid) throw notWaiting(`call ${callId} has been decided on and asks a question: name it by its argsHash`)
  const misfit = ofCall[0] === undefined ? undefined : findMismatch(given, (target ?? ofCall[0]).request, nowNs)
  if (misfit !== undefined) throw misfit
  if (target === undefined) throw notWaiting(`call ${callId} of run ${runId} does not wait for a decision`)
  if (target.question?.held !== true) return target
  throw notWaiting(
    `the question of call ${callId} hung on its process, which has ended: resume run ${runId} without it`,
  )
}

function decisionOn(call: PlannedCall): ApprovalDecision | undefined {
  return decisionIn(call) ?? call.approval
}

/** Whether a decision has been made before, on the call or on a question of it, as it is given now. */
function isDecided({ callId, turnId, argsHash, decision }: GivenDecision, state: RunState): boolean {
  const call = state.planned.find((planned) => planned.callId === callId)
  if (call === undefined || (turnId !== undefined && turnId !== call.turnId)) return false
  const answered = call.record.questions.filter(({ answer }) => answer !== undefined)
  const question = argsHash === undefined ? answered.at(-1) : answered.find((asked) => questionHash(asked) === argsHash)
  if (question?.answer !== undefined) {
    if (isSameAnswer(question.answer.answer, answerIn({ callId, decision }, question).answer)) return true
    throw alreadyAnswered(callId, question.answer.by)
  }
  const isAsking = call.record.openQuestions.length > 0
  const decided = isAsking ? decisionOn(call) : decisionIn(call)
  if (decided === undefined) return false
  if (isSameDecision(decided, decision)) return true
  if (isAsking) return false
  throw alreadyDecided(callId, decided)
}

function effectOf({ call, question }: Waiting, decision: ApprovalDecision, engine: Engine): SideEffectRecorded {
  const { callId, args } = call
  if (question === undefined) {
    return { name: APPROVAL, value: encodeApproval(decision, { args, engine, outside: true }), callId }
  }
  const given = { ...answerIn({ callId, decision }, question), outside: true }
  return { name: ANSWER, value: encodeAnswer(given, question.question), callId, ordinal: question.ordinal }
}
