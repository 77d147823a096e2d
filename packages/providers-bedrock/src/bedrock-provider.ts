import type { CallOptions, ModelChunk, ModelRequest, Provider, ProviderCapabilities } from '@starling/provider'
import { assertAble, type HttpRequest, streamDecoded } from '@starling/provider-http'
import type { BedrockProviderOptions } from './bedrock-provider-options.ts'
import { createConverseAnswer } from './converse-answer.ts'
import { convertToConverseRequest } from './convert-to-converse-request.ts'
import { createEventStreamDecoder } from './decode-event-stream.ts'
import { capabilitiesWith } from './model-facts.ts'
import { resolveSettings, type Settings } from './resolve-settings.ts'
import { createSignRequest, type SignRequest } from './sign-request.ts'

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
export function createBedrockProvider(options: BedrockProviderOptions = {}): Provider {
  return new BedrockProvider(resolveSettings(options), createSignRequest(options))
}

class BedrockProvider implements Provider {
  readonly info: { readonly id: string; readonly apiVersion: string }
  readonly capabilities: ProviderCapabilities = {
    tools: true,
    toolChoice: true,
    reasoning: true,
    stopSequences: true,
    cacheControl: true,
    requestId: true,
    maxOutputTokens: true,
    temperature: true,
    topP: true,
    topK: true,
    reasoningEffort: true,
    schemaFormat: true,
    images: true,
    files: true,
    toolAttachments: true,
    opaqueParts: true,
    citations: true,
  }
  readonly #settings: Settings
  readonly #signRequest: SignRequest

  constructor(settings: Settings, signRequest: SignRequest) {
    this.#settings = settings
    this.#signRequest = signRequest
    this.info = settings.info
  }

  capabilitiesOf(model: string): ProviderCapabilities {
    return capabilitiesWith(model, this.capabilities)
  }

  stream(request: ModelRequest, { signal }: CallOptions = {}): AsyncGenerator<ModelChunk> {
    const call = {
      signal,
      prepare: (over: AbortSignal) => this.#prepare(request, over),
      open: createConverseAnswer,
    }
    return streamDecoded(this.#settings, call, createEventStreamDecoder)
  }

  async #prepare(request: ModelRequest, signal: AbortSignal): Promise<HttpRequest> {
    assertAble(request, this)
    const body = convertToConverseRequest(request, this.#settings)
    const { url, ...credentials } = await untilAbort(this.#signRequest(request.model, body), signal)
    return { url, body, credentials }
  }
}

// The SDK may look for keys over the network and takes no signal for it.
async function untilAbort<T>(operation: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = (): void => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([operation, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
