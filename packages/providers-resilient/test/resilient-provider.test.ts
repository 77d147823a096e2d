import type { Provider } from '@starling/provider'
import { createScriptedProvider, type ScriptedProvider, type ScriptedTurn } from '@starling/provider/scripted'
import { describe, expect, test } from 'vitest'
import { createCooldowns, createResilientProvider, type ResilientProviderOptions } from '../src/index.ts'
import { failure, fails, outcomeOf, REQUEST, type Outcome } from './support/calls.ts'
import { createFakeTime, type FakeTime } from './support/fake-time.ts'

const ANSWER: ScriptedTurn = { text: 'fine' }

describe('an answer', () => {
  test('passes through as it is', async () => {
    const { call } = setUp({ candidates: [{ provider: scripted('primary', [ANSWER]) }] })
    const { chunks, error } = await call()
    expect(error).toBeUndefined()
    const direct = await outcomeOf(scripted('primary', [ANSWER]).stream(REQUEST))
    expect(chunks).toEqual(direct.chunks)
  })

  test('of the primary names nobody', async () => {
    const { call } = setUp({ candidates: [{ provider: scripted('primary', [ANSWER]), model: 'model-a' }] })
    const { end } = await call()
    expect(end).not.toHaveProperty('answeredBy')
  })

  test('of another provider names it and its model', async () => {
    const primary = scripted('primary', [fails('PROVIDER_BILLING')])
    const { call } = setUp({ candidates: [{ provider: primary }, { provider: scripted('second', [ANSWER]) }] })
    const { end } = await call()
    expect(end?.answeredBy).toEqual({ providerId: 'second', model: 'model-a' })
  })

  test('of another model of the primary names it', async () => {
    const provider = scripted('primary', [fails('PROVIDER_BILLING'), ANSWER])
    const { call } = setUp({ candidates: [{ provider }, { provider, model: 'model-b' }] })
    const { end } = await call()
    expect(end?.answeredBy).toEqual({ providerId: 'primary', model: 'model-b' })
    expect(provider.requests.map(({ model }) => model)).toEqual(['model-a', 'model-b'])
  })

  test('that somebody further down gave keeps that name', async () => {
    const inner = setUp({
      candidates: [
        { provider: scripted('middle', [fails('PROVIDER_BILLING')]) },
        { provider: scripted('innermost', [ANSWER]), model: 'model-b' },
      ],
    })
    const primary = scripted('primary', [fails('PROVIDER_AUTH')])
    const { call } = setUp({ candidates: [{ provider: primary }, { provider: inner.provider }] })
    const { end, failed } = await call()
    expect(end?.answeredBy).toEqual({ providerId: 'innermost', model: 'model-b' })
    expect(failed).toEqual(['AUTH fallback 0', 'BILLING fallback 0'])
  })

  test('counts also when nobody reads on after its end', async () => {
    const time = createFakeTime()
    const cooldowns = createCooldowns()
    const provider = scripted('primary', [fails('PROVIDER_SERVER'), ANSWER, fails('PROVIDER_SERVER'), ANSWER])
    const { provider: resilient } = setUp(
      { candidates: [{ provider }], cooldowns, breaker: { failureThreshold: 2, openMs: 1 } },
      time,
    )
    for (let calls = 0; calls < 2; calls += 1) {
      for await (const chunk of resilient.stream(REQUEST, { sleep: time.sleep })) if (chunk.type === 'end') break
    }
    expect(cooldowns.status(time.now())).toEqual([])
  })
})

