// dist/assert-supported.d.ts
import type { ModelRequest, ProviderCapabilities } from './provider.ts';
/**
 * Refuses a request that asks for what a provider cannot do, instead of leaving it out.
 *
 * A setting that asks for nothing (an empty `toolChoice`, no stop sequences,
 * `maxOutputTokens` 0) passes, and so does {@link ModelRequest.cache}: a vendor
 * that caches by itself, or not at all, gives the same answer.
 *
 * @param by - whom the error names: the id of the provider, with the model where models differ.
 * @throws {@link ProviderError} `PROVIDER_INVALID_OPTIONS`.
 */
export declare function assertSupported(request: Partial<ModelRequest>, capabilities: ProviderCapabilities, by: string | {
    readonly providerId: string;
    readonly model: string;
}): void;

// dist/capabilities-for.d.ts
import type { Provider, ProviderCapabilities } from './provider.ts';
/** What a provider can do with one model. */
export declare function capabilitiesFor(provider: Pick<Provider, 'capabilities' | 'capabilitiesOf'>, model: string): ProviderCapabilities;

// dist/check-chunks.d.ts
import { type ModelChunk } from './provider.ts';
/** Follows one answer, chunk by chunk. */
export interface ChunkChecker {
    /**
     * Takes the next chunk.
     *
     * @throws {@link ProviderError} `PROVIDER_INVALID_STREAM` when it may not come here.
     */
    accept(chunk: ModelChunk): void;
    /**
     * Takes the end of the source.
     *
     * @throws {@link ProviderError} `PROVIDER_INVALID_STREAM`, retryable, when the answer has not ended.
     */
    finish(): void;
}
/** Creates a checker of the order that {@link ModelChunk} describes, for one answer. */
export declare function createChunkChecker(): ChunkChecker;
/**
 * Passes `chunks` through and enforces the order that {@link ModelChunk} describes.
 *
 * Errors of the source pass unchanged. The source is closed when the consumer
 * leaves early and when a chunk is refused.
 *
 * @throws {@link ProviderError} `PROVIDER_INVALID_STREAM` at the first chunk
 * that may not come where it comes, and when the source ends before its `end`.
 * @example
 * ```ts
 * for await (const chunk of checkChunks(provider.stream(request, { signal }))) {
 *   if (chunk.type === 'text-delta') text += chunk.text
 * }
 * ```
 */
export declare function checkChunks(chunks: AsyncIterable<ModelChunk>): AsyncIterable<ModelChunk>;

// dist/classify-status.d.ts
import { ProviderError, type ProviderErrorCode } from './provider-error.ts';
/**
 * Returns the code for an HTTP status; `undefined` for one that reports no failure (below 400).
 *
 * 401 and 403 are `PROVIDER_AUTH`, 402 `PROVIDER_BILLING`, 408 and 504
 * `PROVIDER_TIMEOUT`, 429 `PROVIDER_RATE_LIMIT`, 503 and 529
 * `PROVIDER_OVERLOADED`; the others from 500 are `PROVIDER_SERVER`, the others
 * from 400 `PROVIDER_REJECTED`.
 */
export declare function classifyStatus(status: number): ProviderErrorCode | undefined;
/** Reports whether the same request may succeed later, by its HTTP status alone. */
export declare function isRetryableStatus(status: number): boolean;
/** What is known about a failure besides its HTTP status. */
export interface StatusErrorOptions extends ErrorOptions {
    /** How long the vendor asks to wait, in milliseconds: see {@link parseRetryAfter}. Default: unset. */
    readonly retryAfterMs?: number | undefined;
    /** Whether the same request may succeed later. Default: by the status, as {@link isRetryableStatus} says. */
    readonly retryable?: boolean | undefined;
    /** What the vendor's own word for the failure says. Default: by the status, as {@link classifyStatus} says. */
    readonly code?: ProviderErrorCode | undefined;
}
/**
 * Makes the error for a response that was not a success.
 *
 * A status below 400, such as a redirect that was not followed, counts as `PROVIDER_REJECTED`.
 */
export declare function errorFromStatus(status: number, message: string, options?: StatusErrorOptions): ProviderError;

// dist/classify-transport-error.d.ts
import { ProviderError } from './provider-error.ts';
/** How {@link classifyTransportError} words its message. */
export interface TransportErrorOptions {
    /** Whom the call was for, such as the host name: never a URL, which may carry a key. Default: `the model provider`. */
    readonly target?: string | undefined;
}
/**
 * Makes the error for whatever `fetch`, or reading the body of its response, rejected with.
 *
 * Whatever took too long becomes `PROVIDER_TIMEOUT`; refused and reset
 * connections, name lookups and TLS failures become `PROVIDER_NETWORK`; also a failure that says nothing about itself, as
 * browsers reject with. An address or a header that `fetch` could not use
 * becomes `PROVIDER_INVALID_OPTIONS`. A {@link ProviderError} passes as it is.
 *
 * An abort looks like a transport failure: check the signal first.
 *
 * @example
 * ```ts
 * try {
 *   response = await fetch(url, { signal })
 * } catch (error) {
 *   signal?.throwIfAborted()
 *   throw classifyTransportError(error, { target: url.host })
 * }
 * ```
 */
export declare function classifyTransportError(cause: unknown, options?: TransportErrorOptions): ProviderError;

