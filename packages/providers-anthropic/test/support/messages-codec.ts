import { utf8Decode } from '@starling/event'
import type { ReasoningBlock, StopReason } from '@starling/provider'
import type { EncodedReply, VendorReply, VendorToolCall, WireCodec } from '@starling/provider/conformance'
import { sse } from './events.ts'

/** Writes the replies of the conformance suite as the Messages API does. */
export const MESSAGES_CODEC: WireCodec = {
  contentType: 'text/event-stream; charset=utf-8',
  headers: (reply) => ({ 'request-id': reply.requestId }),
  encodeReply,
  encodeStreamError: (message) => sse({ type: 'error', error: { type: 'overloaded_error', message } }),
  encodePing: () => sse({ type: 'ping' }),
  encodeGarbage: () => 'event: content_block_delta\ndata: Internal Server Error\n\n',
  encodeErrorBody: (status, message) =>
    JSON.stringify({ type: 'error', error: { type: ERROR_TYPE.get(status) ?? 'api_error', message } }),
}

const ERROR_TYPE: ReadonlyMap<number, string> = new Map([
  [400, 'invalid_request_error'],
  [401, 'authentication_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [429, 'rate_limit_error'],
  [529, 'overloaded_error'],
])

const STOP_REASON: Readonly<Record<StopReason, string>> = {
  stop: 'end_turn',
  tool_use: 'tool_use',
  max_tokens: 'max_tokens',
  stop_sequence: 'stop_sequence',
  refusal: 'refusal',
  // The vendor has no word for these two: the suite does not ask for them.
  filtered: 'filtered',
  error: 'error',
  other: 'a_reason_of_the_future',
}

function encodeReply(reply: VendorReply): EncodedReply {
  const blocks = [
    ...reply.reasoning.map(reasoningBlock),
    ...(reply.text.length === 0 ? [] : [textBlock(reply.text)]),
    ...reply.toolCalls.map(toolBlock),
  ].map(([start, deltas], index) => encodeBlock(index, start, deltas))
  const { input, cacheRead, cacheWrite, output, reasoning } = reply.usage
  const prompt = { input_tokens: input, cache_read_input_tokens: cacheRead, cache_creation_input_tokens: cacheWrite }
  const message = { id: 'msg_conformance', type: 'message', role: 'assistant', content: [], usage: prompt }
  return {
    content: sse({ type: 'message_start', message }) + (reply.interleaved ? inTurn(blocks) : blocks.flat()).join(''),
    finish: sse({
      type: 'message_delta',
      delta: { stop_reason: STOP_REASON[reply.stopReason], stop_sequence: null },
      usage: { output_tokens: output, output_tokens_details: { thinking_tokens: reasoning } },
    }),
    terminator: sse({ type: 'message_stop' }),
  }
}

type BlockParts = readonly [start: object, deltas: readonly object[]]

function reasoningBlock({ text, signature, redacted }: ReasoningBlock): BlockParts {
  if (redacted === true) return [{ type: 'redacted_thinking', data: text }, []]
  const signed = signature === undefined ? [] : [{ type: 'signature_delta', signature: utf8Decode(signature) }]
  return [{ type: 'thinking', thinking: '', signature: '' }, [{ type: 'thinking_delta', thinking: text }, ...signed]]
}

function textBlock(texts: readonly string[]): BlockParts {
  return [{ type: 'text', text: '', citations: null }, texts.map((text) => ({ type: 'text_delta', text }))]
}

function toolBlock({ callId, name, argumentPieces }: VendorToolCall): BlockParts {
  return [
    { type: 'tool_use', id: callId, name, input: {}, caller: { type: 'direct' } },
    argumentPieces.map((piece) => ({ type: 'input_json_delta', partial_json: piece })),
  ]
}

function encodeBlock(index: number, start: object, deltas: readonly object[]): string[] {
  return [
    sse({ type: 'content_block_start', index, content_block: start }),
    ...deltas.map((delta) => sse({ type: 'content_block_delta', index, delta })),
    sse({ type: 'content_block_stop', index }),
  ]
}

// One event of each block, then the next of each.
function inTurn(blocks: readonly (readonly string[])[]): string[] {
  const longest = Math.max(...blocks.map((events) => events.length))
  return Array.from({ length: longest }, (_, turn) => blocks.flatMap((events) => events.slice(turn, turn + 1))).flat()
}
