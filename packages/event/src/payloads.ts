/**
 * The typed payloads. Property names are the camel-case form of the wire keys
 * (`turn_id` is `turnId`). Byte fields are `null` where the wire has CBOR null.
 * Optional properties are the keys that the wire omits when empty; those
 * marked *extension* are additions of this runtime that the Go reference
 * ignores.
 */
import type { KIND } from './kinds.ts'

/** The caps that a run was started with; an absent one is no cap. */
export interface BudgetCaps {
  readonly maxInputTokens?: number | undefined
  readonly maxOutputTokens?: number | undefined
  readonly maxUsd?: number | undefined
  readonly maxWallClockMs?: number | undefined
  /** Extension: cap on input and output tokens together. */
  readonly maxTotalTokens?: number | undefined
  /** Extension: cap on tool calls. */
  readonly maxToolCalls?: number | undefined
}

/** A tool as recorded at the start of a run. */
export interface ToolSchemaRef {
  readonly name: string
  /** BLAKE3-256 of the schema text, 32 bytes. */
  readonly schemaHash: Uint8Array | null
}

/** Where some of the tools of a run came from, with what makes them again. */
export interface RecordedToolSource {
  readonly name: string
  /** Names, descriptions, schemas and all that a source needs to offer the same tools again, as one JSON text. */
  readonly catalogue: string
}

/** An image or a file that went to the model beside a text: either its bytes or its address. */
export interface RecordedAttachment {
  /** `image` or `file`. */
  readonly type: string
  /** Such as `image/png`. */
  readonly mediaType: string
  readonly data?: Uint8Array | undefined
  readonly url?: string | undefined
  readonly name?: string | undefined
}

/** One part of an answer, in its order. */
export interface RecordedPart {
  /**
   * - `text`: the next `length` bytes of the answer's text.
   * - `reasoning`: the next `ReasoningEmitted` of the turn's last attempt.
   * - `tool_use`: the next of the answer's tool uses.
   * - `opaque`: `data`, which only the provider understands.
   */
  readonly type: string
  /** UTF-8 bytes of a text. */
  readonly length?: number | undefined
  /** One JSON text. */
  readonly data?: string | undefined
  readonly signature?: Uint8Array | undefined
  /** What a text is based on. */
  readonly citations?: readonly RecordedCitation[] | undefined
}

/** A citation as the provider gave it. */
export interface RecordedCitation {
  /** One JSON text. */
  readonly data: string
}

/** The first event of every run. */
export interface RunStarted {
  /** Version of the event schema; 1. */
  readonly schemaVersion: number
  readonly goal: string
  readonly providerId: string
  readonly modelId: string
  readonly apiVersion: string
  readonly paramsHash: Uint8Array | null
  /**
   * Provider parameters as one CBOR item, verbatim; write `null` when there are none.
   * Like every embedded item it reads back as its bytes: one recorded as absent is the byte `f6`,
   * and `null` is only a key that is missing.
   */
  readonly params: Uint8Array | null
  readonly systemPromptHash: Uint8Array | null
  readonly systemPrompt: string
  readonly toolRegistryHash: Uint8Array | null
  /** Sorted by name; `null` only in hand-built events. */
  readonly toolSchemas: readonly ToolSchemaRef[] | null
  readonly budget?: BudgetCaps | undefined
  readonly starlingVersion?: string | undefined
  readonly appVersion?: string | undefined
  /** Extension: the engine rules this run was recorded under; absent or 0: those of the Go reference. */
  readonly engine?: number | undefined
  /** Extension: the run that this one continues or was forked from. */
  readonly parentRunId?: string | undefined
  /** Extension: the Merkle root of the parent run. */
  readonly parentRoot?: Uint8Array | undefined
  /** Extension: the settings of every model call, one CBOR map under the names of the agent's options; absent when none is set. */
  readonly settings?: Uint8Array | undefined
  /** Extension: what came with the goal. */
  readonly attachments?: readonly RecordedAttachment[] | undefined
  /** Extension: BLAKE3-256 over {@link RunStarted.policy}, 32 bytes. */
  readonly policyHash?: Uint8Array | undefined
  /** Extension: the rules on tool calls that are in force, one canonical CBOR item. */
  readonly policy?: Uint8Array | undefined
  /** Extension: the sources of tools that the agent asked, in its order. */
  readonly toolSources?: readonly RecordedToolSource[] | undefined
}

