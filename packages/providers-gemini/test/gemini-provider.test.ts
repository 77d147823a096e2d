import type { ModelRequest, ProviderCapabilities } from '@starling/provider'
import { collectChunks, collectUntilFailure, createFakeVendor } from '@starling/provider-http/conformance'
import { describe, expect, test } from 'vitest'
import { createGeminiProvider, type GeminiProviderOptions } from '../src/index.ts'
import { sse, sseEnd, sseParts } from './support/events.ts'
import { chunksOf, fixture, HELLO, providerFor } from './support/provider.ts'

const KEY = 'AIza-key-of-the-test'

describe('a request', () => {
  test('goes to Google with the key in a header, never in the address', async () => {
    const sent = await sentBy({ env: { GEMINI_API_KEY: KEY, GOOGLE_API_KEY: 'another' } })
    expect(sent.url).toBe(
      'https://generativelanguage.googleapis.com/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse',
    )
    expect(sent.headers).toEqual({
      accept: 'text/event-stream',
      'content-type': 'application/json',
      'x-goog-api-key': KEY,
    })
  })

  test.each<[string, GeminiProviderOptions, string | undefined]>([
    ['the second variable', { env: { GEMINI_API_KEY: ' ', GOOGLE_API_KEY: KEY } }, KEY],
    [
      'the endpoint of the environment',
      { env: { GEMINI_API_KEY: KEY, GOOGLE_GEMINI_BASE_URL: 'http://gateway.test' } },
      KEY,
    ],
    ['another endpoint', { env: { GEMINI_API_KEY: KEY }, baseUrl: 'http://gateway.test' }, undefined],
    ['another host of Google', { env: { GEMINI_API_KEY: KEY }, baseUrl: 'https://storage.googleapis.com' }, undefined],
    [
      'a host that only looks like Google',
      { env: { GEMINI_API_KEY: KEY }, baseUrl: 'https://evilgenerativelanguage.googleapis.com.test' },
      undefined,
    ],
    ['an option', { env: { GEMINI_API_KEY: 'another' }, apiKey: KEY }, KEY],
  ])('takes its key from where it may: %s', async (_, options, key) => {
    expect((await sentBy(options)).headers['x-goog-api-key']).toBe(key)
  })

  test('without any key is refused when the provider is made', () => {
    expect(() => createGeminiProvider({ env: {} })).toThrow(
      expect.objectContaining({
        code: 'PROVIDER_AUTH',
        message: expect.stringContaining('set GEMINI_API_KEY or GOOGLE_API_KEY'),
      }),
    )
  })

  test('has the version of the API in its address and in the log', async () => {
    const provider = createGeminiProvider({ apiKey: KEY, apiVersion: 'v1alpha', env: {} })
    expect(provider.info).toEqual({ id: 'gemini', apiVersion: 'v1alpha' })
    expect((await sentBy({ apiKey: KEY, apiVersion: 'v1alpha', env: {} })).url).toContain('.com/v1alpha/models/')
  })

  test.each([
    ['gemini-2.5-flash-preview-09-2025', '/v1beta/models/gemini-2.5-flash-preview-09-2025:streamGenerateContent'],
    ['models/gemini-3.8-flash', '/v1beta/models/gemini-3.8-flash:streamGenerateContent'],
    ['tunedModels/my_model-1', '/v1beta/tunedModels/my_model-1:streamGenerateContent'],
  ])('for the model %s goes to %s', async (model, path) => {
    const vendor = createFakeVendor(fixture('grounding'))
    await collectChunks(providerFor({ fetch: vendor.fetch }).stream({ ...HELLO, model }))
    expect(vendor.urls).toEqual([`http://vendor.test${path}?alt=sse`])
  })

  test.each(['', '..', '../files', 'models/../files', '/models/x', 'a?key=b', 'a:countTokens', 'a#b', 'a b'])(
    'for the model "%s" is not sent',
    async (model) => {
      const vendor = createFakeVendor(fixture('grounding'))
      const { error } = await collectUntilFailure(providerFor({ fetch: vendor.fetch }).stream({ ...HELLO, model }))
      expect(error).toMatchObject({
        code: 'PROVIDER_INVALID_OPTIONS',
        message: `model is "${model}", which is no model name: letters, digits, "_", "-", "." and "/" are`,
      })
      expect(vendor.urls).toEqual([])
    },
  )

  test('for what Gemini cannot do is refused, not sent without it', async () => {
    const vendor = createFakeVendor(fixture('grounding'))
    const provider = providerFor({ fetch: vendor.fetch, providerId: 'my-gemini' })
    const { error } = await collectUntilFailure(provider.stream({ ...HELLO, parallelToolCalls: false }))
    expect(error).toMatchObject({
      code: 'PROVIDER_INVALID_OPTIONS',
      message: 'the provider "my-gemini" cannot do parallelToolCalls',
    })
    expect(vendor.urls).toEqual([])
  })
})

