import { readableJson } from '@starling/event'
import type { EventLog } from '@starling/eventlog'
import { CliError, runNotFound } from '../cli-error.ts'
import { defineCommand, type Command } from '../command.ts'
import { eventLine } from '../event-line.ts'
import { EXIT } from '../exit-code.ts'
import { findRun } from '../find-run.ts'
import { onInterrupt } from '../interrupt.ts'
import { openLog } from '../open-log.ts'
import { printableLine } from '../output/printable.ts'

/** Prints the last events of a run and, on request, those that follow. */
export const command: Command = defineCommand({
  log: 'required',
  args: [{ name: 'run', optional: true, summary: 'the run; the newest when absent' }],
  flags: {
    follow: { type: 'boolean', short: 'f', summary: 'keep printing until the run has ended' },
    lines: {
      type: 'integer',
      short: 'n',
      value: 'n',
      summary: 'how many of the events there are already (default 10)',
    },
  },
  description: `Prints the last events of a run, one per line, and with --follow those that come.
Following exits with 0 when the run has ended, with 130 when it is interrupted and with 143 when it is terminated
before that, so that 'starling tail -f runs.db && …' goes on only after the run.`,
  examples: ['tail runs.db', 'tail -f runs.db', 'tail runs.db 01M7YTEJ8FH04JCXYN4BVERCG7 -n 100'],
  async run({ io, out, log: target, args, flags }) {
    await using log = await openLog(io, target, 'read')
    const runId = args[0] === undefined ? await newestRun(log, target) : await findRun(log, args[0], target)
    const summary = await log.summary(runId)
    if (summary === undefined) throw runNotFound(runId, target)
    if (args[0] === undefined && out.live) await out.line(out.paint.bold(`Run ${printableLine(runId)}`))
    const fromSeq = Math.max(1, summary.lastSeq - (flags.lines ?? 10) + 1)
    const print = async (event: Parameters<typeof eventLine>[0]): Promise<void> =>
      out.line(out.json ? readableJson(event) : eventLine(event, out.paint))
    if (!flags.follow) {
      for (const event of await log.read(runId, { fromSeq })) await print(event)
      return EXIT.ok
    }
    const interrupt = onInterrupt(io)
    try {
      for await (const event of log.stream(runId, { fromSeq, signal: interrupt.signal })) await print(event)
    } catch (error) {
      if (!interrupt.signal.aborted) throw error
      return interrupt.exitCode
    } finally {
      interrupt.release()
    }
    return EXIT.ok
  },
})

async function newestRun(log: EventLog, target: string): Promise<string> {
  const { runs } = await log.listRuns({ limit: 1 })
  const [newest] = runs
  if (newest === undefined) throw new CliError('CLI_RUN_NOT_FOUND', `there are no runs in ${target} yet`)
  return newest.runId
}
