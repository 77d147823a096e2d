// dist/add-usage.d.ts
import type { Usage } from '@starling/provider';
/** Adds the tokens of one more request to those of an answer that takes several. */
export declare function addUsage(total: Usage | undefined, further: Usage): Usage;

// dist/answer-failures.d.ts
import { ProviderError } from '@starling/provider';
import type { Redact } from './redact.ts';
import type { Connection } from './resolve-connection.ts';
import { type VendorError } from './vendor-error.ts';
/** What the errors of one call are made with. */
export interface CallContext {
    readonly connection: Pick<Connection, 'vendor' | 'now'>;
    /** Where the call goes, for people: without the query, which may hold keys. */
    readonly endpoint: string;
    readonly hasKey: boolean;
    /** Takes the secrets of the call out of a text. */
    readonly redact: Redact;
    /** The vendor's id of the call, once it has given one. */
    readonly requestId?: string | undefined;
}
/** Makes the error for a response that is not a success. */
export declare function errorFromResponse(response: Response, body: string, call: CallContext): ProviderError;
/** Makes the error for an error object inside a stream that began as a success. */
export declare function errorFromStream(error: VendorError, call: CallContext): ProviderError;
/** Makes the error for a request that did not get through or an answer that broke off. */
export declare function errorFromTransport(cause: unknown, call: CallContext): ProviderError;
/** Makes the error for a response that is a success but no stream of chunks: what it says, if it says an error. */
export declare function errorFromContentType({ headers }: Response, body: string, call: CallContext): ProviderError;
/** Names the request at the end of a message; empty when the vendor gave it no id. */
export declare function ofRequest({ requestId, redact }: Pick<CallContext, 'requestId' | 'redact'>): string;
/** The vendor's id of the call, when it gave one. */
export declare function requestIdOf(headers: Headers, call: Pick<CallContext, 'connection'>): string | undefined;

// dist/answer-reader.d.ts
import { type ModelChunk, ProviderError } from '@starling/provider';
import { type CallContext } from './answer-failures.ts';
import type { SseEvent } from './decode-sse.ts';
import { type JsonObject } from './json-object.ts';
/** What is known of an answer when it begins. */
export interface AnswerContext extends CallContext {
    /** The headers of the response. */
    readonly headers: Headers;
    /** The vendor's id of the call, when it gave one. */
    readonly requestId: string | undefined;
}
/** Turns the events of one answer into chunks: what every vendor's adapter brings. */
export interface AnswerReader<Event = SseEvent> {
    /** Whether the vendor has said that nothing follows. Events after that are passed over. */
    readonly isDone: boolean;
    /**
     * Whether the last event said nothing of the answer, as a ping does: it is no progress, and silence goes on.
     * Default: every event is progress.
     */
    readonly isIdle?: boolean | undefined;
    /** Takes the next event. */
    accept(event: Event): readonly ModelChunk[];
    /**
     * Takes the end of the response and what it left half-sent, and returns the last chunks.
     *
     * @throws ProviderError `PROVIDER_INVALID_STREAM`, retryable, when the answer has not ended: see {@link cutOff}.
     */
    finish(tail: readonly Event[]): readonly ModelChunk[];
}
/**
 * Reads the JSON object of an event.
 *
 * @throws ProviderError `PROVIDER_INVALID_STREAM` when it is none; what the text says, when the event is named `error`.
 */
export declare function parseEvent(event: SseEvent, call: CallContext): JsonObject;
/**
 * Reads once more what {@link parseEvent} read, with every number as the vendor wrote it: see {@link parseExact}.
 *
 * For the parts of an event that are passed on; those that are counted with come from `json`, which is returned
 * where both are the same.
 */
export declare function exactEvent(event: SseEvent, json: JsonObject): JsonObject;
/** Reports whether the text of an event is JSON: what a cut connection left of an event is no event. */
export declare function isWhole(event: SseEvent): boolean;
/** Makes the error for an answer that ended before its end; `missing` says what it lacks. */
export declare function cutOff(call: CallContext, eventCount: number, missing: string): ProviderError;

// dist/assert-able.d.ts
import { type ModelRequest, type Provider } from '@starling/provider';
/**
 * Refuses a request that asks for what a provider cannot do at all, or not with the model that is asked.
 *
 * The error names the model only where another one could.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS`.
 */
