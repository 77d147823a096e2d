import { readApprovals, type ApprovalRequest } from '@starling/core'
import type { EventLog } from '@starling/eventlog'
import { readEvents } from '../read-log.ts'
import { readApprovalEvent } from './recorded-approval.ts'

/** A call that waits for a decision. */
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
  }
  return requests.map((request) => ({ ...request, since: asked.get(request.callId) ?? 0n }))
}

/** Whether nobody is waited for any longer: the call is denied when its run goes on. */
export function isExpired({ expiresAt }: Pick<ApprovalRequest, 'expiresAt'>, nowMs: number): boolean {
  return expiresAt !== undefined && expiresAt <= nowMs
}
