import type { StopReason, Usage } from '@starling/provider'
import type { EncodedReply, VendorReply, VendorToolCall, WireCodec } from '@starling/provider/conformance'
import { inTurn, sse } from './sse.ts'

/** Writes the replies of the conformance suite as Chat Completions. */
export const CHAT_CODEC: WireCodec = {
  contentType: 'text/event-stream',
  encodeReply,
  encodeStreamError: (message) => sse({ error: { message, type: 'server_error', param: null, code: null } }),
  encodeGarbage: () => sse('Internal Server Error'),
  encodeErrorBody: (_, message) => JSON.stringify({ error: { message, type: 'error', param: null, code: null } }),
}

const FINISH_REASON: Readonly<Record<StopReason, string>> = {
  stop: 'stop',
  tool_use: 'tool_calls',
  max_tokens: 'length',
  // The protocol has no word of its own for these two.
  stop_sequence: 'stop',
  refusal: 'stop',
  filtered: 'content_filter',
  error: 'error',
  other: 'a_reason_of_the_future',
}

/** What arrives of a reply: the protocol has no stop sequence and no signature. */
export function carriedByChat(reply: VendorReply): VendorReply {
  const stopReason = reply.stopReason === 'stop_sequence' ? 'stop' : reply.stopReason
  return { ...reply, stopReason }
}

function encodeReply(reply: VendorReply): EncodedReply {
  const field = reply.stopReason === 'refusal' ? 'refusal' : 'content'
  const calls = reply.toolCalls.map(encodeCall)
  return {
    content: [
      delta({ role: 'assistant', content: '' }, reply),
      ...reply.reasoning.map((block) => delta({ reasoning_content: block.text }, reply)),
      ...reply.text.map((text) => delta({ [field]: text }, reply)),
      ...(reply.interleaved ? inTurn(calls) : calls.flat()).map((call) => delta({ tool_calls: [call] }, reply)),
    ].join(''),
    finish: sse({ choices: [], usage: encodeUsage(reply.usage) }),
    terminator: delta({}, reply, FINISH_REASON[reply.stopReason]) + sse('[DONE]'),
  }
}

function delta(content: object, reply: VendorReply, finishReason: string | null = null): string {
  return sse({
    id: reply.requestId,
    created: 1_760_000_000,
    model: 'marker-model',
    choices: [{ index: 0, delta: content, finish_reason: finishReason }],
  })
}

function encodeCall(call: VendorToolCall, index: number): object[] {
  return [
    { index, id: call.callId, type: 'function', function: { name: call.name, arguments: '' } },
    ...call.argumentPieces.map((piece) => ({ index, function: { arguments: piece } })),
  ]
}

function encodeUsage(usage: Usage): object {
  const prompt = usage.input + usage.cacheRead
  return {
    prompt_tokens: prompt,
    completion_tokens: usage.output,
    total_tokens: prompt + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cacheRead },
    completion_tokens_details: { reasoning_tokens: usage.reasoning },
  }
}
