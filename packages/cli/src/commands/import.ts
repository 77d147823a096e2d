import { isStarlingError, type Event } from '@starling/event'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { CliError, usageError } from '../cli-error.ts'
import { defineCommand, type Command, type Invocation } from '../command.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { collectRuns, findFault, storeRun, type ImportedRun } from '../import-runs.ts'
import type { CliIo } from '../io.ts'
import { openLog } from '../open-log.ts'
import { count } from '../output/format.ts'
import { printableLine } from '../output/printable.ts'
import { toJson } from '../output/printer.ts'
import type { RawEvent } from '../raw-event.ts'
import { textLines } from '../text-lines.ts'

/** Reads events in the lossless form into a log, hash for hash. */
export const command: Command = defineCommand({
  log: 'required',
  args: [{ name: 'file', summary: 'what `export --format raw` wrote; - for stdin' }],
  flags: {
    unverified: { type: 'boolean', summary: 'store runs whose hashes do not add up, instead of refusing them' },
  },
  description: `Reads the lossless form, one event per line, of any number of runs, their lines in any mixture.
The log is made when there is none. A run is written whole or not at all: refused are a broken chain,
a wrong hash, a wrong order, and a run that the log holds with other events. Events that the log has
already are not written again, so an import can be repeated. A hash may be null.

--unverified compares no hashes and does not validate, so that a damaged log can be kept as evidence:
'starling validate' will still say what is wrong with it. Where the log enforces its own rules of
appending, a run that breaks those is refused even so.`,
  examples: ['import copy.db backup.ndjson', 'export a.db --format raw | starling import b.db -'],
  async run(invocation) {
    const { io, log: target, args, flags } = invocation
    const runs = await readFile(io, args[0] ?? '')
    const results: ImportedRun[] = []
    const accepted: (readonly [string, readonly Event[]])[] = []
    for (const [runId, raw] of runs) {
      const reason = flags.unverified ? undefined : findFault(runId, raw)
      if (reason === undefined) accepted.push([runId, raw.map(({ event }) => event)])
      else results.push({ runId, status: 'refused', events: 0, reason, corrupt: true })
    }
    if (accepted.length > 0) {
      // Opened only now: a file that is refused as a whole must not leave an empty log behind.
      await using log = await openLog(io, target, 'create')
      for (const [runId, events] of accepted) {
        results.push(await store(async () => storeRun(log, runId, { events, unchecked: flags.unverified }), runId))
      }
    }
    return report(invocation, results)
  },
})

async function readFile(io: CliIo, file: string): Promise<ReadonlyMap<string, readonly RawEvent[]>> {
  if (file !== '-') {
    const found = await stat(resolve(io.cwd, file)).catch(() => undefined) // Whatever the reason, it cannot be read.
    if (found === undefined)
      throw new CliError('CLI_FILE_NOT_FOUND', `no file ${file}; check the path, or use - for stdin`)
    if (found.isDirectory()) throw usageError(`${file} is a directory; name a file`)
  }
  try {
    return await collectRuns(textLines(file === '-' ? io.stdin : createReadStream(resolve(io.cwd, file))))
  } catch (cause) {
    const reason =
      cause instanceof TypeError ? 'is not UTF-8 text' : cause instanceof Error ? cause.message : String(cause)
    throw new CliError('CLI_IMPORT_INVALID', `${file === '-' ? 'stdin' : file}: ${reason}; nothing was imported`, {
      cause,
    })
  }
}

/** What the log itself refuses concerns this run only; the others go on. */
async function store(run: () => Promise<ImportedRun>, runId: string): Promise<ImportedRun> {
  try {
    return await run()
  } catch (error) {
    if (!isStarlingError(error) || error.code !== 'EVENTLOG_INVALID_APPEND') throw error
    return { runId, status: 'refused', events: 0, reason: error.message, corrupt: true }
  }
}

async function report({ io, out }: Pick<Invocation, 'io' | 'out'>, results: readonly ImportedRun[]): Promise<ExitCode> {
  const written = results.filter((run) => run.events > 0)
  const events = written.reduce((sum, run) => sum + run.events, 0)
  const unchanged = results.filter((run) => run.status === 'unchanged').length
  const refused = results.filter((run) => run.status === 'refused')
  if (out.json) {
    const runs = results.map(({ runId, status, events: n, reason = null }) => ({
      run_id: runId,
      status,
      events: n,
      reason,
    }))
    await out.data({ runs: written.length, events, unchanged, refused: refused.length, results: runs })
  } else {
    const rest = unchanged === 0 ? '' : `; ${count(unchanged, 'run')} already there`
    await out.line(`imported ${count(written.length, 'run')} (${count(events, 'event')})${rest}`)
  }
  for (const run of refused) {
    const message = `run ${JSON.stringify(run.runId)} refused: ${run.reason ?? ''}`
    const line = out.json
      ? toJson({ error: { code: 'CLI_IMPORT_REFUSED', message } })
      : `starling: ${printableLine(message)}`
    await io.stderr.write(`${line}\n`)
  }
  if (refused.length === 0) return EXIT.ok
  return refused.some((run) => run.corrupt === true) ? EXIT.corrupt : EXIT.failure
}
