import type { ApprovalRequest } from '@starling/core'
import { formatDuration, formatTime, toNs } from '../output/format.ts'
import { printableLine } from '../output/printable.ts'

/** Returns why a call waits for a decision. */
export function reasonText({ reason, because }: Pick<ApprovalRequest, 'reason' | 'because'>): string {
  if (reason === 'in_doubt') return 'it may already have happened: its process ended while it was made'
  return because === undefined || because === '' ? 'it needs an approval' : printableLine(because)
}

/** Returns until when a call waits, or that it does no longer; empty when it waits for ever. */
export function deadlineText(expiresAt: number | undefined, nowMs: number): string {
  if (expiresAt === undefined) return ''
  const at = formatTime(toNs(expiresAt), 'seconds')
  return expiresAt <= nowMs
    ? `expired at ${at}: denied when the run goes on`
    : `until ${at} (${formatDuration(expiresAt - nowMs)} left)`
}
