import type { ProviderErrorCode } from '@starling/provider'

/** What may follow a failed attempt, as {@link FailureRule.actions} lists it. */
export const FAILURE_ACTIONS = ['retry', 'rotate', 'fallback', 'wait'] as const

/**
 * What may follow a failed attempt:
 *
 * - `retry`: the same key and model again, after a growing delay, or a longer one
 *   that the vendor asks for. Only after a failure that may pass.
 * - `rotate`: at once, another key of the same candidate that is not held back.
 * - `fallback`: at once, the first other candidate that is not held back.
 * - `wait`: whoever of all candidates is ready first, when that is soon enough.
 */
export type FailureAction = (typeof FAILURE_ACTIONS)[number]

/** What one class of failures leads to. */
export interface FailureRule {
  /** What is tried, in this order: the first that is possible. An empty list fails at once. */
  readonly actions?: readonly FailureAction[] | undefined
  /**
   * How long nobody asks this key for this model again, in milliseconds, when the
   * vendor does not say: everyone who shares the {@link Cooldowns} takes another
   * way meanwhile. A 403 holds nobody back unless `PROVIDER_AUTH` says how long.
   */
  readonly cooldownMs?: number | undefined
}

/** A rule for each class of failures; what is left out keeps its default. */
export type FailurePolicy = Readonly<Partial<Record<ProviderErrorCode, FailureRule | undefined>>>

/** A rule without gaps. */
export interface ResolvedRule {
  readonly actions: readonly FailureAction[]
  readonly cooldownMs: number
}

/** A policy without gaps. */
export type ResolvedPolicy = Readonly<Record<ProviderErrorCode, ResolvedRule>>

const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS

/** The vendor is in trouble, whoever asks: the circuit breaker is what all runs share here. */
const TROUBLE = { actions: ['retry', 'fallback', 'wait'], cooldownMs: 0 } as const

/** A person has to do something about this key. */
const KEY_REFUSED = { actions: ['rotate', 'fallback'], cooldownMs: 10 * MINUTE_MS } as const

/** Nobody would answer this request better. */
const HOPELESS = { actions: [], cooldownMs: 0 } as const

/** What each class of failures leads to unless told otherwise. */
export const DEFAULT_POLICY: ResolvedPolicy = {
  PROVIDER_AUTH: KEY_REFUSED,
  PROVIDER_BILLING: KEY_REFUSED,
  PROVIDER_RATE_LIMIT: { actions: ['rotate', 'fallback', 'wait'], cooldownMs: 10 * SECOND_MS },
  PROVIDER_OVERLOADED: TROUBLE,
  PROVIDER_SERVER: TROUBLE,
  PROVIDER_NETWORK: TROUBLE,
  PROVIDER_TIMEOUT: TROUBLE,
  PROVIDER_INVALID_STREAM: TROUBLE,
  PROVIDER_CONTEXT_OVERFLOW: { actions: ['fallback'], cooldownMs: 0 },
  PROVIDER_CONTENT_FILTER: HOPELESS,
  PROVIDER_REJECTED: HOPELESS,
  PROVIDER_INVALID_OPTIONS: HOPELESS,
}

/** Fills the gaps of a policy. */
export function resolvePolicy(policy: FailurePolicy = {}): ResolvedPolicy {
  const rules: Record<ProviderErrorCode, ResolvedRule> = { ...DEFAULT_POLICY }
  for (const code of CODES) {
    const { actions = rules[code].actions, cooldownMs = rules[code].cooldownMs } = policy[code] ?? {}
    rules[code] = { actions, cooldownMs }
  }
  return rules
}

/** Rules for failures about which more is known than their code says. */
export interface SpecialRules {
  /** There is no such model: a refusal that another candidate need not share. */
  readonly modelGone: ResolvedRule
  /**
   * The key may not do this: the model, the region or this one conversation may be what is forbidden, and vendors have
   * one status for all of them. The next call may well be allowed, so that the key does not rest.
   */
  readonly forbidden: ResolvedRule
  /** A fallback cannot be asked for this at all: that ends no call that another candidate may answer. */
  readonly misfit: ResolvedRule
}

/** Makes the special rules of a policy: what it says itself about the code counts for them too. */
export function specialRules(policy: FailurePolicy = {}): SpecialRules {
  const { PROVIDER_REJECTED: refused, PROVIDER_AUTH: unauthorized, PROVIDER_INVALID_OPTIONS: invalid } = policy
  const rules = resolvePolicy(policy)
  return {
    modelGone: { ...rules.PROVIDER_REJECTED, actions: refused?.actions ?? ['fallback'] },
    forbidden: { ...rules.PROVIDER_AUTH, cooldownMs: unauthorized?.cooldownMs ?? 0 },
    misfit: { ...rules.PROVIDER_INVALID_OPTIONS, actions: invalid?.actions ?? ['fallback', 'wait'] },
  }
}

/** Reports whether `value` is the code of a class of failures that the policy knows. */
export function isFailureCode(value: string): value is ProviderErrorCode {
  return Object.hasOwn(DEFAULT_POLICY, value)
}

const CODES: readonly ProviderErrorCode[] = Object.keys(DEFAULT_POLICY).filter((code) => isFailureCode(code))
