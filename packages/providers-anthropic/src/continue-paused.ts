import type { AssistantMessage, ModelChunk, ModelRequest, Usage } from '@starling/provider'
import { addUsage, createPartCollector } from '@starling/provider-http'

// The vendor's tools take long, or it has summed up the conversation to make room.
const PAUSED: ReadonlySet<string> = new Set(['pause_turn', 'compaction'])

// The vendor pauses after some ten rounds of its tools: a model that is not done after this many pauses is lost.
const MAX_PAUSES = 20

// Only these make an answer pause.
const CAUSES = ['tools', 'mcp_servers', 'context_management'] as const

/**
 * Reports whether an answer may pause: for the vendor's own tools, or to sum up
 * what was said, both of which `params` ask for. Does not judge them.
 */
export function mayPause({ params = {} }: ModelRequest): boolean {
  return CAUSES.some((name) => params[name] !== undefined)
}

/**
 * Asks for an answer and goes on with it each time the vendor pauses it.
 *
 * A pause is not the end of an answer: what there is of it goes back as it is,
 * and the vendor continues. The answers become one, whose usage is the sum.
 * After {@link MAX_PAUSES} pauses the answer ends as it stands.
 */
export async function* continuePaused(
  request: ModelRequest,
  ask: (request: ModelRequest) => AsyncIterable<ModelChunk>,
): AsyncGenerator<ModelChunk> {
  const paused: AssistantMessage[] = []
  let total: Usage | undefined
  for (let pauses = 0; ; pauses++) {
    const collector = createPartCollector()
    const before = total
    let isPaused = false
    for await (const chunk of ask({ ...request, messages: [...request.messages, ...paused] })) {
      if (chunk.type === 'end' && PAUSED.has(chunk.rawStopReason) && pauses < MAX_PAUSES) {
        isPaused = true
      } else if (chunk.type === 'usage') {
        // A later report of one request replaces an earlier one.
        total = addUsage(before, chunk.usage)
        yield { type: 'usage', usage: total }
      } else {
        collector.add(chunk)
        yield chunk
      }
    }
    if (!isPaused) return
    if (collector.isInText) yield { type: 'text-end' }
    paused.push({ role: 'assistant', content: '', toolUses: [], parts: collector.parts })
  }
}
