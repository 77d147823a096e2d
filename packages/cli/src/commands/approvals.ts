import { hasCode } from '@starling/event'
import type { EventLog } from '@starling/eventlog'
import { approveOneCommand } from '../approvals/commands-to-type.ts'
import { isDecidable, readWaiting, type WaitingCall } from '../approvals/read-waiting.ts'
import { waitingJson, waitingLines } from '../approvals/show-waiting.ts'
import { defineCommand, type Command, type Invocation } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { findRun } from '../find-run.ts'
import { openLog } from '../open-log.ts'
import { warn } from '../output/warn.ts'
import { readRuns } from '../read-log.ts'
import { messageOf } from '../report-failure.ts'

/** Lists the tool calls that wait for a decision, and the questions of those that wait for an answer. */
export const command: Command = defineCommand({
  log: 'required',
  args: [{ name: 'run', optional: true, summary: 'only this run; all when absent' }],
  flags: {},
  description: `Lists the tool calls that wait for a decision, the newest run first: what each would do, why it asks, since when,
and until when somebody is waited for; and what running tools want to know: the fields of a form, or an address, which is
never opened. Reads the log only, and needs no agent. A run that its own process is still working on is listed too; where
it runs is where to decide.`,
  examples: ['approvals runs.db', 'approvals runs.db --json | jq -r .approvals[].call_id'],
  async run(invocation) {
    const { io, out, log: target, args } = invocation
    await using log = await openLog(io, target, 'read')
    const { waiting, damaged } = await readAll(
      log,
      args[0] === undefined ? undefined : await findRun(log, args[0], target),
    )
    if (out.json) await out.data({ approvals: waiting.map(waitingJson) })
    else await print(invocation, waiting)
    for (const message of damaged) await warn(invocation, { code: 'EVENTLOG_CORRUPT', message })
    return damaged.length === 0 ? EXIT.ok : EXIT.corrupt
  },
})

interface Found {
  readonly waiting: readonly WaitingCall[]
  /** What is wrong with the runs that cannot be read: they must not hide the others. */
  readonly damaged: readonly string[]
}

async function readAll(log: EventLog, only: string | undefined): Promise<Found> {
  const waiting: WaitingCall[] = []
  const damaged: string[] = []
  const read = async (runId: string): Promise<void> => {
    try {
      waiting.push(...(await readWaiting(log, runId)))
    } catch (error) {
      if (!DAMAGE.some((code) => hasCode(error, code))) throw error
      damaged.push(`run ${JSON.stringify(runId)} cannot be read: ${messageOf(error)}`)
    }
  }
  if (only === undefined) for await (const { runId } of readRuns(log, { status: 'in progress' })) await read(runId)
  else await read(only)
  return { waiting, damaged }
}

const DAMAGE = ['EVENTLOG_CORRUPT', 'EVENT_DECODE', 'CORE_CORRUPT']

async function print(
  { io, out, log }: Pick<Invocation, 'io' | 'out' | 'log'>,
  waiting: Found['waiting'],
): Promise<void> {
  const [first] = waiting
  if (first === undefined) return out.line('(nothing waits for a decision)')
  const layout = { paint: out.paint, nowMs: io.nowMs(), columns: io.stdout.columns }
  for (const call of waiting) for (const line of waitingLines(call, layout)) await out.line(line)
  if (!out.live) return
  const open = waiting.find((call) => isDecidable(call, layout.nowMs))
  if (open === undefined) return
  const ofRun = waiting.filter(({ runId }) => runId === open.runId)
  const example = approveOneCommand({ log, runId: open.runId }, open, ofRun)
  await out.line(out.paint.dim(`decide with: ${example}, or starling deny`))
}
