import type { ToolAnswer, ToolProgress, ToolQuestion } from '@starling/tool'
import { describe, expect, test } from 'vitest'

import { createMcpSource } from '../src/index.ts'
import { call, listTools } from './call.ts'
import { openByHand } from './servers/by-hand.ts'
import { scripted } from './servers/scripted.ts'

const TOLD = { type: 'text', text: 'payment 7 was made' } as const

describe('a result of a tool that has run', () => {
  test.for<readonly [string, string, unknown]>([
    [
      'an image without a byte',
      `{ type: 'image', mimeType: 'image/png', data: '' }`,
      { type: 'image', mimeType: 'image/png', bytes: 0, omitted: 'without a byte' },
    ],
    [
      'bytes that are not base64',
      `{ type: 'image', mimeType: 'image/png', data: '%%' }`,
      { type: 'text', text: '{"type":"image","mimeType":"image/png","omitted":"not valid base64"}' },
    ],
    [
      'a block of a kind unknown',
      `{ type: 'video', uri: 'a:b' }`,
      { type: 'text', text: '{"type":"video","uri":"a:b"}' },
    ],
    ['a block that is none', `'words'`, { type: 'text', text: 'words' }],
  ])('is not lost because of %s', async ([, block, shown]) => {
    const transport = scripted(`tool('x', () => ({ content: [${JSON.stringify(TOLD)}, ${block}] }))`)
    await using source = createMcpSource({ name: 'a', transport })
    const attach = (): void => expect.unreachable('an image was attached')
    const result = await call(await listTools(source), 'x', { context: { attach } })
    expect(result).toEqual({ content: [TOLD, shown] })
  })

  test.for<readonly [string, string, unknown]>([
    ['structured content that is no object', '{ structuredContent: [1] }', '[1]'],
    ['structured content that is no object beside its text', `{ ...text('[1]'), structuredContent: [1] }`, '[1]'],
    ['content that is a text', `{ content: 'done' }`, 'done'],
    ['fields of nothing', `{ ...text('done'), structuredContent: null, isError: null, _meta: null }`, 'done'],
    [
      'notes to a block',
      `{ content: [{ type: 'text', text: 'done', annotations: { audience: ['all'] }, _meta: null }] }`,
      'done',
    ],
    [
      'notes of nothing to a link',
      `{ content: [{ type: 'resource_link', uri: 'a:b', name: 'b', annotations: null, size: null }] }`,
      { content: [{ type: 'resource_link', uri: 'a:b', name: 'b' }] },
    ],
  ])('is not lost because of %s', async ([, answer, shown]) => {
    await using source = createMcpSource({ name: 'a', transport: scripted(`tool('x', () => (${answer}))`) })
    expect(await call(await listTools(source), 'x')).toEqual(shown)
  })

  test('keeps the nulls of its own data', async () => {
    const transport = scripted(`tool('x', () => ({ content: [], structuredContent: { a: null, b: [{ c: null }] } }))`)
    await using source = createMcpSource({ name: 'a', transport })
    expect(await call(await listTools(source), 'x')).toEqual({ a: null, b: [{ c: null }] })
  })

  test('that is a failure says why in a resource, too', async () => {
    const resource = `{ type: 'resource', resource: { uri: 'a:b', text: 'the disk is full' } }`
    const transport = scripted(`tool('x', () => ({ isError: true, content: [${resource}] }))`)
    await using source = createMcpSource({ name: 'a', transport })
    await expect(call(await listTools(source), 'x')).rejects.toMatchObject({ message: 'the disk is full' })
  })

  test('is a failure when it says so in another word', async () => {
    const transport = scripted(
      `tool('x', () => ({ ...text('no'), isError: 'true' })); tool('y', () => ({ ...text('yes'), isError: 'false' }))`,
    )
    await using source = createMcpSource({ name: 'a', transport })
    const tools = await listTools(source)
    await expect(call(tools, 'x')).rejects.toMatchObject({ code: 'MCP_TOOL_FAILED', message: 'no' })
    expect(await call(tools, 'y')).toBe('yes')
  })
})

