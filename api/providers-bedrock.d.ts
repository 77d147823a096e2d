// dist/bedrock-provider-options.d.ts
import type { HttpTimeouts } from '@starling/provider-http';
/** The keys of an AWS identity. */
export interface BedrockCredentials {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    /** Comes with temporary keys. Default: none. */
    readonly sessionToken?: string | undefined;
    /** When the keys end; a function is asked for new ones shortly before. Default: never. */
    readonly expiration?: Date | undefined;
}
/** How {@link createBedrockProvider} reaches Bedrock. */
export interface BedrockProviderOptions {
    /** The AWS region, such as `us-east-1`. Default: what the SDK finds (`AWS_REGION`, then the profile). */
    readonly region?: string | undefined;
    /**
     * The keys to sign with, or a function that is asked for them at the first
     * call and again before they expire.
     *
     * Default: what the SDK finds (environment, profile, container, instance).
     * Looking there needs I/O, so only the first call shows whether there are any.
     */
    readonly credentials?: BedrockCredentials | (() => BedrockCredentials | Promise<BedrockCredentials>) | undefined;
    /**
     * An API key of Bedrock, instead of credentials; requests are not signed then.
     * Default: none, or `AWS_BEARER_TOKEN_BEDROCK` where the SDK looks for credentials.
     */
    readonly apiKey?: string | undefined;
    /** Where the API is, such as a private endpoint or a gateway. Default: the endpoint of the region. */
    readonly baseUrl?: string | undefined;
    /** Whether models are asked to cite the documents they are given. Default: `false`. */
    readonly citeDocuments?: boolean | undefined;
    /** How long a call may be silent. Default: five minutes. */
    readonly timeouts?: HttpTimeouts | undefined;
    /** How the provider is named in the log. Default: `bedrock`. */
    readonly providerId?: string | undefined;
    /** The API version as named in the log; a label only. Default: `2023-09-30`, the service's own. */
    readonly apiVersion?: string | undefined;
    /** Sends the signed requests. Default: the global `fetch`. */
    readonly fetch?: typeof globalThis.fetch | undefined;
    /** The clock, in milliseconds since the epoch; reads `Retry-After` dates. Default: `Date.now`. */
    readonly now?: (() => number) | undefined;
}

// dist/bedrock-provider.d.ts
import type { Provider } from '@starling/provider';
import type { BedrockProviderOptions } from './bedrock-provider-options.ts';
/**
 * Creates a provider for the models of Amazon Bedrock, over ConverseStream.
 *
 * The AWS SDK finds the endpoint and signs; one call is one request, which the
 * SDK never repeats. Making the provider needs no network and reads no
 * profile: credentials that are given are checked here, those that the SDK has
 * to look for at the first call.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS` for options it cannot use,
 * `PROVIDER_AUTH` for empty keys.
 * @example
 * ```ts
 * const provider = createBedrockProvider({ region: 'eu-central-1' })
 * ```
 */
export declare function createBedrockProvider(options?: BedrockProviderOptions): Provider;

// dist/index.d.ts
export { createBedrockProvider } from './bedrock-provider.ts';
export type { BedrockCredentials, BedrockProviderOptions } from './bedrock-provider-options.ts';
