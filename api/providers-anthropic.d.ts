// dist/anthropic-provider-options.d.ts
import type { HttpProviderOptions } from '@starling/provider-http';
/**
 * How {@link createAnthropicProvider} reaches the Messages API.
 *
 * `apiKey` defaults to `ANTHROPIC_API_KEY`, but only towards Anthropic itself or
 * the endpoint that `ANTHROPIC_BASE_URL` names. `baseUrl` is where the API
 * begins, without its version, and defaults to `ANTHROPIC_BASE_URL`, else
 * `https://api.anthropic.com`. `providerId` defaults to `anthropic`.
 *
 * `apiVersion` is more than a label here: it is sent as `anthropic-version`. It
 * defaults to `2023-06-01`. From `2026-10-21` on the API knows no temperature,
 * top-p and top-k, and a request that sets one is refused.
 */
export interface AnthropicProviderOptions extends HttpProviderOptions {
    /** Beta features to switch on, as `anthropic-beta` names them. Default: none. */
    readonly betas?: readonly string[] | undefined;
}

// dist/anthropic-provider.d.ts
import type { Provider } from '@starling/provider';
import type { AnthropicProviderOptions } from './anthropic-provider-options.ts';
/**
 * Creates a provider that speaks the Messages API with Anthropic or a compatible endpoint.
 *
 * Every call is one streaming request, sent once: retrying is up to the caller,
 * who records it. Only an answer that the vendor pauses, as it does while its
 * own tools run, is asked for again until it is whole.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS` for options it cannot use,
 * `PROVIDER_AUTH` for an empty key, or when calls would go to Anthropic without one.
 */
export declare function createAnthropicProvider(options?: AnthropicProviderOptions): Provider;

// dist/index.d.ts
export { createAnthropicProvider } from './anthropic-provider.ts';
export type { AnthropicProviderOptions } from './anthropic-provider-options.ts';
