import { utf8Encode } from '@starling/event'
import type { ModelChunk } from '@starling/provider'
import { collectChunks, collectUntilFailure, createFakeVendor } from '@starling/provider-http/conformance'
import { describe, expect, test } from 'vitest'
import { sse } from './support/events.ts'
import { chunksOf, fixture, HELLO, providerFor } from './support/provider.ts'

const SIGNATURE = utf8Encode('EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pkiMOYds')
const START: ModelChunk = { type: 'usage', usage: { input: 25, cacheRead: 0, cacheWrite: 0, output: 1, reasoning: 0 } }
const MESSAGE_ID = 'msg_01XFDUDYJgAACzvnptvVoYEL'

describe('recorded streams', () => {
  test('thinking, text, a tool call and cached tokens', async () => {
    expect(await chunksOf([fixture('thinking-tool-use')])).toEqual([
      { type: 'reasoning-delta', text: 'The user wants ' },
      { type: 'reasoning-delta', text: 'the weather in Łódź.' },
      { type: 'reasoning-delta', text: '', signature: SIGNATURE },
      { type: 'text-delta', text: "I'll check " },
      { type: 'text-delta', text: 'the weather.' },
      { type: 'tool-call-start', callId: 'toolu_01T1x1fJ34qAmk2tNTrN7Up6', name: 'get_weather' },
      { type: 'tool-call-delta', callId: 'toolu_01T1x1fJ34qAmk2tNTrN7Up6', argumentsText: '{"location":' },
      { type: 'tool-call-delta', callId: 'toolu_01T1x1fJ34qAmk2tNTrN7Up6', argumentsText: ' "Łó' },
      { type: 'tool-call-delta', callId: 'toolu_01T1x1fJ34qAmk2tNTrN7Up6', argumentsText: 'dź"' },
      { type: 'tool-call-delta', callId: 'toolu_01T1x1fJ34qAmk2tNTrN7Up6', argumentsText: '}' },
      { type: 'tool-call-end', callId: 'toolu_01T1x1fJ34qAmk2tNTrN7Up6' },
      { type: 'usage', usage: { input: 412, cacheRead: 1830, cacheWrite: 96, output: 89, reasoning: 31 } },
      end('tool_use', 'tool_use'),
    ])
  })

  test('what is written to the cache for an hour, which the last report leaves out', async () => {
    expect(await chunksOf([fixture('long-cache')])).toEqual([
      { type: 'text-delta', text: 'Kept.' },
      {
        type: 'usage',
        usage: { input: 12, cacheRead: 40, cacheWrite: 1300, cacheWriteLong: 1000, output: 5, reasoning: 0 },
      },
      end('stop', 'end_turn'),
    ])
  })

  test('the usage is told with the first event and again with the last, each as soon as it comes', async () => {
    const provider = providerFor({ fetch: createFakeVendor(fixture('refused')).fetch })
    expect(await collectChunks(provider.stream(HELLO))).toEqual([
      START,
      { type: 'text-delta', text: 'I can' },
      { type: 'usage', usage: { input: 25, cacheRead: 0, cacheWrite: 0, output: 3, reasoning: 0 } },
      end('refusal', 'refusal'),
    ])
  })

  test('a refusal midway', async () => {
    const chunks = await chunksOf([fixture('refused')])
    expect([chunks[0], chunks.at(-1)]).toEqual([{ type: 'text-delta', text: 'I can' }, end('refusal', 'refusal')])
  })

  test('three tool calls, one without arguments', async () => {
    const chunks = await chunksOf([fixture('parallel-tools')])
    expect(chunks.filter(({ type }) => type.startsWith('tool-call'))).toEqual([
      { type: 'tool-call-start', callId: 'toolu_01A', name: 'get_weather' },
      { type: 'tool-call-delta', callId: 'toolu_01A', argumentsText: '{"location": "Oslo"}' },
      { type: 'tool-call-end', callId: 'toolu_01A' },
      { type: 'tool-call-start', callId: 'toolu_01B', name: 'get_weather' },
      { type: 'tool-call-delta', callId: 'toolu_01B', argumentsText: '{"location": "Rome"' },
      { type: 'tool-call-delta', callId: 'toolu_01B', argumentsText: ', "id": 12345678901234567890}' },
      { type: 'tool-call-end', callId: 'toolu_01B' },
      { type: 'tool-call-start', callId: 'toolu_01C', name: 'now' },
      { type: 'tool-call-end', callId: 'toolu_01C' },
    ])
  })

  test('thinking that the vendor keeps to itself, redacted or without its text', async () => {
    expect((await chunksOf([fixture('redacted-thinking')])).slice(0, 3)).toEqual([
      {
        type: 'redacted-reasoning',
        data: 'EmwKAhgBEgy3va3pzix/LafPsn4aDFIT2Xlxh0L5L8rLVyIwxtE3rAFBa8cr3qpP',
      },
      { type: 'reasoning-delta', text: '', signature: SIGNATURE },
      { type: 'text-delta', text: 'Done.' },
    ])
  })

  test('a search on the servers of the vendor, with citations and one part for each text', async () => {
    const chunks = await chunksOf([fixture('web-search')])
    const citation = (n: number): string =>
      `{"type":"web_search_result_location","url":"https://example.com/${n}","title":"Page ${n}",` +
      `"encrypted_index":"Eo8BCioIAhgBIiQ${n}","cited_text":"Fact ${n}, with a 😀."}`
    expect(chunks).toEqual([
      { type: 'text-delta', text: "I'll look that up." },
      {
        type: 'opaque',
        data:
          '{"type":"server_tool_use","id":"srvtoolu_014hJH82Qum7Td6UV8gDXThB","name":"web_search",' +
          '"caller":{"type":"direct"},"input":{"query": "claude shannon birth date"}}',
      },
      { type: 'opaque', data: expect.stringContaining('"encrypted_content":"EqgfCioIARgBIiQ3YTAwMjY1Mi1mZjM5"') },
      { type: 'text-delta', text: 'Claude Shannon was born ' },
      { type: 'text-end' },
      { type: 'text-delta', text: 'on April 30, 1916' },
      { type: 'text-end', citations: [citation(1), citation(2)] },
      { type: 'text-delta', text: ', in Petoskey' },
      { type: 'text-end' },
      { type: 'text-delta', text: '.' },
      { type: 'usage', usage: { input: 10682, cacheRead: 0, cacheWrite: 0, output: 510, reasoning: 0 } },
      end('stop', 'end_turn'),
    ])
  })

  test('tool calls by code on the servers of the vendor keep who made them, and the container it runs in', async () => {
    const chunks = await chunksOf([fixture('code-execution')])
    expect(chunks.filter(({ type }) => type === 'tool-call-end')).toEqual([
      {
        type: 'tool-call-end',
        callId: 'toolu_01Price',
        signature: utf8Encode('{"caller":{"type":"code_execution_20260521","tool_id":"srvtoolu_01Code"}}'),
      },
      { type: 'tool-call-end', callId: 'toolu_01Click', signature: utf8Encode('{"toolset_name":"browser"}') },
    ])
    expect(chunks.findLast(({ type }) => type === 'opaque')).toEqual({
      type: 'opaque',
      data:
        '{"container":{"id":"container_011CPR5CNjB747bTd36fQLFk",' +
        '"expires_at":"2026-11-21T18:00:00.000000Z","skills":null}}',
    })
  })

  test('blocks that nobody knows arrive whole, their deltas merged, and events that nobody knows are passed over', async () => {
    const chunks = await chunksOf([fixture('unknown-blocks')])
    const opaque = chunks.flatMap((chunk) => (chunk.type === 'opaque' ? [chunk.data] : []))
    expect(opaque).toEqual([
      '{"type":"compaction","content":"Summary of it all.","encrypted_content":"EqQBCg=="}',
      '{"type":"mcp_tool_use","id":"mcptoolu_014Q35RayjACSWkSj4X2yov1","name":"echo",' +
        '"server_name":"example-mcp","input":{"n": 12345678901234567890}}',
      '{"type":"mcp_tool_result","tool_use_id":"mcptoolu_014Q35RayjACSWkSj4X2yov1","is_error":false,' +
        '"content":[{"type":"text","text":"Hello"}]}',
      '{"type":"container_upload","file_id":"file_011CNha8iCJcU1wXNR6q4V8w"}',
      '{"type":"future_text","text":"abc","citations":[{"n":1},{"n":2}],"nested":{"deep":[1,2]},"signature":"c2ln"}',
    ])
    expect(chunks.at(-3)).toEqual({ type: 'text-delta', text: 'Done.' })
  })

  test('an error inside the stream is what its type says, and may pass', async () => {
    const { chunks, error } = await failureOf(fixture('overloaded'))
    expect(chunks).toEqual([START, { type: 'text-delta', text: 'par' }])
    expect(error).toMatchObject({
      code: 'PROVIDER_OVERLOADED',
      retryable: true,
      message: 'http://vendor.test/v1/messages failed while streaming: Overloaded (overloaded_error)',
    })
  })

  test('a stream that closes without message_stop was cut off', async () => {
    const { chunks, error } = await failureOf(fixture('truncated'))
    expect(chunks).toHaveLength(4)
    expect(chunks[0]).toEqual(START)
    expect(error).toMatchObject({
      code: 'PROVIDER_INVALID_STREAM',
      retryable: true,
      message: 'the answer of http://vendor.test/v1/messages was cut off after 7 chunks: no message_stop',
    })
  })

  test('a stream that closes right behind the last event without its blank line is whole', async () => {
    const chunks = await chunksOf([fixture('thinking-tool-use').trimEnd()])
    expect(chunks.at(-1)).toMatchObject({ type: 'end', rawStopReason: 'tool_use' })
  })

  test('a stream that is cut in every place before its end is never taken for whole', async () => {
    const whole = fixture('parallel-tools')
    const last = whole.lastIndexOf('{"type":"message_stop"}')
    const cuts = Array.from({ length: 60 }, (_, index) => Math.floor((last * index) / 59))
    const errors = await Promise.all(cuts.map(async (at) => (await failureOf(whole.slice(0, at))).error))
    for (const error of errors) expect(error).toMatchObject({ code: 'PROVIDER_INVALID_STREAM', retryable: true })
  })
})

