import type { Provider } from '@starling/provider'
import { resolveConnection } from '@starling/provider-http'
import type { OpenAIResponsesProviderOptions } from './openai-responses-provider-options.ts'
import { OPENAI_MODELS } from './openai-models.ts'
import { openAIVendor } from './openai-vendor.ts'
import { createResponsesProvider } from './responses-provider.ts'

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
export function createOpenAIResponsesProvider(options: OpenAIResponsesProviderOptions = {}): Provider {
  const vendor = openAIVendor<OpenAIResponsesProviderOptions>(options, {
    organization: true,
    project: true,
    reasoningSummary: true,
    encryptedReasoning: true,
  })
  return createResponsesProvider(resolveConnection(options, vendor), {
    settings: options,
    limits: OPENAI_MODELS,
  })
}