describe('a failure that may pass', () => {
  test.each(['PROVIDER_OVERLOADED', 'PROVIDER_SERVER', 'PROVIDER_NETWORK', 'PROVIDER_TIMEOUT'] as const)(
    '%s is tried again after a growing delay',
    async (code) => {
      const { call, time } = setUp({
        candidates: [{ provider: scripted('primary', [fails(code), fails(code), ANSWER]) }],
        attempts: { initialDelayMs: 1000 },
      })
      const { text, failed, end } = await call({ random: () => 0.5 })
      expect(text).toBe('fine')
      expect(failed).toEqual([`${code.slice(9)} retry 750`, `${code.slice(9)} retry 1500`])
      expect(time.sleeps).toEqual([750, 1500])
      expect(end).not.toHaveProperty('answeredBy')
    },
  )

  test('takes back what it had said', async () => {
    const primary = scripted('primary', [fails('PROVIDER_SERVER', { after: ['half of ', 'an ans'] }), ANSWER])
    const { call } = setUp({ candidates: [{ provider: primary }] })
    const { chunks, text } = await call()
    expect(chunks.map(({ type }) => type)).toEqual([
      'text-delta',
      'text-delta',
      'attempt-failed',
      'text-delta',
      'usage',
      'end',
    ])
    expect(text).toBe('fine')
  })

  test('is reported with the vendor’s own error', async () => {
    const error = failure('PROVIDER_SERVER', { status: 502 })
    const primary = scripted('primary', [{ fault: { kind: 'error', error } }, ANSWER])
    const { chunks } = await setUp({ candidates: [{ provider: primary }] }).call({ random: () => 0 })
    const by = { providerId: 'primary', model: 'model-a' }
    expect(chunks[0]).toEqual({ type: 'attempt-failed', error, next: 'retry', delayMs: 250, by })
    expect(chunks[0]).toHaveProperty('error', error)
  })

  test('falls back when the candidate has had its attempts', async () => {
    const primary = scripted('primary', () => fails('PROVIDER_OVERLOADED'))
    const { call } = setUp({
      candidates: [{ provider: primary }, { provider: scripted('second', [ANSWER]) }],
      attempts: { maxAttemptsPerCandidate: 2 },
    })
    const { failed, text } = await call({ random: () => 0 })
    expect(failed).toEqual(['OVERLOADED retry 250', 'OVERLOADED fallback 0'])
    expect(text).toBe('fine')
  })

  test('that says it will not pass falls back at once', async () => {
    const primary = scripted('primary', [fails('PROVIDER_NETWORK', { retryable: false })])
    const { call } = setUp({ candidates: [{ provider: primary }, { provider: scripted('second', [ANSWER]) }] })
    expect((await call()).failed).toEqual(['NETWORK fallback 0'])
  })

  test('a cut answer is one, and so is one that breaks the protocol', async () => {
    const primary = scripted('primary', [
      { text: 'cut', fault: { kind: 'eof' } },
      { chunks: [{ type: 'tool-call-end', callId: 'never-begun' }] },
    ])
    const { call } = setUp({ candidates: [{ provider: primary }, { provider: scripted('second', [ANSWER]) }] })
    const { failed } = await call({ random: () => 0 })
    expect(failed).toEqual(['INVALID_STREAM retry 250', 'INVALID_STREAM fallback 0'])
  })

  test('waits as long as the vendor asks, and a little more', async () => {
    const primary = scripted('primary', [fails('PROVIDER_OVERLOADED', { retryAfterMs: 7000 }), ANSWER])
    const { call, time } = setUp({ candidates: [{ provider: primary }], attempts: { initialDelayMs: 100 } })
    expect((await call({ random: () => 0.5 })).text).toBe('fine')
    expect(time.sleeps).toEqual([7050])
  })

  test('is not waited for when the vendor asks for too much', async () => {
    const second = scripted('second', [ANSWER])
    const primary = scripted('primary', [fails('PROVIDER_OVERLOADED', { retryAfterMs: 30_001 })])
    const { call, time } = setUp({ candidates: [{ provider: primary }, { provider: second }] })
    expect((await call()).failed).toEqual(['OVERLOADED fallback 0'])
    expect(time.sleeps).toEqual([])
  })
})

