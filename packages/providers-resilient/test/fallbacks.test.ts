import type { ModelRequest, Provider } from '@starling/provider'
import { openLoopbackServer, respondWith, type LoopbackServer, type Respond } from '@starling/provider-http/conformance'
import {
  createCompatibleProvider,
  createOpenAIProvider,
  createOpenAIResponsesProvider,
} from '@starling/providers-openai'
import { createScriptedProvider, type ScriptedProvider } from '@starling/provider/scripted'
import { describe, expect, test } from 'vitest'
import { createCooldowns, type FailurePolicy } from '../src/index.ts'
import { failure, fails, REQUEST } from './support/calls.ts'
import { answers, at, callAll, CLOCK_MS, openVendor } from './support/loopback.ts'

const KEYS = ['sk-loopback-key-one', 'sk-loopback-key-two']

describe('a fallback that cannot be asked for this', () => {
  test('gives way to the next one, before anything is sent to it', async () => {
    await using primary = await openVendor([respondWith(503, '{}')])
    await using other = await openVendor([answers('fine')])
    // It has two efforts, neither of which is this one: what it can do with any effort at all it says, but not which.
    const misfit = createCompatibleProvider('mistral', {
      apiKey: 'sk-test',
      baseUrl: `${primary.url}/mistral`,
      env: {},
    })
    const { outcome } = await callAll(
      {
        candidates: [
          { provider: at(primary) },
          { provider: misfit, model: 'mistral-large-latest' },
          { provider: at(other, null, 'other'), model: 'model-b' },
        ],
        attempts: { maxAttemptsPerCandidate: 1 },
      },
      { ...REQUEST, reasoningEffort: 'low' },
    )
    expect(outcome.text).toBe('fine')
    expect(outcome.failed).toEqual(['OVERLOADED fallback 0', 'INVALID_OPTIONS fallback 0'])
    expect(outcome.end?.answeredBy).toEqual({ providerId: 'other', model: 'model-b' })
    expect(primary.requests.map(({ path }) => path)).toEqual(['/v1/chat/completions'])
  })

  test('is not what the call waits for: the primary is asked again once it is free', async () => {
    const primary = scripted('primary', [fails('PROVIDER_RATE_LIMIT', { retryAfterMs: 2000 }), { text: 'fine' }])
    const { outcome, sleeps } = await callAll({ candidates: [{ provider: primary }, { provider: misfitting() }] })
    expect(outcome.text).toBe('fine')
    expect(outcome.failed).toEqual(['RATE_LIMIT fallback 0', 'INVALID_OPTIONS fallback 2000'])
    expect(sleeps).toEqual([2000])
  })

  test('is asked once in a call, and holds nobody back', async () => {
    const cooldowns = createCooldowns()
    const [first, second] = [misfitting(), misfitting()]
    const primary = scripted('primary', () => fails('PROVIDER_BILLING'))
    const options = { candidates: [{ provider: primary }, { provider: first }, { provider: second }], cooldowns }
    const { outcome } = await callAll(options)
    expect(outcome.failed).toEqual(['BILLING fallback 0', 'INVALID_OPTIONS fallback 0'])
    expect(outcome.error).toMatchObject({ code: 'PROVIDER_INVALID_OPTIONS', retryable: false })
    expect([first, second].map(({ requests }) => requests.length)).toEqual([1, 1])
    expect(cooldowns.status(CLOCK_MS).map(({ providerId }) => providerId)).toEqual(['primary'])
  })

  test.each<[string, FailurePolicy | undefined, string]>([
    ['ends the call when the policy says so', { PROVIDER_INVALID_OPTIONS: { actions: [] } }, ''],
    ['goes on as the policy says', { PROVIDER_INVALID_OPTIONS: { actions: ['fallback'] } }, 'fine'],
    ['goes on without a policy', undefined, 'fine'],
  ])('%s', async (_, policy, text) => {
    const candidates = ['primary', 'misfit', 'last'].map((id) => ({
      provider:
        id === 'misfit' ? misfitting() : scripted(id, [id === 'last' ? { text: 'fine' } : fails('PROVIDER_BILLING')]),
    }))
    expect((await callAll({ candidates, policy })).outcome.text).toBe(text)
  })

  test('is told from a primary that cannot: that ends the call', async () => {
    const last = scripted('last', [{ text: 'fine' }])
    const { outcome } = await callAll({ candidates: [{ provider: misfitting() }, { provider: last }] })
    expect(outcome.error).toMatchObject({ code: 'PROVIDER_INVALID_OPTIONS' })
    expect(last.requests).toEqual([])
  })
})

