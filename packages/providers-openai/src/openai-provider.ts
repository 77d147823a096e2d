import type { Provider } from '@starling/provider'
import { resolveConnection } from '@starling/provider-http'
import { createChatProvider } from './chat-provider.ts'
import type { OpenAIProviderOptions } from './openai-provider-options.ts'
import { CHAT_CAPABILITIES } from './chat-dialect.ts'
import { assertEffort, limitByModel } from './model-limits.ts'
import { OPENAI_MODELS } from './openai-models.ts'
import { openAIVendor } from './openai-vendor.ts'
import { reasoningAs } from './send-reasoning.ts'

const chatCapabilitiesOf = limitByModel(CHAT_CAPABILITIES, OPENAI_MODELS)

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
export function createOpenAIProvider(options: OpenAIProviderOptions = {}): Provider {
  const { maxTokensField, includeUsage, reasoningField, generateCallId } = options
  const vendor = openAIVendor<OpenAIProviderOptions>(options, {
    organization: true,
    project: true,
    maxTokensField: true,
    includeUsage: true,
    reasoningField: true,
    generateCallId: true,
  })
  return createChatProvider(resolveConnection(options, vendor), {
    capabilitiesOf: chatCapabilitiesOf,
    assertRequest: (request) => assertEffort(request, OPENAI_MODELS),
    maxTokensField,
    includeUsage,
    generateCallId,
    ...(reasoningField !== undefined && { messageFields: reasoningAs(reasoningField) }),
  })
}
