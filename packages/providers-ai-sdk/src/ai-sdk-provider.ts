import {
  assertSupported,
  type CallOptions,
  type ModelChunk,
  type ModelRequest,
  type Provider,
  type ProviderCapabilities,
} from '@starling/provider'
import type { AiSdkProviderOptions } from './ai-sdk-provider-options.ts'
import { assertModel } from './assert-model.ts'
import { convertToCallOptions } from './convert-to-call-options.ts'
import { resolveSettings, type Settings } from './resolve-settings.ts'
import { streamModel } from './stream-model.ts'

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
export function createAiSdkProvider(options: AiSdkProviderOptions): Provider {
  return new AiSdkProvider(resolveSettings(options))
}

class AiSdkProvider implements Provider {
  readonly info: Provider['info']
  readonly capabilities: Provider['capabilities']
  readonly #settings: Settings

  constructor(settings: Settings) {
    this.info = settings.info
    this.capabilities = settings.capabilities
    this.#settings = settings
  }

  capabilitiesOf(model: string): ProviderCapabilities {
    assertModel(model, this.#settings)
    return this.capabilities
  }

  stream(request: ModelRequest, options: CallOptions = {}): AsyncIterable<ModelChunk> {
    return streamModel(this.#settings, {
      signal: options.signal,
      prepare: () => {
        assertModel(request.model, this.#settings)
        assertSupported(request, this.capabilities, this.info.id)
        return convertToCallOptions(request, this.#settings)
      },
    })
  }
}
