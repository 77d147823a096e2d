import type { ModelChunk, ProviderError } from '@starling/provider'
import {
  type AnswerContext,
  type AnswerReader,
  createRawResponseHash,
  cutOff,
  errorFromStream,
  exactEvent,
  isJsonObject,
  isWhole,
  type JsonObject,
  parseEvent,
  parseVendorError,
  type RawResponseHash,
  type SseEvent,
} from '@starling/provider-http'
import { mapResponsesStopReason, mapResponsesUsage } from './map-responses-end.ts'
import type { ItemReader } from './item-reader.ts'
import { listOf, objectOf, textOf } from './json-text.ts'
import { openItem } from './responses-items.ts'

// OpenAI does not send it here; servers that also speak Chat Completions may.
const DONE = '[DONE]'

/** The items that events are about when a server does not say when they begin. */
const TYPE_BY_EVENT: ReadonlyMap<string, string> = new Map([
  ['response.output_text.delta', 'message'],
  ['response.refusal.delta', 'message'],
  ['response.reasoning_text.delta', 'reasoning'],
  ['response.reasoning_summary_text.delta', 'reasoning'],
])

// What holds an item, or a part of one, that goes back as it came.
const PASSED_ON: ReadonlySet<string> = new Set([
  'response.output_item.added',
  'response.output_item.done',
  'response.content_part.done',
  'response.output_text.annotation.added',
])

const ENDS: ReadonlySet<string> = new Set(['response.completed', 'response.incomplete'])

/** Begins to read an answer of the Responses API. */
export function createResponsesAnswer(context: AnswerContext): AnswerReader {
  return new ResponsesAnswer(context)
}

class ResponsesAnswer implements AnswerReader {
  readonly #context: AnswerContext
  readonly #hash: RawResponseHash = createRawResponseHash()
  readonly #items = new Map<unknown, ItemReader>()
  readonly #types = new Set<unknown>()
  #hasRefusal = false
  #isInText = false
  #requestId: string | undefined
  /** The response as it is at its end. */
  #response: JsonObject | undefined
  /** Told once what came with it has been passed on. */
  #failure: ProviderError | undefined
  /** The items at the end, for those that did not end by themselves. */
  #output: readonly unknown[] = []
  #eventCount = 0

  constructor(context: AnswerContext) {
    this.#context = context
    this.#requestId = context.requestId
  }

  get isDone(): boolean {
    return this.#response !== undefined || this.#failure !== undefined
  }

  accept(event: SseEvent): readonly ModelChunk[] {
    if (event.text.startsWith(DONE)) return []
    const json = parseEvent(event, this.#context)
    const type = textOf(json['type']) || event.name
    const response = objectOf(json['response'])
    if (type === 'error' || isJsonObject(json['error'])) throw errorFromStream(parseVendorError(json), this.#context)
    // At once, and not with the end: what a call used that fails is paid for too.
    const used = usageOf(response)
    if (type === 'response.failed') {
      const failure = errorFromStream(parseVendorError({ error: response['error'] }), this.#context)
      if (used.length === 0) throw failure
      this.#failure = failure
      return used
    }
    this.#eventCount++
    this.#hash.add(event.data)
    if (typeof response['id'] === 'string') this.#requestId ??= response['id']
    const exact = PASSED_ON.has(type) || this.#isOpenAt(type) ? exactEvent(event, json) : json
    if (this.#isOpenAt(type)) this.#output = listOf(objectOf(exact['response'])['output'])
    return [...this.#follow(this.#translate(type, json, exact)), ...used]
  }

  finish(tail: readonly SseEvent[]): readonly ModelChunk[] {
    // What a cut connection left of an event is no event.
    const chunks = tail.filter(isWhole).flatMap((event) => this.accept(event))
    if (this.#failure !== undefined) throw this.#failure
    const response = this.#response
    if (response === undefined) {
      throw cutOff(this.#context, this.#eventCount, 'neither response.completed nor response.incomplete')
    }
    for (const index of this.#items.keys()) chunks.push(...this.#close(index, objectOf(this.#output[Number(index)])))
    const requestId = this.#requestId
    chunks.push({
      type: 'end',
      ...mapResponsesStopReason(response, { types: this.#types, hasRefusal: this.#hasRefusal }),
      rawResponseHash: this.#hash.digest(),
      ...(requestId !== undefined && { requestId }),
    })
    return chunks
  }

  #isOpenAt(type: string): boolean {
    return ENDS.has(type) && this.#items.size > 0
  }

  // `exact` is `json` with every number as it was written.
  #translate(type: string, json: JsonObject, exact: JsonObject): readonly ModelChunk[] {
    const index = json['output_index'] ?? json['item_id']
    switch (type) {
      case 'response.output_item.added':
        return this.#open(index, objectOf(exact['item']))
      case 'response.output_item.done': {
        const item = objectOf(exact['item'])
        const opened = this.#items.has(index) ? [] : this.#open(index, item)
        return [...opened, ...this.#close(index, item)]
      }
      case 'response.completed':
        this.#response = { status: 'completed', ...objectOf(json['response']) }
        return []
      case 'response.incomplete':
        this.#response = { ...objectOf(json['response']), status: 'incomplete' }
        return []
      default: {
        if (type === 'response.refusal.delta') this.#hasRefusal = true
        const startType = TYPE_BY_EVENT.get(type)
        const opened = startType !== undefined && !this.#items.has(index) ? this.#open(index, { type: startType }) : []
        return [...opened, ...(this.#items.get(index)?.add(type, exact) ?? [])]
      }
    }
  }

  #open(index: unknown, item: JsonObject): readonly ModelChunk[] {
    const { reader, chunks } = openItem(item)
    this.#types.add(item['type'])
    this.#items.set(index, reader)
    // Two messages in a row are two texts.
    return item['type'] === 'message' && this.#isInText ? [{ type: 'text-end' }, ...chunks] : chunks
  }

  #close(index: unknown, item: JsonObject): readonly ModelChunk[] {
    const reader = this.#items.get(index)
    this.#items.delete(index)
    this.#hasRefusal ||= listOf(item['content']).some((part) => objectOf(part)['type'] === 'refusal')
    return reader?.done(item) ?? []
  }

  #follow(chunks: readonly ModelChunk[]): readonly ModelChunk[] {
    const last = chunks.at(-1)
    if (last !== undefined) this.#isInText = last.type === 'text-delta'
    return chunks
  }
}

function usageOf({ usage }: JsonObject): readonly ModelChunk[] {
  return isJsonObject(usage) ? [{ type: 'usage', usage: mapResponsesUsage(usage) }] : []
}
