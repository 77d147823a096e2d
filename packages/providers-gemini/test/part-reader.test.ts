import { utf8Encode } from '@starling/event'
import { checkChunks, type ModelChunk } from '@starling/provider'
import { collectChunks, partsOfAnswer } from '@starling/provider-http/conformance'
import { writeJson } from '@starling/provider-http'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCitationCollector } from '../src/citations.ts'
import { convertAnswer } from '../src/convert-answer.ts'
import { createPartReader } from '../src/part-reader.ts'

// As it arrives: a text has no negative zero.
const json = fc.jsonValue().map((value): unknown => JSON.parse(JSON.stringify(value)))

const SIGNED = { thoughtSignature: 'c2ln' }
const SIGNATURE = utf8Encode('c2ln')

describe('a part', () => {
  test.each<[object, readonly ModelChunk[]]>([
    [{ text: 'a' }, [{ type: 'text-delta', text: 'a' }]],
    [{ text: '' }, []],
    [{}, []],
    [{ thought: true }, []],
    [{ text: '', thought: true }, []],
    [{ text: 'a', thought: true }, [{ type: 'reasoning-delta', text: 'a' }]],
    [{ text: 'a', thought: true, ...SIGNED }, [{ type: 'reasoning-delta', text: 'a', signature: SIGNATURE }]],
    [{ text: '', thought: true, ...SIGNED }, [{ type: 'reasoning-delta', text: '', signature: SIGNATURE }]],
    [{ text: 'a', thoughtSignature: '' }, [{ type: 'text-delta', text: 'a' }]],
    [
      { text: 'a', ...SIGNED },
      [
        { type: 'text-delta', text: 'a' },
        { type: 'text-end', signature: SIGNATURE },
      ],
    ],
    [{ text: '', ...SIGNED }, [{ type: 'opaque', data: '{"text":"","thoughtSignature":"c2ln"}' }]],
    [SIGNED, [{ type: 'opaque', data: '{"thoughtSignature":"c2ln"}' }]],
    [
      { futurePart: { n: 12345678901234567890n } },
      [{ type: 'opaque', data: '{"futurePart":{"n":12345678901234567890}}' }],
    ],
    [
      { inlineData: { data: 'AA==' }, thought: true },
      [{ type: 'opaque', data: '{"inlineData":{"data":"AA=="},"thought":true}' }],
    ],
    [
      { functionCall: { id: 'a', name: 'f' } },
      [
        { type: 'tool-call-start', callId: 'a', name: 'f' },
        { type: 'tool-call-end', callId: 'a' },
      ],
    ],
  ])('%o becomes %o', (part, chunks) => {
    expect(read(part)).toEqual(chunks)
  })

  test('that is signed does not run together with the text before it', () => {
    expect(partsOfAnswer(read({ text: 'a' }, { text: 'b' }, { text: 'c', ...SIGNED }, { text: 'd' }))).toEqual([
      { type: 'text', text: 'ab' },
      { type: 'text', text: 'c', signature: SIGNATURE },
      { type: 'text', text: 'd' },
    ])
  })

  test('whose id another call of the answer has gets one of its own', () => {
    const calls = read({ functionCall: { id: 'a', name: 'f' } }, { functionCall: { id: 'a', name: 'f' } })
    expect(calls.flatMap((chunk) => (chunk.type === 'tool-call-start' ? [chunk.callId] : []))).toEqual([
      'a',
      'generated-1',
    ])
  })

  test.each([{ partialArgs: [] }, { willContinue: true }])('with the pieces of a call is refused: %o', (piece) => {
    expect(() => read({ functionCall: { name: 'f', ...piece } })).toThrow(
      expect.objectContaining({
        code: 'PROVIDER_INVALID_STREAM',
        message: 'http://vendor.test streams the arguments of a tool call in pieces, which the Gemini API does not do',
      }),
    )
  })

  test('of any kind keeps the order of chunks', async () => {
    const text = fc.constantFrom('', 'a', 'b')
    const signature = fc.constantFrom({}, SIGNED)
    const part = fc.oneof(
      fc.record({ text, thought: fc.boolean() }),
      fc.record({ functionCall: fc.record({ id: text, name: fc.constant('f'), args: fc.constantFrom({}, { q: 1 }) }) }),
      fc.record({ executableCode: json }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(part, signature)), async (parts) => {
        const chunks = read(...parts.map(([one, more]) => ({ ...one, ...more })))
        const end: ModelChunk = { type: 'end', stopReason: 'stop', rawStopReason: '', rawResponseHash: null }
        expect(await collectChunks(checkChunks(iterate([...chunks, end])))).toHaveLength(chunks.length + 1)
      }),
    )
  })
})