// dist/conformance/collect-answer.d.ts
import type { ModelChunk, ReasoningBlock, ToolUse, Usage } from '../provider.ts';
/** A whole answer, put together from its chunks. */
export interface CollectedAnswer {
    readonly text: string;
    readonly reasoning: readonly ReasoningBlock[];
    readonly toolCalls: readonly ToolUse[];
    /** The last one that came. */
    readonly usage: Usage | undefined;
    readonly end: ModelChunk & {
        readonly type: 'end';
    };
    readonly chunks: readonly ModelChunk[];
}
/**
 * Reads an answer to its end and puts it together.
 *
 * @throws {@link ProviderError} `PROVIDER_INVALID_STREAM` when the chunks are out of order.
 */
export declare function collectAnswer(source: AsyncIterable<ModelChunk>): Promise<CollectedAnswer>;

// dist/conformance/index.d.ts
export { collectAnswer, type CollectedAnswer } from './collect-answer.ts';
export type { ProviderCheck } from './provider-check.ts';
export type { OpenedScenario, ProviderHarness, ReceivedRequest } from './provider-harness.ts';
export { describeProvider, PROVIDER_CHECKS } from './provider.conformance.ts';
export { REQUESTS, type RequestName } from './requests.ts';
export { createScenarioFetch, type EncodedReply, type ScenarioFetch, type WireCodec } from './scenario-fetch.ts';
export { answerTo, CONFORMANCE_KEY, SCENARIO_NAMES, type ConformanceScenario, type ScenarioName } from './scenarios.ts';
export type { VendorAnswer, VendorEnding, VendorReply, VendorToolCall } from './vendor-answer.ts';

// dist/conformance/provider-check.d.ts
import type { ModelChunk, ModelRequest, ProviderCapabilities } from '../provider.ts';
import type { OpenedScenario, ProviderHarness } from './provider-harness.ts';
import type { ScenarioName } from './scenarios.ts';
/** One promise of the provider contract, as a test. */
export interface ProviderCheck {
    /** A sentence that states the promise. */
    readonly title: string;
    readonly scenario: ScenarioName;
    /** The check skips for a provider without this capability. Default: none needed. */
    readonly needs?: keyof ProviderCapabilities | undefined;
    /** The check skips where the harness does not say this of the vendor. Default: it is for every vendor. */
    readonly ofVendor?: 'earlyUsage' | undefined;
    /** Rejects when the promise is broken. */
    run(opened: OpenedScenario, harness: ProviderHarness): Promise<void>;
}
/** Calls the opened provider with the smallest request. */
export declare function call(opened: OpenedScenario, signal?: AbortSignal): AsyncIterable<ModelChunk>;
/** A copy of a request that throws when it is written to. */
export declare function frozen(request: ModelRequest): ModelRequest;

// dist/conformance/provider-harness.d.ts
import type { Provider } from '../provider.ts';
import type { RequestName } from './requests.ts';
import type { ConformanceScenario, ScenarioName } from './scenarios.ts';
import type { VendorReply } from './vendor-answer.ts';
/** A request as the vendor received it. */
export interface ReceivedRequest {
    /** Empty when there is none. */
    readonly url: string;
    /** The names in lower case. */
    readonly headers: Readonly<Record<string, string>>;
    /** The parsed body, as plain data. */
    readonly body: unknown;
}
/** One provider against one vendor that plays a scenario. */
export interface OpenedScenario extends AsyncDisposable {
    readonly provider: Provider;
    /** The requests that reached the vendor, in order. */
    requests(): readonly ReceivedRequest[];
    /** How many connections the provider holds open. */
    openConnections(): number;
}
/** What a provider's test must bring to be put through the suite. */
export interface ProviderHarness {
    /** How the suite is titled. */
    readonly name: string;
    /**
     * Makes a provider with the key `CONFORMANCE_KEY` whose vendor plays
     * `scenario`. Called once per check; the suite disposes of it.
     */
    open(scenario: ConformanceScenario): Promise<OpenedScenario>;
    /** The scenarios that the vendor's protocol cannot express, each with the reason: they skip. Default: none. */
    readonly unsupported?: Partial<Readonly<Record<ScenarioName, string>>> | undefined;
    /**
     * Whether the vendor names what it has counted before the answer ends, so that an answer that breaks off has it too. The
     * scenarios then name it with the content of a reply. Default: `false`, it comes at the end.
     */
    readonly earlyUsage?: boolean | undefined;
    /** Models of the provider, where they differ in what they can do: one of each kind. Default: none. */
    readonly models?: readonly string[] | undefined;
    /** What arrives of a reply, when the vendor's protocol carries less than all of it. Default: all of it. */
    carries?(reply: VendorReply): VendorReply;
    /** Looks at the requests the suite makes, each under its name: the place for snapshots. Default: nothing. */
    onRequest?(name: RequestName, request: ReceivedRequest): void;
}

// dist/conformance/provider.conformance.d.ts
import type { ProviderCheck } from './provider-check.ts';
import type { ProviderHarness } from './provider-harness.ts';
/** Every check of the suite, for a test runner of one's own. */
export declare const PROVIDER_CHECKS: readonly ProviderCheck[];
/**
 * Registers every test of the {@link Provider} contract for one provider.
 *
 * A check whose scenario the harness calls unsupported, or whose capability the
 * provider does not have, shows as skipped, with the reason.
 */
export declare function describeProvider(harness: ProviderHarness): void;

