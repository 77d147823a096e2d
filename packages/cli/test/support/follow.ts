import { createAgent, type AgentDefinition } from '@starling/core'
import type { EventLog } from '@starling/eventlog'
import { createMemoryEventLog } from '@starling/eventlog/memory'
import { createScriptedProvider, type ScriptedTurn } from '@starling/provider/scripted'
import { defineTool, type Tool } from '@starling/tool'
import * as z from 'zod'
import { onApproval, withApprove } from '../../src/agent/agent-flags.ts'
import { createAppendGate } from '../../src/agent/append-gate.ts'
import { followRun } from '../../src/agent/follow-run.ts'
import type { CliIo, CliOutput } from '../../src/io.ts'
import { createPrinter } from '../../src/output/printer.ts'
import { createMemoryStore } from './memory-store.ts'

/** An answer that calls the tool `add`. */
export const ADD: ScriptedTurn = { toolCalls: [{ id: 'c1', name: 'add', arguments: { a: 1, b: 2 } }] }
/** The last answer. */
export const DONE: ScriptedTurn = { reasoning: 'easy', text: ['It is ', '3.'], usage: { input: 10, output: 3 } }

/** How a run is followed, as far as a test wants it otherwise than usual. */
export interface FollowOptions {
  readonly budget?: AgentDefinition['budget']
  readonly log?: EventLog
  readonly json?: boolean
  readonly quiet?: boolean
  readonly isTTY?: boolean
  readonly env?: Readonly<Record<string, string>>
  readonly retries?: number
  readonly approval?: boolean
  readonly approve?: string | undefined
  readonly ask?: CliIo['ask']
  readonly stdout?: CliOutput
  readonly onWrite?: (text: string) => void
  readonly onInterrupt?: CliIo['onInterrupt']
  /** Tools beside `add`. */
  readonly tools?: readonly Tool[]
  /** More of the agent. */
  readonly more?: Partial<AgentDefinition>
  /** Take the run up again instead of starting it. */
  readonly resume?: boolean
}

/** What was written, and how it ended. */
export interface Followed {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Follows run `r` of an agent that adds, answered by `turns`. */
export async function follow(turns: readonly ScriptedTurn[], options: FollowOptions = {}): Promise<Followed> {
  const written: string[] = []
  const errors: string[] = []
  const isTTY = options.isTTY ?? false
  const write = (text: string): void => {
    written.push(text)
    options.onWrite?.(text)
  }
  const io: CliIo = {
    stdout: options.stdout ?? { isTTY, write },
    stderr: { isTTY, write: (text) => void errors.push(text) },
    stdin: nothing(),
    ...(options.ask === undefined ? {} : { ask: options.ask }),
    user: 'ada@test',
    env: options.env ?? {},
    cwd: '/nonexistent',
    store: createMemoryStore(),
    nowMs: () => 0,
    randomBytes: (length) => new Uint8Array(length),
    onInterrupt: options.onInterrupt ?? (() => () => {}),
    modules: { base: '', register: '' },
  }
  const definition = withApprove(adder(turns, options), options.approve)
  const gate = createAppendGate(options.log ?? createMemoryEventLog())
  const agent = createAgent({ ...definition, log: gate.log })
  const how = { onApproval: onApproval(options.approve) }
  const handle = options.resume === true ? agent.resume('r', how) : agent.stream('go', { runId: 'r', ...how })
  const code = await followRun(
    handle,
    { io, out: createPrinter(io, options.json ?? false), log: 'x.db' },
    { definition, gate, agent: 'a.ts', approve: options.approve, quiet: options.quiet ?? false },
  )
  return { code, stdout: written.join(''), stderr: errors.join('') }
}

function adder(turns: readonly ScriptedTurn[], options: FollowOptions): AgentDefinition {
  const { retries, approval = false, budget, tools = [], more = {} } = options
  const add = defineTool({
    name: 'add',
    description: 'Adds two numbers.',
    input: z.object({ a: z.number(), b: z.number() }),
    policy: { approval },
    execute: ({ a, b }) => a + b,
  })
  return {
    provider: createScriptedProvider({ turns }),
    model: 'test',
    tools: [add, ...tools],
    budget,
    ...(retries === undefined ? {} : { retry: { maxAttempts: 1 } }),
    ...more,
  }
}

async function* nothing(): AsyncIterable<string> {}
