import { checkChunks, type ModelChunk } from '@starling/provider'
import { collectChunks } from '@starling/provider-http/conformance'
import { type AnswerContext, createRedact } from '@starling/provider-http'
import { BEDROCK } from '../../src/bedrock-failures.ts'
import { createConverseAnswer } from '../../src/converse-answer.ts'
import { createEventStreamDecoder } from '../../src/decode-event-stream.ts'
import { eventFrame, joined } from './converse-codec.ts'

/** An event of an answer: its name and its document. */
export type WireEvent = readonly [name: string, document: object]

/** An answer whose bytes come one part after the other. */
export interface BegunAnswer {
  feed(bytes: Uint8Array): ModelChunk[]
  finish(): ModelChunk[]
}

/** Reads an answer from its bytes. */
export function readBytes(bytes: Uint8Array, requestId?: string): ModelChunk[] {
  const answer = beginAnswer(requestId)
  return [...answer.feed(bytes), ...answer.finish()]
}

/** Begins to read an answer. */
export function beginAnswer(requestId?: string): BegunAnswer {
  const context: AnswerContext = {
    connection: { vendor: BEDROCK, now: () => 0 },
    endpoint: 'https://bedrock.test/model/m/converse-stream',
    hasKey: true,
    redact: createRedact(['secret-key']),
    headers: new Headers(),
    requestId,
  }
  const answer = createConverseAnswer(context)
  const decoder = createEventStreamDecoder()
  return {
    feed: (bytes) => [...decoder.feed(bytes)].flatMap((message) => [...answer.accept(message)]),
    finish: () => [...answer.finish(decoder.finish())],
  }
}

/** Reads an answer from its events. */
export function read(...events: readonly WireEvent[]): ModelChunk[] {
  return readBytes(joined(...events.map(([name, document]) => eventFrame(name, document))))
}

/** Reads the content of an answer, without its end. */
export async function readContent(...blocks: readonly WireEvent[]): Promise<ModelChunk[]> {
  const chunks = read(...blocks, ['messageStop', { stopReason: 'end_turn' }])
  const checked = await collectChunks(checkChunks(iterate(chunks)))
  return checked.filter(({ type }) => type !== 'end')
}

/** The start of a block. */
export function start(contentBlockIndex: number, what: object): WireEvent {
  return ['contentBlockStart', { contentBlockIndex, start: what }]
}

/** A piece of a block. */
export function delta(contentBlockIndex: number, what: object): WireEvent {
  return ['contentBlockDelta', { contentBlockIndex, delta: what }]
}

/** The stop of a block. */
export function stop(contentBlockIndex: number): WireEvent {
  return ['contentBlockStop', { contentBlockIndex }]
}

async function* iterate(chunks: readonly ModelChunk[]): AsyncIterable<ModelChunk> {
  yield* chunks
}