// dist/conformance/requests.d.ts
import type { ModelRequest, ProviderCapabilities, ToolDefinition } from '../provider.ts';
/** The tool that most of the requests offer. */
export declare const SEARCH: ToolDefinition;
/** The bytes of an attachment; in base64 and in hexadecimal they are easy to find. */
export declare const ATTACHMENT_BYTES: Uint8Array;
/** The name of a request of the suite. */
export type RequestName = 'minimal' | 'full' | 'tool-results' | 'parallel-results' | 'reasoning-history' | 'parts-history' | 'image' | 'file' | 'image-in-result';
/** The requests that the suite makes. */
export declare const REQUESTS: Readonly<Record<RequestName, ModelRequest>>;
/** A setting of a request: what needs it, the request that sets it, what its vendor must find. */
export interface SettingSample {
    readonly needs: keyof ProviderCapabilities;
    readonly request: ModelRequest;
    /** The same request without the setting. */
    readonly without: ModelRequest;
    /** A text in the body; empty where every vendor says it in words of its own. */
    readonly marker: string;
}
/** One sample of every setting that a provider may lack. */
export declare const SETTINGS: readonly SettingSample[];

// dist/conformance/scenario-fetch.d.ts
import type { ReceivedRequest } from './provider-harness.ts';
import { type ConformanceScenario } from './scenarios.ts';
import type { VendorReply } from './vendor-answer.ts';
/** A reply in a vendor's wire format, in the three parts its endings differ in. */
export interface EncodedReply {
    /** Everything up to the last piece of content. */
    readonly content: string | Uint8Array;
    /** The stop reason and the usage, as far as they come before the last marker. */
    readonly finish: string | Uint8Array;
    /** What tells a whole answer from a cut one. */
    readonly terminator: string | Uint8Array;
}
/** How a vendor writes its answers: what an HTTP adapter's harness brings. */
export interface WireCodec {
    /** The content type of a streamed answer. */
    readonly contentType: string;
    encodeReply(reply: VendorReply): EncodedReply;
    /** An error inside a stream. */
    encodeStreamError(message: string): string | Uint8Array;
    /** Something in the middle of a stream that the vendor would never send. */
    encodeGarbage(): string | Uint8Array;
    /** The body of a response that is not a success. */
    encodeErrorBody(status: number, message: string): string;
    /** What the vendor sends in a stream only to keep it open. Default: the vendor sends nothing of the kind. */
    encodePing?(): string | Uint8Array;
    /** The headers of a streamed answer besides its content type. Default: none. */
    headers?(reply: VendorReply): Readonly<Record<string, string>>;
}
/** A `fetch` whose other side plays a scenario. */
export interface ScenarioFetch {
    readonly fetch: typeof fetch;
    requests(): readonly ReceivedRequest[];
    openConnections(): number;
}
/**
 * Creates a `fetch` that answers as a vendor in `scenario`, without a network.
 *
 * It behaves like the real one where adapters tend to go wrong: a connection
 * stays open until its body is read to the end or cancelled, also the body of a
 * failure; bodies are sent only as fast as they are read; and an abort rejects
 * with an `AbortError` of its own, not with the signal's reason.
 */
export declare function createScenarioFetch(scenario: ConformanceScenario, codec: WireCodec): ScenarioFetch;

// dist/conformance/scenarios.d.ts
import type { VendorAnswer } from './vendor-answer.ts';
/** The scenarios of the suite. */
export declare const SCENARIO_NAMES: readonly ['text', 'text-in-bytes', 'same-text-cut-differently', 'different-texts', 'empty-answer', 'long-text', 'tool-call', 'tool-calls', 'tool-calls-interleaved', 'tool-call-without-arguments', 'tool-call-in-pieces', 'text-and-tool-call', 'reasoning', 'reasoning-signed', 'reasoning-redacted', 'reasoning-and-tool-call', 'usage-cache-read', 'usage-cache-write', 'usage-reasoning', 'stop-max-tokens', 'stop-sequence', 'stop-filtered', 'stop-refusal', 'stop-error', 'stop-other', 'status-400', 'status-401', 'status-403', 'status-404', 'status-429', 'status-500', 'status-503', 'status-529', 'retry-after', 'retry-after-ms', 'error-page', 'error-without-body', 'unreachable', 'disconnect', 'cut', 'cut-tool-call', 'unterminated', 'error-in-stream', 'error-first-in-stream', 'garbage', 'silence-before-answer', 'silence-in-answer', 'failure-then-text'];
/** The name of a scenario of the suite: one of {@link SCENARIO_NAMES}. */
export type ScenarioName = (typeof SCENARIO_NAMES)[number];
/** The key that a harness configures its provider with; it must never appear in an error. */
export declare const CONFORMANCE_KEY = "conformance-key-5f1d0c";
/** Every scenario: what the vendor answers to the calls of one check, in order; the last answer repeats. */
export declare const SCENARIOS: Readonly<Record<ScenarioName, readonly VendorAnswer[]>>;
/** What the vendor does in one check. */
export interface ConformanceScenario {
    readonly name: ScenarioName;
    /** The answers to the calls, in the order the calls arrive; the last one repeats. */
    readonly answers: readonly VendorAnswer[];
}
/** Returns the scenario with this name. */
export declare function scenarioNamed(name: ScenarioName): ConformanceScenario;
/** Returns the answer to a call, counted from 0 in the order of arrival. */
export declare function answerTo(scenario: ConformanceScenario, callIndex: number): VendorAnswer;

