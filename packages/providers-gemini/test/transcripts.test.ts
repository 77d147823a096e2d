import { utf8Encode } from '@starling/event'
import type { ModelChunk, ModelRequest } from '@starling/provider'
import { collectUntilFailure, createFakeVendor, partsOfAnswer } from '@starling/provider-http/conformance'
import { createRawResponseHash } from '@starling/provider-http'
import { describe, expect, test } from 'vitest'
import { bodyOf, chunksOf, fixture, HELLO, providerFor } from './support/provider.ts'

const SIGNATURE_TEXT = 'EpQECpEEAb4+9vtk3mJ6Jd0cVZ2lq8mC1n0pTq/4hQ=='
const SIGNATURE = utf8Encode(SIGNATURE_TEXT)

describe('an answer as Gemini streams it', () => {
  test('thoughts, text, parallel calls of which the first is signed, and cached tokens', async () => {
    expect(await chunksOf([fixture('thinking-parallel-calls')])).toEqual([
      { type: 'reasoning-delta', text: '**Looking at the cities**\n\nBoth cities need ' },
      { type: 'reasoning-delta', text: 'a call of their own: Łódź and Oslo.\n' },
      { type: 'text-delta', text: "I'll check both." },
      { type: 'tool-call-start', callId: 'qk2v7x1c', name: 'get_weather' },
      { type: 'tool-call-delta', callId: 'qk2v7x1c', argumentsText: '{"city":"Łódź","days":3}' },
      { type: 'tool-call-end', callId: 'qk2v7x1c', signature: SIGNATURE },
      { type: 'tool-call-start', callId: 'm9w0t4zd', name: 'get_weather' },
      { type: 'tool-call-delta', callId: 'm9w0t4zd', argumentsText: '{"city":"Oslo","days":3}' },
      { type: 'tool-call-end', callId: 'm9w0t4zd' },
      { type: 'tool-call-start', callId: 'e5r8y2ub', name: 'now' },
      { type: 'tool-call-delta', callId: 'e5r8y2ub', argumentsText: '{}' },
      { type: 'tool-call-end', callId: 'e5r8y2ub' },
      { type: 'usage', usage: { input: 231, cacheRead: 4081, cacheWrite: 0, output: 143, reasoning: 97 } },
      end('tool_use', 'STOP', 'x2gYaajBPL6Ivr0P'),
    ])
  })

  test('calls without ids get one each, also those of the same tool', async () => {
    const chunks = await chunksOf([fixture('calls-without-ids')])
    expect(chunks.filter(({ type }) => type.startsWith('tool-call'))).toEqual([
      { type: 'tool-call-start', callId: 'generated-1', name: 'get_weather' },
      { type: 'tool-call-delta', callId: 'generated-1', argumentsText: '{"city":"Oslo"}' },
      { type: 'tool-call-end', callId: 'generated-1', signature: SIGNATURE },
      { type: 'tool-call-start', callId: 'generated-2', name: 'get_weather' },
      { type: 'tool-call-delta', callId: 'generated-2', argumentsText: '{"city":"Rome"}' },
      { type: 'tool-call-end', callId: 'generated-2' },
    ])
  })

  test('a search of Google, whose sources are the citations of the text', async () => {
    const [first, second, textEnd, signed, usage, last] = await chunksOf([fixture('grounding')])
    expect([first, second]).toEqual([
      { type: 'text-delta', text: 'Spain won Euro 2024, ' },
      { type: 'text-delta', text: 'defeating England 2–1 in the final.' },
    ])
    const citations = textEnd?.type === 'text-end' ? (textEnd.citations ?? []) : []
    expect(citations.map((citation) => JSON.parse(citation))).toEqual([
      {
        groundingMetadata: {
          searchEntryPoint: { renderedContent: expect.stringContaining('<div class="container">') },
          groundingChunks: [
            { web: { uri: expect.stringContaining('AUZIYQE1'), title: 'uefa.com' } },
            { web: { uri: expect.stringContaining('AUZIYQE2'), title: 'wikipedia.org' } },
          ],
          groundingSupports: [
            {
              segment: { endIndex: 57, text: 'Spain won Euro 2024, defeating England 2-1 in the final.' },
              groundingChunkIndices: [0, 1],
            },
          ],
          webSearchQueries: ['euro 2024 winner'],
        },
      },
    ])
    expect(signed).toEqual({ type: 'opaque', data: `{"text":"","thoughtSignature":"${SIGNATURE_TEXT}"}` })
    expect(usage).toEqual({
      type: 'usage',
      usage: { input: 115, cacheRead: 0, cacheWrite: 0, output: 83, reasoning: 61 },
    })
    expect(last).toEqual(end('stop', 'STOP', 'grounding-1'))
  })

  test('code that the vendor ran, its result and an image, in their order', async () => {
    expect(await chunksOf([fixture('code-execution')])).toEqual([
      { type: 'text-delta', text: 'Let me compute that.\n' },
      {
        type: 'opaque',
        data: '{"executableCode":{"language":"PYTHON","code":"print(12345678901234567890 * 2)\\n","id":"c1"}}',
      },
      {
        type: 'opaque',
        data: '{"codeExecutionResult":{"outcome":"OUTCOME_OK","output":"24691357802469135780\\n","id":"c1"}}',
      },
      { type: 'opaque', data: '{"inlineData":{"mimeType":"image/png","data":"iVBORw0KGgo="}}' },
      { type: 'text-delta', text: 'It is 24691357802469135780.' },
      { type: 'usage', usage: { input: 85, cacheRead: 0, cacheWrite: 0, output: 44, reasoning: 0 } },
      end('stop', 'STOP', 'code-1'),
    ])
  })

  test("calls of the vendor's own tools keep their signatures, and a call for the agent follows", async () => {
    expect(await chunksOf([fixture('tool-combination')])).toEqual([
      { type: 'reasoning-delta', text: 'I should look up the northernmost city first.' },
      {
        type: 'opaque',
        data:
          '{"toolCall":{"toolType":"GOOGLE_SEARCH_WEB","args":{"queries":["northernmost city in the United States"]},' +
          '"id":"a7bx"},"thoughtSignature":"c2lnbmF0dXJlLW9mLXRoZS1jYWxs"}',
      },
      {
        type: 'opaque',
        data:
          '{"toolResponse":{"toolType":"GOOGLE_SEARCH_WEB","response":{"search_suggestions":"<div>…</div>"},' +
          '"id":"a7bx"},"thoughtSignature":"c2lnbmF0dXJlLW9mLXRoZS1hbnN3ZXI="}',
      },
      { type: 'tool-call-start', callId: 'm4qw', name: 'get_weather' },
      { type: 'tool-call-delta', callId: 'm4qw', argumentsText: '{"city":"Utqiaġvik, Alaska"}' },
      { type: 'tool-call-end', callId: 'm4qw', signature: SIGNATURE },
      { type: 'usage', usage: { input: 531, cacheRead: 0, cacheWrite: 0, output: 91, reasoning: 73 } },
      end('tool_use', 'STOP', 'mix-1'),
    ])
  })

  test('a malformed call is an answer that went wrong, not a whole one', async () => {
    expect((await chunksOf([fixture('malformed-call')])).at(-1)).toEqual(
      end('error', 'MALFORMED_FUNCTION_CALL', 'bad-1'),
    )
  })

  test('a blocked prompt is refused for good', async () => {
    const { chunks, error } = await failureOf(fixture('blocked-prompt'))
    expect(chunks).toEqual([])
    expect(error).toMatchObject({
      code: 'PROVIDER_CONTENT_FILTER',
      retryable: false,
      message:
        'http://vendor.test/v1beta/models/gemini-3.8-flash:streamGenerateContent blocked the prompt (PROHIBITED_CONTENT)',
    })
  })

  test('an error inside the stream says what its status says, and how long to wait', async () => {
    const { chunks, error } = await failureOf(fixture('error-in-stream'))
    expect(chunks).toEqual([usageOf(9, 1), { type: 'text-delta', text: 'par' }])
    expect(error).toMatchObject({
      code: 'PROVIDER_RATE_LIMIT',
      retryable: true,
      retryAfterMs: 37_826,
      message:
        'http://vendor.test/v1beta/models/gemini-3.8-flash:streamGenerateContent failed while streaming: ' +
        'You exceeded your current quota. Please retry in 37.826s. (RESOURCE_EXHAUSTED)',
    })
  })

  test('an answer without a reason to stop was cut off, however whole it looks', async () => {
    const { chunks, error } = await failureOf(fixture('truncated'))
    expect(chunks).toEqual([
      usageOf(9, 4),
      { type: 'text-delta', text: 'The first half of ' },
      usageOf(9, 6),
      { type: 'text-delta', text: 'the answer' },
    ])
    expect(error).toMatchObject({
      code: 'PROVIDER_INVALID_STREAM',
      retryable: true,
      message: expect.stringContaining('was cut off after 2 chunks: no finishReason'),
    })
  })

  test('the response hash covers the JSON text of every event as it came', async () => {
    const stream = fixture('thinking-parallel-calls')
    const hash = createRawResponseHash()
    for (const line of stream.split('\r\n\r\n')) if (line !== '') hash.add(utf8Encode(line.replace('data: ', '')))
    const chunks = await chunksOf([stream])
    expect(chunks.at(-1)).toMatchObject({ rawResponseHash: hash.digest() })
  })
})

