import { type Provider, ProviderError } from '@starling/provider'
import { type HttpProviderOptions, isHostOf, resolveConnection } from '@starling/provider-http'
import { CHAT_CAPABILITIES } from './chat-dialect.ts'
import { createChatProvider } from './chat-provider.ts'
import { COMPATIBLE_ENDPOINTS, COMPATIBLE_VENDORS, type CompatibleVendor } from './compatible-vendors.ts'
import { textOf } from './json-text.ts'
import { assertEffort, limitByModel } from './model-limits.ts'
import { classifyChatError } from './openai-vendor.ts'

/**
 * How {@link createCompatibleProvider} reaches a vendor.
 *
 * `apiKey` defaults to the vendor's own variable, such as `GROQ_API_KEY`, and
 * only towards the vendor itself; servers of one's own have none. `baseUrl` and
 * `providerId` default to the vendor's, `apiVersion` to `v1`.
 */
export interface CompatibleProviderOptions extends HttpProviderOptions {
  /** Names a tool call that the server left without an id. Default: `call_` and a random UUID. */
  readonly generateCallId?: (() => string) | undefined
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
export function createCompatibleProvider(vendor: CompatibleVendor, options: CompatibleProviderOptions = {}): Provider {
  if (!COMPATIBLE_VENDORS.includes(vendor)) {
    throw new ProviderError(
      'PROVIDER_INVALID_OPTIONS',
      `unknown vendor "${vendor}": known are ${COMPATIBLE_VENDORS.join(', ')}`,
    )
  }
  const { baseUrl, domains = [], keyVariable, dialect, limits = [] } = COMPATIBLE_ENDPOINTS[vendor]
  const connection = resolveConnection<CompatibleProviderOptions>(options, {
    name: vendor,
    apiVersion: 'v1',
    keyVariables: keyVariable === undefined ? [] : [keyVariable],
    defaultBaseUrl: baseUrl,
    isOwnHost: (url) => domains.some((domain) => isHostOf(domain, url)),
    keyHeaders: (key) => ({ authorization: `Bearer ${key}` }),
    requestIdHeader: 'x-request-id',
    ownOptions: { generateCallId: true },
    classify: classifyChatError,
  })
  return createChatProvider(connection, {
    // Strict schemas are OpenAI's own.
    strictSchemas: false,
    requestIdOf: (_, chunk) => textOf(chunk['id']) || undefined,
    ...dialect,
    capabilitiesOf: limitByModel(dialect.capabilities ?? CHAT_CAPABILITIES, limits),
    assertRequest: (request) => assertEffort(request, limits),
    generateCallId: options.generateCallId,
  })
}
