import { utf8Encode } from '@starling/event'
import type { AssistantMessage, AssistantPart, Message, ModelRequest } from '@starling/provider'
import fc from 'fast-check'
import type { ResponseCreateParamsStreaming } from 'openai/resources/responses/responses'
import { describe, expect, test } from 'vitest'
import { convertToResponsesRequest } from '../src/convert-to-responses-request.ts'
import type { ResponsesSettings } from '../src/index.ts'
import { HELLO } from './support/chunks.ts'

const SEARCH = { name: 'search', description: 'finds things', inputSchema: '{"type":"object"}' }
const CLOSED = '{"type":"object","properties":{"q":{"type":"string"}},"required":["q"],"additionalProperties":false}'
const DATA = Uint8Array.of(1, 2, 3)

describe('convertToResponsesRequest', () => {
  test('a full request has the form that the vendor documents', () => {
    const request: ModelRequest = {
      model: 'gpt-5.4',
      systemPrompt: 'be brief',
      messages: [
        {
          role: 'user',
          content: 'what is this?',
          attachments: [
            { type: 'image', mediaType: 'image/png', data: DATA },
            { type: 'file', mediaType: 'application/pdf', data: DATA, name: 'paper.pdf' },
            { type: 'file', mediaType: 'application/pdf', data: 'https://example.com/a.pdf' },
          ],
        },
      ],
      tools: [SEARCH, { name: 'look', description: '', inputSchema: CLOSED }],
      toolChoice: 'search',
      maxOutputTokens: 100,
      temperature: 0.2,
      topP: 0.9,
      reasoningEffort: 'high',
      responseFormat: { type: 'json-schema', name: 'answer', schema: CLOSED },
      parallelToolCalls: false,
      params: { service_tier: 'flex' },
    }
    const typed = {
      model: 'gpt-5.4',
      stream: true,
      store: false,
      instructions: 'be brief',
      max_output_tokens: 100,
      temperature: 0.2,
      top_p: 0.9,
      tool_choice: { type: 'function', name: 'search' },
      parallel_tool_calls: false,
      include: ['reasoning.encrypted_content'],
      tools: [
        {
          type: 'function',
          name: 'search',
          description: 'finds things',
          strict: false,
          parameters: { type: 'object' },
        },
        { type: 'function', name: 'look', strict: true, parameters: JSON.parse(CLOSED) },
      ],
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'what is this?' },
            { type: 'input_image', image_url: 'data:image/png;base64,AQID', detail: 'auto' },
            { type: 'input_file', filename: 'paper.pdf', file_data: 'data:application/pdf;base64,AQID' },
            { type: 'input_file', file_url: 'https://example.com/a.pdf' },
          ],
        },
      ],
      reasoning: { effort: 'high', summary: 'auto' },
      text: { format: { type: 'json_schema', name: 'answer', strict: true, schema: JSON.parse(CLOSED) } },
      service_tier: 'flex',
    } satisfies ResponseCreateParamsStreaming
    expect(body(request, { reasoningSummary: 'auto' })).toEqual(typed)
  })

  test('the smallest request keeps nothing at the vendor, and asks for the reasoning', () => {
    expect(body(HELLO, { encryptedReasoning: true })).toEqual({
      model: 'gpt-test',
      stream: true,
      store: false,
      include: ['reasoning.encrypted_content'],
      input: [{ role: 'user', content: 'hi' }],
    } satisfies ResponseCreateParamsStreaming)
  })

  test('a conversation has the form that the vendor documents', () => {
    const messages: Message[] = [
      {
        role: 'assistant',
        content: 'let me see',
        toolUses: [{ callId: 'call_1', name: 'search', arguments: '' }],
        reasoning: [{ text: 'hm' }],
      },
      {
        role: 'tool',
        callId: 'call_1',
        content: 'a picture',
        isError: false,
        attachments: [{ type: 'image', mediaType: 'image/png', data: DATA }],
      },
    ]
    const input = [
      {
        type: 'message',
        role: 'assistant',
        // An answer that came without ids goes back as an easy message, whose content is the same.
        content: [{ type: 'output_text', text: 'let me see', annotations: [] }],
      },
      { type: 'function_call', call_id: 'call_1', name: 'search', arguments: '{}' },
      {
        type: 'function_call_output',
        call_id: 'call_1',
        output: [
          { type: 'input_text', text: 'a picture' },
          { type: 'input_image', image_url: 'data:image/png;base64,AQID', detail: 'auto' },
        ],
      },
    ]
    expect(body({ ...HELLO, messages })['input']).toEqual(input)
  })

  test.each([
    ['gpt-5.4', true],
    ['o3', true],
    ['gpt-5-mini', true],
    ['my-deployment', true],
    ['gpt-4o-mini', false],
    ['gpt-4.1', false],
    ['gpt-3.5-turbo', false],
    ['chatgpt-4o-latest', false],
    ['gpt-5-chat-latest', false],
    ['ft:gpt-4o:acme', false],
  ])('%s is asked for its reasoning: %s', (model, isAsked) => {
    expect(body({ ...HELLO, model })['include']).toEqual(isAsked ? ['reasoning.encrypted_content'] : undefined)
    expect(body({ ...HELLO, model }, { encryptedReasoning: !isAsked })['include'] === undefined).toBe(isAsked)
  })

  test.each([
    ['auto', 'auto'],
    ['none', 'none'],
    ['any', 'required'],
    ['search', { type: 'function', name: 'search' }],
    ['web_search', { type: 'web_search' }],
    ['', undefined],
  ])('the tool choice %j is sent as %j', (toolChoice, expected) => {
    const params = { tools: [{ type: 'web_search' }] }
    expect(body({ ...HELLO, tools: [SEARCH], toolChoice, params })['tool_choice']).toEqual(expected)
  })

  test('a tool choice that is no tool of the request is refused', () => {
    expect(() => body({ ...HELLO, tools: [SEARCH], toolChoice: 'look' })).toThrow('but the request offers "search"')
  })

  test("the vendor's own tools come after the agent's, and nothing is lost of them", () => {
    const tools = [{ type: 'mcp', server_label: 'dice', max: 12345678901234567890n }]
    const text = bodyText({ ...HELLO, tools: [SEARCH], params: { tools, include: ['file_search_call.results'] } })
    expect(text).toContain('{"type":"mcp","server_label":"dice","max":12345678901234567890}]')
    expect(JSON.parse(text)).toMatchObject({
      tools: [{ name: 'search' }, { type: 'mcp' }],
      include: ['reasoning.encrypted_content', 'file_search_call.results'],
    })
  })

  test('params add to reasoning and text, and cannot change what the request says', () => {
    const request: ModelRequest = { ...HELLO, reasoningEffort: 'low', responseFormat: { type: 'json' } }
    expect(body({ ...request, params: { reasoning: { context: 'auto' }, text: { verbosity: 'low' } } })).toMatchObject({
      reasoning: { effort: 'low', context: 'auto' },
      text: { format: { type: 'json_object' }, verbosity: 'low' },
    })
    expect(body({ ...HELLO, params: { reasoning: { effort: 'xhigh' } } })['reasoning']).toEqual({ effort: 'xhigh' })
    expect(() => body({ ...request, params: { reasoning: { effort: 'xhigh' } } })).toThrow(
      'params may not set "effort"',
    )
    expect(() => body({ ...request, params: { text: { format: {} } } })).toThrow('params may not set "format"')
  })

  test.each([
    ['tools', {}, 'params.tools is not a list of objects'],
    ['tools', ['web_search'], 'params.tools is not a list of objects'],
    ['include', 'all', 'params.include is not a list'],
    ['reasoning', 'high', 'params.reasoning is not an object'],
    ['text', [], 'params.text is not an object'],
    ['store', true, 'params may not set "store"'],
    ['previous_response_id', 'resp_1', 'params may not set "previous_response_id"'],
    ['temperature', 1, 'params may not set "temperature"'],
  ])('the parameter %s: %j is refused', (name, value, message) => {
    expect(() => body({ ...HELLO, temperature: 0, params: { [name]: value } })).toThrow(message)
  })

  test('schemas go out as the texts that are hashed', () => {
    const schema = '{ "type": "object", "maxProperties": 1.0 }'
    const text = bodyText({
      ...HELLO,
      tools: [{ ...SEARCH, inputSchema: schema }],
      responseFormat: { type: 'json-schema', name: 'answer', schema },
    })
    expect(text).toContain(`"strict":false,"parameters":${schema}}`)
    expect(text).toContain(`"format":{"type":"json_schema","name":"answer","schema":${schema}}`)
    expect(() => body({ ...HELLO, tools: [{ ...SEARCH, inputSchema: '[' }] })).toThrow('schema of tool "search"')
  })

  test('whatever the texts are, the body is JSON that gives them back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (content, said) => {
        fc.pre(said !== '')
        const messages: Message[] = [
          { role: 'user', content },
          { role: 'assistant', content: said, toolUses: [] },
        ]
        expect(body({ ...HELLO, messages })['input']).toEqual([
          { role: 'user', content },
          { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: said, annotations: [] }] },
        ])
      }),
    )
  })
})

