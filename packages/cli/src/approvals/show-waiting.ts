import { formatDuration, formatTime, toNs } from '../output/format.ts'
import type { Paint } from '../output/paint.ts'
import { printableLine } from '../output/printable.ts'
import { deadlineText, reasonText } from './approval-words.ts'
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

/** Returns the two lines about a call that waits: what it would do, and why and how long it waits. */
export function waitingLines(call: WaitingCall, layout: WaitingLayout): readonly string[] {
  const { paint, nowMs, columns = Infinity, withoutRun = false } = layout
  const run = withoutRun ? '' : `${printableLine(call.runId)} `
  const [callId, tool, args] = [call.callId, call.tool, call.input].map(printableLine)
  const room = Math.max(20, columns - `${run}${callId} ${tool} `.length)
  const until = deadlineText(call.expiresAt, nowMs)
  const facts = [reasonText(call), sinceText(call, nowMs), ...(until === '' ? [] : [until])]
  return [
    `${paint.bold(run)}${paint.cyan(callId ?? '')} ${paint.yellow(tool ?? '')} ${shorten(args ?? '', room)}`,
    paint.dim(`  ${facts.join('; ')}`),
  ]
}

/** Returns a call that waits as JSON data; its arguments are JSON text, numbers exactly as recorded. */
export function waitingJson(call: Omit<WaitingCall, 'since'> & Partial<WaitingCall>): Record<string, unknown> {
  const { runId, turnId, callId, tool, input, reason, because, argsHash, expiresAt, since } = call
  return {
    run_id: runId,
    turn_id: turnId,
    call_id: callId,
    tool,
    arguments: input,
    args_hash: argsHash,
    reason,
    because: because ?? null,
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
