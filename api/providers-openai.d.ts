// dist/azure-provider-options.d.ts
import type { HttpProviderOptions } from '@starling/provider-http';
import type { ResponsesSettings } from './openai-responses-provider-options.ts';
/**
 * How {@link createAzureProvider} reaches OpenAI's models on Azure.
 *
 * `apiKey` defaults to `AZURE_OPENAI_API_KEY`, but only towards Azure itself.
 * `baseUrl` is where the API begins, `/openai/v1` included, and wins over
 * `resource`. `providerId` defaults to `azure`, `apiVersion` to `v1` or the
 * dated version.
 */
export interface AzureProviderOptions extends HttpProviderOptions, ResponsesSettings {
    /** The name of the resource, as in `https://{resource}.openai.azure.com`. Default: what `AZURE_OPENAI_ENDPOINT` names. */
    readonly resource?: string | undefined;
    /** The API to speak. Default: `chat`. */
    readonly api?: 'chat' | 'responses' | undefined;
    /** A dated version of the API, such as `2024-10-21`, instead of `v1`. Default: none. */
    readonly datedVersion?: string | undefined;
    /** Where the key goes: `authorization` for a token of Entra ID, which `apiKey` best returns from a function. Default: `api-key`. */
    readonly keyHeader?: 'api-key' | 'authorization' | undefined;
}

// dist/azure-provider.d.ts
import { type Provider } from '@starling/provider';
import type { AzureProviderOptions } from './azure-provider-options.ts';
/**
 * Creates a provider for OpenAI's models on Azure: the model of a request is the name of a deployment.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS` for options it cannot use,
 * `PROVIDER_AUTH` for an empty key, or when calls would go to Azure without one.
 */
export declare function createAzureProvider(options?: AzureProviderOptions): Provider;

// dist/chat-dialect.d.ts
import type { AssistantMessage, ModelChunk, ModelRequest, ProviderCapabilities, ReasoningEffort, Usage } from '@starling/provider';
import type { JsonObject } from '@starling/provider-http';
/** Fields of a JSON object that are written as they are. */
export type Fields = Readonly<Record<string, unknown>>;
/** Reads what one endpoint says in its deltas besides text and tool calls: reasoning, for the most part. */
export interface DeltaReader {
    /** Takes a delta, before its text and its tool calls are read. */
    add(delta: JsonObject): readonly ModelChunk[];
    /** Takes the end of a whole answer. */
    finish(): readonly ModelChunk[];
}
/** How one endpoint speaks Chat Completions. */
export interface ChatDialect {
    /** What a request may ask for. Default: {@link CHAT_CAPABILITIES}. */
    readonly capabilities?: ProviderCapabilities | undefined;
    /** What a request to one model may ask for. Default: the same for all. */
    readonly capabilitiesOf?: ((model: string) => ProviderCapabilities) | undefined;
    /** The field that carries the limit on output tokens. Default: `max_completion_tokens`. */
    readonly maxTokensField?: 'max_completion_tokens' | 'max_tokens' | undefined;
    /** The field that carries the seed. Default: `seed`. */
    readonly seedField?: 'seed' | 'random_seed' | undefined;
    /** Whether even one stop sequence is sent as a list. Default: `false`. */
    readonly listsStops?: boolean | undefined;
    /** Whether to ask for a usage report with `stream_options`. Default: `true`. */
    readonly includeUsage?: boolean | undefined;
    /**
     * The fields that ask for each reasoning effort; one that is not named is refused.
     * Default: `reasoning_effort` with the effort's own name.
     */
    readonly efforts?: Readonly<Partial<Record<ReasoningEffort, Fields>>> | undefined;
    /** Refuses what only some models know, such as one of the efforts, by throwing. Default: nothing. */
    assertRequest?(request: ModelRequest): void;
    /** Whether a schema that OpenAI can hold an answer to is sent as strict. Default: `true`. */
    readonly strictSchemas?: boolean | undefined;
    /** Names a tool call that the server left without an id. Default: `call_` and a random UUID. */
    readonly generateCallId?: (() => string) | undefined;
    /** The path of the endpoint below the base. Default: `/chat/completions`. */
    path?(request: ModelRequest): string;
    /**
     * Writes the id of a call that another provider or model named, the same for the same id.
     * Default: one of more than 40 characters, which OpenAI refuses, as a short hash, any other as it is.
     */
    callId?(id: string): string;
    /** Further fields of the body, which `params` may not set. Default: none. */
    requestFields?(request: ModelRequest): Fields;
    /**
     * Further fields of an assistant message that is sent back; of an answer that
     * another provider or model gave, only texts and tool calls are left. Default: none.
     */
    messageFields?(message: AssistantMessage): Fields;
    /** Changes the finished messages of a body, such as to mark what is to be cached. Default: not at all. */
    finishMessages?(messages: readonly JsonObject[], request: ModelRequest): readonly JsonObject[];
    /** Begins to read the deltas of an answer. Default: `reasoning_content`, or `reasoning`, is plain reasoning. */
    createDeltaReader?(): DeltaReader;
    /** Further fields of the last tool, such as a mark of what is to be cached. Default: none. */
    lastToolFields?(request: ModelRequest): Fields;
    /** Changes the token counts of an answer of this model, by what its request asked for. Default: not at all. */
    finishUsage?(usage: Usage, answer: {
        readonly request: ModelRequest;
        readonly model: string;
    }): Usage;
    /** The vendor's id of the call, where no header has it. Default: none. */
    requestIdOf?(headers: Headers, chunk: JsonObject): string | undefined;
    /** The model that answers, where it is another one than was asked. Default: the one that was asked. */
    modelOf?(chunk: JsonObject, request: ModelRequest): string | undefined;
}
/** What Chat Completions can do. */
export declare const CHAT_CAPABILITIES: ProviderCapabilities;

