/** An agent module that tests load by its path: it answers by what it is asked, and its tool says what it was given. */
import { defineAgent, type AgentDefinition } from '@starling/core'
import { createScriptedProvider, type ScriptedTurn } from '@starling/provider/scripted'

/** What is said to a goal: each word of it is a turn. */
const TURNS: Readonly<Record<string, ScriptedTurn>> = {
  echo: { toolCalls: [{ id: 'c1', name: 'echo', arguments: { text: 'hi' } }] },
  ask: { toolCalls: [{ id: 'c1', name: 'ask', arguments: {} }] },
  ship: { toolCalls: [{ id: 'c1', name: 'ship', arguments: { to: 'prod' } }] },
  guard: { toolCalls: [{ id: 'c1', name: 'guarded', arguments: {} }] },
  done: { text: 'Done.', usage: { input: 10, output: 2 } },
}

const inputSchema = '{"type":"object"}'

export const agent: AgentDefinition = defineAgent({
  provider: createScriptedProvider({
    turns: ({ messages }) => {
      const [first] = messages
      const words = first?.role === 'user' && typeof first.content === 'string' ? first.content.split(' ') : []
      return TURNS[words[messages.filter(({ role }) => role === 'assistant').length] ?? ''] ?? TURNS['done']
    },
  }),
  model: 'test',
  tools: [
    { name: 'echo', description: 'Echoes.', inputSchema, execute: async (input) => input },
    {
      name: 'ship',
      description: 'Ships, once it is approved.',
      inputSchema: JSON.stringify({
        type: 'object',
        required: ['to'],
        properties: { to: { enum: ['prod', 'lab'] }, count: { type: 'integer' }, tags: { type: ['array', 'null'] } },
        additionalProperties: false,
      }),
      policy: { approval: true },
      execute: async (input) => input,
    },
    {
      name: 'guarded',
      description: 'Needs an approval.',
      inputSchema,
      policy: { approval: true },
      execute: async () => '"made"',
    },
    {
      name: 'ask',
      description: 'Asks.',
      inputSchema,
      execute: async (_input, context) =>
        JSON.stringify(
          await context.ask({
            type: 'form',
            message: 'Who?',
            schema: '{"type":"object","required":["name"],"properties":{"name":{"type":"string"}}}',
          }),
        ),
    },
  ],
})