describe('a rate limit', () => {
  test('falls back at once', async () => {
    const primary = scripted('primary', [fails('PROVIDER_RATE_LIMIT', { retryAfterMs: 2000 })])
    const { call, time } = setUp({ candidates: [{ provider: primary }, { provider: scripted('second', [ANSWER]) }] })
    expect((await call()).failed).toEqual(['RATE_LIMIT fallback 0'])
    expect(time.sleeps).toEqual([])
  })

  test('is waited for when there is nobody else', async () => {
    const primary = scripted('primary', [fails('PROVIDER_RATE_LIMIT', { retryAfterMs: 2000 }), ANSWER])
    const { call, time } = setUp({ candidates: [{ provider: primary }], attempts: { initialDelayMs: 0 } })
    expect((await call()).failed).toEqual(['RATE_LIMIT retry 2000'])
    expect(time.sleeps).toEqual([2000])
  })

  test('of everybody is waited for with whom it ends first', async () => {
    const primary = scripted('primary', [fails('PROVIDER_RATE_LIMIT', { retryAfterMs: 3000 }), ANSWER])
    const second = scripted('second', [fails('PROVIDER_RATE_LIMIT', { retryAfterMs: 9000 })])
    const { call, time } = setUp({
      candidates: [{ provider: primary }, { provider: second }],
      attempts: { initialDelayMs: 0 },
    })
    const { failed, end } = await call()
    expect(failed).toEqual(['RATE_LIMIT fallback 0', 'RATE_LIMIT fallback 3000'])
    expect(time.sleeps).toEqual([3000])
    expect(end).not.toHaveProperty('answeredBy')
  })

  test('is waited for although there is somebody else when the policy says so', async () => {
    const primary = scripted('primary', [fails('PROVIDER_RATE_LIMIT', { retryAfterMs: 2000 }), ANSWER])
    const { call } = setUp({
      candidates: [{ provider: primary }, { provider: scripted('second', [ANSWER]) }],
      policy: { PROVIDER_RATE_LIMIT: { actions: ['rotate', 'retry', 'fallback'] } },
      attempts: { initialDelayMs: 0 },
    })
    expect((await call()).failed).toEqual(['RATE_LIMIT retry 2000'])
  })

  test('that another call ran into is waited for no longer than it lasts', async () => {
    const primary = scripted('primary', [fails('PROVIDER_RATE_LIMIT', { retryAfterMs: 3000 }), ANSWER])
    const second = scripted('second', [ANSWER, fails('PROVIDER_RATE_LIMIT', { retryAfterMs: 9000 })])
    const { call, time } = setUp({
      candidates: [{ provider: primary }, { provider: second }],
      attempts: { initialDelayMs: 1000 },
    })
    await call()
    time.advance(2900)
    expect((await call({ random: () => 0 })).failed).toEqual(['RATE_LIMIT fallback 100'])
  })

  test('that lasts longer than the longest wait fails at once and says how long', async () => {
    const primary = scripted('primary', [fails('PROVIDER_RATE_LIMIT', { retryAfterMs: 86_400_000, status: 429 })])
    const { call, time } = setUp({ candidates: [{ provider: primary }] })
    const { error } = await call()
    expect(error).toMatchObject({
      code: 'PROVIDER_RATE_LIMIT',
      retryable: false,
      retryAfterMs: 86_400_000,
      status: 429,
    })
    expect(time.sleeps).toEqual([])
  })

  test('without a time holds the key back by our own guess', async () => {
    const provider = scripted('primary', [fails('PROVIDER_RATE_LIMIT'), ANSWER])
    const { call, time } = setUp({ candidates: [{ provider }], attempts: { initialDelayMs: 0 } })
    expect((await call()).failed).toEqual(['RATE_LIMIT retry 10000'])
    expect(time.sleeps).toEqual([10_000])
  })
})

describe('a failure that somebody must do something about', () => {
  test.each(['PROVIDER_AUTH', 'PROVIDER_BILLING'] as const)('%s asks nobody the same again', async (code) => {
    const primary = scripted('primary', () => fails(code))
    const { call } = setUp({ candidates: [{ provider: primary }] })
    expect((await call()).error).toMatchObject({ code, retryable: false, message: expect.stringMatching(/^scripted/) })
    expect(primary.requests).toHaveLength(1)
  })

  test.each(['PROVIDER_REJECTED', 'PROVIDER_INVALID_OPTIONS', 'PROVIDER_CONTENT_FILTER'] as const)(
    '%s fails at once, also with a fallback',
    async (code) => {
      const error = failure(code)
      const primary = scripted('primary', [{ fault: { kind: 'error', error } }])
      const second = scripted('second', [ANSWER])
      const { call } = setUp({ candidates: [{ provider: primary }, { provider: second }] })
      const outcome = await call()
      expect(outcome.error).toBe(error)
      expect(outcome.chunks).toEqual([])
      expect(second.requests).toEqual([])
    },
  )

  test('a filtered request falls back when the policy says so', async () => {
    const primary = scripted('primary', [fails('PROVIDER_CONTENT_FILTER')])
    const { call } = setUp({
      candidates: [{ provider: primary }, { provider: scripted('second', [ANSWER]) }],
      policy: { PROVIDER_CONTENT_FILTER: { actions: ['fallback'] } },
    })
    expect((await call()).failed).toEqual(['CONTENT_FILTER fallback 0'])
  })

  test('a failure of a class from the future is a refusal', async () => {
    const error = Object.assign(failure('PROVIDER_REJECTED', { retryable: true }), { code: 'PROVIDER_NEW' })
    const primary = scripted('primary', [{ fault: { kind: 'error', error } }, ANSWER])
    const { call } = setUp({ candidates: [{ provider: primary }, { provider: scripted('second', [ANSWER]) }] })
    expect((await call()).error).toMatchObject({ code: 'PROVIDER_NEW', retryable: false, cause: error })
  })
})

