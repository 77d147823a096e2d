import { blake3, toHex } from '@starling/event'
import { describe, expect, test } from 'vitest'
import { beginAnswer, delta, read, readBytes, stop, type WireEvent } from './support/answer.ts'
import { errorFrame, eventFrame, exceptionFrame, joined, rawFrame } from './support/converse-codec.ts'

const STOPPED: WireEvent = ['messageStop', { stopReason: 'end_turn' }]
const METADATA: WireEvent = ['metadata', { usage: { inputTokens: 3, outputTokens: 2 }, metrics: { latencyMs: 9 } }]

describe('the end of an answer', () => {
  test('the usage and the reason come last', () => {
    expect(read(delta(0, { text: 'Hi' }), stop(0), STOPPED, METADATA).slice(-2)).toEqual([
      { type: 'usage', usage: { input: 3, cacheRead: 0, cacheWrite: 0, output: 2, reasoning: 0 } },
      { type: 'end', stopReason: 'stop', rawStopReason: 'end_turn', rawResponseHash: expect.any(Uint8Array) },
    ])
  })

  test('an answer without token counts is whole', () => {
    expect(read(delta(0, { text: 'Hi' }), stop(0), STOPPED).map(({ type }) => type)).toEqual(['text-delta', 'end'])
  })

  test('the id of the call is part of the end', () => {
    const bytes = joined(eventFrame(...STOPPED), eventFrame(...METADATA))
    expect(readBytes(bytes, 'request-7').at(-1)).toMatchObject({ requestId: 'request-7' })
    expect(readBytes(bytes).at(-1)).not.toHaveProperty('requestId')
  })

  test('an answer without messageStop was cut off', () => {
    expect(() => read(['messageStart', { role: 'assistant' }], delta(0, { text: 'Hi' }))).toThrow(
      expect.objectContaining({
        code: 'PROVIDER_INVALID_STREAM',
        retryable: true,
        message:
          'the answer of https://bedrock.test/model/m/converse-stream was cut off after 2 chunks: no messageStop',
      }),
    )
  })

  test('token counts do not make a cut answer whole', () => {
    expect(() => read(delta(0, { text: 'Hi' }), METADATA)).toThrow('no messageStop')
  })

  test.each([
    ['that was cut off', joined()],
    ['that failed', exceptionFrame('modelStreamErrorException', { message: 'm' })],
  ])('the token counts of an answer %s behind them are told', (_, failure) => {
    const answer = beginAnswer()
    const told = [...answer.feed(joined(eventFrame(...delta(0, { text: 'Hi' })), eventFrame(...METADATA)))]
    expect(told.at(-1)).toEqual({
      type: 'usage',
      usage: { input: 3, cacheRead: 0, cacheWrite: 0, output: 2, reasoning: 0 },
    })
    expect(() => [...answer.feed(failure), ...answer.finish()]).toThrow(expect.objectContaining({ retryable: true }))
  })

  test('an answer that ends in the middle of a message was cut off', () => {
    const bytes = joined(eventFrame(...STOPPED), eventFrame(...METADATA).subarray(0, 30))
    expect(() => readBytes(bytes)).toThrow(
      expect.objectContaining({ retryable: true, message: expect.stringContaining('in the middle of a message') }),
    )
  })
})

describe('the hash of an answer', () => {
  test('it covers the documents of all events, without anything between them', () => {
    const events: WireEvent[] = [delta(0, { text: 'Hi' }), stop(0), STOPPED, METADATA]
    const documents = events.map(([, document]) => JSON.stringify(document)).join('')
    expect(hashOf(read(...events))).toBe(toHex(blake3(new TextEncoder().encode(documents))))
  })

  test('it covers the exact bytes, also where the meaning is the same', () => {
    expect(hashOf(read(STOPPED, METADATA, ['later', { p: 'abc' }]))).not.toBe(hashOf(read(STOPPED, METADATA)))
  })
})

