import { type ModelChunk, ProviderError } from '@starling/provider'
import { Buffer } from 'node:buffer'
import {
  type CallContext,
  errorFromContentType,
  errorFromResponse,
  errorFromTransport,
  requestIdOf,
} from './answer-failures.ts'
import type { AnswerContext, AnswerReader } from './answer-reader.ts'
import { type CallScope, createCallScope } from './call-scope.ts'
import { createSseDecoder, type SseEvent } from './decode-sse.ts'
import { createRedact } from './redact.ts'
import type { Connection, Credentials } from './resolve-connection.ts'
import { wellFormedJson } from './well-formed-json.ts'

/** What calls go out over: a {@link Connection}, or as much of one as a vendor with its own authorization needs. */
export type Transport = Pick<Connection, 'info' | 'vendor' | 'firstChunkMs' | 'betweenChunksMs' | 'fetch' | 'now'> &
  Partial<Pick<Connection, 'authorize'>>

/** One request, as it goes out. */
export interface HttpRequest {
  /** From {@link Connection.url}. */
  readonly url: URL
  /** The JSON text; half characters in it are replaced: see {@link wellFormedJson}. */
  readonly body: string
  /** Default: what {@link Connection.authorize} returns. */
  readonly credentials?: Credentials | undefined
}

/** Cuts the bytes of a response into events. */
export interface StreamDecoder<Event> {
  /** Takes the next bytes, cut anywhere, and returns the events they complete. */
  feed(bytes: Uint8Array): Iterable<Event>
  /** Returns what the end of the response left half-sent, as events. */
  finish(): readonly Event[]
}

/** One call of a model whose answer is streamed. */
export interface StreamCall<Event = SseEvent> {
  /** Ends the call at once. Default: none. */
  readonly signal?: AbortSignal | undefined
  /**
   * Writes the request, once the first chunk is asked for; what it throws fails the call.
   *
   * @param signal - aborted when the call is over: what takes time here must not go on after that.
   */
  prepare(signal: AbortSignal): HttpRequest | Promise<HttpRequest>
  /** Begins to read an answer: called when the vendor has agreed to send one. */
  open(answer: AnswerContext): AnswerReader<Event>
}

/** The part of a response body that is read here. */
type BodyReader = ReadableStreamDefaultReader<Uint8Array>

// An error page is read for one line of it.
const MAX_ERROR_BYTES = 64 * 1024
// A response that is over ends within this; then its connection can be used again.
const DRAIN_MS = 250

const NO_CREDENTIALS: Credentials = { headers: new Headers(), hasKey: false, redact: createRedact([]) }

/**
 * Sends one request, once, and yields the chunks of its answer, which comes as server-sent events.
 *
 * The answer is read as fast as its chunks are taken. However the iteration
 * ends, the connection is free again or closed.
 *
 * @throws ProviderError for every failure; an abort rejects with its reason.
 */
export function streamAnswer(connection: Transport, call: StreamCall): AsyncGenerator<ModelChunk> {
  return streamDecoded(connection, call, createSseDecoder)
}

/**
 * Does what {@link streamAnswer} does for an answer that is framed in another way.
 *
 * @param createDecoder - called once the answer begins.
 * @throws ProviderError for every failure; an abort rejects with its reason.
 */
export async function* streamDecoded<Event>(
  connection: Transport,
  call: StreamCall<Event>,
  createDecoder: () => StreamDecoder<Event>,
): AsyncGenerator<ModelChunk> {
  const scope = createCallScope(call.signal)
  try {
    const { context, body, answer } = await begin(connection, call, scope)
    const decoder = createDecoder()
    const silent = (): ProviderError => silence(context.endpoint, 'no further chunk', connection.betweenChunksMs)
    while (!answer.isDone) {
      let read: Awaited<ReturnType<BodyReader['read']>>
      try {
        read = await body.read()
      } catch (error) {
        throw brokenOff(error, context, scope)
      }
      if (read.done) break
      for (const event of decoder.feed(read.value)) {
        if (answer.isDone) break
        const chunks = answer.accept(event)
        // Keep-alive comments and pings, and events that trickle in, leave the limit running.
        if (answer.isIdle !== true) scope.unlimit()
        for (const chunk of chunks) {
          scope.signal.throwIfAborted()
          yield chunk
        }
      }
      scope.limit(connection.betweenChunksMs, silent)
    }
    scope.unlimit()
    const last = answer.finish(answer.isDone ? [] : decoder.finish())
    try {
      for (const chunk of last) {
        scope.signal.throwIfAborted()
        yield chunk
      }
    } finally {
      // Also when the consumer asks for nothing after the end.
      await drain(body, scope)
    }
  } finally {
    scope.release()
  }
}

