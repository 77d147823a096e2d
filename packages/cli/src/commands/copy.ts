import type { EventLog } from '@starling/eventlog'
import { usageError } from '../cli-error.ts'
import { defineCommand, type Command, type Invocation } from '../command.ts'
import { copyRuns } from '../copy/copy-runs.ts'
import { openDestination } from '../copy/open-destination.ts'
import { reportCopy } from '../copy/report-copy.ts'
import { findRun } from '../find-run.ts'
import { StoredEvents } from '../import/stored-events.ts'
import { onInterrupt } from '../interrupt.ts'
import { openLog } from '../open-log.ts'
import { count } from '../output/format.ts'
import { createProgress } from '../output/progress.ts'
import { readRuns } from '../read-log.ts'

/** Copies runs from one log to another, hash for hash. */
export const command: Command = defineCommand({
  log: 'required',
  args: [{ name: 'to', isLog: true, summary: 'the log to copy to: a file or a URL' }],
  flags: {
    run: { type: 'strings', value: 'run', summary: 'only this run; may be repeated (default: every run)' },
    unverified: { type: 'boolean', summary: 'store runs whose hashes do not add up, instead of refusing them' },
    'dry-run': { type: 'boolean', summary: 'only print what would be copied' },
  },
  description: `Copies runs from one log to another, whatever either is kept in: ids, times and hashes stay as they are.
The other log is made when there is none. Every run is validated before anything of it is written. Refused are a run
that is corrupt, and one that the other log holds with other events; the others are copied.

A run is written whole or not at all, unless it is larger than 8 MB. Events that the other log has already are compared
and not written again: a copy that was cut off, or whose source has grown, goes on when it is repeated.

--unverified compares no hashes and does not validate, so that a damaged log can be kept as evidence.`,
  examples: [
    'copy runs.db postgres://ada@db.example/agents',
    'copy postgres://ada@db.example/agents backup.db --dry-run',
    'copy runs.db other.db --run 01M7… --run 01M8…',
  ],
  async run(invocation) {
    const { io, out, log: target, args, flags } = invocation
    const to = args[0] ?? ''
    if (to === '') throw usageError('the path of the log to copy to is empty')
    if (to === target) throw usageError(`${to} is the log to copy from, too; name another one`)
    const interrupt = onInterrupt(io)
    const { signal } = interrupt
    const progress = createProgress(io, out.json)
    try {
      await using source = await openLog(io, target, 'read')
      const { runIds, total } = await selectRuns(source, flags.run, target)
      await using destination = await openDestination(io, to)
      const tally = await copyRuns(runIds, {
        source,
        stored: new StoredEvents(destination.existing),
        destination: destination.open,
        unverified: flags.unverified,
        dryRun: flags['dry-run'],
        signal,
        onRun: ({ runs, unchanged, refused, events }) =>
          progress.show(
            () => `${runs + unchanged + refused.length} of ${count(total, 'run')}, ${count(events, 'event')} copied`,
          ),
      })
      const hasFailed = 'failure' in tally
      if (!hasFailed) await destination.finish()
      await progress.end()
      const code = await reportCopy(invocation, { tally, total, dryRun: flags['dry-run'], to })
      if (hasFailed && !signal.aborted) throw tally.failure
      return signal.aborted ? interrupt.exitCode : code
    } finally {
      await progress.end()
      interrupt.release()
    }
  },
})

interface Selection {
  readonly runIds: AsyncIterable<string>
  readonly total: number
}

async function selectRuns(source: EventLog, names: readonly string[], target: Invocation['log']): Promise<Selection> {
  if (names.length === 0) return { runIds: allRuns(source), total: (await source.listRuns({ limit: 1 })).totalMatching }
  const found = new Set<string>()
  for (const name of names) found.add(await findRun(source, name, target))
  return { runIds: each(found), total: found.size }
}

async function* allRuns(source: EventLog): AsyncIterable<string> {
  for await (const { runId } of readRuns(source)) yield runId
}

async function* each(runIds: Iterable<string>): AsyncIterable<string> {
  yield* runIds
}
