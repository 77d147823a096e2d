import { createAnthropic } from '@ai-sdk/anthropic'
import { createGoogle } from '@ai-sdk/google'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { toHex, utf8Decode } from '@starling/event'
import { type LoopbackServer, openLoopbackServer } from '@starling/provider-http/conformance'
import type { AssistantMessage, Message, ModelChunk, ModelRequest, Provider } from '@starling/provider'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createAnthropic as createAnthropicV3 } from 'ai-sdk-anthropic-v3'
import { type AiSdkLanguageModel, type AiSdkProviderOptions, createAiSdkProvider } from '../src/index.ts'
import { collect, messageOf } from './support/parts-model.ts'

const TOOLS = [
  { name: 'search', description: 'Searches.', inputSchema: '{"type":"object","properties":{"q":{"type":"string"}}}' },
  { name: 'now', description: '', inputSchema: '{"type":"object","properties":{}}' },
]

describe('@ai-sdk/anthropic', () => {
  const options = {
    providerTools: [{ id: 'anthropic.web_search_20250305', name: 'web_search', args: { maxUses: 3 } }],
    cacheMarker: (ttl) => ({ anthropic: { cacheControl: { type: 'ephemeral', ...(ttl !== undefined && { ttl }) } } }),
  } satisfies Partial<AiSdkProviderOptions>

  test('a recorded answer arrives whole', async () => {
    const { chunks } = await firstTurn('anthropic-turn.sse', anthropic, options)
    const message = messageOf(chunks)
    expect(message.parts?.map(({ type }) => type)).toEqual([
      'reasoning',
      'reasoning',
      'opaque',
      'opaque',
      'opaque',
      'text',
      'text',
      'tool-use',
      'tool-use',
    ])
    expect(message.content).toBe('Go 1.26 came out in February 2026. Now the tickets – zażółć.')
    expect(message.toolUses).toMatchObject([
      { name: 'search', arguments: '{"q": "go 1.26"}' },
      { name: 'now', arguments: '{}' },
    ])
    const cited = chunks.find((chunk) => chunk.type === 'text-end')
    expect(cited?.citations?.map((text) => JSON.parse(text))).toMatchObject([
      { source: { url: 'https://go.dev/doc/go1.26' }, citedText: 'Go 1.26 was released in February 2026.' },
    ])
    expect(chunks.findLast(({ type }) => type === 'usage')).toMatchObject({
      usage: { input: 472, cacheRead: 2048, cacheWrite: 120, output: 89, reasoning: 31 },
    })
    expect(chunks.at(-1)).toMatchObject({
      type: 'end',
      stopReason: 'tool_use',
      rawStopReason: 'tool_use',
      requestId: 'msg_01XFDUDYJgAACzvnptvVoYEL',
    })
  })

  test.for([
    ['4', anthropic],
    ['3', anthropicV3],
  ] as const)(
    'what the vendor wants back goes back on the next turn, also after a resume: version %s',
    async ([, model]) => {
      const { second } = await twoTurns('anthropic-turn.sse', model, options)
      const { messages } = second as { messages: { role: string; content: unknown }[] }
      expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user'])
      expect(messages[1]?.content).toEqual([
        {
          type: 'thinking',
          thinking: 'The release notes are on the web, the tickets are in the tracker.',
          signature: 'EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pk=',
        },
        { type: 'redacted_thinking', data: expect.stringMatching(/^EmwKAhgBEgy3va3pzix/) },
        {
          type: 'server_tool_use',
          id: 'srvtoolu_01WYG3ziw53XMcoyKL4XcZmE',
          name: 'web_search',
          input: { query: 'go 1.26' },
        },
        {
          type: 'web_search_tool_result',
          tool_use_id: 'srvtoolu_01WYG3ziw53XMcoyKL4XcZmE',
          content: [
            {
              type: 'web_search_result',
              title: 'Go 1.26 Release Notes',
              url: 'https://go.dev/doc/go1.26',
              encrypted_content: 'EqgfCioIARgBIiQ3YTAwMjY1Mi1mZjM5LTQ1NGUt',
              page_age: 'February 10, 2026',
            },
          ],
        },
        {
          type: 'text',
          text: 'Go 1.26 came out in February 2026.',
          citations: [expect.objectContaining({ encrypted_index: 'Eo8BCioICxgCIiQ3YTAw' })],
        },
        { type: 'text', text: ' Now the tickets – zażółć.' },
        { type: 'tool_use', id: 'toolu_01T1x1fJ34qAmk2tNTrN7Up6', name: 'search', input: { q: 'go 1.26' } },
        { type: 'tool_use', id: 'toolu_01A09q90qw90lq917835lq9', name: 'now', input: {} },
      ])
      expect(messages[2]?.content).toMatchObject([
        { type: 'tool_result', tool_use_id: 'toolu_01T1x1fJ34qAmk2tNTrN7Up6', content: '{"result":0}' },
        { type: 'tool_result', tool_use_id: 'toolu_01A09q90qw90lq917835lq9', content: 'failed', is_error: true },
      ])
    },
  )

  test('settings, cache markers and tools reach the vendor', async () => {
    await using vendor = await openVendor('anthropic-turn.sse')
    const provider = createAiSdkProvider({ model: anthropic(vendor.url), ...options })
    await collect(
      provider.stream({
        ...REQUEST,
        systemPrompt: 'Be brief.',
        maxOutputTokens: 500,
        stopSequences: ['END'],
        toolChoice: 'auto',
        cache: { systemPrompt: true, tools: true, messages: true, ttl: '1h' },
        params: { anthropic: { disableParallelToolUse: true } },
      }),
    )
    expect(vendor.requests[0]?.body).toMatchInlineSnapshot(`
      {
        "max_tokens": 500,
        "messages": [
          {
            "content": [
              {
                "cache_control": {
                  "ttl": "1h",
                  "type": "ephemeral",
                },
                "text": "What is new?",
                "type": "text",
              },
            ],
            "role": "user",
          },
        ],
        "model": "test-model",
        "stop_sequences": [
          "END",
        ],
        "stream": true,
        "system": [
          {
            "cache_control": {
              "ttl": "1h",
              "type": "ephemeral",
            },
            "text": "Be brief.",
            "type": "text",
          },
        ],
        "tool_choice": {
          "disable_parallel_tool_use": true,
          "type": "auto",
        },
        "tools": [
          {
            "max_uses": 3,
            "name": "web_search",
            "type": "web_search_20250305",
          },
          {
            "description": "Searches.",
            "eager_input_streaming": true,
            "input_schema": {
              "properties": {
                "q": {
                  "type": "string",
                },
              },
              "type": "object",
            },
            "name": "search",
          },
          {
            "cache_control": {
              "ttl": "1h",
              "type": "ephemeral",
            },
            "eager_input_streaming": true,
            "input_schema": {
              "properties": {},
              "type": "object",
            },
            "name": "now",
          },
        ],
      }
    `)
  })
})

