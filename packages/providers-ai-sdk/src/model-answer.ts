import { createBlake3, utf8Encode } from '@starling/event'
import { type ModelChunk, ProviderError, type Usage } from '@starling/provider'
import { isJsonObject, type JsonObject, shorten } from '@starling/provider-http'
import { isDeepStrictEqual } from 'node:util'
import { classifyFailure } from './classify-failure.ts'
import { textIn } from './json-value.ts'
import { type FinishReason, isCutOff, mapStopReason } from './map-stop-reason.ts'
import { mapAnthropicUsage, mapRawUsage } from './map-raw-usage.ts'
import { mapUsage } from './map-usage.ts'
import { encodeOpaque } from './opaque-part.ts'
import { type Metadata, readMetadata } from './provider-metadata.ts'
import { readWarning } from './read-warning.ts'
import { createReasoningBlocks, type ReasoningBlocks } from './reasoning-blocks.ts'
import type { Settings } from './resolve-settings.ts'
import { createTextParts, type TextParts } from './text-parts.ts'
import { createToolCalls, type ToolCalls } from './tool-calls.ts'

/** Custom content that says nothing but what the id and the usage of the answer say, only sooner: nobody wants it back. */
const ANTHROPIC_START = 'anthropic.message_start'

/** Turns the stream parts of one answer into chunks. */
export interface ModelAnswer {
  /**
   * Takes the next part.
   *
   * @throws ProviderError for an error part, and for a warning that is refused.
   */
  accept(part: unknown): ModelChunk[]
  /**
   * Takes the end of the stream.
   *
   * @throws ProviderError `PROVIDER_INVALID_STREAM`, retryable, when the answer has not ended.
   */
  finish(): ModelChunk[]
}

/**
 * Begins an answer.
 *
 * @param requestId - what the response headers name the call, for a model that does not.
 */
export function createModelAnswer(settings: Settings, requestId: string | undefined): ModelAnswer {
  return new PartTranslator(settings, requestId)
}

class PartTranslator implements ModelAnswer {
  readonly #settings: Settings
  readonly #texts: TextParts = createTextParts()
  readonly #reasoning: ReasoningBlocks = createReasoningBlocks()
  readonly #calls: ToolCalls = createToolCalls()
  readonly #hash = createBlake3()
  #hasRaw = false
  #requestId: string | undefined
  /** The last usage that went out. */
  #told: Usage | undefined
  #finish: FinishReason | undefined

  constructor(settings: Settings, requestId: string | undefined) {
    this.#settings = settings
    this.#requestId = requestId
  }

  accept(part: unknown): ModelChunk[] {
    if (!isJsonObject(part) || typeof part['type'] !== 'string')
      throw this.#invalid('sent something that is no stream part')
    switch (part['type']) {
      case 'text-start':
      case 'text-delta':
      case 'text-end':
        return this.#afterReasoning(this.#text(part))
      case 'reasoning-start':
      case 'reasoning-delta':
      case 'reasoning-end':
        return this.#after(this.#reason(part))
      case 'tool-input-start':
      case 'tool-input-delta':
      case 'tool-input-end':
      case 'tool-call':
        return this.#after(this.#afterReasoning(this.#call(part)))
      case 'finish':
        return this.#noteFinish(part)
      case 'raw':
        this.#addRaw(part['rawValue'])
        return this.#tell(mapRawUsage(part['rawValue']))
      case 'stream-start':
      case 'response-metadata':
      case 'error':
      case 'ping':
        this.#note(part)
        return []
      default:
        return this.#other(part)
    }
  }