/** An answer that is about to arrive. */
interface BegunAnswer<Event> {
  readonly context: AnswerContext
  readonly body: BodyReader
  readonly answer: AnswerReader<Event>
}

async function begin<Event>(
  connection: Transport,
  call: StreamCall<Event>,
  scope: CallScope,
): Promise<BegunAnswer<Event>> {
  // Until the request says where it goes.
  let endpoint = connection.info.id
  scope.limit(connection.firstChunkMs, () => silence(endpoint, 'no chunk', connection.firstChunkMs))
  const { url, body, credentials } = await call.prepare(scope.signal)
  endpoint = url.origin + url.pathname
  const { headers, hasKey, redact } = credentials ?? (await connection.authorize?.(scope.signal)) ?? NO_CREDENTIALS
  const context: CallContext = { connection, endpoint, hasKey, redact }
  const request: RequestInit = {
    method: 'POST',
    headers,
    body: wellFormedJson(body),
    // Following one could carry the key to another host, or turn the request into a GET.
    redirect: 'manual',
    signal: scope.signal,
  }
  const response = await send(() => connection.fetch(url.href, request), context, scope)
  const begun = { ...context, headers: response.headers, requestId: requestIdOf(response.headers, context) }
  const reader = await openBody(response, begun, scope)
  return { context: begun, body: reader, answer: call.open(begun) }
}

async function send(fetch: () => Promise<Response>, context: CallContext, scope: CallScope): Promise<Response> {
  try {
    return await fetch()
  } catch (error) {
    throw brokenOff(error, context, scope)
  }
}

// An abort looks like a broken connection.
function brokenOff(error: unknown, context: CallContext, scope: CallScope): unknown {
  return scope.signal.aborted ? scope.signal.reason : errorFromTransport(error, context)
}

async function openBody(response: Response, context: CallContext, scope: CallScope): Promise<BodyReader> {
  if (!response.ok) throw errorFromResponse(response, await readText(response, scope), context)
  const contentType = response.headers.get('content-type') ?? ''
  // Any other type is taken for a stream: small servers label theirs as plain text, or not at all.
  if (/^(?:application\/json|text\/html)\b/i.test(contentType) || response.body === null) {
    throw errorFromContentType(response, await readText(response, scope), context)
  }
  return response.body.getReader()
}

async function readText(response: Response, scope: CallScope): Promise<string> {
  if (response.body === null) return ''
  const reader: BodyReader = response.body.getReader()
  const parts: Uint8Array[] = []
  try {
    for (let size = 0; size < MAX_ERROR_BYTES; size += parts.at(-1)?.length ?? 0) {
      const { done, value } = await reader.read()
      if (done) break
      parts.push(value)
    }
  } catch {
    scope.signal.throwIfAborted()
    // The page was cut off: what there is of it, and the status, still say more than that.
  }
  return Buffer.concat(parts).toString('utf8', 0, MAX_ERROR_BYTES)
}

// Closing a response before its last byte closes the connection with it.
async function drain(body: BodyReader, scope: CallScope): Promise<void> {
  scope.limit(DRAIN_MS, () => new ProviderError('PROVIDER_NETWORK', `the response stayed open for ${DRAIN_MS} ms`))
  try {
    for (;;) if ((await body.read()).done) return
  } catch {
    // The answer is complete: how its connection ends changes nothing.
  }
}

function silence(endpoint: string, what: string, ms: number): ProviderError {
  return new ProviderError('PROVIDER_TIMEOUT', `${what} from ${endpoint} within ${ms} ms`, { retryable: true })
}
