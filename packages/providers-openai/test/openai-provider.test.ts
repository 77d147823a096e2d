import { toHex, blake3 } from '@starling/event'
import type { ModelChunk } from '@starling/provider'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { deltaEvent, HELLO, providerFor, sse, textAnswer } from './support/chunks.ts'
import {
  collectChunks,
  collectUntilFailure,
  openLoopbackServer,
  type Respond,
  respondInParts,
  respondWith,
  textOf,
  write,
} from '@starling/provider-http/conformance'

const ENCODER = new TextEncoder()

const SEARCH_CALL = { index: 0, id: 'call_1', function: { name: 'search', arguments: '{}' } }

describe('an answer', () => {
  test('is text, usage and one end with the hash and the id of the request', async () => {
    const usage = { choices: [], usage: { prompt_tokens: 9, completion_tokens: 2 } }
    const events = [deltaEvent({ content: 'héllo' }), deltaEvent({}, 'stop'), sse(usage), sse('[DONE]')]
    const chunks = await answerOf(respondWith(200, events.join(''), { 'x-request-id': 'req_1' }))
    const hashed = events.slice(0, -1).map((event) => event.slice('data: '.length, -2))
    expect(chunks).toEqual([
      { type: 'text-delta', text: 'héllo' },
      { type: 'usage', usage: { input: 9, cacheRead: 0, cacheWrite: 0, output: 2, reasoning: 0 } },
      {
        type: 'end',
        stopReason: 'stop',
        rawStopReason: 'stop',
        rawResponseHash: blake3(ENCODER.encode(hashed.join(''))),
        requestId: 'req_1',
      },
    ])
  })

  test('is the same wherever its bytes are cut', async () => {
    const stream = ENCODER.encode(`: note\n\n${textAnswer('zażółć 你好 👩‍🚀')}`)
    const whole = await answerOf(respondInParts([stream]))
    const everyByte = await answerOf(respondInParts([...stream].map((byte) => Uint8Array.of(byte))))
    expect(everyByte).toEqual(whole)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: stream.length }), { maxLength: 6 }), async (cuts) => {
        const edges = [0, ...cuts.toSorted((left, right) => left - right), stream.length]
        const parts = edges.slice(1).map((edge, index) => stream.slice(edges[index], edge))
        expect(await answerOf(respondInParts(parts))).toEqual(whole)
      }),
      { numRuns: 20 },
    )
  })

  test('hashes bytes that are not valid UTF-8 as they came', async () => {
    const data = Uint8Array.of(...ENCODER.encode('{"choices":[{"delta":{"content":"'), 0xff, ...ENCODER.encode('"}}]}'))
    const stream = [ENCODER.encode('data: '), data, '\n\n', deltaEvent({}, 'stop'), sse('[DONE]')]
    const chunks = await answerOf(respondInParts(stream))
    const last = ENCODER.encode(deltaEvent({}, 'stop').slice('data: '.length, -2))
    expect(textOf(chunks)).toBe('\uFFFD')
    expect(hashOf(chunks)).toBe(toHex(blake3(Uint8Array.of(...data, ...last))))
  })

  test('with reasoning keeps it apart from the text', async () => {
    const stream =
      deltaEvent({ reasoning_content: 'hm, ' }) + deltaEvent({ reasoning_content: 'yes' }) + textAnswer('4')
    expect((await answerOf(respondWith(200, stream))).slice(0, 3)).toEqual([
      { type: 'reasoning-delta', text: 'hm, ' },
      { type: 'reasoning-delta', text: 'yes' },
      { type: 'text-delta', text: '4' },
    ])
  })

  test('that is refused says so in its text and its stop reason', async () => {
    const stream = deltaEvent({ refusal: 'I will ' }) + deltaEvent({ refusal: 'not.' }) + deltaEvent({}, 'stop')
    const chunks = await answerOf(respondWith(200, stream + sse('[DONE]')))
    expect(textOf(chunks)).toBe('I will not.')
    expect(chunks.at(-1)).toMatchObject({ stopReason: 'refusal', rawStopReason: 'stop' })
  })

  test('tells each usage when the server does, with or without choices around it, and the last one counts', async () => {
    const early = {
      choices: [{ index: 0, delta: { content: 'x' } }],
      usage: { prompt_tokens: 1, completion_tokens: 1 },
    }
    const late = { choices: [{ index: 0, delta: {}, finish_reason: 'stop', usage: { completion_tokens: 7 } }] }
    const chunks = await answerOf(respondWith(200, sse(early) + sse(late) + sse('[DONE]')))
    expect(chunks).toMatchObject([
      { type: 'text-delta', text: 'x' },
      { type: 'usage', usage: { input: 1, output: 1 } },
      { type: 'usage', usage: { input: 0, output: 7 } },
      { type: 'end' },
    ])
  })

  test('without usage has no usage chunk', async () => {
    const chunks = await answerOf(respondWith(200, textAnswer('x')))
    expect(chunks.map(({ type }) => type)).toEqual(['text-delta', 'end'])
  })

  test('takes the last finish reason, and what comes after [DONE] not at all', async () => {
    const stream = deltaEvent({ content: 'x' }, 'stop') + deltaEvent({}, 'length') + sse('[DONE]') + textAnswer('more')
    const chunks = await answerOf(respondWith(200, stream))
    expect(textOf(chunks)).toBe('x')
    expect(chunks.at(-1)).toMatchObject({ stopReason: 'max_tokens', rawStopReason: 'length' })
  })

  test('names the tool calls that the server left without an id', async () => {
    const call = { function: { name: 'search', arguments: '{}' } }
    const stream = deltaEvent({ tool_calls: [call] }) + deltaEvent({}, 'stop') + sse('[DONE]')
    await using server = await openLoopbackServer(respondWith(200, stream))
    const provider = providerFor(server.url, { generateCallId: () => 'call_made' })
    expect(await collectChunks(provider.stream(HELLO))).toMatchObject([
      { type: 'tool-call-start', callId: 'call_made', name: 'search' },
      { type: 'tool-call-delta', callId: 'call_made', argumentsText: '{}' },
      { type: 'tool-call-end', callId: 'call_made' },
      { type: 'end', stopReason: 'tool_use', rawStopReason: 'stop' },
    ])
  })

  test('gives a tool call without an id one that is different every time', async () => {
    const call = { function: { name: 'search', arguments: '{}' } }
    const stream = deltaEvent({ tool_calls: [call] }) + deltaEvent({}, 'stop') + sse('[DONE]')
    const ids = [await answerOf(respondWith(200, stream)), await answerOf(respondWith(200, stream))].map(([start]) =>
      start?.type === 'tool-call-start' ? start.callId : '',
    )
    for (const id of ids) expect(id).toMatch(/^call_[0-9a-f-]{36}$/)
    expect(ids[0]).not.toBe(ids[1])
  })

  test('is complete without [DONE] when it has a finish reason and closes in good order', async () => {
    const chunks = await answerOf(respondWith(200, deltaEvent({ content: 'x' }, 'stop')))
    expect(chunks.at(-1)).toMatchObject({ type: 'end', stopReason: 'stop' })
  })

  test('is complete when only the closing blank line is missing', async () => {
    const chunks = await answerOf(respondWith(200, `${deltaEvent({ content: 'x' })}data: [DONE]`))
    expect(chunks.at(-1)).toMatchObject({ type: 'end', stopReason: 'other', rawStopReason: '' })
  })

  test.each([
    ['with text', { content: 'x' }, 'other'],
    ['with a whole tool call', { tool_calls: [SEARCH_CALL] }, 'tool_use'],
    [
      'with a tool call that breaks off',
      { tool_calls: [{ ...SEARCH_CALL, function: { name: 'f', arguments: '{"q":' } }] },
      'other',
    ],
  ])('without a reason to stop is known to be finished only by whole tool calls: %s', async (_, delta, stopReason) => {
    const chunks = await answerOf(respondWith(200, deltaEvent(delta) + sse('[DONE]')))
    expect(chunks.at(-1)).toMatchObject({ type: 'end', stopReason, rawStopReason: '' })
  })

  test.each(['text/plain; charset=utf-8', 'application/octet-stream'])('may be labelled %s', async (type) => {
    expect(textOf(await answerOf(respondWith(200, textAnswer('x'), { 'content-type': type })))).toBe('x')
  })
})