// dist/chat-provider.d.ts
import { type Provider } from '@starling/provider';
import { type Connection } from '@starling/provider-http';
import { type ChatDialect } from './chat-dialect.ts';
/** Creates a provider that speaks Chat Completions over `connection`. */
export declare function createChatProvider(connection: Connection, dialect?: ChatDialect): Provider;

// dist/chat/index.d.ts
export { CHAT_CAPABILITIES, type ChatDialect, type DeltaReader, type Fields } from '../chat-dialect.ts';
export { createChatProvider } from '../chat-provider.ts';
export { CHAT_ERROR_CODES, classifyChatError } from '../openai-vendor.ts';

// dist/compatible-provider.d.ts
import { type Provider } from '@starling/provider';
import { type HttpProviderOptions } from '@starling/provider-http';
import { type CompatibleVendor } from './compatible-vendors.ts';
/**
 * How {@link createCompatibleProvider} reaches a vendor.
 *
 * `apiKey` defaults to the vendor's own variable, such as `GROQ_API_KEY`, and
 * only towards the vendor itself; servers of one's own have none. `baseUrl` and
 * `providerId` default to the vendor's, `apiVersion` to `v1`.
 */
export interface CompatibleProviderOptions extends HttpProviderOptions {
    /** Names a tool call that the server left without an id. Default: `call_` and a random UUID. */
    readonly generateCallId?: (() => string) | undefined;
}
/**
 * Creates a provider for a vendor or a server that speaks Chat Completions with words of its own.
 *
 * What the vendor does not know is refused, not left out, and its key is never
 * another vendor's.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS` for options it cannot use,
 * `PROVIDER_AUTH` for an empty key, or when calls would go to the vendor without one.
 */
export declare function createCompatibleProvider(vendor: CompatibleVendor, options?: CompatibleProviderOptions): Provider;

