import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { ToolPolicy } from '@starling/tool'
import { describe, expect, test } from 'vitest'

import { createMcpSource, type McpSource, type McpSourceOptions } from '../src/index.ts'
import { call, listTools, recordingContext, replayingContext, type Recording } from './call.ts'
import { rawServer, workshopServer, type RawConfiguration } from './servers/raw.ts'
import { scripted } from './servers/scripted.ts'

describe('the tools of a server', () => {
  test('are sorted by name, with the prefix', async () => {
    await using source = open({ names: ['beta', 'alpha', 'Gamma'] }, { prefix: 'x_' })
    expect(await namesOf(source)).toEqual(['x_Gamma', 'x_alpha', 'x_beta'])
  })

  test('are those that are included and not excluded, by the names at the server', async () => {
    const names = ['a', 'b', 'c']
    await using included = open({ names }, { prefix: 'x_', include: ['a', 'b'], exclude: ['b'] })
    await using excluded = open({ names }, { exclude: ['b'] })
    expect([await namesOf(included), await namesOf(excluded)]).toEqual([['x_a'], ['a', 'c']])
  })

  test('get names that every vendor takes, and are called by their own', async () => {
    await using source = open({
      names: ['files.read', 'files/read', 'line'],
      rawResults: { 'files/read': text('slash') },
    })
    const tools = await listTools(source)
    const names = [...tools.keys()]
    expect(names).toEqual([
      expect.stringMatching(/^files_read_[0-9a-f]{8}$/),
      expect.stringMatching(/^files_read_[0-9a-f]{8}$/),
      'line',
    ])
    const results = await Promise.all(names.slice(0, 2).map((name) => call(tools, name)))
    expect(results).toContain('slash')
  })

  test('do not keep the tools that read resources from theirs', async () => {
    const transport = workshopServer()
    await using source = createMcpSource({ name: 'w', transport, resources: true, include: ['add'] })
    expect(await namesOf(source)).toEqual(['add', 'list_resources', 'read_resource'])
  })

  test('have the description, the title, the title of the annotations or the name', async () => {
    const inputSchema = { type: 'object' }
    const tools = [
      { name: 'a', inputSchema, description: 'Does a.', title: 'A', annotations: { title: 'AA' } },
      { name: 'b', inputSchema, title: 'B', annotations: { title: 'BB' } },
      { name: 'c', inputSchema, description: ' ', annotations: { title: 'CC' } },
      { name: 'd', inputSchema },
    ]
    await using source = open({ tools })
    const listed = await source.list({})
    expect(listed.tools.map(({ description }) => description)).toEqual([
      'Does a.',
      'B',
      'CC',
      'The tool d of the MCP server raw.',
    ])
  })

  test('have schemas in one form, whatever the order of the keys', async () => {
    const properties = { b: { type: 'string' }, a: { description: 'first', type: 'integer' } }
    const schemas = [
      { type: 'object', properties, required: ['b', 'a'] },
      {
        required: ['a', 'b'],
        properties: { a: { type: 'integer', description: 'first' }, b: { type: 'string' } },
        type: 'object',
      },
    ]
    const tools = schemas.map((inputSchema, index) => ({ name: `t${index}`, inputSchema }))
    await using source = open({ tools })
    const listed = await source.list({})
    const [first, second] = listed.tools.map(({ inputSchema }) => inputSchema)
    expect(first).toBe(second)
    expect(first).toBe(
      '{"type":"object","properties":{"a":{"type":"integer","description":"first"},"b":{"type":"string"}},' +
        '"required":["a","b"],"additionalProperties":false}',
    )
  })

  test('take anything when the schema says no more than that it is an object', async () => {
    await using source = open({ names: ['line'] })
    const line = await call(await listTools(source), 'line', { input: { any: [1] } })
    expect(line).toContain('"arguments":{"any":[1]}')
  })
})