describe('single events', () => {
  test('a block may begin with a part of its content', async () => {
    const chunks = await answerOf(
      blockStart(0, { type: 'thinking', thinking: 'Hm', signature: 'c2ln' }),
      blockStop(0),
      blockStart(1, { type: 'text', text: 'Yes', citations: [{ n: 1 }] }),
      blockStop(1),
      blockStart(2, { type: 'tool_use', id: 'call-1', name: 'sum', input: { a: 1 } }),
      blockStop(2),
    )
    expect(chunks.slice(0, -1)).toEqual([
      { type: 'reasoning-delta', text: 'Hm' },
      { type: 'reasoning-delta', text: '', signature: utf8Encode('c2ln') },
      { type: 'text-delta', text: 'Yes' },
      { type: 'text-end', citations: ['{"n":1}'] },
      { type: 'tool-call-start', callId: 'call-1', name: 'sum' },
      { type: 'tool-call-delta', callId: 'call-1', argumentsText: '{"a":1}' },
      { type: 'tool-call-end', callId: 'call-1' },
    ])
  })

  test('a text after reasoning or a tool call needs no text-end, one after an empty text neither', async () => {
    const chunks = await answerOf(
      ...textBlock(0, 'a'),
      blockStart(1, { type: 'thinking', thinking: 'b', signature: 'c2ln' }),
      blockStop(1),
      ...textBlock(2, 'c'),
      ...textBlock(3, ''),
      ...textBlock(4, 'd'),
    )
    expect(chunks.map(({ type }) => type)).toEqual([
      'text-delta',
      'reasoning-delta',
      'reasoning-delta',
      'text-delta',
      'text-end',
      'text-delta',
      'end',
    ])
  })

  test('blocks that are still open when the message ends are closed', async () => {
    const chunks = await answerOf(
      blockStart(0, { type: 'tool_use', id: 'call-1', name: 'sum', input: {} }),
      blockStart(1, { type: 'server_tool_use', id: 'srv-1', name: 'web_search', input: {} }),
      delta(1, { type: 'input_json_delta', partial_json: '{"q' }),
    )
    expect(chunks.slice(0, -1)).toEqual([
      { type: 'tool-call-start', callId: 'call-1', name: 'sum' },
      { type: 'tool-call-end', callId: 'call-1' },
      { type: 'opaque', data: '{"type":"server_tool_use","id":"srv-1","name":"web_search","input":{}}' },
    ])
  })

  test('a block that never stopped ends where another one takes its place', async () => {
    const chunks = await answerOf(
      blockStart(0, { type: 'tool_use', id: 'call-1', name: 'sum', input: {} }),
      blockStart(0, { type: 'tool_use', id: 'call-2', name: 'sum', input: {} }),
    )
    expect(chunks.slice(0, -1)).toEqual([
      { type: 'tool-call-start', callId: 'call-1', name: 'sum' },
      { type: 'tool-call-end', callId: 'call-1' },
      { type: 'tool-call-start', callId: 'call-2', name: 'sum' },
      { type: 'tool-call-end', callId: 'call-2' },
    ])
  })

  test('a text or a thought that nobody announced is read all the same', async () => {
    const chunks = await answerOf(
      delta(0, { type: 'thinking_delta', thinking: 'Hm' }),
      delta(0, { type: 'signature_delta', signature: 'c2ln' }),
      blockStop(0),
      delta(1, { type: 'text_delta', text: 'a' }),
      delta(1, { type: 'citations_delta', citation: { n: 1 } }),
      blockStop(1),
      delta(1, { type: 'text_delta', text: 'b' }),
    )
    expect(chunks.slice(0, -1)).toEqual([
      { type: 'reasoning-delta', text: 'Hm' },
      { type: 'reasoning-delta', text: '', signature: utf8Encode('c2ln') },
      { type: 'text-delta', text: 'a' },
      { type: 'text-end', citations: ['{"n":1}'] },
      { type: 'text-delta', text: 'b' },
    ])
  })

  test.each([
    ['the input of a tool', { type: 'input_json_delta', partial_json: '{}' }, 'input_json_delta of content block 7'],
    ['what nobody knows', { type: 'future_delta', text: 'lost' }, 'future_delta of content block 7'],
    ['nothing', {}, 'a delta of content block 7'],
  ])('a delta with %s of a block that never began is no answer', async (_, change, what) => {
    const { chunks, error } = await failureOf(sse({ type: 'message_start', message: {} }) + delta(7, change))
    expect(chunks).toEqual([])
    expect(error).toMatchObject({
      code: 'PROVIDER_INVALID_STREAM',
      retryable: false,
      message: `http://vendor.test/v1/messages sent ${what}, which has not begun`,
    })
  })

  test('events without their fields change nothing', async () => {
    const chunks = await answerOf(
      blockStop(7),
      sse({ type: 'message_delta' }),
      sse({ type: 'message_start', message: null }),
    )
    expect(chunks).toEqual([{ ...end('stop', 'end_turn'), requestId: 'msg_1' }])
  })

  test('without a report there is no usage, and without a stop reason the reason is other', async () => {
    expect(await chunksOf([sse({ type: 'message_start', message: {} }) + sse({ type: 'message_stop' })])).toEqual([
      { type: 'end', stopReason: 'other', rawStopReason: '', rawResponseHash: expect.any(Uint8Array) },
    ])
  })

  test('what comes after message_stop is passed over', async () => {
    const chunks = await chunksOf([fixture('redacted-thinking') + 'event: error\ndata: {"type":"error"}\n\n'])
    expect(chunks.at(-1)).toMatchObject({ type: 'end', rawStopReason: 'end_turn' })
  })

  test('the header of the request id counts before the id of the message', async () => {
    const headers = { 'content-type': 'text/event-stream', 'request-id': 'req_1' }
    const fetch = (): Promise<Response> => Promise.resolve(new Response(fixture('redacted-thinking'), { headers }))
    const { chunks } = await collectUntilFailure(providerFor({ fetch }).stream(HELLO))
    expect(chunks.at(-1)).toMatchObject({ requestId: 'req_1' })
  })

  test('pings, comments and unknown events are not hashed', async () => {
    const plain = fixture('parallel-tools')
    const padded = `: hello\n\n${plain.replaceAll('event: content_block_stop', 'event: ping\ndata: {"type":"ping"}\n\n: x\n\nevent: future\ndata: {"type":"future"}\n\nevent: content_block_stop')}`
    const [first, second] = [await chunksOf([plain]), await chunksOf([padded])]
    expect(second).toEqual(first)
  })
})

function failureOf(stream: string) {
  return collectUntilFailure(providerFor({ fetch: createFakeVendor(stream).fetch }).stream(HELLO))
}

function answerOf(...events: readonly string[]): Promise<ModelChunk[]> {
  const message = { id: 'msg_1', type: 'message', role: 'assistant', content: [] }
  const stop = sse({ type: 'message_delta', delta: { stop_reason: 'end_turn' } }) + sse({ type: 'message_stop' })
  return chunksOf([sse({ type: 'message_start', message }) + events.join('') + stop])
}

function textBlock(index: number, text: string): string[] {
  return [blockStart(index, { type: 'text', text: '' }), delta(index, { type: 'text_delta', text }), blockStop(index)]
}

function blockStart(index: number, block: object): string {
  return sse({ type: 'content_block_start', index, content_block: block })
}

function delta(index: number, change: object): string {
  return sse({ type: 'content_block_delta', index, delta: change })
}

function blockStop(index: number): string {
  return sse({ type: 'content_block_stop', index })
}

function end(stopReason: string, rawStopReason: string): object {
  return { type: 'end', stopReason, rawStopReason, rawResponseHash: expect.any(Uint8Array), requestId: MESSAGE_ID }
}
