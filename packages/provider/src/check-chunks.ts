import { ProviderError } from './provider-error.ts'
import { STOP_REASONS, type ModelChunk, type Usage } from './provider.ts'

const HASH_BYTES = 32

/** Follows one answer, chunk by chunk. */
export interface ChunkChecker {
  /**
   * Takes the next chunk.
   *
   * @throws {@link ProviderError} `PROVIDER_INVALID_STREAM` when it may not come here.
   */
  accept(chunk: ModelChunk): void
  /**
   * Takes the end of the source.
   *
   * @throws {@link ProviderError} `PROVIDER_INVALID_STREAM`, retryable, when the answer has not ended.
   */
  finish(): void
}

/** Creates a checker of the order that {@link ModelChunk} describes, for one answer. */
export function createChunkChecker(): ChunkChecker {
  return new AnswerChecker()
}

/**
 * Passes `chunks` through and enforces the order that {@link ModelChunk} describes.
 *
 * Errors of the source pass unchanged. The source is closed when the consumer
 * leaves early and when a chunk is refused.
 *
 * @throws {@link ProviderError} `PROVIDER_INVALID_STREAM` at the first chunk
 * that may not come where it comes, and when the source ends before its `end`.
 * @example
 * ```ts
 * for await (const chunk of checkChunks(provider.stream(request, { signal }))) {
 *   if (chunk.type === 'text-delta') text += chunk.text
 * }
 * ```
 */
export async function* checkChunks(chunks: AsyncIterable<ModelChunk>): AsyncIterable<ModelChunk> {
  const checker = createChunkChecker()
  for await (const chunk of chunks) {
    checker.accept(chunk)
    yield chunk
  }
  checker.finish()
}

class AnswerChecker implements ChunkChecker {
  /** Every call id of the answer, and whether its call is still open. */
  readonly #calls = new Map<string, boolean>()
  #ended = false

  accept(chunk: ModelChunk): void {
    if (this.#ended) throw invalid(`${chunk.type} chunk after the end`)
    switch (chunk.type) {
      case 'text-delta':
      case 'reasoning-delta':
        return checkText(chunk.type, 'text', chunk.text)
      case 'redacted-reasoning':
        return checkText(chunk.type, 'data', chunk.data)
      case 'opaque':
        return checkJson(chunk.type, chunk.data)
      case 'text-end':
        for (const citation of chunk.citations ?? []) checkJson('citation', citation)
        return
      case 'tool-call-start':
        return this.#start(chunk.callId, chunk.name)
      case 'tool-call-delta':
        this.#assertOpen(chunk.callId, 'delta')
        return checkText(chunk.type, 'argumentsText', chunk.argumentsText)
      case 'tool-call-end':
        this.#assertOpen(chunk.callId, 'end')
        this.#calls.set(chunk.callId, false)
        return
      case 'usage':
        return checkUsage(chunk.usage)
      case 'attempt-failed':
        checkDelay(chunk.delayMs)
        // What comes now is another answer.
        this.#calls.clear()
        return
      case 'end':
        return this.#end(chunk)
      default:
        throw invalid(`unknown chunk type ${quote(Reflect.get(chunk satisfies never, 'type'))}`)
    }
  }

  finish(): void {
    // A cut connection looks the same as this, so another attempt may well succeed.
    if (!this.#ended) throw invalid('the answer stopped before its end chunk', true)
  }

  #start(callId: string, name: string): void {
    if (!isName(callId)) throw invalid(`tool call with the id ${quote(callId)}, expected text`)
    if (!isName(name)) throw invalid(`tool call ${quote(callId)} with the name ${quote(name)}, expected text`)
    if (this.#calls.has(callId)) throw invalid(`tool call ${quote(callId)} starts a second time`)
    this.#calls.set(callId, true)
  }

  #assertOpen(callId: string, what: string): void {
    const open = this.#calls.get(callId)
    if (open === undefined) throw invalid(`${what} of tool call ${quote(callId)}, which has not started`)
    if (!open) throw invalid(`${what} of tool call ${quote(callId)}, which has ended`)
  }

  #end(chunk: ModelChunk & { type: 'end' }): void {
    for (const [callId, open] of this.#calls) if (open) throw invalid(`tool call ${quote(callId)} is open at the end`)
    if (!STOP_REASONS.includes(chunk.stopReason)) throw invalid(`unknown stop reason ${quote(chunk.stopReason)}`)
    checkText('end', 'rawStopReason', chunk.rawStopReason)
    const length = chunk.rawResponseHash?.length ?? HASH_BYTES
    if (length !== HASH_BYTES) throw invalid(`raw response hash of ${length} bytes, expected ${HASH_BYTES}`)
    this.#ended = true
  }
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function checkText(type: string, field: string, value: unknown): void {
  if (typeof value !== 'string') throw invalid(`${type} chunk whose ${field} is ${quote(value)}, expected text`)
}

/** It is recorded and sent back as it is, so it must be one whole JSON value. */
function checkJson(type: string, text: unknown): void {
  checkText(type, 'data', text)
  try {
    JSON.parse(String(text))
  } catch {
    throw invalid(`${type} chunk whose data is not JSON: ${quote(text)}`)
  }
}

function checkDelay(delayMs: number): void {
  if (!Number.isSafeInteger(delayMs) || delayMs < 0) {
    throw invalid(`attempt-failed chunk whose delayMs is ${delayMs}, expected whole milliseconds`)
  }
}

function checkUsage(usage: Usage): void {
  checkCount('input', usage.input)
  checkCount('cacheRead', usage.cacheRead)
  checkCount('cacheWrite', usage.cacheWrite)
  checkCount('output', usage.output)
  checkCount('reasoning', usage.reasoning)
  const { cacheWriteLong = 0, cacheWrite } = usage
  checkCount('cacheWriteLong', cacheWriteLong)
  if (cacheWriteLong > cacheWrite) {
    throw invalid(`usage whose cacheWriteLong is ${cacheWriteLong}, expected at most its cacheWrite of ${cacheWrite}`)
  }
}

function checkCount(field: keyof Usage, value: unknown): void {
  if (Number.isSafeInteger(value) && Number(value) >= 0) return
  throw invalid(`usage whose ${field} is ${String(value)}, expected a whole number of tokens`)
}

function invalid(message: string, retryable = false): ProviderError {
  return new ProviderError('PROVIDER_INVALID_STREAM', `invalid stream: ${message}`, { retryable })
}

/** Shows a value that may be anything, in one line of bounded length. */
function quote(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : typeof value
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`
}
