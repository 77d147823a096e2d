// LangGraph.js with its SQLite checkpointer: every step is durable before the next one starts.
import { AIMessage, HumanMessage } from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import { END, MessagesAnnotation, START, StateGraph } from '@langchain/langgraph'
import { ToolNode } from '@langchain/langgraph/prebuilt'
import { SqliteSaver } from '@langchain/langgraph-checkpoint-sqlite'
import * as z from 'zod'
import { textOf } from './text.mjs'

export const peers = [{ name: 'LangGraph.js on SQLite', isSlow: true, open }]

async function open({ turns, bytes, path }) {
  const saver = SqliteSaver.fromConnString(path)
  const text = textOf(bytes)
  const work = tool(async () => text, {
    name: 'work',
    description: 'Does the work of one turn.',
    schema: z.object({ turn: z.number() }),
  })
  const graph = new StateGraph(MessagesAnnotation)
    .addNode('model', ({ messages }) => ({ messages: [answer((messages.length - 1) / 2 + 1, { turns, text })] }))
    .addNode('tools', new ToolNode([work]))
    .addEdge(START, 'model')
    .addConditionalEdges('model', ({ messages }) => (messages.at(-1).tool_calls.length > 0 ? 'tools' : END))
    .addEdge('tools', 'model')
    .compile({ checkpointer: saver })
  let runs = 0
  return {
    async run() {
      runs += 1
      const { messages } = await graph.invoke(
        { messages: [new HumanMessage('Do the work.')] },
        { configurable: { thread_id: String(runs) }, recursionLimit: 3 * turns + 10, durability: 'sync' },
      )
      if (messages.length !== 2 * turns + 2) throw new Error(`LangGraph kept ${messages.length} messages`)
    },
  }
}

function answer(turn, { turns, text }) {
  if (turn > turns) return new AIMessage({ content: 'done' })
  return new AIMessage({ content: text, tool_calls: [{ id: `call-${turn}`, name: 'work', args: { turn } }] })
}
