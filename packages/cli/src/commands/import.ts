import { isStarlingError } from '@starling/event'
import { CliError } from '../cli-error.ts'
import { defineCommand, type Command, type Invocation } from '../command.ts'
import { checkRuns } from '../import/check-runs.ts'
import { openImportSource, type ImportSource } from '../import/import-source.ts'
import { reportImport } from '../import/report-import.ts'
import type { CheckedRun } from '../import/run-check.ts'
import { StoredEvents } from '../import/stored-events.ts'
import { RunWriter } from '../import/write-runs.ts'
import { onInterrupt } from '../interrupt.ts'
import { openExisting, openLog } from '../open-log.ts'
import { count } from '../output/format.ts'
import { systemReason } from '../output/system-reason.ts'
import { createProgress, type Progress } from '../output/progress.ts'

/** Reads events in the lossless form into a log, hash for hash. */
export const command: Command = defineCommand({
  log: 'required',
  args: [{ name: 'file', summary: 'what `export --format raw` wrote; - for stdin' }],
  flags: {
    unverified: { type: 'boolean', summary: 'store runs whose hashes do not add up, instead of refusing them' },
  },
  description: `Reads the lossless form, one event per line, of any number of runs, their lines in any mixture.
The log is made when there is none. The whole file is checked before anything is written, so it is read twice,
and stdin is kept in a temporary file meanwhile. Refused are a broken chain, a wrong hash, a wrong order, and a run
that the log holds with other events; the other runs are imported. A hash may be null.

A run is written whole or not at all, unless it is larger than 32 MB. Events that the log has already are not
written again: an import that was cut off goes on when it is repeated.

--unverified compares no hashes and does not validate, so that a damaged log can be kept as evidence:
'starling validate' will still say what is wrong with it. Where the log enforces its own rules of
appending, a run that breaks those is refused even so.`,
  examples: ['import copy.db backup.ndjson', 'export a.db --format raw | starling import b.db -'],
  async run({ io, out, log, args, flags }) {
    await using source = await openImportSource(args[0] ?? '', io)
    const interrupt = onInterrupt(io)
    const { signal } = interrupt
    const progress = createProgress(io, out.json)
    try {
      const context: ImportContext = { io, log, source, progress, signal, unverified: flags.unverified }
      const { results, failure } = await writeRuns(await check(context), context)
      await progress.end()
      const code = await reportImport({ io, out }, results)
      if (failure !== undefined && !signal.aborted) throw failure
      return signal.aborted ? interrupt.exitCode : code
    } catch (error) {
      await progress.end()
      if (!signal.aborted || error !== signal.reason) throw error
      await io.stderr.write('starling: interrupted; nothing was imported\n')
      return interrupt.exitCode
    } finally {
      interrupt.release()
    }
  },
})

interface ImportContext extends Pick<Invocation, 'io' | 'log'> {
  readonly source: ImportSource
  readonly progress: Progress
  readonly signal: AbortSignal
  readonly unverified: boolean
}

/** Reads the file once, and what the log has of it. Nothing is written, and no log is made. */
async function check({ io, log: target, source, ...context }: ImportContext): Promise<readonly CheckedRun[]> {
  await using log = await openExisting(io, target)
  const { progress, signal, unverified } = context
  const onLine = (runs: number): void =>
    progress.show(() => `checking ${source.name}: ${megabytes(source)}, ${count(runs, 'run')}`)
  try {
    return await checkRuns(source.lines(signal), { unverified, stored: new StoredEvents(log), onLine })
  } catch (error) {
    signal.throwIfAborted()
    throw isStarlingError(error) ? error : invalidSource(source, error, '; nothing was imported')
  }
}

interface Written {
  readonly results: ReturnType<RunWriter['results']>
  /** Why not everything could be written. */
  readonly failure?: Error | undefined
}

/** Reads the file again, and writes what the log lacks. */
async function writeRuns(runs: readonly CheckedRun[], context: ImportContext): Promise<Written> {
  const { io, log: target, source, progress, signal, unverified } = context
  const due = runs.filter((run) => run.refusal === undefined && run.missing > 0).length
  const onWritten = (written: number): void => progress.show(() => `imported ${written} of ${count(due, 'run')}`)
  // Opened only now: a file that is refused as a whole must not leave an empty log behind.
  await using log = due === 0 ? undefined : await openLog(io, target, 'create')
  const writer = new RunWriter(runs, { log, unchecked: unverified, onWritten })
  try {
    if (due > 0) await writer.write(source.again(signal))
  } catch (error) {
    return { results: writer.results(), failure: isStarlingError(error) ? error : invalidSource(source, error, '') }
  }
  // Brings the summaries up to date as long as they can be written: the next reader may not be able to.
  await log?.listRuns({ limit: 1 })
  const results = writer.results()
  const isPartial = results.some((run) => run.status === 'pending')
  return isPartial
    ? { results, failure: invalidSource(source, new Error('changed while it was read'), '') }
    : { results }
}

function invalidSource({ name }: ImportSource, cause: unknown, rest: string): CliError {
  const reason = cause instanceof TypeError ? 'is not UTF-8 text' : systemReason(cause)
  return new CliError('CLI_IMPORT_INVALID', `${name}: ${reason}${rest}`, { cause })
}

function megabytes({ bytesRead, size }: ImportSource): string {
  const read = (bytesRead / 1e6).toFixed(1)
  return size === undefined ? `${read} MB` : `${read} of ${(size / 1e6).toFixed(1)} MB`
}
