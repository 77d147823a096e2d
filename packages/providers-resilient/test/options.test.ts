import { createScriptedProvider } from '@starling/provider/scripted'
import { capabilitiesFor, type Provider, type ProviderCapabilities } from '@starling/provider'
import { describe, expect, test } from 'vitest'
import { createResilientProvider, type ResilientProviderOptions } from '../src/index.ts'
import { outcomeOf, REQUEST } from './support/calls.ts'

const PROVIDER = createScriptedProvider({ id: 'primary', turns: [] })
const make = (): Provider => createScriptedProvider({ id: 'keyed', turns: [] })

describe('options that cannot work are refused by name', () => {
  test.each<[string, unknown, string]>([
    ['no options', undefined, 'the options is a value of the type undefined, not an object'],
    ['no candidates', {}, 'candidates is empty, expected at least the primary'],
    ['an empty list', { candidates: [] }, 'candidates is empty, expected at least the primary'],
    [
      'an unknown option',
      { candidates: [{ provider: PROVIDER }], retries: 3 },
      'unknown option "retries" in the options: known are candidates, policy, attempts, timeouts, breaker, maxCooldownMs, cooldowns, now',
    ],
    [
      'an unknown option of a candidate',
      { candidates: [{ provider: PROVIDER, apiKey: 'k' }] },
      'unknown option "apiKey" in candidates[0]: known are provider, keys, model, settings, contextTokens',
    ],
    ['a candidate that is none', { candidates: [null] }, 'candidates[0] is null, not an object'],
    [
      'a candidate without a provider',
      { candidates: [{ provider: PROVIDER }, { model: 'm' }] },
      'candidates[1].provider is a value of the type undefined, not a provider',
    ],
    [
      'a factory without keys',
      { candidates: [{ provider: make }] },
      'candidates[0].provider is a function, which needs keys',
    ],
    [
      'keys without a factory',
      { candidates: [{ provider: PROVIDER, keys: ['k'] }] },
      'candidates[0] has keys, so its provider must be a function of the key',
    ],
    ['no keys', { candidates: [{ provider: make, keys: [] }] }, 'candidates[0].keys is empty'],
    [
      'keys that are no list',
      { candidates: [{ provider: make, keys: 'secret' }] },
      'candidates[0].keys is a value of the type string, not a list',
    ],
    ['an empty key', { candidates: [{ provider: make, keys: ['a', ' '] }] }, 'candidates[0].keys[1] is no key'],
    [
      'a key that is missing from the environment',
      { candidates: [{ provider: make, keys: [undefined] }] },
      'candidates[0].keys[0] is no key',
    ],
    [
      'the same key twice',
      { candidates: [{ provider: make, keys: ['secret', 'b', 'secret'] }] },
      'candidates[0].keys[2] is the same as keys[0]',
    ],
    [
      'a factory that makes something else',
      { candidates: [{ provider: () => 'secret', keys: ['secret'] }] },
      'candidates[0].provider for keys[0] is a value of the type string, not a provider',
    ],
    [
      'a factory that makes providers of different names',
      { candidates: [{ provider: (key: string) => createScriptedProvider({ id: key, turns: [] }), keys: ['a', 'b'] }] },
      'candidates[0] makes providers of different names: a, b',
    ],
    [
      'the same provider and model twice',
      { candidates: [{ provider: PROVIDER }, { provider: make, keys: ['a'] }, { provider: PROVIDER }] },
      'candidates[2] asks the same provider for the same model as candidates[0]',
    ],
    [
      'the same key and model twice',
      {
        candidates: [
          { provider: make, keys: ['a', 'b'] },
          { provider: make, keys: ['c', 'b'] },
        ],
      },
      'candidates[1] asks the same provider for the same model as candidates[0]',
    ],
    ['an empty model', { candidates: [{ provider: PROVIDER, model: '' }] }, 'candidates[0].model is empty'],
    [
      'a setting that a candidate cannot have',
      { candidates: [{ provider: PROVIDER, settings: { messages: [] } }] },
      'unknown option "messages" in candidates[0].settings: known are toolChoice, stopSequences, topK, maxOutputTokens, temperature, topP, seed, reasoningEffort, responseFormat, parallelToolCalls, cache, params',
    ],
    [
      'a context of half a token',
      { candidates: [{ provider: PROVIDER, contextTokens: 0.5 }] },
      'candidates[0].contextTokens is 0.5, expected a whole number from 1',
    ],
  ])('%s', (_what, options, message) => {
    expectRefused(options, message)
  })

  test.each<[string, unknown, string]>([
    ['no attempts', { attempts: { maxAttempts: 0 } }, 'attempts.maxAttempts is 0, expected a whole number from 1'],
    [
      'half an attempt',
      { attempts: { maxAttemptsPerCandidate: 1.5 } },
      'attempts.maxAttemptsPerCandidate is 1.5, expected a whole number from 1',
    ],
    [
      'more for one candidate than for all',
      { attempts: { maxAttempts: 2, maxAttemptsPerCandidate: 3 } },
      'attempts.maxAttemptsPerCandidate 3 is more than attempts.maxAttempts 2',
    ],
    [
      'a first delay beyond the longest',
      { attempts: { initialDelayMs: 2000, maxDelayMs: 1000 } },
      'attempts.initialDelayMs 2000 is more than attempts.maxDelayMs 1000',
    ],
    [
      'a delay before now',
      { attempts: { maxDelayMs: -1 } },
      'attempts.maxDelayMs is -1, expected milliseconds from 0 to 2147483647',
    ],
    [
      'an endless delay',
      { attempts: { maxDelayMs: Infinity } },
      'attempts.maxDelayMs is Infinity, expected milliseconds from 0 to 2147483647',
    ],
    ['an unknown cap', { attempts: { max: 1 } }, 'unknown option "max" in attempts: did you mean "maxAttempts"?'],
    [
      'an unknown timeout',
      { timeouts: { totalMs: 1 } },
      'unknown option "totalMs" in timeouts: known are firstChunkMs, betweenChunksMs',
    ],
    [
      'a timeout that is no time',
      { timeouts: { firstChunkMs: NaN } },
      'timeouts.firstChunkMs is NaN, expected milliseconds from 0 to 2147483647',
    ],
    [
      'a timeout that is a text',
      { timeouts: { betweenChunksMs: '5s' } },
      'timeouts.betweenChunksMs is a value of the type string, expected milliseconds from 0 to 2147483647',
    ],
    [
      'an unknown option of the breaker',
      { breaker: { threshold: 5 } },
      'unknown option "threshold" in breaker: did you mean "failureThreshold"?',
    ],
    [
      'a breaker that is always open',
      { breaker: { failureThreshold: 0 } },
      'breaker.failureThreshold is 0, expected a whole number from 1',
    ],
    ['a breaker that is switched on', { breaker: true }, 'breaker is a value of the type boolean, not an object'],
    [
      'an unknown class of failures',
      { policy: { PROVIDER_SLOW: { actions: [] } } },
      'unknown option "PROVIDER_SLOW" in policy: known are PROVIDER_AUTH, PROVIDER_BILLING, PROVIDER_RATE_LIMIT, PROVIDER_OVERLOADED, PROVIDER_SERVER, PROVIDER_NETWORK, PROVIDER_TIMEOUT, PROVIDER_INVALID_STREAM, PROVIDER_CONTEXT_OVERFLOW, PROVIDER_CONTENT_FILTER, PROVIDER_REJECTED, PROVIDER_INVALID_OPTIONS',
    ],
    [
      'an unknown action',
      { policy: { PROVIDER_AUTH: { actions: ['rotate', 'pray'] } } },
      'unknown action "pray" in policy.PROVIDER_AUTH.actions: known are retry, rotate, fallback, wait',
    ],
    [
      'an action instead of a rule',
      { policy: { PROVIDER_AUTH: 'fail' } },
      'policy.PROVIDER_AUTH is a value of the type string, not an object',
    ],
    [
      'an unknown part of a rule',
      { policy: { PROVIDER_AUTH: { action: 'fail' } } },
      'unknown option "action" in policy.PROVIDER_AUTH: did you mean "actions"?',
    ],
    [
      'a cooldown beyond the longest',
      { policy: { PROVIDER_AUTH: { cooldownMs: 5000 } }, maxCooldownMs: 1000 },
      'policy.PROVIDER_AUTH.cooldownMs 5000 is more than maxCooldownMs 1000',
    ],
    ['cooldowns of one’s own making', { cooldowns: new Map() }, 'cooldowns was not made by createCooldowns'],
    ['a time instead of a clock', { now: 0 }, 'now is 0, not a function'],
    [
      'a timeout that no timer can take',
      { timeouts: { firstChunkMs: 2 ** 31 } },
      'timeouts.firstChunkMs is 2147483648, expected milliseconds from 0 to 2147483647',
    ],
    [
      'an endless cooldown',
      { maxCooldownMs: Infinity },
      'maxCooldownMs is Infinity, expected milliseconds from 0 to 2147483647',
    ],
  ])('%s', (_what, options, message) => {
    expectRefused({ candidates: [{ provider: PROVIDER }], ...Object(options) }, message)
  })

  test('a key never shows in what is refused', () => {
    const keys = ['secret-key', 'secret-key']
    expect(() => createResilientProvider({ candidates: [{ provider: make, keys }] })).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('secret') }),
    )
  })
})

