import { inspect } from 'node:util'

import { InMemoryTransport, type Transport } from '@modelcontextprotocol/client'
import { describe, expect, test } from 'vitest'

import { createMcpSource, type McpErrorCode, type McpSourceOptions } from '../src/index.ts'
import { maskError, Secrets } from '../src/mask.ts'
import { call, listTools } from './call.ts'
import { scripted } from './servers/scripted.ts'
import { createWorkshop } from './servers/workshop.ts'

const STDIO = { type: 'stdio', command: 'x' } as const

describe('createMcpSource refuses', () => {
  test.for<readonly [string, Partial<McpSourceOptions>, string]>([
    ['an empty name', { name: '' }, 'source name is "", expected 1 to 64 of A-Z a-z 0-9 _ -'],
    ['a name with a slash', { name: 'a/b' }, 'source name is "a/b"'],
    ['a prefix with a dot', { prefix: 'a.' }, 'prefix of source s is "a.", expected up to 32 of A-Z a-z 0-9 _ -'],
    ['an empty command', { transport: { type: 'stdio', command: ' ' } }, 'command of source s is empty'],
    ['an address that is none', { transport: { type: 'http', url: 'here' } }, 'url of source s is not an address'],
    [
      'a file',
      { transport: { type: 'http', url: 'file:///x' } },
      'url of source s begins with file:, expected https: or http:',
    ],
    [
      'another transport',
      { transport: JSON.parse('{"type":"sse"}') },
      'transport of source s is of type sse, expected stdio, http or custom',
    ],
    [
      'a transport that opens nothing',
      { transport: JSON.parse('{"type":"custom"}') },
      'transport of source s has no function open',
    ],
    ['no time', { callTimeoutMs: 0 }, 'callTimeoutMs is 0, expected milliseconds above 0 and below 2^31'],
    ['too much time', { connectTimeoutMs: 2 ** 31 }, 'connectTimeoutMs is 2147483648'],
    ['too little room', { maxOutputBytes: 255 }, 'maxOutputBytes is 255, expected a whole number from 256'],
  ])('%s', ([, options, message]) => {
    const create = (): unknown => createMcpSource({ name: 's', transport: STDIO, ...options })
    expect(create).toThrow(message)
    expect(create).toThrow(expect.objectContaining({ code: 'MCP_INVALID_OPTIONS' }))
  })

  test('a policy that contradicts itself', () => {
    const policies = { a: { maxAttempts: 2 } }
    const create = (): unknown => createMcpSource({ name: 's', transport: STDIO, policies })
    expect(create).toThrow(expect.objectContaining({ code: 'TOOL_INVALID_DEFINITION' }))
  })
})

describe("a transport of one's own", () => {
  test('is opened for every connection', async () => {
    let opened = 0
    const open = (): InMemoryTransport => {
      opened++
      const [ours, theirs] = InMemoryTransport.createLinkedPair()
      void Promise.resolve(createWorkshop()({ era: 'legacy' })).then((server) => server.connect(theirs))
      return ours
    }
    const source = createMcpSource({ name: 's', transport: { type: 'custom', open }, revision: '2025-11-25' })
    expect(await call(await listTools(source), 'add', { input: { a: 1, b: 1 } })).toEqual({ sum: 2 })
    await source.close()
    expect(await call(await listTools(source), 'add', { input: { a: 2, b: 2 } })).toEqual({ sum: 4 })
    await source.close()
    expect(opened).toBe(2)
  })
})

test('a transport that cannot be closed is let go', async () => {
  const opened: Transport[] = []
  const open = (): Transport => {
    const transport = stuck()
    opened.push(transport)
    return transport
  }
  const source = createMcpSource({ name: 's', transport: { type: 'custom', open }, callTimeoutMs: 100 })
  const tools = await listTools(source)
  await expect(call(tools, 'hang')).rejects.toMatchObject({ code: 'TOOL_TIMEOUT' })
  await expect(call(tools, 'hang')).rejects.toMatchObject({ code: 'TOOL_TIMEOUT' })
  expect(opened).toHaveLength(2)
  await source.close()
})

test('a transport whose end never comes does not hold up whoever ends it', async () => {
  const never = new Promise<void>(() => undefined)
  const silent: Transport = { start: async () => undefined, send: async () => undefined, close: () => never }
  const open = (): Transport => ({ ...silent })
  const source = createMcpSource({ name: 's', transport: { type: 'custom', open }, connectTimeoutMs: 100 })
  await expect(source.list({})).rejects.toMatchObject({ code: 'MCP_CONNECTION_FAILED' })
  const other = createMcpSource({
    name: 's',
    transport: { type: 'custom', open: () => Object.assign(stuck(), { close: () => never }) },
  })
  await other.list({})
  await other.close()
})

