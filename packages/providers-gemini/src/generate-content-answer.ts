import { type ModelChunk, ProviderError } from '@starling/provider'
import {
  type AnswerContext,
  type AnswerReader,
  cutOff,
  errorFromStream,
  exactEvent,
  isJsonObject,
  isWhole,
  type JsonObject,
  parseEvent,
  parseVendorError,
  type RawResponseHash,
  shorten,
  type SseEvent,
} from '@starling/provider-http'
import { type CitationCollector, createCitationCollector } from './citations.ts'
import type { Continuation } from './continue-answer.ts'
import { mapStopReason } from './map-stop-reason.ts'
import { createUsageMeter } from './map-usage.ts'
import { createPartReader, type PartReader } from './part-reader.ts'

/** What an answer is read with. */
export interface AnswerOptions {
  /** Takes the bytes of every event. */
  readonly hash: RawResponseHash
  /** Takes the token of an answer that is longer than one request. */
  readonly continuation: Continuation
  /** Names the calls that the vendor left without an id. */
  readonly generateCallId: () => string
}

// The vendor's reference and its SDK spell it differently.
const NOT_BLOCKED: ReadonlySet<string> = new Set(['', 'BLOCK_REASON_UNSPECIFIED', 'BLOCKED_REASON_UNSPECIFIED'])

/** Begins to read an answer. */
export function createGenerateContentAnswer(context: AnswerContext, options: AnswerOptions): AnswerReader {
  return new GenerateContentAnswer(context, options)
}

class GenerateContentAnswer implements AnswerReader {
  // Counts and sources may follow the reason to stop: the answer is over when the response is.
  readonly isDone: boolean = false
  readonly #context: AnswerContext
  readonly #options: AnswerOptions
  readonly #usage = createUsageMeter()
  readonly #citations: CitationCollector = createCitationCollector()
  readonly #parts: PartReader
  #responseId: string | undefined
  #finishReason = ''
  #eventCount = 0

  constructor(context: AnswerContext, options: AnswerOptions) {
    this.#context = context
    this.#options = options
    const { endpoint } = context
    const { generateCallId } = options
    this.#parts = createPartReader({ citations: this.#citations, generateCallId, endpoint })
  }

  accept(event: SseEvent): readonly ModelChunk[] {
    const json = parseEvent(event, this.#context)
    if (json['error'] !== undefined) throw errorFromStream(parseVendorError(json), this.#context)
    this.#eventCount++
    this.#options.hash.add(event.data)
    this.#responseId ??= textOf(json['responseId']) || undefined
    this.#refuseBlocked(json['promptFeedback'])
    // At once: an answer that breaks off later has cost it all the same.
    const usage = this.#usage.add(json['usageMetadata'])
    const counted: readonly ModelChunk[] = usage === undefined ? [] : [{ type: 'usage', usage }]
    const candidate = firstCandidate(exactEvent(event, json)['candidates'])
    return candidate === undefined ? counted : [...counted, ...this.#translate(candidate)]
  }

  finish(tail: readonly SseEvent[]): readonly ModelChunk[] {
    // What a cut connection left of an event is no event.
    const chunks = tail.filter(isWhole).flatMap((event) => this.accept(event))
    if (this.#finishReason === '') throw cutOff(this.#context, this.#eventCount, 'no finishReason')
    chunks.push(...this.#parts.finish())
    chunks.push({
      type: 'end',
      stopReason: mapStopReason(this.#finishReason, this.#parts.hasCalls),
      rawStopReason: this.#finishReason,
      rawResponseHash: this.#options.hash.digest(),
      ...(this.#responseId !== undefined && { requestId: this.#responseId }),
    })
    return chunks
  }

  #translate(candidate: JsonObject): readonly ModelChunk[] {
    const { content, finishReason, continuationToken } = candidate
    this.#finishReason = textOf(finishReason) || this.#finishReason
    this.#options.continuation.token = textOf(continuationToken) || this.#options.continuation.token
    this.#citations.add(candidate)
    const parts = isJsonObject(content) ? content['parts'] : undefined
    if (!Array.isArray(parts)) return []
    return parts.filter(isJsonObject).flatMap((part) => this.#parts.read(part))
  }

  // The filter had its say before the model could: there is no answer, and asking again changes nothing.
  #refuseBlocked(feedback: unknown): void {
    if (!isJsonObject(feedback)) return
    const reason = textOf(feedback['blockReason'])
    if (NOT_BLOCKED.has(reason)) return
    const { endpoint, redact } = this.#context
    const said = [`${endpoint} blocked the prompt (${reason})`, textOf(feedback['blockReasonMessage'])]
    throw new ProviderError('PROVIDER_CONTENT_FILTER', shorten(redact(said.filter((text) => text !== '').join(': '))))
  }
}

// Only one is ever asked for.
function firstCandidate(candidates: unknown): JsonObject | undefined {
  if (!Array.isArray(candidates)) return undefined
  return candidates.filter(isJsonObject).find(({ index = 0 }) => index === 0)
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