export declare function assertAble(request: ModelRequest, provider: Pick<Provider, 'info' | 'capabilities' | 'capabilitiesOf'>): void;

// dist/call-scope.d.ts
import type { ProviderError } from '@starling/provider';
/** The span of one call: follows the caller's signal, ends silence, and lets go of the connection. */
export interface CallScope {
    /** Aborted when the caller aborts (with the caller's reason), a limit passes, or the scope is released. */
    readonly signal: AbortSignal;
    /** Starts a limit unless one is running: aborts with `error()` after `ms`; 0 is no limit. */
    limit(ms: number, error: () => ProviderError): void;
    /** Stops the running limit. */
    unlimit(): void;
    /** Ends everything that still runs under the signal. Safe to call twice. */
    release(): void;
}
/** Opens a scope; throws the caller's reason when it has aborted already. */
export declare function createCallScope(caller: AbortSignal | undefined): CallScope;

// dist/check-option-names.d.ts
/**
 * Checks that every option exists.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS` that names the one that does not, and the nearest that does.
 */
export declare function checkOptionNames(options: object, known: readonly string[]): void;

// dist/collect-parts.d.ts
import type { AssistantPart, ModelChunk } from '@starling/provider';
/** Puts the chunks of an answer together to the parts of a message. */
export interface PartCollector {
    /** In the order the model began them. */
    readonly parts: readonly AssistantPart[];
    /** Whether more text would go on with the last part. */
    readonly isInText: boolean;
    add(chunk: ModelChunk): void;
}
/** Creates a collector for one answer. */
export declare function createPartCollector(): PartCollector;

// dist/conformance/fake-vendor.d.ts
/** A vendor without a network, and the requests it got. */
export interface FakeVendor {
    readonly fetch: typeof globalThis.fetch;
    readonly urls: readonly string[];
    /** The JSON texts, as they were sent. */
    readonly bodies: readonly string[];
}
/** Makes a vendor that sends `answers`, each the body of a stream, in the order of the calls; then empty ones. */
export declare function createFakeVendor(...answers: readonly string[]): FakeVendor;

// dist/conformance/golden-stream.d.ts
import type { ModelRequest, StopReason } from '@starling/provider';
/** A chunk as the reference implementation recorded it. */
export interface GoldenChunk {
    readonly kind: string;
    readonly text?: string;
    readonly signature_hex?: string;
    readonly tool_use?: {
        readonly args_delta: string;
        readonly call_id: string;
        readonly name: string;
    };
    readonly usage?: {
        readonly cache_create: number;
        readonly cache_read: number;
        readonly input: number;
        readonly output: number;
    };
    readonly stop_reason?: string;
    readonly raw_response_hash_hex?: string;
    readonly provider_request_id?: string;
}
/** A message of a request as the reference implementation recorded it. */
export interface GoldenMessage {
    readonly Role: string;
    readonly Content: string;
    readonly tool_uses?: readonly (readonly string[])[];
    readonly tool_result?: readonly string[];
    readonly is_error?: boolean;
    readonly annotation_cache_control_json?: string;
}
/** What the reference implementation sent for a request, and which chunks it made of a response. */
export interface GoldenStream<Body = unknown> {
    readonly case: {
        readonly name: string;
        readonly adapter: string;
        readonly model: string;
        readonly system_prompt: string;
        readonly messages: readonly GoldenMessage[];
        readonly tools: readonly {
            readonly Name: string;
            readonly Description: string;
            readonly Schema: string;
        }[] | null;
        readonly tool_choice: string;
        readonly stop_sequences: readonly string[] | null;
        readonly top_k: number | null;
        readonly max_output_tokens: number;
        readonly params_json: string;
        readonly response_status: number;
        readonly response_headers: Readonly<Record<string, string>>;
        readonly response_body: string;
    };
    readonly api_version: string;
    readonly provider_id: string;
    readonly chunks: readonly GoldenChunk[] | null;
    readonly http_requests: readonly {
        readonly method: string;
        readonly path: string;
        readonly headers: Readonly<Record<string, string>>;
        readonly body: Body;
    }[] | null;
    readonly stream_error_classes?: readonly string[] | null;
}
/** How the recorded chunks of one vendor are read. */
export interface GoldenReading {
    /** By the vendor's own words. */
    readonly stopReasons: Readonly<Record<string, StopReason>>;
    /** Whether the recorded input counts the tokens from the cache once more. Default: `false`. */
    readonly isCacheInInput?: boolean | undefined;
}
/** The request of a recording. */
export declare function goldenRequest({ case: input }: Pick<GoldenStream, 'case'>): ModelRequest;
/** What chunks must equal to be the recorded ones. */
export declare function goldenChunks(chunks: readonly GoldenChunk[] | null, reading: GoldenReading): unknown[];

