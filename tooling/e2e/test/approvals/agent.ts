/** The agent module that the processes of the test load: what its tool does is written to a file. */
import { appendFileSync } from 'node:fs'
import { defineAgent, type AgentDefinition } from '@starling/core'
import { createScriptedProvider, type ScriptedTurn } from '@starling/provider/scripted'
import type { Tool, ToolPolicy } from '@starling/tool'

const TURNS: readonly ScriptedTurn[] = [
  {
    toolCalls: [
      { id: 'call-a', name: 'deploy', arguments: { to: 'prod' } },
      { id: 'call-b', name: 'look', arguments: {} },
      { id: 'call-c', name: 'deploy', arguments: { to: 'test' } },
    ],
  },
  { text: 'Shipped.' },
]

export const agent: AgentDefinition = defineAgent({
  // Answers by what the request holds: every process is another one.
  provider: createScriptedProvider({
    turns: ({ messages }) => TURNS[messages.filter(({ role }) => role === 'assistant').length],
  }),
  model: 'scripted-1',
  tools: [journaled('deploy', { idempotent: false, inDoubt: 'ask' }), journaled('look', {})],
  policy: {
    data: { version: 1, ask: ['deploy'] },
    evaluate: ({ tool }) =>
      tool === 'deploy' ? { effect: 'ask', reason: 'deploys are looked at' } : { effect: 'allow' },
  },
})

/** A tool whose every execution outlives its process. */
function journaled(name: string, policy: ToolPolicy): Tool {
  return {
    name,
    description: `Does ${name}.`,
    inputSchema: '{"type":"object"}',
    policy,
    async execute(_input, { callId }) {
      const journal = process.env['APPROVALS_JOURNAL']
      if (journal !== undefined) appendFileSync(journal, `${name} ${callId}\n`)
      return '"done"'
    },
  }
}