describe('capabilities', () => {
  const withoutSampling = { temperature: false, topP: false, topK: false }
  const withoutReasoning = { reasoning: false, reasoningEffort: false }
  const ofOlder = { formatExcludesTools: true, toolAttachments: false }
  const plain = { tools: false, toolChoice: false, jsonFormat: false, schemaFormat: false }

  test.each<[string, Partial<ProviderCapabilities>]>([
    ['gemini-4-argon', withoutSampling],
    ['gemini-of-tomorrow', withoutSampling],
    ['gemini-flash-latest', withoutSampling],
    ['gemini-3.8-flash', withoutSampling],
    ['models/gemini-3.6-flash', withoutSampling],
    ['gemini-3.5-flash-lite', withoutSampling],
    ['gemini-3.5-flash', {}],
    ['gemini-3.1-pro-preview', {}],
    ['gemini-3-pro-preview', {}],
    ['gemini-2.5-pro', ofOlder],
    ['gemini-2.5-flash-lite', ofOlder],
    ['gemini-2.5-flash-image', { ...ofOlder, ...plain, ...withoutReasoning }],
    ['gemini-2.0-flash', { ...ofOlder, ...withoutReasoning }],
    ['gemma-3-27b-it', { ...ofOlder, ...plain, ...withoutReasoning }],
    ['some-other-model', {}],
  ])('of %s are those of the provider, but for %j', (model, differing) => {
    const provider = providerFor({})
    expect(provider.capabilitiesOf?.(model)).toEqual({
      ...provider.capabilities,
      formatExcludesTools: false,
      ...differing,
    })
  })

  const schema = { type: 'json-schema', name: 'a', schema: '{}' } as const
  test.each<[Partial<ModelRequest>, string]>([
    [{ model: 'gemini-3.8-flash', temperature: 0 }, 'temperature'],
    [{ model: 'gemini-4-argon', topP: 0.5 }, 'topP'],
    [{ model: 'gemini-2.0-flash', reasoningEffort: 'none' }, 'reasoningEffort'],
    [{ model: 'gemma-3-4b-it', responseFormat: schema }, 'a responseFormat of the type json-schema'],
    [{ model: 'gemma-3-4b-it', tools: [{ name: 'f', description: '', inputSchema: '' }] }, 'tools'],
  ])('%j is refused in the name of the model, before anything is sent', async (asked, what) => {
    const vendor = createFakeVendor(fixture('grounding'))
    const { error } = await collectUntilFailure(providerFor({ fetch: vendor.fetch }).stream({ ...HELLO, ...asked }))
    expect(error).toMatchObject({
      code: 'PROVIDER_INVALID_OPTIONS',
      message: `the provider "gemini" with the model "${asked.model}" cannot do ${what}`,
    })
    expect(vendor.urls).toEqual([])
  })
})