// dist/conformance/http-provider.conformance.d.ts
import { type Provider } from '@starling/provider';
import { type ProviderHarness, type WireCodec } from '@starling/provider/conformance';
import type { HttpProviderOptions } from '../http-provider-options.ts';
/** What the test of a provider over HTTP must bring. */
export interface HttpProviderHarness extends Pick<ProviderHarness, 'name' | 'unsupported' | 'carries' | 'onRequest' | 'earlyUsage'> {
    /** Writes the vendor's side. */
    readonly codec: WireCodec;
    /** Creates the provider with these options: the factory that people use. */
    create(options: HttpProviderOptions): Provider;
}
/**
 * Registers every test of the provider contract, over HTTP on loopback and over
 * a `fetch` of its own, and those that only a provider over HTTP can fail.
 */
export declare function describeHttpProvider(harness: HttpProviderHarness): void;

// dist/conformance/index.d.ts
export { createFakeVendor, type FakeVendor } from './fake-vendor.ts';
export { type GoldenChunk, goldenChunks, type GoldenMessage, type GoldenReading, goldenRequest, type GoldenStream, } from './golden-stream.ts';
export { describeHttpProvider, type HttpProviderHarness } from './http-provider.conformance.ts';
export { type LoopbackServer, openLoopbackServer, type ReceivedRequest, type Respond, respondInParts, respondWith, write, writeUntilClosed, } from './loopback-server.ts';
export { type AnswerSoFar, collectChunks, collectUntilFailure, messageOf, partsOfAnswer, textOf, withUsageLast, } from './read-answer.ts';
export { openScenarioServer, type ScenarioServer } from './scenario-server.conformance.ts';

// dist/conformance/loopback-server.d.ts
import { type ServerResponse } from 'node:http';
/** A request as it arrived. */
export interface ReceivedRequest {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
}
/** A server on loopback that answers every request in the same way. */
export interface LoopbackServer extends AsyncDisposable {
    /** Where it listens, without a path. */
    readonly url: string;
    readonly requests: readonly ReceivedRequest[];
    /** How many connections were opened so far, and how many are open. */
    readonly connections: {
        readonly opened: number;
        readonly open: number;
    };
    /** Resolves once no connection is open. */
    allClosed(): Promise<void>;
}
/** Answers one request. */
export type Respond = (response: ServerResponse, request: ReceivedRequest) => void | Promise<void>;
/** Opens a server that answers with `respond`. */
export declare function openLoopbackServer(respond: Respond): Promise<LoopbackServer>;
/** Answers with one body, whole. */
export declare function respondWith(status: number, body: string, headers?: Readonly<Record<string, string>>): Respond;
/** Answers 200 with these parts, each in a write of its own that has left the process, then closes in good order. */
export declare function respondInParts(parts: readonly (string | Uint8Array)[]): Respond;
/** Writes and resolves once the bytes have been handed to the system. */
export declare function write(response: ServerResponse, part: string | Uint8Array): Promise<void>;
/** Writes the same again and again until the other side is gone. */
export declare function writeUntilClosed(response: ServerResponse, part: string | Uint8Array): Promise<void>;

// dist/conformance/read-answer.d.ts
import type { AssistantMessage, AssistantPart, ModelChunk } from '@starling/provider';
/** What there is of an answer, and how it failed. */
export interface AnswerSoFar {
    readonly chunks: readonly ModelChunk[];
    /** `undefined` for an answer that came to its end. */
    readonly error: unknown;
}
/** Reads all chunks, in whatever order they come: `collectAnswer` of the provider's conformance suite checks it. */
export declare function collectChunks(chunks: AsyncIterable<ModelChunk>): Promise<ModelChunk[]>;
/** Reads until the iteration ends or fails, and returns both. */
export declare function collectUntilFailure(chunks: AsyncIterable<ModelChunk>): Promise<AnswerSoFar>;
/** The chunks of an answer with its last usage before its end and without those before: for tests of its content. */
export declare function withUsageLast(chunks: readonly ModelChunk[]): ModelChunk[];
/** The text of an answer. */
export declare function textOf(chunks: readonly ModelChunk[]): string;
/** The parts of an answer, in the order they began. */
export declare function partsOfAnswer(chunks: readonly ModelChunk[]): readonly AssistantPart[];
/** The message that an agent keeps of an answer. */
export declare function messageOf(chunks: readonly ModelChunk[]): AssistantMessage;