describe('a key that may not do this one thing', () => {
  // As xAI answers what it does not want to talk about, with the words that it has for any other 403.
  const forbidden = respondWith(
    403,
    '{"code":"The caller does not have permission to execute the specified operation","error":"Content violates usage guidelines."}',
  )

  test('gives way in this call, and is asked in the next one', async () => {
    await using vendor = await openVendor([forbidden, forbidden, answers('fine')])
    const cooldowns = createCooldowns()
    const options = { candidates: [{ keys: KEYS, provider: (key: string) => at(vendor, key) }], cooldowns }
    const refused = await callAll(options)
    expect(refused.outcome.failed).toEqual(['AUTH retry 0'])
    expect(refused.outcome.error).toMatchObject({ code: 'PROVIDER_AUTH', status: 403 })
    expect(cooldowns.status(CLOCK_MS)).toEqual([])
    const { outcome, sleeps } = await callAll(options)
    expect(outcome).toMatchObject({ text: 'fine', failed: [] })
    expect(sleeps).toEqual([])
    expect(keysOf(vendor)).toEqual(['one', 'two', 'one'])
  })

  test('rests as long as the policy says, or the vendor', async () => {
    const limits: [Record<string, string>, FailurePolicy | undefined][] = [
      [{}, { PROVIDER_AUTH: { cooldownMs: 5000 } }],
      [{ 'retry-after': '5' }, undefined],
    ]
    for (const [headers, policy] of limits) {
      await using vendor = await openVendor([respondWith(403, '{}', headers), answers('fine')])
      const cooldowns = createCooldowns()
      const options = { candidates: [{ keys: KEYS, provider: (key: string) => at(vendor, key) }], cooldowns, policy }
      await callAll(options)
      expect(cooldowns.status(CLOCK_MS)).toMatchObject([{ holds: [{ untilMs: CLOCK_MS + 5000 }] }])
      await callAll(options)
      expect(keysOf(vendor)).toEqual(['one', 'two', 'two'])
    }
  })
})

describe('a call that another vendor named longer than a fallback takes', () => {
  test('is answered over Chat Completions, which takes forty characters', async () => {
    const { outcome, ids } = await fallBackAfter('call_0b6ab5bb-24ba-4bd7-ae3b-51ab0dd51b0e', {
      create: (url) => createOpenAIProvider({ baseUrl: url, apiKey: 'sk-test', env: {} }),
      limit: 40,
      answer: answers('fine'),
    })
    expect(outcome.text).toBe('fine')
    expect(ids).toEqual([expect.stringMatching(/^call_[0-9a-f]{32}$/), ids[0]])
  })

  test('is answered over the Responses API, which takes sixty-four', async () => {
    const { outcome, ids } = await fallBackAfter(`call_${'0b6ab5bb'.repeat(8)}`, {
      create: (url) => createOpenAIResponsesProvider({ baseUrl: url, apiKey: 'sk-test', env: {} }),
      limit: 64,
      answer: respondWith(200, 'data: {"type":"response.completed","response":{}}\n\n'),
    })
    expect(outcome.error).toBeUndefined()
    expect(ids).toEqual([expect.stringMatching(/^call_[0-9a-f]{32}$/), ids[0]])
  })
})

interface Fallback {
  readonly create: (url: string) => Provider
  /** The vendor refuses ids of more characters, as OpenAI does. */
  readonly limit: number
  readonly answer: Respond
}

/** Falls back in the middle of a run, after a call that the primary named; returns the ids that were sent. */
async function fallBackAfter(callId: string, { create, limit, answer }: Fallback) {
  await using vendor = await openLoopbackServer((response, request) => {
    const isTooLong = idsIn(request.body).some((id) => id.length > limit)
    return (isTooLong ? respondWith(400, '{"error":{"message":"string too long"}}') : answer)(response, request)
  })
  const messages: ModelRequest['messages'] = [
    ...REQUEST.messages,
    { role: 'assistant', content: '', toolUses: [{ callId, name: 'f', arguments: '{}' }] },
    { role: 'tool', callId, content: '1', isError: false },
  ]
  const primary = scripted('gemini', () => fails('PROVIDER_BILLING'))
  const candidates = [{ provider: primary }, { provider: create(vendor.url), model: 'gpt-5.4' }]
  const { outcome } = await callAll({ candidates }, { ...REQUEST, messages })
  return { outcome, ids: idsIn(vendor.requests[0]?.body) }
}

function misfitting(): ScriptedProvider {
  const error = failure('PROVIDER_INVALID_OPTIONS')
  return scripted('misfit', () => ({ fault: { kind: 'error', error } }))
}

function scripted(id: string, turns: Parameters<typeof createScriptedProvider>[0]['turns']): ScriptedProvider {
  return createScriptedProvider({ id, turns })
}

function keysOf(vendor: LoopbackServer): (string | undefined)[] {
  return vendor.requests.map(({ headers }) => headers['authorization']?.replace('Bearer sk-loopback-key-', ''))
}

/** The ids of calls and results in a body of either API, in their order. */
function idsIn(body: unknown): string[] {
  const text = JSON.stringify(body)
  return [...text.matchAll(/"(?:id|call_id|tool_call_id)":"([^"]*)"/g)].map(([, id]) => id ?? '')
}
