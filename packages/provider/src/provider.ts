import type { ProviderError } from './provider-error.ts'

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

/** An image or a file that goes to the model beside the text of a message. */
export interface Attachment {
  readonly type: 'image' | 'file'
  /** The media type, such as `image/png` or `application/pdf`. */
  readonly mediaType: string
  /** The bytes themselves, or the `https:` address that the vendor fetches them from. */
  readonly data: Uint8Array | string
  /** The file's name. Default: none. */
  readonly name?: string | undefined
}

/**
 * One part of an assistant message, where the plain fields of the message
 * cannot say everything: several texts, what came between them, what a vendor
 * wants back as it was.
 */
export type AssistantPart =
  | {
      readonly type: 'text'
      readonly text: string
      /** The vendor's citations for this text, each one JSON text. Default: none. */
      readonly citations?: readonly string[] | undefined
      /** The vendor's integrity signature of this text. Default: none. */
      readonly signature?: Uint8Array | undefined
    }
  | ({ readonly type: 'reasoning' } & ReasoningBlock)
  | ({
      readonly type: 'tool-use'
      /** The vendor's integrity signature of this call. Default: none. */
      readonly signature?: Uint8Array | undefined
    } & ToolUse)
  /** What only the vendor understands, such as a tool call that its servers made: one JSON text. */
  | { readonly type: 'opaque'; readonly data: string }

/** A message of the conversation. */
export type Message = UserMessage | AssistantMessage | ToolMessage

/** What a person said. */
export interface UserMessage {
  readonly role: 'user'
  readonly content: string
  /** Default: none. */
  readonly attachments?: readonly Attachment[] | undefined
}

/** What the model answered. */
export interface AssistantMessage {
  readonly role: 'assistant'
  /** Empty when the model only called tools. */
  readonly content: string
  readonly toolUses: readonly ToolUse[]
  /** In the order the model produced them; before the content and the tool uses. */
  readonly reasoning?: readonly ReasoningBlock[] | undefined
  /**
   * The whole answer in its order, with what the fields above cannot hold; they
   * say the same, less exactly. {@link partsOf} reads either.
   * Default: reasoning, content and tool uses are all there is.
   */
  readonly parts?: readonly AssistantPart[] | undefined
  /** The id of the provider that gave this answer, when it was not the run's own provider and model. */
  readonly providerId?: string | undefined
  /** The model that gave this answer, when it was not the run's own provider and model. */
  readonly model?: string | undefined
}

/** What a tool call came to. */
export interface ToolMessage {
  readonly role: 'tool'
  readonly callId: string
  /** The result as JSON text, or the text of the error. */
  readonly content: string
  readonly isError: boolean
  /** Default: none. */
  readonly attachments?: readonly Attachment[] | undefined
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
  /** From 0, always the most likely token. Default: the vendor's own. */
  readonly temperature?: number | undefined
  /** Sample from the most likely tokens that make up this share, above 0 and at most 1. Default: the vendor's own. */
  readonly topP?: number | undefined
  /** The vendor's best effort to answer the same again. Default: none. */
  readonly seed?: number | undefined
  /** How much the model reasons before it answers. Default: the vendor's own. */
  readonly reasoningEffort?: ReasoningEffort | undefined
  /** What the text of the answer must be. Default: anything. */
  readonly responseFormat?: ResponseFormat | undefined
  /** Whether one answer may call several tools. Default: the vendor's own. */
  readonly parallelToolCalls?: boolean | undefined
  /** What the vendor is asked to cache. Default: the vendor's own. */
  readonly cache?: CacheControl | undefined
  /** Further parameters of the vendor, as plain JSON data. Default: none. */
  readonly params?: Readonly<Record<string, unknown>> | undefined
}

/** How much a model reasons, from nothing to as much as it can. */
export const REASONING_EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'max'] as const

/** How much a model reasons: one of {@link REASONING_EFFORTS}. */
export type ReasoningEffort = (typeof REASONING_EFFORTS)[number]

/** What the text of an answer must be: some JSON value, or one that a schema allows. */
export type ResponseFormat =
  | { readonly type: 'json' }
  | {
      readonly type: 'json-schema'
      /** Names the schema for the vendor: letters, digits, `_` and `-`. */
      readonly name: string
      /** JSON Schema, as the exact text that is hashed and sent. */
      readonly schema: string
    }

/** Where a vendor that caches on request is asked to mark the end of what it may reuse. */
export interface CacheControl {
  /** After the tools. Default: `false`. */
  readonly tools?: boolean | undefined
  /** After the system prompt. Default: `false`. */
  readonly systemPrompt?: boolean | undefined
  /** After the last message, so that the next turn finds everything before it. Default: `false`. */
  readonly messages?: boolean | undefined
  /** How long an entry lives. Default: the vendor's own. */
  readonly ttl?: '5m' | '1h' | undefined
}

/**
 * Token counts of one model call: whole numbers, 0 or more.
 *
 * The parts do not overlap, except that `reasoning` is part of `output` and
 * `cacheWriteLong` of `cacheWrite`.
 */
