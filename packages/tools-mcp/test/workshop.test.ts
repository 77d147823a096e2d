import { createMcpHandler } from '@modelcontextprotocol/server'
import type { ToolAnswer, ToolAttachment, ToolProgress, ToolQuestion } from '@starling/tool'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { createMcpSource, type McpRevision, type McpSource, type McpTransport } from '../src/index.ts'
import { call, listTools } from './call.ts'
import { createSessionHandler, openLoopback } from './servers/http.ts'
import { workshopServer } from './servers/raw.ts'
import { createWorkshop, type WorkshopEvents } from './servers/workshop.ts'

interface Opened extends AsyncDisposable {
  readonly source: McpSource
}

interface Way {
  readonly name: string
  readonly revision: McpRevision
  open(events?: WorkshopEvents): Promise<Opened>
}

const REVISIONS: readonly McpRevision[] = ['2026-07-28', '2025-11-25']

const WAYS: readonly Way[] = REVISIONS.flatMap((revision) => [
  { name: `stdio, ${revision}`, revision, open: async () => openSource(workshopServer(), revision) },
  { name: `http, ${revision}`, revision, open: async (events) => openOverHttp(revision, events) },
])

describe.for(WAYS)('$name', ({ revision, open }) => {
  // One server for all of them, as one serves all runs.
  let opened: Opened

  beforeAll(async () => {
    opened = await open()
  })

  afterAll(() => opened[Symbol.asyncDispose]())

  test('what the server is and has is listed', async () => {
    const { tools, recorded } = await opened.source.list({})
    expect(tools.map(({ name }) => name)).toContain('add')
    expect(JSON.parse(recorded)).toMatchObject({
      source: 'workshop',
      revision,
      server: { name: 'workshop', version: '1.2.3' },
      instructions: 'Use the tools.',
    })
  })

  test('structured content is the result', async () => {
    const tools = await listTools(opened.source)
    expect(await call(tools, 'add', { input: { a: 1, b: 2.5 } })).toEqual({ sum: 3.5 })
  })

  test('calls at once get each its own result', async () => {
    const tools = await listTools(opened.source)
    const numbers = Array.from({ length: 20 }, (_, index) => index)
    const sums = await Promise.all(numbers.map((a) => call(tools, 'add', { input: { a, b: 1 } })))
    expect(sums).toEqual(numbers.map((a) => ({ sum: a + 1 })))
  })

  test('what a tool says of its failure is the error of the call', async () => {
    const tools = await listTools(opened.source)
    await expect(call(tools, 'fail')).rejects.toMatchObject({ code: 'MCP_TOOL_FAILED', message: 'the disk is full' })
    await expect(call(tools, 'throw')).rejects.toMatchObject({ code: 'MCP_TOOL_FAILED', message: 'a bug' })
  })

  test('an image is attached and what cannot be shown is named', async () => {
    const attached: ToolAttachment[] = []
    const context = { attach: (attachment: ToolAttachment) => void attached.push(attachment) }
    const result = await call(await listTools(opened.source), 'picture', { context })
    expect(result).toEqual({
      content: [
        { type: 'image', mimeType: 'image/png', bytes: 70, attached: true },
        { type: 'audio', mimeType: 'audio/wav', bytes: 70, omitted: 'not an image that can be shown' },
      ],
    })
    expect(attached).toMatchObject([{ type: 'image', mediaType: 'image/png' }])
    expect(attached[0]?.data).toHaveLength(70)
  })

  test('a form goes to a person and the answer to the server', async () => {
    const asked: ToolQuestion[] = []
    const ask = async (question: ToolQuestion): Promise<ToolAnswer> => {
      asked.push(question)
      return { action: 'accept', content: '{"count":3}' }
    }
    const result = await call(await listTools(opened.source), 'order', { context: { ask } })
    expect(result).toBe('ordered 3 as customer 7')
    expect(asked).toMatchObject([{ type: 'form', message: 'How many?' }])
    expect(asked[0]?.type === 'form' && JSON.parse(asked[0].schema)).toMatchObject({ required: ['count'] })
  })

  test.for(['decline', 'cancel'] as const)(
    'a form that comes back with %s reaches the server as that',
    async (action) => {
      const tools = await listTools(opened.source)
      const order = call(tools, 'order', { context: { ask: async () => ({ action }) } })
      await expect(order).rejects.toMatchObject({ code: 'MCP_TOOL_FAILED', message: 'nothing was ordered' })
    },
  )

  test('an address goes to a person', async () => {
    const asked: ToolQuestion[] = []
    const ask = async (question: ToolQuestion): Promise<ToolAnswer> => {
      asked.push(question)
      return { action: 'accept' }
    }
    const result = await call(await listTools(opened.source), 'sign-in', { context: { ask } })
    expect(result).toBe('visited: {"action":"accept"}')
    expect(asked).toEqual([{ type: 'url', message: 'Sign in first.', url: 'https://login.example/' }])
  })

  test('a server that asks for a model is told that there is none', async () => {
    const tools = await listTools(opened.source)
    await expect(call(tools, 'sample')).rejects.toMatchObject({ code: expect.stringMatching(/^MCP_/) })
  })

  test('progress is passed on as far as it grows', async () => {
    const reports: ToolProgress[] = []
    const context = { progress: (report: ToolProgress) => void reports.push(report) }
    expect(await call(await listTools(opened.source), 'progress', { context })).toBe('done')
    expect(reports).toEqual([
      { progress: 1, total: 2, message: 'step 1' },
      { progress: 2, total: 2, message: 'step 2' },
    ])
  })

  test('an abort ends the call at once with its reason', async () => {
    const tools = await listTools(opened.source)
    const controller = new AbortController()
    const waiting = call(tools, 'wait', { context: { signal: controller.signal } })
    const reason = new Error('enough')
    controller.abort(reason)
    await expect(waiting).rejects.toBe(reason)
  })

  test('a call that is silent for too long is a failure and the connection stays', async () => {
    const { source } = opened
    const tools = await listTools(source)
    await expect(call(tools, 'wait')).rejects.toMatchObject({
      code: 'TOOL_TIMEOUT',
      message: 'mcp tool "wait" of server "workshop" was silent for 1500 ms',
    })
    expect(await call(tools, 'add', { input: { a: 1, b: 1 } })).toEqual({ sum: 2 })
  })

  test('resources and prompts can be read', async () => {
    const tools = await listTools(opened.source)
    expect(await call(tools, 'list_resources')).toEqual({
      resources: [{ uri: 'notes://all', name: 'notes', mimeType: 'text/plain' }],
    })
    expect(await call(tools, 'read_resource', { input: { uri: 'notes://all' } })).toEqual({
      contents: [{ uri: 'notes://all', mimeType: 'text/plain', text: 'buy milk' }],
    })
    expect(await call(tools, 'list_prompts')).toMatchObject({ prompts: [{ name: 'greet', description: 'Greets.' }] })
    expect(await call(tools, 'get_prompt', { input: { name: 'greet', arguments: { name: 'Ada' } } })).toEqual({
      messages: [{ role: 'user', content: { type: 'text', text: 'Greet Ada.' } }],
    })
  })

  test('a resource that does not exist is a failure of the call', async () => {
    const tools = await listTools(opened.source)
    const reading = call(tools, 'read_resource', { input: { uri: 'notes://none' } })
    await expect(reading).rejects.toMatchObject({ code: 'MCP_REQUEST_FAILED' })
  })
})

