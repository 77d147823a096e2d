import type { ModelChunk, ModelRequest } from '@starling/provider'
import { resolveConnection } from '@starling/provider-http'
import { collectUntilFailure, openLoopbackServer, respondWith } from '@starling/provider-http/conformance'
import { describe, expect, test } from 'vitest'
import { CHAT_CAPABILITIES, type ChatDialect, classifyChatError, createChatProvider } from '../src/chat/index.ts'
import { deltaEvent, HELLO, sse, textAnswer } from './support/chunks.ts'

const ANSWERED: ModelRequest = {
  ...HELLO,
  messages: [
    { role: 'user', content: 'hi' },
    { role: 'assistant', content: 'hello', toolUses: [], reasoning: [{ text: 'greet back' }] },
    { role: 'user', content: 'more' },
  ],
}

describe('a dialect of Chat Completions', () => {
  test('without anything of its own asks as OpenAI is asked', async () => {
    const { body } = await call({}, HELLO)
    expect(body).toMatchObject({ model: HELLO.model, stream: true, stream_options: { include_usage: true } })
  })

  test('may add fields to the body, which params cannot set then', async () => {
    const dialect: ChatDialect = { requestFields: ({ model }) => ({ models: [model, 'other'] }) }
    expect((await call(dialect, HELLO)).body).toMatchObject({ models: [HELLO.model, 'other'] })
    const { error } = await call(dialect, { ...HELLO, params: { models: [] } })
    expect(error).toMatchObject({ code: 'PROVIDER_INVALID_OPTIONS', message: expect.stringContaining('"models"') })
  })

  test('may add fields to the messages of the assistant, and to no others', async () => {
    const dialect: ChatDialect = { messageFields: ({ reasoning }) => ({ reasoning_details: reasoning }) }
    const { body } = await call(dialect, ANSWERED)
    expect(body).toMatchObject({
      messages: [
        { role: 'user', content: 'hi' },
        { role: 'assistant', content: 'hello', reasoning_details: [{ text: 'greet back' }] },
        { role: 'user', content: 'more' },
      ],
    })
  })

  test('may read the deltas in its own way, and has the last word', async () => {
    const dialect: ChatDialect = {
      createDeltaReader() {
        let count = 0
        return {
          add: (delta) =>
            delta['thoughts'] === undefined ? [] : [{ type: 'reasoning-delta', text: `${(count += 1)}` }],
          finish: () => [{ type: 'opaque', data: `{"count":${count}}` }],
        }
      },
    }
    const answer = deltaEvent({ thoughts: 1, reasoning: 'unread' }) + textAnswer('4')
    const first = await call(dialect, HELLO, answer)
    expect(first.chunks.slice(0, -1)).toEqual([
      { type: 'reasoning-delta', text: '1' },
      { type: 'text-delta', text: '4' },
      { type: 'opaque', data: '{"count":1}' },
    ])
    // The next answer has a reader of its own.
    expect((await call(dialect, HELLO, answer)).chunks).toEqual(first.chunks)
  })

  test('may have an address for every model', async () => {
    const { path } = await call({ path: ({ model }) => `/${model}/chat` }, HELLO)
    expect(path).toBe(`/${HELLO.model}/chat`)
  })

  test('may change the finished messages', async () => {
    const { body } = await call({ finishMessages: (messages) => [...messages, { role: 'user', content: 'go' }] }, HELLO)
    expect(body).toMatchObject({ messages: [{ content: 'hi' }, { content: 'go' }] })
  })

  test('may find the id of the call in the answer', async () => {
    const answer = sse({ id: 'gen-1', choices: [] }) + textAnswer('x')
    const { chunks } = await call({ requestIdOf: (_, chunk) => String(chunk['id']) }, HELLO, answer)
    expect(chunks.at(-1)).toMatchObject({ type: 'end', requestId: 'gen-1' })
  })

  test('can what it says, and refuses the rest', async () => {
    const capabilities = { ...CHAT_CAPABILITIES, topK: true }
    expect((await call({ capabilities }, { ...HELLO, topK: 3 })).body).toMatchObject({ top_k: 3 })
    const { error } = await call({}, { ...HELLO, topK: 3 })
    expect(error).toMatchObject({ code: 'PROVIDER_INVALID_OPTIONS' })
  })

  test('may add fields to the last tool, and to no other', async () => {
    const tool = { description: '', inputSchema: '{"type":"object"}' }
    const tools = [
      { ...tool, name: 'a' },
      { ...tool, name: 'b' },
    ]
    const { body } = await call({ lastToolFields: ({ model }) => ({ mark: model }) }, { ...HELLO, tools })
    const parameters = { type: 'object' }
    expect(body).toMatchObject({
      tools: [
        { type: 'function', function: { name: 'a', parameters } },
        { type: 'function', mark: HELLO.model, function: { name: 'b', parameters } },
      ],
    })
    expect(JSON.stringify(body).match(/"mark"/g)).toHaveLength(1)
    expect((await call({ lastToolFields: () => ({ mark: 1 }) }, HELLO)).body).not.toHaveProperty('tools')
  })

  test('may have models that can less', async () => {
    const dialect: ChatDialect = { capabilitiesOf: (model) => (model === 'small' ? {} : CHAT_CAPABILITIES) }
    expect((await call(dialect, { ...HELLO, seed: 3 })).body).toMatchObject({ seed: 3 })
    const { error } = await call(dialect, { ...HELLO, seed: 3, model: 'small' })
    expect(error).toMatchObject({ code: 'PROVIDER_INVALID_OPTIONS' })
  })

  test('may know more of the token counts than the answer says', async () => {
    const dialect: ChatDialect = {
      finishUsage: (usage, { request: { cache }, model }) =>
        cache?.ttl === '1h' && model === HELLO.model ? { ...usage, cacheWriteLong: usage.cacheWrite } : usage,
    }
    const details = { cache_write_tokens: 5 }
    const answer = textAnswer('x').replace(
      sse('[DONE]'),
      sse({ choices: [], usage: { prompt_tokens: 9, prompt_tokens_details: details } }) + sse('[DONE]'),
    )
    const { chunks } = await call(dialect, { ...HELLO, cache: { messages: true, ttl: '1h' } }, answer)
    expect(chunks).toContainEqual({
      type: 'usage',
      usage: { input: 4, cacheRead: 0, cacheWrite: 5, cacheWriteLong: 5, output: 0, reasoning: 0 },
    })
  })
})

async function call(dialect: ChatDialect, request: ModelRequest, answer: string = textAnswer('x')) {
  await using server = await openLoopbackServer(respondWith(200, answer))
  const connection = resolveConnection(
    { baseUrl: server.url, apiKey: null, env: {} },
    {
      name: 'dialect',
      apiVersion: 'v1',
      keyVariables: ['DIALECT_API_KEY'],
      defaultBaseUrl: 'https://dialect.test',
      isOwnHost: () => false,
      keyHeaders: (key) => ({ authorization: key }),
      ownOptions: {},
      classify: classifyChatError,
    },
  )
  const result: { chunks: readonly ModelChunk[]; error: unknown } = await collectUntilFailure(
    createChatProvider(connection, dialect).stream(request),
  )
  return { ...result, body: server.requests[0]?.body, path: server.requests[0]?.path }
}
