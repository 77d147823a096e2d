import { ProviderError } from '@starling/provider'
import type { CallOptions, ModelChunk, ModelRequest, Provider, ProviderCapabilities } from '@starling/provider'
import { createCallScope } from './call-scope.ts'
import { convertToChatRequest } from './convert-to-chat-request.ts'
import type { OpenAIProviderOptions } from './openai-provider-options.ts'
import { resolveSettings, type Settings } from './resolve-settings.ts'
import { streamChat } from './stream-chat.ts'

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
export function createOpenAIProvider(options: OpenAIProviderOptions = {}): Provider {
  return new OpenAIProvider(resolveSettings(options))
}

class OpenAIProvider implements Provider {
  readonly info: { readonly id: string; readonly apiVersion: string }
  readonly capabilities: ProviderCapabilities = {
    tools: true,
    toolChoice: true,
    reasoning: true,
    stopSequences: true,
    requestId: true,
  }
  readonly #settings: Settings

  constructor(settings: Settings) {
    this.#settings = settings
    this.info = { id: settings.id, apiVersion: settings.apiVersion }
  }

  async *stream(request: ModelRequest, options: CallOptions = {}): AsyncGenerator<ModelChunk> {
    options.signal?.throwIfAborted()
    const { missingKey } = this.#settings
    if (missingKey !== undefined) throw new ProviderError('PROVIDER_AUTH', missingKey)
    const scope = createCallScope(options.signal)
    try {
      const body = convertToChatRequest(request, this.#settings.body)
      yield* streamChat(this.#settings, body, scope)
    } finally {
      scope.release()
    }
  }
}
