import { ToolError } from '@starling/tool'
import type { Tool } from '@starling/tool'
import { onAbort } from './on-abort.ts'
import type { CallEnvironment } from './tool-call.ts'

/** Ends an attempt that its timeout, a cancellation or a suspension ends. */
export interface AttemptGuard {
  /** What the tool sees: aborted when the run is, and when the attempt times out. */
  readonly signal: AbortSignal
  /** Settles as `work` does; rejects with the timeout, or, a moment after a cancellation, with that. */
  watch<T>(work: Promise<T>): Promise<T>
  /** Stops the clock of the timeout until `wait` has settled. */
  pauseFor<T>(wait: Promise<T>): Promise<T>
  /** Has {@link AttemptGuard.watch} reject with `reason`, once the tool has given up or had a moment to. */
  suspend(reason: unknown): void
}

/** Guards one attempt. A tool without a timeout costs one listener and, until the run is aborted, no timer. */
export function createAttemptGuard(environment: CallEnvironment, tool: Tool): AttemptGuard {
  return environment.recorder.replaying ? new NoGuard(environment.signal) : new LiveGuard(environment, tool)
}

/** A recording says itself how its calls ended. */
class NoGuard implements AttemptGuard {
  readonly signal: AbortSignal

  constructor(signal: AbortSignal) {
    this.signal = signal
  }

  watch<T>(work: Promise<T>): Promise<T> {
    return work
  }

  pauseFor<T>(wait: Promise<T>): Promise<T> {
    return wait
  }

  suspend(): void {}
}

class LiveGuard implements AttemptGuard {
  readonly #environment: CallEnvironment
  readonly #tool: Tool
  /** Aborts what the tool sees, when that is not the run's own signal. */
  readonly #own: AbortController | undefined
  /** What is left of the timeout, in milliseconds. */
  #leftMs: number | undefined
  #runningSinceMs = 0
  #pauses = 0
  #timeout: AbortController | undefined
  #grace: AbortController | undefined
  #suspension: { readonly reason: unknown } | undefined
  #reject: ((reason: unknown) => void) | undefined

  constructor(environment: CallEnvironment, tool: Tool) {
    this.#environment = environment
    this.#tool = tool
    this.#leftMs = tool.policy?.timeoutMs
    this.#own = this.#leftMs === undefined ? undefined : new AbortController()
  }

  get signal(): AbortSignal {
    return this.#own?.signal ?? this.#environment.signal
  }

  watch<T>(work: Promise<T>): Promise<T> {
    const { signal } = this.#environment
    return new Promise((resolve, reject) => {
      const cancel = (): void => {
        this.#own?.abort(signal.reason)
        this.#giveUpSoon(signal.reason)
      }
      const stopWaiting = onAbort(signal, cancel)
      const release = (): void => {
        stopWaiting()
        this.#timeout?.abort()
        this.#grace?.abort()
        this.#reject = undefined
      }
      this.#reject = (reason) => {
        release()
        this.#own?.abort(reason)
        reject(reason)
      }
      // A tool that was given up may still settle later: nobody listens then, its outcome is recorded already.
      work.then(
        (result) => {
          release()
          if (this.#suspension === undefined) resolve(result)
          else reject(this.#suspension.reason)
        },
        (error: unknown) => {
          release()
          reject(this.#suspension === undefined ? error : this.#suspension.reason)
        },
      )
      if (signal.aborted) cancel()
      if (this.#pauses === 0) this.#startTimeout()
    })
  }

  async pauseFor<T>(wait: Promise<T>): Promise<T> {
    this.#pauses += 1
    if (this.#pauses === 1) this.#stopTimeout()
    try {
      return await wait
    } finally {
      this.#pauses -= 1
      if (this.#pauses === 0) this.#startTimeout()
    }
  }

  suspend(reason: unknown): void {
    this.#suspension ??= { reason }
    this.#stopTimeout()
    this.#giveUpSoon(reason)
  }

  #startTimeout(): void {
    const { clock } = this.#environment
    if (this.#leftMs === undefined || this.#reject === undefined || this.#suspension !== undefined) return
    this.#runningSinceMs = clock.elapsedMs()
    this.#timeout = this.#after(this.#leftMs, () => {
      const { name, policy } = this.#tool
      return new ToolError('TOOL_TIMEOUT', `tool ${name} did not finish within ${policy?.timeoutMs} ms`)
    })
  }

  #stopTimeout(): void {
    if (this.#timeout === undefined) return
    this.#timeout.abort()
    this.#timeout = undefined
    this.#leftMs = Math.max(0, (this.#leftMs ?? 0) - (this.#environment.clock.elapsedMs() - this.#runningSinceMs))
  }

  #giveUpSoon(reason: unknown): void {
    this.#grace ??= this.#after(this.#environment.cancelGraceMs, () => reason)
  }

  #after(ms: number, reason: () => unknown): AbortController {
    const timer = new AbortController()
    this.#environment.clock.sleep(ms, { signal: timer.signal }).then(
      () => this.#reject?.(reason()),
      () => undefined, // the attempt was over before
    )
    return timer
  }
}