// dist/conformance/vendor-answer.d.ts
import type { ReasoningBlock, StopReason, Usage } from '../provider.ts';
/** A tool call as the vendor streams it. */
export interface VendorToolCall {
    readonly callId: string;
    readonly name: string;
    /** The JSON text of the arguments, in the pieces it travels in; none for a call without arguments. */
    readonly argumentPieces: readonly string[];
}
/** What the model answers, in no vendor's words: reasoning, then text, then tool calls. */
export interface VendorReply {
    readonly reasoning: readonly ReasoningBlock[];
    /** The text, in the pieces it travels in. */
    readonly text: readonly string[];
    readonly toolCalls: readonly VendorToolCall[];
    /** Whether the tool calls travel at once, piece by piece in turn. */
    readonly interleaved: boolean;
    readonly usage: Usage;
    readonly stopReason: StopReason;
    readonly requestId: string;
}
/**
 * How the stream of a reply ends after its content:
 *
 * - `complete`: with everything the vendor sends at the end.
 * - `cut`: closed cleanly, in the middle.
 * - `unterminated`: closed cleanly, with everything but the vendor's last marker.
 * - `disconnect`: the connection breaks.
 * - `error`: the vendor reports an error inside the stream.
 * - `garbage`: the vendor sends something that is not its protocol.
 * - `silence`: nothing more comes and the connection stays open.
 */
export type VendorEnding = 'complete' | 'cut' | 'unterminated' | 'disconnect' | 'error' | 'garbage' | 'silence';
/** How the vendor answers one call. */
export type VendorAnswer = {
    readonly type: 'reply';
    readonly reply: VendorReply;
    readonly ending: VendorEnding;
    /** In few reads, or one byte per read. */
    readonly delivery: 'whole' | 'bytes';
} | {
    readonly type: 'status';
    readonly status: number;
    /** What the vendor says in its own error document. */
    readonly message: string;
    readonly headers: Readonly<Record<string, string>>;
    /** Sent instead of the vendor's error document, when given. */
    readonly rawBody?: string | undefined;
}
/** The connection cannot be made. */
 | {
    readonly type: 'unreachable';
}
/** The request arrives and is never answered. */
 | {
    readonly type: 'silence';
};

// dist/index.d.ts
export { assertSupported } from './assert-supported.ts';
export { capabilitiesFor } from './capabilities-for.ts';
export { checkChunks, createChunkChecker, type ChunkChecker } from './check-chunks.ts';
export { classifyTransportError, type TransportErrorOptions } from './classify-transport-error.ts';
export { classifyStatus, errorFromStatus, isRetryableStatus, type StatusErrorOptions } from './classify-status.ts';
export { isOwnAnswer, partsOf } from './parts-of.ts';
export { parseRetryAfter, type HeaderSource } from './parse-retry-after.ts';
export { isProviderError, ProviderError, type ProviderErrorCode, type ProviderErrorOptions } from './provider-error.ts';
export { REASONING_EFFORTS, STOP_REASONS, type AssistantMessage, type AssistantPart, type Attachment, type CacheControl, type CallOptions, type Message, type ModelChunk, type ModelRequest, type Provider, type ProviderCapabilities, type ReasoningBlock, type ReasoningEffort, type ResponseFormat, type StopReason, type ToolDefinition, type ToolMessage, type ToolUse, type Usage, type UserMessage, } from './provider.ts';
export { normalizeUsage, type NormalizeUsageOptions, type ReportedUsage } from './usage.ts';
export { withoutMarks } from './without-marks.ts';

// dist/parse-retry-after.d.ts
/** Something that headers can be read from by name, such as `Headers`. */
export interface HeaderSource {
    get(name: string): string | null;
}
/**
 * Returns how long a vendor asks to wait, in milliseconds from `nowMs` (since the epoch).
 *
 * Takes the value of a `retry-after` header (seconds or an HTTP date), or the
 * headers themselves; there `retry-after-ms` counts first. A date in the past
 * is 0, more than a day is a day, anything else that makes no sense is `undefined`.
 */
export declare function parseRetryAfter(value: HeaderSource | string | null | undefined, nowMs: number): number | undefined;

// dist/parts-of.d.ts
import type { AssistantMessage, AssistantPart } from './provider.ts';
/**
 * Returns an assistant message as its parts in order: the recorded ones, else
 * reasoning, then the content, then the tool uses.
 *
 * What another provider or model gave comes without what only that one accepts
 * back: see {@link withoutMarks}.
 *
 * @param providerId - whose message it is about to be. Default: the run's own, whose answers name nobody.
 * @param model - the model that is about to read it. Default: any.
 */
export declare function partsOf(message: AssistantMessage, providerId?: string, model?: string): readonly AssistantPart[];
/** Whether an answer came from this provider, and from this model if one is given. */
export declare function isOwnAnswer(message: AssistantMessage, providerId?: string, model?: string): boolean;

// dist/provider-error.d.ts
import { StarlingError, type StarlingErrorOptions } from '@starling/event';
/** Why a model call failed. */
export type ProviderErrorCode = 
/** The key is missing, wrong or may not use the model (401, 403). */
'PROVIDER_AUTH'
/** The account has no money or no quota left (402, or the vendor's word for it): waiting does not help. */
 | 'PROVIDER_BILLING'
/** Too many requests or tokens for now (429). */
 | 'PROVIDER_RATE_LIMIT'
/** The vendor has more to do than it can, whoever asks (503, 529). */
 | 'PROVIDER_OVERLOADED'
/** The vendor failed (another one from 500, or an error inside the stream). */
 | 'PROVIDER_SERVER'
/** The vendor could not be reached, or the connection broke. */
 | 'PROVIDER_NETWORK'
/** The vendor was silent for too long, or says that it took too long (408, 504). */
 | 'PROVIDER_TIMEOUT'
/** The conversation is longer than the model can take. */
 | 'PROVIDER_CONTEXT_OVERFLOW'
