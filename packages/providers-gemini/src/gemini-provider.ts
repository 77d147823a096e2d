import type { CallOptions, ModelChunk, ModelRequest, Provider, ProviderCapabilities } from '@starling/provider'
import {
  assertAble,
  type Connection,
  createRawResponseHash,
  type RawResponseHash,
  resolveConnection,
  streamAnswer,
} from '@starling/provider-http'
import { type Continuation, continueAnswer, mayContinue } from './continue-answer.ts'
import { convertToGenerateContentRequest } from './convert-to-generate-content-request.ts'
import { createGenerateContentAnswer } from './generate-content-answer.ts'
import type { GeminiProviderOptions } from './gemini-provider-options.ts'
import { geminiVendor } from './gemini-vendor.ts'
import { factsOf } from './model-facts.ts'
import { modelPath } from './model-path.ts'

const CAPABILITIES: ProviderCapabilities = {
  tools: true,
  toolChoice: true,
  reasoning: true,
  stopSequences: true,
  requestId: true,
  maxOutputTokens: true,
  temperature: true,
  topP: true,
  topK: true,
  seed: true,
  reasoningEffort: true,
  jsonFormat: true,
  schemaFormat: true,
  images: true,
  files: true,
  toolAttachments: true,
  opaqueParts: true,
  citations: true,
}

const SSE: Readonly<Record<string, string>> = { alt: 'sse' }

/**
 * Creates a provider that speaks `streamGenerateContent` with Google's Gemini API or a compatible endpoint.
 *
 * Every call is one streaming request, sent once: retrying is up to the caller,
 * who records it. Only an answer that is longer than one request may be is
 * asked for again, as the vendor says, until it is whole.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS` for options it cannot use,
 * `PROVIDER_AUTH` for an empty key, or when calls would go to Google without one.
 */
export function createGeminiProvider(options: GeminiProviderOptions = {}): Provider {
  const { generateCallId = () => `call_${crypto.randomUUID()}` } = options
  return new GeminiProvider(resolveConnection(options, geminiVendor(options)), generateCallId)
}

class GeminiProvider implements Provider {
  readonly info: { readonly id: string; readonly apiVersion: string }
  readonly capabilities: ProviderCapabilities = CAPABILITIES
  readonly #connection: Connection
  readonly #generateCallId: () => string

  constructor(connection: Connection, generateCallId: () => string) {
    this.info = connection.info
    this.#connection = connection
    this.#generateCallId = generateCallId
  }

  capabilitiesOf(model: string): ProviderCapabilities {
    const { thinking, takesTools, takesFormat, takesFormatWithTools, takesResultParts, takesSampling } = factsOf(model)
    const reasons = thinking.by !== 'nothing'
    return {
      ...this.capabilities,
      tools: takesTools,
      toolChoice: takesTools,
      reasoning: reasons,
      reasoningEffort: reasons,
      temperature: takesSampling,
      topP: takesSampling,
      topK: takesSampling,
      jsonFormat: takesFormat,
      schemaFormat: takesFormat,
      formatExcludesTools: !takesFormatWithTools,
      toolAttachments: takesResultParts,
    }
  }

  stream(request: ModelRequest, options: CallOptions = {}): AsyncIterable<ModelChunk> {
    const { signal } = options
    const hash = createRawResponseHash()
    const ask = (continuation: Continuation): AsyncIterable<ModelChunk> =>
      this.#ask(request, { signal, hash, continuation })
    return mayContinue(request) ? continueAnswer(ask) : ask({ token: undefined })
  }

  #ask(request: ModelRequest, call: OneCall): AsyncIterable<ModelChunk> {
    const { hash, continuation, signal } = call
    return streamAnswer(this.#connection, {
      signal,
      prepare: () => {
        const { id: providerId, apiVersion } = this.info
        assertAble(request, this)
        const path = `/${apiVersion}/${modelPath(request.model)}:streamGenerateContent`
        const body = convertToGenerateContentRequest(request, { providerId, continuationToken: continuation.token })
        return { url: this.#connection.url(path, SSE), body }
      },
      open: (context) =>
        createGenerateContentAnswer(context, { hash, continuation, generateCallId: this.#generateCallId }),
    })
  }
}

/** What one request of an answer has of its own. */
interface OneCall {
  readonly signal: AbortSignal | undefined
  readonly hash: RawResponseHash
  readonly continuation: Continuation
}
