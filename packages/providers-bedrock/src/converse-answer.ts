import { utf8Decode } from '@starling/event'
import { type ModelChunk, ProviderError } from '@starling/provider'
import {
  type AnswerContext,
  type AnswerReader,
  createRawResponseHash,
  cutOff,
  errorFromStream,
  isJsonObject,
  type JsonObject,
  ofRequest,
  parseExact,
  type RawResponseHash,
} from '@starling/provider-http'
import { createAnswerBlocks, type AnswerBlocks } from './answer-blocks.ts'
import { errorOfMessage } from './bedrock-failures.ts'
import type { EventMessage } from './decode-event-stream.ts'
import { mapStopReason } from './map-stop-reason.ts'
import { mapUsage } from './map-usage.ts'

/** Begins to read an answer. */
export function createConverseAnswer(context: AnswerContext): AnswerReader<EventMessage> {
  return new ConverseAnswer(context)
}

class ConverseAnswer implements AnswerReader<EventMessage> {
  readonly #context: AnswerContext
  readonly #hash: RawResponseHash = createRawResponseHash()
  readonly #blocks: AnswerBlocks = createAnswerBlocks()
  #stopReason: string | undefined
  #isCounted = false
  #eventCount = 0

  constructor(context: AnswerContext) {
    this.#context = context
  }

  // Everything has come: the reason to stop, and the token counts after it.
  get isDone(): boolean {
    return this.#stopReason !== undefined && this.#isCounted
  }

  accept(message: EventMessage): readonly ModelChunk[] {
    if (message.kind !== 'event') throw errorFromStream(errorOfMessage(message), this.#context)
    const event = this.#parse(message)
    this.#eventCount++
    this.#hash.add(message.payload)
    switch (message.name) {
      case 'contentBlockStart':
        return this.#blocks.start(event)
      case 'contentBlockDelta':
        return this.#blocks.delta(event)
      case 'contentBlockStop':
        return this.#blocks.stop(event)
      case 'messageStop':
        this.#stopReason = typeof event['stopReason'] === 'string' ? event['stopReason'] : ''
        return this.#blocks.finish()
      case 'metadata':
        return this.#count(event['usage'])
      default:
        // `messageStart` says who speaks; what content there is comes in blocks, and nowhere else.
        return []
    }
  }

  finish(tail: readonly EventMessage[]): readonly ModelChunk[] {
    const rawStopReason = this.#stopReason
    const { requestId } = this.#context
    if (tail.length > 0) throw cutOff(this.#context, this.#eventCount, 'in the middle of a message')
    if (rawStopReason === undefined) throw cutOff(this.#context, this.#eventCount, 'no messageStop')
    const end = { stopReason: mapStopReason(rawStopReason), rawStopReason, rawResponseHash: this.#hash.digest() }
    return [{ type: 'end', ...end, ...(requestId !== undefined && { requestId }) }]
  }

  // At once, though it comes last: an answer that fails behind it has cost it all the same.
  #count(report: unknown): readonly ModelChunk[] {
    if (!isJsonObject(report)) return []
    this.#isCounted = true
    return [{ type: 'usage', usage: mapUsage(report) }]
  }

  #parse(message: EventMessage): JsonObject {
    const json = parseJson(message)
    if (isJsonObject(json)) return json
    const got = `${this.#context.endpoint} sent no JSON object as ${message.name}`
    throw new ProviderError('PROVIDER_INVALID_STREAM', got + ofRequest(this.#context))
  }
}

function parseJson({ name, payload }: EventMessage): unknown {
  try {
    const text = utf8Decode(payload)
    // Metadata is counted with; everything else is passed on.
    return name === 'metadata' ? JSON.parse(text) : parseExact(text)
  } catch {
    // The caller words the error: the parser's own would quote the text.
    return undefined
  }
}
