import type { ModelChunk } from '@starling/provider'
import { inspect } from 'node:util'
import { describe, expect, test, vi } from 'vitest'
import {
  collectChunks,
  collectUntilFailure,
  openLoopbackServer,
  type Respond,
  respondWith,
  textOf,
  write,
  writeUntilClosed,
} from '../src/conformance/index.ts'
import { DONE, HELLO, PING, providerFor, sse, textAnswer, textEvent } from './support/line-vendor.ts'

const KEY = 'sk-key-that-must-not-show'

describe('a call', () => {
  test('sends nothing before the first chunk is asked for', async () => {
    await using server = await openLoopbackServer(respondWith(200, textAnswer('x')))
    const chunks = providerFor(server.url).stream(HELLO)
    const iterator = chunks[Symbol.asyncIterator]()
    await iterator.return?.()
    expect(server.connections.opened).toBe(0)
    await collectChunks(providerFor(server.url).stream(HELLO))
    expect(server.requests).toHaveLength(1)
  })

  test('is sent once, whatever comes back', async () => {
    await using server = await openLoopbackServer(respondWith(503, ''))
    await collectUntilFailure(providerFor(server.url).stream(HELLO))
    expect(server.requests).toHaveLength(1)
  })

  test('carries its headers and its query', async () => {
    await using server = await openLoopbackServer(respondWith(200, textAnswer('x')))
    const provider = providerFor(server.url, {
      apiKey: null,
      headers: { 'api-key': 'azure' },
      query: { 'api-version': '2024-10-21' },
    })
    await collectChunks(provider.stream(HELLO))
    const [request] = server.requests
    expect(request?.path).toBe('/line-1/lines?api-version=2024-10-21')
    expect(request?.headers).toMatchObject({ 'api-key': 'azure', accept: 'text/event-stream', 'line-version': '7' })
    expect(request?.headers).not.toHaveProperty('authorization')
  })

  test('uses the fetch it was given', async () => {
    const seen: string[] = []
    const provider = providerFor('http://nowhere.invalid/v1', {
      fetch: (input) => {
        seen.push(typeof input === 'string' ? input : 'not a text')
        return Promise.resolve(new Response(textAnswer('from here')))
      },
    })
    expect(textOf(await collectChunks(provider.stream(HELLO)))).toBe('from here')
    expect(seen).toEqual(['http://nowhere.invalid/v1/line-1/lines'])
  })

  test('carries no half character, which vendors refuse', async () => {
    await using server = await openLoopbackServer(respondWith(200, textAnswer('x')))
    const messages = [{ role: 'user', content: 'cut \ud83d' }] as const
    await collectChunks(providerFor(server.url).stream({ ...HELLO, messages, systemPrompt: '\ude00' }))
    expect(server.requests[0]?.body).toMatchObject({
      systemPrompt: '\ufffd',
      messages: [{ role: 'user', content: 'cut \ufffd' }],
    })
  })

  test('that cannot be expressed fails before anything is sent', async () => {
    await using server = await openLoopbackServer(respondWith(200, textAnswer('x')))
    const { error } = await collectUntilFailure(providerFor(server.url).stream({ ...HELLO, model: 'unspeakable' }))
    expect(error).toEqual(new RangeError('cannot be said'))
    expect(server.connections.opened).toBe(0)
  })

  test('to a server that is not there is a network error', async () => {
    const server = await openLoopbackServer(respondWith(200, ''))
    await server[Symbol.asyncDispose]()
    const { error } = await collectUntilFailure(providerFor(server.url).stream(HELLO))
    expect(error).toMatchObject({ code: 'PROVIDER_NETWORK', retryable: true })
    expect(String(error)).toContain(new URL(server.url).host)
  })
})

