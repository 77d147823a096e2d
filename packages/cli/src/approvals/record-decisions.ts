import { setTimeout as sleep } from 'node:timers/promises'
import { decideApprovals, type CallDecision } from '@starling/core'
import { hasCode } from '@starling/event'
import type { EventLog } from '@starling/eventlog'

/** What is recorded, and in which run. */
export interface DecisionsToRecord {
  readonly runId: string
  readonly decisions: readonly CallDecision[]
  /** Gives up waiting for the run, which then has nothing new on record. */
  readonly signal: AbortSignal
}

// Whoever else decides holds the run for milliseconds; a process that works on it, for as long as that takes.
const PATIENCE_MS = 2000
const SHORTEST_PAUSE_MS = 20
const LONGEST_PAUSE_MS = 120

/**
 * Records decisions on calls of a run, and waits a moment where another process has it in its hands.
 *
 * @returns how many were not on record already.
 * @throws as `decideApprovals` does: `CORE_RUN_IN_USE` when the run is in use for longer; rejects with `signal.reason`.
 */
export async function recordDecisions(log: EventLog, { runId, decisions, signal }: DecisionsToRecord): Promise<number> {
  for (let leftMs = PATIENCE_MS; ;) {
    try {
      return await decideApprovals(log, { runId, decisions })
    } catch (error) {
      if (!hasCode(error, 'CORE_RUN_IN_USE')) throw error
      if (leftMs <= 0) throw nameTheWay(error)
    }
    // Of different lengths, so that those who wait for the same run do not come back all at once.
    const pauseMs = SHORTEST_PAUSE_MS + Math.random() * (LONGEST_PAUSE_MS - SHORTEST_PAUSE_MS)
    await pause(pauseMs, signal)
    leftMs -= pauseMs
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal })
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  }
}

/** The process that works on a run is where its calls are decided on. */
function nameTheWay(error: unknown): unknown {
  if (error instanceof Error) error.message += '; decide at its terminal, or end it first: SIGTERM leaves the run open'
  return error
}