/** A message that was added to the run. */
export interface UserMessageAppended {
  readonly content: string
  /** Extension: who asks, when it is no person: `output`, for an answer that matches the schema of the agent. */
  readonly origin?: string | undefined
  /** Extension: what came with the message. */
  readonly attachments?: readonly RecordedAttachment[] | undefined
}

/** A model call is about to be made. */
export interface TurnStarted {
  /** A ULID. */
  readonly turnId: string
  /** BLAKE3-256 of the canonical request. */
  readonly promptHash: Uint8Array | null
  /** The estimate made before the call, not what the provider reported. */
  readonly inputTokens: number
}

/** One reasoning block of the model. */
export interface ReasoningEmitted {
  readonly turnId: string
  /** The text; for a redacted block the provider's opaque data. */
  readonly content: string
  readonly sensitive: boolean
  readonly signature?: Uint8Array | undefined
  readonly redacted?: boolean | undefined
}

/** A tool call that the model planned. */
export interface PlannedToolUse {
  readonly callId: string
  readonly tool: string
  /** The arguments, one canonical CBOR item; when they were not JSON, their text. */
  readonly args: Uint8Array
  /** Extension: why the arguments are not JSON. */
  readonly argsError?: string | undefined
}

/** The model's answer; closes a turn. */
export interface AssistantMessageCompleted {
  readonly turnId: string
  readonly text: string
  readonly toolUses?: readonly PlannedToolUse[] | undefined
  /** The provider's own word for why it stopped. */
  readonly stopReason: string
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cacheReadTokens?: number | undefined
  readonly cacheCreateTokens?: number | undefined
  readonly costUsd: number
  readonly rawResponseHash: Uint8Array | null
  readonly providerRequestId?: string | undefined
  /** Extension: the normalised stop reason. */
  readonly finishReason?: string | undefined
  /** Extension: the part of the output tokens spent on reasoning. */
  readonly reasoningTokens?: number | undefined
  /** Extension: those of `cacheCreateTokens` whose entry lives an hour. */
  readonly cacheCreateLongTokens?: number | undefined
  /** Extension: the rates that `costUsd` was computed with, USD per million tokens. */
  readonly rate?: UsedRate | undefined
  /** Extension: the order of the answer's parts; absent when it is reasoning, then text, then tool uses, and nothing else. */
  readonly parts?: readonly RecordedPart[] | undefined
  /** Extension: the provider that answered, when it was not the run's own. */
  readonly providerId?: string | undefined
  /** Extension: the model that answered, when it was not the run's own. */
  readonly modelId?: string | undefined
}

/** The rates a cost was computed with, USD per million tokens. */
export interface UsedRate {
  readonly input?: number | undefined
  readonly output?: number | undefined
  readonly cacheRead?: number | undefined
  readonly cacheWrite?: number | undefined
  /** Absent when it is the same as `cacheWrite`. */
  readonly cacheWriteLong?: number | undefined
  readonly reasoning?: number | undefined
}

/** One attempt of a tool call is about to be made. */
export interface ToolCallScheduled {
  readonly callId: string
  readonly turnId: string
  readonly tool: string
  /** The arguments, one canonical CBOR item. */
  readonly args: Uint8Array
  /** 1-based. */
  readonly attempt: number
  /** Handed to the tool, so that a repeated attempt can be recognised. */
  readonly idempKey?: string | undefined
  /** Extension: the planned call that this one, made after a resume, stands in for. */
  readonly reissueOf?: string | undefined
}

/** A tool call returned. */
export interface ToolCallCompleted {
  readonly callId: string
  /** One canonical CBOR item. */
  readonly result: Uint8Array
  readonly durationMs: number
  readonly attempt: number
  /** Extension: what came with the result. */
  readonly attachments?: readonly RecordedAttachment[] | undefined
}

/** An attempt of a tool call failed. */
export interface ToolCallFailed {
  readonly callId: string
  readonly error: string
  /** `panic`, `cancelled`, `tool`, `timeout`, …; free text for readers. */
  readonly errorType: string
  readonly durationMs: number
  readonly attempt: number
  /** True on the last attempt. */
  readonly final?: boolean | undefined
  /** Extension: how long the next attempt was held back, in milliseconds. */
  readonly retryAfterMs?: number | undefined
}

/** Something that happened outside the log's own arithmetic, recorded for replay. */
export interface SideEffectRecorded {
  readonly name: string
  /** One CBOR item. */
  readonly value: Uint8Array
  /** Extension: the tool call inside which it happened. */
  readonly callId?: string | undefined
  /** Extension: the attempt of that call. */
  readonly attempt?: number | undefined
  /** Extension: how many side effects of this name the attempt had asked for before this one. */
  readonly ordinal?: number | undefined
  /** Extension: the error, when the side effect failed. */
  readonly error?: string | undefined
}

