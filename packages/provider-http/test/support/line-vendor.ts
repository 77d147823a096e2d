import {
  assertSupported,
  type ModelChunk,
  type ModelRequest,
  type Provider,
  type StopReason,
  type Usage,
} from '@starling/provider'
import {
  type AnswerContext,
  type AnswerReader,
  createClassifier,
  createRawResponseHash,
  cutOff,
  errorFromStream,
  type HttpProviderOptions,
  isHostOf,
  isJsonObject,
  isWhole,
  parseEvent,
  parseVendorError,
  resolveConnection,
  type SseEvent,
  streamAnswer,
  type VendorProfile,
} from '../../src/index.ts'

/** The options of the smallest vendor there is. */
export interface LineProviderOptions extends HttpProviderOptions {
  /** The vendor's own option. */
  readonly region?: string | undefined
}

/** A vendor that answers with `{"text": …}` events and, at the end, `{"done": …}` with what it has to report. */
export const LINE_VENDOR: VendorProfile<LineProviderOptions> = {
  name: 'line',
  apiVersion: 'v1',
  keyVariables: ['LINE_API_KEY', 'LINE_TOKEN'],
  baseUrlVariable: 'LINE_BASE_URL',
  defaultBaseUrl: 'https://api.line.test/v1',
  isOwnHost: (url) => isHostOf('line.test', url),
  keyHeaders: (key) => ({ authorization: `Bearer ${key}` }),
  fixedHeaders: { 'line-version': '7' },
  requestIdHeader: 'line-request',
  ownOptions: { region: true },
  classify: createClassifier({
    specific: { no_money: 'PROVIDER_BILLING', busy: 'PROVIDER_OVERLOADED', too_long: 'PROVIDER_CONTEXT_OVERFLOW' },
    broad: { bad_request: 'PROVIDER_REJECTED' },
  }),
  retryAfterMs({ fields }, { headers }) {
    if (typeof fields['wait_ms'] === 'number') return fields['wait_ms']
    return headers.has('line-limit-resets-ms') ? Number(headers.get('line-limit-resets-ms')) : undefined
  },
}

/** The smallest request. */
export const HELLO: ModelRequest = {
  model: 'line-1',
  systemPrompt: '',
  messages: [{ role: 'user', content: 'hi' }],
  tools: [],
}

/** Creates a provider of the vendor; a request with the model `unspeakable` cannot be written. */
export function createLineProvider(options: LineProviderOptions): Provider {
  const connection = resolveConnection(options, LINE_VENDOR)
  const capabilities = { requestId: true }
  return {
    info: connection.info,
    capabilities,
    stream: (request, { signal } = {}) =>
      streamAnswer(connection, {
        signal,
        prepare() {
          if (request.model === 'unspeakable') throw new RangeError('cannot be said')
          assertSupported(request, capabilities, connection.info.id)
          return { url: connection.url(`/${request.model}/lines`), body: JSON.stringify(request) }
        },
        open: (answer) => new LineReader(answer),
      }),
  }
}

/** A provider for a server under test: a key, no environment. */
export function providerFor(url: string, options: LineProviderOptions = {}): Provider {
  return createLineProvider({ baseUrl: url, apiKey: 'test-key', env: {}, ...options })
}

/** One event of a stream. */
export function sse(data: unknown): string {
  return `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`
}

/** One event that says `text`. */
export function textEvent(text: string): string {
  return sse({ text })
}

/** What the event that ends an answer holds. */
export interface DoneEvent {
  readonly stopReason?: StopReason
  readonly usage?: Usage
}

/** The event that ends an answer. */
export function doneEvent(done: DoneEvent): string {
  return sse({ done })
}

/** The same without anything to report. */
export const DONE: string = doneEvent({})

/** What the vendor sends to keep a connection open. */
export const PING: string = sse({ ping: true })

/** The events of an answer that says `text`, whole. */
export function textAnswer(text: string): string {
  return textEvent(text) + DONE
}

class LineReader implements AnswerReader {
  readonly #answer: AnswerContext
  readonly #hash = createRawResponseHash()
  #eventCount = 0
  #isIdle = false
  #done: DoneEvent | undefined

  constructor(answer: AnswerContext) {
    this.#answer = answer
  }

  get isDone(): boolean {
    return this.#done !== undefined
  }

  get isIdle(): boolean {
    return this.#isIdle
  }

  accept(event: SseEvent): ModelChunk[] {
    const json = parseEvent(event, this.#answer)
    this.#isIdle = json['ping'] === true
    if (this.#isIdle) return []
    if (json['error'] !== undefined) throw errorFromStream(parseVendorError(json), this.#answer)
    this.#eventCount++
    this.#hash.add(event.data)
    if (isJsonObject(json['done'])) this.#done = json['done']
    return typeof json['text'] === 'string' ? [{ type: 'text-delta', text: json['text'] }] : []
  }

  finish(tail: readonly SseEvent[]): ModelChunk[] {
    const chunks = tail.filter(isWhole).flatMap((event) => this.accept(event))
    if (this.#done === undefined) throw cutOff(this.#answer, this.#eventCount, 'nothing says that it is done')
    const { usage, stopReason = 'stop' } = this.#done
    const { requestId } = this.#answer
    if (usage !== undefined) chunks.push({ type: 'usage', usage })
    const end = { stopReason, rawStopReason: stopReason, rawResponseHash: this.#hash.digest() }
    return [...chunks, { type: 'end', ...end, ...(requestId !== undefined && { requestId }) }]
  }
}
