/** One reasoning block of an assistant message, as the model produced it. */
export interface ReasoningBlock {
  /** The text; for a redacted block the vendor's opaque data. */
  readonly text: string
  /** The vendor's integrity signature, when it gave one; a signature that travels as text is its UTF-8 bytes. */
  readonly signature?: Uint8Array | undefined
  /** Whether the vendor keeps the block opaque. Default: `false`. */
  readonly redacted?: boolean | undefined
}

/** A tool call in an assistant message. */
export interface ToolUse {
  /** Unique in the conversation; what the tool message answers to. */
  readonly callId: string
  readonly name: string
  /** The arguments as JSON text. */
  readonly arguments: string
}

/** A message of the conversation. */
export type Message =
  | { readonly role: 'user'; readonly content: string }
  | {
      readonly role: 'assistant'
      /** Empty when the model only called tools. */
      readonly content: string
      readonly toolUses: readonly ToolUse[]
      /** In the order the model produced them; before the content and the tool uses. */
      readonly reasoning?: readonly ReasoningBlock[] | undefined
    }
  | {
      readonly role: 'tool'
      readonly callId: string
      /** The result as JSON text, or the text of the error. */
      readonly content: string
      readonly isError: boolean
    }

/** A tool as offered to the model. */
export interface ToolDefinition {
  readonly name: string
  readonly description: string
  /** JSON Schema, as the exact text that is hashed and sent. */
  readonly inputSchema: string
}

/** One request to a model: plain data, never changed by a provider. */
export interface ModelRequest {
  readonly model: string
  /** Empty when there is none. */
  readonly systemPrompt: string
  readonly messages: readonly Message[]
  /** In the order the agent declares them. */
  readonly tools: readonly ToolDefinition[]
  /** `auto`, `any`, `none` or the name of a tool. Default: empty, the vendor's own default. */
  readonly toolChoice?: string | undefined
  /** Texts that end the answer. Default: none. */
  readonly stopSequences?: readonly string[] | undefined
  /** Sample from this many tokens. Default: the vendor's own. */
  readonly topK?: number | undefined
  /** At most this many output tokens; 0 is the default. Default: the vendor's own. */
  readonly maxOutputTokens?: number | undefined
  /** Further parameters of the vendor, as plain JSON data. Default: none. */
  readonly params?: Readonly<Record<string, unknown>> | undefined
}

/**
 * Token counts of one model call: whole numbers, 0 or more.
 *
 * The parts do not overlap, except that `reasoning` is part of `output`.
 */
export interface Usage {
  /** Prompt tokens that were neither read from nor written to a cache. */
  readonly input: number
  /** Prompt tokens read from the vendor's cache. */
  readonly cacheRead: number
  /** Prompt tokens written to the vendor's cache. */
  readonly cacheWrite: number
  /** All tokens the model produced, reasoning included. */
  readonly output: number
  /** Output tokens spent on reasoning. */
  readonly reasoning: number
}

/**
 * Why a model stopped, in one vocabulary for all vendors:
 *
 * - `stop`: it was done.
 * - `tool_use`: it waits for the results of its tool calls.
 * - `max_tokens`: it reached the output limit or the end of its context.
 * - `stop_sequence`: it produced one of the request's stop sequences.
 * - `filtered`: the vendor withheld the answer or the rest of it.
 * - `refusal`: the model declined.
 * - `error`: the vendor says the answer went wrong, as with a malformed tool call.
 * - `other`: none of these, or the vendor did not say.
 */
export const STOP_REASONS = [
  'stop',
  'tool_use',
  'max_tokens',
  'stop_sequence',
  'filtered',
  'refusal',
  'error',
  'other',
] as const

/** Why a model stopped: one of {@link STOP_REASONS}. */
export type StopReason = (typeof STOP_REASONS)[number]

/**
 * One piece of a streamed answer.
 *
 * The order, which {@link checkChunks} enforces:
 *
 * - Text, reasoning and tool calls come in any order and may interleave.
 * - A tool call is one start, any number of deltas and one end, under a call
 *   id that no other call of the answer has. Several may be open at once.
 *   Without a delta its arguments are empty.
 * - `usage` comes whenever it is known; a later one replaces an earlier one.
 * - Exactly one `end`, last, when every tool call has ended.
 */
export type ModelChunk =
  | { readonly type: 'text-delta'; readonly text: string }
  /** A piece of reasoning; a `signature` closes the block, with or without text. */
  | { readonly type: 'reasoning-delta'; readonly text: string; readonly signature?: Uint8Array | undefined }
  /** A whole reasoning block that the vendor keeps opaque. */
  | { readonly type: 'redacted-reasoning'; readonly data: string; readonly signature?: Uint8Array | undefined }
  | { readonly type: 'tool-call-start'; readonly callId: string; readonly name: string }
  /** A piece of the call's arguments; the pieces together are JSON text. */
  | { readonly type: 'tool-call-delta'; readonly callId: string; readonly argumentsText: string }
  | { readonly type: 'tool-call-end'; readonly callId: string }
  | { readonly type: 'usage'; readonly usage: Usage }
  | {
      readonly type: 'end'
      readonly stopReason: StopReason
      /** The vendor's own word; empty when it gave none. */
      readonly rawStopReason: string
      /** BLAKE3-256 over the wire bytes, by the rule of the vendor; `null` when not computed. */
      readonly rawResponseHash: Uint8Array | null
      /** The vendor's id of this call, for its support. */
      readonly requestId?: string | undefined
    }

/** What a provider can do; what is not named is not supported. */
export interface ProviderCapabilities {
  /** Offers tools to the model and reports its calls. */
  readonly tools?: boolean | undefined
  /** Honours {@link ModelRequest.toolChoice}. */
  readonly toolChoice?: boolean | undefined
  /** Reports reasoning blocks. */
  readonly reasoning?: boolean | undefined
  /** Honours {@link ModelRequest.stopSequences}. */
  readonly stopSequences?: boolean | undefined
  /** Controls what the vendor caches. */
  readonly cacheControl?: boolean | undefined
  /** Reports the vendor's id of each call. */
  readonly requestId?: boolean | undefined
}

/** How {@link Provider.stream} calls. */
export interface CallOptions {
  /** Ends the call at once: the iteration rejects with the signal's reason. Default: none. */
  readonly signal?: AbortSignal | undefined
}

/**
 * A source of model answers.
 *
 * What the types cannot say, every implementation must hold, and
 * `describeProvider` checks:
 *
 * - **Lazy.** Nothing is sent before the first chunk is asked for.
 * - **Ordered.** The chunks keep the order that {@link ModelChunk} describes.
 * - **One end.** A complete answer ends with exactly one `end` chunk; an answer
 *   that was cut off is an error, never an end.
 * - **Classified.** Every failure is a {@link ProviderError}, except an abort,
 *   which rejects with the signal's reason, untouched.
 * - **Prompt.** An abort ends the call also while the vendor is silent.
 * - **Released.** However the iteration ends, also when it is left early, the
 *   connection is closed.
 * - **Concurrent.** Calls may run at once and share nothing.
 * - **Secret.** Keys never appear in an error, not even when the vendor echoes them.
 */
export interface Provider {
  /** How the provider is named in the log. Needs no network. */
  readonly info: { readonly id: string; readonly apiVersion: string }
  readonly capabilities: ProviderCapabilities
  /** Calls the model, once per returned iterable; errors surface on the first `next()`. */
  stream(request: ModelRequest, options?: CallOptions): AsyncIterable<ModelChunk>
}
