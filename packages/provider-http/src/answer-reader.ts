import { type ModelChunk, ProviderError } from '@starling/provider'
import { type CallContext, errorFromStream, ofRequest } from './answer-failures.ts'
import type { SseEvent } from './decode-sse.ts'
import { isJsonObject, type JsonObject } from './json-object.ts'
import { mayLoseDigits, parseExact } from './json-text.ts'
import { shorten } from './summarize-body.ts'
import { errorOfText } from './vendor-error.ts'

/** What is known of an answer when it begins. */
export interface AnswerContext extends CallContext {
  /** The headers of the response. */
  readonly headers: Headers
  /** The vendor's id of the call, when it gave one. */
  readonly requestId: string | undefined
}

/** Turns the events of one answer into chunks: what every vendor's adapter brings. */
export interface AnswerReader<Event = SseEvent> {
  /** Whether the vendor has said that nothing follows. Events after that are passed over. */
  readonly isDone: boolean
  /**
   * Whether the last event said nothing of the answer, as a ping does: it is no progress, and silence goes on.
   * Default: every event is progress.
   */
  readonly isIdle?: boolean | undefined
  /** Takes the next event. */
  accept(event: Event): readonly ModelChunk[]
  /**
   * Takes the end of the response and what it left half-sent, and returns the last chunks.
   *
   * @throws ProviderError `PROVIDER_INVALID_STREAM`, retryable, when the answer has not ended: see {@link cutOff}.
   */
  finish(tail: readonly Event[]): readonly ModelChunk[]
}

/**
 * Reads the JSON object of an event.
 *
 * @throws ProviderError `PROVIDER_INVALID_STREAM` when it is none; what the text says, when the event is named `error`.
 */
export function parseEvent(event: SseEvent, call: CallContext): JsonObject {
  const json = parseJson(event.text)
  if (isJsonObject(json)) return json
  const shown = shorten(call.redact(event.text))
  if (event.name === 'error') throw errorFromStream(errorOfText(shown), call)
  throw new ProviderError('PROVIDER_INVALID_STREAM', `${call.endpoint} sent no JSON object: ${shown}${ofRequest(call)}`)
}

/**
 * Reads once more what {@link parseEvent} read, with every number as the vendor wrote it: see {@link parseExact}.
 *
 * For the parts of an event that are passed on; those that are counted with come from `json`, which is returned
 * where both are the same.
 */
export function exactEvent(event: SseEvent, json: JsonObject): JsonObject {
  const exact = mayLoseDigits(event.text) ? parseExact(event.text) : json
  return isJsonObject(exact) ? exact : json
}

/** Reports whether the text of an event is JSON: what a cut connection left of an event is no event. */
export function isWhole(event: SseEvent): boolean {
  return parseJson(event.text) !== undefined
}

/** Makes the error for an answer that ended before its end; `missing` says what it lacks. */
export function cutOff(call: CallContext, eventCount: number, missing: string): ProviderError {
  return new ProviderError(
    'PROVIDER_INVALID_STREAM',
    `the answer of ${call.endpoint} was cut off after ${eventCount} chunks: ${missing}${ofRequest(call)}`,
    { retryable: true },
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The caller words the error: the parser's own would quote the text at length.
    return undefined
  }
}