describe('a list', () => {
  const paged = (pages: number, delayMs: number): string => `
    onMessage = (message) => {
      if (message.method !== 'tools/list') return false
      const page = Number(message.params?.cursor ?? 0)
      const listed = Array.from({ length: 10 }, (_, index) => ({ name: 't' + page + '_' + index, inputSchema: { type: 'object' } }))
      const more = page < ${pages - 1} ? { nextCursor: String(page + 1) } : {}
      setTimeout(() => result(message.id, { tools: listed, ...more }), ${delayMs})
      return true
    }`

  test('may have a hundred pages', async () => {
    await using source = createMcpSource({ name: 'paged', transport: scripted(paged(100, 0)) })
    expect(await namesOf(source)).toHaveLength(1000)
  })

  test('that comes page by page is given up in time', async () => {
    const transport = scripted(paged(100, 100))
    await using source = createMcpSource({ name: 'paged', transport, connectTimeoutMs: 1000 })
    await expect(source.list({})).rejects.toMatchObject({
      code: 'MCP_CONNECTION_FAILED',
      message: 'mcp server "paged" cannot list its tools: it was not done within 1000 ms',
    })
  })

  test('of templates is listed to its end', async () => {
    const transport = scripted(`
      initialize = { capabilities: { tools: {}, resources: {} } }
      onMessage = ({ id, method, params }) => {
        if (method === 'resources/list') return result(id, { resources: [] }), true
        if (method !== 'resources/templates/list') return false
        const page = params?.cursor ?? 'a'
        const more = page === 'a' ? { nextCursor: 'b' } : {}
        result(id, { resourceTemplates: [{ name: page, uriTemplate: page + ':{x}' }], ...more })
        return true
      }`)
    await using source = createMcpSource({ name: 'paged', transport, resources: true })
    expect(await call(await listTools(source), 'list_resources')).toEqual({
      resources: [],
      templates: [
        { uriTemplate: 'a:{x}', name: 'a' },
        { uriTemplate: 'b:{x}', name: 'b' },
      ],
    })
  })

  test('of more than can be recorded is refused, and can be made shorter', async () => {
    const transport = scripted(`
      for (let index = 0; index < 300; index++) tool('t' + index, () => text(''), { description: 'd'.repeat(64000) })`)
    await using source = createMcpSource({ name: 'long', transport })
    await expect(source.list({})).rejects.toMatchObject({
      code: 'MCP_INVALID_CATALOGUE',
      message: expect.stringMatching(
        /^the tools of mcp server "long" have \d+ bytes, more than 16777216; include fewer$/,
      ),
    })
    await using shorter = createMcpSource({ name: 'long', transport, include: ['t7'] })
    expect(await namesOf(shorter)).toEqual(['t7'])
  })

  test('cuts descriptions and instructions that are too long', async () => {
    const transport = scripted(`
      initialize = { instructions: 'i'.repeat(100000) }
      tool('x', () => text(''), { description: 'd'.repeat(100000) })`)
    await using source = createMcpSource({ name: 'long', transport })
    const { tools, recorded } = await source.list({})
    expect(tools.map(({ description }) => description)).toEqual([expect.stringMatching(/^d{65000,65536}…$/)])
    expect(JSON.parse(recorded)).toMatchObject({ instructions: expect.stringMatching(/^i{65000,65536}…$/) })
  })
})

describe('a server whose tools cannot be used', () => {
  const object = { type: 'object' }

  test.for([
    [
      'has two tools of one name',
      [
        { name: 'a', inputSchema: object },
        { name: 'a', inputSchema: object },
      ],
      'two tools named "a"',
    ],
    ['has a tool without a name', [{ name: '', inputSchema: object }], 'a tool without a name'],
    [
      'has a schema with a reference to nowhere',
      [{ name: 'a', inputSchema: { type: 'object', properties: { x: { $ref: '#/$defs/none' } } } }],
      'mcp tool "a" of server "raw" has an input schema that cannot be used',
    ],
    [
      'has a schema that is none',
      [{ name: 'a', inputSchema: { type: 'object', properties: { x: 7 } } }],
      'mcp tool "a" of server "raw" has an input schema that cannot be used',
    ],
  ] as const)('is refused when it %s', async ([, tools, message]) => {
    await using source = open({ tools })
    await expect(source.list({})).rejects.toMatchObject({
      code: 'MCP_INVALID_CATALOGUE',
      message: expect.stringContaining(message),
    })
  })

  test('is refused when a schema is not one of an object', async () => {
    await using source = open({ tools: [{ name: 'a', inputSchema: { type: 'string' } }] })
    await expect(source.list({})).rejects.toMatchObject({
      code: 'MCP_REQUEST_FAILED',
      message: expect.stringContaining('mcp server "raw" cannot list its tools'),
    })
  })

  test('can be used without the tool that is the matter', async () => {
    const tools = [{ name: 'bad', inputSchema: { type: 'object', properties: { x: 7 } } }]
    await using source = open({ names: ['good'], tools }, { exclude: ['bad'] })
    expect(await namesOf(source)).toEqual(['good'])
  })
})

