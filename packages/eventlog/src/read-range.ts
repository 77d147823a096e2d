import { EventLogError } from './event-log-error.ts'
import type { ReadOptions } from './event-log.ts'

/** {@link ReadOptions} with every default filled in. */
export interface ReadRange {
  /** 1 or more. */
  readonly fromSeq: number
  /** 0 or more; infinite when there is no limit. */
  readonly limit: number
}

/**
 * Fills in the defaults of a read.
 *
 * @throws {@link EventLogError} `EVENTLOG_INVALID_OPTIONS` when `fromSeq` is not a whole number from 1, or `limit` not one
 * from 0.
 */
export function normalizeRead(options: ReadOptions = {}): ReadRange {
  const { fromSeq = 1, limit = Infinity } = options
  return {
    fromSeq: wholeNumber('fromSeq', fromSeq, 1),
    limit: limit === Infinity ? limit : wholeNumber('limit', limit, 0),
  }
}

/** Returns `value` when it is a whole number from `minimum` on. */
export function wholeNumber(name: string, value: number, minimum: number): number {
  if (Number.isSafeInteger(value) && value >= minimum) return value
  throw new EventLogError(
    'EVENTLOG_INVALID_OPTIONS',
    `expected a whole number from ${minimum} as ${name}, got ${value}`,
  )
}