describe('@ai-sdk/google', () => {
  test('a recorded answer arrives whole', async () => {
    const { chunks } = await firstTurn('gemini-turn.sse', google)
    const message = messageOf(chunks)
    expect(message.content).toBe('Let me look.')
    expect(message.toolUses).toMatchObject([
      { name: 'search', arguments: '{"q":"go 1.26"}' },
      { name: 'now', arguments: '{}' },
    ])
    expect(chunks.findLast(({ type }) => type === 'usage')).toMatchObject({
      usage: { input: 54, cacheRead: 256, cacheWrite: 0, output: 58, reasoning: 40 },
    })
    expect(chunks.at(-1)).toMatchObject({ type: 'end', stopReason: 'tool_use', rawStopReason: 'STOP' })
  })

  test('thought signatures go back on the next turn, each on its own part', async () => {
    const { second } = await twoTurns('gemini-turn.sse', google)
    const { contents } = second as { contents: { role: string; parts: object[] }[] }
    expect(contents.map(({ role }) => role)).toEqual(['user', 'model', 'user'])
    const signed = contents[1]?.parts.filter((part) => 'thoughtSignature' in part)
    expect(signed).toMatchObject([
      { text: 'Let me look.', thoughtSignature: 'CiQBVKhc7vB+vaaq6rA7n8X=' },
      { functionCall: { name: 'search', args: { q: 'go 1.26' } }, thoughtSignature: 'CpkEAVSoXO7n5TUZjw==' },
    ])
    expect(contents[1]?.parts).toHaveLength(4)
    expect(contents[2]?.parts).toMatchObject([
      { functionResponse: { name: 'search' } },
      { functionResponse: { name: 'now' } },
    ])
  })
})