describe('policies', () => {
  const inputSchema = { type: 'object' }
  const tools = [
    { name: 'append', inputSchema, annotations: { readOnlyHint: false } },
    { name: 'read', inputSchema, annotations: { readOnlyHint: true } },
    { name: 'set', inputSchema, annotations: { readOnlyHint: false, idempotentHint: true } },
    { name: 'send', inputSchema, annotations: { readOnlyHint: false, idempotentHint: false } },
    { name: 'other', inputSchema },
  ]

  test('say nothing of what the server says, by default', async () => {
    await using source = open({ tools })
    expect(await policiesOf(source)).toEqual({
      append: undefined,
      other: undefined,
      read: undefined,
      send: undefined,
      set: undefined,
    })
  })

  test('follow the annotations that are trusted', async () => {
    await using source = open({ tools }, { trustAnnotations: true })
    expect(await policiesOf(source)).toEqual({
      append: { idempotent: false },
      other: undefined,
      read: { idempotent: true },
      send: { idempotent: false },
      set: { idempotent: true },
    })
  })

  test('are those of the options, for all and for one', async () => {
    const policies = { send: { idempotent: true, maxAttempts: 2 } }
    await using source = open({ tools }, { trustAnnotations: true, policy: { timeoutMs: 9 }, policies })
    expect(await policiesOf(source)).toMatchObject({
      other: { timeoutMs: 9 },
      read: { timeoutMs: 9, idempotent: true },
      send: { timeoutMs: 9, idempotent: true, maxAttempts: 2 },
    })
  })

  test('make room for results as long as the source lets them be', async () => {
    await using source = open({ names: ['a'] }, { maxOutputBytes: 3_000_000 })
    expect(await policiesOf(source)).toEqual({ a: { maxResultBytes: 3_000_000 } })
  })
})

describe('what is recorded', () => {
  test('makes the same tools again, without the server', async () => {
    await using source = createMcpSource({
      name: 'w',
      transport: workshopServer(),
      resources: true,
      policy: { timeoutMs: 5000 },
    })
    const { tools, recorded } = await source.list({})
    await source.close()
    const gone = createMcpSource({ name: 'w', transport: { type: 'stdio', command: 'no-such-program-here' } })
    expect(gone.restore(recorded).map(plain)).toEqual(tools.map(plain))
  })

  test('survives being written in another order', async () => {
    await using source = open({ tools: [{ name: 'a', inputSchema: { type: 'object', properties: { z: {}, b: {} } } }] })
    const { tools, recorded } = await source.list({})
    const reordered = JSON.stringify(reverseKeys(JSON.parse(recorded)))
    expect(reordered).not.toBe(recorded)
    expect(source.restore(reordered).map(plain)).toEqual(tools.map(plain))
  })

  test('holds neither how the server is reached nor functions', async () => {
    const transport = { ...rawServer({ names: ['a'] }), env: { TOKEN: 'secret-value' } }
    const redact = (value: unknown): unknown => value
    await using source = createMcpSource({ name: 'raw', transport, policy: { redact, timeoutMs: 1 } })
    const { recorded } = await source.list({})
    expect(recorded).not.toMatch(/secret-value|TOKEN|raw.child|redact/)
    expect(source.restore(recorded)[0]?.policy).toEqual({ redact, timeoutMs: 1 })
  })

  test.for([
    ['words', 'hello'],
    ['another layout', '{"mcp":2}'],
    ['another source', '{"mcp":1,"source":"other"}'],
    ['half of it', '{"mcp":1,"source":"raw","revision":"2025-11-25"}'],
    [
      'a tool without a name',
      '{"mcp":1,"source":"raw","revision":"r","options":{"textOnly":false,"maxOutputBytes":1},"tools":[{}]}',
    ],
    ['options of another kind', '{"mcp":1,"source":"raw","revision":"r","options":{},"tools":[]}'],
    [
      'a tool that is none',
      '{"mcp":1,"source":"raw","revision":"r","options":{"textOnly":false,"maxOutputBytes":1},"tools":[7]}',
    ],
  ])('is refused when it is %s', ([, recorded]) => {
    const restore = (): unknown => open({}).restore(String(recorded))
    expect(restore).toThrow(expect.objectContaining({ code: 'TOOL_INVALID_DEFINITION' }))
    expect(restore).toThrow('the recorded catalogue is not one of mcp source raw')
  })
})