// dist/compatible-vendors.d.ts
import { type ChatDialect } from './chat-dialect.ts';
import { type ModelLimits } from './model-limits.ts';
/** The vendors and servers that {@link createCompatibleProvider} knows. */
export declare const COMPATIBLE_VENDORS: readonly ['groq', 'deepseek', 'together', 'mistral', 'xai', 'ollama', 'vllm', 'lmstudio'];
/** A vendor or server that {@link createCompatibleProvider} knows: one of {@link COMPATIBLE_VENDORS}. */
export type CompatibleVendor = (typeof COMPATIBLE_VENDORS)[number];
/** Where one vendor is and how it speaks. */
export interface CompatibleEndpoint {
    readonly baseUrl: string;
    /** The domains that get the key from the environment. Default: none, as for a server of one's own. */
    readonly domains?: readonly string[];
    /** The environment variable with the key. Default: none. */
    readonly keyVariable?: string;
    readonly dialect: ChatDialect;
    /** What some of its models cannot do. Default: nothing is known. */
    readonly limits?: readonly ModelLimits[];
}
/** What each of them does otherwise than OpenAI, from its own documentation, as of 2026-11-21. */
export declare const COMPATIBLE_ENDPOINTS: Readonly<Record<CompatibleVendor, CompatibleEndpoint>>;

// dist/index.d.ts
export { createAzureProvider } from './azure-provider.ts';
export type { AzureProviderOptions } from './azure-provider-options.ts';
export { type CompatibleProviderOptions, createCompatibleProvider } from './compatible-provider.ts';
export type { CompatibleVendor } from './compatible-vendors.ts';
export { createOpenAIProvider } from './openai-provider.ts';
export type { OpenAIProviderOptions } from './openai-provider-options.ts';
export { createOpenAIResponsesProvider } from './openai-responses-provider.ts';
export type { OpenAIResponsesProviderOptions, ResponsesSettings } from './openai-responses-provider-options.ts';

// dist/model-limits.d.ts
import { type ProviderCapabilities, type ReasoningEffort } from '@starling/provider';
/** Something that a provider can do, or not. */
export type Feature = keyof ProviderCapabilities;
/** What one family of models cannot do of all that their vendor can. */
export interface ModelLimits {
    /** The names of the family. */
    readonly models: RegExp;
    readonly lacks?: readonly Feature[];
    /** Whether an answer that must be JSON goes without tools. */
    readonly formatExcludesTools?: boolean;
    /** The reasoning efforts that it knows. Default: all of its vendor's. */
    readonly efforts?: readonly ReasoningEffort[];
}
/** Returns the capabilities without some of them. */
export declare function without(all: ProviderCapabilities, features: readonly Feature[]): ProviderCapabilities;
/**
 * Makes a function that knows what each model can do.
 *
 * The first family that has the name counts; a name of none is taken for one of
 * the newest models, which can do all.
 */
export declare function limitByModel(all: ProviderCapabilities, limits: readonly ModelLimits[]): (model: string) => ProviderCapabilities;
/** What a request asks a model for. */
interface AskedEffort {
    readonly model: string;
    readonly reasoningEffort?: ReasoningEffort | undefined;
}
/**
 * Refuses a reasoning effort that a model does not know.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS`.
 */
export declare function assertEffort({ model, reasoningEffort: effort }: AskedEffort, limits: readonly ModelLimits[]): void;
export {};

// dist/openai-provider-options.d.ts
import type { HttpProviderOptions } from '@starling/provider-http';
/**
 * How {@link createOpenAIProvider} reaches an endpoint.
 *
 * `apiKey` defaults to `OPENAI_API_KEY`, but only towards OpenAI itself or the
 * endpoint that `OPENAI_BASE_URL` names. `baseUrl` is where the API begins, with
 * its version, and defaults to `OPENAI_BASE_URL`, else `https://api.openai.com/v1`.
 * `providerId` defaults to `openai`, `apiVersion` to `v1`.
 */
export interface OpenAIProviderOptions extends HttpProviderOptions {
    /** Bills to this organization. Default: the key's own. */
    readonly organization?: string | undefined;
    /** Bills to this project. Default: the key's own. */
    readonly project?: string | undefined;
    /** The field for the limit on output tokens; older servers only know `max_tokens`. Default: `max_completion_tokens`. */
    readonly maxTokensField?: 'max_completion_tokens' | 'max_tokens' | undefined;
    /** Whether to ask for token counts; `false` for servers that refuse `stream_options`. Default: `true`. */
    readonly includeUsage?: boolean | undefined;
    /**
     * The field that reasoning goes back in, for servers whose models go on where they were, as those of Moonshot and
     * Z.ai do with `reasoning_content`; OpenAI has none. Default: it does not go back.
     */
    readonly reasoningField?: 'reasoning' | 'reasoning_content' | undefined;
    /** Names a tool call that the server left without an id. Default: `call_` and a random UUID. */
    readonly generateCallId?: (() => string) | undefined;
}

