import { hashEvent, kindName, readableJson, toHex, type Event } from '@starling/event'
import { validateEvents, validateRun, type EventLog, type RunSummary, type Validation } from '@starling/eventlog'
import { waitingOfRun } from '../approvals/waiting-of-run.ts'
import { CliError, runNotFound, usageError } from '../cli-error.ts'
import { defineCommand, type Command } from '../command.ts'
import { conversationJson } from '../conversation/conversation-json.ts'
import { buildConversation } from '../conversation/build-conversation.ts'
import { renderConversation } from '../conversation/render-conversation.ts'
import { eventLine } from '../event-line.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { findRun } from '../find-run.ts'
import { openLog } from '../open-log.ts'
import { formatTime } from '../output/format.ts'
import { prettyJson } from '../output/pretty-json.ts'
import { printable, printableLine } from '../output/printable.ts'
import type { Printer } from '../output/printer.ts'
import { warn } from '../output/warn.ts'
import { readEvents } from '../read-log.ts'

/** Shows a run as a conversation, as a list of events, or one event in full. */
export const command: Command = defineCommand({
  log: 'required',
  args: [{ name: 'run', summary: 'the run to show' }],
  flags: {
    events: { type: 'boolean', summary: 'list the events instead' },
    seq: { type: 'integer', value: 'n', summary: 'show this one event in full' },
  },
  description: `Shows a run: what it was asked, what the model said, every tool call with its outcome, failures,
where it was resumed, and how it ended. A corrupt run is shown as far as it can be, and called corrupt:
the command then exits with 4.`,
  examples: ['show runs.db 01M7YTEJ8FH04JCXYN4BVERCG7', 'show runs.db 01M7… --events', 'show runs.db 01M7… --seq 3'],
  async run({ io, out, log: target, args, flags }) {
    if (flags.events && flags.seq !== undefined) throw usageError('use only one of --events or --seq')
    if (flags.seq === 0) throw usageError('--seq counts from 1, got 0')
    await using log = await openLog(io, target, 'read')
    const runId = await findRun(log, args[0] ?? '', target)
    const summary = await log.summary(runId)
    if (summary === undefined) throw runNotFound(runId, target)
    if (flags.seq === undefined && !flags.events) return showConversation(out, log, summary)
    if (flags.seq !== undefined) {
      await showEvent(out, await readEvent(log, { runId, seq: flags.seq, lastSeq: summary.lastSeq }))
    } else {
      for await (const event of readEvents(log, runId)) {
        await out.line(out.json ? readableJson(event) : eventLine(event, out.paint))
      }
    }
    const fault = faultOf(await validateRun(log, runId))
    if (fault === undefined) return EXIT.ok
    // What stands on stdout is one event per line: nothing else may stand there.
    await warn({ io, out }, { code: 'EVENTLOG_CORRUPT', message: `run ${JSON.stringify(runId)} is corrupt: ${fault}` })
    return EXIT.corrupt
  },
})

async function showConversation(out: Printer, log: EventLog, summary: RunSummary): Promise<ExitCode> {
  const events = await log.read(summary.runId)
  const waiting = await waitingOfRun(log, summary)
  const conversation = buildConversation(events)
  const fault = faultOf(validateEvents(events))
  if (out.json) {
    const waits = summary.status === 'in progress' ? { waiting } : {}
    await out.data({
      ...conversationJson(conversation, summary),
      ...waits,
      ...(fault === undefined ? {} : { corrupt: fault }),
    })
  } else {
    for (const line of renderConversation(conversation, { ...summary, waiting }, out.paint)) await out.line(line)
    // Last, where the outcome stands: what a damaged run says about itself is not to be believed.
    if (fault !== undefined) await out.line(out.paint.red(`CORRUPT: ${printableLine(fault)}`))
  }
  return fault === undefined ? EXIT.ok : EXIT.corrupt
}

/** Why a run is corrupt, if it is. */
function faultOf({ status, reason, violation }: Validation): string | undefined {
  return status === 'corrupt' ? (violation?.detail ?? reason ?? 'it does not validate') : undefined
}

async function readEvent(
  log: EventLog,
  wanted: { readonly runId: string; readonly seq: number; readonly lastSeq: number },
): Promise<Event> {
  const { runId, seq, lastSeq } = wanted
  const [event] = await log.read(runId, { fromSeq: seq, limit: 1 })
  if (event?.seq !== seq) {
    throw new CliError('CLI_RUN_NOT_FOUND', `run ${JSON.stringify(runId)} has no event ${seq}; it has 1 to ${lastSeq}`)
  }
  return event
}

async function showEvent(out: Printer, event: Event): Promise<void> {
  if (out.json) return out.line(readableJson(event))
  const rows: readonly (readonly [string, string])[] = [
    ['run', printableLine(event.runId)],
    ['seq', String(event.seq)],
    ['kind', `${kindName(event.kind)} (${event.kind})`],
    ['time', `${formatTime(event.ts)} (${event.ts} ns)`],
    ['previous', event.prevHash === null ? '(none)' : toHex(event.prevHash)],
    ['hash', hashText(event)],
  ]
  for (const [label, value] of rows) await out.line(`${out.paint.dim(label.padEnd(8))} ${value}`)
  await out.line(printable(prettyJson(payloadJson(event), 0)))
}

/** Only bytes that are not CBOR cannot be hashed; this is where one looks for such damage. */
function hashText(event: Event): string {
  try {
    return toHex(hashEvent(event))
  } catch (error) {
    return `(none: ${printableLine(error instanceof Error ? error.message : String(error))})`
  }
}

/** The payload part of the readable form, as text, so that large integers stay exact. */
function payloadJson(event: Event): string {
  const text = readableJson(event)
  return text.slice(text.indexOf('"payload":') + '"payload":'.length, -1)
}