describe('what an answer was read into', () => {
  test.each(['thinking-parallel-calls', 'grounding', 'code-execution', 'tool-combination'])(
    'goes back as it came, part by part: %s',
    async (name) => {
      const parts = partsOfAnswer(await chunksOf([fixture(name)]))
      expect(contentsOf(await bodyOf(followUp(parts)))[1]).toEqual({
        role: 'model',
        parts: joined(sentParts(fixture(name))),
      })
    },
  )
})

/** The request after an answer of these parts, all its calls answered. */
function followUp(parts: ReturnType<typeof partsOfAnswer>): ModelRequest {
  const toolUses = parts.filter((part) => part.type === 'tool-use')
  return {
    ...HELLO,
    messages: [
      ...HELLO.messages,
      { role: 'assistant', content: '', toolUses, parts },
      ...toolUses.map(({ callId }) => ({ role: 'tool', callId, content: '{}', isError: false }) as const),
    ],
  }
}

function contentsOf(body: string): unknown[] {
  const { contents }: { contents?: unknown[] } = JSON.parse(body)
  return contents ?? []
}

interface SentPart {
  readonly text?: string
  readonly thought?: boolean
  readonly thoughtSignature?: string
}

/** All parts of a stream. */
function sentParts(stream: string): SentPart[] {
  return stream.split('\r\n\r\n').flatMap((event) => {
    if (event === '') return []
    const { candidates = [] }: { candidates?: { content?: { parts?: SentPart[] } }[] } = JSON.parse(
      event.replace('data: ', ''),
    )
    return candidates.flatMap(({ content }) => content?.parts ?? [])
  })
}

/** A part that is sent in pieces is one part; nothing at all is none. */
function joined(parts: readonly SentPart[]): SentPart[] {
  const whole: SentPart[] = []
  for (const part of parts) {
    const last = whole.at(-1)
    const isText = (one: SentPart | undefined): boolean => one?.text !== undefined && one.thoughtSignature === undefined
    if (part.text === '' && isText(part)) continue
    if (isText(part) && isText(last) && part.thought === last?.thought) {
      whole[whole.length - 1] = { ...last, text: `${last?.text}${part.text}` }
    } else whole.push(part)
  }
  return whole
}

function failureOf(stream: string): Promise<{ readonly chunks: readonly ModelChunk[]; readonly error: unknown }> {
  return collectUntilFailure(providerFor({ fetch: createFakeVendor(stream).fetch }).stream(HELLO))
}

function end(stopReason: string, rawStopReason: string, requestId: string): object {
  return { type: 'end', stopReason, rawStopReason, rawResponseHash: expect.any(Uint8Array), requestId }
}

function usageOf(input: number, output: number): ModelChunk {
  return { type: 'usage', usage: { input, cacheRead: 0, cacheWrite: 0, output, reasoning: 0 } }
}
