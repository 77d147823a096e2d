import { type ModelChunk, ProviderError, type Usage } from '@starling/provider'
import { createToolCallAssembler, type ToolCallAssembler } from './assemble-tool-calls.ts'
import { errorFromStream } from './chat-failures.ts'
import type { SseEvent } from './decode-sse.ts'
import { isJsonObject, type JsonObject } from './json-object.ts'
import { mapStopReason } from './map-stop-reason.ts'
import { mapUsage } from './map-usage.ts'
import { parseStreamError } from './map-vendor-error.ts'
import { type ChatChunk, parseChunk } from './parse-chunk.ts'
import { createRawResponseHash, type RawResponseHash } from './raw-response-hash.ts'
import type { Settings } from './resolve-settings.ts'
import { shorten } from './summarize-body.ts'

/** Turns the events of one answer into chunks. */
interface ChatAnswer {
  /** Whether the server has said that nothing follows. */
  readonly isDone: boolean
  /** Takes the next event. */
  accept(event: SseEvent): ModelChunk[]
  /**
   * Takes the end of the response and what it left half-sent, and returns the last chunks.
   *
   * @throws ProviderError `PROVIDER_INVALID_STREAM`, retryable, when the answer has not ended.
   */
  finish(tail: readonly SseEvent[]): ModelChunk[]
}

/** Begins an answer. */
export function createChatAnswer(settings: Settings, requestId: string | null): ChatAnswer {
  return new EventTranslator(settings, requestId)
}

class EventTranslator implements ChatAnswer {
  readonly #settings: Settings
  readonly #requestId: string | null
  readonly #hash: RawResponseHash = createRawResponseHash()
  readonly #toolCalls: ToolCallAssembler
  #usage: Usage | undefined
  #finishReason = ''
  #hasRefusal = false
  #isDone = false
  #eventCount = 0

  constructor(settings: Settings, requestId: string | null) {
    this.#settings = settings
    this.#requestId = requestId
    this.#toolCalls = createToolCallAssembler(settings.generateCallId)
  }

  get isDone(): boolean {
    return this.#isDone
  }

  accept(event: SseEvent): ModelChunk[] {
    if (this.#isDone) return []
    if (event.text.startsWith('[DONE]')) {
      this.#isDone = true
      return []
    }
    const json = this.#parse(event)
    const failure = parseStreamError(json, event.name)
    if (failure !== undefined) throw errorFromStream(failure, this.#settings)
    this.#eventCount++
    this.#hash.add(event.data)
    return this.#translate(parseChunk(json))
  }

  finish(tail: readonly SseEvent[]): ModelChunk[] {
    const chunks = tail.filter(isWhole).flatMap((event) => this.accept(event))
    // Some servers leave the marker out; a reason to stop and an orderly close say the same.
    if (!this.#isDone && this.#finishReason === '') throw this.#truncated()
    chunks.push(...this.#toolCalls.finish())
    if (this.#usage !== undefined) chunks.push({ type: 'usage', usage: this.#usage })
    chunks.push({
      type: 'end',
      stopReason: mapStopReason(this.#finishReason, {
        hasToolCalls: this.#toolCalls.size > 0,
        hasRefusal: this.#hasRefusal,
      }),
      rawStopReason: this.#finishReason,
      rawResponseHash: this.#hash.digest(),
      ...(this.#requestId !== null && { requestId: this.#requestId }),
    })
    return chunks
  }

  #translate(chunk: ChatChunk): ModelChunk[] {
    const chunks: ModelChunk[] = []
    if (chunk.reasoning !== '') chunks.push({ type: 'reasoning-delta', text: chunk.reasoning })
    if (chunk.text !== '') chunks.push({ type: 'text-delta', text: chunk.text })
    if (chunk.refusal !== '') {
      this.#hasRefusal = true
      chunks.push({ type: 'text-delta', text: chunk.refusal })
    }
    for (const fragment of chunk.toolCalls) chunks.push(...this.#toolCalls.add(fragment))
    if (chunk.finishReason !== '') this.#finishReason = chunk.finishReason
    if (chunk.usage !== undefined) this.#usage = mapUsage(chunk.usage)
    return chunks
  }

  #parse(event: SseEvent): JsonObject {
    const json = parseJson(event.text)
    if (isJsonObject(json)) return json
    const shown = shorten(this.#settings.redact(event.text))
    // Under the name of an error the text itself is the message.
    if (event.name === 'error') throw errorFromStream({ message: shown, words: [], status: undefined }, this.#settings)
    throw new ProviderError('PROVIDER_INVALID_STREAM', `${this.#settings.endpoint} sent no JSON object: ${shown}`)
  }

  #truncated(): ProviderError {
    const { endpoint } = this.#settings
    return new ProviderError(
      'PROVIDER_INVALID_STREAM',
      `the answer of ${endpoint} was cut off after ${this.#eventCount} chunks: no finish_reason and no [DONE]`,
      { retryable: true },
    )
  }
}

// What a cut connection left of an event is no event.
function isWhole(event: SseEvent): boolean {
  return event.text.startsWith('[DONE]') || parseJson(event.text) !== undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The caller words the error: the parser's own would quote the text at length.
    return undefined
  }
}
