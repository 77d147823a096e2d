import { isProviderError, type ModelRequest, type Provider } from '@starling/provider'
import {
  CONFORMANCE_KEY,
  createScenarioFetch,
  describeProvider,
  type ProviderHarness,
  type VendorAnswer,
  type VendorReply,
  type WireCodec,
} from '@starling/provider/conformance'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { HttpProviderOptions } from '../http-provider-options.ts'
import { openLoopbackServer, type Respond, respondWith, write, writeUntilClosed } from './loopback-server.ts'
import { openScenarioServer, type ScenarioServer } from './scenario-server.conformance.ts'

/** What the test of a provider over HTTP must bring. */
export interface HttpProviderHarness extends Pick<
  ProviderHarness,
  'name' | 'unsupported' | 'carries' | 'onRequest' | 'earlyUsage'
> {
  /** Writes the vendor's side. */
  readonly codec: WireCodec
  /** Creates the provider with these options: the factory that people use. */
  create(options: HttpProviderOptions): Provider
}

// Some write the slash of a text in JSON as `\\/`.
const SLASHED_KEY = 'conformance/key-5f1d0c'

const HELLO: ModelRequest = {
  model: 'some-model',
  systemPrompt: '',
  messages: [{ role: 'user', content: 'hi' }],
  tools: [],
}

const HALVED: ModelRequest = {
  ...HELLO,
  systemPrompt: 'system \ud83d',
  messages: [{ role: 'user', content: 'goal \ud83d' }],
}

const HALVED_WITH_TOOLS: ModelRequest = {
  ...HALVED,
  messages: [
    ...HALVED.messages,
    {
      role: 'assistant',
      content: 'answer \ude00',
      toolUses: [
        { callId: 'call-a', name: 'search', arguments: '{"q":"escaped \\ud83d"}' },
        { callId: 'call-b', name: 'search', arguments: '{"q":"plain \ud83d"}' },
      ],
    },
    { role: 'tool', callId: 'call-a', content: 'result \ud83d', isError: false },
    { role: 'tool', callId: 'call-b', content: JSON.stringify({ result: '\ud83d' }), isError: true },
  ],
  tools: [
    {
      name: 'search',
      description: 'searches \ude00',
      inputSchema: '{"type":"object","properties":{"q":{"type":"string","description":"\\ud83d"}}}',
    },
  ],
}

const REPLY: VendorReply = {
  reasoning: [],
  text: ['Hello.'],
  toolCalls: [],
  interleaved: false,
  usage: { input: 11, cacheRead: 0, cacheWrite: 0, output: 7, reasoning: 0 },
  stopReason: 'stop',
  requestId: 'request-1',
}

const WHOLE: VendorAnswer & { type: 'reply' } = { type: 'reply', reply: REPLY, ending: 'complete', delivery: 'whole' }
const ECHO: VendorAnswer = { type: 'status', status: 401, message: `wrong key ${CONFORMANCE_KEY}`, headers: {} }

/**
 * Registers every test of the provider contract, over HTTP on loopback and over
 * a `fetch` of its own, and those that only a provider over HTTP can fail.
 */