// dist/openai-provider.d.ts
import type { Provider } from '@starling/provider';
import type { OpenAIProviderOptions } from './openai-provider-options.ts';
/**
 * Creates a provider that speaks Chat Completions with OpenAI or any compatible endpoint.
 *
 * Every call is one streaming request, sent once: retrying is up to the caller,
 * who records it. Reasoning that arrives is passed on, and goes back only where
 * `reasoningField` says so.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS` for options it cannot use,
 * `PROVIDER_AUTH` for an empty key, or when calls would go to OpenAI without one.
 */
export declare function createOpenAIProvider(options?: OpenAIProviderOptions): Provider;

// dist/openai-responses-provider-options.d.ts
import type { HttpProviderOptions } from '@starling/provider-http';
/** How requests to the Responses API are written. */
export interface ResponsesSettings {
    /** How much of its reasoning the model tells. Default: nothing, or what the server always tells. */
    readonly reasoningSummary?: 'auto' | 'concise' | 'detailed' | undefined;
    /**
     * Whether to ask for the reasoning itself, encrypted, which then goes back
     * with the next request; models that do not reason refuse that.
     * Default: `true`, except for models that are known not to reason.
     */
    readonly encryptedReasoning?: boolean | undefined;
}
/**
 * How {@link createOpenAIResponsesProvider} reaches the Responses API.
 *
 * `apiKey` defaults to `OPENAI_API_KEY`, but only towards OpenAI itself or the
 * endpoint that `OPENAI_BASE_URL` names. `baseUrl` is where the API begins, with
 * its version, and defaults to `OPENAI_BASE_URL`, else `https://api.openai.com/v1`.
 * `providerId` defaults to `openai`, `apiVersion` to `v1`.
 */
export interface OpenAIResponsesProviderOptions extends HttpProviderOptions, ResponsesSettings {
    /** Bills to this organization. Default: the key's own. */
    readonly organization?: string | undefined;
    /** Bills to this project. Default: the key's own. */
    readonly project?: string | undefined;
}

// dist/openai-responses-provider.d.ts
import type { Provider } from '@starling/provider';
import type { OpenAIResponsesProviderOptions } from './openai-responses-provider-options.ts';
/**
 * Creates a provider that speaks the Responses API with OpenAI or a compatible endpoint.
 *
 * Nothing is kept at the vendor: every request carries the whole conversation,
 * reasoning and the calls of the vendor's own tools included, which is how the
 * model goes on thinking where it was, also after a resume. The vendor's own
 * tools are offered with `params.tools`.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS` for options it cannot use,
 * `PROVIDER_AUTH` for an empty key, or when calls would go to OpenAI without one.
 */
export declare function createOpenAIResponsesProvider(options?: OpenAIResponsesProviderOptions): Provider;

// dist/openai-vendor.d.ts
import { type ClassifierTables, createClassifier, type HttpProviderOptions, type OwnOptionNames, type VendorProfile } from '@starling/provider-http';
/** What the codes of OpenAI, and of servers that speak as it does, mean. */
export declare const CHAT_ERROR_CODES: ClassifierTables;
/** Classifies an error by {@link CHAT_ERROR_CODES}. */
export declare const classifyChatError: ReturnType<typeof createClassifier>;
/** What sets OpenAI, or a compatible endpoint in its place, apart from other vendors. */
export declare function openAIVendor<Options extends HttpProviderOptions>(options: OpenAIAccount, ownOptions: OwnOptionNames<Options>): VendorProfile<Options>;
/** Who pays. */
interface OpenAIAccount {
    readonly organization?: string | undefined;
    readonly project?: string | undefined;
}
export {};
