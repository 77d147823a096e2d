import type { ImportedRun } from '../import/write-runs.ts'
import { copyRun, type CopyOptions } from './copy-run.ts'

/** What has become of all runs of a copy. */
export interface CopyTally {
  /** Runs that were copied, or had more events than the other log. */
  runs: number
  /** Events written, or to be written. */
  events: number
  /** Runs that were there already. */
  unchanged: number
  /** Runs that were begun and not finished. */
  partial: number
  /** Runs that may not be copied; nothing of the others is kept. */
  readonly refused: ImportedRun[]
  /** Why the copy ended before its time. */
  failure?: unknown
}

/** How {@link copyRuns} copies. */
export interface CopyRunsOptions extends CopyOptions {
  /** Called after every run. */
  readonly onRun: (tally: CopyTally) => void
}

// What is appended at the same moment shares one commit, and the time that a server takes to answer.
const WORKERS = 16

/**
 * Copies runs, several at a time, in memory that grows with neither the log nor
 * its runs. Resolves also when not everything could be copied: {@link CopyTally.failure} says why.
 */
export async function copyRuns(runIds: AsyncIterable<string>, options: CopyRunsOptions): Promise<CopyTally> {
  const tally: CopyTally = { runs: 0, events: 0, unchanged: 0, partial: 0, refused: [] }
  const queue = runIds[Symbol.asyncIterator]()
  const work = async (): Promise<void> => {
    for (;;) {
      if ('failure' in tally) return
      const { done, value: runId } = await queue.next()
      if (done === true) return
      options.signal.throwIfAborted()
      const outcome = await copyRun(runId, options)
      if ('failure' in outcome) {
        tally.events += outcome.events
        if (outcome.events > 0) tally.partial += 1
        throw outcome.failure
      }
      add(tally, outcome)
      options.onRun(tally)
    }
  }
  const guarded = async (): Promise<void> => {
    try {
      await work()
    } catch (error) {
      // The first one counts: what fails after it mostly fails of the same.
      if (!('failure' in tally)) tally.failure = error
    }
  }
  await Promise.all(Array.from({ length: WORKERS }, guarded))
  return tally
}

function add(tally: CopyTally, run: ImportedRun): void {
  tally.events += run.events
  if (run.status === 'refused') tally.refused.push(run)
  else if (run.status === 'unchanged') tally.unchanged += 1
  else tally.runs += 1
}
