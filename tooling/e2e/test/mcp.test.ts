// Servers that nobody here wrote, driven by an agent, and replayed when they are gone.
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  createAgent,
  decideApprovals,
  readApprovals,
  type Agent,
  type AgentOptions,
  type CallDecision,
} from '@starling/core'
import { KIND } from '@starling/event'
import { validateRun } from '@starling/eventlog'
import { createMemoryEventLog } from '@starling/eventlog/memory'
import { openSqliteEventLog } from '@starling/eventlog-sqlite'
import { createScriptedProvider } from '@starling/provider/scripted'
import type { ToolAnswer } from '@starling/tool'
import { createMcpSource, type McpRevision, type McpSource, type McpTransport } from '@starling/tools-mcp'
import { describe, expect, test } from 'vitest'
import { inTemporaryDirectory } from './temporary-directory.ts'
import { startEverything } from './tools/everything-over-http.ts'
import { npmServerPath, workshopPath } from './tools/npm-server.ts'

const RUN = 'run-1'

const command = process.execPath
const EVERYTHING: McpTransport = { type: 'stdio', command, args: [npmServerPath('everything'), 'stdio'] }
const WORKSHOP: McpTransport = { type: 'stdio', command, args: [workshopPath()] }
const GONE: McpTransport = { type: 'stdio', command: '/nonexistent/server' }

interface Place {
  /** What the server of files may reach. */
  readonly files: string
  /** Where the server of memory keeps what it knows. */
  readonly memory: string
}

function placeIn(directory: string): Place {
  const files = join(realpathSync(directory), 'files')
  mkdirSync(files)
  writeFileSync(join(files, 'note.txt'), 'the answer is 42')
  return { files, memory: join(realpathSync(directory), 'memory.json') }
}

/** Three servers over stdio and one over HTTP. */
function sourcesOf({ files, memory }: Place, url: string): McpSource[] {
  return [
    createMcpSource({
      name: 'files',
      prefix: 'files_',
      transport: { type: 'stdio', command, args: [npmServerPath('filesystem'), files] },
    }),
    createMcpSource({
      name: 'memory',
      prefix: 'memory_',
      transport: { type: 'stdio', command, args: [npmServerPath('memory')], env: { MEMORY_FILE_PATH: memory } },
    }),
    createMcpSource({ name: 'everything', prefix: 'ev_', transport: EVERYTHING }),
    createMcpSource({ name: 'remote', prefix: 'remote_', transport: { type: 'http', url } }),
  ]
}

/** The same sources, of which none can be reached any more. */
function goneSources(): McpSource[] {
  return ['files', 'memory', 'everything', 'remote'].map((name) =>
    createMcpSource({ name, prefix: name === 'everything' ? 'ev_' : `${name}_`, transport: GONE }),
  )
}

function turnsFor({ files }: Place) {
  const entity = { name: 'Ada', entityType: 'person', observations: ['wrote the first program'] }
  return [
    {
      toolCalls: [
        { id: 'a', name: 'files_read_text_file', arguments: { path: join(files, 'note.txt') } },
        { id: 'b', name: 'memory_create_entities', arguments: { entities: [entity] } },
        { id: 'c', name: 'ev_get-sum', arguments: { a: 40, b: 2 } },
        { id: 'd', name: 'remote_echo', arguments: { message: 'over HTTP' } },
        { id: 'e', name: 'ev_trigger-elicitation-request', arguments: {} },
        { id: 'f', name: 'files_read_text_file', arguments: { path: '/etc/passwd' } },
      ],
    },
    {
      toolCalls: [
        { id: 'g', name: 'memory_read_graph', arguments: {} },
        { id: 'h', name: 'files_write_file', arguments: { path: join(files, 'new.txt'), content: 'written once' } },
      ],
    },
    { text: 'Done.' },
  ]
}

async function expectReplays(agent: Agent): Promise<void> {
  for (const tools of ['execute', 'recorded'] as const) {
    expect(await agent.replay(RUN, { tools })).toMatchObject({ status: 'match', divergences: [] })
  }
}

