import type { ModelChunk } from '@starling/provider'
import { collectChunks } from '@starling/provider-http/conformance'
import type { ServerResponse } from 'node:http'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { type BedrockProviderOptions, createBedrockProvider } from '../src/index.ts'
import { failureOf } from './support/failure-of.ts'
import { errorFrame, eventFrame, exceptionFrame, joined } from './support/converse-codec.ts'
import { requestWith } from './support/request.ts'
import { openVendor, respondWithEvents, type Vendor } from './support/vendor.ts'

const CREDENTIALS = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG',
  sessionToken: 'the-session-token',
}

const TEXT = eventFrame('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'Hi' } })
const STOP = eventFrame('messageStop', { stopReason: 'end_turn' })
const METADATA = eventFrame('metadata', { usage: { inputTokens: 1, outputTokens: 1 } })

describe('a failed response', () => {
  test('the name of the exception, its words and the id of the request are told', async () => {
    await using vendor = await openVendor(
      respondWith(429, '{"message":"Too many requests, please wait."}', {
        'x-amzn-errortype': 'ThrottlingException:http://internal.amazon.com/coral/',
        'x-amzn-requestid': 'request-9',
        'retry-after': '3',
      }),
    )
    expect(await failure(vendor)).toMatchObject({
      code: 'PROVIDER_RATE_LIMIT',
      status: 429,
      retryable: true,
      retryAfterMs: 3000,
      message: `${vendor.url}/model/m/converse-stream answered 429: Too many requests, please wait. (ThrottlingException, request request-9)`,
    })
  })

  test.for([
    [400, 'ValidationException', 'PROVIDER_REJECTED', false],
    [403, 'AccessDeniedException', 'PROVIDER_AUTH', false],
    [403, 'ExpiredTokenException', 'PROVIDER_AUTH', false],
    [400, 'ServiceQuotaExceededException', 'PROVIDER_BILLING', false],
    [404, 'ResourceNotFoundException', 'PROVIDER_REJECTED', false],
    [408, 'ModelTimeoutException', 'PROVIDER_TIMEOUT', true],
    [424, 'ModelErrorException', 'PROVIDER_SERVER', true],
    [429, 'ModelNotReadyException', 'PROVIDER_OVERLOADED', true],
    [500, 'InternalServerException', 'PROVIDER_SERVER', true],
    [503, 'ServiceUnavailableException', 'PROVIDER_OVERLOADED', true],
  ] as const)('%i %s is %s', async ([status, name, code, retryable]) => {
    await using vendor = await openVendor(respondWith(status, '{"message":"m"}', { 'x-amzn-errortype': name }))
    expect(await failure(vendor)).toMatchObject({ code, status, retryable })
  })

  test('a date to try again at is told in milliseconds', async () => {
    await using vendor = await openVendor(respondWith(503, '', { 'retry-after': 'Sat, 21 Nov 2026 12:00:30 GMT' }))
    const now = (): number => Date.UTC(2026, 10, 21, 12, 0, 0)
    expect(await failure(vendor, { now })).toMatchObject({ retryAfterMs: 30_000 })
  })

  test('one call is one request: nothing is tried again', async () => {
    await using vendor = await openVendor(respondWith(503, '{"message":"later"}'))
    await failure(vendor)
    expect(vendor.requests).toHaveLength(1)
  })

  test('a redirect is not followed', async () => {
    await using vendor = await openVendor(respondWith(307, '', { location: 'http://elsewhere.test/steal?x=1' }))
    expect(await failure(vendor)).toMatchObject({
      code: 'PROVIDER_REJECTED',
      message: expect.stringContaining('a redirect, which is not followed, to http://elsewhere.test/steal'),
    })
    expect(vendor.requests).toHaveLength(1)
  })

  test.each<[string, (response: ServerResponse) => void]>([
    [
      'the type of the content',
      respondWith(200, '', { 'content-type': `text/html; key=${CREDENTIALS.secretAccessKey}` }),
    ],
    ['JSON that was cut off', respondWith(500, `{"sent":"${CREDENTIALS.secretAccessKey.replace('/', String.raw`\/`)}`)],
  ])('keys that the vendor echoes in %s are taken out', async (_, respond) => {
    await using vendor = await openVendor(respond)
    expect(inspect(await failure(vendor), { depth: 10, showHidden: true })).not.toContain('K7MDENG')
  })

  test('keys that the vendor echoes are taken out', async () => {
    const { accessKeyId, secretAccessKey, sessionToken } = CREDENTIALS
    const said = `no such key ${accessKeyId}, token ${sessionToken}, secret ${secretAccessKey}`
    await using vendor = await openVendor(
      respondWith(403, JSON.stringify({ message: said }), { 'x-amzn-errortype': 'UnrecognizedClientException' }),
    )
    expect(await failure(vendor)).toMatchObject({
      code: 'PROVIDER_AUTH',
      message: expect.stringContaining('no such key [redacted], token [redacted], secret [redacted]'),
    })
  })

  test('the signature is taken out', async () => {
    await using vendor = await openVendor((response) => {
      const signature = /Signature=(\w+)/.exec(vendor.requests[0]?.headers['authorization'] ?? '')?.[1] ?? ''
      respondWith(403, JSON.stringify({ message: `the signature ${signature} does not match` }))(response)
    })
    expect(await failure(vendor)).toMatchObject({
      message: expect.stringContaining('the signature [redacted] does not match'),
    })
  })
})

describe('a success that is no event stream', () => {
  test('a document is an error, told by its words', async () => {
    await using vendor = await openVendor(
      respondWith(200, '{"message":"from a gateway"}', { 'content-type': 'application/json' }),
    )
    expect(await failure(vendor)).toMatchObject({
      code: 'PROVIDER_INVALID_STREAM',
      message: expect.stringContaining('answered with application/json instead of a stream: from a gateway'),
    })
  })

  test('an answer that was not streamed is an error, and is asked for once', async () => {
    const body = JSON.stringify({ output: { message: { role: 'assistant', content: [] } }, stopReason: 'end_turn' })
    await using vendor = await openVendor(respondWith(200, body, { 'content-type': 'application/json' }))
    expect(await failure(vendor)).toMatchObject({ code: 'PROVIDER_INVALID_STREAM', retryable: false })
    expect(vendor.requests).toHaveLength(1)
  })

  test('a page is an error', async () => {
    await using vendor = await openVendor(
      respondWith(200, '<html><title>Sign in</title></html>', { 'content-type': 'text/html' }),
    )
    expect(await failure(vendor)).toMatchObject({
      code: 'PROVIDER_INVALID_STREAM',
      message: expect.stringContaining('instead of a stream: Sign in'),
    })
  })

  test('no body is a cut answer', async () => {
    await using vendor = await openVendor(respondWithEvents())
    expect(await failure(vendor)).toMatchObject({ code: 'PROVIDER_INVALID_STREAM', retryable: true })
  })

  test('an exception in a document of a success is what it says', async () => {
    await using vendor = await openVendor(
      respondWith(200, '{"message":"slow down"}', {
        'content-type': 'application/json',
        'x-amzn-errortype': 'ThrottlingException',
      }),
    )
    expect(await failure(vendor)).toMatchObject({ code: 'PROVIDER_RATE_LIMIT', retryable: true })
  })
})

describe('silence', () => {
  test('a vendor that does not answer is a timeout', async () => {
    await using vendor = await openVendor(() => undefined)
    expect(await failure(vendor, { timeouts: { firstChunkMs: 30 } })).toMatchObject({
      code: 'PROVIDER_TIMEOUT',
      retryable: true,
      // Signing, which comes before the address is known, may already take that long.
      message: expect.stringMatching(/^no chunk from (?:bedrock|http:\S+\/converse-stream) within 30 ms$/),
    })
    await vendor.allClosed()
  })

  test('headers alone are no answer', async () => {
    await using vendor = await openVendor((response) => {
      response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' })
      response.flushHeaders()
    })
    expect(await failure(vendor, { timeouts: { firstChunkMs: 40 } })).toMatchObject({ code: 'PROVIDER_TIMEOUT' })
    await vendor.allClosed()
  })

  test('an answer that goes silent is a timeout, after what it said', async () => {
    await using vendor = await openVendor((response) => {
      response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' })
      response.write(TEXT)
    })
    const seen: ModelChunk[] = []
    const error = await failure(vendor, { timeouts: { firstChunkMs: 5000, betweenChunksMs: 30 } }, seen)
    expect(seen).toEqual([{ type: 'text-delta', text: 'Hi' }])
    expect(error).toMatchObject({
      code: 'PROVIDER_TIMEOUT',
      message: `no further chunk from ${vendor.url}/model/m/converse-stream within 30 ms`,
    })
    await vendor.allClosed()
  })

  test('half a message does not count as a chunk', async () => {
    await using vendor = await openVendor((response) => {
      response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' })
      response.write(TEXT.subarray(0, 20))
    })
    expect(await failure(vendor, { timeouts: { firstChunkMs: 40 } })).toMatchObject({ code: 'PROVIDER_TIMEOUT' })
  })

  test('0 is no limit', async () => {
    await using vendor = await openVendor(respondWithEvents(TEXT, STOP, METADATA))
    const chunks = await collectChunks(stream(vendor, { timeouts: { firstChunkMs: 0, betweenChunksMs: 0 } }))
    expect(chunks.at(-1)).toMatchObject({ type: 'end' })
  })
})

describe('a fetch of its own', () => {
  test('one that throws at once is a failure of the network', async () => {
    await using vendor = await openVendor(respondWithEvents(TEXT, STOP, METADATA))
    const fetch = (): never => {
      throw Object.assign(new Error('no route'), { code: 'EHOSTUNREACH' })
    }
    expect(await failure(vendor, { fetch })).toMatchObject({ code: 'PROVIDER_NETWORK', retryable: true })
  })

  test('keys in what it says are taken out, and the error that holds them is not shown', async () => {
    await using vendor = await openVendor(respondWithEvents(TEXT, STOP, METADATA))
    const fetch = (_: unknown, init?: RequestInit): Promise<never> =>
      Promise.reject(new Error(`failed with ${new Headers(init?.headers).get('authorization') ?? ''}`))
    const error = await failure(vendor, { fetch })
    expect(error).toMatchObject({ code: 'PROVIDER_NETWORK' })
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(CREDENTIALS.accessKeyId)
  })

  test('it gets the headers that are signed, and the two that it sets itself are left to it', async () => {
    await using vendor = await openVendor(respondWithEvents(TEXT, STOP, METADATA))
    const seen: Headers[] = []
    const fetch: typeof globalThis.fetch = (input, init) => {
      seen.push(new Headers(init?.headers))
      return globalThis.fetch(input, init)
    }
    await collectChunks(stream(vendor, { fetch }))
    expect([...(seen[0]?.keys() ?? [])]).toEqual(
      expect.arrayContaining(['authorization', 'x-amz-date', 'content-type']),
    )
    expect(seen[0]?.has('host')).toBe(false)
    expect(seen[0]?.has('content-length')).toBe(false)
  })
})

describe('the end of a call', () => {
  test('an answer that is whole ends at once, though the connection stays open', async () => {
    await using vendor = await openVendor((response) => {
      response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' })
      response.write(joined(TEXT, STOP, METADATA))
    })
    const chunks = await collectChunks(stream(vendor))
    expect(chunks.map(({ type }) => type)).toEqual(['text-delta', 'usage', 'end'])
    await vendor.allClosed()
  })

  test('what comes after the end is passed over', async () => {
    await using vendor = await openVendor(
      respondWithEvents(joined(TEXT, STOP, METADATA, exceptionFrame('internalServerException', { message: 'late' }))),
    )
    expect((await collectChunks(stream(vendor))).at(-1)).toMatchObject({ type: 'end' })
  })

  test('leaving in the middle closes the connection', async () => {
    await using vendor = await openVendor((response) => {
      response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' })
      response.write(TEXT)
    })
    for await (const chunk of stream(vendor)) {
      expect(chunk).toEqual({ type: 'text-delta', text: 'Hi' })
      break
    }
    await vendor.allClosed()
  })

  test('an abort closes the connection', async () => {
    await using vendor = await openVendor(() => undefined)
    const controller = new AbortController()
    const chunks = failureOf(provider(vendor).stream(requestWith({ model: 'm' }), { signal: controller.signal }))
    await vendor.arrived(1)
    const reason = { why: 'the user left' }
    controller.abort(reason)
    expect(await chunks).toBe(reason)
    await vendor.allClosed()
  })

  test('a connection is used again once its answer is over', async () => {
    await using vendor = await openVendor(respondWithEvents(TEXT, STOP, METADATA))
    const bedrock = provider(vendor)
    for (let calls = 0; calls < 8; calls++) await collectChunks(bedrock.stream(requestWith()))
    expect(vendor.requests).toHaveLength(8)
    // A call may come a moment before the last connection is free again.
    expect(vendor.opened()).toBeLessThanOrEqual(2)
  })

  test('the id of the request arrives', async () => {
    await using vendor = await openVendor(respondWithEvents(TEXT, STOP, METADATA))
    expect((await collectChunks(stream(vendor))).at(-1)).toMatchObject({ requestId: 'request-1' })
  })
})

describe('an error inside a stream', () => {
  test.for([
    [exceptionFrame('throttlingException', { message: 'slow down' }), 'PROVIDER_RATE_LIMIT'],
    [exceptionFrame('modelStreamErrorException', { message: 'm', originalStatusCode: 529 }), 'PROVIDER_OVERLOADED'],
    [errorFrame('InternalFailure', 'it broke'), 'PROVIDER_SERVER'],
  ] as const)('after text is told with what it means: %#', async ([frame, code]) => {
    await using vendor = await openVendor(respondWithEvents(TEXT, frame))
    const seen: ModelChunk[] = []
    expect(await failure(vendor, {}, seen)).toMatchObject({ code, status: undefined })
    expect(seen).toEqual([{ type: 'text-delta', text: 'Hi' }])
  })

  test('in the same read as text, the text still arrives', async () => {
    const frame = exceptionFrame('throttlingException', { message: 'slow down' })
    await using vendor = await openVendor(respondWithEvents(joined(TEXT, frame)))
    const seen: ModelChunk[] = []
    await failure(vendor, {}, seen)
    expect(seen).toEqual([{ type: 'text-delta', text: 'Hi' }])
  })
})

describe('something in a stream that is no event', () => {
  test('the text before it arrives, also in the same read', async () => {
    await using vendor = await openVendor(respondWithEvents(joined(TEXT, new TextEncoder().encode('no event at all'))))
    const seen: ModelChunk[] = []
    expect(await failure(vendor, {}, seen)).toMatchObject({ code: 'PROVIDER_INVALID_STREAM', retryable: false })
    expect(seen).toEqual([{ type: 'text-delta', text: 'Hi' }])
  })
})

describe('a request that Bedrock cannot do', () => {
  test.for([
    [{ seed: 4 }, 'the provider "bedrock" cannot do seed'],
    [{ parallelToolCalls: false }, 'the provider "bedrock" cannot do parallelToolCalls'],
    [{ responseFormat: { type: 'json' } }, 'the provider "bedrock" cannot do a responseFormat of the type json'],
    [{ toolChoice: 'any' }, 'toolChoice is "any", but the request offers no tools'],
  ] as const)('%j is refused before anything is sent', async ([differing, message]) => {
    await using vendor = await openVendor(respondWithEvents(TEXT, STOP, METADATA))
    const error = await failureOf(provider(vendor).stream(requestWith(differing)))
    expect(error).toMatchObject({ code: 'PROVIDER_INVALID_OPTIONS', message })
    expect(vendor.requests).toEqual([])
  })
})

describe('a long answer', () => {
  test('ten million characters pass through, piece by piece', async () => {
    const piece = eventFrame('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'x'.repeat(10_000) } })
    await using vendor = await openVendor((response) => {
      response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' })
      for (let sent = 0; sent < 1000; sent++) response.write(piece)
      response.end(joined(STOP, METADATA))
    })
    let characters = 0
    for await (const chunk of stream(vendor)) if (chunk.type === 'text-delta') characters += chunk.text.length
    expect(characters).toBe(10_000_000)
  })
})

function provider(vendor: Vendor, options: BedrockProviderOptions = {}): ReturnType<typeof createBedrockProvider> {
  return createBedrockProvider({
    region: 'us-east-1',
    baseUrl: vendor.url,
    credentials: CREDENTIALS,
    ...options,
  })
}

function stream(vendor: Vendor, options: BedrockProviderOptions = {}): AsyncIterable<ModelChunk> {
  return provider(vendor, options).stream(requestWith({ model: 'm' }))
}

async function failure(
  vendor: Vendor,
  options: BedrockProviderOptions = {},
  seen: ModelChunk[] = [],
): Promise<unknown> {
  return failureOf(noting(stream(vendor, options), seen))
}

async function* noting(chunks: AsyncIterable<ModelChunk>, seen: ModelChunk[]): AsyncIterable<ModelChunk> {
  for await (const chunk of chunks) {
    seen.push(chunk)
    yield chunk
  }
}

function respondWith(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): (response: ServerResponse) => void {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(body)
  }
}
