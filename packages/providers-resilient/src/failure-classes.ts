import type { ProviderError, ProviderErrorCode } from '@starling/provider'
import { isFailureCode, type ResolvedPolicy, type ResolvedRule, type SpecialRules } from './failure-policy.ts'

/** The vendor does not work, whoever asks: what its circuit breaker counts. */
const TROUBLE: ReadonlySet<ProviderErrorCode> = new Set<ProviderErrorCode>([
  'PROVIDER_OVERLOADED',
  'PROVIDER_SERVER',
  'PROVIDER_NETWORK',
  'PROVIDER_TIMEOUT',
  'PROVIDER_INVALID_STREAM',
])

/** What a call may fail with before anything was sent. */
const BEFORE_SENDING: ReadonlySet<ProviderErrorCode> = new Set<ProviderErrorCode>([
  'PROVIDER_AUTH',
  'PROVIDER_INVALID_OPTIONS',
])

/** The class of a failure; what a later version may call otherwise is a refusal. */
export function classOf({ code }: ProviderError): ProviderErrorCode {
  return isFailureCode(code) ? code : 'PROVIDER_REJECTED'
}

/**
 * With what vendors answer for a model that they do not have, or no longer have.
 * Whatever else they say it for, nobody else need lack it.
 */
const GONE: ReadonlySet<number | undefined> = new Set([404, 410])

const FORBIDDEN = 403

/** What a rule is chosen by. */
interface RuleChoice {
  readonly policy: ResolvedPolicy
  readonly special: SpecialRules
  /** Whether the primary failed; the others are fallbacks. */
  readonly isPrimary: boolean
}

/** Returns the rule for a failure, by its code and its status alone. */
export function ruleFor(failure: ProviderError, { policy, special, isPrimary }: RuleChoice): ResolvedRule {
  const code = classOf(failure)
  if (code === 'PROVIDER_REJECTED' && GONE.has(failure.status)) return special.modelGone
  if (code === 'PROVIDER_AUTH' && failure.status === FORBIDDEN) return special.forbidden
  if (code === 'PROVIDER_INVALID_OPTIONS' && !isPrimary) return special.misfit
  return policy[code]
}

/** What a failure says about its vendor: it does not work, it works and refuses, or nothing. */
export function verdictOf(code: ProviderErrorCode): 'broken' | 'works' | 'unknown' {
  if (TROUBLE.has(code)) return 'broken'
  return BEFORE_SENDING.has(code) ? 'unknown' : 'works'
}