describe.for(REVISIONS)('cancellation over http, %s', (revision) => {
  test('an abort reaches the server', async () => {
    const started = Promise.withResolvers<void>()
    const cancelled = Promise.withResolvers<void>()
    await using opened = await openOverHttp(revision, { started: started.resolve, cancelled: cancelled.resolve })
    const controller = new AbortController()
    const waiting = call(await listTools(opened.source), 'wait', { context: { signal: controller.signal } })
    await started.promise
    controller.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    await cancelled.promise
  })
})

test('a server of before 2026 may refuse a call until an address was visited', async () => {
  await using opened = await openSource(workshopServer(), '2025-11-25')
  const tools = await listTools(opened.source)
  const asked: ToolQuestion[] = []
  const ask = async (question: ToolQuestion): Promise<ToolAnswer> => {
    asked.push(question)
    return { action: 'accept' }
  }
  expect(await call(tools, 'gate', { context: { ask } })).toBe('open')
  expect(asked).toEqual([{ type: 'url', message: 'Open the gate.', url: 'https://gate.example/' }])
})

test('a visit that is declined is a failure of the call', async () => {
  await using opened = await openSource(workshopServer(), '2025-11-25')
  const gate = call(await listTools(opened.source), 'gate', { context: { ask: async () => ({ action: 'decline' }) } })
  await expect(gate).rejects.toMatchObject({
    code: 'MCP_TOOL_FAILED',
    message: 'mcp tool "gate" of server "workshop" asks for a visit to an address, which was declined: Open the gate.',
  })
})

async function openOverHttp(revision: McpRevision, events?: WorkshopEvents): Promise<Opened> {
  const factory = createWorkshop(events)
  const handler = createMcpHandler(factory)
  const isModern = revision === '2026-07-28'
  const server = await openLoopback(isModern ? (request) => handler.fetch(request) : createSessionHandler(factory))
  const opened = await openSource({ type: 'http', url: server.url }, revision)
  return {
    source: opened.source,
    async [Symbol.asyncDispose]() {
      await opened[Symbol.asyncDispose]()
      await handler.close()
      await server[Symbol.asyncDispose]()
    },
  }
}

async function openSource(transport: McpTransport, revision: McpRevision): Promise<Opened> {
  const options = { resources: true, prompts: true, callTimeoutMs: 1500 }
  const source = createMcpSource({ name: 'workshop', transport, revision, ...options })
  return { source, [Symbol.asyncDispose]: () => source.close() }
}
