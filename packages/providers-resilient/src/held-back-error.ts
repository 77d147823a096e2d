import { ProviderError } from '@starling/provider'
import type { Readiness } from './readiness.ts'
import type { Route } from './resolve-candidates.ts'

/** Makes the error of a call that could ask nobody: who is held back, how long and why. */
export function heldBackError(routes: readonly Route[], readiness: Readiness): ProviderError {
  const nowMs = readiness.now()
  const held = routes
    .map((route) => ({
      slot: readiness.slotOf(route),
      readyInMs: Math.ceil(readiness.readyInMs(route, nowMs)),
      code: readiness.reasonOf(route) ?? 'PROVIDER_OVERLOADED',
    }))
    .toSorted((left, right) => left.readyInMs - right.readyInMs)
  const [soonest] = held
  const reasons = held.map(
    ({ slot, readyInMs, code }) => `${slot.providerId} (${slot.model}) ${timeOf(readyInMs)} after ${code}`,
  )
  return new ProviderError(soonest?.code ?? 'PROVIDER_OVERLOADED', `nobody can be asked now: ${reasons.join(', ')}`, {
    retryAfterMs: Number.isFinite(soonest?.readyInMs) ? soonest?.readyInMs : undefined,
  })
}

function timeOf(ms: number): string {
  return ms === Infinity ? 'is being probed' : `is held back for ${ms} ms`
}
