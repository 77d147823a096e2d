// Servers from npm, as their authors publish them.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import type { ToolAttachment, ToolProgress, ToolQuestion } from '@starling/tool'
import { describeTool } from '@starling/tool/conformance'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { createMcpSource, type McpSource, type McpTransport } from '../src/index.ts'
import { call, listTools } from './call.ts'
import { NPM_SERVERS, npmServer } from './servers/raw.ts'

interface OpenServer {
  readonly transport: McpTransport
  end(): Promise<unknown>
}

const EVERYTHING = { resources: true, prompts: true, prefix: 'ev_' } as const

const WAYS: readonly (readonly [string, () => Promise<OpenServer>])[] = [
  ['over stdio', async () => ({ transport: npmServer('everything', 'stdio'), end: async () => undefined })],
  ['over http', openEverythingOverHttp],
]

describe.for(WAYS)('server-everything %s', ([, open]) => {
  let source: McpSource
  let end: OpenServer['end']

  beforeAll(async () => {
    const opened: OpenServer = await open()
    end = opened.end
    source = createMcpSource({ name: 'everything', transport: opened.transport, ...EVERYTHING })
  })

  afterAll(async () => {
    await source.close()
    await end()
  })

  test('is told apart by name, version and revision', async () => {
    const { recorded } = await source.list({})
    expect(JSON.parse(recorded)).toMatchObject({
      revision: '2025-11-25',
      server: { name: 'mcp-servers/everything' },
      instructions: expect.stringContaining('Everything Server'),
    })
  })

  test('echoes and adds', async () => {
    const tools = await listTools(source)
    expect(await call(tools, 'ev_echo', { input: { message: 'hi' } })).toBe('Echo: hi')
    expect(await call(tools, 'ev_get-sum', { input: { a: 1, b: 2 } })).toBe('The sum of 1 and 2 is 3.')
  })

  test('returns structured content without the text that repeats it', async () => {
    const weather = await call(await listTools(source), 'ev_get-structured-content', { input: { location: 'Chicago' } })
    expect(weather).toEqual({
      temperature: expect.any(Number),
      conditions: expect.any(String),
      humidity: expect.any(Number),
    })
  })

  test('shows an image', async () => {
    const attached: ToolAttachment[] = []
    const context = { attach: (attachment: ToolAttachment) => void attached.push(attachment) }
    await call(await listTools(source), 'ev_get-tiny-image', { context })
    expect(attached).toMatchObject([{ type: 'image', mediaType: 'image/png' }])
  })

  test('links and embeds resources', async () => {
    const tools = await listTools(source)
    const links = await call(tools, 'ev_get-resource-links', { input: { count: 1 } })
    expect(links).toMatchObject({ content: [{ type: 'text' }, { type: 'resource_link', uri: expect.any(String) }] })
    const input = { resourceType: 'Text', resourceId: 1 }
    const embedded = await call(tools, 'ev_get-resource-reference', { input })
    expect(embedded).toMatchObject({
      content: [{ type: 'text' }, { type: 'resource', text: expect.stringContaining('Resource 1') }, { type: 'text' }],
    })
  })

  test('reports progress', async () => {
    const reports: ToolProgress[] = []
    const context = { progress: (report: ToolProgress) => void reports.push(report) }
    const input = { duration: 0.2, steps: 2 }
    await call(await listTools(source), 'ev_trigger-long-running-operation', { input, context })
    expect(reports.map(({ progress, total }) => [progress, total])).toEqual([
      [1, 2],
      [2, 2],
    ])
  })

  test('asks a form and gets the answer', async () => {
    const asked: ToolQuestion[] = []
    const ask = async (question: ToolQuestion) => {
      asked.push(question)
      return { action: 'accept', content: '{"name":"Ada"}' } as const
    }
    const result = await call(await listTools(source), 'ev_trigger-elicitation-request', { context: { ask } })
    expect(JSON.stringify(result)).toContain('- Name: Ada')
    expect(asked).toMatchObject([{ type: 'form', schema: expect.stringContaining('"name"') }])
  })

  test('asks for a visit', async () => {
    const asked: ToolQuestion[] = []
    const ask = async (question: ToolQuestion) => {
      asked.push(question)
      return { action: 'decline' } as const
    }
    const input = { url: 'https://visit.example/' }
    const result = await call(await listTools(source), 'ev_trigger-url-elicitation', { input, context: { ask } })
    expect(JSON.stringify(result)).toContain('declined')
    expect(asked).toMatchObject([{ type: 'url', url: 'https://visit.example/' }])
  })

  test('has resources and prompts to read', async () => {
    const tools = await listTools(source)
    const listed = await call(tools, 'ev_list_resources')
    expect(listed).toMatchObject({
      resources: expect.arrayContaining([expect.objectContaining({ name: 'features.md' })]),
      templates: expect.arrayContaining([expect.objectContaining({ uriTemplate: expect.stringContaining('{') })]),
    })
    const input = { uri: 'demo://resource/dynamic/text/1' }
    expect(await call(tools, 'ev_read_resource', { input })).toMatchObject({ contents: [{ mimeType: 'text/plain' }] })
    const prompt = { name: 'args-prompt', arguments: { city: 'Oslo' } }
    expect(await call(tools, 'ev_get_prompt', { input: prompt })).toMatchObject({
      messages: [{ role: 'user', content: { text: expect.stringContaining('Oslo') } }],
    })
  })

  test('answers calls at once', async () => {
    const tools = await listTools(source)
    const messages = Array.from({ length: 30 }, (_, index) => `m${index}`)
    const echoes = await Promise.all(messages.map((message) => call(tools, 'ev_echo', { input: { message } })))
    expect(echoes).toEqual(messages.map((message) => `Echo: ${message}`))
  })
})

