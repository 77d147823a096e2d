import { checkChunks, type ModelChunk, type ModelRequest, type Provider } from '@starling/provider'
import {
  collectChunks,
  collectUntilFailure,
  createFakeVendor,
  type FakeVendor,
  messageOf,
  textOf,
} from '@starling/provider-http/conformance'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { CompatibleVendor } from '../src/compatible-vendors.ts'
import { createAzureProvider, createCompatibleProvider, createOpenAIProvider } from '../src/index.ts'
import { HELLO } from './support/chunks.ts'

const OPTIONS = { apiKey: 'test-key', env: {} }

describe('DeepSeek, reasoning with parallel tools and cached tokens', () => {
  const recorded = 'deepseek-reasoning-parallel-tools'

  test('is reasoning, text, both calls and the usage', async () => {
    const { chunks } = await answerOf('deepseek', recorded)
    expect(messageOf(chunks).parts).toEqual([
      { type: 'reasoning', text: 'Two cities, two calls.' },
      { type: 'text', text: 'Let me look.' },
      { type: 'tool-use', callId: 'call_00_a', name: 'get_weather', arguments: '{"city":"Oslo"}' },
      { type: 'tool-use', callId: 'call_01_b', name: 'get_weather', arguments: '{"city":"Zürich"}' },
    ])
    expect(chunks.filter(({ type }) => type === 'usage')).toMatchObject([
      { usage: { input: 176, cacheRead: 1024, cacheWrite: 0, output: 90, reasoning: 40 } },
    ])
    expect(chunks.at(-1)).toMatchObject({
      type: 'end',
      stopReason: 'tool_use',
      requestId: '930c60df-bf64-41c9-a88e-3ec75f81e00e',
    })
  })

  test('goes back with its reasoning and the results of both calls', async () => {
    const { provider, bodies, chunks } = await answerOf('deepseek', recorded)
    const messages: ModelRequest['messages'] = [
      ...HELLO.messages,
      messageOf(chunks),
      { role: 'tool', callId: 'call_00_a', content: 'rain', isError: false },
      { role: 'tool', callId: 'call_01_b', content: 'sun', isError: false },
    ]
    await collectChunks(provider.stream({ ...HELLO, messages }))
    expect(JSON.parse(bodies[1] ?? '')).toMatchObject({
      messages: [
        { role: 'user' },
        {
          role: 'assistant',
          content: 'Let me look.',
          reasoning_content: 'Two cities, two calls.',
          tool_calls: [{ id: 'call_00_a' }, { id: 'call_01_b' }],
        },
        { role: 'tool', tool_call_id: 'call_00_a', content: 'rain' },
        { role: 'tool', tool_call_id: 'call_01_b', content: 'sun' },
      ],
    })
  })
})

test('Groq tells its usage aside, and its reasoning in a field of its own', async () => {
  const { chunks } = await answerOf('groq', 'groq-usage-in-x-groq')
  expect(messageOf(chunks).parts).toEqual([
    { type: 'reasoning', text: 'Greet.' },
    { type: 'text', text: 'Hello there' },
  ])
  expect(chunks.at(-2)).toMatchObject({ usage: { input: 18, output: 24, reasoning: 9 } })
})

test('Mistral thinks inside the content, and names its calls in its own way', async () => {
  const { provider, bodies, chunks } = await answerOf('mistral', 'mistral-thinking-tool')
  const message = messageOf(chunks)
  expect(message.parts).toMatchObject([
    { type: 'reasoning', text: 'One city, one call.' },
    { type: 'tool-use', callId: 'D681PevKs', arguments: '{"city": "Oslo"}' },
  ])
  await collectChunks(provider.stream({ ...HELLO, messages: [message] }))
  expect(JSON.parse(bodies[1] ?? '')).toMatchObject({
    messages: [
      {
        content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'One city, one call.' }] }],
        tool_calls: [{ id: 'D681PevKs' }],
      },
    ],
  })
})

test('xAI counts reasoning on top of the output', async () => {
  const { chunks } = await answerOf('xai', 'xai-reasoning-on-top')
  expect(chunks.at(-2)).toMatchObject({
    usage: { input: 50, cacheRead: 150, cacheWrite: 0, output: 212, reasoning: 200 },
  })
})

