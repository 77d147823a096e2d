import { capabilitiesFor, type Message, type ModelRequest } from '@starling/provider'
import { collectChunks, collectUntilFailure } from '@starling/provider-http/conformance'
import { describe, expect, test } from 'vitest'
import { bodyOf, DONE, HELLO, providerSaying } from './support/provider.ts'

const FULL: ModelRequest = {
  model: 'anthropic/claude-sonnet-5',
  systemPrompt: 'be brief',
  messages: [
    {
      role: 'user',
      content: 'what is this?',
      attachments: [{ type: 'file', mediaType: 'application/pdf', data: Uint8Array.of(1, 2, 3), name: 'a.pdf' }],
    },
  ],
  tools: [{ name: 'search', description: 'finds things', inputSchema: '{"type":"object"}' }],
  toolChoice: 'any',
  stopSequences: ['END'],
  topK: 40,
  topP: 0.9,
  temperature: 0.2,
  seed: 7,
  maxOutputTokens: 100,
  reasoningEffort: 'max',
  responseFormat: { type: 'json' },
  parallelToolCalls: true,
  cache: { tools: true, messages: true, ttl: '1h' },
  params: { transforms: ['middle-out'] },
}

test('a full request carries every setting under its wire name', async () => {
  const { provider, requests, bodies } = providerSaying([DONE], {
    referer: 'https://app.example',
    title: 'App',
    fallbackModels: ['openai/gpt-5.4'],
    routing: { order: ['anthropic', 'amazon-bedrock'], allowFallbacks: false, dataCollection: 'deny' },
  })
  await collectChunks(provider.stream(FULL))
  const [request] = requests
  expect(request?.url).toBe('https://openrouter.ai/api/v1/chat/completions')
  expect(Object.fromEntries(request?.headers ?? [])).toEqual({
    accept: 'text/event-stream',
    authorization: 'Bearer test-key',
    'content-type': 'application/json',
    'http-referer': 'https://app.example',
    'x-title': 'App',
  })
  expect(JSON.parse(bodies[0] ?? '')).toMatchInlineSnapshot(`
    {
      "max_tokens": 100,
      "messages": [
        {
          "content": [
            {
              "cache_control": {
                "ttl": "1h",
                "type": "ephemeral",
              },
              "text": "be brief",
              "type": "text",
            },
          ],
          "role": "system",
        },
        {
          "content": [
            {
              "text": "what is this?",
              "type": "text",
            },
            {
              "cache_control": {
                "ttl": "1h",
                "type": "ephemeral",
              },
              "file": {
                "file_data": "data:application/pdf;base64,AQID",
                "filename": "a.pdf",
              },
              "type": "file",
            },
          ],
          "role": "user",
        },
      ],
      "model": "anthropic/claude-sonnet-5",
      "models": [
        "openai/gpt-5.4",
      ],
      "parallel_tool_calls": true,
      "provider": {
        "allow_fallbacks": false,
        "data_collection": "deny",
        "order": [
          "anthropic",
          "amazon-bedrock",
        ],
        "require_parameters": true,
      },
      "reasoning": {
        "effort": "max",
      },
      "response_format": {
        "type": "json_object",
      },
      "seed": 7,
      "stop": "END",
      "stream": true,
      "stream_options": {
        "include_usage": true,
      },
      "temperature": 0.2,
      "tool_choice": "required",
      "tools": [
        {
          "function": {
            "description": "finds things",
            "name": "search",
            "parameters": {
              "type": "object",
            },
          },
          "type": "function",
        },
      ],
      "top_k": 40,
      "top_p": 0.9,
      "transforms": [
        "middle-out",
      ],
    }
  `)
})

describe('the key', () => {
  const env = { OPENAI_API_KEY: 'sk-of-openai', OPENAI_BASE_URL: 'https://openai.test/v1' }

  test('is missed when the provider is made, also where OpenAI has one', () => {
    expect(() => providerSaying([], { apiKey: undefined, env })).toThrow(
      expect.objectContaining({ code: 'PROVIDER_AUTH', message: expect.stringContaining('OPENROUTER_API_KEY') }),
    )
  })

  test.each([
    ['OpenRouter', undefined, 'Bearer or-key'],
    ['the endpoint of the environment', 'https://gateway.test/v1', 'Bearer or-key'],
    ['another endpoint', 'https://api.openai.com/v1', null],
  ])('of the environment goes to %s: %s', async (_, baseUrl, authorization) => {
    const own = { ...env, OPENROUTER_API_KEY: 'or-key', OPENROUTER_BASE_URL: 'https://gateway.test/v1' }
    const { provider, requests } = providerSaying([DONE], { apiKey: undefined, env: own, baseUrl })
    await collectChunks(provider.stream(HELLO))
    expect(requests[0]?.headers.get('authorization')).toBe(authorization)
  })
})