// dist/conformance/scenario-server.conformance.d.ts
import { type ConformanceScenario, type ReceivedRequest, type WireCodec } from '@starling/provider/conformance';
/** A server on loopback that plays a scenario of the conformance suite. */
export interface ScenarioServer extends AsyncDisposable {
    readonly url: string;
    requests(): readonly ReceivedRequest[];
    /** How many responses are neither complete nor given up; `fetch` keeps idle connections for later. */
    openResponses(): number;
}
/** Opens the server; one that cannot be reached is closed again at once. */
export declare function openScenarioServer(scenario: ConformanceScenario, codec: WireCodec): Promise<ScenarioServer>;

// dist/convert-claude-schema.d.ts
/**
 * Writes the schema of an answer in the part of JSON Schema that Claude can be bound to.
 *
 * A constraint outside of it, such as `minimum`, becomes words in the
 * `description` of its place, and every object is closed: what goes out allows
 * more values than the schema, or fewer keys, and whoever asked checks the answer.
 * The rewriting is that of `transformJSONSchema` in the vendor's SDK, except that
 * what would lose its meaning is refused.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS` for a text that is no JSON object, and for a schema that
 * has places without a fixed shape: open objects, any value, recursion.
 */
export declare function convertClaudeSchema(text: string): string;

// dist/convert-params.d.ts
/**
 * Writes the parameters of a request as the members of a JSON object, without its braces.
 *
 * Parameters come back from the log as plain data, where a large integer is a
 * `bigint`; `JSON.stringify` refuses those and turns what is not JSON into
 * `null` or nothing. Here every digit survives, and what is not JSON is named.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS` for a reserved name or a value that is not JSON data.
 */
export declare function convertParams(params: Readonly<Record<string, unknown>>, reserved: ReadonlySet<string>): string;

// dist/create-classifier.d.ts
import type { ProviderErrorCode } from '@starling/provider';
import type { VendorError } from './vendor-error.ts';
/** What a vendor's codes mean; each is compared as a whole, never searched for. */
export interface ClassifierTables {
    /** Codes that say more than any status. */
    readonly specific: Readonly<Record<string, ProviderErrorCode>>;
    /** Codes as broad as a status: they count only where there is none, as inside a stream. */
    readonly broad: Readonly<Record<string, ProviderErrorCode>>;
}
/** Creates the `classify` of a vendor from its tables; the first code that is listed counts. */
export declare function createClassifier(tables: ClassifierTables): (error: VendorError, status: number | undefined) => ProviderErrorCode | undefined;

// dist/decode-sse.d.ts
/** One server-sent event with data. */
export interface SseEvent {
    /** The event's type; empty for the default. */
    readonly name: string;
    /** The exact bytes of the data, without surrounding white space; several lines joined with a line feed. */
    readonly data: Uint8Array;
    /** The same as text. */
    readonly text: string;
}
/** Cuts the bytes of a response into events. */
export interface SseDecoder {
    /** Takes the next bytes, cut anywhere, and returns the events they complete. */
    feed(bytes: Uint8Array): SseEvent[];
    /** Returns the event that lacks only its closing blank line when the response ends. */
    finish(): SseEvent[];
}
/**
 * Creates a decoder; comments and events without data are passed over.
 *
 * The parser works on text. It gets one character per byte, so that the data
 * can be hashed exactly as it came, even where it is not valid UTF-8, and a
 * character that is cut by the network needs no care.
 */
export declare function createSseDecoder(): SseDecoder;

// dist/end-thinking.d.ts
import { type Message } from '@starling/provider';
/** The Claude that is about to read a conversation. */
export interface ThinkingTarget {
    readonly providerId: string;
    readonly model: string;
}
/**
 * Returns the messages for a Claude that must not think within a budget here,
 * without its thoughts of the open tool loop; `undefined` when it may.
 *
 * All answers and results since a person spoke are one turn to Claude, in which
 * thinking is on or off: on, the turn has to begin with a thought that it has
 * signed itself, off, it must hold none. So a loop that another model has begun,
 * or has a part in, goes on without. The next thing a person says begins a new
 * turn. Thinking that decides itself has no such rule.
 * See https://platform.claude.com/docs/build-with-claude/thinking-tool-workflows.
 */
