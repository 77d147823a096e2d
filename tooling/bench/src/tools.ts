import { fileURLToPath } from 'node:url'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { createAgent, type AgentOptions } from '@starling/core'
import type { EventLog } from '@starling/eventlog'
import { createMemoryEventLog } from '@starling/eventlog/memory'
import { openSqliteEventLog } from '@starling/eventlog-sqlite'
import type { ModelChunk, Provider } from '@starling/provider'
import type { Tool } from '@starling/tool'
import { createMcpSource } from '@starling/tools-mcp'
import { byScale, freshFile, type BenchContext, type Group } from './context.ts'
import { formatMs, formatRatio, type Row } from './row.ts'
import { timeRounds, type Times } from './rounds.ts'

/** What it costs to record a tool call, and to reach an MCP server through a source. */
export const toolsGroup: Group = { name: 'tools', measure: measureTools }

const SERVER = fileURLToPath(new URL('mcp-server.child.ts', import.meta.url))
const INPUT = { text: 'The quick brown fox jumps over the lazy dog.' }

async function measureTools(context: BenchContext): Promise<readonly Row[]> {
  return [...(await measureCalls(context)), ...(await measureMcp(context))]
}

async function measureCalls(context: BenchContext): Promise<readonly Row[]> {
  const calls = byScale(context, 50, 500)
  await using memory = createMemoryEventLog()
  await using sqlite = await openSqliteEventLog({ path: freshFile(context) })
  const subjects = [
    { name: 'bare', units: calls, run: () => callBare(calls) },
    { name: 'memory', units: calls, run: () => makeCalls({ log: memory, tools: [echo] }, calls) },
    { name: 'sqlite', units: calls, run: () => makeCalls({ log: sqlite, tools: [echo] }, calls) },
  ]
  const times = await timeRounds(subjects, { rounds: byScale(context, 3, 21), warmUps: byScale(context, 1, 4) })
  return ['memory', 'sqlite'].map((name) => ({
    what: `a tool call that is recorded, one after the other, ${name === 'sqlite' ? 'SQLite' : 'in memory'}`,
    figure: `${formatMs(times.median(name))} over ${formatMs(times.median('bare'))} of the bare function`,
    target: '–',
    met: undefined,
  }))
}

async function measureMcp(context: BenchContext): Promise<readonly Row[]> {
  const calls = byScale(context, 50, 300)
  const command = { command: process.execPath, args: [SERVER] }
  const client = new Client({ name: 'bench', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } })
  await client.connect(new StdioClientTransport(command))
  const source = createMcpSource({ name: 'bench', transport: { type: 'stdio', ...command } })
  await using sqlite = await openSqliteEventLog({ path: freshFile(context) })
  try {
    const { tools } = await source.list({})
    const tool = tools.find(({ name }) => name === 'echo')
    if (tool === undefined) throw new Error('the server of the bench has no echo')
    const subjects = [
      { name: 'client', units: calls, run: () => callClient(client, calls) },
      { name: 'source', units: calls, run: () => callTool(tool, calls) },
      { name: 'recorded', units: calls, run: () => makeCalls({ log: sqlite, toolSources: [source] }, calls) },
    ]
    const times = await timeRounds(subjects, { rounds: byScale(context, 3, 21), warmUps: byScale(context, 1, 4) })
    return [
      describeMcp(times, 'source', 'an MCP call over stdio, through the source'),
      describeMcp(times, 'recorded', 'an MCP call over stdio, recorded in a run on SQLite'),
    ]
  } finally {
    await client.close()
    await source.close()
  }
}

function describeMcp(times: Times, name: string, what: string): Row {
  const ratio = times.ratio(name, 'client')
  return {
    what: `${what}, against the SDK's own client`,
    figure: `${formatRatio(ratio)} (${formatMs(times.median(name))} against ${formatMs(times.median('client'))})`,
    target: '≤ 1.2 ×',
    met: ratio <= 1.2,
  }
}

async function callBare(calls: number): Promise<void> {
  for (let call = 0; call < calls; call += 1) await echoText(INPUT)
}

async function callClient(client: Client, calls: number): Promise<void> {
  for (let call = 0; call < calls; call += 1) await client.callTool({ name: 'echo', arguments: INPUT })
}

/** Calls a tool outside a run: nothing is recorded. */
async function callTool(tool: Tool, calls: number): Promise<void> {
  const { signal } = new AbortController()
  for (let call = 0; call < calls; call += 1) {
    await tool.execute(JSON.stringify(INPUT), {
      runId: 'run',
      turnId: 'turn',
      callId: `call-${call}`,
      attempt: 1,
      idempotencyKey: `key-${call}`,
      signal,
      now: async () => 0,
      random: async () => 0,
      uuid: async () => '',
      sideEffect: async (_name, fn) => fn(),
      ask: async () => ({ action: 'cancel' }),
      progress: () => undefined,
      attach: () => undefined,
    })
  }
}

/** Runs an agent whose model plans all calls in one answer; they are made one after the other. */
async function makeCalls(
  options: Pick<AgentOptions, 'tools' | 'toolSources'> & { readonly log: EventLog },
  calls: number,
): Promise<void> {
  const agent = createAgent({ ...options, model: 'scripted', provider: planner(calls), maxParallelTools: 1 })
  const { status, error } = await agent.run('Call.')
  if (status !== 'completed') throw new Error(`the run ended as ${status}: ${error?.message}`)
}

function planner(calls: number): Provider {
  return {
    info: { id: 'scripted', apiVersion: 'v0' },
    capabilities: { tools: true },
    async *stream({ messages }): AsyncIterable<ModelChunk> {
      const isLast = messages.length > 1
      if (isLast) yield { type: 'text-delta', text: 'done' }
      else yield* plan(calls)
      const stopReason = isLast ? 'stop' : 'tool_use'
      yield { type: 'end', stopReason, rawStopReason: stopReason, rawResponseHash: null }
    },
  }
}

function* plan(calls: number): Iterable<ModelChunk> {
  for (let call = 0; call < calls; call += 1) {
    const callId = `call-${call}`
    yield { type: 'tool-call-start', callId, name: 'echo' }
    yield { type: 'tool-call-delta', callId, argumentsText: JSON.stringify(INPUT) }
    yield { type: 'tool-call-end', callId }
  }
}

const echo: Tool = {
  name: 'echo',
  description: 'Says it again.',
  inputSchema: '{"type":"object"}',
  execute: async (input) => JSON.stringify(await echoText(JSON.parse(input))),
}

async function echoText(input: { readonly text: string }): Promise<{ readonly text: string }> {
  return input
}
