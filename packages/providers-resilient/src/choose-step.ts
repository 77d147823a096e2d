import type { ProviderError } from '@starling/provider'
import { backoffMs } from './backoff.ts'
import type { CallState } from './call-state.ts'
import type { FailureAction } from './failure-policy.ts'
import type { Readiness } from './readiness.ts'
import type { Route } from './resolve-candidates.ts'

/** What follows a failed attempt. */
export interface NextStep {
  /** Whom to ask; `undefined` for whoever is ready first. */
  readonly route: Route | undefined
  readonly next: 'retry' | 'fallback'
  /** How long to wait before, in whole milliseconds. */
  readonly delayMs: number
  /** Another key takes over that has not been asked yet. Default: `false`. */
  readonly isRotation?: boolean
}

/** What a step is chosen by. */
export interface StepContext {
  readonly state: CallState
  readonly readiness: Readiness
  readonly random: () => number
  readonly initialDelayMs: number
  readonly maxDelayMs: number
}

/** An attempt that failed. */
export interface FailedAttempt {
  readonly route: Route
  readonly failure: ProviderError
}

/** Returns the step of the first action that is possible. */
export function chooseStep(
  actions: readonly FailureAction[],
  failed: FailedAttempt,
  context: StepContext,
): NextStep | undefined {
  for (const action of actions) {
    const step = stepOf(action, failed, context)
    if (step !== undefined) return step
  }
  return undefined
}

function stepOf(action: FailureAction, failed: FailedAttempt, context: StepContext): NextStep | undefined {
  const { route } = failed
  switch (action) {
    case 'retry':
      return retry(failed, context)
    case 'rotate':
      return rotate(route, context)
    case 'fallback':
      return fallBack(route, context)
    case 'wait':
      return waitForAny(route, context)
  }
}

function retry({ route, failure }: FailedAttempt, context: StepContext): NextStep | undefined {
  const { state, readiness, maxDelayMs } = context
  // Behind an open circuit somebody else is the better choice; to wait for it is an action of its own.
  if (!failure.retryable || !state.isEligible(route) || readiness.circuitMs(route) > 0) return undefined
  const heldMs = readiness.heldMs(route)
  return heldMs > maxDelayMs ? undefined : { route, next: 'retry', delayMs: delayOf(route, heldMs, context) }
}

function rotate(failed: Route, { state, readiness }: StepContext): NextStep | undefined {
  const route = failed.candidate.routes.find(
    (other) =>
      other !== failed && (state.mayRotateTo(other) || state.isEligible(other)) && readiness.readyInMs(other) === 0,
  )
  return route && { route, next: 'retry', delayMs: 0, isRotation: state.mayRotateTo(route) }
}

function fallBack(failed: Route, { state, readiness }: StepContext): NextStep | undefined {
  const route = state
    .eligible()
    .find((other) => other.candidate !== failed.candidate && readiness.readyInMs(other) === 0)
  return route && { route, next: 'fallback', delayMs: 0 }
}

function waitForAny(failed: Route, context: StepContext): NextStep | undefined {
  const { state, readiness, maxDelayMs } = context
  const nowMs = readiness.now()
  const [soonest] = state
    .eligible()
    .map((route) => ({ route, readyInMs: readiness.readyInMs(route, nowMs) }))
    .filter(({ readyInMs }) => readyInMs <= maxDelayMs)
    .toSorted((left, right) => left.readyInMs - right.readyInMs)
  if (soonest !== undefined) {
    const { route, readyInMs } = soonest
    return { route, next: nextOf(route, failed), delayMs: delayOf(route, readyInMs, context) }
  }
  const probed = state.eligible().find((route) => readiness.isProbed(route))
  // How long a probe takes nobody knows.
  return probed === undefined ? undefined : { route: undefined, next: nextOf(probed, failed), delayMs: 0 }
}

/** A route that has failed in this call gets the growing delay at least. */
function delayOf(route: Route, readyInMs: number, context: StepContext): number {
  const { state, initialDelayMs, maxDelayMs } = context
  const hasFailed = state.hasFailed(route)
  if (readyInMs === 0 && !hasFailed) return 0
  const random = context.random()
  const growingMs = hasFailed ? backoffMs(state.attemptsWith(route), random, context) : 0
  // Calls that are told to wait equally long do not all come back at the same moment.
  const heldMs = readyInMs === 0 ? 0 : Math.min(maxDelayMs, readyInMs + random * initialDelayMs)
  return Math.ceil(Math.max(growingMs, heldMs))
}

function nextOf(route: Route, failed: Route): NextStep['next'] {
  return route.candidate === failed.candidate ? 'retry' : 'fallback'
}
