import type { ProviderErrorCode } from '@starling/provider'
import type { CircuitBreaker } from './circuit-breaker.ts'
import type { Hold, SlotId } from './cooldowns.ts'
import type { Route } from './resolve-candidates.ts'
import type { Settings } from './resolve-settings.ts'

/** Reads, for one call, how long each route is held back. */
export class Readiness {
  readonly #settings: Settings
  readonly #model: string
  #atMs = -Infinity

  constructor(settings: Settings, model: string) {
    this.#settings = settings
    this.#model = model
  }

  /** The time: never set back, and never before what this call has waited for. */
  now(): number {
    this.#atMs = Math.max(this.#atMs, this.#settings.now())
    return this.#atMs
  }

  /** Takes note that this call has waited until `ms`, whatever the clock says. */
  reach(ms: number): void {
    this.#atMs = Math.max(this.#atMs, ms)
  }

  /**
   * How long until a route may be asked, in milliseconds; `Infinity` while another call probes.
   *
   * @param nowMs - the time, for routes that are compared: what passes between two readings must not order them. Default: now.
   */
  readyInMs(route: Route, nowMs: number = this.now()): number {
    return Math.max(this.heldMs(route, nowMs), this.circuitMs(route, nowMs))
  }

  /** How long its key is held back. */
  heldMs(route: Route, nowMs: number = this.now()): number {
    const holds = this.#settings.cooldowns.holdsOf(this.slotOf(route), nowMs)
    return Math.max(0, ...holds.map(({ untilMs }) => untilMs - nowMs))
  }

  /** How long its circuit lets nobody through. */
  circuitMs(route: Route, nowMs: number = this.now()): number {
    return this.breakerOf(route).retryInMs(nowMs)
  }

  /** Whether nothing but our own guess holds a route back. */
  isHeldByGuess(route: Route): boolean {
    return this.circuitMs(route) === 0 && this.#holdsOf(route).every(({ isAsked }) => !isAsked)
  }

  /** Whether nothing but a probe keeps a route from being asked. */
  isProbed(route: Route): boolean {
    return this.circuitMs(route) === Infinity && this.heldMs(route) === 0
  }

  /** The failure that holds a route back for longest. */
  reasonOf(route: Route): ProviderErrorCode | undefined {
    const [longest] = this.#holdsOf(route).toSorted((left, right) => right.untilMs - left.untilMs)
    return longest?.code ?? this.breakerOf(route).openedBy
  }

  breakerOf({ candidate }: Route): CircuitBreaker {
    return this.#settings.cooldowns.breakerOf(this.slotOf({ candidate, account: candidate.account }))
  }

  slotOf({ candidate, account }: Pick<Route, 'candidate' | 'account'>): SlotId {
    return { providerId: candidate.providerId, account, model: candidate.model ?? this.#model }
  }

  #holdsOf(route: Route): readonly Hold[] {
    return this.#settings.cooldowns.holdsOf(this.slotOf(route), this.now())
  }
}
