import type { ModelRequest } from '@starling/provider'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { convertToChatRequest } from '../src/convert-to-chat-request.ts'
import { HELLO } from './support/chunks.ts'

const SEARCH = { name: 'search', description: 'finds things', inputSchema: '{"type":"object"}' }
const LOOKUP = { name: 'lookup', description: '', inputSchema: '{"type":"object","properties":{}}' }

describe('convertToChatRequest', () => {
  test('the smallest request is a model, a message and a stream with usage', () => {
    expect(body(HELLO)).toMatchInlineSnapshot(`
      {
        "messages": [
          {
            "content": "hi",
            "role": "user",
          },
        ],
        "model": "gpt-test",
        "stream": true,
        "stream_options": {
          "include_usage": true,
        },
      }
    `)
  })

  test('a full request carries every setting under its wire name', () => {
    const request: ModelRequest = {
      model: 'gpt-test',
      systemPrompt: 'be brief',
      messages: [{ role: 'user', content: 'hi' }],
      tools: [SEARCH, LOOKUP],
      toolChoice: 'any',
      stopSequences: ['END', 'STOP'],
      topK: 40,
      maxOutputTokens: 100,
      params: { temperature: 0.2, response_format: { type: 'json_object' } },
    }
    expect(body(request)).toMatchInlineSnapshot(`
      {
        "max_completion_tokens": 100,
        "messages": [
          {
            "content": "be brief",
            "role": "system",
          },
          {
            "content": "hi",
            "role": "user",
          },
        ],
        "model": "gpt-test",
        "response_format": {
          "type": "json_object",
        },
        "stop": [
          "END",
          "STOP",
        ],
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
          {
            "function": {
              "name": "lookup",
              "parameters": {
                "properties": {},
                "type": "object",
              },
            },
            "type": "function",
          },
        ],
        "top_k": 40,
      }
    `)
  })

  test('a conversation keeps calls, results and failures apart, and leaves reasoning out', () => {
    const request: ModelRequest = {
      ...HELLO,
      messages: [
        { role: 'user', content: 'look' },
        {
          role: 'assistant',
          content: '',
          reasoning: [{ text: 'secret thoughts', signature: Uint8Array.of(1) }],
          toolUses: [
            { callId: 'call_1', name: 'search', arguments: '{"q": "go"}' },
            { callId: 'call_2', name: 'lookup', arguments: '' },
          ],
        },
        { role: 'tool', callId: 'call_1', content: '{"hits":3}', isError: false },
        { role: 'tool', callId: 'call_2', content: 'no such id', isError: true },
        { role: 'assistant', content: 'done', toolUses: [] },
        { role: 'assistant', content: '', toolUses: [] },
      ],
    }
    expect(body(request)['messages']).toMatchInlineSnapshot(`
      [
        {
          "content": "look",
          "role": "user",
        },
        {
          "role": "assistant",
          "tool_calls": [
            {
              "function": {
                "arguments": "{"q": "go"}",
                "name": "search",
              },
              "id": "call_1",
              "type": "function",
            },
            {
              "function": {
                "arguments": "{}",
                "name": "lookup",
              },
              "id": "call_2",
              "type": "function",
            },
          ],
        },
        {
          "content": "{"hits":3}",
          "role": "tool",
          "tool_call_id": "call_1",
        },
        {
          "content": "error: no such id",
          "role": "tool",
          "tool_call_id": "call_2",
        },
        {
          "content": "done",
          "role": "assistant",
        },
        {
          "content": "",
          "role": "assistant",
        },
      ]
    `)
  })

  test('text beside a tool call is kept', () => {
    const messages = [
      { role: 'assistant', content: 'let me see', toolUses: [{ callId: 'c', name: 'search', arguments: '{}' }] },
    ] as const
    expect(body({ ...HELLO, messages })['messages']).toMatchObject([{ content: 'let me see' }])
  })

  test.each([
    ['auto', 'auto'],
    ['none', 'none'],
    ['any', 'required'],
    ['required', 'required'],
    ['search', { type: 'function', function: { name: 'search' } }],
    ['', undefined],
    [undefined, undefined],
  ])('the tool choice %j is sent as %j', (toolChoice, expected) => {
    expect(body({ ...HELLO, tools: [SEARCH], toolChoice })['tool_choice']).toEqual(expected)
  })

  test('a tool choice that is no tool of the request is refused', () => {
    expect(() => body({ ...HELLO, tools: [SEARCH], toolChoice: 'serach' })).toThrow(
      'toolChoice names the tool "serach", but the request offers "search"',
    )
    expect(() => body({ ...HELLO, toolChoice: 'search' })).toThrow('but the request offers none')
  })

  test('one stop sequence is a text, several are a list, none is nothing', () => {
    expect(body({ ...HELLO, stopSequences: ['END'] })['stop']).toBe('END')
    expect(body({ ...HELLO, stopSequences: ['A', 'B'] })['stop']).toEqual(['A', 'B'])
    expect(body({ ...HELLO, stopSequences: [] })).not.toHaveProperty('stop')
  })

  test('no limit on output tokens is sent when none is set', () => {
    expect(body({ ...HELLO, maxOutputTokens: 0 })).not.toHaveProperty('max_completion_tokens')
  })

  test('the limit goes out as max_tokens when the server knows only that', () => {
    const text = convertToChatRequest(
      { ...HELLO, maxOutputTokens: 7 },
      { maxTokensField: 'max_tokens', includeUsage: false },
    )
    expect(JSON.parse(text)).toEqual({
      model: 'gpt-test',
      messages: [{ role: 'user', content: 'hi' }],
      stream: true,
      max_tokens: 7,
    })
  })

  test('a schema goes out as the text that is hashed, digit by digit', () => {
    const inputSchema = '{ "maximum": 12345678901234567890, "multipleOf": 1.0 }'
    const text = convertToChatRequest({ ...HELLO, tools: [{ ...SEARCH, inputSchema }] }, SETTINGS)
    expect(text).toContain(`"parameters":${inputSchema}`)
  })

  test('a tool without a schema has no parameters', () => {
    expect(body({ ...HELLO, tools: [{ ...SEARCH, inputSchema: '' }] })['tools']).toEqual([
      { type: 'function', function: { name: 'search', description: 'finds things' } },
    ])
  })

  test('a schema that is not JSON is refused by the name of its tool', () => {
    const tools = [{ ...SEARCH, inputSchema: '{"type":' }]
    expect(() => body({ ...HELLO, tools })).toThrow('the input schema of tool "search" is not JSON')
    // Two values in one text would otherwise break out of their place in the body.
    const escaping = [{ ...SEARCH, inputSchema: '{}}},{"x":{"y":{}' }]
    expect(() => body({ ...HELLO, tools: escaping })).toThrow('is not JSON')
  })

  test.each(['model', 'messages', 'tools', 'tool_choice', 'stream', 'stream_options', 'stop', 'max_completion_tokens'])(
    'the parameter %s is refused, not dropped',
    (name) => {
      expect(() => body({ ...HELLO, params: { [name]: 1 } })).toThrow(
        `params may not set "${name}": the request itself does`,
      )
    },
  )

  test('a parameter that the request sets under another name is refused too', () => {
    expect(() => body({ ...HELLO, topK: 3, params: { top_k: 4 } })).toThrow('params may not set "top_k"')
    expect(body({ ...HELLO, params: { top_k: 4 } })['top_k']).toBe(4)
  })

  test('whatever the texts are, the body is JSON that gives them back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (content, systemPrompt) => {
        const sent = body({ ...HELLO, systemPrompt, messages: [{ role: 'user', content }] })
        const system = systemPrompt === '' ? [] : [{ role: 'system', content: systemPrompt }]
        expect(sent['messages']).toEqual([...system, { role: 'user', content }])
      }),
    )
  })
})

const SETTINGS = { maxTokensField: 'max_completion_tokens', includeUsage: true } as const

function body(request: ModelRequest): Record<string, unknown> {
  return JSON.parse(convertToChatRequest(request, SETTINGS))
}
