import type { CallOptions, ModelChunk, ModelRequest, Provider, ProviderCapabilities } from '@starling/provider'
import {
  assertAble,
  type Connection,
  createRawResponseHash,
  type RawResponseHash,
  resolveConnection,
  streamAnswer,
} from '@starling/provider-http'
import type { AnthropicProviderOptions } from './anthropic-provider-options.ts'
import { anthropicVendor } from './anthropic-vendor.ts'
import { continuePaused, mayPause } from './continue-paused.ts'
import { convertToMessagesRequest } from './convert-to-messages-request.ts'
import { createMessagesAnswer } from './messages-answer.ts'
import { factsOf } from './model-facts.ts'

const CAPABILITIES: ProviderCapabilities = {
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
  parallelToolCalls: true,
  images: true,
  files: true,
  toolAttachments: true,
  opaqueParts: true,
  citations: true,
}

// The first version of the API without temperature, top-p and top-k.
const WITHOUT_SAMPLING = '2026-10-21'

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
export function createAnthropicProvider(options: AnthropicProviderOptions = {}): Provider {
  return new AnthropicProvider(resolveConnection(options, anthropicVendor(options)))
}

class AnthropicProvider implements Provider {
  readonly info: { readonly id: string; readonly apiVersion: string }
  readonly capabilities: ProviderCapabilities
  readonly #connection: Connection
  readonly #url: URL

  constructor(connection: Connection) {
    this.info = connection.info
    const takesSampling = connection.info.apiVersion < WITHOUT_SAMPLING
    this.capabilities = { ...CAPABILITIES, temperature: takesSampling, topP: takesSampling, topK: takesSampling }
    this.#connection = connection
    this.#url = connection.url('/v1/messages')
  }

  capabilitiesOf(model: string): ProviderCapabilities {
    const { temperature, topP, topK } = this.capabilities
    const { takesSampling, takesSchema, thinking } = factsOf(model)
    const reasons = thinking !== 'never'
    return {
      ...this.capabilities,
      temperature: takesSampling && temperature,
      topP: takesSampling && topP,
      topK: takesSampling && topK,
      reasoning: reasons,
      reasoningEffort: reasons,
      schemaFormat: takesSchema,
    }
  }

  stream(request: ModelRequest, options: CallOptions = {}): AsyncIterable<ModelChunk> {
    const hash = createRawResponseHash()
    return mayPause(request)
      ? continuePaused(request, (next) => this.#ask(next, hash, options.signal))
      : this.#ask(request, hash, options.signal)
  }

  #ask(request: ModelRequest, hash: RawResponseHash, signal: AbortSignal | undefined): AsyncIterable<ModelChunk> {
    const { id: providerId } = this.info
    return streamAnswer(this.#connection, {
      signal,
      prepare: () => {
        assertAble(request, this)
        const body = convertToMessagesRequest(request, { providerId, nowMs: this.#connection.now() })
        return { url: this.#url, body }
      },
      open: (answer) => createMessagesAnswer(answer, hash),
    })
  }
}