describe('an answer that is cut off', () => {
  test.each([
    ['in good order', deltaEvent({ content: 'x' })],
    ['inside an event', `${deltaEvent({ content: 'x' })}data: {"choices":[{"del`],
    ['before its first event', ''],
    ['after a tool call', deltaEvent({ tool_calls: [{ index: 0, id: 'c', function: { name: 'f', arguments: '{' } }] })],
  ])('%s is an error, not an end', async (_, stream) => {
    const { chunks, error } = await failureOf(respondWith(200, stream))
    expect(chunks.every(({ type }) => type !== 'end')).toBe(true)
    expect(error).toMatchObject({ code: 'PROVIDER_INVALID_STREAM', retryable: true })
    expect(String(error)).toMatch(/the answer of http\S+ was cut off after \d chunks: no finish_reason and no \[DONE\]/)
  })

  test('by a broken connection is a network error, also after its finish reason', async () => {
    for (const finishReason of [null, 'stop']) {
      const { chunks, error } = await failureOf(async (response) => {
        await write(response, deltaEvent({ content: 'x' }, finishReason))
        response.destroy()
      })
      expect(textOf(chunks)).toBe('x')
      expect(error).toMatchObject({ code: 'PROVIDER_NETWORK', retryable: true })
    }
  })
})

