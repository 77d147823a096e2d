import {
  type CallOptions,
  type ModelChunk,
  type ModelRequest,
  type Provider,
  type ProviderCapabilities,
} from '@starling/provider'
import { assertAble, type Connection, streamAnswer } from '@starling/provider-http'
import { convertToResponsesRequest } from './convert-to-responses-request.ts'
import { assertEffort, limitByModel, type ModelLimits } from './model-limits.ts'
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

/** How a provider of the Responses API is made. */
export interface ResponsesProviderOptions {
  readonly settings?: ResponsesSettings | undefined
  /** What some models cannot do. Default: nothing is known. */
  readonly limits?: readonly ModelLimits[] | undefined
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
  readonly #limits: readonly ModelLimits[]
  readonly #capabilitiesOf: (model: string) => ProviderCapabilities
  readonly #url: URL

  constructor(connection: Connection, { settings = {}, limits = [] }: ResponsesProviderOptions) {
    this.info = connection.info
    this.#connection = connection
    this.#settings = settings
    this.#limits = limits
    this.#capabilitiesOf = limitByModel(CAPABILITIES, limits)
    this.#url = connection.url('/responses')
  }

  capabilitiesOf(model: string): ProviderCapabilities {
    return this.#capabilitiesOf(model)
  }

  stream(request: ModelRequest, options: CallOptions = {}): AsyncIterable<ModelChunk> {
    return streamAnswer(this.#connection, {
      signal: options.signal,
      prepare: () => {
        assertAble(request, this)
        assertEffort(request, this.#limits)
        const target = { settings: this.#settings, providerId: this.info.id }
        return { url: this.#url, body: convertToResponsesRequest(request, target) }
      },
      open: createResponsesAnswer,
    })
  }
}
