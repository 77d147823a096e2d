/** Something that headers can be read from by name, such as `Headers`. */
export interface HeaderSource {
  get(name: string): string | null
}

/** No quota of a vendor takes longer to refill; it also keeps the value inside the range of a timer. */
const MAX_WAIT_MS = 24 * 60 * 60 * 1000

const NUMBER = /^\d+(?:\.\d+)?$/

/** The one date format that RFC 9110 section 5.6.7 lets a sender use. */
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/

/**
 * Returns how long a vendor asks to wait, in milliseconds from `nowMs` (since the epoch).
 *
 * Takes the value of a `retry-after` header (seconds or an HTTP date), or the
 * headers themselves; there `retry-after-ms` counts first. A date in the past
 * is 0, more than a day is a day, anything else that makes no sense is `undefined`.
 */
export function parseRetryAfter(value: HeaderSource | string | null | undefined, nowMs: number): number | undefined {
  if (value === null || value === undefined) return undefined
  if (typeof value === 'string') return parseSeconds(value) ?? parseDate(value, nowMs)
  return parseNumber(value.get('retry-after-ms'), 1) ?? parseRetryAfter(value.get('retry-after'), nowMs)
}

function parseSeconds(text: string): number | undefined {
  return parseNumber(text, 1000)
}

function parseNumber(text: string | null, unitMs: number): number | undefined {
  const trimmed = text?.trim() ?? ''
  return NUMBER.test(trimmed) ? bounded(Number(trimmed) * unitMs) : undefined
}

function parseDate(text: string, nowMs: number): number | undefined {
  const trimmed = text.trim()
  // The platform reads far more than HTTP dates, such as a number after any word.
  const timeMs = HTTP_DATE.test(trimmed) ? Date.parse(trimmed) : Number.NaN
  return Number.isNaN(timeMs) ? undefined : bounded(timeMs - nowMs)
}

function bounded(waitMs: number): number {
  return Math.min(Math.max(Math.ceil(waitMs), 0), MAX_WAIT_MS)
}