export declare function endThinking(messages: readonly Message[], target: ThinkingTarget): readonly Message[] | undefined;

// dist/http-provider-options.d.ts
/** How long a call may be silent. */
export interface HttpTimeouts {
    /**
     * From starting the call to the first event of the answer, in milliseconds;
     * 0 for no limit. Node's own `fetch` gives up after 300,000 anyway. Default: 300,000.
     */
    readonly firstChunkMs?: number | undefined;
    /**
     * Between two events, in milliseconds; keep-alive comments and pings do not
     * count and 0 is no limit. Default: 300,000.
     */
    readonly betweenChunksMs?: number | undefined;
}
/** An API key, or a function that looks it up for every call; `null` is no key. */
export type ApiKey = string | null | (() => string | Promise<string>);
/** How a provider reaches its vendor: what every vendor over HTTP has in common. */
export interface HttpProviderOptions {
    /**
     * The API key; `null` sends none.
     *
     * A function is asked at every call and nowhere else: for keys that rotate or
     * live in a vault, and for an agent that must load without a key, as a replay does.
     *
     * Default: the vendor's environment variable, but only towards the vendor
     * itself or the endpoint that its other variable names: another endpoint
     * never gets that key unasked.
     */
    readonly apiKey?: ApiKey | undefined;
    /** Where the API begins. Default: the vendor's environment variable, else the vendor itself. */
    readonly baseUrl?: string | undefined;
    /** Further request headers; they win over the ones that the provider sets. Default: none. */
    readonly headers?: Readonly<Record<string, string>> | undefined;
    /** Query parameters of every request. Default: none. */
    readonly query?: Readonly<Record<string, string>> | undefined;
    /** How long a call may be silent. Default: five minutes. */
    readonly timeouts?: HttpTimeouts | undefined;
    /** How the provider is named in the log. Default: the vendor's name. */
    readonly providerId?: string | undefined;
    /** The API version as named in the log; a label only. Default: the vendor's. */
    readonly apiVersion?: string | undefined;
    /** Sends the requests. Default: the global `fetch`. */
    readonly fetch?: typeof globalThis.fetch | undefined;
    /** Where the defaults of `apiKey` and `baseUrl` are looked up. Default: `process.env`. */
    readonly env?: Readonly<Record<string, string | undefined>> | undefined;
    /** The clock, in milliseconds since the epoch; reads `Retry-After` dates. Default: `Date.now`. */
    readonly now?: (() => number) | undefined;
}

// dist/index.d.ts
export { addUsage } from './add-usage.ts';
export { type CallContext, errorFromContentType, errorFromResponse, errorFromStream, errorFromTransport, ofRequest, } from './answer-failures.ts';
export { type AnswerContext, type AnswerReader, cutOff, exactEvent, isWhole, parseEvent } from './answer-reader.ts';
export { assertAble } from './assert-able.ts';
export { type CallScope, createCallScope } from './call-scope.ts';
export { checkOptionNames } from './check-option-names.ts';
export { createPartCollector, type PartCollector } from './collect-parts.ts';
export { convertClaudeSchema } from './convert-claude-schema.ts';
export { convertParams } from './convert-params.ts';
export { type ClassifierTables, createClassifier } from './create-classifier.ts';
export { createSseDecoder, type SseDecoder, type SseEvent } from './decode-sse.ts';
export { endThinking, type ThinkingTarget } from './end-thinking.ts';
export type { ApiKey, HttpProviderOptions, HttpTimeouts } from './http-provider-options.ts';
export { isJsonObject, type JsonObject } from './json-object.ts';
export { jsonObjectText, JsonText, jsonText, kindOf, parseExact, parseJsonObject, writeJson } from './json-text.ts';
export { createRawResponseHash, type RawResponseHash } from './raw-response-hash.ts';
export { createRedact, type Redact } from './redact.ts';
export { type Connection, type Credentials, resolveConnection } from './resolve-connection.ts';
export { resolveTimeouts } from './resolve-timeouts.ts';
export { type HttpRequest, streamAnswer, type StreamCall, streamDecoded, type StreamDecoder, type Transport, } from './stream-answer.ts';
export { shorten, summarizeBody } from './summarize-body.ts';
export { errorOfText, parseVendorError, type VendorError } from './vendor-error.ts';
export { isHostOf, type OwnOptionNames, type RefusedAt, type VendorProfile } from './vendor-profile.ts';
export { wellFormedJson } from './well-formed-json.ts';

