import type { Provider } from '@starling/provider'
import { checkCount, checkMs, checkNames, describe, invalidOption } from './check-options.ts'
import type { BreakerLimits } from './circuit-breaker.ts'
import { isCooldownStore, readClock, sharedCooldowns, type CooldownStore } from './cooldowns.ts'
import {
  FAILURE_ACTIONS,
  isFailureCode,
  resolvePolicy,
  specialRules,
  type FailurePolicy,
  type ResolvedPolicy,
  type SpecialRules,
} from './failure-policy.ts'
import { resolveCandidates, type ResolvedCandidate } from './resolve-candidates.ts'
import type { AttemptLimits, ResilientProviderOptions, SilenceLimits } from './resilient-provider-options.ts'

/** How long a candidate may be silent, in milliseconds; 0 for no limit. */
export interface ResolvedTimeouts {
  readonly firstChunkMs: number
  readonly betweenChunksMs: number
}

/** Options without gaps. */
export interface Settings {
  readonly info: Provider['info']
  readonly candidates: readonly ResolvedCandidate[]
  readonly policy: ResolvedPolicy
  readonly special: SpecialRules
  readonly maxAttempts: number
  readonly initialDelayMs: number
  readonly maxDelayMs: number
  readonly timeouts: ResolvedTimeouts
  readonly breaker: BreakerLimits
  readonly maxCooldownMs: number
  readonly cooldowns: CooldownStore
  readonly now: () => number
}

const OPTION_NAMES: Readonly<Record<keyof ResilientProviderOptions, true>> = {
  candidates: true,
  policy: true,
  attempts: true,
  timeouts: true,
  breaker: true,
  maxCooldownMs: true,
  cooldowns: true,
  now: true,
}

const ATTEMPT_NAMES = ['maxAttempts', 'maxAttemptsPerCandidate', 'initialDelayMs', 'maxDelayMs']
const FIVE_MINUTES_MS = 300_000
const HOUR_MS = 3_600_000

/** Checks the options and fills their gaps. */
export function resolveSettings(options: ResilientProviderOptions): Settings {
  checkNames(options, 'the options', Object.keys(OPTION_NAMES))
  const { cooldowns = sharedCooldowns(), maxCooldownMs = HOUR_MS, now = readClock } = options
  checkMs(maxCooldownMs, 'maxCooldownMs')
  if (!isCooldownStore(cooldowns)) throw invalidOption('cooldowns was not made by createCooldowns')
  if (typeof now !== 'function') throw invalidOption(`now is ${describe(now)}, not a function`)
  const attempts = options.attempts ?? {}
  const limits = resolveAttempts(attempts)
  const candidates = resolveCandidates(options.candidates, {
    cooldowns,
    maxAttemptsPerCandidate: attempts.maxAttemptsPerCandidate,
  })
  checkPolicy(options.policy ?? {}, maxCooldownMs)
  return {
    info: infoOf(candidates),
    candidates,
    policy: resolvePolicy(options.policy),
    special: specialRules(options.policy),
    ...limits,
    timeouts: resolveTimeouts(options.timeouts ?? {}),
    breaker: resolveBreaker(options.breaker ?? {}),
    maxCooldownMs,
    cooldowns,
    now,
  }
}

function infoOf([primary]: readonly ResolvedCandidate[]): Provider['info'] {
  const [route] = primary?.routes ?? []
  if (route === undefined) throw invalidOption('candidates is empty, expected at least the primary')
  return route.provider.info
}

function resolveAttempts(attempts: AttemptLimits): Pick<Settings, 'maxAttempts' | 'initialDelayMs' | 'maxDelayMs'> {
  checkNames(attempts, 'attempts', ATTEMPT_NAMES)
  const { maxAttempts = 10, maxAttemptsPerCandidate, initialDelayMs, maxDelayMs = 30_000 } = attempts
  checkCount(maxAttempts, 'attempts.maxAttempts', 1)
  checkCount(maxAttemptsPerCandidate, 'attempts.maxAttemptsPerCandidate', 1)
  checkMs(initialDelayMs, 'attempts.initialDelayMs')
  checkMs(maxDelayMs, 'attempts.maxDelayMs')
  if (maxAttemptsPerCandidate !== undefined && maxAttemptsPerCandidate > maxAttempts) {
    throw invalidOption(
      `attempts.maxAttemptsPerCandidate ${maxAttemptsPerCandidate} is more than attempts.maxAttempts ${maxAttempts}`,
    )
  }
  if (initialDelayMs !== undefined && initialDelayMs > maxDelayMs) {
    throw invalidOption(`attempts.initialDelayMs ${initialDelayMs} is more than attempts.maxDelayMs ${maxDelayMs}`)
  }
  return { maxAttempts, initialDelayMs: initialDelayMs ?? Math.min(500, maxDelayMs), maxDelayMs }
}

function resolveTimeouts(timeouts: SilenceLimits): ResolvedTimeouts {
  checkNames(timeouts, 'timeouts', ['firstChunkMs', 'betweenChunksMs'])
  const { firstChunkMs = FIVE_MINUTES_MS, betweenChunksMs = FIVE_MINUTES_MS } = timeouts
  checkMs(firstChunkMs, 'timeouts.firstChunkMs')
  checkMs(betweenChunksMs, 'timeouts.betweenChunksMs')
  return { firstChunkMs, betweenChunksMs }
}

function resolveBreaker(breaker: Partial<BreakerLimits> | false): BreakerLimits {
  if (breaker === false) return { failureThreshold: Infinity, openMs: 0 }
  checkNames(breaker, 'breaker', ['failureThreshold', 'openMs'])
  const { failureThreshold = 5, openMs = 30_000 } = breaker
  checkCount(failureThreshold, 'breaker.failureThreshold', 1)
  checkMs(openMs, 'breaker.openMs')
  return { failureThreshold, openMs }
}

function checkPolicy(policy: FailurePolicy, maxCooldownMs: number): void {
  checkNames(policy, 'policy', Object.keys(resolvePolicy()))
  for (const [code, rule] of Object.entries(policy)) {
    if (!isFailureCode(code) || rule === undefined) continue
    const path = `policy.${code}`
    checkNames(rule, path, ['actions', 'cooldownMs'])
    checkMs(rule.cooldownMs, `${path}.cooldownMs`)
    if ((rule.cooldownMs ?? 0) > maxCooldownMs) {
      throw invalidOption(`${path}.cooldownMs ${rule.cooldownMs} is more than maxCooldownMs ${maxCooldownMs}`)
    }
    const unknown = rule.actions?.find((action) => !FAILURE_ACTIONS.includes(action))
    if (unknown !== undefined) {
      throw invalidOption(`unknown action "${unknown}" in ${path}.actions: known are ${FAILURE_ACTIONS.join(', ')}`)
    }
  }
}
