import { type ModelChunk, ProviderError } from '@starling/provider'
import { Buffer } from 'node:buffer'
import type { CallScope } from './call-scope.ts'
import { createChatAnswer } from './chat-answer.ts'
import { errorFromContentType, errorFromResponse, errorFromTransport } from './chat-failures.ts'
import { createSseDecoder } from './decode-sse.ts'
import type { Settings } from './resolve-settings.ts'

/** The part of a response body that is read here. */
type BodyReader = ReadableStreamDefaultReader<Uint8Array>

// An error page is read for one line of it.
const MAX_ERROR_BYTES = 64 * 1024
// A response that is over ends within this; then its connection can be used again.
const DRAIN_MS = 250

/**
 * Sends one request and yields the chunks of its answer.
 *
 * @throws ProviderError for every failure; an abort of the scope rejects with its reason.
 */
export async function* streamChat(settings: Settings, body: string, scope: CallScope): AsyncGenerator<ModelChunk> {
  scope.limit(settings.firstChunkMs, () => silence(settings, 'no chunk', settings.firstChunkMs))
  const response = await onTheWire(send(settings, body, scope), settings, scope)
  const reader = await openStream(response, settings, scope)
  const decoder = createSseDecoder()
  const answer = createChatAnswer(settings, response.headers.get('x-request-id'))
  while (!answer.isDone) {
    const { done, value } = await onTheWire(reader.read(), settings, scope)
    if (done) break
    const events = decoder.feed(value)
    // Keep-alive comments leave the limit running.
    if (events.length > 0) scope.unlimit()
    for (const event of events) {
      for (const chunk of answer.accept(event)) {
        scope.signal.throwIfAborted()
        yield chunk
      }
    }
    scope.limit(settings.betweenChunksMs, () => silence(settings, 'no further chunk', settings.betweenChunksMs))
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
    await drain(reader, scope)
  }
}

function send(settings: Settings, body: string, scope: CallScope): Promise<Response> {
  return settings.fetch(settings.url, {
    method: 'POST',
    headers: settings.headers,
    body,
    // Following one could carry the key to another host, or turn the request into a GET.
    redirect: 'manual',
    signal: scope.signal,
  })
}

async function onTheWire<T>(operation: Promise<T>, settings: Settings, scope: CallScope): Promise<T> {
  try {
    return await operation
  } catch (error) {
    scope.signal.throwIfAborted()
    throw errorFromTransport(error, settings)
  }
}

async function openStream(response: Response, settings: Settings, scope: CallScope): Promise<BodyReader> {
  if (!response.ok) throw errorFromResponse(response, await readText(response, scope), settings)
  const contentType = response.headers.get('content-type') ?? ''
  // Any other type is taken for a stream: small servers label theirs as plain text, or not at all.
  if (/^(?:application\/json|text\/html)\b/i.test(contentType) || response.body === null) {
    throw errorFromContentType(contentType, await readText(response, scope), settings)
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
async function drain(reader: BodyReader, scope: CallScope): Promise<void> {
  scope.limit(DRAIN_MS, () => new ProviderError('PROVIDER_NETWORK', `the response stayed open for ${DRAIN_MS} ms`))
  try {
    for (;;) if ((await reader.read()).done) return
  } catch {
    // The answer is complete: how its connection ends changes nothing.
  }
}

function silence(settings: Settings, what: string, ms: number): ProviderError {
  const message = `${what} from ${settings.endpoint} within ${ms} ms`
  return new ProviderError('PROVIDER_NETWORK', message, { retryable: true })
}