// dist/json-object.d.ts
/** A JSON object whose fields have not been checked. */
export type JsonObject = Readonly<Record<string, unknown>>;
/** Reports whether `value` is a JSON object: not `null`, not an array. */
export declare function isJsonObject(value: unknown): value is JsonObject;

// dist/json-text.d.ts
import { type JsonObject } from './json-object.ts';
/** A JSON text that goes out as it is, digit for digit. */
export declare class JsonText {
    readonly text: string;
    constructor(text: string);
}
/**
 * Takes a text that must be JSON, to be sent as it is.
 *
 * @param what - how the error names it.
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS` when it is not.
 */
export declare function jsonText(text: string, what: string): JsonText;
/**
 * Takes a text that must be a JSON object, such as a schema, to be sent as it is.
 *
 * @param what - how the error names it.
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS` when it is none.
 */
export declare function jsonObjectText(text: string, what: string): JsonText;
/** Reads a JSON object; `undefined` for a text that is none. */
export declare function parseJsonObject(text: string): JsonObject | undefined;
/** Reports whether {@link parseExact} may differ from `JSON.parse`: cheap, and true for some texts where it does not. */
export declare function mayLoseDigits(text: string): boolean;
/**
 * Parses a JSON text so that {@link writeJson} writes every number as it was.
 *
 * A number that `JSON.stringify` would write in another way, such as `1.0` or
 * one of twenty digits, becomes a {@link JsonText}: this is for what is passed
 * on, not for numbers that are to be counted with.
 *
 * @throws SyntaxError when the text is not JSON.
 */
export declare function parseExact(text: string): unknown;
/**
 * Writes JSON data: a `bigint` with all its digits, a {@link JsonText} as it is; members that are `undefined` are left out.
 *
 * @param path - how the error names `value`.
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS` for what is not JSON data.
 */
export declare function writeJson(value: unknown, path: string): string;
/**
 * Writes the members of a JSON object without its braces, as {@link writeJson} does.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS` for what is not JSON data.
 */
export declare function writeMembers(value: JsonObject, path: string): string;
/** Names the kind of a value that is not what was expected. */
export declare function kindOf(value: unknown): string;

// dist/raw-response-hash.d.ts
/** A running hash over the JSON texts of an answer. */
export interface RawResponseHash {
    /** Adds the exact bytes of one event's JSON object. */
    add(bytes: Uint8Array): void;
    /** BLAKE3-256 over everything added, without separators; of nothing when nothing was. */
    digest(): Uint8Array;
}
/** Starts the hash that the `end` chunk of an answer carries. */
export declare function createRawResponseHash(): RawResponseHash;

// dist/redact.d.ts
/** Rewrites a text so that it can be shown. */
export type Redact = (text: string) => string;
/**
 * Creates a function that takes the given secrets, and whatever looks like a key, out of a text.
 *
 * A secret is found as it is and as it is escaped in JSON or in an address.
 */
export declare function createRedact(secrets: readonly string[]): Redact;

// dist/resolve-connection.d.ts
import type { HttpProviderOptions } from './http-provider-options.ts';
import { type Redact } from './redact.ts';
import type { VendorProfile } from './vendor-profile.ts';
/** What one call goes out with. */
export interface Credentials {
    /** All headers of the request. */
    readonly headers: Headers;
    readonly hasKey: boolean;
    /** Takes the key in use, and every header and query value of the options, out of a text. */
    readonly redact: Redact;
}
/** How to reach one vendor, checked and with every default filled in. Shows no key when it is printed. */
export interface Connection {
    /** What a provider reports as its own `info`. */
    readonly info: {
        readonly id: string;
        readonly apiVersion: string;
    };
    /** What the vendor means: see {@link VendorProfile}. */
    readonly vendor: Pick<VendorProfile, 'requestIdHeader' | 'completeBody' | 'classify' | 'retryAfterMs'>;
    /** In milliseconds; 0 is no limit. */
    readonly firstChunkMs: number;
    /** In milliseconds; 0 is no limit. */
    readonly betweenChunksMs: number;
    readonly fetch: typeof globalThis.fetch;
    readonly now: () => number;
    /** The URL of `path`, which begins with `/`, below the base, with the query of the options and then this one. */
    url(path: string, query?: Readonly<Record<string, string>>): URL;
    /**
     * Returns what to send a request with; asks for the key where it comes from a function.
     *
     * @throws ProviderError `PROVIDER_AUTH` when it gives none; an abort of `signal` rejects with its reason.
     */
    authorize(signal: AbortSignal): Credentials | Promise<Credentials>;
}
/**
 * Checks the common options and fills in the defaults, from the environment too.
 *
 * A key that is given as text or comes from the environment is checked here,
 * and a provider that would call its own vendor without one is refused; a
 * function is asked at every call.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS`, or `PROVIDER_AUTH` for a missing or empty key.
 */
