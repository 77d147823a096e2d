import type { MessageCreateParamsStreaming, MessageParam } from '@anthropic-ai/sdk/resources/messages'
import { utf8Encode } from '@starling/event'
import type { ModelRequest } from '@starling/provider'
import { describe, expect, test } from 'vitest'
import { convertToMessagesRequest } from '../src/convert-to-messages-request.ts'
import { HELLO } from './support/provider.ts'

/** What the current version of the API takes, and what the default one takes beside it. */
type Body = MessageCreateParamsStreaming & {
  readonly temperature?: number
  readonly top_p?: number
  readonly top_k?: number
}

const SEARCH = { name: 'search', description: 'Searches.', inputSchema: '{"type":"object","required":["q"]}' }
const USER: MessageParam = { role: 'user', content: [{ type: 'text', text: 'hi' }] }

describe('request bodies', () => {
  test('the smallest request', () => {
    expect(bodyOf({})).toEqual({
      model: 'claude-opus-5',
      max_tokens: 128_000,
      stream: true,
      messages: [USER],
    } satisfies Body)
  })

  test('every setting', () => {
    const body = bodyOf({
      model: 'claude-sonnet-4-6',
      systemPrompt: 'Be brief.',
      tools: [SEARCH, { name: 'now', description: '', inputSchema: '' }],
      toolChoice: 'search',
      parallelToolCalls: false,
      stopSequences: ['END'],
      maxOutputTokens: 512,
      temperature: 0.5,
      topP: 0.9,
      topK: 5,
      responseFormat: { type: 'json-schema', name: 'answer', schema: '{"type":"object","properties":{}}' },
      cache: { tools: true, systemPrompt: true, messages: true, ttl: '1h' },
      params: { metadata: { user_id: 'u' }, service_tier: 'standard_only' },
    })
    const cache_control = { type: 'ephemeral', ttl: '1h' } as const
    expect(body).toEqual({
      model: 'claude-sonnet-4-6',
      max_tokens: 512,
      stream: true,
      temperature: 0.5,
      top_p: 0.9,
      top_k: 5,
      stop_sequences: ['END'],
      tool_choice: { type: 'tool', name: 'search', disable_parallel_tool_use: true },
      output_config: {
        format: { type: 'json_schema', schema: { type: 'object', properties: {}, additionalProperties: false } },
      },
      tools: [
        { name: 'search', description: 'Searches.', input_schema: { type: 'object', required: ['q'] } },
        { name: 'now', input_schema: { type: 'object' }, cache_control },
      ],
      system: [{ type: 'text', text: 'Be brief.', cache_control }],
      messages: [{ role: 'user', content: [{ type: 'text', text: 'hi', cache_control }] }],
      metadata: { user_id: 'u' },
      service_tier: 'standard_only',
    } satisfies Body)
  })

  test('reasoning and a schema share output_config', () => {
    const responseFormat = { type: 'json-schema', name: 'answer', schema: '{"type":"object","properties":{}}' } as const
    expect(bodyOf({ reasoningEffort: 'medium', responseFormat })).toEqual({
      model: 'claude-opus-5',
      max_tokens: 128_000,
      stream: true,
      thinking: { type: 'adaptive', display: 'summarized' },
      output_config: {
        effort: 'medium',
        format: { type: 'json_schema', schema: { type: 'object', properties: {}, additionalProperties: false } },
      },
      messages: [USER],
    } satisfies Body)
  })

  test('the order of the fields and the texts of schemas and params are exact', () => {
    const body = convert({
      tools: [{ ...SEARCH, inputSchema: ' {"type":"object", "maximum": 12345678901234567890, "minimum": 1.0}\n' }],
      params: { thinking: { type: 'adaptive' }, metadata: { big: 12345678901234567890n } },
    })
    expect(body).toMatchInlineSnapshot(
      `"{"model":"claude-opus-5","max_tokens":128000,"stream":true,"tools":[{"name":"search","description":"Searches.","input_schema":{"type":"object", "maximum": 12345678901234567890, "minimum": 1.0}}],"messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}],"thinking":{"type":"adaptive"},"metadata":{"big":12345678901234567890}}"`,
    )
  })

  test('a cache without a time to live leaves it to the vendor', () => {
    expect(bodyOf({ systemPrompt: 'x', cache: { systemPrompt: true } })).toHaveProperty('system', [
      { type: 'text', text: 'x', cache_control: { type: 'ephemeral' } },
    ])
  })

  test('a cache marker for what is not there is no marker', () => {
    expect(convert({ cache: { tools: true, systemPrompt: true } })).not.toContain('cache_control')
  })
})