/** The vendor's filter refused the request. */
 | 'PROVIDER_CONTENT_FILTER'
/** The vendor refused the request (another 4xx). */
 | 'PROVIDER_REJECTED'
/** The answer breaks the chunk protocol or ended before its end. */
 | 'PROVIDER_INVALID_STREAM'
/** The provider was built or called with options it cannot use. */
 | 'PROVIDER_INVALID_OPTIONS';
/** What is known about a failed model call. */
export interface ProviderErrorOptions extends StarlingErrorOptions {
    /** The HTTP status. Default: unset, there was no response or it was a success. */
    readonly status?: number | undefined;
    /** How long the vendor asks to wait, in milliseconds. Default: unset, it did not say. */
    readonly retryAfterMs?: number | undefined;
}
/** An error of a model call. */
export declare class ProviderError extends StarlingError<ProviderErrorCode> {
    /** The HTTP status, when the vendor answered with a failure. */
    readonly status: number | undefined;
    /** How long the vendor asks to wait, in milliseconds. */
    readonly retryAfterMs: number | undefined;
    constructor(code: ProviderErrorCode, message: string, options?: ProviderErrorOptions);
}
/** Reports whether `value` is a {@link ProviderError}, whichever copy of the package made it. */
export declare function isProviderError(value: unknown): value is ProviderError;

// dist/provider.d.ts
import type { ProviderError } from './provider-error.ts';
/** One reasoning block of an assistant message, as the model produced it. */
export interface ReasoningBlock {
    /** The text; for a redacted block the vendor's opaque data. */
    readonly text: string;
    /** The vendor's integrity signature, when it gave one; a signature that travels as text is its UTF-8 bytes. */
    readonly signature?: Uint8Array | undefined;
    /** Whether the vendor keeps the block opaque. Default: `false`. */
    readonly redacted?: boolean | undefined;
}
/** A tool call in an assistant message. */
export interface ToolUse {
    /** Unique in the conversation; what the tool message answers to. */
    readonly callId: string;
    readonly name: string;
    /** The arguments as JSON text. */
    readonly arguments: string;
}
/** An image or a file that goes to the model beside the text of a message. */
export interface Attachment {
    readonly type: 'image' | 'file';
    /** The media type, such as `image/png` or `application/pdf`. */
    readonly mediaType: string;
    /** The bytes themselves, or the `https:` address that the vendor fetches them from. */
    readonly data: Uint8Array | string;
    /** The file's name. Default: none. */
    readonly name?: string | undefined;
}
/**
 * One part of an assistant message, where the plain fields of the message
 * cannot say everything: several texts, what came between them, what a vendor
 * wants back as it was.
 */
export type AssistantPart = {
    readonly type: 'text';
    readonly text: string;
    /** The vendor's citations for this text, each one JSON text. Default: none. */
    readonly citations?: readonly string[] | undefined;
    /** The vendor's integrity signature of this text. Default: none. */
    readonly signature?: Uint8Array | undefined;
} | ({
    readonly type: 'reasoning';
} & ReasoningBlock) | ({
    readonly type: 'tool-use';
    /** The vendor's integrity signature of this call. Default: none. */
    readonly signature?: Uint8Array | undefined;
} & ToolUse)
/** What only the vendor understands, such as a tool call that its servers made: one JSON text. */
 | {
    readonly type: 'opaque';
    readonly data: string;
};
/** A message of the conversation. */
export type Message = UserMessage | AssistantMessage | ToolMessage;
/** What a person said. */
export interface UserMessage {
    readonly role: 'user';
    readonly content: string;
    /** Default: none. */
    readonly attachments?: readonly Attachment[] | undefined;
}
/** What the model answered. */
export interface AssistantMessage {
    readonly role: 'assistant';
    /** Empty when the model only called tools. */
    readonly content: string;
    readonly toolUses: readonly ToolUse[];
    /** In the order the model produced them; before the content and the tool uses. */
    readonly reasoning?: readonly ReasoningBlock[] | undefined;
    /**
     * The whole answer in its order, with what the fields above cannot hold; they
     * say the same, less exactly. {@link partsOf} reads either.
     * Default: reasoning, content and tool uses are all there is.
     */
    readonly parts?: readonly AssistantPart[] | undefined;
    /** The id of the provider that gave this answer, when it was not the run's own provider and model. */
    readonly providerId?: string | undefined;
    /** The model that gave this answer, when it was not the run's own provider and model. */
    readonly model?: string | undefined;
}
/** What a tool call came to. */
export interface ToolMessage {
    readonly role: 'tool';
    readonly callId: string;
    /** The result as JSON text, or the text of the error. */
    readonly content: string;
    readonly isError: boolean;
    /** Default: none. */
    readonly attachments?: readonly Attachment[] | undefined;
}
/** A tool as offered to the model. */
export interface ToolDefinition {
    readonly name: string;
    readonly description: string;
    /** JSON Schema, as the exact text that is hashed and sent. */
    readonly inputSchema: string;
}
/** One request to a model: plain data, never changed by a provider. */
export interface ModelRequest {
    readonly model: string;
    /** Empty when there is none. */
    readonly systemPrompt: string;
    readonly messages: readonly Message[];
    /** In the order the agent declares them. */
    readonly tools: readonly ToolDefinition[];
    /** `auto`, `any`, `none` or the name of a tool. Default: empty, the vendor's own default. */
    readonly toolChoice?: string | undefined;
    /** Texts that end the answer. Default: none. */
    readonly stopSequences?: readonly string[] | undefined;
    /** Sample from this many tokens. Default: the vendor's own. */
    readonly topK?: number | undefined;
    /** At most this many output tokens; 0 is the default. Default: the vendor's own. */
    readonly maxOutputTokens?: number | undefined;
    /** From 0, always the most likely token. Default: the vendor's own. */
    readonly temperature?: number | undefined;
    /** Sample from the most likely tokens that make up this share, above 0 and at most 1. Default: the vendor's own. */
    readonly topP?: number | undefined;
    /** The vendor's best effort to answer the same again. Default: none. */
    readonly seed?: number | undefined;
    /** How much the model reasons before it answers. Default: the vendor's own. */
    readonly reasoningEffort?: ReasoningEffort | undefined;
    /** What the text of the answer must be. Default: anything. */
    readonly responseFormat?: ResponseFormat | undefined;
    /** Whether one answer may call several tools. Default: the vendor's own. */
    readonly parallelToolCalls?: boolean | undefined;
    /** What the vendor is asked to cache. Default: the vendor's own. */
    readonly cache?: CacheControl | undefined;
    /** Further parameters of the vendor, as plain JSON data. Default: none. */
    readonly params?: Readonly<Record<string, unknown>> | undefined;
}
/** How much a model reasons, from nothing to as much as it can. */
export declare const REASONING_EFFORTS: readonly ['none', 'minimal', 'low', 'medium', 'high', 'max'];
/** How much a model reasons: one of {@link REASONING_EFFORTS}. */
export type ReasoningEffort = (typeof REASONING_EFFORTS)[number];
/** What the text of an answer must be: some JSON value, or one that a schema allows. */
export type ResponseFormat = {
    readonly type: 'json';
} | {
    readonly type: 'json-schema';
    /** Names the schema for the vendor: letters, digits, `_` and `-`. */
    readonly name: string;
    /** JSON Schema, as the exact text that is hashed and sent. */
    readonly schema: string;
};
/** Where a vendor that caches on request is asked to mark the end of what it may reuse. */
export interface CacheControl {
    /** After the tools. Default: `false`. */
    readonly tools?: boolean | undefined;
    /** After the system prompt. Default: `false`. */
    readonly systemPrompt?: boolean | undefined;
    /** After the last message, so that the next turn finds everything before it. Default: `false`. */
    readonly messages?: boolean | undefined;
    /** How long an entry lives. Default: the vendor's own. */
    readonly ttl?: '5m' | '1h' | undefined;
}
/**
 * Token counts of one model call: whole numbers, 0 or more.
 *
 * The parts do not overlap, except that `reasoning` is part of `output` and
 * `cacheWriteLong` of `cacheWrite`.
 */
