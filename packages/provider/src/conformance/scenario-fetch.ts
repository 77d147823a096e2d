import type { ReceivedRequest } from './provider-harness.ts'
import { answerTo, type ConformanceScenario } from './scenarios.ts'
import type { VendorAnswer, VendorEnding, VendorReply } from './vendor-answer.ts'

/** A reply in a vendor's wire format, in the three parts its endings differ in. */
export interface EncodedReply {
  /** Everything up to the last piece of content. */
  readonly content: string | Uint8Array
  /** The stop reason and the usage, as far as they come before the last marker. */
  readonly finish: string | Uint8Array
  /** What tells a whole answer from a cut one. */
  readonly terminator: string | Uint8Array
}

/** How a vendor writes its answers: what an HTTP adapter's harness brings. */
export interface WireCodec {
  /** The content type of a streamed answer. */
  readonly contentType: string
  encodeReply(reply: VendorReply): EncodedReply
  /** An error inside a stream. */
  encodeStreamError(message: string): string | Uint8Array
  /** Something in the middle of a stream that the vendor would never send. */
  encodeGarbage(): string | Uint8Array
  /** The body of a response that is not a success. */
  encodeErrorBody(status: number, message: string): string
  /** What the vendor sends in a stream only to keep it open. Default: the vendor sends nothing of the kind. */
  encodePing?(): string | Uint8Array
  /** The headers of a streamed answer besides its content type. Default: none. */
  headers?(reply: VendorReply): Readonly<Record<string, string>>
}

/** A `fetch` whose other side plays a scenario. */
export interface ScenarioFetch {
  readonly fetch: typeof fetch
  requests(): readonly ReceivedRequest[]
  openConnections(): number
}

/**
 * Creates a `fetch` that answers as a vendor in `scenario`, without a network.
 *
 * It behaves like the real one where adapters tend to go wrong: a connection
 * stays open until its body is read to the end or cancelled, also the body of a
 * failure; bodies are sent only as fast as they are read; and an abort rejects
 * with an `AbortError` of its own, not with the signal's reason.
 */
export function createScenarioFetch(scenario: ConformanceScenario, codec: WireCodec): ScenarioFetch {
  const vendor = new ScenarioVendor(scenario, codec)
  return {
    fetch: (input, init) => vendor.answer(new Request(input, init)),
    requests: () => vendor.requests,
    openConnections: () => vendor.connections.size,
  }
}

class ScenarioVendor {
  readonly requests: ReceivedRequest[] = []
  readonly connections: Set<Request> = new Set()
  readonly #scenario: ConformanceScenario
  readonly #codec: WireCodec
  #calls = 0

  constructor(scenario: ConformanceScenario, codec: WireCodec) {
    this.#scenario = scenario
    this.#codec = codec
  }

  async answer(request: Request): Promise<Response> {
    const answer = answerTo(this.#scenario, this.#calls++)
    if (request.signal.aborted) throw abortError()
    this.connections.add(request)
    try {
      if (answer.type === 'unreachable') throw refused()
      this.requests.push(await receive(request))
      if (request.signal.aborted) throw abortError()
      if (answer.type === 'silence') return await silence(request.signal)
      return this.#respond(request, answer)
    } catch (error) {
      this.connections.delete(request)
      throw error
    }
  }

  #respond(request: Request, answer: VendorAnswer & { type: 'reply' | 'status' }): Response {
    if (answer.type === 'status') {
      const text = answer.rawBody ?? this.#codec.encodeErrorBody(answer.status, answer.message)
      const contentType = answer.rawBody === undefined ? 'application/json' : 'text/html'
      const body = this.#body(request, [encode(text)], 'complete')
      return new Response(body, { status: answer.status, headers: { 'content-type': contentType, ...answer.headers } })
    }
    const headers = { 'content-type': this.#codec.contentType, ...this.#codec.headers?.(answer.reply) }
    const parts = encodeParts(this.#codec, answer.reply, answer.ending)
    const reads = answer.delivery === 'whole' ? parts : parts.flatMap(singleBytes)
    return new Response(this.#body(request, reads, answer.ending), { status: 200, headers })
  }

  #body(request: Request, reads: readonly Uint8Array[], ending: VendorEnding): ReadableStream<Uint8Array> {
    const release = (): void => void this.connections.delete(request)
    let next = 0
    return new ReadableStream<Uint8Array>(
      {
        start(controller) {
          const abort = (): void => {
            release()
            controller.error(abortError())
          }
          request.signal.addEventListener('abort', abort, { once: true })
        },
        pull(controller) {
          const bytes = reads[next++]
          if (bytes !== undefined) return controller.enqueue(bytes)
          if (ending === 'silence') return pending()
          release()
          if (ending === 'disconnect') controller.error(broken())
          else controller.close()
        },
        cancel: release,
      },
      { highWaterMark: 0 },
    )
  }
}

function encodeParts(codec: WireCodec, reply: VendorReply, ending: VendorEnding): Uint8Array[] {
  const { content, finish, terminator } = codec.encodeReply(reply)
  const parts = [content]
  if (ending === 'complete') parts.push(finish, terminator)
  if (ending === 'unterminated') parts.push(finish)
  if (ending === 'error') parts.push(codec.encodeStreamError('the engine is overloaded'))
  if (ending === 'garbage') parts.push(codec.encodeGarbage())
  return parts.map(encode).filter((bytes) => bytes.length > 0)
}

async function receive(request: Request): Promise<ReceivedRequest> {
  const text = await request.text()
  return { url: request.url, headers: Object.fromEntries(request.headers), body: parse(text) }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // A vendor may take something else than JSON; it is still worth looking at.
    return text
  }
}

function encode(part: string | Uint8Array): Uint8Array {
  return typeof part === 'string' ? new TextEncoder().encode(part) : part
}

function singleBytes(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (byte) => Uint8Array.of(byte))
}

function silence(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(abortError()), { once: true })
  })
}

function pending(): Promise<void> {
  return new Promise(() => undefined)
}

function abortError(): DOMException {
  return new DOMException('This operation was aborted', 'AbortError')
}

function refused(): TypeError {
  const cause = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:9'), { code: 'ECONNREFUSED' })
  return new TypeError('fetch failed', { cause })
}

function broken(): TypeError {
  const cause = Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' })
  return new TypeError('terminated', { cause })
}
