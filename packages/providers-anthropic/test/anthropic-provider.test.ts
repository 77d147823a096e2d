import type { ModelRequest, ProviderCapabilities } from '@starling/provider'
import { collectChunks, createFakeVendor, openLoopbackServer, respondWith } from '@starling/provider-http/conformance'
import { describe, expect, test } from 'vitest'
import { type AnthropicProviderOptions, createAnthropicProvider } from '../src/index.ts'
import { fixture, HELLO, providerFor } from './support/provider.ts'

describe('what is sent', () => {
  test('goes to /v1/messages with the key and the version in headers', async () => {
    const [request] = await requestsOf({})
    expect(request).toMatchObject({
      method: 'POST',
      path: '/v1/messages',
      headers: {
        accept: 'text/event-stream',
        'content-type': 'application/json',
        'x-api-key': 'test-key',
        'anthropic-version': '2023-06-01',
      },
    })
    expect(request?.headers).not.toHaveProperty('anthropic-beta')
    expect(request?.headers).not.toHaveProperty('authorization')
  })

  test('names the version and the betas of the options', async () => {
    const [request] = await requestsOf({ apiVersion: '2026-10-21', betas: ['files-api-2025-04-14', 'mcp-client'] })
    expect(request?.headers).toMatchObject({
      'anthropic-version': '2026-10-21',
      'anthropic-beta': 'files-api-2025-04-14,mcp-client',
    })
  })

  test('may carry a token in place of the key', async () => {
    const [request] = await requestsOf({ apiKey: null, headers: { authorization: 'Bearer token-of-a-gateway' } })
    expect(request?.headers).toMatchObject({ authorization: 'Bearer token-of-a-gateway' })
    expect(request?.headers).not.toHaveProperty('x-api-key')
  })

  test('holds no half character, which the API refuses', async () => {
    const cut = 'so 😀'.slice(0, -1)
    const vendor = createFakeVendor(fixture('redacted-thinking'))
    const messages: ModelRequest['messages'] = [
      { role: 'user', content: cut },
      { role: 'assistant', content: cut, toolUses: [] },
      { role: 'tool', callId: 'call-1', content: cut, isError: false },
    ]
    await collectChunks(providerFor({ fetch: vendor.fetch }).stream({ ...HELLO, systemPrompt: cut, messages }))
    const [body = ''] = vendor.bodies
    const { system, messages: sent } = JSON.parse(body)
    const texts = [system, sent].flatMap((value) => JSON.stringify(value).split('so \ufffd').slice(1))
    expect(texts).toHaveLength(4)
    expect(body).not.toContain(String.raw`\ud83d`)
  })

  test('goes where ANTHROPIC_BASE_URL says, with ANTHROPIC_API_KEY', async () => {
    await using server = await openLoopbackServer(respondWith(200, fixture('redacted-thinking')))
    const env = { ANTHROPIC_BASE_URL: `${server.url}/gateway/`, ANTHROPIC_API_KEY: 'key-from-env' }
    await collectChunks(createAnthropicProvider({ env }).stream(HELLO))
    expect(server.requests[0]).toMatchObject({
      path: '/gateway/v1/messages',
      headers: { 'x-api-key': 'key-from-env' },
    })
  })
})

describe('who answers', () => {
  test('is anthropic, in the version that is asked for', () => {
    expect(providerFor({}).info).toEqual({ id: 'anthropic', apiVersion: '2023-06-01' })
    expect(providerFor({ apiVersion: '2026-10-21', providerId: 'claude' }).info).toEqual({
      id: 'claude',
      apiVersion: '2026-10-21',
    })
  })

  test('knows its own answers by the id it was given', async () => {
    const vendor = createFakeVendor(fixture('redacted-thinking'))
    const parts = [{ type: 'opaque', data: '{"type":"mcp_tool_use"}' }] as const
    const messages: ModelRequest['messages'] = [
      ...HELLO.messages,
      { role: 'assistant', content: '', toolUses: [], parts, providerId: 'claude' },
    ]
    await collectChunks(providerFor({ fetch: vendor.fetch, providerId: 'claude' }).stream({ ...HELLO, messages }))
    expect(JSON.parse(vendor.bodies[0] ?? '')).toMatchObject({
      messages: [{ role: 'user' }, { content: [{ type: 'mcp_tool_use' }] }],
    })
  })
})