describe('a failure inside the stream', () => {
  test.for([
    ['throttlingException', 'PROVIDER_RATE_LIMIT', true],
    ['serviceUnavailableException', 'PROVIDER_OVERLOADED', true],
    ['internalServerException', 'PROVIDER_SERVER', true],
    ['modelStreamErrorException', 'PROVIDER_SERVER', true],
    ['modelTimeoutException', 'PROVIDER_TIMEOUT', true],
    ['validationException', 'PROVIDER_REJECTED', false],
    ['somethingNewException', 'PROVIDER_SERVER', true],
  ] as const)('%s is %s', ([name, code, retryable]) => {
    expect(() => readBytes(exceptionFrame(name, { message: 'as it said' }))).toThrow(
      expect.objectContaining({
        code,
        retryable,
        message: expect.stringContaining('failed while streaming: as it said'),
      }),
    )
  })

  test.for([
    [429, 'PROVIDER_RATE_LIMIT'],
    [503, 'PROVIDER_OVERLOADED'],
    [529, 'PROVIDER_OVERLOADED'],
    [408, 'PROVIDER_TIMEOUT'],
    [500, 'PROVIDER_SERVER'],
    [400, 'PROVIDER_SERVER'],
  ] as const)('a model that failed with %i is %s', ([originalStatusCode, code]) => {
    const payload = { message: 'the model failed', originalStatusCode, originalMessage: 'inside' }
    expect(() => readBytes(exceptionFrame('modelStreamErrorException', payload))).toThrow(
      expect.objectContaining({ code, retryable: true }),
    )
  })

  test('an error without a document has its words in its header', () => {
    expect(() => readBytes(errorFrame('InternalFailure', 'it broke'))).toThrow(
      expect.objectContaining({
        code: 'PROVIDER_SERVER',
        message: 'https://bedrock.test/model/m/converse-stream failed while streaming: it broke (InternalFailure)',
      }),
    )
  })

  test('a failure whose document is not JSON is still a failure', () => {
    expect(() => readBytes(exceptionFrame('throttlingException', 'slow down'))).toThrow(
      expect.objectContaining({ code: 'PROVIDER_RATE_LIMIT' }),
    )
  })

  test('a key in its words is taken out', () => {
    expect(() => readBytes(exceptionFrame('validationException', { message: 'bad secret-key here' }))).toThrow(
      expect.objectContaining({ message: expect.stringContaining('bad [redacted] here') }),
    )
  })
})

describe('messages that are no events of an answer', () => {
  test('an event of a name that is not known says nothing about the content', () => {
    expect(read(['heartbeat', { at: 1 }], delta(0, { text: 'Hi' }), STOPPED).map(({ type }) => type)).toEqual([
      'text-delta',
      'end',
    ])
  })

  test.for([['a text'], [[1]], [null], [7]])('a document that is no JSON object is refused: %j', ([document]) => {
    expect(() => readBytes(eventFrame('messageStop', document))).toThrow(
      expect.objectContaining({
        code: 'PROVIDER_INVALID_STREAM',
        message: 'https://bedrock.test/model/m/converse-stream sent no JSON object as messageStop',
      }),
    )
  })

  test('a document that is no JSON is refused', () => {
    expect(() => readBytes(rawFrame('messageStop', '{"stopReason":'))).toThrow('sent no JSON object as messageStop')
  })

  test('a stop reason that is no text is none', () => {
    expect(read(['messageStop', { stopReason: 7 }]).at(-1)).toMatchObject({ stopReason: 'other', rawStopReason: '' })
  })

  test('metadata without token counts is passed over', () => {
    expect(read(STOPPED, ['metadata', { metrics: {} }]).map(({ type }) => type)).toEqual(['end'])
  })
})

function hashOf(chunks: readonly object[]): string {
  const hash: unknown = Reflect.get(chunks.at(-1) ?? {}, 'rawResponseHash')
  return hash instanceof Uint8Array ? toHex(hash) : String(hash)
}
