/** The agent module that the processes of the test load: what its tool does is written to a file, and it can kill its process. */
import { appendFileSync } from 'node:fs'
import { defineAgent, type AgentDefinition } from '@starling/core'
import { createScriptedProvider, type ScriptedTurn } from '@starling/provider/scripted'
import type { Tool } from '@starling/tool'

const TURNS: readonly ScriptedTurn[] = [
  { toolCalls: [{ id: 'call-a', name: 'note', arguments: { text: 'one' } }] },
  { toolCalls: [{ id: 'call-b', name: 'note', arguments: { text: 'two' } }] },
  { text: 'Both are noted.' },
]

const note: Tool = {
  name: 'note',
  description: 'Notes a text.',
  inputSchema: '{"type":"object","properties":{"text":{"type":"string"}}}',
  async execute(input) {
    const { text } = JSON.parse(input)
    const journal = process.env['JOURNAL']
    if (journal !== undefined) appendFileSync(journal, `${text}\n`)
    if (process.env['KILLED_BY'] === text) process.kill(process.pid, 'SIGKILL')
    return '"noted"'
  },
}

export const agent: AgentDefinition = defineAgent({
  // Answers by what the request holds: every process is another one.
  provider: createScriptedProvider({
    turns: ({ messages }) => TURNS[messages.filter(({ role }) => role === 'assistant').length],
  }),
  model: 'scripted-1',
  tools: [note],
  ...(process.env['ASKS'] === undefined
    ? {}
    : {
        policy: { data: { version: 1, ask: ['note'] }, evaluate: () => ({ effect: 'ask', reason: 'notes are read' }) },
      }),
})
