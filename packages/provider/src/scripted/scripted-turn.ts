import type { ModelChunk, ReasoningBlock, StopReason, Usage } from '../provider.ts'
import { normalizeUsage } from '../usage.ts'

/** A tool call of a {@link ScriptedReply}. */
export interface ScriptedToolCall {
  /** Default: `call-<n>-<m>`, the m-th call of the n-th answer, counted from 1. */
  readonly id?: string | undefined
  readonly name: string
  /** JSON text, the pieces of a JSON text, or an object to be written as JSON. Default: no text at all. */
  readonly arguments?: string | readonly string[] | Readonly<Record<string, unknown>> | undefined
}

/** An answer in short: reasoning, then text, then tool calls, usage and the end. */
export interface ScriptedReply {
  /** One block, or several. Default: none. */
  readonly reasoning?: string | readonly ReasoningBlock[] | undefined
  /** The text, or the deltas it comes in. Default: none. */
  readonly text?: string | readonly string[] | undefined
  readonly toolCalls?: readonly ScriptedToolCall[] | undefined
  /** Default: 0 for every part. */
  readonly usage?: Partial<Usage> | undefined
  /** Default: `tool_use` with tool calls, else `stop`. */
  readonly stopReason?: StopReason | undefined
  /** Default: the stop reason. */
  readonly rawStopReason?: string | undefined
  readonly requestId?: string | undefined
}

/** What goes wrong in a scripted answer. */
export interface ScriptedFault {
  /**
   * - `error`: the call fails with {@link ScriptedFault.error}.
   * - `eof`: the answer stops without an end, as a cut connection does.
   * - `hang`: nothing more comes until the call is aborted.
   */
  readonly kind: 'error' | 'eof' | 'hang'
  /** Comes after this many chunks. Default: 0; for `eof` just before the end chunk. */
  readonly afterChunks?: number | undefined
  /** What an `error` rejects with. Default: a retryable `PROVIDER_SERVER`. */
  readonly error?: Error | undefined
}

/** How a scripted answer is delivered. */
export interface ScriptedDelivery {
  /** Default: nothing goes wrong. */
  readonly fault?: ScriptedFault | undefined
  /** Waits this long before each chunk. Default: the provider's own `latencyMs`. */
  readonly latencyMs?: number | undefined
}

/** One scripted answer: its chunks exactly, or a {@link ScriptedReply} in short. */
export type ScriptedTurn = ScriptedDelivery &
  ({ readonly chunks: readonly ModelChunk[] } | (ScriptedReply & { readonly chunks?: undefined }))

/** Writes the chunks of a reply; `callIndex` (from 0) goes into the default call ids. */
export function replyToChunks(reply: ScriptedReply, callIndex = 0): ModelChunk[] {
  const toolCalls = reply.toolCalls ?? []
  const stopReason = reply.stopReason ?? (toolCalls.length > 0 ? 'tool_use' : 'stop')
  return [
    ...reasoningChunks(reply.reasoning ?? []),
    ...pieces(reply.text ?? []).map((text): ModelChunk => ({ type: 'text-delta', text })),
    ...toolCalls.flatMap((call, index) => toolCallChunks(call, call.id ?? `call-${callIndex + 1}-${index + 1}`)),
    { type: 'usage', usage: normalizeUsage(reply.usage ?? {}) },
    {
      type: 'end',
      stopReason,
      rawStopReason: reply.rawStopReason ?? stopReason,
      rawResponseHash: null,
      ...(reply.requestId === undefined ? {} : { requestId: reply.requestId }),
    },
  ]
}

function reasoningChunks(reasoning: string | readonly ReasoningBlock[]): ModelChunk[] {
  const blocks = typeof reasoning === 'string' ? [{ text: reasoning }] : reasoning
  return blocks.map(({ text, signature, redacted }: ReasoningBlock): ModelChunk => {
    const signed = signature === undefined ? {} : { signature }
    if (redacted === true) return { type: 'redacted-reasoning', data: text, ...signed }
    return { type: 'reasoning-delta', text, ...signed }
  })
}

function toolCallChunks(call: ScriptedToolCall, callId: string): ModelChunk[] {
  return [
    { type: 'tool-call-start', callId, name: call.name },
    ...argumentPieces(call.arguments).map((text): ModelChunk => {
      return { type: 'tool-call-delta', callId, argumentsText: text }
    }),
    { type: 'tool-call-end', callId },
  ]
}

function argumentPieces(value: ScriptedToolCall['arguments']): readonly string[] {
  if (value === undefined) return []
  return typeof value === 'string' || isPieces(value) ? pieces(value) : [JSON.stringify(value)]
}

function pieces(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value
}

function isPieces(value: object): value is readonly string[] {
  return Array.isArray(value)
}
