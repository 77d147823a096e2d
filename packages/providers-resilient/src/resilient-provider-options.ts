import type { ModelRequest, Provider } from '@starling/provider'
import type { BreakerLimits } from './circuit-breaker.ts'
import type { Cooldowns } from './cooldowns.ts'
import type { FailurePolicy } from './failure-policy.ts'

/** The settings of a request that a candidate may be asked with differently. */
export type RequestSettings = Partial<Omit<ModelRequest, 'model' | 'systemPrompt' | 'messages' | 'tools'>>

/** What is asked of a candidate. */
export interface CandidateRequest {
  /** The model to ask. Default: the request's own. */
  readonly model?: string | undefined
  /**
   * Settings that replace those of the request: another vendor knows other
   * `params`, another model another limit. A setting that is `undefined` is left
   * out. Default: the request's own.
   */
  readonly settings?: RequestSettings | undefined
  /**
   * How many tokens the model can take: after `PROVIDER_CONTEXT_OVERFLOW` only
   * a candidate that is marked with more is asked. Default: not known.
   */
  readonly contextTokens?: number | undefined
}

/** A provider that may answer, with the key it brings itself. */
export interface ProviderCandidate extends CandidateRequest {
  readonly provider: Provider
  readonly keys?: undefined
}

/** One provider with several keys, which are used in order: the first that is not held back. */
export interface KeyedCandidate extends CandidateRequest {
  /** Makes the provider for one key; called once for each key, at construction. */
  readonly provider: (key: string) => Provider
  readonly keys: readonly string[]
}

/** Somebody who may answer. */
export type Candidate = ProviderCandidate | KeyedCandidate

/**
 * How often and how patiently a call is tried again.
 *
 * Another key that takes over at once from one that failed (`rotate`) is no
 * further attempt, as long as this call has not asked it before: of twelve keys
 * each gets its chance, whatever the caps. So a call makes at most `maxAttempts`
 * attempts, and one for each key after the first of each candidate.
 */
export interface AttemptLimits {
  /** All attempts of one call but rotations. Default: 10. */
  readonly maxAttempts?: number | undefined
  /** All attempts of one call with one candidate but rotations. Default: 3. */
  readonly maxAttemptsPerCandidate?: number | undefined
  /** Before the first retry, in milliseconds; doubles with every further one. Default: 500. */
  readonly initialDelayMs?: number | undefined
  /**
   * The longest wait, in milliseconds: for a delay of our own, for a cooldown or
   * an open circuit. A vendor that asks for more is not waited for: somebody else
   * is asked, or the call fails. Default: 30,000.
   */
  readonly maxDelayMs?: number | undefined
}

/** How long a candidate may be silent: afterwards the attempt fails with `PROVIDER_TIMEOUT`. */
export interface SilenceLimits {
  /** From the start of an attempt to its first chunk, in milliseconds; 0 for no limit. Default: 300,000. */
  readonly firstChunkMs?: number | undefined
  /** Between two chunks, in milliseconds; 0 for no limit. Default: 300,000. */
  readonly betweenChunksMs?: number | undefined
}

/** How {@link createResilientProvider} survives the bad days of its candidates. */
export interface ResilientProviderOptions {
  /** Who may answer: the primary first, then whom to fall back to, in order. */
  readonly candidates: readonly Candidate[]
  /** What each class of failures leads to. Default: see the package's README. */
  readonly policy?: FailurePolicy | undefined
  readonly attempts?: AttemptLimits | undefined
  readonly timeouts?: SilenceLimits | undefined
  /**
   * When a candidate is given a rest as a whole, because its vendor fails again
   * and again; `false` for never. Default: 5 failures in a row, 30,000 ms.
   */
  readonly breaker?: Partial<BreakerLimits> | false | undefined
  /** The longest that a key is held back, in milliseconds, also when a vendor asks for more. Default: 3,600,000. */
  readonly maxCooldownMs?: number | undefined
  /** What is shared with other providers. Default: the cooldowns of this process. */
  readonly cooldowns?: Cooldowns | undefined
  /** The clock, in milliseconds since the epoch. Default: a clock that is never set back. */
  readonly now?: (() => number) | undefined
}