describe('a failure inside the stream', () => {
  test.each([
    [{ error: { message: 'overloaded', type: 'server_error' } }, 'PROVIDER_SERVER', true],
    [{ error: { message: 'slow down', code: 'rate_limit_exceeded' } }, 'PROVIDER_RATE_LIMIT', true],
    [{ error: { message: 'busy', code: 'server_overloaded' } }, 'PROVIDER_OVERLOADED', true],
    [{ error: { message: 'pay', code: 'insufficient_quota' } }, 'PROVIDER_BILLING', false],
    [{ error: { message: 'pay', code: 429, type: 'insufficient_quota' } }, 'PROVIDER_BILLING', false],
    [{ error: { message: 'provider is down', code: 502 }, choices: [] }, 'PROVIDER_SERVER', true],
    [{ error: { message: 'too long', code: 'context_length_exceeded' } }, 'PROVIDER_CONTEXT_OVERFLOW', false],
    [{ error: { message: 'no', code: 'content_filter', status: 500 } }, 'PROVIDER_CONTENT_FILTER', false],
    [{ error: { message: 'no', type: 'invalid_request_error' } }, 'PROVIDER_REJECTED', false],
    [{ error: { message: 'this is a rate limit, says the text', code: 'x' } }, 'PROVIDER_SERVER', true],
    [{ error: 'who are you', code: 401 }, 'PROVIDER_SERVER', true],
    [{ object: 'error', message: 'bad', code: 400 }, 'PROVIDER_REJECTED', false],
  ])('%j is %s', async (event, code, retryable) => {
    const { chunks, error } = await failureOf(respondWith(200, deltaEvent({ content: 'x' }) + sse(event)))
    expect(textOf(chunks)).toBe('x')
    expect(error).toMatchObject({ code, retryable })
  })

  test('says who failed, what and why', async () => {
    const event = sse({ error: { message: 'line one\nline two', code: 'oops', type: 'server_error' } })
    const { error } = await failureOf(respondWith(200, event))
    expect(String(error)).toMatch(
      /ProviderError: http:\S+\/chat\/completions failed while streaming: line one line two \(oops, server_error\)$/,
    )
  })

  test('may be an event of that name with any text', async () => {
    const { error } = await failureOf(respondWith(200, 'event: error\ndata: upstream broke\n\n'))
    expect(error).toMatchObject({ code: 'PROVIDER_SERVER', message: expect.stringContaining('upstream broke') })
  })

  test('that is no JSON shows the beginning of what came', async () => {
    const { error } = await failureOf(respondWith(200, `data: <html>${'x'.repeat(1000)}\n\n`))
    expect(error).toMatchObject({ code: 'PROVIDER_INVALID_STREAM', retryable: false })
    expect(String(error)).toMatch(/sent no JSON object: <html>x+…$/)
    expect(String(error).length).toBeLessThan(420)
  })

  test('that is JSON of another shape names the field', async () => {
    const { error } = await failureOf(respondWith(200, deltaEvent({ content: 5 })))
    expect(error).toMatchObject({
      code: 'PROVIDER_INVALID_STREAM',
      message: 'delta.content of a chunk is number, not a text',
    })
  })
})