describe('an answer', () => {
  test('names a call without an id by a random one, unless told otherwise', async () => {
    const { fetch } = createFakeVendor(fixture('calls-without-ids'))
    const provider = createGeminiProvider({ apiKey: KEY, env: {}, fetch })
    const ids = (await collectChunks(provider.stream(HELLO))).flatMap((chunk) =>
      chunk.type === 'tool-call-start' ? [chunk.callId] : [],
    )
    expect(ids).toEqual([expect.stringMatching(/^call_[\da-f-]{36}$/), expect.stringMatching(/^call_[\da-f-]{36}$/)])
    expect(new Set(ids).size).toBe(2)
  })

  test('keeps every digit of what a tool is called with', async () => {
    const call = 'data: {"candidates":[{"content":{"parts":[{"functionCall":{"id":"a","name":"f","args":'
    const argumentsText = '{"n":12345678901234567890,"m":[1.0,2.50,1e3]}'
    const chunks = await chunksOf([`${call}${argumentsText}}}]}}]}\n\n${sseEnd('STOP')}`])
    expect(chunks[1]).toEqual({ type: 'tool-call-delta', callId: 'a', argumentsText })
  })

  test('is its first candidate alone', async () => {
    const others = { candidates: [{ content: { parts: [{ text: 'no' }] }, finishReason: 'STOP', index: 1 }] }
    const chunks = await chunksOf([sse(others) + sseParts({ text: 'yes' }) + sse(others) + sseEnd('MAX_TOKENS')])
    expect(chunks.filter(({ type }) => type !== 'usage')).toEqual([
      { type: 'text-delta', text: 'yes' },
      expect.objectContaining({ type: 'end', stopReason: 'max_tokens' }),
    ])
  })

  test('may bring its counts after its reason to stop', async () => {
    const chunks = await chunksOf([sseEnd('STOP') + sse({ usageMetadata: { promptTokenCount: 4 } })])
    expect(chunks.map(({ type }) => type)).toEqual(['usage', 'end'])
  })

  test('may lack the blank line at its very end', async () => {
    expect((await chunksOf([sseParts({ text: 'a' }) + sseEnd('STOP').trimEnd()])).at(-1)).toMatchObject({
      stopReason: 'stop',
      requestId: 'response-1',
    })
  })

  test('that is cut inside its last event was cut off', async () => {
    const { error } = await failureOf(sseParts({ text: 'a' }) + sseEnd('STOP').slice(0, 40))
    expect(error).toMatchObject({ code: 'PROVIDER_INVALID_STREAM', retryable: true })
  })

  test('does not mind feedback without a reason to block, nor parts that are none', async () => {
    const odd = [
      { promptFeedback: { safetyRatings: [] } },
      { promptFeedback: { blockReason: 'BLOCK_REASON_UNSPECIFIED' } },
      { candidates: [{ content: { parts: 'none' } }] },
      { candidates: [{ content: { parts: ['none', null] } }] },
      { candidates: 'none' },
    ]
    const chunks = await chunksOf([odd.map(sse).join('') + sseEnd('STOP')])
    expect(chunks.map(({ type }) => type)).toEqual(['end'])
  })

  test('that is blocked says what the vendor says, without the key', async () => {
    const promptFeedback = { blockReason: 'OTHER', blockReasonMessage: 'not with test-key' }
    const { error } = await failureOf(sse({ promptFeedback }))
    expect(error).toMatchObject({
      code: 'PROVIDER_CONTENT_FILTER',
      message: expect.stringMatching(/blocked the prompt \(OTHER\): not with \[redacted\]$/),
    })
  })
})

