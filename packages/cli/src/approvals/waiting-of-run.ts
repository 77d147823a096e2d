import { readApprovals } from '@starling/core'
import { hasCode } from '@starling/event'
import type { EventLog, RunSummary } from '@starling/eventlog'

/** What a run that cannot be followed fails with; it is for `validate` to say. */
const UNREADABLE = ['EVENTLOG_CORRUPT', 'EVENT_DECODE', 'CORE_CORRUPT', 'CORE_SCHEMA_MISMATCH', 'CORE_RUN_NOT_FOUND']

/** Returns for how many decisions a run waits: none once it has ended, and none when it cannot be read. */
export async function waitingOfRun(log: EventLog, run: Pick<RunSummary, 'runId' | 'status'>): Promise<number> {
  if (run.status !== 'in progress') return 0
  try {
    return (await readApprovals(log, run.runId)).length
  } catch (error) {
    // A damaged run is listed all the same.
    if (UNREADABLE.some((code) => hasCode(error, code))) return 0
    throw error
  }
}