test('Ollama may tell no usage at all', async () => {
  const { chunks } = await answerOf('ollama', 'ollama-tool-without-usage')
  expect(chunks.map(({ type }) => type)).not.toContain('usage')
  expect(chunks.at(-1)).toMatchObject({ type: 'end', stopReason: 'tool_use' })
})

test('vLLM may fail inside the stream, after what it said', async () => {
  const { provider } = providerOf('vllm', 'vllm-error-in-stream')
  const { chunks, error } = await collectUntilFailure(provider.stream(HELLO))
  expect(textOf(chunks)).toBe('Half')
  expect(error).toMatchObject({ code: 'PROVIDER_SERVER', status: 500, retryable: true })
})

test('Azure says first what it thinks of the prompt, and may take the rest of an answer back', async () => {
  const provider = createAzureProvider({ ...OPTIONS, resource: 'acme', fetch: playing('azure-content-filter').fetch })
  const chunks = await collectChunks(checkChunks(provider.stream(HELLO)))
  expect(textOf(chunks)).toBe('First you')
  expect(chunks.at(-1)).toMatchObject({ stopReason: 'filtered', rawStopReason: 'content_filter' })
})

test('OpenAI names the pages that it searched', async () => {
  const provider = createOpenAIProvider({ ...OPTIONS, fetch: playing('openai-search-citations').fetch })
  const chunks = await collectChunks(checkChunks(provider.stream(HELLO)))
  expect(chunks.slice(0, 2)).toMatchObject([
    { type: 'text-delta', text: 'It rains in Oslo.' },
    { type: 'text-end', citations: [expect.stringContaining('"url":"https://example.com/oslo"')] },
  ])
})

test('what Gemini signs a call with, behind an endpoint that speaks as OpenAI does, goes back with the call', async () => {
  const { fetch, bodies } = playing('gemini-thought-signature')
  const provider = createOpenAIProvider({ ...OPTIONS, baseUrl: 'https://gemini.test/v1beta/openai', fetch })
  const message = messageOf(await collectChunks(checkChunks(provider.stream(HELLO))))
  const result = { role: 'tool', callId: 'function-call-1', content: '1', isError: false } as const
  await collectChunks(provider.stream({ ...HELLO, messages: [message, result] }))
  const call = {
    id: 'function-call-1',
    type: 'function',
    function: { name: 'get_weather', arguments: '{"city":"Oslo"}' },
  }
  expect(JSON.parse(bodies[1] ?? '')).toMatchObject({
    messages: [
      { tool_calls: [{ ...call, extra_content: { google: { thought_signature: 'CiQB0e2Kbx' } } }] },
      { tool_call_id: 'function-call-1' },
    ],
  })
  await collectChunks(provider.stream({ ...HELLO, messages: [{ ...message, providerId: 'another' }, result] }))
  expect(bodies[2]).not.toContain('extra_content')
})

test('a server whose model goes on where it was gets its reasoning back, in the field that it is told', async () => {
  const { fetch, bodies } = playing('deepseek-reasoning-parallel-tools')
  const provider = createOpenAIProvider({ ...OPTIONS, fetch, reasoningField: 'reasoning_content' })
  const message = messageOf(await collectChunks(provider.stream(HELLO)))
  await collectChunks(provider.stream({ ...HELLO, messages: [message] }))
  expect(JSON.parse(bodies[1] ?? '')).toMatchObject({ messages: [{ reasoning_content: 'Two cities, two calls.' }] })
})

/** A vendor that answers three times with a recorded stream. */
function playing(recorded: string): FakeVendor {
  const stream = readFileSync(new URL(`fixtures/chat/${recorded}.sse`, import.meta.url), 'utf8')
  return createFakeVendor(stream, stream, stream)
}

function providerOf(vendor: CompatibleVendor, recorded: string) {
  const { fetch, bodies } = playing(recorded)
  const provider: Provider = createCompatibleProvider(vendor, { ...OPTIONS, fetch })
  return { provider, bodies }
}

async function answerOf(vendor: CompatibleVendor, recorded: string) {
  const { provider, bodies } = providerOf(vendor, recorded)
  const chunks: readonly ModelChunk[] = await collectChunks(checkChunks(provider.stream(HELLO)))
  return { provider, bodies, chunks }
}