describe('parts of any kind', () => {
  const text = fc.string({ minLength: 1 })
  const thoughtSignature = fc.base64String({ minLength: 4 })
  const whole = fc.oneof(
    // The end of a stream, which is nothing but its signature.
    fc.record({ text: fc.constant(''), thoughtSignature }),
    fc.record({ text, thoughtSignature }),
    fc.record({ executableCode: fc.record({ code: text }), thoughtSignature }),
    fc.record({ toolResponse: fc.record({ response: json }) }),
    fc.record({ text, thought: fc.constant(true), thoughtSignature }),
    fc.record({ functionCall: fc.record({ name: text, args: fc.dictionary(text, json) }), thoughtSignature }),
  )
  // What is sent in pieces never follows its like: the pieces would be one part.
  const pieces = fc.oneof(fc.record({ text }), fc.record({ text, thought: fc.constant(true) }), fc.constant({}))

  test('go back as they came', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(pieces, whole)), (pairs) => {
        const parts = pairs.flat().map((part, index) => withId(part, `call-${index}`))
        const message = { role: 'assistant', content: '', toolUses: [], parts: partsOfAnswer(read(...parts)) } as const
        const sent = convertAnswer(message, { providerId: 'gemini', model: 'gemini-2.5-pro', wantsSignedCalls: false })
        expect(JSON.parse(writeJson(sent, 'sent'))).toEqual(joinThoughts(parts))
      }),
    )
  })
})

describe('sources', () => {
  const WEB = { groundingMetadata: { webSearchQueries: ['q'] } }
  const CITATION = '{"groundingMetadata":{"webSearchQueries":["q"]}}'

  test('go to the text that is open when something else begins', () => {
    const { reader, citations } = createReader()
    const chunks = [...reader.read({ text: 'a' })]
    citations.add(WEB)
    chunks.push(...reader.read({ executableCode: {} }), ...reader.read({ text: 'b' }), ...reader.finish())
    expect(partsOfAnswer(chunks)).toEqual([
      { type: 'text', text: 'a', citations: [CITATION] },
      { type: 'opaque', data: '{"executableCode":{}}' },
      { type: 'text', text: 'b' },
    ])
  })

  test('go to the last text at the end, beside its signature', () => {
    const { reader, citations } = createReader()
    citations.add(WEB)
    citations.add({ citationMetadata: { citationSources: [{ uri: 'u' }] } })
    expect(partsOfAnswer([...reader.read({ text: 'a', ...SIGNED }), ...reader.finish()])).toEqual([
      {
        type: 'text',
        text: 'a',
        signature: SIGNATURE,
        citations: [CITATION, '{"citationMetadata":{"citationSources":[{"uri":"u"}]}}'],
      },
    ])
  })

  test('of an answer whose last text has ended get an empty one', () => {
    const { reader, citations } = createReader()
    const chunks = [...reader.read({ text: 'a', ...SIGNED })]
    citations.add(WEB)
    expect(partsOfAnswer([...chunks, ...reader.finish()]).at(-1)).toEqual({
      type: 'text',
      text: '',
      citations: [CITATION],
    })
  })

  test('that are said again, or say nothing, are not collected', () => {
    const citations = createCitationCollector()
    for (const candidate of [WEB, WEB, { groundingMetadata: {} }, {}]) citations.add(candidate)
    expect([citations.take(), citations.take()]).toEqual([[CITATION], []])
    citations.add(WEB)
    expect(citations.take()).toEqual([])
  })
})

function createReader(): {
  readonly reader: ReturnType<typeof createPartReader>
  readonly citations: ReturnType<typeof createCitationCollector>
} {
  const citations = createCitationCollector()
  let count = 0
  const generateCallId = (): string => `generated-${(count += 1)}`
  return { reader: createPartReader({ citations, generateCallId, endpoint: 'http://vendor.test' }), citations }
}

function read(...parts: readonly object[]): ModelChunk[] {
  const { reader } = createReader()
  return [...parts.flatMap((part) => [...reader.read({ ...part })]), ...reader.finish()]
}

async function* iterate(chunks: readonly ModelChunk[]): AsyncIterable<ModelChunk> {
  yield* chunks
}

function withId(part: object, id: string): object {
  const call: unknown = Reflect.get(part, 'functionCall')
  return call === undefined ? part : { ...part, functionCall: { ...Object(call), id } }
}

// A signed thought ends the one that is open: a block of reasoning has one signature.
function joinThoughts(parts: readonly object[]): object[] {
  const joined: object[] = []
  for (const part of parts) {
    const last = joined.at(-1)
    const isOpen = last !== undefined && 'thought' in last && !('thoughtSignature' in last)
    if (isOpen && 'thought' in part) joined[joined.length - 1] = { ...part, text: textOf(last) + textOf(part) }
    else if (Object.keys(part).length > 0) joined.push(part)
  }
  return joined
}

function textOf(part: object): string {
  return String(Reflect.get(part, 'text'))
}
