import { usageError } from '../cli-error.ts'
import { defineCommand, type Command, type FlagSpecs, type FlagValues } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { openLog } from '../open-log.ts'
import { formatTime } from '../output/format.ts'
import { printableLine } from '../output/printable.ts'
import { parseDuration, parseTime } from '../parse-time.ts'
import { parseStatus } from '../status.ts'

const FLAGS = {
  'older-than': {
    type: 'string',
    value: 'duration',
    summary: 'runs that started longer ago than this, such as 30d or 720h',
  },
  before: { type: 'string', value: 'time', summary: 'runs that started before this time (RFC 3339)' },
  status: { type: 'string', value: 'status', summary: 'only runs in this state (default: every ended one)' },
  limit: { type: 'integer', value: 'n', summary: 'at most this many, oldest first (default 0, all)' },
  'include-in-progress': { type: 'boolean', summary: 'also runs that have not ended' },
  'dry-run': { type: 'boolean', summary: 'only print what would be deleted (the default)' },
  confirm: { type: 'boolean', summary: 'really delete' },
} as const satisfies FlagSpecs

/** Deletes whole runs by age; only says what it would delete until told to confirm. */
export const command: Command = defineCommand({
  log: 'required',
  args: [],
  flags: FLAGS,
  description: `Deletes whole runs by age. Without --confirm nothing is deleted: it prints what would be.
Exactly one of --older-than and --before says which runs are old.`,
  examples: ['prune runs.db --older-than 30d', 'prune runs.db --before 2026-01-01T00:00:00Z --status failed --confirm'],
  async run({ io, out, log: target, flags }) {
    if (flags.confirm && flags['dry-run']) throw usageError('use only one of --dry-run or --confirm')
    const before = cutoff(flags, io.nowMs())
    const status = flags.status === undefined ? undefined : parseStatus(flags.status)
    await using log = await openLog(io, target, flags.confirm ? 'write' : 'read')
    const { matchedRuns, matchedEvents, deletedRuns, deletedEvents, dryRun, runIds } = await log.prune({
      before,
      status,
      includeInProgress: flags['include-in-progress'],
      limit: flags.limit ?? 0,
      dryRun: !flags.confirm,
    })
    if (out.json) {
      const matched = { matched_runs: matchedRuns, matched_events: matchedEvents }
      const deleted = { deleted_runs: deletedRuns, deleted_events: deletedEvents }
      await out.data({ dry_run: dryRun, before: formatTime(before), ...matched, ...deleted, run_ids: runIds })
      return EXIT.ok
    }
    const verb = dryRun ? 'would delete' : 'deleted'
    await out.line(`${verb} ${matchedRuns} runs (${matchedEvents} events) before ${formatTime(before, 'seconds')}`)
    for (const runId of runIds) await out.line(printableLine(runId))
    return EXIT.ok
  },
})

function cutoff(flags: FlagValues<typeof FLAGS>, nowMs: number): bigint {
  const { before, 'older-than': olderThan } = flags
  if (before !== undefined && olderThan !== undefined) throw usageError('use only one of --older-than or --before')
  if (before !== undefined) return parseTime(before, '--before')
  if (olderThan !== undefined) return BigInt(nowMs) * 1_000_000n - parseDuration(olderThan, '--older-than')
  throw usageError('expected --older-than or --before')
}