test('an agent works with four servers, and the run replays when all of them are gone', async () => {
  await inTemporaryDirectory(async (directory) => {
    const place = placeIn(directory)
    const answer = (): ToolAnswer => ({ action: 'accept', content: '{"name":"Ada"}' })
    const options = { model: 'scripted', answer }
    const provider = createScriptedProvider({ turns: turnsFor(place) })
    await using log = await openSqliteEventLog({ path: join(directory, 'runs.db') })
    await work(place, { ...options, provider, log })
    const results = resultsIn(provider.requests.at(-1)?.messages ?? [])
    expect(results).toMatchObject({
      a: expect.stringContaining('the answer is 42'),
      c: expect.stringContaining('42'),
      d: expect.stringContaining('over HTTP'),
      e: expect.stringContaining('Name: Ada'),
      f: expect.stringContaining('Access denied'),
      g: expect.stringContaining('wrote the first program'),
    })
    expect(readFileSync(join(place.files, 'new.txt'), 'utf8')).toBe('written once')
    expect(await validateRun(log, RUN)).toMatchObject({ status: 'ok' })
    const before = readFileSync(place.memory)
    writeFileSync(join(place.files, 'new.txt'), 'changed since')
    await expectReplays(createAgent({ ...options, provider, log, toolSources: goneSources() }))
    expect(readFileSync(place.memory)).toEqual(before)
    expect(readFileSync(join(place.files, 'new.txt'), 'utf8')).toBe('changed since')
  })
}, 120_000)

async function work(place: Place, options: AgentOptions): Promise<void> {
  await using remote = await startEverything()
  const sources = sourcesOf(place, remote.url)
  try {
    const agent = createAgent({ ...options, toolSources: sources })
    const result = await agent.runWithId(RUN, 'Work.')
    expect(result).toMatchObject({ status: 'completed' })
  } finally {
    await Promise.all(sources.map((source) => source.close()))
  }
}

test('a run that was cut off goes on with the servers of its record: only what has no outcome reaches one', async () => {
  await inTemporaryDirectory(async (directory) => {
    const place = placeIn(directory)
    const provider = createScriptedProvider({ turns: turnsFor(place) })
    const log = createMemoryEventLog()
    await work(place, { model: 'scripted', provider, log })
    const events = await log.read(RUN)
    const written = events.findLast(({ kind }) => kind === KIND.ToolCallScheduled)?.seq ?? 0
    const cut = createMemoryEventLog()
    await cut.append(RUN, events.slice(0, written))

    const files = createMcpSource({
      name: 'files',
      prefix: 'files_',
      transport: { type: 'stdio', command, args: [npmServerPath('filesystem'), place.files] },
    })
    const memory = createMcpSource({
      name: 'memory',
      prefix: 'memory_',
      transport: { type: 'stdio', command, args: [npmServerPath('memory')], env: { MEMORY_FILE_PATH: place.memory } },
    })
    // What the rest of the run does not call need not be there.
    const toolSources = [files, memory, ...goneSources().slice(2)]
    const rest = createScriptedProvider({ turns: [{ text: 'Done.' }] })
    const agent = createAgent({ model: 'scripted', provider: rest, log: cut, toolSources })
    try {
      expect(await agent.resume(RUN).result).toMatchObject({ status: 'completed' })
      expect(existsSync(join(place.files, 'new.txt'))).toBe(true)
      expect(resultsIn(rest.requests.at(-1)?.messages ?? [])).toMatchObject({
        a: expect.stringContaining('the answer is 42'),
        g: expect.stringContaining('Ada'),
      })
    } finally {
      await Promise.all(toolSources.map((source) => source.close()))
    }
    await expectReplays(createAgent({ model: 'scripted', provider: rest, log: cut, toolSources: goneSources() }))
  })
}, 120_000)

/** A server with a tool that asks a person for a form. */
interface Asking extends Partial<AsyncDisposable> {
  readonly transport: McpTransport
  readonly revision: McpRevision
  readonly tool: string
}

