import { ProviderError } from '@starling/provider'
import type { CallOptions, ProviderErrorCode } from '@starling/provider'
import { type AttemptKind, CallState } from './call-state.ts'
import { chooseStep, type NextStep } from './choose-step.ts'
import type { BreakerPermit } from './circuit-breaker.ts'
import { classOf, ruleFor, verdictOf } from './failure-classes.ts'
import { heldBackError } from './held-back-error.ts'
import { Readiness } from './readiness.ts'
import type { Route } from './resolve-candidates.ts'
import type { Settings } from './resolve-settings.ts'
import { sleepByTimer, unlessAborted, waitFor, type Sleep } from './wait.ts'

/** A route that is being asked. */
export interface Entry {
  readonly route: Route
  readonly permit: BreakerPermit
  readonly startedMs: number
}

/** What a call plan is made of. */
export interface CallPlanOptions {
  /** The model of the request. */
  readonly model: string
  readonly call: CallOptions
}

/** Decides, for one call, whom to ask and how long to wait before, and tells the others what it learns. */
export class CallPlan {
  readonly #settings: Settings
  readonly #state: CallState
  readonly #readiness: Readiness
  readonly #signal: AbortSignal | undefined
  readonly #random: () => number
  readonly #sleep: Sleep
  #lastFailure: ProviderError | undefined

  constructor(settings: Settings, { model, call }: CallPlanOptions) {
    this.#settings = settings
    this.#state = new CallState(settings.candidates, settings.maxAttempts)
    this.#readiness = new Readiness(settings, model)
    this.#signal = call.signal
    this.#random = call.random ?? Math.random
    this.#sleep = call.sleep ?? sleepByTimer
  }

  /**
   * Enters the first route that is not held back, or waits for the one that is
   * ready first.
   *
   * When that takes too long and a route is held back by nothing but our own
   * guess, the guess is put to the test.
   *
   * @throws the last failure, or a `ProviderError` that says who is held back by what; the signal's reason.
   */
  async enter(): Promise<Entry> {
    let leftMs = this.#settings.maxDelayMs
    for (;;) {
      const entry = this.#enterFirst(this.#state.eligible())
      if (entry !== undefined) return entry
      const waitMs = this.#soonestMs()
      const probed = this.#state.eligible().find((route) => this.#readiness.isProbed(route))
      if (waitMs > leftMs && (probed === undefined || leftMs <= 0)) {
        const guess = this.#enterGuess()
        if (guess === undefined) throw this.giveUp()
        return guess
      }
      leftMs -= await this.#wait(Math.min(waitMs, leftMs), probed)
    }
  }

  /** Takes note of an answer that is whole. */
  succeed({ route, permit, startedMs }: Entry): void {
    permit.succeeded()
    this.#settings.cooldowns.lift(this.#readiness.slotOf(route), startedMs)
  }

  /** Takes note of a failure, for this call and for all others; says what follows, if anything does. */
  fail(entry: Entry, failure: ProviderError): NextStep | undefined {
    const { policy, special, initialDelayMs, maxDelayMs } = this.#settings
    const { route, permit } = entry
    const code = classOf(failure)
    const { actions, cooldownMs } = ruleFor(failure, { policy, special, isPrimary: route.candidate.index === 0 })
    this.#lastFailure = failure
    this.#tell(permit, code)
    this.#hold(route, failure, cooldownMs)
    this.#state.fail(route, { failure, code, actions })
    const context = { state: this.#state, readiness: this.#readiness, random: this.#random, initialDelayMs, maxDelayMs }
    return chooseStep(actions, { route, failure }, context)
  }

  /** Waits as a step says and enters its route, or another one when that is no longer free. */
  async follow({ route, delayMs, isRotation = false }: NextStep): Promise<Entry> {
    if (delayMs > 0) await this.#pause(delayMs)
    this.#signal?.throwIfAborted()
    return (route === undefined ? undefined : this.#enterFirst([route], { isRotation })) ?? this.enter()
  }

  /** The error that the call ends with: not retryable, so that nobody tries again on top. */
  giveUp(failure: ProviderError | undefined = this.#lastFailure): ProviderError {
    if (failure === undefined) {
      return heldBackError(
        this.#settings.candidates.flatMap(({ routes }) => routes),
        this.#readiness,
      )
    }
    const { attempts } = this.#state
    if (attempts === 1 && !failure.retryable) return failure
    const message = attempts === 1 ? failure.message : `${failure.message} (the last of ${attempts} attempts)`
    const { code, status, retryAfterMs } = failure
    return new ProviderError(code, message, { cause: failure, status, retryAfterMs })
  }

  #enterFirst(routes: readonly Route[], kind?: AttemptKind): Entry | undefined {
    const ready = routes.find((route) => this.#readiness.readyInMs(route) === 0)
    return ready === undefined ? undefined : this.#enterRoute(ready, kind)
  }

  /** The route whose hold ends first, when nothing but our own guess holds it. */
  #enterGuess(): Entry | undefined {
    const nowMs = this.#readiness.now()
    const [route] = this.#state
      .eligible()
      .filter((eligible) => this.#readiness.isHeldByGuess(eligible))
      .toSorted((left, right) => this.#readiness.heldMs(left, nowMs) - this.#readiness.heldMs(right, nowMs))
    return route === undefined ? undefined : this.#enterRoute(route)
  }

  #enterRoute(route: Route, kind: AttemptKind = { isRotation: false }): Entry | undefined {
    const startedMs = this.#readiness.now()
    const permit = this.#readiness.breakerOf(route).enter(startedMs, this.#settings.breaker)
    if (permit === undefined) return undefined
    this.#state.count(route, kind)
    return { route, permit, startedMs }
  }

  #tell(permit: BreakerPermit, code: ProviderErrorCode): void {
    const verdict = verdictOf(code)
    if (verdict === 'broken') permit.failed(code, this.#readiness.now())
    else if (verdict === 'works') permit.succeeded()
    else permit.dropped()
  }

  #hold(route: Route, failure: ProviderError, cooldownMs: number): void {
    const { maxCooldownMs, cooldowns } = this.#settings
    const { retryAfterMs } = failure
    const sinceMs = this.#readiness.now()
    const untilMs = sinceMs + Math.min(maxCooldownMs, retryAfterMs ?? cooldownMs)
    const isAsked = retryAfterMs !== undefined
    cooldowns.hold(this.#readiness.slotOf(route), { code: classOf(failure), sinceMs, untilMs, isAsked })
  }

  #soonestMs(): number {
    return Math.min(...this.#state.eligible().map((route) => this.#readiness.readyInMs(route)))
  }

  /** Returns how long it has waited. */
  async #wait(waitMs: number, probed: Route | undefined): Promise<number> {
    const startedMs = this.#readiness.now()
    if (probed === undefined) {
      const { initialDelayMs, maxDelayMs } = this.#settings
      await this.#pause(Math.ceil(Math.min(maxDelayMs, waitMs + this.#random() * initialDelayMs)))
      return waitMs
    }
    const told = this.#readiness.breakerOf(probed).probeSettled()
    const limitMs = Math.ceil(waitMs)
    const wasTold = await waitFor(told, { limitMs, sleep: this.#sleep, signal: this.#signal })
    if (!wasTold) this.#readiness.reach(startedMs + limitMs)
    return this.#readiness.now() - startedMs
  }

  async #pause(ms: number): Promise<void> {
    const startedMs = this.#readiness.now()
    await unlessAborted(this.#sleep(ms, this.#signal), this.#signal)
    this.#signal?.throwIfAborted()
    this.#readiness.reach(startedMs + ms)
  }
}
