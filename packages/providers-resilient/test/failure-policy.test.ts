import type { ProviderError } from '@starling/provider'
import { describe, expect, test } from 'vitest'
import { failure } from './support/calls.ts'
import { classOf, ruleFor, verdictOf } from '../src/failure-classes.ts'
import {
  DEFAULT_POLICY,
  FAILURE_ACTIONS,
  type FailurePolicy,
  isFailureCode,
  resolvePolicy,
  specialRules,
} from '../src/failure-policy.ts'

describe('the policy', () => {
  test('is by default what the guide says', () => {
    const table = Object.entries(DEFAULT_POLICY).map(([code, { actions, cooldownMs }]) => {
      return `${code} ${actions.join(' ') || 'fail'} ${cooldownMs}`
    })
    expect(table).toEqual([
      'PROVIDER_AUTH rotate fallback 600000',
      'PROVIDER_BILLING rotate fallback 600000',
      'PROVIDER_RATE_LIMIT rotate fallback wait 10000',
      'PROVIDER_OVERLOADED retry fallback wait 0',
      'PROVIDER_SERVER retry fallback wait 0',
      'PROVIDER_NETWORK retry fallback wait 0',
      'PROVIDER_TIMEOUT retry fallback wait 0',
      'PROVIDER_INVALID_STREAM retry fallback wait 0',
      'PROVIDER_CONTEXT_OVERFLOW fallback 0',
      'PROVIDER_CONTENT_FILTER fail 0',
      'PROVIDER_REJECTED fail 0',
      'PROVIDER_INVALID_OPTIONS fail 0',
    ])
  })

  test('keeps the default of what is left out', () => {
    expect(resolvePolicy()).toEqual(DEFAULT_POLICY)
    const policy = resolvePolicy({
      PROVIDER_SERVER: { cooldownMs: 5 },
      PROVIDER_AUTH: { actions: [] },
      PROVIDER_REJECTED: undefined,
    })
    expect(policy).toEqual({
      ...DEFAULT_POLICY,
      PROVIDER_SERVER: { actions: ['retry', 'fallback', 'wait'], cooldownMs: 5 },
      PROVIDER_AUTH: { actions: [], cooldownMs: 600_000 },
    })
  })

  test('names only actions that there are', () => {
    for (const { actions } of Object.values(DEFAULT_POLICY)) {
      for (const action of actions) expect(FAILURE_ACTIONS).toContain(action)
    }
  })
})

describe('the rule for a failure', () => {
  test.each([404, 410])('is a fallback for a model that is not there: %i', (status) => {
    const gone = failure('PROVIDER_REJECTED', { status })
    expect(ruleOf(gone)).toEqual({ actions: ['fallback'], cooldownMs: 0 })
    expect(ruleOf(gone, { PROVIDER_REJECTED: { actions: [] } })).toEqual({ actions: [], cooldownMs: 0 })
    expect(ruleOf(failure('PROVIDER_REJECTED', { status: 400 }))).toEqual(DEFAULT_POLICY.PROVIDER_REJECTED)
  })

  test('has no rest for a key that may not do this one thing, unless the policy has one', () => {
    const forbidden = failure('PROVIDER_AUTH', { status: 403 })
    expect(ruleOf(forbidden)).toEqual({ actions: ['rotate', 'fallback'], cooldownMs: 0 })
    expect(ruleOf(forbidden, { PROVIDER_AUTH: { actions: ['fallback'] } })).toEqual({
      actions: ['fallback'],
      cooldownMs: 0,
    })
    expect(ruleOf(forbidden, { PROVIDER_AUTH: { cooldownMs: 50 } })).toMatchObject({ cooldownMs: 50 })
    for (const status of [401, undefined]) {
      expect(ruleOf(failure('PROVIDER_AUTH', { status }))).toEqual(DEFAULT_POLICY.PROVIDER_AUTH)
    }
  })

  test('lets others answer what a fallback cannot be asked, unless the policy says otherwise', () => {
    const misfit = failure('PROVIDER_INVALID_OPTIONS')
    expect(ruleOf(misfit, {}, false)).toEqual({ actions: ['fallback', 'wait'], cooldownMs: 0 })
    expect(ruleOf(misfit, {}, true)).toEqual(DEFAULT_POLICY.PROVIDER_INVALID_OPTIONS)
    const strict: FailurePolicy = { PROVIDER_INVALID_OPTIONS: { actions: [] } }
    expect(ruleOf(misfit, strict, false)).toEqual({ actions: [], cooldownMs: 0 })
  })

  test('is that of its class for all others', () => {
    for (const code of Object.keys(DEFAULT_POLICY).filter((name) => isFailureCode(name))) {
      expect(ruleOf(failure(code, { status: 500 }))).toEqual(DEFAULT_POLICY[code])
    }
  })
})

describe('the class of a failure', () => {
  test('is its code', () => {
    expect(classOf(failure('PROVIDER_BILLING'))).toBe('PROVIDER_BILLING')
  })

  test('that is not known is a refusal', () => {
    expect(classOf(Object.assign(failure('PROVIDER_SERVER'), { code: 'PROVIDER_NEW' }))).toBe('PROVIDER_REJECTED')
    expect(isFailureCode('toString')).toBe(false)
  })

  test('says whether the vendor works', () => {
    const table = Object.keys(DEFAULT_POLICY)
      .filter((code) => isFailureCode(code))
      .map((code) => `${code.slice(9)} ${verdictOf(code)}`)
    expect(table).toEqual([
      'AUTH unknown',
      'BILLING works',
      'RATE_LIMIT works',
      'OVERLOADED broken',
      'SERVER broken',
      'NETWORK broken',
      'TIMEOUT broken',
      'INVALID_STREAM broken',
      'CONTEXT_OVERFLOW works',
      'CONTENT_FILTER works',
      'REJECTED works',
      'INVALID_OPTIONS unknown',
    ])
  })
})

function ruleOf(error: ProviderError, policy: FailurePolicy = {}, isPrimary = true) {
  return ruleFor(error, { policy: resolvePolicy(policy), special: specialRules(policy), isPrimary })
}
