import { collectChunks } from '@starling/provider-http/conformance'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type BedrockCredentials, type BedrockProviderOptions, createBedrockProvider } from '../src/index.ts'
import { failureOf } from './support/failure-of.ts'
import { eventFrame } from './support/converse-codec.ts'
import { requestWith } from './support/request.ts'
import { openVendor, respondWithEvents, type Vendor } from './support/vendor.ts'
import { verifySignature } from './support/verify-signature.ts'

const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG' }
const ANSWER = respondWithEvents(
  eventFrame('messageStop', { stopReason: 'end_turn' }),
  eventFrame('metadata', { usage: {} }),
)

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('a request with credentials', () => {
  test.for([
    'anthropic.claude-opus-5',
    'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
    'arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-5',
  ])('is signed as it arrives, for %s', async (model) => {
    await using vendor = await openVendor(ANSWER)
    await call(vendor, { region: 'eu-central-1', credentials: KEYS }, model)
    const [request] = vendor.requests
    expect(request?.path).toBe(`/model/${encodeURIComponent(model)}/converse-stream`)
    expect(verifySignature(must(request), KEYS.secretAccessKey)).toMatchObject({
      accessKeyId: KEYS.accessKeyId,
      region: 'eu-central-1',
      service: 'bedrock',
      isValid: true,
      signedHeaders: expect.arrayContaining(['content-type', 'host', 'x-amz-content-sha256', 'x-amz-date']),
    })
    expect(verifySignature(must(request), 'another key')).toMatchObject({ isValid: false })
  })

  test('a body in many scripts is signed as its bytes', async () => {
    await using vendor = await openVendor(ANSWER)
    await collectChunks(
      provider(vendor, { region: 'us-east-1', credentials: KEYS }).stream(
        requestWith({ messages: [{ role: 'user', content: 'zażółć – 你好 👩‍🚀' }] }),
      ),
    )
    expect(verifySignature(must(vendor.requests[0]), KEYS.secretAccessKey).isValid).toBe(true)
  })

  test('a body with half a character is signed as it goes out, without it', async () => {
    await using vendor = await openVendor(ANSWER)
    const half = requestWith({
      systemPrompt: 'system \ud83d',
      messages: [
        { role: 'user', content: 'goal \ud83d' },
        {
          role: 'assistant',
          content: '',
          toolUses: [{ callId: 'a', name: 'search', arguments: String.raw`{"q":"\ud83d","r":"\\ud83d \ud83d\ude00"}` }],
        },
        { role: 'tool', callId: 'a', content: 'result \ude00', isError: false },
      ],
      tools: [{ name: 'search', description: 'searches \ude00', inputSchema: '{}' }],
    })
    await collectChunks(provider(vendor, { region: 'us-east-1', credentials: KEYS }).stream(half))
    const request = must(vendor.requests[0])
    expect(verifySignature(request, KEYS.secretAccessKey).isValid).toBe(true)
    expect(JSON.parse(request.body)).toMatchObject({
      system: [{ text: 'system \ufffd' }],
      messages: [
        { content: [{ text: 'goal \ufffd' }] },
        { content: [{ toolUse: { input: { q: '\ufffd', r: '\\ud83d 😀' } } }] },
        { content: [{ toolResult: { content: [{ text: 'result \ufffd' }] } }] },
      ],
      toolConfig: { tools: [{ toolSpec: { description: 'searches \ufffd' } }] },
    })
  })

  test('the token of temporary keys goes along, signed', async () => {
    await using vendor = await openVendor(ANSWER)
    await call(vendor, { region: 'us-east-1', credentials: { ...KEYS, sessionToken: 'the-session-token' } })
    expect(vendor.requests[0]?.headers).toMatchObject({ 'x-amz-security-token': 'the-session-token' })
    expect(verifySignature(must(vendor.requests[0]), KEYS.secretAccessKey)).toMatchObject({
      isValid: true,
      signedHeaders: expect.arrayContaining(['x-amz-security-token']),
    })
  })

  test('the SDK is told to try once', async () => {
    await using vendor = await openVendor(ANSWER)
    await call(vendor, { region: 'us-east-1', credentials: KEYS })
    expect(vendor.requests[0]?.headers).toMatchObject({ 'amz-sdk-request': 'attempt=1; max=1' })
  })

  test('a key in the environment does not take their place', async () => {
    vi.stubEnv('AWS_BEARER_TOKEN_BEDROCK', 'key-of-the-environment')
    await using vendor = await openVendor(ANSWER)
    await call(vendor, { region: 'us-east-1', credentials: KEYS })
    expect(verifySignature(must(vendor.requests[0]), KEYS.secretAccessKey).isValid).toBe(true)
  })
})

