// The loop of the Vercel AI SDK on its own scripted model, in memory.
import { generateText, isStepCount, simulateReadableStream, streamText, tool } from 'ai'
import { MockLanguageModelV4 } from 'ai/test'
import * as z from 'zod'
import { textOf } from './text.mjs'

const USAGE = {
  inputTokens: { total: 100, noCache: 100, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 10, text: 10, reasoning: 0 },
}

export const peers = [
  { name: "the AI SDK's generateText", isSlow: false, open: async (work) => ({ run: () => generate(work) }) },
  { name: "the AI SDK's streamText", isSlow: false, open: async (work) => ({ run: () => stream(work) }) },
]

async function generate(work) {
  let turn = 0
  const model = new MockLanguageModelV4({
    doGenerate: async () => {
      turn += 1
      const content = partsOf(turn, work)
      return { content, finishReason: reasonOf(turn, work), usage: USAGE, warnings: [] }
    },
  })
  const result = await generateText(optionsOf(model, work))
  check(result.steps.length, work)
}

async function stream(work) {
  let turn = 0
  const model = new MockLanguageModelV4({
    doStream: async () => {
      turn += 1
      const [text, call] = partsOf(turn, work)
      const chunks = [
        { type: 'stream-start', warnings: [] },
        { type: 'text-start', id: '1' },
        { type: 'text-delta', id: '1', delta: text.text },
        { type: 'text-end', id: '1' },
        ...(call === undefined ? [] : [call]),
        { type: 'finish', finishReason: reasonOf(turn, work), usage: USAGE },
      ]
      return { stream: simulateReadableStream({ chunks, initialDelayInMs: null, chunkDelayInMs: null }) }
    },
  })
  const result = streamText(optionsOf(model, work))
  await result.consumeStream()
  check((await result.steps).length, work)
}

function optionsOf(model, { turns, bytes }) {
  const text = textOf(bytes)
  const work = tool({
    description: 'Does the work of one turn.',
    inputSchema: z.object({ turn: z.number() }),
    execute: async () => text,
  })
  return { model, tools: { work }, prompt: 'Do the work.', stopWhen: isStepCount(turns + 1) }
}

function partsOf(turn, { turns, bytes }) {
  if (turn > turns) return [{ type: 'text', text: 'done' }]
  return [
    { type: 'text', text: textOf(bytes) },
    { type: 'tool-call', toolCallId: `call-${turn}`, toolName: 'work', input: `{"turn":${turn}}` },
  ]
}

function reasonOf(turn, { turns }) {
  return turn > turns ? { unified: 'stop', raw: 'stop' } : { unified: 'tool-calls', raw: 'tool_calls' }
}

function check(steps, { turns }) {
  if (steps !== turns + 1) throw new Error(`the AI SDK made ${steps} steps of ${turns + 1}`)
}
