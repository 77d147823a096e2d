import type { Clock } from '@starling/step'

/** A clock that stands still until a test moves it. */
export interface FakeClock extends Clock {
  /** Every wait that was asked for, in milliseconds, in order. */
  readonly sleeps: readonly number[]
  /** Moves the time and ends the waits that are over by then. */
  advance(ms: number): void
  /** Resolves once somebody waits for exactly `ms`. */
  sleepOf(ms: number): Promise<void>
}

interface Sleeper {
  readonly at: number
  readonly wake: () => void
}

/** Creates a clock at a fixed moment; waits of up to `skipUpToMs` end at once and move the time. */
export function createFakeClock(options: { readonly skipUpToMs?: number } = {}): FakeClock {
  let elapsed = 0
  let sleepers: Sleeper[] = []
  let watchers: { readonly ms: number; readonly resolve: () => void }[] = []
  const sleeps: number[] = []
  const advance = (ms: number): void => {
    elapsed += ms
    const due = sleepers.filter((sleeper) => sleeper.at <= elapsed)
    sleepers = sleepers.filter((sleeper) => sleeper.at > elapsed)
    for (const sleeper of due) sleeper.wake()
  }
  return {
    sleeps,
    advance,
    now: () => 1_700_000_000_000_000_000n + BigInt(Math.round(elapsed * 1e6)),
    elapsedMs: () => elapsed,
    sleepOf(ms) {
      if (sleeps.includes(ms)) return Promise.resolve()
      return new Promise((resolve) => watchers.push({ ms, resolve }))
    },
    sleep(ms, { signal } = {}) {
      sleeps.push(ms)
      if (signal?.aborted === true) return Promise.reject(signal.reason)
      const slept = new Promise<void>((resolve, reject) => {
        const sleeper = { at: elapsed + ms, wake: resolve }
        sleepers.push(sleeper)
        signal?.addEventListener('abort', () => {
          sleepers = sleepers.filter((other) => other !== sleeper)
          reject(signal.reason)
        })
      })
      for (const watcher of watchers) if (watcher.ms === ms) watcher.resolve()
      watchers = watchers.filter((watcher) => watcher.ms !== ms)
      if (ms <= (options.skipUpToMs ?? -1)) advance(ms)
      return slept
    },
  }
}
