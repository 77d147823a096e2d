import { formLines } from '../form/describe-form.ts'
import { formatDuration, formatTime, toNs } from '../output/format.ts'
import type { Paint } from '../output/paint.ts'
import { printable, printableLine } from '../output/printable.ts'
import { deadlineText, questionName, reasonText } from './approval-words.ts'
import type { WaitingCall } from './read-waiting.ts'

/** How a call that waits is laid out. */
export interface WaitingLayout {
  readonly paint: Paint
  readonly nowMs: number
  /** Cut lines at this width. Default: none is cut. */
  readonly columns?: number | undefined
  /** Leave out which run it is. Default: `false`. */
  readonly withoutRun?: boolean | undefined
}

/**
 * Returns the lines about a call that waits: what it would do, what it wants to
 * know, and why and how long it waits.
 */
export function waitingLines(call: WaitingCall, layout: WaitingLayout): readonly string[] {
  const { paint, nowMs, columns = Infinity, withoutRun = false } = layout
  const run = withoutRun ? '' : `${printableLine(call.runId)} `
  const [callId, tool, args] = [call.callId, call.tool, call.input].map(printableLine)
  const room = Math.max(20, columns - `${run}${callId} ${tool} `.length)
  const until = deadlineText(call.expiresAt, nowMs, call.question === undefined ? 'denied' : 'cancelled')
  const facts = [...whyLines(call), sinceText(call, nowMs), ...(until === '' ? [] : [until])]
  return [
    `${paint.bold(run)}${paint.cyan(callId ?? '')} ${paint.yellow(tool ?? '')} ${shorten(args ?? '', room)}`,
    ...questionLines(call, paint),
    paint.dim(`  ${facts.join('; ')}`),
  ]
}

/** Returns the lines about what a tool wants to know; an address is only shown. */
export function questionLines({ question }: Pick<WaitingCall, 'question'>, paint: Paint): readonly string[] {
  if (question === undefined) return []
  const [first = '', ...more] = printable(question.message).split('\n')
  const details = question.type === 'form' ? formLines(question.schema) : [paint.cyan(printableLine(question.url))]
  return [`  asks: ${first}`, ...[...more, ...details].map((line) => `    ${line}`)]
}

const IN_DOUBT_COMMANDS = 'approve makes it again, deny leaves its outcome unknown, approve --result gives it'

function whyLines(call: WaitingCall): readonly string[] {
  if (call.question === undefined) return [reasonText(call), ...(call.reason === 'in_doubt' ? [IN_DOUBT_COMMANDS] : [])]
  const held = call.held === true ? ['only the process that asks can be answered'] : []
  return [`question ${questionName(call)}`, ...held]
}

/** Returns a call that waits as JSON data; its arguments, and the schema of a form, are JSON text exactly as recorded. */
export function waitingJson(call: Omit<WaitingCall, 'since'> & Partial<WaitingCall>): Record<string, unknown> {
  const { runId, turnId, callId, tool, input, reason, because, argsHash, expiresAt, since, question, held } = call
  return {
    run_id: runId,
    turn_id: turnId,
    call_id: callId,
    tool,
    arguments: input,
    args_hash: argsHash,
    reason,
    because: because ?? null,
    question: question ?? null,
    held: held ?? false,
    ...(since === undefined ? {} : { since: formatTime(since) }),
    expires_at: expiresAt === undefined ? null : formatTime(toNs(expiresAt)),
  }
}

function sinceText({ since }: WaitingCall, nowMs: number): string {
  const waitedMs = Math.max(0, nowMs - Number(since / 1_000_000n))
  return `asked ${formatTime(since, 'seconds')} (${formatDuration(waitedMs)} ago)`
}

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`
}
