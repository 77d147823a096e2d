// dist/ai-sdk-language-model.d.ts
/**
 * A language model of the AI SDK, as far as it is used here: every
 * `LanguageModelV4`, `LanguageModelV3` and `LanguageModelV2` is one.
 */
export interface AiSdkLanguageModel {
    /** `v4`, `v3` or `v2`. */
    readonly specificationVersion: string;
    /** The name of the package's provider, such as `anthropic.messages`. */
    readonly provider: string;
    readonly modelId: string;
    /** Calls the model once. */
    doStream(options: object): PromiseLike<AiSdkStream>;
}
/** What {@link AiSdkLanguageModel.doStream} resolves with. */
export interface AiSdkStream {
    /** The stream parts of the specification. */
    readonly stream: ReadableStream<unknown>;
    readonly response?: {
        readonly headers?: Readonly<Record<string, string>> | undefined;
    } | undefined;
}
/** The versions of the specification that are spoken here, newest first. */
export declare const SPECIFICATION_VERSIONS: readonly ['v4', 'v3', 'v2'];
/** A version of the specification: one of {@link SPECIFICATION_VERSIONS}. */
export type SpecificationVersion = (typeof SPECIFICATION_VERSIONS)[number];

// dist/ai-sdk-provider-options.d.ts
import type { ProviderCapabilities } from '@starling/provider';
import type { HttpTimeouts } from '@starling/provider-http';
import type { AiSdkLanguageModel } from './ai-sdk-language-model.ts';
/** What a model says it did differently than it was asked. */
export interface AiSdkWarning {
    /** The model's own word: `unsupported`, `compatibility`, `deprecated`, `other`, or a later one. */
    readonly type: string;
    /** What it is about, such as `topK`; empty when the model did not say. */
    readonly feature: string;
    /** One line; empty when the model gave no words. */
    readonly message: string;
}
/** A tool that runs on the vendor's servers. */
export interface AiSdkProviderTool {
    /** The vendor's id of the tool, such as `anthropic.web_search_20250305`. */
    readonly id: `${string}.${string}`;
    /** What the model calls it. */
    readonly name: string;
    /** How the vendor is to run it. */
    readonly args: Readonly<Record<string, unknown>>;
}
/** Options or metadata of a vendor, under the namespace of its package. */
export type AiSdkProviderMetadata = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
/** How {@link createAiSdkProvider} uses its model. */
export interface AiSdkProviderOptions {
    /** The model. Its key, its endpoint and its `fetch` are the business of its own package. */
    readonly model: AiSdkLanguageModel;
    /** How the provider is named in the log. Default: the model's `provider`. */
    readonly providerId?: string | undefined;
    /** The API version as named in the log; a label only. Default: the version of the specification, such as `v4`. */
    readonly apiVersion?: string | undefined;
    /** How long a call may be silent; the start of a stream and a `ping` part say nothing. Default: five minutes. */
    readonly timeouts?: HttpTimeouts | undefined;
    /**
     * What this model cannot do: refused before anything is sent. The
     * specification lets nobody ask a model; without this its warning says so,
     * once it answers. Default: none.
     */
    readonly unsupported?: readonly (keyof ProviderCapabilities)[] | undefined;
    /**
     * Decides what a warning means: `refuse` ends the call before any content.
     * Default: `refuse` for `unsupported`, which is a setting left out, and
     * `allow` for everything else.
     */
    readonly onWarning?: ((warning: AiSdkWarning) => 'allow' | 'refuse') | undefined;
    /**
     * The namespaces that `params` may fill beside the model's own; a namespace
     * that a package does not know is ignored by it without a word. Default: none.
     */
    readonly optionNamespaces?: readonly string[] | 'any' | undefined;
    /** Tools on the vendor's servers, offered beside the tools of each request. Default: none. */
    readonly providerTools?: readonly AiSdkProviderTool[] | undefined;
    /**
     * Makes the provider options that mark the end of what the vendor may reuse,
     * such as `{anthropic: {cacheControl: {type: 'ephemeral', ttl}}}`: the
     * specification has no word for it. Default: none, a request's `cache` changes nothing.
     */
    readonly cacheMarker?: ((ttl: '5m' | '1h' | undefined) => AiSdkProviderMetadata) | undefined;
    /** What must never appear in an error, such as the model's key. Default: none beside what `env` holds. */
    readonly secrets?: readonly string[] | undefined;
    /**
     * Where packages find keys: the value of every variable that is named like
     * one never appears in an error. Default: `process.env`.
     */
    readonly env?: Readonly<Record<string, string | undefined>> | undefined;
    /**
     * Whether to ask the model for the vendor's own chunks, for the raw response hash and for the usage of an answer that
     * breaks off. Default: `true`.
     */
    readonly includeRawChunks?: boolean | undefined;
    /** The clock, in milliseconds since the epoch; reads `Retry-After` dates. Default: `Date.now`. */
    readonly now?: (() => number) | undefined;
}

// dist/ai-sdk-provider.d.ts
import { type Provider } from '@starling/provider';
import type { AiSdkProviderOptions } from './ai-sdk-provider-options.ts';
/**
 * Creates a provider that asks a language model of the AI SDK.
 *
 * Every call is one `doStream`: the model level of the SDK does not retry.
 * What the model wants back on the next turn, its provider metadata, travels
 * as signatures and opaque parts, so that it is there after a resume too.
 *
 * The model is bound to its id: asked for another one, also only for what that
 * one can do, the provider throws `PROVIDER_INVALID_OPTIONS`, so that an agent
 * of another model is refused when it is made.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS` for options it cannot use and
 * for a model of another version of the specification.
 * @example
 * ```ts
 * import { anthropic } from '@ai-sdk/anthropic'
 *
 * const provider = createAiSdkProvider({ model: anthropic('claude-sonnet-4-5') })
 * ```
 */
export declare function createAiSdkProvider(options: AiSdkProviderOptions): Provider;

// dist/index.d.ts
export type { AiSdkLanguageModel, AiSdkStream } from './ai-sdk-language-model.ts';
export { createAiSdkProvider } from './ai-sdk-provider.ts';
export type { AiSdkProviderMetadata, AiSdkProviderOptions, AiSdkProviderTool, AiSdkWarning, } from './ai-sdk-provider-options.ts';
