import { setTimeout as delay } from 'node:timers/promises'

/** Where time comes from. */
export interface Clock {
  /** The wall clock: nanoseconds since the Unix epoch. */
  now(): bigint
  /** A clock that never goes backwards, in milliseconds from any origin. */
  elapsedMs(): number
  /** Resolves after `ms`; rejects with the signal's reason when aborted before. */
  sleep(ms: number, options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
}

// Captured once: the wall clock at the origin of the monotonic one gives nanoseconds that
// `Date.now` lacks, and two events of one process never share a timestamp by rounding.
const ORIGIN_NS = BigInt(Math.round(performance.timeOrigin * 1e6))

// A longer timer of this platform fires at once.
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => ORIGIN_NS + BigInt(Math.round(performance.now() * 1e6)),
  elapsedMs: () => performance.now(),
  async sleep(ms, options = {}) {
    const { signal } = options
    signal?.throwIfAborted()
    try {
      for (let left = ms; left > 0; left -= LONGEST_TIMER_MS) {
        await delay(Math.min(left, LONGEST_TIMER_MS), undefined, signal === undefined ? {} : { signal })
      }
    } catch (error) {
      signal?.throwIfAborted() // the timer rejects with its own AbortError; callers get the reason
      throw error
    }
  },
}