describe('a conversation that is too long', () => {
  test('goes to the first candidate that is marked as taking more', async () => {
    const small = scripted('small', [ANSWER])
    const { call } = setUp({
      candidates: [
        { provider: scripted('primary', [fails('PROVIDER_CONTEXT_OVERFLOW')]), contextTokens: 100_000 },
        { provider: small, contextTokens: 100_000 },
        { provider: scripted('unmarked', [ANSWER]) },
        { provider: scripted('large', [ANSWER]), contextTokens: 1_000_000 },
      ],
    })
    const { failed, end } = await call()
    expect(failed).toEqual(['CONTEXT_OVERFLOW fallback 0'])
    expect(end?.answeredBy?.providerId).toBe('large')
    expect(small.requests).toEqual([])
  })

  test('never comes back to a smaller one in the same call', async () => {
    const large = scripted('large', [fails('PROVIDER_BILLING')])
    const { call } = setUp({
      candidates: [
        { provider: scripted('primary', [fails('PROVIDER_CONTEXT_OVERFLOW')]) },
        { provider: scripted('small', [ANSWER]) },
        { provider: large, contextTokens: 1_000_000 },
      ],
    })
    expect((await call()).error).toMatchObject({ code: 'PROVIDER_BILLING' })
  })

  test('fails when nobody is marked', async () => {
    const { call } = setUp({
      candidates: [
        { provider: scripted('primary', [fails('PROVIDER_CONTEXT_OVERFLOW')]) },
        { provider: scripted('second', [ANSWER]) },
      ],
    })
    expect((await call()).error).toMatchObject({ code: 'PROVIDER_CONTEXT_OVERFLOW', retryable: false })
  })
})

describe('the caps', () => {
  test('of one call hold over all candidates', async () => {
    const always = (id: string): ScriptedProvider => scripted(id, () => fails('PROVIDER_SERVER'))
    const providers = [always('primary'), always('second'), always('third')]
    const { call } = setUp({
      candidates: providers.map((provider) => ({ provider })),
      attempts: { maxAttempts: 4, maxAttemptsPerCandidate: 3 },
      breaker: false,
    })
    const { failed, error } = await call()
    expect(failed).toHaveLength(3)
    expect(providers.map(({ requests }) => requests.length)).toEqual([3, 1, 0])
    expect(error).toMatchObject({ message: 'scripted server (the last of 4 attempts)', retryable: false })
  })

  test('of one attempt in all leave everything as it is', async () => {
    const primary = scripted('primary', [fails('PROVIDER_SERVER', { status: 500 })])
    const { call } = setUp({ candidates: [{ provider: primary }], attempts: { maxAttempts: 1 } })
    const { chunks, error } = await call()
    expect(chunks).toEqual([])
    expect(error).toMatchObject({ code: 'PROVIDER_SERVER', status: 500, message: 'scripted server', retryable: false })
    expect(error).toHaveProperty('cause', expect.objectContaining({ retryable: true }))
  })

  test('by default are three attempts with one key', async () => {
    const primary = scripted('primary', () => fails('PROVIDER_SERVER'))
    await setUp({ candidates: [{ provider: primary }] }).call()
    expect(primary.requests).toHaveLength(3)
  })

  test('of the delay hold however many attempts there are', async () => {
    const { call, time } = setUp({
      candidates: [{ provider: scripted('primary', () => fails('PROVIDER_SERVER')) }],
      attempts: { maxAttempts: 8, maxAttemptsPerCandidate: 8, initialDelayMs: 100, maxDelayMs: 1000 },
      breaker: false,
    })
    await call({ random: () => 0.999999 })
    expect(time.sleeps).toEqual([100, 200, 400, 800, 1000, 1000, 1000])
  })
})