export interface Usage {
  /** Prompt tokens that were neither read from nor written to a cache. */
  readonly input: number
  /** Prompt tokens read from the vendor's cache. */
  readonly cacheRead: number
  /** Prompt tokens written to the vendor's cache, however long the entry lives. */
  readonly cacheWrite: number
  /** Those of `cacheWrite` whose entry lives an hour, which some vendors charge more for. Default: none. */
  readonly cacheWriteLong?: number | undefined
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
 * - A text part goes on until `text-end`, or until something else that stays
 *   in the message begins: reasoning, a tool call, an opaque part.
 * - `attempt-failed` takes back everything before it: the answer begins again.
 * - `usage` comes whenever it is known; a later one replaces an earlier one.
 * - Exactly one `end`, last, when every tool call has ended.
 */
export type ModelChunk =
  | { readonly type: 'text-delta'; readonly text: string }
  /** Closes the text part with what the vendor says about it. */
  | {
      readonly type: 'text-end'
      /** The citations, each one JSON text. */
      readonly citations?: readonly string[] | undefined
      readonly signature?: Uint8Array | undefined
    }
  /** A piece of reasoning; a `signature` closes the block, with or without text. */
  | { readonly type: 'reasoning-delta'; readonly text: string; readonly signature?: Uint8Array | undefined }
  /** A whole reasoning block that the vendor keeps opaque. */
  | { readonly type: 'redacted-reasoning'; readonly data: string; readonly signature?: Uint8Array | undefined }
  | { readonly type: 'tool-call-start'; readonly callId: string; readonly name: string }
  /** A piece of the call's arguments; the pieces together are JSON text. */
  | { readonly type: 'tool-call-delta'; readonly callId: string; readonly argumentsText: string }
  | { readonly type: 'tool-call-end'; readonly callId: string; readonly signature?: Uint8Array | undefined }
  /** A part that only the vendor understands and wants back as it is: one JSON text. */
  | { readonly type: 'opaque'; readonly data: string }
  | { readonly type: 'usage'; readonly usage: Usage }
  /**
   * An attempt failed and another one follows: what a provider sends that tries
   * again by itself. It waits for its consumer, who records the attempt, before
   * it goes on.
   */
  | {
      readonly type: 'attempt-failed'
      readonly error: ProviderError
      /** The next attempt asks the same provider, or another one. */
      readonly next: 'retry' | 'fallback'
      /** How long the next attempt is held back, in whole milliseconds. */
      readonly delayMs: number
      /** Who failed, when it is not clear from the call. Default: the provider and the model that were asked. */
      readonly by?: { readonly providerId: string; readonly model: string } | undefined
    }
  | {
      readonly type: 'end'
      readonly stopReason: StopReason
      /** The vendor's own word; empty when it gave none. */
      readonly rawStopReason: string
      /** BLAKE3-256 over the wire bytes, by the rule of the vendor; `null` when not computed. */
      readonly rawResponseHash: Uint8Array | null
      /** The vendor's id of this call, for its support. */
      readonly requestId?: string | undefined
      /** Who answered, when it was not the provider and the model that were asked. */
      readonly answeredBy?: { readonly providerId: string; readonly model: string } | undefined
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
  /** Honours {@link ModelRequest.maxOutputTokens}. */
  readonly maxOutputTokens?: boolean | undefined
  /** Honours {@link ModelRequest.temperature}. */
  readonly temperature?: boolean | undefined
  /** Honours {@link ModelRequest.topP}. */
  readonly topP?: boolean | undefined
  /** Honours {@link ModelRequest.topK}. */
  readonly topK?: boolean | undefined
  /** Honours {@link ModelRequest.seed}. */
  readonly seed?: boolean | undefined
  /** Honours {@link ModelRequest.reasoningEffort}. */
  readonly reasoningEffort?: boolean | undefined
  /** Honours {@link ModelRequest.responseFormat} of the type `json`. */
  readonly jsonFormat?: boolean | undefined
  /** Honours {@link ModelRequest.responseFormat} of the type `json-schema`. */
  readonly schemaFormat?: boolean | undefined
  /** A request with a {@link ModelRequest.responseFormat} must have no tools. */
  readonly formatExcludesTools?: boolean | undefined
  /** Honours {@link ModelRequest.parallelToolCalls}. */
  readonly parallelToolCalls?: boolean | undefined
  /** Takes images in user messages. */
  readonly images?: boolean | undefined
  /** Takes files in user messages. */
  readonly files?: boolean | undefined
  /** Takes attachments in tool results, of the types it takes in user messages. */
  readonly toolAttachments?: boolean | undefined
  /** Carries opaque parts there and back. */
  readonly opaqueParts?: boolean | undefined
  /** Reports citations and carries them back. */
  readonly citations?: boolean | undefined
}

/** How {@link Provider.stream} calls. */
export interface CallOptions {
  /** Ends the call at once: the iteration rejects with the signal's reason. Default: none. */
  readonly signal?: AbortSignal | undefined
  /** A number from 0 up to 1, for jitter: the run's own randomness. Default: `Math.random`. */
  readonly random?: (() => number) | undefined
  /** Waits; rejects with the signal's reason when that comes first. Default: a timer. */
  readonly sleep?: ((ms: number, signal: AbortSignal | undefined) => Promise<void>) | undefined
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
  /** What it can do with at least one of its models. */
  readonly capabilities: ProviderCapabilities
  /**
   * What it can do with one model, where models differ; of a model that it does
   * not know, what the newest ones can. {@link capabilitiesFor} reads either.
   * Default: the same for all.
   *
   * May throw {@link ProviderError} `PROVIDER_INVALID_OPTIONS` for a model that
   * it cannot serve at all: an agent is refused with its message.
   */
  capabilitiesOf?(model: string): ProviderCapabilities
  /** Calls the model, once per returned iterable; errors surface on the first `next()`. */
  stream(request: ModelRequest, options?: CallOptions): AsyncIterable<ModelChunk>
}
