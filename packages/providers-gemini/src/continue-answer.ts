import type { ModelChunk, ModelRequest, Usage } from '@starling/provider'
import { addUsage, isJsonObject } from '@starling/provider-http'

/** Where the next request of a long answer goes on; the answer to one request leaves it here. */
export interface Continuation {
  token: string | undefined
}

const CONTINUES = 'CONTINUATION'

// What one request streams at most: https://ai.google.dev/gemini-api/docs/generate-content/long-decode.
const REQUEST_TOKENS = 65_536

// A context of a million tokens is sixteen requests; a vendor that wants more does not get on.
const MAX_REQUESTS = 32

/** Reports whether an answer may be longer than one request: only a larger limit lets the vendor offer that. */
export function mayContinue({ maxOutputTokens = 0, params = {} }: ModelRequest): boolean {
  const config = isJsonObject(params['generationConfig']) ? params['generationConfig'] : {}
  const limits = [maxOutputTokens, params['maxOutputTokens'], config['maxOutputTokens']]
  return limits.some((limit) => Number(limit ?? 0) > REQUEST_TOKENS)
}

/**
 * Asks for an answer and for what follows it, until the vendor has said it all.
 *
 * Each request repeats the first one, with the token that the answer before
 * gave, and streams only what is new. The answers become one, whose usage is
 * the sum: that is how the vendor bills them.
 */
export async function* continueAnswer(
  ask: (continuation: Continuation) => AsyncIterable<ModelChunk>,
): AsyncGenerator<ModelChunk> {
  const continuation: Continuation = { token: undefined }
  let total: Usage | undefined
  let hasCalls = false
  for (let requests = 1; ; requests++) {
    const before = total
    let isWhole = true
    for await (const chunk of ask(continuation)) {
      if (chunk.type === 'end') {
        const isOffered = chunk.rawStopReason === CONTINUES && continuation.token !== undefined
        isWhole = !isOffered || requests === MAX_REQUESTS
        if (isWhole) yield chunk.stopReason === 'stop' && hasCalls ? { ...chunk, stopReason: 'tool_use' } : chunk
      } else if (chunk.type === 'usage') {
        // A later report of one request replaces an earlier one.
        total = addUsage(before, chunk.usage)
        yield { type: 'usage', usage: total }
      } else {
        hasCalls ||= chunk.type === 'tool-call-start'
        yield chunk
      }
    }
    if (isWhole) return
  }
}