describe('reasoning', () => {
  test.each(['none', 'minimal', 'low', 'medium', 'high', 'max'] as const)('is asked for: %s', async (effort) => {
    expect(await bodyOf({ ...HELLO, reasoningEffort: effort })).toMatchObject({ reasoning: { effort } })
  })

  test('is kept from the answer where nobody wants to read it', async () => {
    const options = { excludeReasoning: true }
    expect(await bodyOf(HELLO, options)).toMatchObject({ reasoning: { exclude: true } })
    expect(await bodyOf({ ...HELLO, reasoningEffort: 'low' }, options)).toMatchObject({
      reasoning: { effort: 'low', exclude: true },
    })
  })

  test('may have a budget from params, but not twice', async () => {
    const params = { reasoning: { max_tokens: 2000 } }
    expect(await bodyOf({ ...HELLO, params })).toMatchObject(params)
    const { error } = await collectUntilFailure(
      providerSaying([DONE]).provider.stream({ ...HELLO, reasoningEffort: 'low', params }),
    )
    expect(error).toMatchObject({ code: 'PROVIDER_INVALID_OPTIONS', message: expect.stringContaining('"reasoning"') })
  })
})

describe('what a model can do', () => {
  test('is not known here: every name can what one of them can', async () => {
    const { provider } = providerSaying([DONE])
    for (const model of ['openai/gpt-4-turbo', 'deepseek/deepseek-v4', 'openrouter/auto', 'a-model-of-the-future']) {
      expect(capabilitiesFor(provider, model)).toEqual(provider.capabilities)
    }
    // What the endpoints of a model cannot do, OpenRouter refuses: none of them is asked.
    const schema = { type: 'json-schema', name: 'a', schema: '{"type":"object"}' } as const
    expect(await bodyOf({ ...HELLO, model: 'openai/gpt-4-turbo', responseFormat: schema })).toMatchObject({
      provider: { require_parameters: true },
    })
  })
})

describe('routing', () => {
  test('is left to OpenRouter where nothing is asked for', async () => {
    const body = await bodyOf(HELLO)
    expect(body).not.toHaveProperty('provider')
    expect(body).not.toHaveProperty('models')
    expect(body).not.toHaveProperty('reasoning')
  })

  test.each<Partial<ModelRequest>>([
    { temperature: 0 },
    { topP: 0.5 },
    { topK: 4 },
    { seed: 1 },
    { stopSequences: ['END'] },
    { reasoningEffort: 'low' },
    { responseFormat: { type: 'json' } },
  ])('of a request with %j asks only vendors that honour it', async (setting) => {
    expect(await bodyOf({ ...HELLO, ...setting })).toMatchObject({ provider: { require_parameters: true } })
    const lax = await bodyOf({ ...HELLO, ...setting }, { routing: { requireParameters: false } })
    expect(lax).toMatchObject({ provider: { require_parameters: false } })
  })

  test('has every preference under its wire name', async () => {
    const routing = {
      order: ['a'],
      only: ['a', 'b'],
      ignore: ['c'],
      allowFallbacks: true,
      dataCollection: 'allow',
      zeroDataRetention: true,
      sort: 'latency',
    } as const
    expect((await bodyOf(HELLO, { routing }))['provider']).toEqual({
      order: ['a'],
      only: ['a', 'b'],
      ignore: ['c'],
      allow_fallbacks: true,
      data_collection: 'allow',
      zdr: true,
      sort: 'latency',
    })
  })

  test('may come from params as it is', async () => {
    const params = { provider: { quantizations: ['fp8'] } }
    expect((await bodyOf({ ...HELLO, temperature: 0, params }))['provider']).toEqual(params.provider)
  })
})

