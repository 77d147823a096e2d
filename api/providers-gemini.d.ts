// dist/gemini-provider-options.d.ts
import type { HttpProviderOptions } from '@starling/provider-http';
/**
 * How {@link createGeminiProvider} reaches the Gemini API.
 *
 * `apiKey` defaults to `GEMINI_API_KEY`, else `GOOGLE_API_KEY`, but only towards
 * Google itself or the endpoint that `GOOGLE_GEMINI_BASE_URL` names. `baseUrl` is
 * where the API begins, without its version, and defaults to
 * `GOOGLE_GEMINI_BASE_URL`, else `https://generativelanguage.googleapis.com`.
 * `providerId` defaults to `gemini`.
 *
 * `apiVersion` is more than a label here: it is part of the address. It
 * defaults to `v1beta`, the version with tools, thinking and JSON Schema.
 */
export interface GeminiProviderOptions extends HttpProviderOptions {
    /** Names a tool call that the vendor left without an id. Default: `call_` and a random UUID. */
    readonly generateCallId?: (() => string) | undefined;
}

// dist/gemini-provider.d.ts
import type { Provider } from '@starling/provider';
import type { GeminiProviderOptions } from './gemini-provider-options.ts';
/**
 * Creates a provider that speaks `streamGenerateContent` with Google's Gemini API or a compatible endpoint.
 *
 * Every call is one streaming request, sent once: retrying is up to the caller,
 * who records it. Only an answer that is longer than one request may be is
 * asked for again, as the vendor says, until it is whole.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS` for options it cannot use,
 * `PROVIDER_AUTH` for an empty key, or when calls would go to Google without one.
 */
export declare function createGeminiProvider(options?: GeminiProviderOptions): Provider;

// dist/index.d.ts
export { createGeminiProvider } from './gemini-provider.ts';
export type { GeminiProviderOptions } from './gemini-provider-options.ts';
