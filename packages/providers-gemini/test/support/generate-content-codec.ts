import { utf8Decode } from '@starling/event'
import type { ReasoningBlock, StopReason } from '@starling/provider'
import type { EncodedReply, VendorReply, VendorToolCall, WireCodec } from '@starling/provider/conformance'
import { sse } from './events.ts'

/** Writes the replies of the conformance suite as `streamGenerateContent` does. */
export const GENERATE_CONTENT_CODEC: WireCodec = {
  contentType: 'text/event-stream',
  encodeReply,
  encodeStreamError: (message) => sse({ error: { code: 503, message, status: 'UNAVAILABLE' } }),
  encodeGarbage: () => 'data: Internal Server Error\r\n\r\n',
  encodeErrorBody: (code, message) =>
    JSON.stringify([{ error: { code, message, status: STATUS.get(code) ?? 'UNKNOWN', details: [] } }]),
}

const STATUS: ReadonlyMap<number, string> = new Map([
  [400, 'INVALID_ARGUMENT'],
  [401, 'UNAUTHENTICATED'],
  [403, 'PERMISSION_DENIED'],
  [404, 'NOT_FOUND'],
  [429, 'RESOURCE_EXHAUSTED'],
  [500, 'INTERNAL'],
  [503, 'UNAVAILABLE'],
])

const FINISH_REASON: Readonly<Record<StopReason, string>> = {
  stop: 'STOP',
  tool_use: 'STOP',
  max_tokens: 'MAX_TOKENS',
  filtered: 'SAFETY',
  error: 'MALFORMED_FUNCTION_CALL',
  other: 'A_REASON_OF_THE_FUTURE',
  // The vendor has no word for these two: the suite does not ask for them.
  stop_sequence: 'STOP',
  refusal: 'STOP',
}

function encodeReply(reply: VendorReply): EncodedReply {
  const { input, cacheRead, output, reasoning } = reply.usage
  const about = { modelVersion: 'gemini-conformance', responseId: reply.requestId }
  const prompt = {
    promptTokenCount: input + cacheRead,
    ...(cacheRead > 0 && { cachedContentTokenCount: cacheRead }),
  }
  const candidate = (parts: readonly object[], more: object = {}): string =>
    sse({ candidates: [{ content: { parts, role: 'model' }, index: 0, ...more }], usageMetadata: prompt, ...about })
  return {
    content: [
      ...reply.reasoning.map(thoughtPart),
      ...reply.text.map((text) => ({ text })),
      ...reply.toolCalls.map(callPart),
    ]
      .map((part) => candidate([part]))
      .join(''),
    finish: sse({
      usageMetadata: {
        ...prompt,
        candidatesTokenCount: output - reasoning,
        ...(reasoning > 0 && { thoughtsTokenCount: reasoning }),
        totalTokenCount: input + cacheRead + output,
      },
      ...about,
    }),
    terminator: candidate([{ text: '' }], { finishReason: FINISH_REASON[reply.stopReason] }),
  }
}

function thoughtPart({ text, signature }: ReasoningBlock): object {
  return { text, thought: true, ...(signature !== undefined && { thoughtSignature: utf8Decode(signature) }) }
}

function callPart({ callId, name, argumentPieces }: VendorToolCall): object {
  const text = argumentPieces.join('')
  const args: unknown = JSON.parse(text === '' ? '{}' : text)
  return { functionCall: { id: callId, name, args } }
}