describe('cache marks', () => {
  const conversation: Message[] = [
    { role: 'user', content: 'hi' },
    { role: 'assistant', content: '', toolUses: [{ callId: 'c', name: 'f', arguments: '{}' }] },
    { role: 'tool', callId: 'c', content: '1', isError: false },
  ]
  const request: ModelRequest = { ...HELLO, systemPrompt: 'be brief', messages: conversation }
  const mark = { cache_control: { type: 'ephemeral' } }

  test('stand at the system prompt and at the last message', async () => {
    const { messages } = await bodyOf({ ...request, cache: { systemPrompt: true, messages: true } })
    expect(messages).toMatchObject([
      { role: 'system', content: [{ type: 'text', text: 'be brief', ...mark }] },
      { role: 'user', content: 'hi' },
      { role: 'assistant' },
      { role: 'tool', content: [{ type: 'text', text: '1', ...mark }] },
    ])
  })

  test('of the tools stand at the system prompt, which comes after them', async () => {
    const { messages } = await bodyOf({ ...request, cache: { tools: true } })
    expect(messages[0]).toMatchObject({ content: [mark] })
    expect(JSON.stringify(messages).match(/cache_control/g)).toHaveLength(1)
  })

  test('of the tools stand at the last tool where there is no system prompt', async () => {
    const tools = ['first', 'second'].map((name) => ({ name, description: '', inputSchema: '{"type":"object"}' }))
    const withTools: ModelRequest = { ...request, systemPrompt: '', tools }
    const body = await bodyOf({ ...withTools, cache: { tools: true, ttl: '1h' } })
    expect(body['tools']).toEqual([
      { type: 'function', function: { name: 'first', parameters: { type: 'object' } } },
      {
        type: 'function',
        function: { name: 'second', parameters: { type: 'object' } },
        cache_control: { type: 'ephemeral', ttl: '1h' },
      },
    ])
    expect(JSON.stringify(body).match(/cache_control/g)).toHaveLength(1)
    for (const other of [{ cache: { systemPrompt: true } }, { cache: {} }, { tools: [], cache: { tools: true } }]) {
      expect(JSON.stringify(await bodyOf({ ...withTools, ...other }))).not.toContain('cache_control')
    }
  })

  test('of the tools are left out for Google without a system prompt: nothing there could bear them', async () => {
    const tools = [{ name: 'search', description: '', inputSchema: '{"type":"object"}' }]
    const body = await bodyOf({ ...HELLO, model: 'google/gemini-3.1-pro', tools, cache: { tools: true } })
    expect(JSON.stringify(body)).not.toContain('cache_control')
  })

  test('stand at the last of several parts', async () => {
    const attachments = [{ type: 'image', mediaType: 'image/png', data: 'https://example.com/a.png' }] as const
    const messages: Message[] = [{ role: 'user', content: 'look', attachments }]
    const body = await bodyOf({ ...HELLO, messages, cache: { messages: true } })
    expect(body.messages[0]).toMatchObject({ content: [{ type: 'text' }, { type: 'image_url', ...mark }] })
    expect(JSON.stringify(body).match(/cache_control/g)).toHaveLength(1)
  })

  test.each([
    ['anthropic/claude-sonnet-5', { type: 'ephemeral', ttl: '1h' }],
    ['~anthropic/claude-latest', { type: 'ephemeral', ttl: '1h' }],
    ['google/gemini-3.1-pro', { type: 'ephemeral' }],
    ['openai/gpt-5.4', undefined],
    ['meta/llama', undefined],
  ])('for %s are %j', async (model, marker) => {
    const body = await bodyOf({ ...HELLO, model, cache: { messages: true, ttl: '1h' } })
    const content = marker === undefined ? 'hi' : [{ type: 'text', text: 'hi', cache_control: marker }]
    expect(body.messages).toEqual([{ role: 'user', content }])
  })

  test('are not put on nothing', async () => {
    const messages: Message[] = [
      { role: 'assistant', content: '', toolUses: [{ callId: 'c', name: 'f', arguments: '{}' }] },
    ]
    const empty: Message[] = [{ role: 'user', content: '' }]
    for (const each of [messages, empty]) {
      const body = await bodyOf({ ...HELLO, messages: each, cache: { messages: true, systemPrompt: true } })
      expect(JSON.stringify(body)).not.toContain('cache_control')
    }
  })
})

test('a call that another vendor named longer than OpenAI takes gets a short id, and so does its result', async () => {
  const callId = 'call_0b6ab5bb-24ba-4bd7-ae3b-51ab0dd51b0e'
  const messages: Message[] = [
    {
      role: 'assistant',
      content: '',
      toolUses: [{ callId, name: 'f', arguments: '{}' }],
      providerId: 'gemini',
      model: 'gemini-3-pro',
    },
    { role: 'tool', callId, content: '1', isError: false },
  ]
  const [assistant, tool] = (await bodyOf({ ...HELLO, messages })).messages
  expect(tool?.['tool_call_id']).toMatch(/^call_[0-9a-f]{32}$/)
  expect(assistant).toMatchObject({ tool_calls: [{ id: tool?.['tool_call_id'] }] })
})
