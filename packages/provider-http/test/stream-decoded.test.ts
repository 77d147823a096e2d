import { type ModelChunk, ProviderError } from '@starling/provider'
import { describe, expect, test } from 'vitest'
import {
  collectChunks,
  collectUntilFailure,
  openLoopbackServer,
  respondInParts,
  respondWith,
  textOf,
  write,
} from '../src/conformance/index.ts'
import {
  type AnswerContext,
  type AnswerReader,
  createRedact,
  cutOff,
  errorFromStream,
  type HttpRequest,
  parseEvent,
  parseVendorError,
  streamAnswer,
  type StreamCall,
  streamDecoded,
  type StreamDecoder,
  type Transport,
} from '../src/index.ts'

const TRANSPORT: Transport = {
  info: { id: 'lines', apiVersion: 'v1' },
  vendor: { requestIdHeader: 'line-request' },
  firstChunkMs: 5000,
  betweenChunksMs: 5000,
  fetch: (input, init) => globalThis.fetch(input, init),
  now: () => 0,
}

describe('an answer that is framed in its own way', () => {
  test('is read through its own decoder, however the network cuts it', async () => {
    const parts = ['on', 'e\ntw', 'o\n', '\n', 'three\n.\n'].map((part) => new TextEncoder().encode(part))
    await using server = await openLoopbackServer(respondInParts(parts))
    const chunks = await collectChunks(streamDecoded(TRANSPORT, callTo(server.url), createLineDecoder))
    expect(textOf(chunks)).toBe('one,two,,three,')
  })

  test('is over when its reader says so, whatever comes after that', async () => {
    await using server = await openLoopbackServer(respondWith(200, 'one\n.\ntwo\nthr'))
    expect(textOf(await collectChunks(streamDecoded(TRANSPORT, callTo(server.url), createLineDecoder)))).toBe('one,')
  })

  test('hands what is left half-sent to its reader', async () => {
    await using server = await openLoopbackServer(respondWith(200, 'one\ntw', { 'line-request': 'req-7' }))
    const { chunks, error } = await collectUntilFailure(streamDecoded(TRANSPORT, callTo(server.url), createLineDecoder))
    expect(textOf(chunks)).toBe('one,')
    expect(error).toMatchObject({
      code: 'PROVIDER_INVALID_STREAM',
      message: `the answer of ${server.url}/ was cut off after 1 chunks: in the middle of "tw" (request req-7)`,
    })
  })

  test('yields the events before the one that cannot be decoded', async () => {
    await using server = await openLoopbackServer(respondWith(200, 'one\n!\n'))
    const { chunks, error } = await collectUntilFailure(streamDecoded(TRANSPORT, callTo(server.url), createLineDecoder))
    expect(textOf(chunks)).toBe('one,')
    expect(error).toMatchObject({ code: 'PROVIDER_INVALID_STREAM', message: 'a line of noise' })
  })

  test('keeps its limit running while an event trickles in', async () => {
    await using server = await openLoopbackServer(async (response) => {
      await write(response, 'one\n')
      await write(response, 'half of tw')
    })
    const impatient = { ...TRANSPORT, betweenChunksMs: 30 }
    const { error } = await collectUntilFailure(streamDecoded(impatient, callTo(server.url), createLineDecoder))
    expect(error).toMatchObject({ message: `no further chunk from ${server.url}/ within 30 ms` })
  })
})

describe('a request that takes time to prepare', () => {
  test('goes out with the credentials it brings', async () => {
    await using server = await openLoopbackServer(respondWith(200, '.\n'))
    const credentials = {
      headers: new Headers({ authorization: 'signed' }),
      hasKey: true,
      redact: createRedact(['signed']),
    }
    const call = callTo(server.url, async (url) => {
      await new Promise(setImmediate)
      return { url, body: '{}', credentials }
    })
    await collectChunks(streamDecoded(TRANSPORT, call, createLineDecoder))
    expect(server.requests[0]?.headers).toMatchObject({ authorization: 'signed' })
  })

  test('is taken for one without a key when nothing authorizes it', async () => {
    await using server = await openLoopbackServer(respondWith(401, ''))
    const { error } = await collectUntilFailure(streamDecoded(TRANSPORT, callTo(server.url), createLineDecoder))
    expect(error).toMatchObject({ message: expect.stringMatching(/\(no API key was sent\)$/) })
  })

  test('that fails fails the call with its own error', async () => {
    const call = callTo('http://nowhere.invalid', () => Promise.reject(new RangeError('cannot be said')))
    await expect(collectChunks(streamDecoded(TRANSPORT, call, createLineDecoder))).rejects.toEqual(
      new RangeError('cannot be said'),
    )
  })

  test('is within the limit of the first chunk, and hears when that has passed', async () => {
    const call = callTo('http://nowhere.invalid', (_, signal) => rejection(signal))
    const impatient = { ...TRANSPORT, firstChunkMs: 20 }
    await expect(collectChunks(streamDecoded(impatient, call, createLineDecoder))).rejects.toMatchObject({
      code: 'PROVIDER_TIMEOUT',
      message: 'no chunk from lines within 20 ms',
    })
  })

  test('hears of an abort', async () => {
    const controller = new AbortController()
    const call = callTo('http://nowhere.invalid', (_, signal) => {
      controller.abort('enough')
      return rejection(signal)
    })
    const aborted = { ...call, signal: controller.signal }
    await expect(collectChunks(streamDecoded(TRANSPORT, aborted, createLineDecoder))).rejects.toBe('enough')
  })
})