describe('an earlier answer', () => {
  const reasoning = { type: 'reasoning', id: 'rs_1', status: 'completed', summary: [], encrypted_content: 'gAAA' }
  const parts: AssistantPart[] = [
    { type: 'reasoning', text: 'hm' },
    { type: 'opaque', data: JSON.stringify(reasoning) },
    { type: 'opaque', data: '{"type": "web_search_call", "id": "ws_1", "n": 1.0}' },
    { type: 'text', text: 'a', citations: ['{"n": 1.0}'], signature: utf8Encode('{"phase":"commentary"}') },
    { type: 'opaque', data: '{"reasoning_details":[]}' },
    { type: 'text', text: '' },
    { type: 'tool-use', callId: 'call_1', name: 'f', arguments: '{}', signature: Uint8Array.of(0xff) },
  ]
  const message: AssistantMessage = { role: 'assistant', content: 'a', toolUses: [], parts }

  test('goes back as the texts that were recorded, but without what names things the vendor did not keep', () => {
    const text = bodyText({ ...HELLO, messages: [message] })
    expect(text).toContain('{"type": "web_search_call", "id": "ws_1", "n": 1.0}')
    expect(text).toContain('"annotations":[{"n": 1.0}]')
    expect(JSON.parse(text).input).toEqual([
      { type: 'reasoning', summary: [], encrypted_content: 'gAAA' },
      { type: 'web_search_call', id: 'ws_1', n: 1 },
      {
        type: 'message',
        role: 'assistant',
        phase: 'commentary',
        content: [{ type: 'output_text', text: 'a', annotations: [{ n: 1 }] }],
      },
      { type: 'function_call', call_id: 'call_1', name: 'f', arguments: '{}' },
    ])
  })

  test('of another provider is only what was said and called', () => {
    const types = itemTypes({ ...message, providerId: 'anthropic' })
    expect(types).toEqual(['message', 'function_call'])
    expect(itemTypes({ ...message, providerId: 'openai' })).toHaveLength(4)
  })

  test('of another model of the same provider is only what was said and called', () => {
    const types = itemTypes({ ...message, providerId: 'openai', model: 'gpt-5.4' })
    expect(types).toEqual(['message', 'function_call'])
    expect(itemTypes({ ...message, providerId: 'openai', model: HELLO.model })).toHaveLength(4)
  })

  test.each<[string, object, number]>([
    ['encrypted', { encrypted_content: 'gAAA' }, 1],
    ['open', { content: [{ type: 'reasoning_text', text: 'hm' }] }, 1],
    ['only a summary', { summary: [{ type: 'summary_text', text: 'hm' }], encrypted_content: null }, 0],
    ['empty', { content: [] }, 0],
  ])('with reasoning that is %s sends it back %#', (_, fields, count) => {
    const data = JSON.stringify({ type: 'reasoning', id: 'rs_1', ...fields })
    const types = itemTypes({
      ...message,
      parts: [
        { type: 'opaque', data },
        { type: 'text', text: 'a' },
      ],
    })
    expect(types.filter((type) => type === 'reasoning')).toHaveLength(count)
  })
})

function itemTypes(message: AssistantMessage): unknown[] {
  const { input } = JSON.parse(bodyText({ ...HELLO, messages: [message] }))
  return input.map(({ type }: { readonly type: unknown }) => type)
}

function bodyText(request: ModelRequest, settings: ResponsesSettings = {}): string {
  return convertToResponsesRequest(request, { settings, providerId: 'openai' })
}

function body(request: ModelRequest, settings: ResponsesSettings = {}): Record<string, unknown> {
  return JSON.parse(bodyText(request, settings))
}
