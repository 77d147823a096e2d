import type { ModelChunk, ModelRequest, ProviderError } from '@starling/provider'
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
  type RawResponseHash,
  type SseEvent,
  writeJson,
} from '@starling/provider-http'
import { createToolCallAssembler, type ToolCallAssembler } from './assemble-tool-calls.ts'
import type { ChatDialect, DeltaReader } from './chat-dialect.ts'
import { mapStopReason } from './map-stop-reason.ts'
import { mapUsage } from './map-usage.ts'
import { type ChatChunk, parseChunk } from './parse-chunk.ts'
import { parseStreamError } from './parse-stream-error.ts'

const DONE = '[DONE]'

/** What an answer is read with. */
export interface ChatCall {
  readonly dialect: ChatDialect
  readonly providerId: string
  readonly request: ModelRequest
}

/** Begins to read an answer. */
export function createChatAnswer(context: AnswerContext, call: ChatCall): AnswerReader {
  return new ChatAnswer(context, call)
}

class ChatAnswer implements AnswerReader {
  readonly #context: AnswerContext
  readonly #call: ChatCall
  readonly #hash: RawResponseHash = createRawResponseHash()
  readonly #toolCalls: ToolCallAssembler
  readonly #deltas: DeltaReader | undefined
  /** What was said about the text and is not yet passed on. */
  #citations: string[] = []
  #isInText = false
  #requestId: string | undefined
  /** Who answers, where it is not who was asked. */
  #model: string | undefined
  #finishReason = ''
  #nativeFinishReason = ''
  #hasRefusal = false
  #isDone = false
  /** Told once what came with it has been passed on. */
  #failure: ProviderError | undefined
  #eventCount = 0

  constructor(context: AnswerContext, call: ChatCall) {
    const { dialect } = call
    this.#context = context
    this.#call = call
    this.#toolCalls = createToolCallAssembler(dialect.generateCallId ?? (() => `call_${crypto.randomUUID()}`))
    this.#deltas = dialect.createDeltaReader?.()
    this.#requestId = context.requestId
  }

  get isDone(): boolean {
    return this.#isDone || this.#failure !== undefined
  }

  accept(event: SseEvent): ModelChunk[] {
    if (event.text.startsWith(DONE)) {
      this.#isDone = true
      return []
    }
    const json = parseEvent(event, this.#context)
    const failure = parseStreamError(json, event.name)
    if (failure !== undefined) return this.#fail(errorFromStream(failure, this.#context), json)
    this.#eventCount++
    this.#hash.add(event.data)
    const { dialect, request } = this.#call
    this.#requestId ??= dialect.requestIdOf?.(this.#context.headers, json)
    this.#model = dialect.modelOf?.(json, request) ?? this.#model
    return this.#translate(exactChunk(parseChunk(json), event, json))
  }

  finish(tail: readonly SseEvent[]): ModelChunk[] {
    // What a cut connection left of an event is no event.
    const whole = tail.filter((event) => event.text.startsWith(DONE) || isWhole(event))
    const chunks = whole.flatMap((event) => this.accept(event))
    if (this.#failure !== undefined) throw this.#failure
    // Some servers leave the marker out; a reason to stop and an orderly close say the same.
    if (!this.#isDone && this.#finishReason === '') {
      throw cutOff(this.#context, this.#eventCount, 'no finish_reason and no [DONE]')
    }
    if (this.#citations.length > 0) chunks.push({ type: 'text-delta', text: '' }, ...this.#endText())
    chunks.push(...this.#toolCalls.finish(), ...(this.#deltas?.finish() ?? []))
    const requestId = this.#requestId
    chunks.push({
      type: 'end',
      stopReason: mapStopReason(this.#finishReason, {
        hasToolCalls: this.#toolCalls.size > 0,
        areCallsWhole: this.#finishReason !== '' || this.#toolCalls.areWhole,
        hasRefusal: this.#hasRefusal,
        nativeReason: this.#nativeFinishReason,
      }),
      rawStopReason: this.#nativeFinishReason || this.#finishReason,
      rawResponseHash: this.#hash.digest(),
      ...(requestId !== undefined && { requestId }),
      ...(this.#model !== undefined && { answeredBy: { providerId: this.#call.providerId, model: this.#model } }),
    })
    return chunks
  }

  #translate(chunk: ChatChunk): ModelChunk[] {
    const chunks: ModelChunk[] = []
    if (this.#deltas !== undefined) chunks.push(...this.#deltas.add(chunk.delta))
    else if (chunk.reasoning !== '') chunks.push({ type: 'reasoning-delta', text: chunk.reasoning })
    if (chunk.text !== '') chunks.push({ type: 'text-delta', text: chunk.text })
    if (chunk.refusal !== '') {
      this.#hasRefusal = true
      chunks.push({ type: 'text-delta', text: chunk.refusal })
    }
    if (chunks.length > 0) this.#isInText = chunks.at(-1)?.type === 'text-delta'
    for (const annotation of chunk.annotations) this.#citations.push(writeJson(annotation, 'annotation'))
    if (this.#isInText) chunks.push(...this.#endText())
    for (const fragment of chunk.toolCalls) chunks.push(...this.#toolCalls.add(fragment))
    if (chunk.toolCalls.length > 0) this.#isInText = false
    if (chunk.finishReason !== '') this.#finishReason = chunk.finishReason
    if (chunk.nativeFinishReason !== '') this.#nativeFinishReason = chunk.nativeFinishReason
    // At once, and not with the end: what a call used that is cut off before is paid for too.
    if (chunk.usage !== undefined) chunks.push(this.#use(chunk.usage))
    return chunks
  }

  #use(told: JsonObject): ModelChunk {
    const { dialect, request } = this.#call
    const usage = mapUsage(told)
    const finished = dialect.finishUsage?.(usage, { request, model: this.#model ?? request.model })
    return { type: 'usage', usage: finished ?? usage }
  }

  #fail(failure: ProviderError, { usage }: JsonObject): ModelChunk[] {
    if (!isJsonObject(usage)) throw failure
    this.#failure = failure
    return [this.#use(usage)]
  }

  #endText(): ModelChunk[] {
    if (this.#citations.length === 0) return []
    const citations = this.#citations
    this.#citations = []
    this.#isInText = false
    return [{ type: 'text-end', citations }]
  }
}

// Texts need not be read again; lists and objects are what goes back as it came.
function exactChunk(chunk: ChatChunk, event: SseEvent, json: JsonObject): ChatChunk {
  const hasData = Object.values(chunk.delta).some((value) => typeof value === 'object' && value !== null)
  const exact = hasData ? exactEvent(event, json) : json
  return exact === json ? chunk : { ...parseChunk(exact), usage: chunk.usage }
}