const ASKING: readonly (readonly [string, () => Promise<Asking>])[] = [
  [
    'server-everything over stdio',
    async () => ({ transport: EVERYTHING, revision: '2025-11-25', tool: 'trigger-elicitation-request' }),
  ],
  [
    'server-everything over HTTP',
    async () => {
      const server = await startEverything()
      return {
        transport: { type: 'http', url: server.url },
        revision: '2025-11-25',
        tool: 'trigger-elicitation-request',
        [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
      }
    },
  ],
  ['a server of 2025', async () => ({ transport: WORKSHOP, revision: '2025-11-25', tool: 'order' })],
  ['a server of 2026', async () => ({ transport: WORKSHOP, revision: '2026-07-28', tool: 'order' })],
]

const DECISIONS: readonly (readonly [string, CallDecision, Readonly<Record<string, string>>])[] = [
  [
    'filled in',
    { callId: 'a', decision: 'approve', input: '{"name":"Ada","count":3}', by: 'ada' },
    { 'trigger-elicitation-request': '- Name: Ada', order: 'ordered 3 as customer 7' },
  ],
  [
    'declined',
    { callId: 'a', decision: 'deny', by: 'ada' },
    { 'trigger-elicitation-request': 'declined', order: 'nothing was ordered' },
  ],
]

describe.for(ASKING)('a form of %s', ([, start]) => {
  test.for(DECISIONS)(
    'is %s by another process, a third one goes on, and the run replays without the server',
    async ([, decision, expected]) => {
      await inTemporaryDirectory(async (directory) => {
        const path = join(directory, 'runs.db')
        const asking = await start()
        const { tool } = asking
        const turns = [{ toolCalls: [{ id: 'a', name: tool, arguments: {} }] }, { text: 'Done.' }]
        await inProcess(path, asking, async (log, source) => {
          const provider = createScriptedProvider({ turns })
          const agent = createAgent({ model: 'm', provider, log, toolSources: [source] })
          const left = await agent.runWithId(RUN, 'Ask.', { onApproval: 'suspend' })
          expect(left).toMatchObject({ status: 'suspended', waiting: [{ callId: 'a', reason: 'question' }] })
        })
        await inProcess(path, asking, async (log) => {
          expect(await readApprovals(log, RUN)).toMatchObject([{ callId: 'a', question: { type: 'form' } }])
          expect(await decideApprovals(log, { runId: RUN, decisions: [decision] })).toBe(1)
        })
        await inProcess(path, asking, async (log, source) => {
          const provider = createScriptedProvider({ turns: turns.slice(1) })
          const agent = createAgent({ model: 'm', provider, log, toolSources: [source] })
          expect(await agent.resume(RUN, { onApproval: 'suspend' }).result).toMatchObject({ status: 'completed' })
          expect(resultsIn(provider.requests.at(-1)?.messages ?? [])['a']).toContain(expected[tool])
        })
        await asking[Symbol.asyncDispose]?.()
        await inProcess(path, { ...asking, transport: GONE }, async (log, source) => {
          expect(await validateRun(log, RUN)).toMatchObject({ status: 'ok' })
          const provider = createScriptedProvider({ turns })
          await expectReplays(createAgent({ model: 'm', provider, log, toolSources: [source] }))
        })
      })
    },
  )
})

test.for(['2025-11-25', '2026-07-28'] as const)(
  'a process that dies after any event of a run with a question leaves what another goes on with, %s',
  { timeout: 60_000 },
  async (revision) => {
    const turns = [{ toolCalls: [{ id: 'a', name: 'order', arguments: {} }] }, { text: 'Done.' }]
    const decision: CallDecision = { callId: 'a', decision: 'approve', input: '{"count":3}' }
    const answer = (): ToolAnswer => ({ action: 'accept', content: '{"count":3}' })
    await using source = createMcpSource({ name: 'asking', transport: WORKSHOP, revision })
    const options = { model: 'm', toolSources: [source] }
    const whole = createMemoryEventLog()
    const asking = createScriptedProvider({ turns })
    const agent = createAgent({ ...options, provider: asking, log: whole })
    await agent.runWithId(RUN, 'Ask.', { onApproval: 'suspend' })
    await decideApprovals(whole, { runId: RUN, decisions: [decision] })
    await agent.resume(RUN).result
    const events = await whole.read(RUN)
    for (let kept = 1; kept < events.length; kept += 1) {
      const log = createMemoryEventLog()
      await log.append(RUN, events.slice(0, kept))
      const waiting = await readApprovals(log, RUN)
      if (waiting.length > 0) await decideApprovals(log, { runId: RUN, decisions: [decision] })
      const hasPlanned = events.slice(0, kept).some(({ kind }) => kind === KIND.AssistantMessageCompleted)
      const provider = createScriptedProvider({ turns: hasPlanned ? turns.slice(1) : turns })
      const other = createAgent({ ...options, provider, log, answer })
      expect([kept, (await other.resume(RUN).result).status]).toEqual([kept, 'completed'])
      // Whoever comes last has nothing to ask the model for.
      const shown = provider.requests.at(-1)?.messages.at(-1)?.content ?? 'nothing more'
      expect(['"ordered 3 as customer 7"', 'nothing more']).toContain(shown)
      await expectReplays(other)
    }
  },
)

describe('a tool that must not be called twice', () => {
  const POLICY = { idempotent: false, inDoubt: 'ask' } as const
  const turnsOf = (name: string) => [{ toolCalls: [{ id: 'a', name, arguments: {} }] }, { text: 'Done.' }]

  test.for([
    ['server-everything', EVERYTHING, 'trigger-elicitation-request', 'cancelled'],
    ['a server of 2025', WORKSHOP, 'order', 'nothing was ordered'],
  ] as const)('is not left while its request to %s is open: nobody answers', async ([, transport, tool, expected]) => {
    const provider = createScriptedProvider({ turns: turnsOf(tool) })
    await using source = createMcpSource({ name: 'asking', transport, revision: '2025-11-25', policy: POLICY })
    const agent = createAgent({ model: 'm', provider, log: createMemoryEventLog(), toolSources: [source] })
    expect(await agent.runWithId(RUN, 'Ask.', { onApproval: 'suspend' })).toMatchObject({ status: 'completed' })
    expect(resultsIn(provider.requests.at(-1)?.messages ?? [])['a']).toContain(expected)
  })

  test('is left where a server of 2026 asks, and goes on in another process without a doubt', async () => {
    const log = createMemoryEventLog()
    const turns = turnsOf('order')
    const leave = async (answers: readonly { readonly text?: string }[]) => {
      await using source = createMcpSource({
        name: 'asking',
        transport: WORKSHOP,
        revision: '2026-07-28',
        policy: POLICY,
      })
      const provider = createScriptedProvider({ turns: answers })
      const agent = createAgent({ model: 'm', provider, log, toolSources: [source] })
      const isFirst = (await log.read(RUN)).length === 0
      const options = { onApproval: 'suspend' } as const
      const result = await (isFirst ? agent.runWithId(RUN, 'Ask.', options) : agent.resume(RUN, options).result)
      return { result, agent, results: resultsIn(provider.requests.at(-1)?.messages ?? []) }
    }
    const { result: left } = await leave(turns)
    expect(left).toMatchObject({ status: 'suspended', waiting: [{ callId: 'a', reason: 'question' }] })
    const decision: CallDecision = { callId: 'a', decision: 'approve', input: '{"count":3}' }
    expect(await decideApprovals(log, { runId: RUN, decisions: [decision] })).toBe(1)
    const { result, results, agent } = await leave(turns.slice(1))
    expect(result).toMatchObject({ status: 'completed' })
    expect(results['a']).toContain('ordered 3 as customer 7')
    await expectReplays(agent)
  })
})

/** Does something in what is like a process of its own: of another one nothing is left but the log. */
async function inProcess(
  path: string,
  { transport, revision }: Asking,
  does: (log: AgentOptions['log'], source: McpSource) => Promise<void>,
): Promise<void> {
  await using log = await openSqliteEventLog({ path })
  await using source = createMcpSource({ name: 'asking', transport, revision })
  await does(log, source)
}

interface Shown {
  readonly role: string
  readonly callId?: string
  readonly content: string
}

function resultsIn(messages: readonly Shown[]): Record<string, string> {
  return Object.fromEntries(
    messages.flatMap(({ role, callId, content }) => (role === 'tool' ? [[callId, content]] : [])),
  )
}
