/** Returns a point in time, in nanoseconds since the epoch, as RFC 3339 in UTC with milliseconds; seconds on request. */
export function formatTime(ns: bigint, precision: 'milliseconds' | 'seconds' = 'milliseconds'): string {
  const ms = Number(ns / 1_000_000n) - (ns < 0n && ns % 1_000_000n !== 0n ? 1 : 0)
  // A clock that was never set must not make a log unreadable.
  if (!Number.isFinite(ms) || Math.abs(ms) > 8.64e15) return `${ns}ns`
  const text = new Date(ms).toISOString()
  return precision === 'seconds' ? `${text.slice(0, 19)}Z` : text
}

/** Returns milliseconds since the epoch as the nanoseconds that {@link formatTime} takes. */
export function toNs(ms: number): bigint {
  return BigInt(Math.trunc(ms)) * 1_000_000n
}

/** Returns a duration for people: `12ms`, `3.4s`, `2m05s`, `1h02m`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`
  const seconds = ms / 1000
  if (seconds < 60) return `${seconds.toFixed(1)}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}m${pad(seconds % 60)}s`
  return `${Math.floor(minutes / 60)}h${pad(minutes % 60)}m`
}

/** Returns an amount of US dollars with as many digits as small amounts need. */
export function formatCost(usd: number): string {
  if (usd === 0) return '$0'
  return Math.abs(usd) >= 0.01 ? `$${usd.toFixed(2)}` : `$${Number(usd.toPrecision(2)).toFixed(8).replace(/0+$/, '')}`
}

/** Returns a count with its noun: `1 run`, `2 runs`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

function pad(value: number): string {
  return String(Math.floor(value)).padStart(2, '0')
}
