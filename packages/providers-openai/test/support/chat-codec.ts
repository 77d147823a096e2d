import type { StopReason, Usage } from '@starling/provider'
import type { EncodedReply, VendorReply, VendorToolCall, WireCodec } from '@starling/provider/conformance'
import { deltaEvent, sse } from './chunks.ts'

/** Writes the replies of the conformance suite as Chat Completions. */
export const CHAT_CODEC: WireCodec = {
  contentType: 'text/event-stream',
  headers: (reply) => ({ 'x-request-id': reply.requestId }),
  encodeReply,
  encodeStreamError: (message) => sse({ error: { message, type: 'server_error', code: 'server_overloaded' } }),
  encodeGarbage: () => sse('Internal Server Error'),
  encodeErrorBody: (_, message) => JSON.stringify({ error: { message, type: 'error', param: null, code: null } }),
}

/** Writes the same with the usage in front, as servers do that tell it with every chunk. */
export const EARLY_USAGE_CODEC: WireCodec = {
  ...CHAT_CODEC,
  encodeReply(reply) {
    const { content, ...rest } = encodeReply(reply)
    return { ...rest, content: usageEvent({ ...reply.usage, output: 0, reasoning: 0 }) + content }
  },
}

const FINISH_REASON: Readonly<Record<StopReason, string>> = {
  stop: 'stop',
  tool_use: 'tool_calls',
  max_tokens: 'length',
  // The vendor has no word of its own for these two.
  stop_sequence: 'stop',
  refusal: 'stop',
  filtered: 'content_filter',
  error: 'error',
  other: 'a_reason_of_the_future',
}

/** What arrives of a reply: the protocol does not tell a stop sequence from any other end. */
export function carriedByChat(reply: VendorReply): VendorReply {
  return reply.stopReason === 'stop_sequence' ? { ...reply, stopReason: 'stop' } : reply
}

function encodeReply(reply: VendorReply): EncodedReply {
  const field = reply.stopReason === 'refusal' ? 'refusal' : 'content'
  const events = [
    deltaEvent({ role: 'assistant', content: '' }),
    ...reply.reasoning.map((block) => deltaEvent({ reasoning_content: block.text })),
    ...reply.text.map((text) => deltaEvent({ [field]: text })),
    ...encodeToolCalls(reply).map((call) => deltaEvent({ tool_calls: [call] })),
  ]
  return {
    content: events.join(''),
    finish: usageEvent(reply.usage),
    // Either of the two tells that the answer is whole, so both stand here.
    terminator: deltaEvent({}, FINISH_REASON[reply.stopReason]) + sse('[DONE]'),
  }
}

function encodeToolCalls(reply: VendorReply): object[] {
  const calls = reply.toolCalls.map(encodeToolCall)
  if (!reply.interleaved) return calls.flat()
  const longest = Math.max(...calls.map((fragments) => fragments.length))
  return Array.from({ length: longest }, (_, turn) =>
    calls.flatMap((fragments) => fragments.slice(turn, turn + 1)),
  ).flat()
}

function encodeToolCall(call: VendorToolCall, index: number): object[] {
  return [
    { index, id: call.callId, type: 'function', function: { name: call.name, arguments: '' } },
    ...call.argumentPieces.map((piece) => ({ index, function: { arguments: piece } })),
  ]
}

function usageEvent(usage: Usage): string {
  return sse({ choices: [], usage: encodeUsage(usage) })
}

function encodeUsage(usage: Usage): object {
  const prompt = usage.input + usage.cacheRead + usage.cacheWrite
  return {
    prompt_tokens: prompt,
    completion_tokens: usage.output,
    total_tokens: prompt + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cacheRead, cache_write_tokens: usage.cacheWrite },
    completion_tokens_details: { reasoning_tokens: usage.reasoning },
  }
}