describe('a connection', () => {
  test('is used again for the next call, though the response ends after its last event', async () => {
    await using server = await openLoopbackServer(async (response) => {
      await write(response, textAnswer('x'))
      await new Promise(setImmediate)
      response.end()
    })
    const provider = providerFor(server.url)
    for (let call = 0; call < 8; call++) {
      for await (const chunk of provider.stream(HELLO)) if (chunk.type === 'end') break
    }
    // The pool of `fetch` may open a second one before it has the first one back.
    expect(server.connections.opened).toBeLessThanOrEqual(2)
    expect(server.connections.open).toBe(server.connections.opened)
  })

  test('is given up when the response stays open after its last event', async () => {
    await using server = await openLoopbackServer(async (response) => {
      await write(response, textAnswer('x'))
    })
    expect((await collectChunks(providerFor(server.url).stream(HELLO))).at(-1)).toMatchObject({ type: 'end' })
    await server.allClosed()
  })

  test('is closed when the consumer leaves early', async () => {
    await using server = await openLoopbackServer(endless)
    for await (const chunk of providerFor(server.url).stream(HELLO)) {
      expect(chunk.type).toBe('text-delta')
      break
    }
    await server.allClosed()
  })

  test('is closed after an error inside the stream', async () => {
    await using server = await openLoopbackServer(async (response) => {
      await write(response, sse({ error: { message: 'broken' } }))
    })
    const { error } = await collectUntilFailure(providerFor(server.url).stream(HELLO))
    expect(error).toMatchObject({ code: 'PROVIDER_SERVER' })
    await server.allClosed()
  })
})

describe('an answer', () => {
  test('is read as fast as its chunks are taken, and no faster', async () => {
    let sent = 0
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          sent++
          controller.enqueue(new TextEncoder().encode(textEvent(`${sent}`)))
        },
      },
      { highWaterMark: 0 },
    )
    const provider = providerFor('http://nowhere.invalid', { fetch: () => Promise.resolve(new Response(body)) })
    let taken = 0
    for await (const chunk of provider.stream(HELLO)) {
      expect(chunk.type).toBe('text-delta')
      taken++
      await new Promise(setImmediate)
      expect(sent).toBe(taken)
      if (taken === 50) break
    }
    expect(sent).toBe(50)
  })

  test('that is all in one read is handed out chunk by chunk', async () => {
    const events = Array.from({ length: 1000 }, (_, index) => textEvent(`${index} `))
    await using server = await openLoopbackServer(respondWith(200, events.join('') + DONE))
    const chunks = await collectChunks(providerFor(server.url).stream(HELLO))
    expect(chunks).toHaveLength(1001)
    expect(textOf(chunks).startsWith('0 1 2 3 ')).toBe(true)
  })
})

describe('an abort', () => {
  test('before the call rejects with its reason and sends nothing', async () => {
    await using server = await openLoopbackServer(respondWith(200, textAnswer('x')))
    const reason = new Error('never mind')
    const { error } = await collectUntilFailure(
      providerFor(server.url).stream(HELLO, { signal: AbortSignal.abort(reason) }),
    )
    expect(error).toBe(reason)
    expect(server.connections.opened).toBe(0)
  })

  test.each<[string, (aborted: () => void) => Respond]>([
    ['before the response', (arrived) => () => arrived()],
    [
      'before the first chunk',
      (arrived) => async (response) => {
        await write(response, ': note\n\n')
        arrived()
      },
    ],
    [
      'inside an error page',
      (arrived) => async (response) => {
        response.writeHead(500)
        await write(response, 'half a page')
        arrived()
      },
    ],
  ])('%s rejects with its reason and closes the connection', async (_, respond) => {
    const caller = new AbortController()
    const reason = { not: 'even an error' }
    await using server = await openLoopbackServer(respond(() => caller.abort(reason)))
    const { chunks, error } = await collectUntilFailure(
      providerFor(server.url).stream(HELLO, { signal: caller.signal }),
    )
    expect(chunks).toEqual([])
    expect(error).toBe(reason)
    await server.allClosed()
  })

  test('in the middle rejects the pending read with its reason', async () => {
    await using server = await openLoopbackServer(async (response) => {
      await write(response, textEvent('x'))
    })
    const caller = new AbortController()
    const reason = new Error('enough')
    const iterator = providerFor(server.url).stream(HELLO, { signal: caller.signal })[Symbol.asyncIterator]()
    await iterator.next()
    const pending = iterator.next()
    caller.abort(reason)
    await expect(pending).rejects.toBe(reason)
    await server.allClosed()
  })

  test('between two chunks that came together keeps the second one back', async () => {
    await using server = await openLoopbackServer(respondWith(200, textEvent('a') + textEvent('b') + DONE))
    const caller = new AbortController()
    const seen: ModelChunk[] = []
    const reason = new Error('enough')
    const reading = (async () => {
      for await (const chunk of providerFor(server.url).stream(HELLO, { signal: caller.signal })) {
        seen.push(chunk)
        caller.abort(reason)
      }
    })()
    await expect(reading).rejects.toBe(reason)
    expect(textOf(seen)).toBe('a')
  })
})

