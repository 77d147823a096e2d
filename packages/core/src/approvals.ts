import { KIND } from '@starling/event'
import { readPages } from '@starling/eventlog'
import type { EventLog } from '@starling/eventlog'
import { createLiveRecorder, systemClock, toRecorded } from '@starling/step'
import type { Clock, LiveRecorder } from '@starling/step'
import { APPROVAL, checkDecision, describeDecision, encodeApproval, isSameDecision } from './approval.ts'
import { CoreError } from './core-error.ts'
import type { ApprovalRequest } from './definition.ts'
import { engineOf, readResumable } from './history.ts'
import { keepLease } from './lease-keeper.ts'
import type { CallDecision } from './run-handle.ts'
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
  for await (const page of readPages(log, runId)) {
    for (const event of page) {
      const recorded = toRecorded(event)
      if (recorded !== undefined) state.apply(recorded)
    }
  }
  return waitingCalls(runId, state)
}

/** Reads which calls wait for a decision in any run of a log, the newest run first. Needs no agent. */
export async function* listApprovals(log: EventLog): AsyncGenerator<ApprovalRequest> {
  for (let after: string | undefined; ;) {
    const { runs, next } = await log.listRuns({ status: 'in progress', limit: RUNS_PER_PAGE, after })
    for (const { runId } of runs) yield* await readApprovals(log, runId)
    after = next
    if (after === undefined) return
  }
}

/**
 * Records decisions on calls of a run that no process is working on, all of
 * them or none. The run goes on with them when it is resumed. A decision that
 * has been made already is no harm.
 *
 * @returns how many were recorded: those that had not been made already.
 * @throws {@link CoreError} `CORE_RUN_NOT_FOUND`, `CORE_RUN_ENDED`, `CORE_RUN_IN_USE`, `CORE_CORRUPT`,
 *   `CORE_SCHEMA_MISMATCH`; `CORE_NOT_WAITING` for a call that does not wait for a decision, or no longer;
 *   `CORE_DECIDED`; `CORE_INVALID_OPTIONS` for arguments or a result that are not JSON.
 */
export async function decideApprovals(
  log: EventLog,
  { runId, decisions, clock = systemClock, leaseMs = 30_000 }: DecideOptions,
): Promise<number> {
  const checked = decisions.map(({ callId, ...decision }) => ({ callId, decision: checkDecision(decision) }))
  let lost: Error | undefined
  await using lease = await keepLease(log, runId, { ttlMs: leaseMs, onLost: (error) => (lost = error) })
  const state = new RunState()
  const recorder = await openRecorder(log, { runId, state, clock, fence: () => lease?.fence() })
  const fresh = checked.filter(({ callId, decision }) => isFresh(state, { runId, callId, decision, clock }))
  for (const { callId, decision } of fresh) {
    const args = state.pending.find((call) => call.callId === callId)?.args ?? new Uint8Array()
    recorder.stage(KIND.SideEffectRecorded, {
      name: APPROVAL,
      value: encodeApproval(decision, args, recorder.engine),
      callId,
    })
  }
  try {
    await recorder.flush()
  } catch (cause) {
    if (lost === undefined && !isOvertaken(cause)) throw cause
    throw new CoreError('CORE_RUN_IN_USE', `run ${runId} is in use: another process has appended to it`, { cause })
  }
  return fresh.length
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
    for (const event of page) {
      const recorded = toRecorded(event)
      if (recorded !== undefined) state.apply(recorded)
    }
    recorder.follow(page)
  })
  if (recorder === undefined) throw new Error(`run ${runId} was read without a page`)
  return recorder
}

/** Whether a decision is still to be recorded. */
function isFresh(
  state: RunState,
  { runId, callId, decision, clock }: { readonly runId: string; readonly clock: Clock } & TakenCall,
): boolean {
  const waiting = waitingCalls(runId, state).find((request) => request.callId === callId)
  if (waiting === undefined) {
    const call = state.planned.find((planned) => planned.callId === callId)
    const decided = call === undefined ? undefined : decisionIn(call)
    if (decided === undefined) throw notWaiting(runId, callId)
    if (isSameDecision(decided, decision)) return false
    throw new CoreError('CORE_DECIDED', `call ${callId} has been ${describeDecision(decided)} already`)
  }
  const { expiresAt } = waiting
  if (expiresAt !== undefined && Number(clock.now() / 1_000_000n) >= expiresAt) {
    const until = new Date(expiresAt).toISOString()
    throw new CoreError('CORE_NOT_WAITING', `call ${callId} waited for a decision until ${until}, and not longer`)
  }
  return true
}

interface TakenCall {
  readonly callId: string
  readonly decision: Parameters<typeof encodeApproval>[0]
}

function notWaiting(runId: string, callId: string): CoreError {
  return new CoreError('CORE_NOT_WAITING', `call ${callId} of run ${runId} does not wait for a decision`)
}
