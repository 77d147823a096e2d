import { once } from 'node:events'

import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { createToolContext } from '@starling/tool/conformance'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'

import { createMcpSource, type McpSource, type McpSourceOptions } from '../src/index.ts'
import { call, listTools } from './call.ts'
import { openByHand, type HandCall } from './servers/by-hand.ts'
import { openLoopback } from './servers/http.ts'

const STREAM = { headers: { 'content-type': 'text/event-stream' } }

describe('a call over http leaves those of other runs alone', () => {
  test.for<readonly [string, () => Response]>([
    ['its stream ends without an answer', () => new Response(': nothing\n\n', STREAM)],
    ['its connection breaks', () => new Response(broken(), STREAM)],
    ['it is refused as unknown', () => new Response('no route', { status: 404 })],
    ['the server fails', () => new Response('a bug', { status: 500 })],
  ])('when %s', async ([, answer]) => {
    const slow = Promise.withResolvers<HandCall>()
    const answered = Promise.withResolvers<Response>()
    let session = 0
    await using server = await openByHand({
      names: ['slow', 'bad'],
      session: () => `s${++session}`,
      call(given) {
        if (given.name === 'bad') return answer()
        slow.resolve(given)
        return answered.promise
      },
    })
    await using source = open(server.url)
    const tools = await listTools(source)
    const first = call(tools, 'slow', { context: { runId: 'one' } })
    const { text } = await slow.promise
    await expect(call(tools, 'bad', { context: { runId: 'two' } })).rejects.toMatchObject({ code: 'TOOL_TRANSIENT' })
    answered.resolve(text('in time'))
    expect(await first).toBe('in time')
  })
})

test('calls at once on a session that the server has forgotten are all made again, on one new session', async () => {
  let current = 'one'
  let made = 0
  let refused = 0
  const answered = Promise.withResolvers<undefined>()
  await using server = await openByHand({
    names: ['x'],
    session: () => current,
    async call({ session, text }) {
      if (session === current) return text(`answer ${++made}`)
      // The first is refused at once, the others when it has its answer.
      if (++refused > 1) await answered.promise
      return new Response('no session', { status: 404 })
    },
  })
  await using source = open(server.url)
  const tools = await listTools(source)
  current = 'two'
  const calls = Array.from({ length: 5 }, () => call(tools, 'x'))
  await Promise.any(calls)
  answered.resolve(undefined)
  const results = await Promise.all(calls)
  expect(new Set(results)).toEqual(new Set(['answer 1', 'answer 2', 'answer 3', 'answer 4', 'answer 5']))
})

test('a server that gives no session is not asked for another one', async () => {
  let isRefusing = true
  let sessions = 0
  await using server = await openByHand({
    names: ['x'],
    session: () => void sessions++,
    call: ({ text }) => (isRefusing ? new Response(null, { status: 404 }) : text('ok')),
  })
  await using source = open(server.url)
  const tools = await listTools(source)
  await expect(call(tools, 'x')).rejects.toMatchObject({ code: 'TOOL_TRANSIENT' })
  isRefusing = false
  expect(await call(tools, 'x')).toBe('ok')
  expect(sessions).toBe(1)
})

test.for<readonly [string, (request: Request) => Promise<Response>]>([
  ['that nobody has begun to write', async (request) => once(request.signal, 'abort').then(() => new Response(null))],
  ['that is a stream', async () => new Response(endless(': still here\n\n'), STREAM)],
  ['that is a refusal without end', async () => new Response(endless(''), { status: 500 })],
])('a call that is given up ends its request, for an answer %s', async ([, answer]) => {
  const gone = Promise.withResolvers<string>()
  // A request that is collected does not hear of its end any more.
  const requests: Request[] = []
  await using server = await openByHand({
    names: ['x'],
    call({ request }) {
      requests.push(request)
      request.signal.addEventListener('abort', () => gone.resolve('gone'))
      return answer(request)
    },
  })
  await using source = open(server.url, { callTimeoutMs: 300 })
  await expect(call(await listTools(source), 'x')).rejects.toMatchObject({ code: 'TOOL_TIMEOUT' })
  expect(await gone.promise).toBe('gone')
  expect(requests).toHaveLength(1)
})

test('arguments that go into headers as well get there, however their numbers are written', async () => {
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: 'h', version: '1' })
    const inputSchema = z.object({ count: z.int().meta({ 'x-mcp-header': 'Count' }) })
    server.registerTool('x', { description: 'Counts.', inputSchema }, ({ count }) => ({
      content: [{ type: 'text', text: String(count) }],
    }))
    return server
  })
  const headers: (string | null)[] = []
  await using server = await openLoopback((request) => {
    headers.push(request.headers.get('mcp-param-count'))
    return handler.fetch(request)
  })
  await using source = createMcpSource({ name: 'h', transport: { type: 'http', url: server.url } })
  const tool = (await listTools(source)).get('x')
  for (const input of ['{"count":7}', '{"count":7.0}', '{"count": 7e0}']) {
    expect(await tool?.execute(input, createToolContext())).toBe('"7"')
  }
  expect(headers.filter((header) => header !== null)).toEqual(['7', '7', '7'])
  await handler.close()
})

test('of a refusal no more is read than 64 KiB', async () => {
  const gone = Promise.withResolvers<string>()
  const requests: Request[] = []
  await using server = await openByHand({
    names: ['x'],
    call({ request }) {
      requests.push(request)
      request.signal.addEventListener('abort', () => gone.resolve('gone'))
      return new Response(endless('words '.repeat(10_000)), { status: 503 })
    },
  })
  await using source = open(server.url)
  const failed: unknown = await call(await listTools(source), 'x').catch((error: unknown) => error)
  expect(failed).toMatchObject({ code: 'TOOL_TRANSIENT', message: expect.stringContaining('HTTP 503') })
  expect(await gone.promise).toBe('gone')
  expect(requests).toHaveLength(1)
})

test('a key in the path of the address is not in errors', async () => {
  await using server = await openByHand({
    names: ['x'],
    call: ({ request, fail }) => fail(`quota of ${new URL(request.url).pathname} exceeded`),
  })
  const key = 's-abcdef123456'
  await using source = open(`${server.url}/mcp/${key}`)
  await expect(call(await listTools(source), 'x')).rejects.toMatchObject({ message: 'quota of /mcp/[hidden] exceeded' })
})

function open(url: string, options: Partial<McpSourceOptions> = {}): McpSource {
  return createMcpSource({ name: 'h', transport: { type: 'http', url }, revision: '2025-11-25', ...options })
}

function broken(): ReadableStream {
  return new ReadableStream({ start: (controller) => controller.error(new Error('broken')) })
}

/** A body that begins with these words over and over, as fast as they are read, or without words with nothing. */
function endless(words: string): ReadableStream {
  const bytes = new TextEncoder().encode(words)
  let isFirst = true
  return new ReadableStream({
    async pull(controller) {
      if (bytes.length > 1000 || (isFirst && bytes.length > 0)) controller.enqueue(bytes)
      else await new Promise(() => undefined)
      isFirst = false
    },
  })
}
