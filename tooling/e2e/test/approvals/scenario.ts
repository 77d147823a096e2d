import { appendFileSync } from 'node:fs'
import { defineAgent, type AgentDefinition, type ApprovalRequest, type CallDecision } from '@starling/core'
import { createScriptedProvider, type ScriptedTurn } from '@starling/provider/scripted'
import type { Tool, ToolContext, ToolPolicy, ToolQuestion } from '@starling/tool'

/** The name of one of the {@link SCENARIOS}. */
export type ScenarioName = 'ship' | 'pay'

/** A run that waits for people. */
export interface Scenario {
  readonly name: ScenarioName
  /** The agent, whose tools write into a journal what they do: it outlives their process. */
  readonly define: (journal: string | undefined) => AgentDefinition
  /** What is to be done once, by line of the journal, and by which call. */
  readonly once: Readonly<Record<string, string>>
  /** What is decided on what waits. */
  readonly decide: (request: ApprovalRequest) => CallDecision
}

type Journal = (line: string) => void

const SHIP: readonly ScriptedTurn[] = [
  {
    toolCalls: [
      { id: 'call-a', name: 'deploy', arguments: { to: 'prod' } },
      { id: 'call-b', name: 'look', arguments: {} },
      { id: 'call-c', name: 'deploy', arguments: { to: 'test' } },
    ],
  },
  { text: 'Shipped.' },
]

const PAY: readonly ScriptedTurn[] = [
  { toolCalls: [{ id: 'call-a', name: 'pay', arguments: { sum: 5 } }] },
  { text: 'Paid.' },
]

/** What `pay` wants to know. */
export const QUESTION: ToolQuestion = {
  type: 'form',
  message: 'Which account pays?',
  schema: '{"type":"object","required":["account"],"properties":{"account":{"type":"string"}}}',
}

/** What it is told, as canonical JSON. */
export const ANSWER = '{"account":"a-1"}'

// What may have been done when its process died is not done again.
const ONCE: ToolPolicy = { idempotent: false, inDoubt: 'ask' }

/** The runs of the tests. */
export const SCENARIOS: Readonly<Record<ScenarioName, Scenario>> = {
  ship: {
    name: 'ship',
    define: (journal) => {
      const note = openJournal(journal)
      const tools = [
        tool('deploy', ONCE, async ({ callId }) => note(`deploy ${callId}`)),
        tool('look', {}, async ({ callId }) => note(`look ${callId}`)),
      ]
      return agentOf(SHIP, {
        tools,
        policy: {
          data: { version: 1, ask: ['deploy'] },
          evaluate: (call) =>
            call.tool === 'deploy' ? { effect: 'ask', reason: 'deploys are looked at' } : { effect: 'allow' },
        },
      })
    },
    once: { 'deploy call-a': 'call-a', 'deploy call-c': 'call-c' },
    decide: ({ callId }) => ({ callId, decision: 'approve', by: 'ada' }),
  },
  pay: {
    name: 'pay',
    define: (journal) => {
      const note = openJournal(journal)
      const pay = tool('pay', ONCE, async (context) => {
        // Everything it does is a side effect: it may be made again up to its question.
        await context.sideEffect('reserve', () => note('reserve'))
        const { action, content = '' } = await context.ask(QUESTION, { held: false })
        await context.sideEffect('book', () => note(`book ${action} ${content}`))
      })
      return agentOf(PAY, { tools: [pay] })
    },
    once: { reserve: 'call-a', [`book accept ${ANSWER}`]: 'call-a' },
    decide: ({ callId }) => ({ callId, decision: 'approve', input: ANSWER, by: 'ada' }),
  },
}

function agentOf(turns: readonly ScriptedTurn[], more: Partial<AgentDefinition>): AgentDefinition {
  return defineAgent({
    // Answers by what the request holds: every process is another one.
    provider: createScriptedProvider({
      turns: ({ messages }) => turns[messages.filter(({ role }) => role === 'assistant').length],
    }),
    model: 'scripted-1',
    ...more,
  })
}

/** A replay writes nothing: it has no journal. */
function openJournal(path: string | undefined): Journal {
  return (line) => {
    if (path !== undefined) appendFileSync(path, `${line}\n`)
  }
}

function tool(name: string, policy: ToolPolicy, execute: (context: ToolContext) => Promise<void>): Tool {
  return {
    name,
    description: `Does ${name}.`,
    inputSchema: '{"type":"object"}',
    policy,
    async execute(_input, context) {
      await execute(context)
      return '"done"'
    },
  }
}