describe('@ai-sdk/openai-compatible', () => {
  test('a recorded answer arrives whole', async () => {
    const { chunks } = await firstTurn('chat-turn.sse', chat)
    expect(messageOf(chunks)).toMatchObject({
      content: 'Let me look.',
      parts: [
        { type: 'reasoning', text: 'Two lookups will do.' },
        { type: 'text', text: 'Let me look.' },
        { type: 'tool-use', callId: 'call_1', arguments: '{"q":"go 1.26"}' },
        { type: 'tool-use', callId: 'call_2', arguments: '{}' },
      ],
    })
    expect(chunks.findLast(({ type }) => type === 'usage')).toMatchObject({
      usage: { input: 24, cacheRead: 96, cacheWrite: 0, output: 48, reasoning: 16 },
    })
    expect(chunks.at(-1)).toMatchObject({
      type: 'end',
      stopReason: 'tool_use',
      rawStopReason: 'tool_calls',
      requestId: 'chatcmpl-9x',
    })
  })

  test('the signature of a call goes back on the next turn, and so does the reasoning', async () => {
    const { second } = await twoTurns('chat-turn.sse', chat)
    expect(second).toMatchObject({
      messages: [
        { role: 'user', content: 'What is new?' },
        {
          role: 'assistant',
          content: 'Let me look.',
          reasoning_content: 'Two lookups will do.',
          tool_calls: [
            {
              id: 'call_1',
              function: { name: 'search', arguments: '{"q":"go 1.26"}' },
              extra_content: { google: { thought_signature: 'CpkEAVSoXO7n5TUZjw==' } },
            },
            { id: 'call_2', function: { name: 'now', arguments: '{}' } },
          ],
        },
        { role: 'tool', tool_call_id: 'call_1', content: '{"result":0}' },
        { role: 'tool', tool_call_id: 'call_2', content: 'failed' },
      ],
    })
  })

  test('a setting that the package leaves out is refused once its warning says so', async () => {
    await using vendor = await openVendor('chat-turn.sse')
    const provider = createAiSdkProvider({ model: chat(vendor.url) })
    await expect(collect(provider.stream({ ...REQUEST, topK: 5 }))).rejects.toMatchObject({
      code: 'PROVIDER_INVALID_OPTIONS',
      message: 'the model scenario.chat/test-model warns of unsupported: topK',
    })
    const lenient = createAiSdkProvider({ model: chat(vendor.url), onWarning: () => 'allow' })
    expect(await collect(lenient.stream({ ...REQUEST, topK: 5 }))).not.toHaveLength(0)
  })
})

// The port is for something else, and no `fetch` uses it.
const BAD_PORT = 'http://127.0.0.1:9'

test.for([
  ['@ai-sdk/anthropic', anthropic, BAD_PORT, 'PROVIDER_NETWORK'],
  ['@ai-sdk/anthropic of version 3', anthropicV3, BAD_PORT, 'PROVIDER_NETWORK'],
  ['@ai-sdk/google', google, BAD_PORT, 'PROVIDER_NETWORK'],
  ['@ai-sdk/openai-compatible', chat, BAD_PORT, 'PROVIDER_NETWORK'],
  ['@ai-sdk/openai-compatible', chat, 'http://127.0.0.1:99999', 'PROVIDER_INVALID_OPTIONS'],
  ['@ai-sdk/openai-compatible', chat, 'nowhere', 'PROVIDER_INVALID_OPTIONS'],
] as const)('a call of %s that cannot leave this machine says so: %s', async ([, model, url, code]) => {
  const provider = createAiSdkProvider({ model: model(url), env: {} })
  await expect(collect(provider.stream(REQUEST))).rejects.toMatchObject({ code, status: undefined })
})

