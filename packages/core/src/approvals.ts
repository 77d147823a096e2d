import { KIND } from '@starling/event'
import { readPages } from '@starling/eventlog'
import type { EventLog } from '@starling/eventlog'
import { createLiveRecorder, errorText, systemClock } from '@starling/step'
import type { Clock, LiveRecorder } from '@starling/step'
import {
  alreadyDecided,
  APPROVAL,
  checkDecisions,
  encodeApproval,
  findMismatch,
  isSameDecision,
  notWaiting,
} from './approval.ts'
import type { GivenDecision } from './approval.ts'
import { CoreError } from './core-error.ts'
import type { ApprovalRequest, CallDecision } from './definition.ts'
import { engineOf, readResumable } from './history.ts'
import { keepLease } from './lease-keeper.ts'
import { RunState } from './run-state.ts'
import { isOvertaken } from './session.ts'
import { decisionIn, waitingCalls } from './waiting-calls.ts'

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
  const checked = checkDecisions(decisions)
  let lost: Error | undefined
  await using lease = await keepLease(log, runId, { ttlMs: leaseMs, onLost: (error) => (lost = error) })
  const state = new RunState()
  const recorder = await openRecorder(log, { runId, state, clock, fence: () => lease?.fence() })
  const waiting = waitingCalls(runId, state)
  const open = checked.filter((given) => isOpen(given, { runId, state, waiting, nowNs: clock.now() }))
  const fresh = new Map(open.map(({ callId, decision }) => [callId, decision]))
  for (const [callId, decision] of fresh) {
    const { args = new Uint8Array() } = state.pending.find((call) => call.callId === callId) ?? {}
    const value = encodeApproval(decision, { args, engine: recorder.engine, outside: true })
    recorder.stage(KIND.SideEffectRecorded, { name: APPROVAL, value, callId })
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
  readonly waiting: readonly ApprovalRequest[]
  readonly nowNs: bigint
}

/** Whether a decision is still to be recorded. */
function isOpen(given: GivenDecision, { runId, state, waiting, nowNs }: OpenRun): boolean {
  const { callId, turnId, decision } = given
  const request = waiting.find((waits) => waits.callId === callId)
  if (request !== undefined) {
    const misfit = findMismatch(given, request, nowNs)
    if (misfit !== undefined) throw misfit
    return true
  }
  const call = state.planned.find((planned) => planned.callId === callId)
  const isMeant = turnId === undefined || turnId === call?.turnId
  const decided = call === undefined || !isMeant ? undefined : decisionIn(call)
  if (decided === undefined) throw notWaiting(`call ${callId} of run ${runId} does not wait for a decision`)
  if (isSameDecision(decided, decision)) return false
  throw alreadyDecided(callId, decided)
}