describe('a call that was recorded', () => {
  test('is played back with the server gone, attachments and all', async () => {
    const recording: Recording = { effects: [] }
    await using source = createMcpSource({ name: 'w', transport: workshopServer() })
    const { tools, recorded } = await source.list({})
    const live: string[] = []
    for (const [name, input] of [
      ['add', '{"a":1,"b":2}'],
      ['picture', '{}'],
      ['order', '{}'],
    ] as const) {
      const tool = tools.find((candidate) => candidate.name === name)
      const ask = async () => ({ action: 'accept', content: '{"count":2}' }) as const
      live.push((await tool?.execute(input, recordingContext(recording, { ask }))) ?? '')
    }
    await source.close()
    const gone = createMcpSource({ name: 'w', transport: { type: 'stdio', command: 'no-such-program-here' } })
    const attached: unknown[] = []
    const ask = async () => ({ action: 'accept', content: '{"count":2}' }) as const
    const context = replayingContext(recording, { ask, attach: (attachment) => void attached.push(attachment) })
    const restored = new Map(gone.restore(recorded).map((tool) => [tool.name, tool]))
    const replayed = [
      await restored.get('add')?.execute('{"a":1,"b":2}', context),
      await restored.get('picture')?.execute('{}', context),
      await restored.get('order')?.execute('{}', context),
    ]
    expect(replayed).toEqual(live)
    expect(attached).toHaveLength(1)
    expect(recording.effects.map(({ name }) => name)).toEqual([
      'mcp/w/add',
      'mcp/w/picture',
      'mcp/w/order',
      'mcp/w/order',
    ])
  })

  test.for([
    ['a failure of the tool', 'fail', 'MCP_TOOL_FAILED'],
    ['a timeout', 'wait', 'TOOL_TIMEOUT'],
  ] as const)('fails again in the same words: %s', async ([, name, code]) => {
    const recording: Recording = { effects: [] }
    await using source = createMcpSource({ name: 'w', transport: workshopServer(), callTimeoutMs: 1000 })
    const { recorded } = await source.list({})
    const tool = source.restore(recorded).find((candidate) => candidate.name === name)
    const live: unknown = await tool?.execute('{}', recordingContext(recording)).catch((error: unknown) => error)
    await source.close()
    // As a log gives it back: an error with the message and the code, and nothing else.
    for (const effect of recording.effects) {
      if (!(effect.error instanceof Error)) continue
      effect.error = Object.assign(new Error(effect.error.message), { code: Reflect.get(effect.error, 'code') })
    }
    const replayed: unknown = await tool?.execute('{}', replayingContext(recording)).catch((error: unknown) => error)
    expect(live).toMatchObject({ code })
    expect(replayed).toMatchObject({
      code,
      name: Reflect.get(Object(live), 'name'),
      message: Reflect.get(Object(live), 'message'),
    })
  })

  test('and stopped at a question goes on from there, in another process, since 2026', async () => {
    const recording: Recording = { effects: [] }
    await using source = createMcpSource({ name: 'w', transport: workshopServer(), revision: '2026-07-28' })
    const tools = await listTools(source)
    const crash = new Error('the process ended')
    const ask = async (): Promise<never> => Promise.reject(crash)
    await expect(tools.get('order')?.execute('{}', recordingContext(recording, { ask }))).rejects.toBe(crash)
    const answered = async () => ({ action: 'accept', content: '{"count":5}' }) as const
    const context = replayingContext(recording, { live: true, ask: answered })
    expect(await tools.get('order')?.execute('{}', context)).toBe('"ordered 5 as customer 7"')
  })
})

describe('a list that changes', () => {
  test('is told of, and the next run has the new tools', async () => {
    for (const revision of ['2026-07-28', '2025-11-25'] as const) {
      const changed = Promise.withResolvers<void>()
      const options = { name: 'w', transport: workshopServer(), revision, onListChanged: () => changed.resolve() }
      await using source = createMcpSource(options)
      const before = await listTools(source)
      expect(before.has('grown')).toBe(false)
      await call(before, 'grow')
      await changed.promise
      expect(await call(await listTools(source), 'grown')).toBe('grown')
    }
  })

  test('makes a call of a tool that has gone a failure of the call', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'starling-mcp-'))
    const toolsFile = join(folder, 'tools')
    writeFileSync(toolsFile, JSON.stringify([{ name: 'gone', inputSchema: { type: 'object' } }]))
    await using source = open({ toolsFile })
    const before = await listTools(source)
    writeFileSync(toolsFile, '[]')
    expect(await namesOf(source)).toEqual([])
    await expect(call(before, 'gone')).rejects.toMatchObject({
      code: 'MCP_REQUEST_FAILED',
      message: 'mcp tool "gone" of server "raw": the server answered with error -32602: Unknown tool: gone',
    })
    rmSync(folder, { recursive: true })
  })
})

function open(configuration: RawConfiguration, options: Partial<McpSourceOptions> = {}): McpSource {
  return createMcpSource({ name: 'raw', transport: rawServer(configuration), ...options })
}

async function namesOf(source: McpSource): Promise<readonly string[]> {
  const { tools } = await source.list({})
  return tools.map(({ name }) => name)
}

async function policiesOf(source: McpSource): Promise<Readonly<Record<string, ToolPolicy | undefined>>> {
  const { tools } = await source.list({})
  return Object.fromEntries(tools.map(({ name, policy }) => [name, policy]))
}

function plain({
  name,
  description,
  inputSchema,
  policy,
}: {
  name: string
  description: string
  inputSchema: string
  policy?: ToolPolicy | undefined
}) {
  return { name, description, inputSchema, policy }
}

function reverseKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reverseKeys)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, item]) => [key, reverseKeys(item)]),
  )
}

function text(said: string): string {
  return JSON.stringify({ content: [{ type: 'text', text: said }] })
}