describe('a tool of server-everything', () => {
  const source = createMcpSource({ name: 'everything', transport: npmServer('everything', 'stdio') })

  afterAll(() => source.close())

  describeTool({
    name: 'get-sum',
    async create() {
      const { tools } = await source.list({})
      return tools.find(({ name }) => name === 'get-sum') ?? Promise.reject(new Error('no tool get-sum'))
    },
    accepts: [{ input: { a: 2, b: 3 }, result: 'The sum of 2 and 3 is 5.' }],
    rejects: [{}, { a: 1 }, { a: '1', b: 2 }],
  })
})

describe('server-filesystem', () => {
  test('reads, writes and refuses what is outside', async () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'starling-mcp-')))
    writeFileSync(join(folder, 'a.json'), '{ "spaces":   "kept" }\n')
    await using source = createMcpSource({ name: 'files', transport: npmServer('filesystem', folder) })
    const tools = await listTools(source)
    const read = await call(tools, 'read_text_file', { input: { path: join(folder, 'a.json') } })
    expect(read).toEqual({ content: '{ "spaces":   "kept" }\n' })
    await call(tools, 'write_file', { input: { path: join(folder, 'b.txt'), content: 'hello' } })
    expect(readFileSync(join(folder, 'b.txt'), 'utf8')).toBe('hello')
    await expect(call(tools, 'read_text_file', { input: { path: '/etc/hostname' } })).rejects.toMatchObject({
      code: 'MCP_TOOL_FAILED',
      message: expect.stringContaining('outside allowed directories'),
    })
    rmSync(folder, { recursive: true })
  })
})

describe('server-memory', () => {
  test('remembers across restarts', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'starling-mcp-'))
    const transport = { ...npmServer('memory'), env: { MEMORY_FILE_PATH: join(folder, 'memory.jsonl') } }
    await using source = createMcpSource({ name: 'memory', transport })
    const entities = [{ name: 'Ada', entityType: 'person', observations: ['wrote the first program'] }]
    await call(await listTools(source), 'create_entities', { input: { entities } })
    await source.close()
    expect(await call(await listTools(source), 'read_graph')).toMatchObject({ entities })
    await source.close()
    rmSync(folder, { recursive: true })
  })
})

/** The server takes no port 0: a free one is looked for first. */
async function openEverythingOverHttp(): Promise<OpenServer> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  const child = spawn(process.execPath, [NPM_SERVERS.everything, 'streamableHttp'], {
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  for await (const line of createInterface({ input: child.stderr })) if (line.includes('listening')) break
  child.stderr.resume()
  const end = async (): Promise<unknown> => {
    child.kill('SIGKILL')
    return child.exitCode ?? child.signalCode ?? once(child, 'exit')
  }
  return { transport: { type: 'http', url: `http://127.0.0.1:${port}/mcp` }, end }
}