export interface Usage {
    /** Prompt tokens that were neither read from nor written to a cache. */
    readonly input: number;
    /** Prompt tokens read from the vendor's cache. */
    readonly cacheRead: number;
    /** Prompt tokens written to the vendor's cache, however long the entry lives. */
    readonly cacheWrite: number;
    /** Those of `cacheWrite` whose entry lives an hour, which some vendors charge more for. Default: none. */
    readonly cacheWriteLong?: number | undefined;
    /** All tokens the model produced, reasoning included. */
    readonly output: number;
    /** Output tokens spent on reasoning. */
    readonly reasoning: number;
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
export declare const STOP_REASONS: readonly ['stop', 'tool_use', 'max_tokens', 'stop_sequence', 'filtered', 'refusal', 'error', 'other'];
/** Why a model stopped: one of {@link STOP_REASONS}. */
export type StopReason = (typeof STOP_REASONS)[number];
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
export type ModelChunk = {
    readonly type: 'text-delta';
    readonly text: string;
}
/** Closes the text part with what the vendor says about it. */
 | {
    readonly type: 'text-end';
    /** The citations, each one JSON text. */
    readonly citations?: readonly string[] | undefined;
    readonly signature?: Uint8Array | undefined;
}
/** A piece of reasoning; a `signature` closes the block, with or without text. */
 | {
    readonly type: 'reasoning-delta';
    readonly text: string;
    readonly signature?: Uint8Array | undefined;
}
/** A whole reasoning block that the vendor keeps opaque. */
 | {
    readonly type: 'redacted-reasoning';
    readonly data: string;
    readonly signature?: Uint8Array | undefined;
} | {
    readonly type: 'tool-call-start';
    readonly callId: string;
    readonly name: string;
}
/** A piece of the call's arguments; the pieces together are JSON text. */
 | {
    readonly type: 'tool-call-delta';
    readonly callId: string;
    readonly argumentsText: string;
} | {
    readonly type: 'tool-call-end';
    readonly callId: string;
    readonly signature?: Uint8Array | undefined;
}
/** A part that only the vendor understands and wants back as it is: one JSON text. */
 | {
    readonly type: 'opaque';
    readonly data: string;
} | {
    readonly type: 'usage';
    readonly usage: Usage;
}
/**
 * An attempt failed and another one follows: what a provider sends that tries
 * again by itself. It waits for its consumer, who records the attempt, before
 * it goes on.
 */
 | {
    readonly type: 'attempt-failed';
    readonly error: ProviderError;
    /** The next attempt asks the same provider, or another one. */
    readonly next: 'retry' | 'fallback';
    /** How long the next attempt is held back, in whole milliseconds. */
    readonly delayMs: number;
    /** Who failed, when it is not clear from the call. Default: the provider and the model that were asked. */
    readonly by?: {
        readonly providerId: string;
        readonly model: string;
    } | undefined;
} | {
    readonly type: 'end';
    readonly stopReason: StopReason;
    /** The vendor's own word; empty when it gave none. */
    readonly rawStopReason: string;
    /** BLAKE3-256 over the wire bytes, by the rule of the vendor; `null` when not computed. */
    readonly rawResponseHash: Uint8Array | null;
    /** The vendor's id of this call, for its support. */
    readonly requestId?: string | undefined;
    /** Who answered, when it was not the provider and the model that were asked. */
    readonly answeredBy?: {
        readonly providerId: string;
        readonly model: string;
    } | undefined;
};
/** What a provider can do; what is not named is not supported. */
export interface ProviderCapabilities {
    /** Offers tools to the model and reports its calls. */
    readonly tools?: boolean | undefined;
    /** Honours {@link ModelRequest.toolChoice}. */
    readonly toolChoice?: boolean | undefined;
    /** Reports reasoning blocks. */
    readonly reasoning?: boolean | undefined;
    /** Honours {@link ModelRequest.stopSequences}. */
    readonly stopSequences?: boolean | undefined;
    /** Controls what the vendor caches. */
    readonly cacheControl?: boolean | undefined;
    /** Reports the vendor's id of each call. */
    readonly requestId?: boolean | undefined;
    /** Honours {@link ModelRequest.maxOutputTokens}. */
    readonly maxOutputTokens?: boolean | undefined;
    /** Honours {@link ModelRequest.temperature}. */
    readonly temperature?: boolean | undefined;
    /** Honours {@link ModelRequest.topP}. */
    readonly topP?: boolean | undefined;
    /** Honours {@link ModelRequest.topK}. */
    readonly topK?: boolean | undefined;
    /** Honours {@link ModelRequest.seed}. */
    readonly seed?: boolean | undefined;
    /** Honours {@link ModelRequest.reasoningEffort}. */
    readonly reasoningEffort?: boolean | undefined;
    /** Honours {@link ModelRequest.responseFormat} of the type `json`. */
    readonly jsonFormat?: boolean | undefined;
    /** Honours {@link ModelRequest.responseFormat} of the type `json-schema`. */
    readonly schemaFormat?: boolean | undefined;
    /** A request with a {@link ModelRequest.responseFormat} must have no tools. */
    readonly formatExcludesTools?: boolean | undefined;
    /** Honours {@link ModelRequest.parallelToolCalls}. */
    readonly parallelToolCalls?: boolean | undefined;
    /** Takes images in user messages. */
    readonly images?: boolean | undefined;
    /** Takes files in user messages. */
    readonly files?: boolean | undefined;
    /** Takes attachments in tool results, of the types it takes in user messages. */
    readonly toolAttachments?: boolean | undefined;
    /** Carries opaque parts there and back. */
    readonly opaqueParts?: boolean | undefined;
    /** Reports citations and carries them back. */
    readonly citations?: boolean | undefined;
}
/** How {@link Provider.stream} calls. */
export interface CallOptions {
    /** Ends the call at once: the iteration rejects with the signal's reason. Default: none. */
    readonly signal?: AbortSignal | undefined;
    /** A number from 0 up to 1, for jitter: the run's own randomness. Default: `Math.random`. */
    readonly random?: (() => number) | undefined;
    /** Waits; rejects with the signal's reason when that comes first. Default: a timer. */
    readonly sleep?: ((ms: number, signal: AbortSignal | undefined) => Promise<void>) | undefined;
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
    readonly info: {
        readonly id: string;
        readonly apiVersion: string;
    };
    /** What it can do with at least one of its models. */
    readonly capabilities: ProviderCapabilities;
    /**
     * What it can do with one model, where models differ; of a model that it does
     * not know, what the newest ones can. {@link capabilitiesFor} reads either.
     * Default: the same for all.
     *
     * May throw {@link ProviderError} `PROVIDER_INVALID_OPTIONS` for a model that
     * it cannot serve at all: an agent is refused with its message.
     */
    capabilitiesOf?(model: string): ProviderCapabilities;
    /** Calls the model, once per returned iterable; errors surface on the first `next()`. */
    stream(request: ModelRequest, options?: CallOptions): AsyncIterable<ModelChunk>;
}

// dist/scripted/index.d.ts
export { createScriptedProvider, type Script, type ScriptedProvider, type ScriptedProviderOptions, } from './scripted-provider.ts';
export { replyToChunks, type ScriptedDelivery, type ScriptedFault, type ScriptedReply, type ScriptedToolCall, type ScriptedTurn, } from './scripted-turn.ts';

// dist/scripted/scripted-provider.d.ts
import type { ModelRequest, Provider, ProviderCapabilities } from '../provider.ts';
import { type ScriptedTurn } from './scripted-turn.ts';
/**
 * The answers of a scripted provider: one for each call in turn, or a function
 * of the request and the number of the call (from 0), where `undefined` means
 * that the script is exhausted.
 */
export type Script = readonly ScriptedTurn[] | ((request: ModelRequest, callIndex: number) => ScriptedTurn | undefined | Promise<ScriptedTurn | undefined>);
/** How {@link createScriptedProvider} makes a provider. */
export interface ScriptedProviderOptions {
    readonly turns: Script;
    /** Default: `scripted`. */
    readonly id?: string | undefined;
    /** Default: `v0`. */
    readonly apiVersion?: string | undefined;
    /** A request beyond them fails with `PROVIDER_INVALID_OPTIONS`. Default: everything. */
    readonly capabilities?: ProviderCapabilities | undefined;
    /** What it can do with one model, enforced likewise. Default: the same with all. */
    readonly capabilitiesOf?: ((model: string) => ProviderCapabilities) | undefined;
    /** Waits this long before each chunk. Default: 0. */
    readonly latencyMs?: number | undefined;
    /** Resolves after `ms`, or ends early when the signal is aborted. Default: a timer. */
    readonly sleep?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined;
    /**
     * What an end chunk without a response hash gets: `none`, or with `chunks`
     * the BLAKE3-256 over the JSON text of the chunks before it. Default: `none`.
     */
    readonly responseHash?: 'none' | 'chunks' | undefined;
}
/** A provider that answers from a script, without a network. */
export interface ScriptedProvider extends Provider {
    /** Every request so far, in the order the calls began. */
    readonly requests: readonly ModelRequest[];
    /** How many calls are going on right now. */
    readonly activeCalls: number;
}
/**
 * Creates a provider that answers from a script: the reference implementation of {@link Provider}.
 *
 * Chunks go out as they are written, also those that break the protocol. A call
 * beyond the script fails with `scripted provider exhausted`.
 *
 * @example
 * ```ts
 * const provider = createScriptedProvider({
 *   turns: [
 *     { toolCalls: [{ name: 'search', arguments: { q: 'errors' } }] },
 *     { fault: { kind: 'error' } },
 *     { text: 'Nothing found.', usage: { input: 12, output: 3 } },
 *   ],
 * })
 * ```
 */
export declare function createScriptedProvider(options: ScriptedProviderOptions): ScriptedProvider;

// dist/scripted/scripted-turn.d.ts
import type { ModelChunk, ReasoningBlock, StopReason, Usage } from '../provider.ts';
/** A tool call of a {@link ScriptedReply}. */
export interface ScriptedToolCall {
    /** Default: `call-<n>-<m>`, the m-th call of the n-th answer, counted from 1. */
    readonly id?: string | undefined;
    readonly name: string;
    /** JSON text, the pieces of a JSON text, or an object to be written as JSON. Default: no text at all. */
    readonly arguments?: string | readonly string[] | Readonly<Record<string, unknown>> | undefined;
}
/** An answer in short: reasoning, then text, then tool calls, usage and the end. */
export interface ScriptedReply {
    /** One block, or several. Default: none. */
    readonly reasoning?: string | readonly ReasoningBlock[] | undefined;
    /** The text, or the deltas it comes in. Default: none. */
    readonly text?: string | readonly string[] | undefined;
    readonly toolCalls?: readonly ScriptedToolCall[] | undefined;
    /** Default: 0 for every part. */
    readonly usage?: Partial<Usage> | undefined;
    /** Default: `tool_use` with tool calls, else `stop`. */
    readonly stopReason?: StopReason | undefined;
    /** Default: the stop reason. */
    readonly rawStopReason?: string | undefined;
    readonly requestId?: string | undefined;
}
/** What goes wrong in a scripted answer. */
export interface ScriptedFault {
    /**
     * - `error`: the call fails with {@link ScriptedFault.error}.
     * - `eof`: the answer stops without an end, as a cut connection does.
     * - `hang`: nothing more comes until the call is aborted.
     */
    readonly kind: 'error' | 'eof' | 'hang';
    /** Comes after this many chunks. Default: 0; for `eof` just before the end chunk. */
    readonly afterChunks?: number | undefined;
    /** What an `error` rejects with. Default: a retryable `PROVIDER_SERVER`. */
    readonly error?: Error | undefined;
}
/** How a scripted answer is delivered. */
export interface ScriptedDelivery {
    /** Default: nothing goes wrong. */
    readonly fault?: ScriptedFault | undefined;
    /** Waits this long before each chunk. Default: the provider's own `latencyMs`. */
    readonly latencyMs?: number | undefined;
}
/** One scripted answer: its chunks exactly, or a {@link ScriptedReply} in short. */
export type ScriptedTurn = ScriptedDelivery & ({
    readonly chunks: readonly ModelChunk[];
} | (ScriptedReply & {
    readonly chunks?: undefined;
}));
/** Writes the chunks of a reply; `callIndex` (from 0) goes into the default call ids. */
export declare function replyToChunks(reply: ScriptedReply, callIndex?: number): ModelChunk[];

// dist/usage.d.ts
import type { Usage } from './provider.ts';
/** Token counts as a vendor reports them; whatever is missing counts as 0. */
export type ReportedUsage = {
    readonly [Part in keyof Usage]?: number | null | undefined;
};
/** How {@link normalizeUsage} reads what a vendor reports. */
export interface NormalizeUsageOptions {
    /** Whether the vendor counts cached tokens inside `input` too. Default: `false`. */
    readonly inputIncludesCache?: boolean | undefined;
    /** Whether the vendor counts reasoning beside `output`, not inside it. Default: `false`. */
    readonly outputExcludesReasoning?: boolean | undefined;
}
/**
 * Makes a {@link Usage} out of what a vendor reports: parts that do not overlap, whole and never negative.
 *
 * Vendors and proxies report odd numbers at times; an odd number is no reason to lose an answer.
 */
export declare function normalizeUsage(reported: ReportedUsage, options?: NormalizeUsageOptions): Usage;

// dist/without-marks.d.ts
import type { AssistantMessage } from './provider.ts';
/**
 * Takes out of an answer what only its author understands or accepts:
 * signatures, redacted reasoning, opaque parts and citations. Text, readable
 * reasoning and tool calls stay, in their order.
 */
export declare function withoutMarks(message: AssistantMessage): AssistantMessage;