describe('what an error of a stream says about its request', () => {
  const headers = { 'content-type': 'text/event-stream', 'line-request': 'req-9' }

  test.each([
    ['an error in it', 'data: {"error":{"message":"broken"}}\n\n', /failed while streaming: .*\(request req-9\)$/],
    ['something else than JSON', 'data: <html>\n\n', /sent no JSON object: <html> \(request req-9\)$/],
    ['nothing that ends it', 'data: {}\n\n', /was cut off after 0 chunks: no end \(request req-9\)$/],
  ])('%s', async (_, body, message) => {
    await using server = await openLoopbackServer(respondWith(200, body, headers))
    const { error } = await collectUntilFailure(streamAnswer(TRANSPORT, eventCallTo(server.url)))
    expect(error).toMatchObject({ message: expect.stringMatching(message) })
  })

  test('a connection that breaks', async () => {
    await using server = await openLoopbackServer(async (response) => {
      response.writeHead(200, headers)
      await write(response, 'data: {}\n\n')
      response.destroy()
    })
    const { error } = await collectUntilFailure(streamAnswer(TRANSPORT, eventCallTo(server.url)))
    expect(error).toMatchObject({
      code: 'PROVIDER_NETWORK',
      message: expect.stringMatching(/^cannot reach \S+ \(request req-9\): /),
    })
  })

  test('a page instead of a stream', async () => {
    const page = { 'content-type': 'text/html', 'line-request': 'req-9' }
    await using server = await openLoopbackServer(respondWith(200, 'Sign in', page))
    const { error } = await collectUntilFailure(streamAnswer(TRANSPORT, eventCallTo(server.url)))
    expect(error).toMatchObject({
      message: expect.stringMatching(/instead of a stream: Sign in \(request req-9\)$/),
    })
  })
})

type Prepare = (url: URL, signal: AbortSignal) => HttpRequest | Promise<HttpRequest>

function callTo(address: string, prepare: Prepare = (url) => ({ url, body: '{}' })): StreamCall<string> {
  return {
    prepare: (signal) => prepare(new URL(address), signal),
    open: (answer) => createLineReader(answer),
  }
}

function eventCallTo(address: string): StreamCall {
  return {
    prepare: () => ({ url: new URL(address), body: '{}' }),
    open: (answer) => ({
      isDone: false,
      accept(event) {
        const json = parseEvent(event, answer)
        if (json['error'] !== undefined) throw errorFromStream(parseVendorError(json), answer)
        return []
      },
      finish() {
        throw cutOff(answer, 0, 'no end')
      },
    }),
  }
}

// Lines, each one a text; a full stop ends the answer, an exclamation mark is none.
function createLineDecoder(): StreamDecoder<string> {
  let rest = ''
  return {
    *feed(bytes) {
      const lines = (rest + new TextDecoder().decode(bytes)).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        if (line === '!') throw new ProviderError('PROVIDER_INVALID_STREAM', 'a line of noise')
        yield line
      }
    },
    finish: () => (rest === '' ? [] : [rest]),
  }
}

function createLineReader(answer: AnswerContext): AnswerReader<string> {
  let isDone = false
  let count = 0
  return {
    get isDone() {
      return isDone
    },
    accept(line): ModelChunk[] {
      isDone = line === '.'
      if (isDone) return []
      count++
      return [{ type: 'text-delta', text: `${line},` }]
    },
    finish([half]) {
      if (!isDone) throw cutOff(answer, count, half === undefined ? 'no full stop' : `in the middle of "${half}"`)
      return []
    },
  }
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    if (signal.aborted) reject(signal.reason)
  })
}