export declare function resolveConnection<Options extends HttpProviderOptions>(options: Options, vendor: VendorProfile<Options>): Connection;

// dist/resolve-timeouts.d.ts
import type { HttpTimeouts } from './http-provider-options.ts';
import type { Connection } from './resolve-connection.ts';
/**
 * Checks the limits of a call and fills in the defaults.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS` for one that no timer can keep.
 */
export declare function resolveTimeouts(timeouts?: HttpTimeouts): Pick<Connection, 'firstChunkMs' | 'betweenChunksMs'>;

// dist/stream-answer.d.ts
import { type ModelChunk } from '@starling/provider';
import type { AnswerContext, AnswerReader } from './answer-reader.ts';
import { type SseEvent } from './decode-sse.ts';
import type { Connection, Credentials } from './resolve-connection.ts';
/** What calls go out over: a {@link Connection}, or as much of one as a vendor with its own authorization needs. */
export type Transport = Pick<Connection, 'info' | 'vendor' | 'firstChunkMs' | 'betweenChunksMs' | 'fetch' | 'now'> & Partial<Pick<Connection, 'authorize'>>;
/** One request, as it goes out. */
export interface HttpRequest {
    /** From {@link Connection.url}. */
    readonly url: URL;
    /** The JSON text; half characters in it are replaced: see {@link wellFormedJson}. */
    readonly body: string;
    /** Default: what {@link Connection.authorize} returns. */
    readonly credentials?: Credentials | undefined;
}
/** Cuts the bytes of a response into events. */
export interface StreamDecoder<Event> {
    /** Takes the next bytes, cut anywhere, and returns the events they complete. */
    feed(bytes: Uint8Array): Iterable<Event>;
    /** Returns what the end of the response left half-sent, as events. */
    finish(): readonly Event[];
}
/** One call of a model whose answer is streamed. */
export interface StreamCall<Event = SseEvent> {
    /** Ends the call at once. Default: none. */
    readonly signal?: AbortSignal | undefined;
    /**
     * Writes the request, once the first chunk is asked for; what it throws fails the call.
     *
     * @param signal - aborted when the call is over: what takes time here must not go on after that.
     */
    prepare(signal: AbortSignal): HttpRequest | Promise<HttpRequest>;
    /** Begins to read an answer: called when the vendor has agreed to send one. */
    open(answer: AnswerContext): AnswerReader<Event>;
}
/**
 * Sends one request, once, and yields the chunks of its answer, which comes as server-sent events.
 *
 * The answer is read as fast as its chunks are taken. However the iteration
 * ends, the connection is free again or closed.
 *
 * @throws ProviderError for every failure; an abort rejects with its reason.
 */
export declare function streamAnswer(connection: Transport, call: StreamCall): AsyncGenerator<ModelChunk>;
/**
 * Does what {@link streamAnswer} does for an answer that is framed in another way.
 *
 * @param createDecoder - called once the answer begins.
 * @throws ProviderError for every failure; an abort rejects with its reason.
 */
export declare function streamDecoded<Event>(connection: Transport, call: StreamCall<Event>, createDecoder: () => StreamDecoder<Event>): AsyncGenerator<ModelChunk>;

// dist/summarize-body.d.ts
import type { Redact } from './redact.ts';
import { type VendorError } from './vendor-error.ts';
/**
 * Reads what the body of a failed response says: JSON in any usual shape, an HTML page, or plain text.
 *
 * Secrets go before the message is cut: half a key is one too many.
 */
export declare function summarizeBody(body: string, redact: Redact): VendorError;
/** Makes one line of at most 300 characters. */
export declare function shorten(text: string): string;