/** Lists a tool, answers nothing else and cannot be closed. */
function stuck(): Transport {
  const results: Readonly<Record<string, Record<string, unknown>>> = {
    initialize: {
      protocolVersion: '2025-11-25',
      capabilities: { tools: {} },
      serverInfo: { name: 's', version: '1' },
    },
    'tools/list': { tools: [{ name: 'hang', inputSchema: { type: 'object' } }] },
  }
  const transport: Transport = {
    start: async () => undefined,
    close: async () => Promise.reject(new Error('cannot be closed')),
    async send(message) {
      if (!('method' in message) || !('id' in message)) return
      const { id, method } = message
      const result = results[method]
      const refusal = { jsonrpc: '2.0', id, error: { code: -32601, message: 'no such method' } } as const
      if (result !== undefined) queueMicrotask(() => transport.onmessage?.({ jsonrpc: '2.0', id, result }))
      else if (method === 'server/discover') queueMicrotask(() => transport.onmessage?.(refusal))
    },
  }
  return transport
}

describe('the mask', () => {
  test('hides what a server was given, the longest first', () => {
    const { mask } = new Secrets({ type: 'stdio', command: 'x', env: { A: 'secret', B: 'secret-two', C: 'no' } })
    expect(mask('secret-two, secret and no')).toBe('[hidden], [hidden] and no')
  })

  test('hides headers, the token alone and the query', () => {
    const url = 'https://user:password1@host.example/?key=query-key'
    const { mask } = new Secrets({ type: 'http', url, headers: { authorization: 'Bearer token-1' } })
    expect(mask('Bearer token-1 token-1 query-key password1')).toBe('[hidden] [hidden] [hidden] [hidden]')
  })
})

test.for([
  ['https://a.example/mcp/s-abcdef123456', 'at /mcp/s-abcdef123456', 'at /mcp/[hidden]'],
  ['https://a.example/hooks/abcdefghijklmnopqrstuv/mcp', 'hooks abcdefghijklmnopqrstuv', 'hooks [hidden]'],
  ['https://a.example/messages/mcp', 'messages of mcp', 'messages of mcp'],
  ['https://a.example/?key=a%20long%2Fkey', 'a long/key a%20long%2Fkey', '[hidden] [hidden]'],
  ['https://ada-lovelace@a.example/', 'for ada-lovelace', 'for [hidden]'],
] as const)('the mask hides what is a secret in %s', ([url, text, masked]) => {
  expect(new Secrets({ type: 'http', url }).mask(text)).toBe(masked)
})

test('the mask hides what causes say, and what they carry', () => {
  const mask = (text: string): string => text.replaceAll('secret', '[hidden]')
  const cause = Object.assign(new TypeError('a secret'), { code: 'EPIPE', status: 500, body: 'secret' })
  const masked = maskError(new Error('outer secret', { cause }), mask)
  expect(inspect(masked)).not.toContain('secret')
  expect(masked).toMatchObject({
    message: 'outer [hidden]',
    cause: { name: 'TypeError', message: 'a [hidden]', code: 'EPIPE', status: 500 },
  })
  expect([maskError('a secret', mask), maskError({ secret: 1 }, mask)]).toEqual(['a [hidden]', undefined])
})

test.for([
  ['the words of a tool that fails', '({ ...text(process.env.TOKEN), isError: true })'],
  ['an error of the protocol', 'send({ id, error: { code: -32000, message: process.env.TOKEN } })'],
] as const)('what env holds is not in %s', async ([, does]) => {
  const transport = scripted(`tool('x', (params, id) => ${does})`, { TOKEN: 'a-secret-value' })
  await using source = createMcpSource({ name: 's', transport })
  const error: unknown = await call(await listTools(source), 'x').catch((thrown: unknown) => thrown)
  expect(inspect(error)).toContain('[hidden]')
  expect(inspect(error)).not.toContain('a-secret-value')
})

test('the mask hides the last tokens that went to the server', async () => {
  const transport = { type: 'http', url: 'https://a.example', fetch: async () => new Response() } as const
  const secrets = new Secrets(transport)
  const watched = secrets.watch(transport)
  for (let count = 10; count < 20; count++) {
    const headers = { authorization: `Bearer token-${count}` }
    await (watched.type === 'http' && watched.fetch?.('https://a.example', { headers }))
  }
  expect(secrets.mask('token-11, token-12 and token-19')).toBe('token-11, [hidden] and [hidden]')
})

test('the codes of errors stay as they are', () => {
  const codes: Record<McpErrorCode, true> = {
    MCP_INVALID_OPTIONS: true,
    MCP_CONNECTION_FAILED: true,
    MCP_UNAUTHORIZED: true,
    MCP_INVALID_CATALOGUE: true,
    MCP_REQUEST_FAILED: true,
    MCP_TOOL_FAILED: true,
  }
  expect(Object.keys(codes)).toHaveLength(6)
})