describe('a failed attempt', () => {
  test('is followed by nothing until the next chunk is asked for', async () => {
    const primary = scripted('primary', [fails('PROVIDER_SERVER'), ANSWER])
    const { provider, time } = setUp({ candidates: [{ provider: primary }] })
    const chunks = provider.stream(REQUEST, { sleep: time.sleep })[Symbol.asyncIterator]()
    expect((await chunks.next()).value).toMatchObject({ type: 'attempt-failed' })
    expect(primary.requests).toHaveLength(1)
    expect(primary.activeCalls).toBe(0)
    expect(time.sleeps).toEqual([])
    expect((await chunks.next()).value).toMatchObject({ type: 'text-delta' })
    expect(primary.requests).toHaveLength(2)
    await chunks.return?.()
  })

  test('is the last one when the call is left there', async () => {
    const primary = scripted('primary', [fails('PROVIDER_SERVER'), ANSWER])
    const { provider } = setUp({ candidates: [{ provider: primary }] })
    for await (const chunk of provider.stream(REQUEST)) if (chunk.type === 'attempt-failed') break
    expect(primary.requests).toHaveLength(1)
  })
})

describe('what is not a failure of a vendor', () => {
  test('an error of another kind passes untouched', async () => {
    const bug = new TypeError('a bug')
    const primary = scripted('primary', [{ fault: { kind: 'error', error: bug } }, ANSWER])
    const { call } = setUp({ candidates: [{ provider: primary }] })
    expect((await call()).error).toBe(bug)
    expect(primary.requests).toHaveLength(1)
  })

  test('a provider that throws before it streams is treated like one that rejects', async () => {
    const primary: Provider = {
      info: { id: 'primary', apiVersion: 'v0' },
      capabilities: {},
      stream: () => {
        throw failure('PROVIDER_BILLING')
      },
    }
    const { call } = setUp({ candidates: [{ provider: primary }, { provider: scripted('second', [ANSWER]) }] })
    expect((await call()).failed).toEqual(['BILLING fallback 0'])
  })

  test('what goes wrong after the end is not tried again', async () => {
    const primary = scripted('primary', [
      { chunks: [endChunk(), { type: 'text-delta', text: 'more' }] },
      { chunks: [endChunk()], fault: { kind: 'error', afterChunks: 1 } },
    ])
    const { call } = setUp({ candidates: [{ provider: primary }, { provider: scripted('second', [ANSWER]) }] })
    const first = await call()
    expect(first.chunks.map(({ type }) => type)).toEqual(['end'])
    expect(first.error).toMatchObject({ code: 'PROVIDER_INVALID_STREAM', retryable: false })
    const second = await call()
    expect(second.chunks.map(({ type }) => type)).toEqual(['end'])
    expect(second.error).toMatchObject({ code: 'PROVIDER_SERVER', retryable: false })
  })
})

