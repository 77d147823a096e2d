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
  ofRequest,
  parseEvent,
  parseVendorError,
  type RawResponseHash,
  shorten,
  type SseEvent,
} from '@starling/provider-http'
import { type BlockReader, openBlock } from './block-reader.ts'
import { containerPart } from './container.ts'
import { mapStopReason } from './map-stop-reason.ts'
import { createUsageMeter } from './map-usage.ts'

// The events that the answer consists of; `ping`, and whatever comes one day, is about the connection.
const CONTENT_EVENTS: ReadonlySet<unknown> = new Set([
  'message_start',
  'content_block_start',
  'content_block_delta',
  'content_block_stop',
  'message_delta',
  'message_stop',
])

/** Begins to read an answer, whose events go into `hash`. */
export function createMessagesAnswer(context: AnswerContext, hash: RawResponseHash): AnswerReader {
  return new MessagesAnswer(context, hash)
}

class MessagesAnswer implements AnswerReader {
  readonly #context: AnswerContext
  readonly #hash: RawResponseHash
  readonly #usage = createUsageMeter()
  readonly #open = new Map<unknown, BlockReader>()
  /** The block whose text would go on if more text came. */
  #textIndex: unknown
  #messageId: string | undefined
  #container: unknown
  #stopReason = ''
  #isDone = false
  #isIdle = false
  #eventCount = 0

  constructor(context: AnswerContext, hash: RawResponseHash) {
    this.#context = context
    this.#hash = hash
  }

  get isDone(): boolean {
    return this.#isDone
  }

  get isIdle(): boolean {
    return this.#isIdle
  }

  accept(event: SseEvent): readonly ModelChunk[] {
    const json = parseEvent(event, this.#context)
    if (json['type'] === 'error' || event.name === 'error') {
      throw errorFromStream(parseVendorError(json), this.#context)
    }
    this.#isIdle = !CONTENT_EVENTS.has(json['type'])
    if (this.#isIdle) return []
    this.#eventCount++
    this.#hash.add(event.data)
    return this.#translate(json, event)
  }

  finish(tail: readonly SseEvent[]): readonly ModelChunk[] {
    // What a cut connection left of an event is no event.
    const chunks = tail.filter(isWhole).flatMap((event) => this.accept(event))
    if (!this.#isDone) throw cutOff(this.#context, this.#eventCount, 'no message_stop')
    // Every block has its own end; an answer that lacks one is whole all the same.
    for (const index of this.#open.keys()) chunks.push(...this.#stop(index))
    const container = containerPart(this.#container)
    if (container !== undefined) chunks.push({ type: 'opaque', data: container })
    const requestId = this.#context.requestId ?? this.#messageId
    chunks.push({
      type: 'end',
      stopReason: mapStopReason(this.#stopReason),
      rawStopReason: this.#stopReason,
      rawResponseHash: this.#hash.digest(),
      ...(requestId !== undefined && { requestId }),
    })
    return chunks
  }

  #translate(json: JsonObject, event: SseEvent): readonly ModelChunk[] {
    const { index } = json
    switch (json['type']) {
      case 'message_start':
        return this.#start(objectOf(json['message']))
      case 'content_block_start':
        return this.#begin(index, objectOf(exactEvent(event, json)['content_block']))
      case 'content_block_delta':
        return this.#add(index, exactDelta(event, json))
      case 'content_block_stop':
        return this.#stop(index)
      case 'message_delta':
        this.#takeDelta(objectOf(json['delta']))
        return this.#count(json['usage'])
      default:
        this.#isDone = true
        return []
    }
  }

  #start(message: JsonObject): readonly ModelChunk[] {
    const { id, usage, container } = message
    if (typeof id === 'string' && id !== '') this.#messageId = id
    this.#container = container
    return this.#count(usage)
  }

  // At once: an answer that breaks off later has cost it all the same.
  #count(report: unknown): readonly ModelChunk[] {
    const usage = this.#usage.add(report)
    return usage === undefined ? [] : [{ type: 'usage', usage }]
  }

  #begin(index: unknown, block: JsonObject): readonly ModelChunk[] {
    // A block that never stopped ends where another one takes its place.
    const rest = this.#stop(index)
    const { reader, chunks } = openBlock(block)
    this.#open.set(index, reader)
    return [...rest, ...this.#separate(index, chunks)]
  }

  #add(index: unknown, delta: JsonObject): readonly ModelChunk[] {
    const block = this.#open.get(index)
    if (block !== undefined) return this.#separate(index, block.add(delta))
    const type = BLOCK_OF_DELTA.get(delta['type'])
    if (type === undefined) throw this.#outOfPlace(index, delta)
    const begun = this.#begin(index, { type })
    return [...begun, ...this.#add(index, delta)]
  }

  #outOfPlace(index: unknown, { type }: JsonObject): ProviderError {
    const { endpoint, redact } = this.#context
    const delta = shorten(redact(typeof type === 'string' ? type : 'a delta'))
    const got = `${endpoint} sent ${delta} of content block ${Number(index)}, which has not begun`
    return new ProviderError('PROVIDER_INVALID_STREAM', got + ofRequest(this.#context))
  }

  #stop(index: unknown): readonly ModelChunk[] {
    const chunks = this.#open.get(index)?.stop() ?? []
    this.#open.delete(index)
    return this.#separate(index, chunks)
  }

  #takeDelta({ stop_reason: stopReason, container }: JsonObject): void {
    if (typeof stopReason === 'string') this.#stopReason = stopReason
    this.#container = container ?? this.#container
  }

  // Two text blocks in a row would run together: the second one ends the first.
  #separate(index: unknown, chunks: readonly ModelChunk[]): readonly ModelChunk[] {
    const [first] = chunks
    if (first === undefined || first.type === 'tool-call-delta' || first.type === 'tool-call-end') return chunks
    const previous = this.#textIndex
    this.#textIndex = first.type === 'text-delta' ? index : undefined
    const isNew = first.type === 'text-delta' && previous !== undefined && previous !== index
    return isNew ? [{ type: 'text-end' }, ...chunks] : chunks
  }
}

// What these bring is text: they are the many, and need no second look.
const TEXT_DELTAS: ReadonlySet<unknown> = new Set([
  'text_delta',
  'thinking_delta',
  'signature_delta',
  'input_json_delta',
])

// A text or a thought that nobody announced says itself what it is; the others need what only their start says.
const BLOCK_OF_DELTA: ReadonlyMap<unknown, string> = new Map([
  ['text_delta', 'text'],
  ['citations_delta', 'text'],
  ['thinking_delta', 'thinking'],
  ['signature_delta', 'thinking'],
])

function exactDelta(event: SseEvent, json: JsonObject): JsonObject {
  const delta = objectOf(json['delta'])
  return TEXT_DELTAS.has(delta['type']) ? delta : objectOf(exactEvent(event, json)['delta'])
}

function objectOf(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {}
}