describe('params', () => {
  test.each(['model', 'messages', 'system', 'max_tokens', 'stream', 'stop_sequences', 'tool_choice', 'top_k'])(
    '%s is refused: the request itself sets it',
    (name) => {
      expect(() => convert({ params: { [name]: 1 } })).toThrow(
        expect.objectContaining({
          code: 'PROVIDER_INVALID_OPTIONS',
          message: `params may not set "${name}": the request itself does`,
        }),
      )
    },
  )

  test.each<[string, Partial<ModelRequest>]>([
    ['temperature', { model: 'claude-sonnet-4-6', temperature: 0.5 }],
    ['thinking', { reasoningEffort: 'high' }],
    ['output_config', { reasoningEffort: 'high' }],
  ])('%s is refused when a setting says the same', (name, setting) => {
    expect(() => convert({ ...setting, params: { [name]: {} } })).toThrow(`params may not set "${name}"`)
    const { model = HELLO.model } = setting
    expect(bodyOf({ model, params: { [name]: { a: [1, { b: null }] } } })).toHaveProperty(name, { a: [1, { b: null }] })
  })

  test('nothing that is not JSON data gets through', () => {
    expect(() => convert({ params: { metadata: { at: new Date(0) } } })).toThrow('params.metadata.at is Date')
  })

  test('tools of the vendor come after those of the agent, and the marker is on the last of all', () => {
    const params = { tools: [{ type: 'web_search_20260318', name: 'web_search', max_uses: 3 }] }
    expect(bodyOf({ tools: [SEARCH], cache: { tools: true }, params })).toHaveProperty('tools', [
      { name: 'search', description: 'Searches.', input_schema: { type: 'object', required: ['q'] } },
      { type: 'web_search_20260318', name: 'web_search', max_uses: 3, cache_control: { type: 'ephemeral' } },
    ] satisfies Body['tools'])
  })

  test.each([{ tools: {} }, { tools: ['web_search'] }])('%j is no list of tools', (params) => {
    expect(() => convert({ params })).toThrow('params.tools is not a list of tools')
  })
})

describe('the container of the last answer', () => {
  const container = (id: string, expiresAt: string): ModelRequest['messages'][number] => ({
    role: 'assistant',
    content: 'x',
    toolUses: [],
    parts: [
      { type: 'text', text: 'x' },
      { type: 'opaque', data: JSON.stringify({ container: { id, expires_at: expiresAt } }) },
    ],
  })
  const first = container('container-1', '2026-11-21T12:00:00Z')
  const second = container('container-2', '2026-11-21T12:00:00Z')
  const question = { role: 'user', content: 'and?' } as const

  test('is the one to go on with', () => {
    const body = bodyOf({ messages: [question, first, question, second, question] })
    expect(body).toHaveProperty('container', 'container-2')
    expect(JSON.stringify(body)).not.toContain('container-1')
  })

  test('is left out once it has expired', () => {
    const late = Date.parse('2026-11-21T12:00:00Z')
    expect(bodyOf({ messages: [question, first, question] }, late)).not.toHaveProperty('container')
    expect(bodyOf({ messages: [question, first, question] }, late - 1)).toHaveProperty('container')
  })

  test('is that of the own answers alone', () => {
    const foreign = { ...second, providerId: 'claude-elsewhere' }
    const other = { ...second, providerId: 'anthropic', model: 'claude-opus-4-8' }
    expect(bodyOf({ messages: [question, first, question, foreign, question, other, question] })).toHaveProperty(
      'container',
      'container-1',
    )
  })

  test('takes its skills from params, which may name another one too', () => {
    const messages = [question, first, question]
    expect(bodyOf({ messages, params: { container: { skills: [{ skill_id: 's' }] } } })).toHaveProperty('container', {
      skills: [{ skill_id: 's' }],
      id: 'container-1',
    })
    expect(bodyOf({ messages, params: { container: 'container-9' } })).toHaveProperty('container', 'container-9')
    expect(bodyOf({ messages, params: { container: { id: 'container-8' } } })).toHaveProperty('container', {
      id: 'container-8',
    })
  })
})

describe('what cannot be expressed', () => {
  test.each<[string, Partial<ModelRequest>, string]>([
    ['a schema that is cut', { tools: [{ ...SEARCH, inputSchema: '{"type"' }] }, 'the input schema of tool "search"'],
    ['a schema that is no object', { tools: [{ ...SEARCH, inputSchema: 'true' }] }, 'the input schema of tool'],
    [
      'a format that is no schema',
      { responseFormat: { type: 'json-schema', name: 'a', schema: '[]' } },
      'the schema of responseFormat is not a JSON object',
    ],
    ['a tool nobody offers', { tools: [SEARCH], toolChoice: 'find' }, 'toolChoice names the tool "find"'],
    ['a demand without tools', { toolChoice: 'any' }, 'toolChoice is "any", but the request offers no tools'],
    ['a message of nothing', { messages: [{ role: 'user', content: ' \n' }] }, 'message 0 of the user is empty'],
  ])('%s is refused', (_, setting, message) => {
    expect(() => convert(setting)).toThrow(
      expect.objectContaining({ code: 'PROVIDER_INVALID_OPTIONS', message: expect.stringContaining(message) }),
    )
  })
})

test('signatures travel as the text they were', () => {
  const reasoning = [{ text: 'Hm.', signature: utf8Encode('c2ln+/=') }]
  const messages = [{ role: 'assistant', content: '', toolUses: [], reasoning }] as const
  expect(bodyOf({ messages })).toHaveProperty('messages', [
    { role: 'assistant', content: [{ type: 'thinking', thinking: 'Hm.', signature: 'c2ln+/=' }] },
  ])
})

function convert(request: Partial<ModelRequest>, nowMs = 0): string {
  return convertToMessagesRequest({ ...HELLO, ...request }, { providerId: 'anthropic', nowMs })
}

function bodyOf(request: Partial<ModelRequest>, nowMs = 0): unknown {
  return JSON.parse(convert(request, nowMs))
}