// dist/vendor-error.d.ts
import { type JsonObject } from './json-object.ts';
/** What a vendor says about a failure. */
export interface VendorError {
    /** One line; empty when the vendor gave no words. */
    readonly message: string;
    /** The vendor's codes for the condition, most specific first, as it writes them; may be empty. */
    readonly codes: readonly string[];
    /** The HTTP status that the error names itself, as errors inside a stream do. */
    readonly status: number | undefined;
    /** The error object itself, for what only one vendor says; empty when there is none. Never to be shown. */
    readonly fields: JsonObject;
}
/** Makes the error of a vendor that gave nothing but words. */
export declare function errorOfText(message: string): VendorError;
/**
 * Reads an error in any of the shapes that vendors use: `{error: {…}}`,
 * `{error: "…"}`, the object without its envelope, `{detail: …}`, or a list of these.
 *
 * The codes are its `code`, `type` and `status`, as far as they are texts.
 */
export declare function parseVendorError(body: unknown): VendorError;
/**
 * Reports whether the body of a response is an error in so many words: an object
 * in `error`, or one that calls itself an error. Any other object has codes of
 * its own, such as the `type` of a message.
 */
export declare function isErrorBody(body: string): boolean;

// dist/vendor-profile.d.ts
import type { ProviderErrorCode } from '@starling/provider';
import type { HttpProviderOptions } from './http-provider-options.ts';
import type { VendorError } from './vendor-error.ts';
/** The options that one vendor has beside the common ones, each once. */
export type OwnOptionNames<Options extends HttpProviderOptions> = {
    readonly [Name in Exclude<keyof Options, keyof HttpProviderOptions>]-?: true;
};
/** What a refusal came with besides the error. */
export interface RefusedAt {
    /** Of the response, or the one that an error inside a stream names. */
    readonly status: number | undefined;
    /** Of the response; empty for an error inside a stream. */
    readonly headers: Headers;
    /** The time, in milliseconds since the epoch. */
    readonly nowMs: number;
}
/** What sets one vendor apart from the others over HTTP. */
export interface VendorProfile<Options extends HttpProviderOptions = HttpProviderOptions> {
    /** The provider's default name in the log. */
    readonly name: string;
    /** The provider's default API version in the log. */
    readonly apiVersion: string;
    /** The environment variables that may hold the key; the first one that does counts. */
    readonly keyVariables: readonly string[];
    /** The environment variable that may hold the base URL. Default: none. */
    readonly baseUrlVariable?: string | undefined;
    readonly defaultBaseUrl: string;
    /** Whether `url` is the vendor's own, which gets the key from the environment and needs one: see {@link isHostOf}. */
    isOwnHost(url: URL): boolean;
    /** The headers that carry the key. */
    keyHeaders(key: string): Readonly<Record<string, string>>;
    /** The headers that every request has and that are no secrets. Default: none. */
    readonly fixedHeaders?: Readonly<Record<string, string>> | undefined;
    /** The response header that names the call for the vendor's support. Default: the vendor has none. */
    readonly requestIdHeader?: string | undefined;
    /** Writes into the body of a failed response what only its headers say, such as a code. Default: the body says it all. */
    completeBody?(body: string, headers: Headers): string;
    /** The names of the vendor's own options. */
    readonly ownOptions: OwnOptionNames<Options>;
    /**
     * What the vendor's own codes say, by exact tables: see {@link createClassifier}.
     * Default: nothing, the status decides.
     *
     * @param status - of the response, or the one that an error inside the stream names.
     */
    classify?(error: VendorError, status: number | undefined): ProviderErrorCode | undefined;
    /**
     * How long the vendor asks to wait where `retry-after` does not say, in milliseconds: in the error itself, or in
     * headers of its own. Default: it does not.
     */
    retryAfterMs?(error: VendorError, response: RefusedAt): number | undefined;
}
/** Reports whether `url` is on `domain` or a host below it. */
export declare function isHostOf(domain: string, url: URL): boolean;

// dist/well-formed-json.d.ts
/**
 * Returns a JSON text in which half a character, as a text that was cut ends with, is `U+FFFD`.
 *
 * Vendors refuse the whole request for one, escaped as `JSON.stringify` writes
 * it, wherever it stands: in what a person said, a tool returned or a model wrote.
 * Everything else stays as it is, character for character.
 */
export declare function wellFormedJson(text: string): string;