/** A budget cap was crossed. */
export interface BudgetExceeded {
  /** `input_tokens`, `output_tokens`, `usd`, `wall_clock`; extensions `total_tokens`, `tool_calls`. */
  readonly limit: string
  readonly cap: number
  readonly actual: number
  /** `pre_call` or `mid_stream`; extension `post_call`. */
  readonly where: string
  readonly turnId?: string | undefined
  readonly callId?: string | undefined
  readonly partialText?: string | undefined
  readonly partialTokens?: number | undefined
}

/** What the model sees of the history was shortened. */
export interface ContextTruncated {
  readonly strategy: string
  readonly tokensBefore: number
  readonly tokensAfter: number
  readonly messagesBefore: number
  readonly messagesAfter: number
}

/** The run ended well. */
export interface RunCompleted {
  readonly finalText: string
  readonly turnCount: number
  readonly toolCallCount: number
  readonly totalCostUsd: number
  readonly totalInputTokens: number
  readonly totalOutputTokens: number
  readonly durationMs: number
  readonly merkleRoot: Uint8Array | null
}

/** The run ended in an error. */
export interface RunFailed {
  readonly error: string
  /** `budget`, `max_turns`, `tool`, `provider`, `internal`; extension `output`. */
  readonly errorType: string
  readonly merkleRoot: Uint8Array | null
  readonly durationMs: number
}

/** The run was cancelled. */
export interface RunCancelled {
  readonly reason: string
  readonly merkleRoot: Uint8Array | null
  readonly durationMs: number
}

/** The run was taken up again after its process ended. */
export interface RunResumed {
  readonly atSeq: number
  readonly extraMessage?: string | undefined
  readonly reissueTools: boolean
  readonly pendingCalls: number
}

/** A model call failed; extension kind, written inside the still open turn. */
export interface TurnFailed {
  readonly turnId: string
  /** 1-based attempt of this turn's model call. */
  readonly attempt: number
  readonly error: string
  /**
   * The class of the provider's error: `auth`, `billing`, `rate_limit`, `overloaded`, `server`, `network`, `timeout`,
   * `context_overflow`, `content_filter`, `rejected`, `invalid_stream`, `invalid_options`.
   */
  readonly errorClass: string
  /** What happens next: `retry`, `fallback` to another provider or model, or `fail`. */
  readonly next: string
  /** HTTP status, when there was one. */
  readonly status?: number | undefined
  readonly partialText?: string | undefined
  readonly retryAfterMs?: number | undefined
  /** The provider that failed, where one of several was asked. */
  readonly providerId?: string | undefined
  /** The model that failed, where one of several was asked. */
  readonly modelId?: string | undefined
  /** What the attempt had used when it failed, as far as the provider had said; part of the run's totals. */
  readonly inputTokens?: number | undefined
  readonly outputTokens?: number | undefined
  readonly cacheReadTokens?: number | undefined
  readonly cacheCreateTokens?: number | undefined
  /** Those of `cacheCreateTokens` whose entry lives an hour. */
  readonly cacheCreateLongTokens?: number | undefined
  readonly reasoningTokens?: number | undefined
  readonly costUsd?: number | undefined
  /** The rates that `costUsd` was computed with, USD per million tokens. */
  readonly rate?: UsedRate | undefined
}

/** The payload type of each kind. */
export interface PayloadByKind {
  readonly [KIND.RunStarted]: RunStarted
  readonly [KIND.UserMessageAppended]: UserMessageAppended
  readonly [KIND.TurnStarted]: TurnStarted
  readonly [KIND.ReasoningEmitted]: ReasoningEmitted
  readonly [KIND.AssistantMessageCompleted]: AssistantMessageCompleted
  readonly [KIND.ToolCallScheduled]: ToolCallScheduled
  readonly [KIND.ToolCallCompleted]: ToolCallCompleted
  readonly [KIND.ToolCallFailed]: ToolCallFailed
  readonly [KIND.SideEffectRecorded]: SideEffectRecorded
  readonly [KIND.BudgetExceeded]: BudgetExceeded
  readonly [KIND.ContextTruncated]: ContextTruncated
  readonly [KIND.RunCompleted]: RunCompleted
  readonly [KIND.RunFailed]: RunFailed
  readonly [KIND.RunCancelled]: RunCancelled
  readonly [KIND.RunResumed]: RunResumed
  readonly [KIND.TurnFailed]: TurnFailed
}