describe('capabilities', () => {
  const SAMPLING = ['temperature', 'topP', 'topK'] as const

  test('are everything but seeds and JSON without a schema', () => {
    const { capabilities } = providerFor({})
    expect(capabilities).not.toHaveProperty('seed')
    expect(capabilities).not.toHaveProperty('jsonFormat')
    expect(Object.values(capabilities)).toEqual(Object.values(capabilities).map(() => true))
  })

  test.each(SAMPLING)('%s is refused from version 2026-10-21 on, before anything is sent', async (setting) => {
    const vendor = createFakeVendor(fixture('redacted-thinking'))
    const provider = providerFor({ apiVersion: '2026-10-21', fetch: vendor.fetch })
    expect(provider.capabilities[setting]).toBe(false)
    await expect(collectChunks(provider.stream({ ...HELLO, [setting]: 1 }))).rejects.toMatchObject({
      code: 'PROVIDER_INVALID_OPTIONS',
      message: `the provider "anthropic" cannot do ${setting}`,
    })
    expect(vendor.bodies).toEqual([])
  })

  test.each<[string, Partial<ProviderCapabilities>]>([
    ['claude-sonnet-5-5', { temperature: false, topP: false, topK: false, schemaFormat: true, reasoningEffort: true }],
    ['claude-of-tomorrow', { temperature: false, topP: false, topK: false, schemaFormat: true }],
    ['claude-sonnet-4-6', { temperature: true, topP: true, topK: true, schemaFormat: true }],
    ['claude-haiku-4-5-20251001', { temperature: true, schemaFormat: true, reasoning: true, reasoningEffort: true }],
    ['claude-opus-4-1-20250805', { temperature: true, schemaFormat: false, reasoning: true }],
    ['claude-sonnet-4-20250514', { temperature: true, schemaFormat: false, reasoning: true }],
    ['claude-3-7-sonnet-20250219', { schemaFormat: false, reasoning: true }],
    ['claude-3-5-haiku-20241022', { schemaFormat: false, reasoning: false, reasoningEffort: false }],
    ['some-other-model', { temperature: true, topP: true, topK: true, schemaFormat: true }],
  ])('of %s are those of the provider, but for %j', (model, differing) => {
    const provider = providerFor({})
    expect(provider.capabilitiesOf?.(model)).toEqual({ ...provider.capabilities, ...differing })
  })

  test('of a model are never more than the version of the API allows', () => {
    const provider = providerFor({ apiVersion: '2026-10-21' })
    expect(provider.capabilitiesOf?.('claude-sonnet-4-6')).toMatchObject({
      temperature: false,
      topP: false,
      topK: false,
    })
  })

  const responseFormat = { type: 'json-schema', name: 'a', schema: '{"type":"string"}' } as const
  test.each<[Partial<ModelRequest>, string]>([
    [{ model: 'claude-sonnet-4-20250514', responseFormat }, 'a responseFormat of the type json-schema'],
    [{ model: 'claude-opus-4-1-20250805', responseFormat }, 'a responseFormat of the type json-schema'],
    [{ model: 'claude-opus-4-8', temperature: 0 }, 'temperature'],
    [{ model: 'claude-3-5-haiku-20241022', reasoningEffort: 'low' }, 'reasoningEffort'],
  ])('%j is refused in the name of the model, before anything is sent', async (asked, what) => {
    const vendor = createFakeVendor(fixture('redacted-thinking'))
    await expect(
      collectChunks(providerFor({ fetch: vendor.fetch }).stream({ ...HELLO, ...asked })),
    ).rejects.toMatchObject({
      code: 'PROVIDER_INVALID_OPTIONS',
      message: `the provider "anthropic" with the model "${asked.model}" cannot do ${what}`,
    })
    expect(vendor.bodies).toEqual([])
  })

  test.each<Partial<ModelRequest>>([{ seed: 1 }, { responseFormat: { type: 'json' } }])(
    '%j is refused',
    async (ask) => {
      await expect(collectChunks(providerFor({}).stream({ ...HELLO, ...ask }))).rejects.toMatchObject({
        code: 'PROVIDER_INVALID_OPTIONS',
      })
    },
  )
})

describe('the key', () => {
  test('of Anthropic itself is missed when the provider is made', () => {
    expect(() => createAnthropicProvider({ env: {} })).toThrow(
      expect.objectContaining({
        code: 'PROVIDER_AUTH',
        message: expect.stringContaining('no API key for api.anthropic.com: set ANTHROPIC_API_KEY, or pass apiKey'),
      }),
    )
  })

  test('from the environment goes to no other endpoint', async () => {
    await using server = await openLoopbackServer(respondWith(200, fixture('redacted-thinking')))
    const env = { ANTHROPIC_API_KEY: 'key-from-env' }
    await collectChunks(createAnthropicProvider({ env, baseUrl: server.url }).stream(HELLO))
    expect(server.requests[0]?.headers).not.toHaveProperty('x-api-key')
  })
})

test('an option that does not exist is refused', () => {
  const misspelt: object = { apiKey: null, beta: ['x'] }
  expect(() => createAnthropicProvider(misspelt)).toThrow('unknown option "beta": did you mean "betas"?')
})

async function requestsOf(options: AnthropicProviderOptions) {
  await using server = await openLoopbackServer(respondWith(200, fixture('redacted-thinking')))
  await collectChunks(providerFor({ baseUrl: server.url, ...options }).stream(HELLO))
  return server.requests
}
