import type {
  AssistantMessage,
  ModelChunk,
  ModelRequest,
  ProviderCapabilities,
  ReasoningEffort,
  Usage,
} from '@starling/provider'
import type { JsonObject } from '@starling/provider-http'

/** Fields of a JSON object that are written as they are. */
export type Fields = Readonly<Record<string, unknown>>

/** Reads what one endpoint says in its deltas besides text and tool calls: reasoning, for the most part. */
export interface DeltaReader {
  /** Takes a delta, before its text and its tool calls are read. */
  add(delta: JsonObject): readonly ModelChunk[]
  /** Takes the end of a whole answer. */
  finish(): readonly ModelChunk[]
}

/** How one endpoint speaks Chat Completions. */
export interface ChatDialect {
  /** What a request may ask for. Default: {@link CHAT_CAPABILITIES}. */
  readonly capabilities?: ProviderCapabilities | undefined
  /** What a request to one model may ask for. Default: the same for all. */
  readonly capabilitiesOf?: ((model: string) => ProviderCapabilities) | undefined
  /** The field that carries the limit on output tokens. Default: `max_completion_tokens`. */
  readonly maxTokensField?: 'max_completion_tokens' | 'max_tokens' | undefined
  /** The field that carries the seed. Default: `seed`. */
  readonly seedField?: 'seed' | 'random_seed' | undefined
  /** Whether even one stop sequence is sent as a list. Default: `false`. */
  readonly listsStops?: boolean | undefined
  /** Whether to ask for a usage report with `stream_options`. Default: `true`. */
  readonly includeUsage?: boolean | undefined
  /**
   * The fields that ask for each reasoning effort; one that is not named is refused.
   * Default: `reasoning_effort` with the effort's own name.
   */
  readonly efforts?: Readonly<Partial<Record<ReasoningEffort, Fields>>> | undefined
  /** Refuses what only some models know, such as one of the efforts, by throwing. Default: nothing. */
  assertRequest?(request: ModelRequest): void
  /** Whether a schema that OpenAI can hold an answer to is sent as strict. Default: `true`. */
  readonly strictSchemas?: boolean | undefined
  /** Names a tool call that the server left without an id. Default: `call_` and a random UUID. */
  readonly generateCallId?: (() => string) | undefined
  /** The path of the endpoint below the base. Default: `/chat/completions`. */
  path?(request: ModelRequest): string
  /**
   * Writes the id of a call that another provider or model named, the same for the same id.
   * Default: one of more than 40 characters, which OpenAI refuses, as a short hash, any other as it is.
   */
  callId?(id: string): string
  /** Further fields of the body, which `params` may not set. Default: none. */
  requestFields?(request: ModelRequest): Fields
  /**
   * Further fields of an assistant message that is sent back; of an answer that
   * another provider or model gave, only texts and tool calls are left. Default: none.
   */
  messageFields?(message: AssistantMessage): Fields
  /** Changes the finished messages of a body, such as to mark what is to be cached. Default: not at all. */
  finishMessages?(messages: readonly JsonObject[], request: ModelRequest): readonly JsonObject[]
  /** Begins to read the deltas of an answer. Default: `reasoning_content`, or `reasoning`, is plain reasoning. */
  createDeltaReader?(): DeltaReader
  /** Further fields of the last tool, such as a mark of what is to be cached. Default: none. */
  lastToolFields?(request: ModelRequest): Fields
  /** Changes the token counts of an answer of this model, by what its request asked for. Default: not at all. */
  finishUsage?(usage: Usage, answer: { readonly request: ModelRequest; readonly model: string }): Usage
  /** The vendor's id of the call, where no header has it. Default: none. */
  requestIdOf?(headers: Headers, chunk: JsonObject): string | undefined
  /** The model that answers, where it is another one than was asked. Default: the one that was asked. */
  modelOf?(chunk: JsonObject, request: ModelRequest): string | undefined
}

/** What Chat Completions can do. */
export const CHAT_CAPABILITIES: ProviderCapabilities = {
  tools: true,
  toolChoice: true,
  reasoning: true,
  stopSequences: true,
  requestId: true,
  maxOutputTokens: true,
  temperature: true,
  topP: true,
  seed: true,
  reasoningEffort: true,
  jsonFormat: true,
  schemaFormat: true,
  parallelToolCalls: true,
  images: true,
  files: true,
}