describe('options that work', () => {
  test('are the shortest', () => {
    expect(createResilientProvider({ candidates: [{ provider: PROVIDER }] }).info.id).toBe('primary')
  })

  test('may be left undefined', () => {
    const options: ResilientProviderOptions = {
      candidates: [{ provider: PROVIDER, keys: undefined, model: undefined, settings: undefined }],
      policy: undefined,
      attempts: undefined,
      timeouts: undefined,
      breaker: undefined,
      cooldowns: undefined,
      now: undefined,
    }
    expect(createResilientProvider(options).info.id).toBe('primary')
  })

  test('may name the same provider for another model', () => {
    const candidates = [{ provider: PROVIDER }, { provider: PROVIDER, model: 'smaller' }]
    expect(() => createResilientProvider({ candidates })).not.toThrow()
  })

  test('may use one key with two vendors', () => {
    const other = (): Provider => createScriptedProvider({ id: 'other', turns: [] })
    const candidates = [
      { provider: make, keys: ['a'] },
      { provider: other, keys: ['a'] },
    ]
    expect(() => createResilientProvider({ candidates })).not.toThrow()
  })

  test('may allow no delay at all', () => {
    const candidates = [{ provider: PROVIDER }]
    expect(() => createResilientProvider({ candidates, attempts: { maxDelayMs: 0 } })).not.toThrow()
  })

  test('make one provider for each key, at once and never again', () => {
    const keys: string[] = []
    createResilientProvider({
      candidates: [
        {
          keys: ['a', 'b'],
          provider: (key) => {
            keys.push(key)
            return createScriptedProvider({ turns: [] })
          },
        },
      ],
    })
    expect(keys).toEqual(['a', 'b'])
  })
})

