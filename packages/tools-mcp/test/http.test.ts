import { createMcpHandler } from '@modelcontextprotocol/server'
import type { ToolAnswer, ToolQuestion } from '@starling/tool'
import { describe, expect, test } from 'vitest'

import { createMcpSource, type McpSource } from '../src/index.ts'
import { call, listTools } from './call.ts'
import { createSessionHandler, openLoopback, type Handler } from './servers/http.ts'
import { createWorkshop } from './servers/workshop.ts'

describe('a server over http', () => {
  test('that is not there cannot be connected', async () => {
    const server = await openLoopback(() => new Response(null))
    await server[Symbol.asyncDispose]()
    await using source = open(server.url)
    await expect(source.list({})).rejects.toMatchObject({
      code: 'MCP_CONNECTION_FAILED',
      retryable: true,
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })

  test.for([
    [500, 'TOOL_TRANSIENT', 'the server answered with HTTP 500'],
    [429, 'TOOL_TRANSIENT', 'the server answered with HTTP 429'],
    [403, 'MCP_UNAUTHORIZED', 'the server refuses access (HTTP 403)'],
    [418, 'MCP_REQUEST_FAILED', 'the server answered with HTTP 418'],
  ] as const)('that answers a call with %d fails it', async ([status, code, message]) => {
    await using server = await openBreakable((breaking) => breaking && new Response('secret body', { status }))
    await using source = open(server.url)
    const tools = await listTools(source)
    server.break()
    const failed: unknown = await call(tools, 'add', { input: { a: 1, b: 1 } }).catch((error: unknown) => error)
    expect(failed).toMatchObject({ code, message: `mcp tool "add" of server "w": ${message}` })
  })

  test('that has gone fails the call as transient', async () => {
    const server = await openLoopback(createSessionHandler(createWorkshop()))
    await using source = open(server.url)
    const tools = await listTools(source)
    await server[Symbol.asyncDispose]()
    for (const message of ['the connection was lost', 'the connection was lost']) {
      const failed: unknown = await call(tools, 'add', { input: { a: 1, b: 1 } }).catch((error: unknown) => error)
      expect(failed).toMatchObject({ code: 'TOOL_TRANSIENT', message: expect.stringContaining(message) })
    }
  })

  test('that ends the stream of an answer before the answer fails the call as transient', async () => {
    const cut = (): Response => new Response(': nothing\n\n', { headers: { 'content-type': 'text/event-stream' } })
    await using server = await openBreakable((breaking) => breaking && cut())
    await using source = open(server.url)
    const tools = await listTools(source)
    server.break()
    const failed: unknown = await call(tools, 'add', { input: { a: 1, b: 1 } }).catch((error: unknown) => error)
    expect(failed).toMatchObject({
      code: 'TOOL_TRANSIENT',
      message: 'mcp tool "add" of server "w": the connection was lost: the stream of the answer ended without one',
    })
    server.mend()
    expect(await call(tools, 'add', { input: { a: 1, b: 1 } })).toEqual({ sum: 2 })
  })

  test('that has forgotten the session gets another one, for a call as for a list', async () => {
    let handler = createSessionHandler(createWorkshop())
    await using server = await openLoopback((request, base) => handler(request, base))
    await using source = open(server.url)
    const tools = await listTools(source)
    handler = createSessionHandler(createWorkshop())
    expect(await call(tools, 'add', { input: { a: 1, b: 1 } })).toEqual({ sum: 2 })
    handler = createSessionHandler(createWorkshop())
    expect(await listTools(source)).toHaveProperty('size', tools.size)
  })

  test('that forgets every session fails the call as transient', async () => {
    await using server = await openBreakable((breaking) => breaking && new Response(null, { status: 404 }))
    await using source = open(server.url)
    const tools = await listTools(source)
    server.break()
    await expect(call(tools, 'add', { input: { a: 1, b: 1 } })).rejects.toMatchObject({ code: 'TOOL_TRANSIENT' })
  })

  test.for(['application/json', 'text/event-stream'])('that floods an answer of %s fails the call', async (type) => {
    const flood = (): Response => {
      const piece = new TextEncoder().encode('data: '.padEnd(1024 * 1024, 'x'))
      const body = ReadableStream.from(Array.from({ length: 40 }, () => piece))
      return new Response(body, { headers: { 'content-type': type } })
    }
    await using server = await openBreakable((breaking) => breaking && flood())
    await using source = open(server.url)
    const tools = await listTools(source)
    server.break()
    await expect(call(tools, 'add', { input: { a: 1, b: 1 } })).rejects.toThrow('a message of more than 35651584 bytes')
    server.mend()
    expect(await call(tools, 'add', { input: { a: 1, b: 1 } })).toEqual({ sum: 2 })
  })

  test('that breaks off the connection fails the call as transient, and gets it again', async () => {
    const broken = (): Response =>
      new Response(new ReadableStream({ start: (controller) => controller.error(new Error('broken')) }), {
        headers: { 'content-type': 'text/event-stream' },
      })
    await using server = await openBreakable((breaking) => breaking && broken())
    await using source = open(server.url)
    const tools = await listTools(source)
    server.break()
    await expect(call(tools, 'add', { input: { a: 1, b: 1 } })).rejects.toMatchObject({ code: 'TOOL_TRANSIENT' })
    server.mend()
    expect(await call(tools, 'add', { input: { a: 1, b: 1 } })).toEqual({ sum: 2 })
  })

  test('may be called worth another attempt by the options', async () => {
    await using server = await openBreakable((breaking) => breaking && new Response(null, { status: 418 }))
    const isTeapot = (error: unknown): boolean => error instanceof Error && Reflect.get(error, 'status') === 418
    await using source = createMcpSource({
      name: 'w',
      transport: { type: 'http', url: server.url },
      transientErrorClassifier: isTeapot,
    })
    const tools = await listTools(source)
    server.break()
    await expect(call(tools, 'add', { input: { a: 1, b: 1 } })).rejects.toMatchObject({ code: 'TOOL_TRANSIENT' })
  })

  test('that repeats the token in an error does not get it into ours', async () => {
    const refuse = async (request: Request): Promise<Response> => {
      const { id } = (await request.json()) as { readonly id: number }
      const error = { code: -32000, message: `who is ${request.headers.get('authorization')}?` }
      return Response.json({ jsonrpc: '2.0', id, error })
    }
    let isRefusing = false
    const handler = createSessionHandler(createWorkshop())
    await using server = await openLoopback((request, base) =>
      isRefusing && request.method === 'POST' ? refuse(request) : handler(request, base),
    )
    const auth = (): string => 'token-of-ada'
    await using source = createMcpSource({ name: 'w', transport: { type: 'http', url: server.url, auth } })
    const tools = await listTools(source)
    isRefusing = true
    await expect(call(tools, 'add', { input: { a: 1, b: 1 } })).rejects.toMatchObject({
      message: 'mcp tool "add" of server "w": the server answered with error -32000: who is Bearer [hidden]?',
    })
  })

  test('is asked through the fetch of the options, with the headers', async () => {
    const seen: (string | null)[] = []
    await using server = await openLoopback(createSessionHandler(createWorkshop()))
    const transport = {
      type: 'http',
      url: new URL(server.url),
      headers: { 'x-team': 'blue' },
      fetch: (url: string | URL, init?: RequestInit) => {
        seen.push(new Headers(init?.headers).get('x-team'))
        return fetch(url, init)
      },
    } as const
    await using source = createMcpSource({ name: 'w', transport })
    await source.list({})
    expect(new Set(seen)).toEqual(new Set(['blue']))
  })
})

test('a server of 2026 over http tells when its tools have changed', async () => {
  const handler = createMcpHandler(createWorkshop())
  await using server = await openLoopback((request) => handler.fetch(request))
  const changed = Promise.withResolvers<void>()
  const transport = { type: 'http', url: server.url } as const
  await using source = createMcpSource({ name: 'w', transport, onListChanged: () => changed.resolve() })
  const { recorded } = await source.list({})
  expect(JSON.parse(recorded)).toMatchObject({ revision: '2026-07-28' })
  handler.notify.toolsChanged()
  await changed.promise
  await source.close()
  await handler.close()
})

describe('questions of several calls at once', () => {
  test('go each to its own run over http', async () => {
    await using server = await openLoopback(createSessionHandler(createWorkshop()))
    await using source = createMcpSource({
      name: 'w',
      transport: { type: 'http', url: server.url },
      revision: '2025-11-25',
    })
    const tools = await listTools(source)
    const runs = [1, 2, 3, 4, 5]
    const results = await Promise.all(runs.map((count) => order(tools, `run-${count}`, count)))
    expect(results).toEqual(runs.map((count) => `ordered ${count} as customer 7`))
  })
})

function order(tools: Parameters<typeof call>[0], runId: string, count: number): Promise<unknown> {
  const ask = async (_question: ToolQuestion): Promise<ToolAnswer> => ({
    action: 'accept',
    content: JSON.stringify({ count }),
  })
  return call(tools, 'order', { context: { runId, ask } })
}

function open(url: string): McpSource {
  return createMcpSource({ name: 'w', transport: { type: 'http', url } })
}

/** A workshop whose calls can be answered otherwise for a while. */
async function openBreakable(answer: (breaking: boolean) => Response | false) {
  const handler = createSessionHandler(createWorkshop())
  let breaking = false
  const handle: Handler = async (request, base) => {
    const isCall = request.method === 'POST' && (await request.clone().text()).includes('"tools/call"')
    return (isCall && answer(breaking)) || handler(request, base)
  }
  const server = await openLoopback(handle)
  const set = (value: boolean) => (): void => {
    breaking = value
  }
  return { ...server, break: set(true), mend: set(false) }
}