describe('a response that is no success', () => {
  test.each([
    [400, 'PROVIDER_REJECTED', false],
    [401, 'PROVIDER_AUTH', false],
    [403, 'PROVIDER_AUTH', false],
    [404, 'PROVIDER_REJECTED', false],
    [402, 'PROVIDER_BILLING', false],
    [408, 'PROVIDER_TIMEOUT', true],
    [429, 'PROVIDER_RATE_LIMIT', true],
    [500, 'PROVIDER_SERVER', true],
    [503, 'PROVIDER_OVERLOADED', true],
    [529, 'PROVIDER_OVERLOADED', true],
  ])('%d is %s', async (status, code, retryable) => {
    const { chunks, error } = await failureOf(respondWith(status, '{"error":{"message":"said so"}}'))
    expect(chunks).toEqual([])
    expect(error).toMatchObject({ code, status, retryable })
    expect(String(error)).toMatch(new RegExp(`http:\\S+/chat/completions answered ${status}: said so$`))
  })

  test('carries how long to wait, in milliseconds', async () => {
    const body = '{"error":{"message":"wait"}}'
    const seconds = await failureOf(respondWith(429, body, { 'retry-after': '7' }))
    expect(seconds.error).toMatchObject({ retryAfterMs: 7000 })
    const exact = await failureOf(respondWith(429, body, { 'retry-after': '7', 'retry-after-ms': '120' }))
    expect(exact.error).toMatchObject({ retryAfterMs: 120 })
  })

  test('reads a date to wait for by the clock it was given', async () => {
    const date = 'Sat, 21 Nov 2026 10:00:30 GMT'
    await using server = await openLoopbackServer(respondWith(503, '', { 'retry-after': date }))
    const provider = providerFor(server.url, { now: () => Date.parse('2026-11-21T10:00:00Z') })
    const { error } = await collectUntilFailure(provider.stream(HELLO))
    expect(error).toMatchObject({ retryAfterMs: 30_000 })
  })

  test('names the request, for whoever asks the vendor about it', async () => {
    const body = '{"error":{"message":"broken","type":"server_error"}}'
    const { error } = await failureOf(respondWith(500, body, { 'x-request-id': 'req_9' }))
    expect(String(error)).toContain('answered 500: broken (server_error, request req_9)')
  })

  test('does not ask for another attempt when only money helps, or the vendor says no', async () => {
    const quota = await failureOf(respondWith(429, '{"error":{"message":"pay","code":"insufficient_quota"}}'))
    expect(quota.error).toMatchObject({ code: 'PROVIDER_BILLING', retryable: false })
    const told = await failureOf(respondWith(503, '', { 'x-should-retry': 'false' }))
    expect(told.error).toMatchObject({ code: 'PROVIDER_OVERLOADED', retryable: false })
    const invited = await failureOf(respondWith(409, '', { 'x-should-retry': 'true' }))
    expect(invited.error).toMatchObject({ code: 'PROVIDER_REJECTED', retryable: true })
  })

  test('as an HTML page becomes its title', async () => {
    const page = '<html><head><title>502 Bad Gateway</title></head><body><h1>nginx</h1></body></html>'
    const { error } = await failureOf(respondWith(502, page, { 'content-type': 'text/html' }))
    expect(String(error)).toMatch(/answered 502: 502 Bad Gateway$/)
  })

  test('without a body is described by its status', async () => {
    expect(String((await failureOf(respondWith(500, ''))).error)).toMatch(/answered 500: internal server error$/)
  })

  test('whose page breaks off still has its status', async () => {
    const { error } = await failureOf(async (response) => {
      response.writeHead(500, { 'content-length': '1000' })
      await write(response, 'half a page')
      response.destroy()
    })
    expect(error).toMatchObject({ code: 'PROVIDER_SERVER', status: 500 })
  })

  test('is read no further than one line needs', async () => {
    const { error } = await failureOf(async (response) => {
      response.writeHead(500)
      // More than the system buffers, and no end: only a reader that stops gets anywhere.
      while (!response.destroyed) await write(response, 'x'.repeat(100_000))
    })
    expect(String(error)).toMatch(/answered 500: x{299}…$/)
  })

  test('is a redirect that is not followed, and says where it points', async () => {
    await using target = await openLoopbackServer(respondWith(200, textAnswer('x')))
    const location = `${target.url}/v2/chat/completions?key=hidden-value`
    const { error } = await failureOf(respondWith(307, '', { location }))
    expect(error).toMatchObject({ code: 'PROVIDER_REJECTED', status: 307, retryable: false })
    expect(String(error)).toContain(`a redirect, which is not followed, to ${target.url}/v2/chat/completions`)
    expect(String(error)).not.toContain('hidden-value')
    expect(target.requests).toEqual([])
  })

  test('mentions that no key was sent, when none was', async () => {
    await using server = await openLoopbackServer(respondWith(401, '{"error":"who?"}'))
    const { error } = await collectUntilFailure(providerFor(server.url, { apiKey: null }).stream(HELLO))
    expect(String(error)).toMatch(/answered 401: who\? \(no API key was sent\)$/)
  })
})