describe('the capabilities', () => {
  test('are what every candidate can do', () => {
    const { capabilities } = createResilientProvider({
      candidates: [
        { provider: able({ tools: true, seed: true, images: true, reasoning: true }) },
        { provider: able({ tools: true, seed: false, images: true }) },
      ],
    })
    expect(capabilities).toEqual({ tools: true, images: true })
  })

  test('include a setting that a candidate is asked without', () => {
    const { capabilities } = createResilientProvider({
      candidates: [
        { provider: able({ seed: true, schemaFormat: true, topK: true }) },
        { provider: able({}), settings: { seed: undefined, responseFormat: undefined } },
      ],
    })
    expect(capabilities).toEqual({ seed: true, schemaFormat: true })
  })

  test('of one candidate are its own', () => {
    const { capabilities } = createResilientProvider({ candidates: [{ provider: PROVIDER }] })
    expect(capabilities).toEqual(PROVIDER.capabilities)
  })

  test('with one model are what every candidate can do with the model that it would ask', () => {
    const provider = createResilientProvider({
      candidates: [
        { provider: able({ seed: true, images: true }, { old: { images: true } }) },
        { provider: able({ seed: true, images: true, topK: true }, { small: { seed: true } }), model: 'small' },
      ],
    })
    expect(provider.capabilities).toEqual({ seed: true })
    expect(capabilitiesFor(provider, 'new')).toEqual({ seed: true })
    expect(capabilitiesFor(provider, 'old')).toEqual({})
  })

  test('leave out tools beside a format where one candidate does, unless it is asked for none', () => {
    const both = { tools: true, jsonFormat: true }
    const candidates = [
      { provider: able(both, { strict: { ...both, formatExcludesTools: true } }) },
      { provider: able({ ...both, formatExcludesTools: true }), settings: { responseFormat: undefined } },
    ]
    const provider = createResilientProvider({ candidates })
    expect(capabilitiesFor(provider, 'lax')).toEqual(both)
    expect(capabilitiesFor(provider, 'strict')).toEqual({ ...both, formatExcludesTools: true })
  })

  test('of a model decide what is refused before anything is sent', async () => {
    const provider = createResilientProvider({
      candidates: [
        { provider: able({ seed: true }) },
        { provider: able({ seed: true }, { 'model-b': {} }), model: 'model-b' },
      ],
    })
    const { error, chunks } = await outcomeOf(provider.stream({ ...REQUEST, seed: 1 }))
    expect(error).toMatchObject({
      code: 'PROVIDER_INVALID_OPTIONS',
      message: expect.stringContaining('with the model "model-b" cannot do seed'),
    })
    expect(chunks).toEqual([])
  })
})

function expectRefused(options: unknown, message: string): void {
  // What a program without types may pass.
  expect(() => createResilientProvider(options as ResilientProviderOptions)).toThrow(
    expect.objectContaining({ code: 'PROVIDER_INVALID_OPTIONS', message, retryable: false }),
  )
}

/** A provider that can this, and with some of its models that. */
function able(
  capabilities: ProviderCapabilities,
  byModel: Readonly<Record<string, ProviderCapabilities>> = {},
): Provider {
  const scripted = createScriptedProvider({ turns: [], capabilities })
  return {
    info: scripted.info,
    capabilities,
    capabilitiesOf: (model) => byModel[model] ?? capabilities,
    stream: (request, options) => scripted.stream(request, options),
  }
}
