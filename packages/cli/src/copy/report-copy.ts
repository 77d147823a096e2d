import type { Invocation } from '../command.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { count } from '../output/format.ts'
import { warn } from '../output/warn.ts'
import type { CopyTally } from './copy-runs.ts'

/** A copy that has ended, however. */
export interface CopyOutcome {
  readonly tally: CopyTally
  /** How many runs there were to copy. */
  readonly total: number
  readonly dryRun: boolean
  /** The log that was copied to. */
  readonly to: string
}

/** Prints what has become of the runs of a copy, and resolves with the exit code for it. */
export async function reportCopy(
  { io, out, log }: Pick<Invocation, 'io' | 'out' | 'log'>,
  { tally, total, dryRun, to }: CopyOutcome,
): Promise<ExitCode> {
  const { runs, events, unchanged, partial, refused } = tally
  // A run may be added or deleted while the others are copied.
  const pending = Math.max(0, total - runs - unchanged - refused.length)
  if (out.json) {
    const results = refused.map(({ runId, reason = null }) => ({ run_id: runId, status: 'refused', reason }))
    const counts = { runs, events, unchanged, refused: refused.length, pending, results }
    await out.data({ from: log, to, dry_run: dryRun, ...counts })
  } else {
    const there = unchanged === 0 ? '' : `; ${count(unchanged, 'run')} already there`
    const inPart = partial === 0 ? '' : `, ${partial} of them in part`
    const left = pending === 0 ? '' : `; ${count(pending, 'run')} not copied${inPart}: repeat the command to go on`
    const verb = dryRun ? 'would copy' : 'copied'
    await out.line(`${verb} ${count(runs, 'run')} (${count(events, 'event')}) to ${to}${there}${left}`)
  }
  for (const run of refused) {
    const message = `run ${JSON.stringify(run.runId)} refused: ${run.reason ?? ''}`
    await warn({ io, out }, { code: 'CLI_COPY_REFUSED', message })
  }
  if (refused.length === 0) return EXIT.ok
  return refused.some((run) => run.corrupt === true) ? EXIT.corrupt : EXIT.failure
}