export function describeHttpProvider(harness: HttpProviderHarness): void {
  const { codec, create, name } = harness
  describeProvider({
    ...harness,
    name: `${name} over HTTP`,
    async open(scenario) {
      const server = await openScenarioServer(scenario, codec)
      return {
        provider: create({ baseUrl: server.url, apiKey: CONFORMANCE_KEY, env: {} }),
        requests: server.requests,
        openConnections: server.openResponses,
        [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
      }
    },
  })
  describeProvider({
    ...harness,
    name: `${name} over a fetch of its own`,
    open(scenario) {
      const { fetch, requests, openConnections } = createScenarioFetch(scenario, codec)
      const provider = create({ baseUrl: 'http://vendor.test', apiKey: CONFORMANCE_KEY, env: {}, fetch })
      return Promise.resolve({ provider, requests, openConnections, [Symbol.asyncDispose]: () => Promise.resolve() })
    },
  })
  describe(`HTTP: ${name}`, () => {
    describeKeys(harness)
    describeRequests(harness)
    describeSilence(harness)
  })
}

function describeKeys({ codec, create }: HttpProviderHarness): void {
  test('the vendor itself without a key is refused when the provider is made', () => {
    expect(() => create({ env: {} })).toThrow(expect.objectContaining({ code: 'PROVIDER_AUTH', retryable: false }))
  })

  test('a key from a function is not asked for when the provider is made', () => {
    const apiKey = (): string => expect.fail('asked')
    expect(create({ apiKey, env: {} }).info.id).not.toBe('')
  })

  test('a key from a function is asked for at every call and sent', async () => {
    await using server = await open(WHOLE, codec)
    let asked = 0
    const provider = create({ baseUrl: server.url, apiKey: () => `rotating-key-${(asked += 1)}`, env: {} })
    await failureOf(provider)
    await failureOf(provider)
    const sent = server.requests().map(({ url, headers }) => inspect({ url, headers }))
    expect(sent).toEqual([expect.stringContaining('rotating-key-1'), expect.stringContaining('rotating-key-2')])
  })

  test('a key from a function does not show when the vendor echoes it', async () => {
    await using server = await open(ECHO, codec)
    const apiKey = (): Promise<string> => Promise.resolve(CONFORMANCE_KEY)
    const error = await failureOf(create({ baseUrl: server.url, apiKey, env: {} }))
    expect(error).toMatchObject({ code: 'PROVIDER_AUTH' })
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(CONFORMANCE_KEY)
  })

  test.each<[string, Respond]>([
    ['in the type of the content', respondWith(200, '', { 'content-type': `text/html; key=${SLASHED_KEY}` })],
    ['in JSON that was cut off', respondWith(500, String.raw`{"sent":"conformance\/key-5f1d0c`)],
  ])('a key does not show when the vendor echoes it %s', async (_, respond) => {
    await using server = await openLoopbackServer(respond)
    const error = await failureOf(create({ baseUrl: server.url, apiKey: SLASHED_KEY, env: {} }))
    expect(isProviderError(error)).toBe(true)
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('key-5f1d0c')
  })

  test('no key is sent where the key is null', async () => {
    await using server = await open(WHOLE, codec)
    const own = create({ baseUrl: server.url, apiKey: CONFORMANCE_KEY, env: {} })
    const none = create({ baseUrl: server.url, apiKey: null, env: {} })
    await failureOf(own)
    await failureOf(none)
    const [withKey, withoutKey] = server.requests().map((request) => inspect(request, { depth: 10 }))
    expect(withKey).toContain(CONFORMANCE_KEY)
    expect(withoutKey).not.toContain(CONFORMANCE_KEY)
  })
}

function describeRequests({ codec, create }: HttpProviderHarness): void {
  test('headers and query of the options reach the vendor, and do not show in an error', async () => {
    await using server = await openLoopbackServer(respondWith(400, 'no header-secret, no query-secret'))
    const secrets = { headers: { 'x-extra': 'header-secret' }, query: { extra: 'query-secret' } }
    const error = await failureOf(create({ baseUrl: server.url, apiKey: null, env: {}, ...secrets }))
    const [request] = server.requests
    expect(request?.headers['x-extra']).toBe('header-secret')
    expect(request?.path).toContain('extra=query-secret')
    expect(inspect(error, { depth: 10, showHidden: true })).not.toMatch(/header-secret|query-secret/)
  })

  test('an answer that was not streamed is no error of the vendor, and is asked for once', async () => {
    const body = JSON.stringify({ type: 'message', object: 'response', status: 'completed', error: null, content: [] })
    await using server = await openLoopbackServer(respondWith(200, body, { 'content-type': 'application/json' }))
    const error = await failureOf(create({ baseUrl: server.url, apiKey: null, env: {} }))
    expect(error).toMatchObject({ code: 'PROVIDER_INVALID_STREAM', retryable: false })
    expect(String(error)).toContain('answered with application/json instead of a stream')
    expect(server.requests).toHaveLength(1)
  })

  test('half a character goes out as the one that stands for it, wherever it stands', async () => {
    await using server = await open(WHOLE, codec)
    const provider = create({ baseUrl: server.url, apiKey: null, env: {} })
    const request = provider.capabilities.tools === true ? HALVED_WITH_TOOLS : HALVED
    expect(await failureOf(provider, request)).toBeUndefined()
    const sent = textsIn(server.requests()[0]?.body)
    expect(sent).toContain('goal \ufffd')
    expect(sent.filter((text) => !text.isWellFormed())).toEqual([])
  })

  test('a redirect is not followed', async () => {
    await using target = await open(WHOLE, codec)
    await using server = await openLoopbackServer(respondWith(307, '', { location: target.url }))
    const error = await failureOf(create({ baseUrl: server.url, apiKey: CONFORMANCE_KEY, env: {} }))
    expect(error).toMatchObject({ code: 'PROVIDER_REJECTED', status: 307 })
    expect(target.requests()).toEqual([])
  })

  test('an option that does not exist is refused', () => {
    const misspelt: object = { apiKey: null, baseURL: 'http://vendor.test' }
    expect(() => create(misspelt)).toThrow(
      expect.objectContaining({
        code: 'PROVIDER_INVALID_OPTIONS',
        message: 'unknown option "baseURL": did you mean "baseUrl"?',
      }),
    )
  })
}

function describeSilence({ codec, create }: HttpProviderHarness): void {
  test.each<[string, VendorAnswer]>([
    ['before the answer', { type: 'silence' }],
    ['inside the answer', { ...WHOLE, ending: 'silence' }],
  ])('silence %s has a limit', async (_, answer) => {
    await using server = await open(answer, codec)
    const timeouts = { firstChunkMs: 50, betweenChunksMs: 50 }
    const error = await failureOf(create({ baseUrl: server.url, apiKey: null, env: {}, timeouts }))
    expect(error).toMatchObject({ code: 'PROVIDER_TIMEOUT', retryable: true })
    expect(String(error)).toContain('within 50 ms')
  })

  test('pings do not make up for silence inside the answer', async ({ skip }) => {
    const ping = codec.encodePing?.()
    if (ping === undefined) return skip('the vendor sends no pings')
    await using server = await openLoopbackServer(async (response) => {
      response.writeHead(200, { 'content-type': codec.contentType })
      await write(response, codec.encodeReply(REPLY).content)
      await writeUntilClosed(response, ping)
    })
    const timeouts = { betweenChunksMs: 50 }
    const error = await failureOf(create({ baseUrl: server.url, apiKey: null, env: {}, timeouts }))
    expect(error).toMatchObject({ code: 'PROVIDER_TIMEOUT', retryable: true })
  })
}

function open(answer: VendorAnswer, codec: WireCodec): Promise<ScenarioServer> {
  return openScenarioServer({ name: 'text', answers: [answer] }, codec)
}

// Every text in JSON data, the names of the members too.
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) => [name, ...textsIn(member)])
}

// Reads to the end; returns what the call failed with, if it did.
async function failureOf(provider: Provider, request: ModelRequest = HELLO): Promise<unknown> {
  try {
    for await (const chunk of provider.stream(request)) expect(chunk).toHaveProperty('type')
    return undefined
  } catch (error) {
    if (isProviderError(error)) return error
    throw error
  }
}
