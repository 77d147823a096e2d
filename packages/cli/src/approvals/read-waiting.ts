import { readApprovals, type ApprovalRequest } from '@starling/core'
import type { EventLog } from '@starling/eventlog'
import { readEvents } from '../read-log.ts'
import { readApprovalEvent } from './recorded-approval.ts'

/** A call that waits for a decision, or for the answer to a question. */
export interface WaitingCall extends ApprovalRequest {
  /** When it asked, in nanoseconds since the epoch; 0 where the log does not say. */
  readonly since: bigint
}

/** Reads which calls of a run wait for a decision, in plan order, and since when. */
export async function readWaiting(log: EventLog, runId: string): Promise<readonly WaitingCall[]> {
  const requests = await readApprovals(log, runId)
  if (requests.length === 0) return []
  const asked = new Map<string, bigint>()
  for await (const event of readEvents(log, runId)) {
    const recorded = readApprovalEvent(event)
    if (recorded?.type === 'approval-requested') asked.set(recorded.callId, event.ts)
    // By what it asks: a call that is made again has another id in the log than in the plan.
    if (recorded?.type === 'question-asked') asked.set(recorded.questionHash, event.ts)
  }
  return requests.map((request) => {
    return { ...request, since: asked.get(request.reason === 'question' ? request.argsHash : request.callId) ?? 0n }
  })
}

/** Whether somebody who does not run the call can still decide: it is not over, and its answer is of use to others. */
export function isDecidable(waiting: Pick<ApprovalRequest, 'expiresAt' | 'held'>, nowMs: number): boolean {
  return waiting.held !== true && !isExpired(waiting, nowMs)
}

/** Whether nobody is waited for any longer: the call is denied, or its question cancelled, when its run goes on. */
export function isExpired({ expiresAt }: Pick<ApprovalRequest, 'expiresAt'>, nowMs: number): boolean {
  return expiresAt !== undefined && expiresAt <= nowMs
}