  finish(): ModelChunk[] {
    const reason = this.#finish
    if (reason === undefined || isCutOff(reason, this.#settings.version)) {
      throw this.#invalid('was cut off: it never said why it stopped', true)
    }
    const chunks = [
      ...this.#after(this.#reasoning.finish()),
      ...this.#after(this.#calls.finish()),
      ...this.#texts.interrupt(),
    ]
    chunks.push({
      type: 'end',
      stopReason: mapStopReason(reason, { hasToolCalls: this.#calls.hasAny }),
      rawStopReason: reason.raw,
      rawResponseHash: this.#hasRaw ? this.#hash.digest() : null,
      ...(this.#requestId !== undefined && { requestId: this.#requestId }),
    })
    return chunks
  }

  #text(part: JsonObject): ModelChunk[] {
    const id = textIn(part, 'id')
    const metadata = metadataOf(part)
    if (part['type'] === 'text-delta') return this.#texts.delta(id, textIn(part, 'delta'), metadata)
    if (part['type'] === 'text-end') return this.#texts.end(id, metadata, citationsOf(part))
    this.#texts.start(id, metadata)
    return []
  }

  #reason(part: JsonObject): ModelChunk[] {
    const id = textIn(part, 'id')
    const metadata = metadataOf(part)
    if (part['type'] === 'reasoning-delta') return this.#reasoning.delta(id, textIn(part, 'delta'), metadata)
    if (part['type'] === 'reasoning-end') return this.#reasoning.end(id, metadata)
    this.#reasoning.start(id, metadata)
    return []
  }

  #call(part: JsonObject): ModelChunk[] {
    const isExecuted = part['providerExecuted'] === true
    switch (part['type']) {
      case 'tool-input-start':
        return this.#calls.begin({
          id: textIn(part, 'id'),
          name: textIn(part, 'toolName'),
          isJson: part['inputEncoding'] !== 'text',
          isExecuted,
          metadata: metadataOf(part),
        })
      case 'tool-input-delta':
        return this.#calls.delta(textIn(part, 'id'), textIn(part, 'delta'))
      case 'tool-call':
        if (isExecuted) return [{ type: 'opaque', data: encodeOpaque(part) }]
        return this.#calls.complete({
          id: textIn(part, 'toolCallId'),
          name: textIn(part, 'toolName'),
          input: textIn(part, 'input'),
          metadata: metadataOf(part),
        })
      default:
        // The end of the pieces: the whole call follows.
        return []
    }
  }

  #other(part: JsonObject): ModelChunk[] {
    // The vendor's servers are still at it, and send the result again when they are done.
    if (part['type'] === 'tool-result' && part['preliminary'] === true) return []
    if (part['type'] === 'custom' && part['kind'] === ANTHROPIC_START) {
      return this.#tell(mapAnthropicUsage(metadataOf(part)?.['anthropic']?.['usage']))
    }
    if (part['type'] === 'source' && this.#texts.cite(JSON.stringify(part))) return []
    return this.#after(this.#afterReasoning([{ type: 'opaque', data: encodeOpaque(part) }]))
  }

  /** Puts what ends the current text in front of other content. */
  #after(chunks: ModelChunk[]): ModelChunk[] {
    return chunks.length === 0 ? chunks : [...this.#texts.interrupt(), ...chunks]
  }

  /** Puts what ends the current reasoning block in front of other content. */
  #afterReasoning(chunks: ModelChunk[]): ModelChunk[] {
    return chunks.some(beginsPart) ? [...this.#reasoning.interrupt(), ...chunks] : chunks
  }

  #note(part: JsonObject): void {
    switch (part['type']) {
      case 'stream-start':
        return this.#warn(part['warnings'])
      case 'response-metadata':
        this.#requestId = textIn(part, 'id') || this.#requestId
        return
      case 'error':
        throw classifyFailure(part['error'], this.#settings)
      default:
        // A ping says nothing.
        return
    }
  }

  #noteFinish(part: JsonObject): ModelChunk[] {
    this.#finish = finishReasonOf(part['finishReason'])
    return this.#tell(mapUsage(part['usage'], this.#settings.model.provider))
  }

  /** The usage goes out at once: what breaks off after it was paid for too. */
  #tell(usage: Usage | undefined): ModelChunk[] {
    if (usage === undefined || isDeepStrictEqual(usage, this.#told)) return []
    this.#told = usage
    return [{ type: 'usage', usage }]
  }

  #warn(warnings: unknown): void {
    for (const value of Array.isArray(warnings) ? warnings : []) {
      const warning = readWarning(value)
      if (this.#settings.onWarning(warning) === 'allow') continue
      const { type, feature, message } = warning
      const words = [`the model ${this.#settings.target} warns of ${type || 'something'}`, feature, message]
      throw new ProviderError(
        'PROVIDER_INVALID_OPTIONS',
        this.#settings.redact(words.filter((word) => word !== '').join(': ')),
      )
    }
  }

  /** The package parsed the vendor's chunk: its JSON text is as near to the bytes as it gets. */
  #addRaw(value: unknown): void {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    if (text === undefined) return
    this.#hash.update(utf8Encode(text))
    this.#hasRaw = true
  }

  #invalid(what: string, retryable = false): ProviderError {
    return new ProviderError('PROVIDER_INVALID_STREAM', shorten(`the model ${this.#settings.target} ${what}`), {
      retryable,
    })
  }
}

function beginsPart({ type }: ModelChunk): boolean {
  return type === 'text-delta' || type === 'tool-call-start' || type === 'opaque'
}

function finishReasonOf(value: unknown): FinishReason {
  // A text in version 2, else an object.
  if (!isJsonObject(value)) return { unified: String(value), raw: '' }
  return { unified: textIn(value, 'unified'), raw: textIn(value, 'raw') }
}

function citationsOf(part: JsonObject): string[] {
  const { citations } = part
  return Array.isArray(citations) ? citations.map((citation) => JSON.stringify(citation)) : []
}

function metadataOf(part: JsonObject): Metadata | undefined {
  return readMetadata(part['providerMetadata'])
}