describe('a request', () => {
  test('reaches every candidate with its own model and settings', async () => {
    const primary = scripted('primary', [fails('PROVIDER_BILLING')])
    const second = scripted('second', [ANSWER])
    const { provider } = setUp({
      candidates: [
        { provider: primary },
        { provider: second, model: 'model-b', settings: { params: { other: 1 }, seed: undefined, topK: 3 } },
      ],
    })
    const request = { ...REQUEST, params: { mine: 1 }, seed: 7, temperature: 0 }
    await outcomeOf(provider.stream(Object.freeze(request)))
    expect(primary.requests).toEqual([request])
    expect(second.requests).toEqual([{ ...request, model: 'model-b', params: { other: 1 }, seed: undefined, topK: 3 }])
  })

  test('that a fallback could not answer is refused before anything is sent', async () => {
    const primary = scripted('primary', [ANSWER])
    const second = createScriptedProvider({ turns: [], id: 'second', capabilities: { tools: true } })
    const { provider } = setUp({ candidates: [{ provider: primary }, { provider: second }] })
    const { error } = await outcomeOf(provider.stream({ ...REQUEST, seed: 7 }))
    expect(error).toMatchObject({
      code: 'PROVIDER_INVALID_OPTIONS',
      message: 'the provider "second" cannot do seed',
    })
    expect(primary.requests).toEqual([])
  })

  test('that a fallback answers without the setting is sent', async () => {
    const second = createScriptedProvider({ turns: [ANSWER], id: 'second', capabilities: {} })
    const { provider } = setUp({
      candidates: [
        { provider: scripted('primary', [fails('PROVIDER_BILLING')]) },
        { provider: second, settings: { seed: undefined } },
      ],
    })
    expect((await outcomeOf(provider.stream({ ...REQUEST, seed: 7 }))).text).toBe('fine')
  })

  test('takes what only its author understands out of the answers of others', async () => {
    const primary = scripted('primary', [fails('PROVIDER_BILLING')])
    const second = scripted('second', [ANSWER])
    const { provider } = setUp({ candidates: [{ provider: primary }, { provider: second }] })
    const signature = Uint8Array.of(1)
    const mine = { role: 'assistant', content: 'm', toolUses: [], reasoning: [{ text: 'r', signature }] } as const
    const theirs = { ...mine, providerId: 'second', model: 'model-a' }
    await outcomeOf(provider.stream({ ...REQUEST, messages: [mine, theirs] }))
    const plain = { role: 'assistant', content: 'm', toolUses: [], reasoning: [{ text: 'r' }] }
    expect(primary.requests[0]?.messages).toEqual([mine, { ...plain, providerId: 'second', model: 'model-a' }])
    expect(second.requests[0]?.messages).toEqual([{ ...plain, providerId: 'primary', model: 'model-a' }, mine])
  })

  test('takes what only its author understands out of the answers of another model of the same provider', async () => {
    const primary = scripted('vendor', [fails('PROVIDER_BILLING')])
    const second = scripted('vendor', [ANSWER])
    const { provider } = setUp({ candidates: [{ provider: primary }, { provider: second, model: 'model-b' }] })
    const mine = { role: 'assistant', content: 'm', toolUses: [], parts: [{ type: 'opaque', data: '{}' }] } as const
    const theirs = { ...mine, providerId: 'vendor', model: 'model-b' }
    await outcomeOf(provider.stream({ ...REQUEST, messages: [mine, theirs] }))
    const plain = { role: 'assistant', content: 'm', toolUses: [], parts: [] }
    expect(primary.requests[0]?.messages).toEqual([mine, { ...plain, providerId: 'vendor', model: 'model-b' }])
    expect(second.requests[0]?.messages).toEqual([{ ...plain, providerId: 'vendor', model: 'model-a' }, mine])
  })
})

describe('randomness', () => {
  test('comes from the call', async () => {
    const primary = scripted('primary', [fails('PROVIDER_SERVER'), ANSWER])
    let draws = 0
    const random = (): number => {
      draws += 1
      return 0
    }
    await setUp({ candidates: [{ provider: primary }] }).call({ random })
    expect(draws).toBe(1)
  })

  test('is not drawn where nothing waits', async () => {
    const random = (): number => {
      throw new RangeError('drawn')
    }
    const primary = scripted('primary', [fails('PROVIDER_AUTH')])
    const { call } = setUp({ candidates: [{ provider: primary }, { provider: scripted('second', [ANSWER]) }] })
    expect((await call({ random })).text).toBe('fine')
  })

  test('without the run’s own still spreads the retries', async () => {
    const primary = scripted('primary', [fails('PROVIDER_SERVER'), ANSWER])
    const { provider, time } = setUp({ candidates: [{ provider: primary }] })
    await outcomeOf(provider.stream(REQUEST, { sleep: time.sleep }))
    expect(time.sleeps).toHaveLength(1)
    expect(time.sleeps[0]).toBeGreaterThanOrEqual(250)
    expect(time.sleeps[0]).toBeLessThanOrEqual(500)
  })
})

test('its name is the primary’s', () => {
  const primary = createScriptedProvider({ turns: [], id: 'primary', apiVersion: 'v7' })
  const { provider } = setUp({ candidates: [{ provider: primary }, { provider: scripted('second', []) }] })
  expect(provider.info).toEqual({ id: 'primary', apiVersion: 'v7' })
})

function setUp(options: ResilientProviderOptions, time: FakeTime = createFakeTime()) {
  const provider = createResilientProvider({ cooldowns: createCooldowns(), now: time.now, ...options })
  const call = ({ random = () => 0.5 }: { readonly random?: () => number } = {}): Promise<Outcome> =>
    outcomeOf(provider.stream(REQUEST, { sleep: time.sleep, random }))
  return { provider, time, call }
}

function scripted(id: string, turns: Parameters<typeof createScriptedProvider>[0]['turns']): ScriptedProvider {
  return createScriptedProvider({ id, turns })
}

function endChunk() {
  return { type: 'end', stopReason: 'stop', rawStopReason: '', rawResponseHash: null } as const
}
