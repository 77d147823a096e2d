// dist/index.d.ts
export { createOpenAIProvider } from './openai-provider.ts';
export type { OpenAIProviderOptions, OpenAITimeouts } from './openai-provider-options.ts';

// dist/openai-provider-options.d.ts
/** How long a call may be silent. */
export interface OpenAITimeouts {
    /**
     * From sending the request to the first chunk of the answer, in milliseconds;
     * 0 for no limit. Node's own `fetch` gives up after 300,000 anyway. Default: 300,000.
     */
    readonly firstChunkMs?: number | undefined;
    /**
     * Between two chunks, in milliseconds; keep-alive comments do not count and
     * 0 is no limit. Default: 300,000.
     */
    readonly betweenChunksMs?: number | undefined;
}
/** How {@link createOpenAIProvider} reaches an endpoint. */
export interface OpenAIProviderOptions {
    /**
     * The API key, sent as a bearer token; `null` sends none.
     *
     * Default: `OPENAI_API_KEY`, but only towards OpenAI itself or the endpoint
     * that `OPENAI_BASE_URL` names: another endpoint never gets that key unasked.
     */
    readonly apiKey?: string | null | undefined;
    /** Where the API begins, with its version. Default: `OPENAI_BASE_URL`, else `https://api.openai.com/v1`. */
    readonly baseUrl?: string | undefined;
    /** Bills to this organization. Default: the key's own. */
    readonly organization?: string | undefined;
    /** Bills to this project. Default: the key's own. */
    readonly project?: string | undefined;
    /** Further request headers; they win over the ones that are set here. */
    readonly headers?: Readonly<Record<string, string>> | undefined;
    /** Query parameters of every request. */
    readonly query?: Readonly<Record<string, string>> | undefined;
    /** How the provider is named in the log. Default: `openai`. */
    readonly providerId?: string | undefined;
    /** The API version as named in the log; a label only. Default: `v1`. */
    readonly apiVersion?: string | undefined;
    readonly timeouts?: OpenAITimeouts | undefined;
    /** The field for the limit on output tokens; older servers only know `max_tokens`. Default: `max_completion_tokens`. */
    readonly maxTokensField?: 'max_completion_tokens' | 'max_tokens' | undefined;
    /** Whether to ask for token counts; `false` for servers that refuse `stream_options`. Default: `true`. */
    readonly includeUsage?: boolean | undefined;
    /** Sends the requests. Default: the global `fetch`. */
    readonly fetch?: typeof globalThis.fetch | undefined;
    /** Where the defaults of `apiKey` and `baseUrl` are looked up. Default: `process.env`. */
    readonly env?: Readonly<Record<string, string | undefined>> | undefined;
    /** Names a tool call that the server left without an id. Default: `call_` and a random UUID. */
    readonly generateCallId?: (() => string) | undefined;
    /** The clock, in milliseconds since the epoch; reads `Retry-After` dates. Default: `Date.now`. */
    readonly now?: (() => number) | undefined;
}

// dist/openai-provider.d.ts
import type { Provider } from '@starling/provider';
import type { OpenAIProviderOptions } from './openai-provider-options.ts';
/**
 * Creates a provider that speaks Chat Completions with OpenAI or any compatible endpoint.
 *
 * Every call is one streaming request, sent once: retrying is up to the caller,
 * who records it. Reasoning that arrives is passed on, but never sent back.
 *
 * A call that would go to OpenAI without a key fails with `PROVIDER_AUTH` before
 * anything is sent; making the provider does not, because a replay needs no key.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS` for options it cannot use,
 * `PROVIDER_AUTH` for an empty key.
 */
export declare function createOpenAIProvider(options?: OpenAIProviderOptions): Provider;
