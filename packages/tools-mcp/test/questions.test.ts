import type { ToolAnswer, ToolQuestion } from '@starling/tool'
import { describe, expect, test } from 'vitest'

import { createMcpSource, type McpSource, type McpSourceOptions } from '../src/index.ts'
import { limitStep, questionOf, toElicitResult } from '../src/questions.ts'
import { call, listTools } from './call.ts'
import { rawServer, workshopServer } from './servers/raw.ts'
import { scripted } from './servers/scripted.ts'

describe('questions over a pipe, before 2026', () => {
  test('go to the run that all open calls are of', async () => {
    await using source = open({ revision: '2025-11-25' })
    const tools = await listTools(source)
    const running = new AbortController()
    const begun = Promise.withResolvers<void>()
    const waiting = call(tools, 'wait', {
      context: { runId: 'one', signal: running.signal, progress: () => begun.resolve() },
    }).catch((error: unknown) => error)
    await begun.promise
    expect(await call(tools, 'order', { context: { runId: 'one', ask: async () => accept(2) } })).toContain('ordered 2')
    running.abort('enough')
    expect(await waiting).toBe('enough')
  })

  test('go to nobody when calls of several runs are open: it could be the wrong person', async () => {
    await using source = open({ revision: '2025-11-25' })
    const tools = await listTools(source)
    const running = new AbortController()
    const begun = Promise.withResolvers<void>()
    const waiting = call(tools, 'wait', {
      context: { runId: 'one', signal: running.signal, progress: () => begun.resolve() },
    }).catch((error: unknown) => error)
    await begun.promise
    const asked: ToolQuestion[] = []
    const ask = async (question: ToolQuestion): Promise<ToolAnswer> => {
      asked.push(question)
      return accept(2)
    }
    await expect(call(tools, 'order', { context: { runId: 'two', ask } })).rejects.toMatchObject({
      code: 'MCP_TOOL_FAILED',
      message: 'nothing was ordered',
    })
    expect(asked).toEqual([])
    running.abort('enough')
    await waiting
  })

  test('stay with their calls, of whatever runs, where one call is made at a time', async () => {
    await using source = open({ revision: '2025-11-25', concurrency: 1 })
    const tools = await listTools(source)
    const order = (runId: string, count: number): Promise<unknown> =>
      call(tools, 'order', { context: { runId, ask: async () => accept(count) } })
    const ordered = await Promise.all([order('one', 2), order('two', 3), order('one', 4)])
    expect(ordered.map(String)).toEqual([
      expect.stringContaining('ordered 2'),
      expect.stringContaining('ordered 3'),
      expect.stringContaining('ordered 4'),
    ])
  })
})

test.for([
  ['aborted', { callTimeoutMs: 60_000 }],
  ['timed out', { callTimeoutMs: 300 }],
] as const)('a question that comes late for a call that was %s does not go to another run', async ([how, options]) => {
  const transport = scripted(`
    const question = { mode: 'form', message: 'Your code?', requestedSchema: { type: 'object', properties: {} } }
    tool('late', (params) => {
      handlers.trigger = async () => text(JSON.stringify(await elicit(question)))
      send({ method: 'notifications/progress', params: { progressToken: params._meta.progressToken, progress: 1 } })
    })
    tool('trigger', () => text('not yet'))`)
  await using source = createMcpSource({ name: 'late', transport, ...options })
  const tools = await listTools(source)
  const running = new AbortController()
  const begun = Promise.withResolvers<void>()
  const context = { runId: 'one', signal: running.signal, progress: () => begun.resolve() }
  const first = call(tools, 'late', { context }).catch((error: unknown) => error)
  await begun.promise
  if (how === 'aborted') running.abort('enough')
  await first
  const ask = (): never => expect.unreachable('somebody was asked')
  expect(await call(tools, 'trigger', { context: { runId: 'two', ask } })).toBe('{"action":"cancel"}')
  const ofOne = call(tools, 'trigger', { context: { runId: 'one', ask: async () => ({ action: 'decline' }) } })
  expect(await ofOne).toBe('{"action":"decline"}')
})

test('an answer that does not match the form goes to the server as cancel', async () => {
  const transport = scripted(`
    const requestedSchema = { type: 'object', properties: { count: { type: 'integer' } }, required: ['count'] }
    tool('x', async () => text(JSON.stringify(await elicit({ mode: 'form', message: 'How many?', requestedSchema }))))`)
  await using source = createMcpSource({ name: 'form', transport })
  const ask = async (): Promise<ToolAnswer> => ({ action: 'accept', content: '{"count":"many"}' })
  expect(await call(await listTools(source), 'x', { context: { ask } })).toBe('{"action":"cancel"}')
})

test('a question that is too long for a person is refused, and the call goes on', async () => {
  const transport = scripted(`
    const requestedSchema = { type: 'object', properties: {} }
    tool('x', async () => text(JSON.stringify(await elicit({ mode: 'form', message: 'x'.repeat(300000), requestedSchema }))))`)
  await using source = createMcpSource({ name: 'form', transport })
  const ask = (): never => expect.unreachable('somebody was asked')
  expect(await call(await listTools(source), 'x', { context: { ask } })).toContain('more than 262144')
})