describe('credentials from a function', () => {
  test('it is asked at the first call, not before', async () => {
    await using vendor = await openVendor(ANSWER)
    const ask = vi.fn<() => Promise<BedrockCredentials>>(() => Promise.resolve(KEYS))
    const bedrock = provider(vendor, { region: 'us-east-1', credentials: ask })
    expect(ask).not.toHaveBeenCalled()
    await collectChunks(bedrock.stream(requestWith()))
    await collectChunks(bedrock.stream(requestWith()))
    expect(ask).toHaveBeenCalledTimes(1)
    expect(vendor.requests.map((request) => verifySignature(request, KEYS.secretAccessKey).isValid)).toEqual([
      true,
      true,
    ])
  })

  test('it is asked again when the keys have expired', async () => {
    await using vendor = await openVendor(ANSWER)
    const ask = vi.fn<() => BedrockCredentials>(() => ({ ...KEYS, expiration: new Date(0) }))
    const bedrock = provider(vendor, { region: 'us-east-1', credentials: ask })
    await collectChunks(bedrock.stream(requestWith()))
    const before = ask.mock.calls.length
    await collectChunks(bedrock.stream(requestWith()))
    expect(ask.mock.calls.length).toBeGreaterThan(before)
  })

  test.for([
    [() => Promise.reject(new Error('vault says wJalrXUtnFEMI/K7MDENG')), 'signing the request failed with Error'],
    [() => ({ ...KEYS, secretAccessKey: '' }), 'credentials.secretAccessKey is empty'],
  ] as const)('one that fails fails the call, and shows nothing', async ([credentials, message]) => {
    await using vendor = await openVendor(ANSWER)
    const error = await failureOf(provider(vendor, { region: 'us-east-1', credentials }).stream(requestWith()))
    expect(error).toMatchObject({ code: 'PROVIDER_AUTH', message, retryable: false })
    expect(error).not.toHaveProperty('cause')
    expect(vendor.requests).toEqual([])
  })

  test('an abort ends the call while it is asked', async () => {
    await using vendor = await openVendor(ANSWER)
    const asked = Promise.withResolvers<void>()
    const credentials = (): Promise<typeof KEYS> => {
      asked.resolve()
      return new Promise(() => undefined)
    }
    const controller = new AbortController()
    const bedrock = provider(vendor, { region: 'us-east-1', credentials })
    const failure = failureOf(bedrock.stream(requestWith(), { signal: controller.signal }))
    await asked.promise
    const reason = new Error('enough')
    controller.abort(reason)
    expect(await failure).toBe(reason)
    expect(vendor.requests).toEqual([])
  })

  test('the limit for the first chunk ends it too', async () => {
    await using vendor = await openVendor(ANSWER)
    const options = {
      region: 'us-east-1',
      credentials: () => new Promise<never>(() => undefined),
      timeouts: { firstChunkMs: 20 },
    }
    expect(await failureOf(provider(vendor, options).stream(requestWith()))).toMatchObject({
      code: 'PROVIDER_TIMEOUT',
      retryable: true,
      message: 'no chunk from bedrock within 20 ms',
    })
  })
})

describe('a request with an API key', () => {
  test('carries it and no signature', async () => {
    await using vendor = await openVendor(ANSWER)
    await call(vendor, { region: 'us-east-1', apiKey: 'key-of-bedrock' })
    expect(vendor.requests[0]?.headers['authorization']).toBe('Bearer key-of-bedrock')
  })
})

