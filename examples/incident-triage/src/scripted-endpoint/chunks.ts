import type { ScriptedAnswer, ScriptedCall } from './script.ts'

/** How long a piece of arguments is, in characters. */
const FRAGMENT = 14
/** Roughly how many characters a token has. */
const TOKEN = 4

/** What a stream of chunks says about itself. */
export interface ChunkOptions {
  readonly model: string
  /** The length of the request, which the count of its tokens is derived from. */
  readonly promptLength: number
}

/** Yields an answer as the JSON texts of Chat Completions chunks: words, fragments of arguments, end and usage. */
export function* chunksOf(answer: ScriptedAnswer, { model, promptLength }: ChunkOptions): Generator<string> {
  const shared = { id: `chatcmpl-${crypto.randomUUID()}`, object: 'chat.completion.chunk', created: seconds(), model }
  const chunk = (delta: object, finishReason: string | null = null): string =>
    JSON.stringify({ ...shared, choices: [{ index: 0, delta, finish_reason: finishReason }] })
  yield chunk({ role: 'assistant', content: '' })
  for (const word of answer.text.match(/\s*\S+/g) ?? []) yield chunk({ content: word })
  for (const delta of callDeltas(answer.calls)) yield chunk({ tool_calls: [delta] })
  yield chunk({}, answer.calls.length === 0 ? 'stop' : 'tool_calls')
  const written = answer.text.length + answer.calls.reduce((sum, call) => sum + call.arguments.length, 0)
  const [prompt, completion] = [Math.ceil(promptLength / TOKEN), Math.ceil(written / TOKEN)]
  const usage = { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion }
  yield JSON.stringify({ ...shared, choices: [], usage })
}

/** All calls are announced first; then the fragments of their arguments take turns. */
function* callDeltas(calls: readonly ScriptedCall[]): Generator<object> {
  for (const [index, { id, name }] of calls.entries()) {
    yield { index, id, type: 'function', function: { name, arguments: '' } }
  }
  const longest = Math.max(0, ...calls.map((call) => call.arguments.length))
  for (let start = 0; start < longest; start += FRAGMENT) {
    for (const [index, call] of calls.entries()) {
      const fragment = call.arguments.slice(start, start + FRAGMENT)
      if (fragment !== '') yield { index, function: { arguments: fragment } }
    }
  }
}

function seconds(): number {
  return Math.floor(Date.now() / 1000)
}
