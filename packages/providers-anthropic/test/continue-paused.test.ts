import type { ModelChunk, ModelRequest, Usage } from '@starling/provider'
import { collectChunks, collectUntilFailure, createFakeVendor } from '@starling/provider-http/conformance'
import { createRawResponseHash } from '@starling/provider-http'
import { describe, expect, test } from 'vitest'
import { continuePaused, mayPause } from '../src/continue-paused.ts'
import { chunksOf, fixture, HELLO, providerFor } from './support/provider.ts'

const REQUEST: ModelRequest = {
  ...HELLO,
  params: { tools: [{ type: 'web_search_20260318', name: 'web_search' }] },
}

describe('an answer that the vendor pauses', () => {
  test('goes on until it is whole, as one answer with all its tokens', async () => {
    const vendor = createFakeVendor(fixture('paused'), fixture('continued'))
    const chunks = await collectChunks(providerFor({ fetch: vendor.fetch }).stream(REQUEST))
    expect(chunks.map((chunk) => (chunk.type === 'opaque' ? 'opaque' : chunk))).toEqual([
      { type: 'usage', usage: { input: 100, cacheRead: 7, cacheWrite: 0, output: 1, reasoning: 0 } },
      { type: 'text-delta', text: 'Let me search.' },
      'opaque',
      'opaque',
      { type: 'text-delta', text: 'Nothing yet' },
      { type: 'usage', usage: { input: 100, cacheRead: 7, cacheWrite: 0, output: 50, reasoning: 0 } },
      { type: 'text-end' },
      { type: 'usage', usage: { input: 260, cacheRead: 14, cacheWrite: 0, output: 51, reasoning: 0 } },
      { type: 'text-delta', text: 'Found it.' },
      { type: 'usage', usage: { input: 260, cacheRead: 14, cacheWrite: 0, output: 70, reasoning: 0 } },
      {
        type: 'end',
        stopReason: 'stop',
        rawStopReason: 'end_turn',
        rawResponseHash: hashOf(fixture('paused') + fixture('continued')),
        requestId: 'msg_01XFDUDYJgAACzvnptvVoYEL',
      },
    ])
  })

  test('goes back as it is', async () => {
    const vendor = createFakeVendor(fixture('paused'), fixture('paused'), fixture('continued'))
    await collectChunks(providerFor({ fetch: vendor.fetch }).stream(REQUEST))
    const blocks = [
      { type: 'text', text: 'Let me search.' },
      { type: 'server_tool_use', id: 'srvtoolu_01P', name: 'web_search', input: { query: 'a' } },
      { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_01P', content: [] },
      { type: 'text', text: 'Nothing yet' },
    ]
    const user = { role: 'user', content: [{ type: 'text', text: 'hi' }] }
    const answer = { role: 'assistant', content: blocks }
    expect(vendor.bodies.map((body) => JSON.parse(body))).toMatchObject([
      { messages: [user] },
      { messages: [user, answer] },
      { messages: [user, answer, answer] },
    ])
  })

  test('fails when its continuation does', async () => {
    const vendor = createFakeVendor(fixture('paused'), fixture('overloaded'))
    const { chunks, error } = await collectUntilFailure(providerFor({ fetch: vendor.fetch }).stream(REQUEST))
    expect(chunks.at(-1)).toEqual({ type: 'text-delta', text: 'par' })
    expect(error).toMatchObject({ code: 'PROVIDER_OVERLOADED' })
  })

  test('is not continued once its reader has left', async () => {
    const vendor = createFakeVendor(fixture('paused'), fixture('continued'))
    for await (const chunk of providerFor({ fetch: vendor.fetch }).stream(REQUEST)) {
      if (isLastOfPaused(chunk)) break
    }
    expect(vendor.bodies).toHaveLength(1)
  })

  test('is not continued after an abort', async () => {
    const vendor = createFakeVendor(fixture('paused'), fixture('continued'))
    const controller = new AbortController()
    const reason = new Error('enough')
    const reading = async (): Promise<void> => {
      for await (const chunk of providerFor({ fetch: vendor.fetch }).stream(REQUEST, { signal: controller.signal })) {
        if (isLastOfPaused(chunk)) controller.abort(reason)
      }
    }
    await expect(reading()).rejects.toBe(reason)
    expect(vendor.bodies).toHaveLength(1)
  })

  test('that never ends is not whole', async () => {
    const vendor = createFakeVendor(...Array.from({ length: 30 }, () => fixture('paused')))
    const chunks = await collectChunks(providerFor({ fetch: vendor.fetch }).stream(REQUEST))
    expect(chunks.at(-1)).toMatchObject({ type: 'end', stopReason: 'max_tokens', rawStopReason: 'pause_turn' })
    expect(vendor.bodies).toHaveLength(21)
    expect(chunks.findLast(({ type }) => type === 'usage')).toMatchObject({ usage: { input: 2100, output: 1050 } })
  })

  test('to sum up the conversation goes on after the summary, which goes back as it is', async () => {
    const vendor = createFakeVendor(fixture('compacted'), fixture('continued'))
    const params = { context_management: { edits: [{ type: 'compact_20260112', pause_after_compaction: true }] } }
    const chunks = await collectChunks(providerFor({ fetch: vendor.fetch }).stream({ ...HELLO, params }))
    expect(chunks.at(-1)).toMatchObject({ type: 'end', stopReason: 'stop', rawStopReason: 'end_turn' })
    const summary = { type: 'compaction', content: 'They said hi.', encrypted_content: 'RW5jcnlwdGVk' }
    expect(JSON.parse(vendor.bodies[1] ?? '')).toMatchObject({
      messages: [{ role: 'user' }, { role: 'assistant', content: [summary] }],
      ...params,
    })
  })

  test('without a tool of the vendor in the request is not whole', async () => {
    expect((await chunksOf([fixture('paused'), fixture('continued')])).at(-1)).toMatchObject({
      type: 'end',
      stopReason: 'max_tokens',
      rawStopReason: 'pause_turn',
    })
  })
})

test.each<[ModelRequest['params'], boolean]>([
  [undefined, false],
  [{ metadata: {} }, false],
  [{ tools: [] }, true],
  [{ mcp_servers: [] }, true],
  [{ context_management: {} }, true],
])('with %j an answer may pause: %j', (params, expected) => {
  expect(mayPause({ ...HELLO, params })).toBe(expected)
})

test('an answer that does not pause is passed on as it is', async () => {
  const usage: Usage = { input: 1, cacheRead: 2, cacheWrite: 3, output: 5, reasoning: 4 }
  const answer: ModelChunk[] = [
    { type: 'text-delta', text: 'a' },
    { type: 'usage', usage },
    { type: 'end', stopReason: 'stop', rawStopReason: 'end_turn', rawResponseHash: null },
  ]
  const asked: ModelRequest[] = []
  const chunks = continuePaused(REQUEST, async function* (request) {
    asked.push(request)
    yield* answer
  })
  expect(await collectChunks(chunks)).toEqual(answer)
  expect(asked).toEqual([REQUEST])
})

function isLastOfPaused(chunk: ModelChunk): boolean {
  return chunk.type === 'usage' && chunk.usage.output === 50
}

// The texts of all events that are not pings, one after the other.
function hashOf(stream: string): Uint8Array {
  const hash = createRawResponseHash()
  for (const [, data = ''] of stream.matchAll(/^data: (.*)$/gm)) hash.add(new TextEncoder().encode(data))
  return hash.digest()
}