describe('what the SDK finds by itself', () => {
  test('keys and the region come from the environment', async () => {
    stubEnvironment({ AWS_ACCESS_KEY_ID: 'AKIDENV', AWS_SECRET_ACCESS_KEY: 'env-secret', AWS_REGION: 'ap-south-1' })
    await using vendor = await openVendor(ANSWER)
    await call(vendor, {})
    expect(verifySignature(must(vendor.requests[0]), 'env-secret')).toMatchObject({
      accessKeyId: 'AKIDENV',
      region: 'ap-south-1',
      isValid: true,
    })
  })

  test('an API key of the environment is not sent to a host that is not of AWS', async () => {
    stubEnvironment({
      AWS_ACCESS_KEY_ID: 'AKIDENV',
      AWS_SECRET_ACCESS_KEY: 'env-secret',
      AWS_BEARER_TOKEN_BEDROCK: 'key-of-the-environment',
    })
    await using vendor = await openVendor(ANSWER)
    await call(vendor, { region: 'us-east-1' })
    expect(JSON.stringify(vendor.requests)).not.toContain('key-of-the-environment')
  })

  test('an API key of the environment is sent to AWS', async () => {
    stubEnvironment({ AWS_BEARER_TOKEN_BEDROCK: 'key-of-the-environment' })
    const sent = await sentTo({ region: 'us-east-1' })
    expect(sent.url).toBe('https://bedrock-runtime.us-east-1.amazonaws.com/model/m/converse-stream')
    expect(sent.headers.get('authorization')).toBe('Bearer key-of-the-environment')
  })

  test('the endpoint is the one of the region and its partition', async () => {
    const { url } = await sentTo({ region: 'cn-north-1', credentials: KEYS })
    expect(url).toBe('https://bedrock-runtime.cn-north-1.amazonaws.com.cn/model/m/converse-stream')
  })

  test('without any keys the call fails', async () => {
    stubEnvironment({})
    await using vendor = await openVendor(ANSWER)
    expect(await failureOf(provider(vendor, { region: 'us-east-1' }).stream(requestWith()))).toMatchObject({
      code: 'PROVIDER_AUTH',
      retryable: false,
      message: expect.stringMatching(/^no AWS credentials: /),
    })
    expect(vendor.requests).toEqual([])
  })

  test('without a region the call fails', async () => {
    stubEnvironment({})
    const bedrock = createBedrockProvider({ credentials: KEYS, fetch: refuse })
    expect(await failureOf(bedrock.stream(requestWith()))).toMatchObject({
      code: 'PROVIDER_INVALID_OPTIONS',
      message: 'no AWS region: pass region, or set AWS_REGION',
    })
  })

  test('making the provider looks for nothing', () => {
    stubEnvironment({})
    expect(createBedrockProvider().info.id).toBe('bedrock')
  })
})

/** An environment without any keys but these, on a machine that has none. */
function stubEnvironment(variables: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) vi.stubEnv(name, undefined)
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
  vi.stubEnv('AWS_CONFIG_FILE', '/dev/null')
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/dev/null')
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
}

function provider(vendor: Vendor, options: BedrockProviderOptions): ReturnType<typeof createBedrockProvider> {
  return createBedrockProvider({ baseUrl: vendor.url, ...options })
}

async function call(vendor: Vendor, options: BedrockProviderOptions, model = 'm'): Promise<void> {
  await collectChunks(provider(vendor, options).stream(requestWith({ model })))
}

async function sentTo(options: BedrockProviderOptions): Promise<Request> {
  const sent: Request[] = []
  const fetch: typeof globalThis.fetch = (input, init) => {
    sent.push(new Request(input, init))
    return Promise.resolve(new Response(null, { status: 503 }))
  }
  await failureOf(createBedrockProvider({ ...options, fetch }).stream(requestWith({ model: 'm' })))
  return must(sent[0])
}

function refuse(): Promise<never> {
  return Promise.reject(new RangeError('nothing is to be sent'))
}

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new RangeError('no request arrived')
  return value
}