test.for([
  ['anthropic-turn.sse', anthropic],
  ['gemini-turn.sse', google],
  ['chat-turn.sse', chat],
] as const)('the hash of %s covers the JSON of every event', async ([fixture, model]) => {
  const { chunks } = await firstTurn(fixture, model)
  const end = chunks.at(-1)
  expect(end?.type === 'end' && end.rawResponseHash !== null && toHex(end.rawResponseHash)).toMatch(/^[0-9a-f]{64}$/)
})

const REQUEST: ModelRequest = {
  model: 'test-model',
  systemPrompt: '',
  messages: [{ role: 'user', content: 'What is new?' }],
  tools: TOOLS,
}

function anthropic(url: string): AiSdkLanguageModel {
  return createAnthropic({ baseURL: `${url}/v1`, apiKey: 'test-key' })('test-model')
}

function anthropicV3(url: string): AiSdkLanguageModel {
  return createAnthropicV3({ baseURL: `${url}/v1`, apiKey: 'test-key' })('test-model')
}

function google(url: string): AiSdkLanguageModel {
  return createGoogle({ baseURL: `${url}/v1beta`, apiKey: 'test-key' })('test-model')
}

function chat(url: string): AiSdkLanguageModel {
  return createOpenAICompatible({ name: 'scenario', baseURL: `${url}/v1`, apiKey: 'test-key', includeUsage: true })(
    'test-model',
  )
}

/** A server that answers with a recording, every time. */
function openVendor(fixture: string): Promise<LoopbackServer> {
  const body = readFileSync(new URL(`fixtures/${fixture}`, import.meta.url), 'utf8')
  return openLoopbackServer((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(body)
  })
}

async function firstTurn(
  fixture: string,
  model: (url: string) => AiSdkLanguageModel,
  options: Partial<AiSdkProviderOptions> = {},
): Promise<{ chunks: ModelChunk[] }> {
  await using vendor = await openVendor(fixture)
  return { chunks: await collect(createAiSdkProvider({ model: model(vendor.url), ...options }).stream(REQUEST)) }
}

/** Answers the calls of a first turn and asks again; the second request shows what went back. */
async function twoTurns(
  fixture: string,
  model: (url: string) => AiSdkLanguageModel,
  options: Partial<AiSdkProviderOptions> = {},
): Promise<{ second: unknown }> {
  await using vendor = await openVendor(fixture)
  const provider: Provider = createAiSdkProvider({ model: model(vendor.url), ...options })
  const answer = readAgain(messageOf(await collect(provider.stream(REQUEST))))
  const results = answer.toolUses.map(({ callId }, index): Message => ({
    role: 'tool',
    callId,
    content: index === 0 ? '{"result":0}' : 'failed',
    isError: index !== 0,
  }))
  // Another provider, as after a resume: nothing but the messages is left of the first turn.
  const resumed = createAiSdkProvider({ model: model(vendor.url), ...options })
  await collect(resumed.stream({ ...REQUEST, messages: [...REQUEST.messages, answer, ...results] }))
  return { second: vendor.requests[1]?.body }
}

/** As a log gives it back: signatures are bytes, everything else is text. */
function readAgain(message: AssistantMessage): AssistantMessage {
  const stored = JSON.stringify(message, (_, value: unknown) =>
    value instanceof Uint8Array ? { bytes: utf8Decode(value) } : value,
  )
  return JSON.parse(stored, (_, value: unknown) =>
    typeof value === 'object' && value !== null && 'bytes' in value
      ? new TextEncoder().encode(String(value.bytes))
      : value,
  )
}
