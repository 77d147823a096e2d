import { utf8Decode, utf8Encode } from '@starling/event'
import type { ReasoningBlock, StopReason, Usage } from '@starling/provider'
import type { EncodedReply, VendorReply, WireCodec } from '@starling/provider/conformance'
import { sse } from './sse.ts'

/** Writes the replies of the conformance suite as Gemini's `streamGenerateContent`. */
export const GEMINI_CODEC: WireCodec = {
  contentType: 'text/event-stream',
  encodeReply,
  encodeStreamError: (message) => sse({ error: { code: 503, message, status: 'UNAVAILABLE' } }),
  encodeGarbage: () => sse('Internal Server Error'),
  encodeErrorBody: (code, message) => JSON.stringify({ error: { code, message, status: 'A_CONDITION' } }),
}

const FINISH_REASON: Readonly<Record<StopReason, string>> = {
  stop: 'STOP',
  tool_use: 'STOP',
  max_tokens: 'MAX_TOKENS',
  // The vendor has no word of its own for these two.
  stop_sequence: 'STOP',
  refusal: 'SAFETY',
  filtered: 'SAFETY',
  error: 'MALFORMED_FUNCTION_CALL',
  other: 'OTHER',
}

/** What arrives of a reply: signatures as the package's own metadata. */
export function carriedByGemini(reply: VendorReply): VendorReply {
  const { stopReason } = reply
  return {
    ...reply,
    reasoning: reply.reasoning.map(carriedBlock),
    stopReason: stopReason === 'stop_sequence' ? 'stop' : stopReason === 'refusal' ? 'filtered' : stopReason,
  }
}

function carriedBlock(block: ReasoningBlock): ReasoningBlock {
  if (block.signature === undefined) return block
  const metadata = { google: { thoughtSignature: utf8Decode(block.signature) } }
  return { ...block, signature: utf8Encode(JSON.stringify(metadata)) }
}

function encodeReply(reply: VendorReply): EncodedReply {
  const soFar = { ...reply.usage, output: 0, reasoning: 0 }
  const parts = [
    ...reply.reasoning.map(({ text, signature }) => ({
      text,
      thought: true,
      ...(signature !== undefined && { thoughtSignature: utf8Decode(signature) }),
    })),
    ...reply.text.map((text) => ({ text })),
    ...reply.toolCalls.map(({ callId, name, argumentPieces }) => ({
      functionCall: { id: callId, name, args: JSON.parse(argumentPieces.join('') || '{}') as unknown },
    })),
  ]
  return {
    // As the vendor does, with what has been counted so far.
    content: parts
      .map((part) => chunk(reply, { content: { role: 'model', parts: [part] }, index: 0 }, encodeUsage(soFar)))
      .join(''),
    finish: chunk(reply, undefined, encodeUsage(reply.usage)),
    terminator: chunk(
      reply,
      { content: { role: 'model', parts: [{ text: '' }] }, finishReason: FINISH_REASON[reply.stopReason], index: 0 },
      encodeUsage(reply.usage),
    ),
  }
}

function chunk(reply: VendorReply, candidate: object | undefined, usageMetadata?: object): string {
  return sse({
    ...(candidate !== undefined && { candidates: [candidate] }),
    ...(usageMetadata !== undefined && { usageMetadata }),
    modelVersion: 'marker-model-2026',
    responseId: reply.requestId,
  })
}

function encodeUsage(usage: Usage): object {
  const prompt = usage.input + usage.cacheRead
  return {
    promptTokenCount: prompt,
    cachedContentTokenCount: usage.cacheRead,
    candidatesTokenCount: usage.output - usage.reasoning,
    thoughtsTokenCount: usage.reasoning,
    totalTokenCount: prompt + usage.output,
  }
}