describe('an answer that is not to the letter', () => {
  test.for<readonly [string, string]>([
    ['a _meta that is no object', `send({ id, result: { ...text('ran'), _meta: 'x' } })`],
    ['an error of nothing', `send({ id, result: text('ran'), error: null })`],
    ['no version', `process.stdout.write(JSON.stringify({ id, result: text('ran') }) + '\\n')`],
    ['an id that is a text', `send({ id: String(id), result: text('ran') })`],
    [
      'others in a batch',
      `process.stdout.write(JSON.stringify([{ jsonrpc: '2.0', id, result: text('ran') }]) + '\\n')`,
    ],
  ])('is taken over a pipe, with %s', async ([, does]) => {
    const transport = scripted(`tool('x', (params, id) => { ${does} })`)
    await using source = createMcpSource({ name: 'a', transport })
    expect(await call(await listTools(source), 'x')).toBe('ran')
  })

  test.for<readonly [string, string, string]>([
    ['a result that is none', `send({ id, result: null })`, 'the answer is no result, but null'],
    ['an error that is a text', `send({ id, error: 'it broke' })`, 'the server answered with error -32603: it broke'],
  ])('fails the call at once with %s', async ([, does, message]) => {
    const transport = scripted(`tool('x', (params, id) => { ${does} })`)
    await using source = createMcpSource({ name: 'a', transport })
    await expect(call(await listTools(source), 'x')).rejects.toMatchObject({
      code: 'MCP_REQUEST_FAILED',
      message: `mcp tool "x" of server "a": ${message}`,
    })
  })

  test.for(['application/json', 'text/event-stream'])('is taken over http, as %s', async (type) => {
    await using server = await openByHand({
      names: ['x'],
      call: ({ id }) => {
        const message = {
          jsonrpc: '2.0',
          id,
          result: { content: [{ type: 'text', text: 'ran' }], _meta: 7 },
          error: null,
        }
        const text = JSON.stringify(message)
        return new Response(type === 'application/json' ? text : `data: ${text}\n\n`, {
          headers: { 'content-type': type },
        })
      },
    })
    await using source = createMcpSource({ name: 'a', transport: { type: 'http', url: server.url } })
    expect(await call(await listTools(source), 'x')).toBe('ran')
  })

  test('fails the call at once when a stream holds what is not JSON', async () => {
    await using server = await openByHand({
      names: ['x'],
      call: () => new Response('data: {{\n\n', { headers: { 'content-type': 'text/event-stream' } }),
    })
    await using source = createMcpSource({ name: 'a', transport: { type: 'http', url: server.url } })
    await expect(call(await listTools(source), 'x')).rejects.toMatchObject({
      code: 'MCP_REQUEST_FAILED',
      message: 'mcp tool "x" of server "a": the answer is not JSON',
    })
  })
})

test.for([
  ['a form', { name: { type: 'string', title: null, description: null }, count: { type: 'integer', minimum: null } }],
  ['progress', {}],
] as const)('%s with fields of nothing is heard', async ([, properties]) => {
  const transport = scripted(`
    tool('x', async ({ _meta: { progressToken } }) => {
      const params = { progressToken, progress: 1, total: null, message: null }
      send({ method: 'notifications/progress', params })
      const requestedSchema = { type: 'object', properties: ${JSON.stringify(properties)}, required: null }
      return text(JSON.stringify(await elicit({ message: 'What?', requestedSchema, _meta: null })))
    })`)
  await using source = createMcpSource({ name: 'a', transport })
  const reports: ToolProgress[] = []
  const asked: ToolQuestion[] = []
  const context = {
    progress: (report: ToolProgress) => void reports.push(report),
    ask: async (question: ToolQuestion): Promise<ToolAnswer> => {
      asked.push(question)
      return { action: 'decline' }
    },
  }
  expect(await call(await listTools(source), 'x', { context })).toBe('{"action":"decline"}')
  expect(reports).toEqual([{ progress: 1 }])
  expect(JSON.stringify(asked)).not.toContain('null')
  expect(asked).toHaveLength(1)
})

describe('a list', () => {
  test.for<readonly [string, string]>([
    ['no schema', `delete tools[0].inputSchema`],
    ['a schema of nothing', `tools[0].inputSchema = null`],
    ['a schema of no type', `tools[0].inputSchema = { properties: {} }`],
    ['fields of nothing', `Object.assign(tools[0], { title: null, annotations: null, icons: null, _meta: null })`],
    ['another schema of results', `tools[0].outputSchema = { type: 'array' }`],
    [
      'no page behind it',
      `onMessage = ({ id, method }) => method === 'tools/list' && (result(id, { tools, nextCursor: null }), true)`,
    ],
    ['instructions of nothing', `initialize = { instructions: null }`],
  ])('is not refused because of %s', async ([, does]) => {
    await using source = createMcpSource({ name: 'a', transport: scripted(`tool('x', () => text('ran')); ${does}`) })
    expect(await call(await listTools(source), 'x')).toBe('ran')
  })

  test('keeps the hints that are some', async () => {
    const annotations = `{ title: null, readOnlyHint: false, idempotentHint: 'no', destructiveHint: null }`
    const transport = scripted(`tool('x', () => text('ran'), { annotations: ${annotations} })`)
    await using source = createMcpSource({ name: 'a', transport, trustAnnotations: true })
    const { tools, recorded } = await source.list({})
    expect(tools[0]?.policy).toEqual({ idempotent: false })
    expect(JSON.parse(recorded)).toMatchObject({ tools: [{ annotations: { readOnlyHint: false } }] })
  })
})
