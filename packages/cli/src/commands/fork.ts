import { formatUlid } from '@starling/event'
import type { EventLog, RunSummary } from '@starling/eventlog'
import { CliError, usageError } from '../cli-error.ts'
import { defineCommand, type Command, type Invocation } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import type { CliIo } from '../io.ts'
import { findRun } from '../find-run.ts'
import { openLog } from '../open-log.ts'
import { count } from '../output/format.ts'
import { printableLine } from '../output/printable.ts'
import { hasRun } from '../read-log.ts'

/** Copies a run up to an event, into the same log or, with everything else, into a new file. */
export const command: Command = defineCommand({
  log: 'required',
  args: [{ name: 'run', summary: 'the run to copy' }],
  flags: {
    before: { type: 'integer', value: 'seq', summary: 'keep the events before this one (default 0, all)' },
    as: { type: 'string', value: 'id', summary: 'the id of the new run (default: a fresh one)' },
    to: {
      type: 'string',
      value: 'file',
      isLog: true,
      summary: 'copy the whole log to a new file and cut the run there; its id stays',
    },
  },
  description: `Copies the first events of a run into a new run of the same log, chained anew under its own id.
With --to, the whole log, a file, is copied to a new file in which the run is cut short and keeps its id and hashes.
What --before leaves is an open run: 'starling resume' continues it. Without it, a run that has ended stays ended.`,
  examples: ['fork runs.db 01M7… --before 7', 'fork runs.db 01M7… --before 7 --to what-if.db'],
  async run(invocation) {
    const { io, log: target, args, flags } = invocation
    const named = args[0] ?? ''
    const beforeSeq = flags.before ?? 0
    if (flags.to !== undefined && flags.as !== undefined) {
      throw usageError('use only one of --to or --as: in a new file the run keeps its id')
    }
    if (beforeSeq === 1) throw usageError('--before 1 keeps no event; the smallest is 2, and 0 keeps all')
    if (flags.as === '') throw usageError('--as needs the id of a run, got an empty text')
    if (flags.to === '') throw usageError('--to needs the path of a file, got an empty text')
    if (flags.to !== undefined) return forkFile(invocation, { named, beforeSeq, destination: flags.to })
    await using log = await openLog(io, target, 'write')
    const runId = await findSource(log, { named, beforeSeq, target })
    const newRunId = flags.as ?? freshRunId(runId, io)
    if (await hasRun(log, newRunId)) {
      throw new CliError('CLI_RUN_STATE', `run ${JSON.stringify(newRunId)} exists already; choose another id with --as`)
    }
    await log.fork(runId, { beforeSeq, newRunId })
    await report(invocation, { source: runId, log: target, copy: await log.summary(newRunId) })
    return EXIT.ok
  },
})

async function forkFile(
  invocation: Omit<Invocation, 'flags'>,
  request: { readonly named: string; readonly beforeSeq: number; readonly destination: string },
): Promise<typeof EXIT.ok> {
  const { io, log: source } = invocation
  const { named, beforeSeq, destination } = request
  const kind = io.store.kindOf(source)
  if (kind.forkFile === undefined) {
    throw new CliError(
      'CLI_UNSUPPORTED',
      `${source} cannot be copied to a file and cut at once; \`starling copy\`, then \`starling fork\` there, can`,
    )
  }
  if (io.store.kindOf(destination).backend !== kind.backend) {
    throw usageError(`--to needs the path of a file, got ${destination}; \`starling copy\` copies to a database`)
  }
  if (await io.store.exists(destination)) {
    throw new CliError('CLI_FILE_EXISTS', `${destination} exists already; choose another file with --to`)
  }
  const runId = await findSourceIn(io, { named, beforeSeq, target: source })
  await kind.forkFile(source, destination, { runId, beforeSeq })
  await using copy = await openLog(io, destination, 'read')
  await report(invocation, { source: runId, log: destination, copy: await copy.summary(runId) })
  return EXIT.ok
}

interface Source {
  readonly named: string
  readonly beforeSeq: number
  readonly target: string
}

async function findSourceIn(io: CliIo, source: Source): Promise<string> {
  await using log = await openLog(io, source.target, 'read')
  return await findSource(log, source)
}

async function findSource(log: EventLog, { named, beforeSeq, target }: Source): Promise<string> {
  const runId = await findRun(log, named, target)
  const last = (await log.summary(runId))?.lastSeq ?? 0
  if (beforeSeq > last) {
    throw usageError(`--before must be an event of the run, 2 to ${last}, or 0 to keep all; got ${beforeSeq}`)
  }
  return runId
}

async function report(
  { out }: Pick<Invocation, 'out'>,
  forked: { readonly source: string; readonly log: string; readonly copy: RunSummary | undefined },
): Promise<void> {
  const { source, log, copy } = forked
  const { runId, lastSeq: events, status } = copy ?? { runId: source, lastSeq: 0, status: 'in progress' }
  if (out.json) return out.data({ run_id: runId, source, log, events, status })
  await out.line(`forked ${count(events, 'event')} into run ${printableLine(runId)} of ${log}`)
  if (status === 'in progress') return
  await out.line(`it is ${status}, as its source, and cannot be resumed; --before ${events} leaves out its end`)
}

/** A fresh id under the same namespace: what stands before the last slash is the tenant. */
function freshRunId(runId: string, io: CliIo): string {
  return runId.slice(0, runId.lastIndexOf('/') + 1) + formatUlid(io.nowMs(), io.randomBytes(10))
}