describe('what the vendor says about a text', () => {
  const link = {
    type: 'url_citation',
    url_citation: { url: 'https://example.com', title: 'E', start_index: 0, end_index: 1 },
  }
  const citations = [JSON.stringify(link)]

  test('closes it as its citations', async () => {
    const answer = deltaEvent({ content: 'a' }) + deltaEvent({ annotations: [link] }) + textAnswer('b')
    expect((await answerOf(respondWith(200, answer))).slice(0, -1)).toEqual([
      { type: 'text-delta', text: 'a' },
      { type: 'text-end', citations },
      { type: 'text-delta', text: 'b' },
    ])
  })

  test('is kept when it comes with the text, before it, or when something else has begun', async () => {
    const call = { index: 0, id: 'call_1', function: { name: 'f', arguments: '{}' } }
    const together = await answerOf(
      respondWith(200, deltaEvent({ content: 'a', annotations: [link] }) + textAnswer('')),
    )
    expect(together.slice(0, -1)).toEqual([
      { type: 'text-delta', text: 'a' },
      { type: 'text-end', citations },
    ])
    const before = await answerOf(respondWith(200, deltaEvent({ annotations: [link] }) + textAnswer('a')))
    expect(before.slice(0, -1)).toEqual(together.slice(0, -1))
    const after = await answerOf(
      respondWith(
        200,
        deltaEvent({ content: 'a', tool_calls: [call] }) + deltaEvent({ annotations: [link] }) + textAnswer(''),
      ),
    )
    expect(after.map(({ type }) => type).join(' ')).toBe(
      'text-delta tool-call-start tool-call-delta text-delta text-end tool-call-end end',
    )
    expect(after[4]).toEqual({ type: 'text-end', citations })
  })
})

describe('a success that is no stream', () => {
  test('but a whole answer is refused with the type that came', async () => {
    const { error } = await failureOf(respondWith(200, '{"choices":[]}', { 'content-type': 'application/json' }))
    expect(error).toMatchObject({ code: 'PROVIDER_INVALID_STREAM', retryable: false })
    expect(String(error)).toContain('answered with application/json instead of a stream')
  })

  test('but a page is refused with its title', async () => {
    const { error } = await failureOf(respondWith(200, '<title>Sign in</title>', { 'content-type': 'text/html' }))
    expect(String(error)).toMatch(/answered with text\/html instead of a stream: Sign in$/)
  })

  test('but an error object is that error', async () => {
    const body = '{"error":{"message":"slow down","code":"rate_limit_exceeded"}}'
    const { error } = await failureOf(respondWith(200, body, { 'content-type': 'application/json; charset=utf-8' }))
    expect(error).toMatchObject({ code: 'PROVIDER_RATE_LIMIT', retryable: true })
  })

  test('and has no body is refused', async () => {
    const { error } = await failureOf((response) => {
      response.writeHead(204).end()
    })
    expect(error).toMatchObject({ code: 'PROVIDER_INVALID_STREAM' })
    expect(String(error)).toContain('answered with no content type instead of a stream')
  })
})

async function answerOf(respond: Respond): Promise<ModelChunk[]> {
  await using server = await openLoopbackServer(respond)
  return await collectChunks(providerFor(server.url).stream(HELLO))
}

async function failureOf(respond: Respond) {
  await using server = await openLoopbackServer(respond)
  return await collectUntilFailure(providerFor(server.url).stream(HELLO))
}

function hashOf(chunks: readonly ModelChunk[]): string {
  const end = chunks.at(-1)
  return end?.type === 'end' && end.rawResponseHash !== null ? toHex(end.rawResponseHash) : ''
}
