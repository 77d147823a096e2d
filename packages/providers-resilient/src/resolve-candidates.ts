import { blake3, toHex, utf8Encode } from '@starling/event'
import type { ModelRequest, Provider } from '@starling/provider'
import { checkCount, checkNames, describe, invalidOption } from './check-options.ts'
import type { CooldownStore } from './cooldowns.ts'
import type { Candidate, RequestSettings } from './resilient-provider-options.ts'

/** One way to an answer: a candidate with one of its keys. */
export interface Route {
  readonly candidate: ResolvedCandidate
  readonly provider: Provider
  /** Stands for the key in the cooldowns. */
  readonly account: string
}

/** A candidate with a provider for each key. */
export interface ResolvedCandidate {
  readonly index: number
  readonly providerId: string
  readonly model: string | undefined
  readonly settings: RequestSettings
  readonly contextTokens: number | undefined
  readonly maxAttempts: number
  readonly routes: readonly Route[]
  /** Stands for all keys together in the cooldowns. */
  readonly account: string
}

/** What candidates are resolved with. */
export interface ResolveContext {
  readonly cooldowns: CooldownStore
  readonly maxAttemptsPerCandidate: number | undefined
}

const CANDIDATE_NAMES = ['provider', 'keys', 'model', 'settings', 'contextTokens']

const SETTING_NAMES: Readonly<Record<keyof Required<RequestSettings>, true>> = {
  toolChoice: true,
  stopSequences: true,
  topK: true,
  maxOutputTokens: true,
  temperature: true,
  topP: true,
  seed: true,
  reasoningEffort: true,
  responseFormat: true,
  parallelToolCalls: true,
  cache: true,
  params: true,
} satisfies Record<keyof Omit<ModelRequest, 'model' | 'systemPrompt' | 'messages' | 'tools'>, true>

const HASH_DIGITS = 16

/** Checks the candidates and makes their providers. */
export function resolveCandidates(candidates: readonly Candidate[], context: ResolveContext): ResolvedCandidate[] {
  if (!Array.isArray(candidates) || candidates.length === 0) {
    throw invalidOption('candidates is empty, expected at least the primary')
  }
  const resolved = candidates.map((candidate, index) => resolveCandidate(candidate, index, context))
  checkDistinct(resolved)
  return resolved
}

function resolveCandidate(candidate: Candidate, index: number, context: ResolveContext): ResolvedCandidate {
  const path = `candidates[${index}]`
  checkNames(candidate, path, CANDIDATE_NAMES)
  checkNames(candidate.settings ?? {}, `${path}.settings`, Object.keys(SETTING_NAMES))
  checkCount(candidate.contextTokens, `${path}.contextTokens`, 1)
  if (candidate.model === '') throw invalidOption(`${path}.model is empty`)
  const accounts = accountsOf(candidate, path, context.cooldowns)
  const [first] = accounts
  if (first === undefined) throw invalidOption(`${path}.keys is empty`)
  const routes: Route[] = []
  const resolved: ResolvedCandidate = {
    index,
    providerId: first.provider.info.id,
    model: candidate.model,
    settings: candidate.settings ?? {},
    contextTokens: candidate.contextTokens,
    maxAttempts: context.maxAttemptsPerCandidate ?? 3,
    routes,
    account: accounts.length === 1 ? first.account : hashOf(accounts.map(({ account }) => account)),
  }
  routes.push(...accounts.map((account) => ({ candidate: resolved, ...account })))
  return resolved
}

type Account = Pick<Route, 'provider' | 'account'>

function accountsOf(candidate: Candidate, path: string, cooldowns: CooldownStore): Account[] {
  const { keys, provider } = candidate
  if (keys === undefined) {
    if (typeof provider === 'function') throw invalidOption(`${path}.provider is a function, which needs keys`)
    checkProvider(provider, `${path}.provider`)
    return [{ provider, account: cooldowns.accountOf(provider) }]
  }
  if (typeof provider !== 'function') {
    throw invalidOption(`${path} has keys, so its provider must be a function of the key`)
  }
  checkKeys(keys, path)
  const accounts = keys.map((key, index) => {
    const made = provider(key)
    checkProvider(made, `${path}.provider for keys[${index}]`)
    return { provider: made, account: hashOf([made.info.id, key]) }
  })
  const ids = new Set(accounts.map(({ provider: made }) => made.info.id))
  if (ids.size > 1) throw invalidOption(`${path} makes providers of different names: ${[...ids].join(', ')}`)
  return accounts
}

function checkKeys(keys: readonly string[], path: string): void {
  if (!Array.isArray(keys)) throw invalidOption(`${path}.keys is ${describe(keys)}, not a list`)
  for (const [index, key] of keys.entries()) {
    if (typeof key !== 'string' || key.trim() === '') throw invalidOption(`${path}.keys[${index}] is no key`)
    const earlier = keys.indexOf(key)
    if (earlier < index) throw invalidOption(`${path}.keys[${index}] is the same as keys[${earlier}]`)
  }
}

function checkProvider(provider: unknown, path: string): asserts provider is Provider {
  const isProvider =
    typeof provider === 'object' &&
    provider !== null &&
    typeof Reflect.get(provider, 'stream') === 'function' &&
    typeof Reflect.get(provider, 'info') === 'object'
  if (!isProvider) throw invalidOption(`${path} is ${describe(provider)}, not a provider`)
}

/** Asking the same key for the same model under another heading is a retry, which has limits of its own. */
function checkDistinct(candidates: readonly ResolvedCandidate[]): void {
  const seen = new Map<string, number>()
  for (const { index, model, routes } of candidates) {
    for (const { account } of routes) {
      const name = JSON.stringify([account, model ?? null])
      const earlier = seen.get(name)
      if (earlier !== undefined) {
        throw invalidOption(`candidates[${index}] asks the same provider for the same model as candidates[${earlier}]`)
      }
      seen.set(name, index)
    }
  }
}

/** A short name for what must not be shown; the vendor is part of it, so that two vendors with one key differ. */
function hashOf(parts: readonly string[]): string {
  return toHex(blake3(utf8Encode(JSON.stringify(parts)))).slice(0, HASH_DIGITS)
}
