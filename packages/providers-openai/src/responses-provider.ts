import {
  type CallOptions,
  type ModelChunk,
  type ModelRequest,
  type Provider,
  type ProviderCapabilities,
} from '@starling/provider'
import { assertAble, type Connection, streamAnswer } from '@starling/provider-http'
import { convertToResponsesRequest } from './convert-to-responses-request.ts'
import { limitByModel } from './model-limits.ts'
import { OPENAI_MODELS } from './openai-models.ts'
import type { ResponsesSettings } from './openai-responses-provider-options.ts'
import { createResponsesAnswer } from './responses-answer.ts'

const CAPABILITIES: ProviderCapabilities = {
  tools: true,
  toolChoice: true,
  reasoning: true,
  requestId: true,
  maxOutputTokens: true,
  temperature: true,
  topP: true,
  reasoningEffort: true,
  jsonFormat: true,
  schemaFormat: true,
  parallelToolCalls: true,
  images: true,
  files: true,
  toolAttachments: true,
  opaqueParts: true,
  citations: true,
}

/** What each of OpenAI's models can do over the Responses API. */
export const responsesCapabilitiesOf: (model: string) => ProviderCapabilities = limitByModel(
  CAPABILITIES,
  OPENAI_MODELS,
)

/** How a provider of the Responses API is made. */
export interface ResponsesProviderOptions {
  readonly settings?: ResponsesSettings | undefined
  /** What a request to one model may ask for. Default: the same for all. */
  readonly capabilitiesOf?: ((model: string) => ProviderCapabilities) | undefined
}

/** Creates a provider that speaks the Responses API over `connection`. */
export function createResponsesProvider(connection: Connection, options: ResponsesProviderOptions = {}): Provider {
  return new ResponsesProvider(connection, options)
}

class ResponsesProvider implements Provider {
  readonly info: { readonly id: string; readonly apiVersion: string }
  readonly capabilities: ProviderCapabilities = CAPABILITIES
  readonly #connection: Connection
  readonly #settings: ResponsesSettings
  readonly #limits: ResponsesProviderOptions['capabilitiesOf']
  readonly #url: URL

  constructor(connection: Connection, { settings = {}, capabilitiesOf }: ResponsesProviderOptions) {
    this.info = connection.info
    this.#connection = connection
    this.#settings = settings
    this.#limits = capabilitiesOf
    this.#url = connection.url('/responses')
  }

  capabilitiesOf(model: string): ProviderCapabilities {
    return this.#limits?.(model) ?? this.capabilities
  }

  stream(request: ModelRequest, options: CallOptions = {}): AsyncIterable<ModelChunk> {
    return streamAnswer(this.#connection, {
      signal: options.signal,
      prepare: () => {
        assertAble(request, this)
        const target = { settings: this.#settings, providerId: this.info.id }
        return { url: this.#url, body: convertToResponsesRequest(request, target) }
      },
      open: createResponsesAnswer,
    })
  }
}
