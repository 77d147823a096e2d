import type { ProviderError, ProviderErrorCode } from '@starling/provider'
import type { FailureAction } from './failure-policy.ts'
import type { ResolvedCandidate, Route } from './resolve-candidates.ts'

/** A failure, and what the policy says about it. */
export interface ClassifiedFailure {
  readonly failure: ProviderError
  readonly code: ProviderErrorCode
  readonly actions: readonly FailureAction[]
}

/** How an attempt came about. */
export interface AttemptKind {
  /** Another key takes over from one that failed: that is no further attempt with the same, and no cap counts it. */
  readonly isRotation: boolean
}

/** What one call has tried so far. */
export class CallState {
  readonly #candidates: readonly ResolvedCandidate[]
  readonly #maxAttempts: number
  readonly #attemptsOf = new Map<ResolvedCandidate, number>()
  /** Not to be asked again in this call. */
  readonly #dropped = new Set<Route>()
  readonly #asked = new Set<Route>()
  readonly #failed = new Set<Route>()
  #attempts = 0
  #counted = 0

  constructor(candidates: readonly ResolvedCandidate[], maxAttempts: number) {
    this.#candidates = candidates
    this.#maxAttempts = maxAttempts
  }

  /** All attempts, rotations included. */
  get attempts(): number {
    return this.#attempts
  }

  /** The routes that this call may still ask, in order. */
  eligible(): readonly Route[] {
    return this.#candidates.flatMap(({ routes }) => routes.filter((route) => this.isEligible(route)))
  }

  isEligible(route: Route): boolean {
    if (this.#dropped.has(route) || this.#counted >= this.#maxAttempts) return false
    return this.attemptsWith(route) < route.candidate.maxAttempts
  }

  /** Whether a key that has not been asked yet may take over from another one of its candidate: no cap forbids it. */
  mayRotateTo(route: Route): boolean {
    return !this.#dropped.has(route) && !this.#asked.has(route)
  }

  /** How often this call has asked the candidate of a route, without rotations. */
  attemptsWith({ candidate }: Route): number {
    return this.#attemptsOf.get(candidate) ?? 0
  }

  hasFailed(route: Route): boolean {
    return this.#failed.has(route)
  }

  count(route: Route, { isRotation }: AttemptKind): void {
    this.#attempts += 1
    this.#asked.add(route)
    if (isRotation) return
    this.#counted += 1
    this.#attemptsOf.set(route.candidate, this.attemptsWith(route) + 1)
  }

  /** Takes out of this call whom it makes no sense to ask after a failure. */
  fail(route: Route, { failure, code, actions }: ClassifiedFailure): void {
    const { candidate } = route
    this.#failed.add(route)
    // Where the policy has another key asked, this failure is the key's; otherwise it is the candidate's.
    if (!failure.retryable) this.#drop(actions.includes('rotate') ? [route] : candidate.routes)
    if (code !== 'PROVIDER_CONTEXT_OVERFLOW') return
    for (const other of this.#candidates) if (!takesMore(other, candidate)) this.#drop(other.routes)
  }

  #drop(routes: readonly Route[]): void {
    for (const route of routes) this.#dropped.add(route)
  }
}

function takesMore(other: ResolvedCandidate, than: ResolvedCandidate): boolean {
  return other.contextTokens !== undefined && other.contextTokens > (than.contextTokens ?? 0)
}