describe('a failure', () => {
  test.each([
    ['RESOURCE_EXHAUSTED', 'PROVIDER_RATE_LIMIT', true],
    ['UNAVAILABLE', 'PROVIDER_OVERLOADED', true],
    ['DEADLINE_EXCEEDED', 'PROVIDER_TIMEOUT', true],
    ['INTERNAL', 'PROVIDER_SERVER', true],
    ['UNKNOWN', 'PROVIDER_SERVER', true],
    ['CANCELLED', 'PROVIDER_SERVER', true],
    ['INVALID_ARGUMENT', 'PROVIDER_REJECTED', false],
    ['FAILED_PRECONDITION', 'PROVIDER_REJECTED', false],
    ['NOT_FOUND', 'PROVIDER_REJECTED', false],
    ['PERMISSION_DENIED', 'PROVIDER_AUTH', false],
    ['UNAUTHENTICATED', 'PROVIDER_AUTH', false],
  ])('in the stream with the status %s alone is %s', async (status, code, retryable) => {
    expect((await failureOf(sse({ error: { message: 'no', status } }))).error).toMatchObject({ code, retryable })
  })

  test.each([
    [400, 'INVALID_ARGUMENT', 'API_KEY_INVALID', 'PROVIDER_AUTH'],
    [403, 'PERMISSION_DENIED', 'BILLING_DISABLED', 'PROVIDER_BILLING'],
    [400, 'FAILED_PRECONDITION', 'BILLING_DISABLED', 'PROVIDER_BILLING'],
    [400, 'FAILED_PRECONDITION', 'SOMETHING_NEW', 'PROVIDER_REJECTED'],
    [403, 'PERMISSION_DENIED', 'SERVICE_DISABLED', 'PROVIDER_AUTH'],
    [429, 'RESOURCE_EXHAUSTED', 'RATE_LIMIT_EXCEEDED', 'PROVIDER_RATE_LIMIT'],
    [400, 'INVALID_ARGUMENT', undefined, 'PROVIDER_REJECTED'],
    [504, 'DEADLINE_EXCEEDED', undefined, 'PROVIDER_TIMEOUT'],
  ] as const)('with %i, %s and the reason %s is %s', async (...[code, status, reason, expected]) => {
    const details = [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'googleapis.com' }]
    expect(await failureWith(code, { error: { code, message: 'no', status, details } })).toMatchObject({
      code: expected,
      status: code,
    })
  })

  test('is not classified by its words', async () => {
    const error = { code: 400, message: 'API_KEY_INVALID quota billing RESOURCE_EXHAUSTED', status: 'INVALID_ARGUMENT' }
    expect(await failureWith(400, { error })).toMatchObject({ code: 'PROVIDER_REJECTED', retryable: false })
  })

  test.each([
    ['37s', 37_000],
    ['37.82626638s', 37_827],
    ['0s', 0],
    ['soon', undefined],
    ['-1s', undefined],
    [37, undefined],
    [undefined, undefined],
  ])('asks to wait for %s', async (retryDelay, retryAfterMs) => {
    const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay }, 'odd', null]
    const error = { code: 429, message: 'no', status: 'RESOURCE_EXHAUSTED', details }
    expect(await failureWith(429, [{ error }])).toMatchObject({ code: 'PROVIDER_RATE_LIMIT', retryAfterMs })
  })
})

interface Sent {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

async function sentBy(options: GeminiProviderOptions): Promise<Sent> {
  const sent: Sent[] = []
  const provider = createGeminiProvider({
    ...options,
    fetch(input, init) {
      const request = new Request(input, init)
      sent.push({ url: request.url, headers: Object.fromEntries(request.headers) })
      return Promise.resolve(new Response(fixture('grounding'), { headers: { 'content-type': 'text/event-stream' } }))
    },
  })
  await collectChunks(provider.stream(HELLO))
  const [only] = sent
  if (only === undefined) throw new RangeError('nothing was sent')
  return only
}

function failureOf(stream: string): ReturnType<typeof collectUntilFailure> {
  return collectUntilFailure(providerFor({ fetch: createFakeVendor(stream).fetch }).stream(HELLO))
}

async function failureWith(status: number, body: unknown): Promise<unknown> {
  const fetch = (): Promise<Response> => Promise.resolve(Response.json(body, { status }))
  return (await collectUntilFailure(providerFor({ fetch }).stream(HELLO))).error
}
