import type { AgentDefinition, RunHandle, RunUpdate } from '@starling/core'
import type { Event } from '@starling/event'
import type { ModelRequest } from '@starling/provider'
import { createScriptedProvider } from '@starling/provider/scripted'
import type { ScriptedTurn } from '@starling/provider/scripted'
import type { Tool, ToolContext, ToolPolicy } from '@starling/tool'
import type { Journal } from './journal.ts'

/** A run to be killed at every event, and how it ends all the same. */
export interface Scenario {
  readonly name: string
  readonly expected: 'completed' | 'failed'
  /** Whether the model is shown the same conversation wherever the run is killed. Default: `true`. */
  readonly isSteady?: boolean | undefined
  /** How the agent behaves in every process that works on the run. */
  define(journal: Journal): ScenarioAgent
  /** Steers the run from outside. */
  onUpdate?(update: RunUpdate, handle: RunHandle, journal: Journal): void
  /** Sent while the run goes on; a resume says it again when it was lost with the process. */
  readonly message?: string | undefined
  /** Kill the first process after this event, and try every crash on the second. */
  readonly crashedBefore?: number | undefined
  /** The order in which the calls of the undisturbed run end. */
  readonly endsInOrder?: readonly string[] | undefined
  /** What else must be true of the finished run; returns what is not. */
  check?(events: readonly Event[]): readonly string[]
}

/** What a scenario makes an agent of. */
export interface ScenarioAgent {
  /** The answers of the model, in turn. */
  readonly turns: readonly ScriptedTurn[]
  /** Strikes the first call of a process, when it is for this turn (from 0). */
  readonly fault?: { readonly turn: number; readonly strike: ScriptedTurn } | undefined
  readonly tools?: readonly Tool[] | undefined
  readonly options?: Partial<AgentDefinition> | undefined
}

/** The agent of a scenario; its model answers by what the request holds, never by how often it was asked. */
export function toDefinition(scenario: Scenario, journal: Journal): AgentDefinition {
  const { turns, fault, tools = [], options = {} } = scenario.define(journal)
  const answer = (request: ModelRequest, callIndex: number): ScriptedTurn | undefined => {
    journal.note({ type: 'request', messages: request.messages })
    const turn = request.messages.filter((message) => message.role === 'assistant').length
    return fault !== undefined && fault.turn === turn && callIndex === 0 ? fault.strike : turns[turn]
  }
  return { provider: createScriptedProvider({ turns: answer }), model: 'scripted-1', tools, ...options }
}

/** What a tool of a scenario is made of. */
export interface WitnessedTool {
  readonly name: string
  readonly policy?: ToolPolicy | undefined
  execute(input: string, context: ToolContext): Promise<unknown>
}

/** Makes a tool whose calls are noted before they do anything. */
export function witnessed(journal: Journal, { name, policy, execute }: WitnessedTool): Tool {
  return {
    name,
    description: `Does ${name}.`,
    inputSchema: '{"type":"object"}',
    ...(policy === undefined ? {} : { policy }),
    async execute(input, context) {
      const { callId, attempt, idempotencyKey: key } = context
      journal.note({ type: 'call', tool: name, callId, attempt, key })
      return JSON.stringify(await execute(input, context))
    },
  }
}
