import type { ApprovalRequest } from '@starling/core'
import { formatDuration, formatTime, toNs } from '../output/format.ts'
import { printableLine } from '../output/printable.ts'

// As many digits as tell the questions of a run apart.
const SHOWN_DIGITS = 12

/** Returns why a call waits for a decision. */
export function reasonText({ reason, because }: Pick<ApprovalRequest, 'reason' | 'because'>): string {
  if (reason === 'in_doubt') return 'it may already have happened: its process ended while it was made'
  return because === undefined || because === '' ? 'it needs an approval' : printableLine(because)
}

/** Returns by what a question is named on the command line: the beginning of its hash. */
export function questionName({ argsHash }: Pick<ApprovalRequest, 'argsHash'>): string {
  return argsHash.slice(0, SHOWN_DIGITS)
}

/** Returns until when something waits, or what becomes of it now; empty when it waits for ever. */
export function deadlineText(expiresAt: number | undefined, nowMs: number, fate = 'cancelled'): string {
  if (expiresAt === undefined) return ''
  const at = formatTime(toNs(expiresAt), 'seconds')
  return expiresAt <= nowMs
    ? `expired at ${at}: ${fate} when the run goes on`
    : `until ${at} (${formatDuration(expiresAt - nowMs)} left)`
}
