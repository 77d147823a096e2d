import { readApprovals, type RunState } from '@starling/core'
import type { EventLog } from '@starling/eventlog'
import { readRunState } from '../approvals/read-run-state.ts'

type Call = RunState['pending'][number]

/**
 * Reads whether a run does nothing but wait: every call without an outcome has
 * asked, for a decision or for an answer, and none will be made before that comes.
 */
export async function standsStill(log: EventLog, runId: string): Promise<boolean> {
  const waiting = await readApprovals(log, runId)
  const { pending } = await readRunState(log, runId)
  return waiting.length > 0 && pending.every(isWaiting)
}

/** What waits for a decision is not made yet; what asks a question is. */
function isWaiting({ status, request, record }: Call): boolean {
  return status === 'scheduled' ? record.isStanding : request !== undefined
}