describe('silence', () => {
  test.each<[string, Respond]>([
    ['without a response', () => {}],
    [
      'after the headers',
      (response) => {
        response.writeHead(200).flushHeaders()
      },
    ],
    [
      'with nothing but comments',
      async (response) => {
        await writeUntilClosed(response, ': still here\n\n')
      },
    ],
    [
      'with nothing but pings',
      async (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        await writeUntilClosed(response, PING)
      },
    ],
    [
      'inside an error page',
      async (response) => {
        response.writeHead(500)
        await write(response, 'half')
      },
    ],
  ])('%s ends at the limit for the first chunk', async (_, respond) => {
    await using server = await openLoopbackServer(respond)
    const provider = providerFor(server.url, { timeouts: { firstChunkMs: 40 } })
    const { error } = await collectUntilFailure(provider.stream(HELLO))
    expect(error).toMatchObject({ code: 'PROVIDER_TIMEOUT', retryable: true })
    expect(String(error)).toMatch(/no chunk from http:\S+\/line-1\/lines within 40 ms$/)
    await server.allClosed()
  })

  test('between two chunks ends at the limit for that', async () => {
    await using server = await openLoopbackServer(async (response) => {
      await write(response, textEvent('x'))
    })
    const provider = providerFor(server.url, { timeouts: { betweenChunksMs: 40 } })
    const { chunks, error } = await collectUntilFailure(provider.stream(HELLO))
    expect(textOf(chunks)).toBe('x')
    expect(error).toMatchObject({ code: 'PROVIDER_TIMEOUT', retryable: true })
    expect(String(error)).toMatch(/no further chunk from \S+ within 40 ms$/)
    await server.allClosed()
  })

  test('with nothing but pings after a chunk ends at the same limit', async () => {
    await using server = await openLoopbackServer(async (response) => {
      await write(response, textEvent('x'))
      await writeUntilClosed(response, PING)
    })
    const provider = providerFor(server.url, { timeouts: { betweenChunksMs: 40 } })
    const { chunks, error } = await collectUntilFailure(provider.stream(HELLO))
    expect(textOf(chunks)).toBe('x')
    expect(String(error)).toMatch(/no further chunk from \S+ within 40 ms$/)
    await server.allClosed()
  })

  test('of the consumer is not the silence of the server', async () => {
    vi.useFakeTimers()
    try {
      const events = [textEvent('a'), textEvent('b'), DONE]
      const provider = providerFor('http://nowhere.invalid', {
        fetch: () => Promise.resolve(new Response(ReadableStream.from(events).pipeThrough(new TextEncoderStream()))),
        timeouts: { firstChunkMs: 60, betweenChunksMs: 60 },
      })
      const chunks: ModelChunk[] = []
      for await (const chunk of provider.stream(HELLO)) {
        chunks.push(chunk)
        vi.advanceTimersByTime(1000)
      }
      expect(textOf(chunks)).toBe('ab')
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('a key', () => {
  const secrets = { apiKey: KEY, headers: { 'x-auth': 'header-secret' }, query: { code: 'query-secret' } }
  const echo = `key ${KEY}, header header-secret, query query-secret`

  test.each<[string, Respond]>([
    ['a refusal', respondWith(401, JSON.stringify({ error: { message: echo, code: KEY } }))],
    ['a page', respondWith(403, `<title>${echo}</title>`)],
    ['an error in the stream', respondWith(200, sse({ error: { message: echo, type: KEY } }))],
    ['an event that is no JSON', respondWith(200, sse(echo))],
    ['an event that names an error', respondWith(200, `event: error\n${sse(echo)}`)],
    ['a success that is a page', respondWith(200, `<p>${echo}</p>`, { 'content-type': 'text/html' })],
    ['the type of a page', respondWith(200, '', { 'content-type': `text/html; ${echo.replace(/ /g, '')}` })],
    ['a page with escaped text', respondWith(500, `{"k": ${JSON.stringify(echo).replace(/-/g, '\\u002d')}`)],
    ['a redirect', respondWith(302, '', { location: `http://other/${KEY}?code=query-secret` })],
    ['a broken connection', (response) => void response.destroy()],
    ['a cut-off answer', respondWith(200, textEvent(echo))],
  ])('does not show in %s that quotes it', async (_, respond) => {
    await using server = await openLoopbackServer(respond)
    const { error } = await collectUntilFailure(providerFor(server.url, secrets).stream(HELLO))
    expect(error).toBeInstanceOf(Error)
    expectNoSecret(error)
  })

  test.each<[string, () => string | Promise<string>]>([
    ['at once', () => KEY],
    ['later', () => Promise.resolve(KEY)],
  ])('that a function gives %s is sent, and does not show in what quotes it', async (_, apiKey) => {
    await using server = await openLoopbackServer(respondWith(401, JSON.stringify({ error: { message: echo } })))
    const { error } = await collectUntilFailure(providerFor(server.url, { ...secrets, apiKey }).stream(HELLO))
    expect(server.requests[0]?.headers['authorization']).toBe(`Bearer ${KEY}`)
    expect(error).toMatchObject({ code: 'PROVIDER_AUTH', status: 401 })
    expectNoSecret(error)
  })

  test('that a function does not give fails the call before anything is sent', async () => {
    await using server = await openLoopbackServer(respondWith(200, textAnswer('x')))
    const apiKey = (): Promise<string> => Promise.reject(new Error(`no ${KEY} in the vault`))
    const { error } = await collectUntilFailure(providerFor(server.url, { apiKey }).stream(HELLO))
    expect(error).toMatchObject({ code: 'PROVIDER_AUTH', message: 'the function in apiKey failed with Error' })
    expectNoSecret(error)
    expect(server.connections.opened).toBe(0)
  })

  test('that a function is slow to give is part of the time to the first chunk', async () => {
    const apiKey = (): Promise<string> => new Promise(() => undefined)
    const provider = providerFor('http://nowhere.invalid', { apiKey, timeouts: { firstChunkMs: 20 } })
    const { error } = await collectUntilFailure(provider.stream(HELLO))
    expect(error).toMatchObject({ code: 'PROVIDER_TIMEOUT', retryable: true })
  })

  test("does not show when a fetch of one's own throws instead of rejecting", async () => {
    const provider = providerFor('http://nowhere.invalid', {
      ...secrets,
      fetch: () => {
        throw new TypeError(`cannot send ${KEY}`)
      },
    })
    const { error } = await collectUntilFailure(provider.stream(HELLO))
    expect(error).toMatchObject({ code: 'PROVIDER_NETWORK' })
    expectNoSecret(error)
  })

  test("does not show when a fetch of one's own quotes the request", async () => {
    const provider = providerFor('http://nowhere.invalid', {
      ...secrets,
      fetch: (_, init) => {
        const cause = new Error(`sent ${JSON.stringify(Object.fromEntries(new Headers(init?.headers)))}`)
        return Promise.reject(new TypeError('fetch failed', { cause }))
      },
    })
    const { error } = await collectUntilFailure(provider.stream(HELLO))
    expect(error).toMatchObject({ code: 'PROVIDER_NETWORK' })
    expectNoSecret(error)
  })

  test('does not show when the provider itself is looked at', () => {
    expectNoSecret(providerFor('http://nowhere.invalid', secrets))
  })
})

// Writes until the client has gone.
async function endless(response: Parameters<Respond>[0]): Promise<void> {
  while (!response.destroyed) {
    await write(response, textEvent('x'))
    await new Promise(setImmediate)
  }
}

function expectNoSecret(value: unknown): void {
  const shown = inspect(value, { depth: 10, showHidden: true })
  for (const secret of [KEY, 'header-secret', 'query-secret']) expect(shown).not.toContain(secret)
}