describe.for(['2026-07-28', '2025-11-25'] as const)('a person who is asked, %s', (revision) => {
  test('may take longer than a call may be silent', async () => {
    await using source = open({ revision, callTimeoutMs: 1000 })
    const tools = await listTools(source)
    const ask = async (): Promise<ToolAnswer> => {
      // A call that times out meanwhile shows that the time has passed.
      await expect(call(tools, 'wait', { context: { runId: 'run-1' } })).rejects.toMatchObject({ code: 'TOOL_TIMEOUT' })
      return accept(4)
    }
    expect(await call(tools, 'order', { context: { ask } })).toBe('ordered 4 as customer 7')
  })

  test('and is not waited for any more ends the call with the reason, and the next call finds the server as before', async () => {
    await using source = open({ revision })
    const tools = await listTools(source)
    const reason = new Error('enough')
    const ask = async (): Promise<ToolAnswer> => Promise.reject(reason)
    await expect(call(tools, 'order', { context: { ask } })).rejects.toBe(reason)
    expect(await call(tools, 'add', { input: { a: 1, b: 1 } })).toEqual({ sum: 2 })
  })

  test.for(['[1]', '7', '{{'])('may not answer a form with something else', async (content) => {
    await using source = open({ revision })
    const tools = await listTools(source)
    const ask = async (): Promise<ToolAnswer> => ({ action: 'accept', content })
    await expect(call(tools, 'order', { context: { ask } })).rejects.toMatchObject({
      code: 'MCP_REQUEST_FAILED',
      message: 'the answer to a form is not a JSON object of plain values',
    })
  })
})

test('an abort is told to a server over a pipe, and not why', async () => {
  const transport = rawServer({ names: ['forget', 'cancelled'] })
  await using source = createMcpSource({ name: 'raw', transport })
  const tools = await listTools(source)
  const controller = new AbortController()
  const begun = Promise.withResolvers<void>()
  const context = { signal: controller.signal, progress: () => begun.resolve() }
  const waiting = call(tools, 'forget', { context }).catch((error: unknown) => error)
  await begun.promise
  controller.abort('a secret of the run')
  expect(await waiting).toBe('a secret of the run')
  const notification: unknown = JSON.parse(String(await call(tools, 'cancelled')))
  expect(notification).toMatchObject({ params: { requestId: expect.any(Number), reason: 'the call was cancelled' } })
})

test.for(['2026-07-28', '2025-11-25'] as const)('what a tool says is limited, %s', async (revision) => {
  await using source = open({ revision, maxOutputBytes: 300 })
  const result = await call(await listTools(source), 'long', { input: { length: 1000 } })
  expect(result).toEqual({ text: expect.stringMatching(/^é{100,150}$/), truncated: true, bytes: 2000 })
})

test('images stay away where only text is wanted', async () => {
  await using source = open({ textOnly: true })
  const attach = (): void => expect.unreachable('an image was attached')
  const result = await call(await listTools(source), 'picture', { context: { attach } })
  expect(result).toMatchObject({ content: [{ type: 'image', omitted: 'only text is shown' }, { type: 'audio' }] })
})

test('an answer keeps what was filled in only when it was accepted', async () => {
  const form = { type: 'form', message: 'What?', schema: '{"type":"object"}' } as const
  const content = '{"a":1}'
  expect(await toElicitResult({ action: 'accept', content }, form)).toEqual({ action: 'accept', content: { a: 1 } })
  expect(await toElicitResult({ action: 'accept' }, form)).toEqual({ action: 'accept' })
  expect(await toElicitResult({ action: 'decline', content }, form)).toEqual({ action: 'decline' })
  const visit = { type: 'url', message: 'Where?', url: 'https://a.example' } as const
  expect(await toElicitResult({ action: 'accept', content }, visit)).toEqual({ action: 'accept' })
})

test.for([
  ['matches the form', '{"type":"object","properties":{"a":{"type":"integer"}}}', 'accept'],
  ['has a value of another type', '{"type":"object","properties":{"a":{"type":"string"}}}', 'cancel'],
  ['lacks a value', '{"type":"object","required":["b"]}', 'cancel'],
  ['is held to a form that is none', '{"type":"object","properties":{"a":7}}', 'accept'],
] as const)('an answer that %s goes out as it must', async ([, schema, action]) => {
  const answer = { action: 'accept', content: '{"a":1}' } as const
  expect(await toElicitResult(answer, { type: 'form', message: 'What?', schema })).toMatchObject({ action })
})

test('a question that is too long to be recorded is refused', () => {
  const step = { questions: [], resume: 'retry', request_state: 's'.repeat(300_000) } as const
  expect(() => limitStep(step, 'it')).toThrow(expect.objectContaining({ code: 'TOOL_RESULT_TOO_LARGE' }))
  const short = { ...step, request_state: 's' }
  expect(limitStep(short, 'it')).toBe(short)
})

test.for(['javascript:alert(1)', 'file:///etc/passwd', 'here'])('nobody is sent to %s', (url) => {
  const ask = (): unknown => questionOf({ mode: 'url', message: 'Click.', url, elicitationId: 'e' })
  expect(ask).toThrow(expect.objectContaining({ code: 'MCP_REQUEST_FAILED' }))
})

test.for(['2026-07-28', '2025-11-25'] as const)(
  'a call that wants a visit to no web address fails, %s',
  async (revision) => {
    await using source = open({ revision })
    const ask = (): never => expect.unreachable('somebody was asked')
    const calling = call(await listTools(source), 'sign-in-badly', { context: { ask } })
    await expect(calling).rejects.toMatchObject({ code: expect.stringMatching(/^MCP_(?:REQUEST|TOOL)_FAILED$/) })
  },
)

function accept(count: number): ToolAnswer {
  return { action: 'accept', content: JSON.stringify({ count }) }
}

function open(options: Partial<McpSourceOptions>): McpSource {
  return createMcpSource({ name: 'w', transport: workshopServer(), ...options })
}
