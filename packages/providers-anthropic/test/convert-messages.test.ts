import type { MessageParam } from '@anthropic-ai/sdk/resources/messages'
import { utf8Encode } from '@starling/event'
import type { AssistantPart, CacheControl, Message, ModelRequest } from '@starling/provider'
import { describe, expect, test } from 'vitest'
import { convertMessages } from '../src/convert-messages.ts'
import { HELLO } from './support/provider.ts'

const PNG = new Uint8Array([137, 80, 78, 71])
const QUESTION: Message = { role: 'user', content: 'Compare.' }

describe('user messages', () => {
  test('attachments come before the text', () => {
    const attachments = [
      { type: 'image', mediaType: 'image/png', data: PNG },
      { type: 'image', mediaType: 'image/jpg', data: 'https://example.com/a.jpg' },
      { type: 'file', mediaType: 'application/pdf', data: PNG, name: 'a.pdf' },
      { type: 'file', mediaType: 'application/pdf', data: 'https://example.com/b.pdf' },
      { type: 'file', mediaType: 'Text/CSV; charset=utf-8', data: utf8Encode('a,ż'), name: 'a.csv' },
    ] as const
    expect(convert([{ ...QUESTION, attachments }])).toEqual([
      {
        role: 'user',
        content: [
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw==' } },
          { type: 'image', source: { type: 'url', url: 'https://example.com/a.jpg' } },
          {
            type: 'document',
            source: { type: 'base64', media_type: 'application/pdf', data: 'iVBORw==' },
            title: 'a.pdf',
          },
          { type: 'document', source: { type: 'url', url: 'https://example.com/b.pdf' } },
          { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'a,ż' }, title: 'a.csv' },
          { type: 'text', text: 'Compare.' },
        ],
      },
    ] satisfies MessageParam[])
  })

  test('an attachment alone is a message', () => {
    const attachments = [{ type: 'image', mediaType: 'image/webp', data: PNG }] as const
    expect(convert([{ role: 'user', content: '', attachments }])).toHaveLength(1)
  })

  test.each([
    ['image/tiff', PNG, 'an attachment is image/tiff: Anthropic takes JPEG, PNG, GIF, WebP, PDF and text'],
    ['application/zip', PNG, 'an attachment is application/zip'],
    ['text/plain', 'https://example.com/a.txt', 'an attachment is text/plain at an address'],
  ])('%s is refused', (mediaType, data, message) => {
    const attachments = [{ type: 'file', mediaType, data }] as const
    expect(() => convert([{ ...QUESTION, attachments }])).toThrow(
      expect.objectContaining({ code: 'PROVIDER_INVALID_OPTIONS', message: expect.stringContaining(message) }),
    )
  })
})

describe('tool results', () => {
  const CALLS: Message = {
    role: 'assistant',
    content: 'Looking.',
    toolUses: [
      { callId: 'call-1', name: 'look', arguments: '{"at": 1.0}' },
      { callId: 'call-2', name: 'look', arguments: '' },
    ],
  }

  test('of one answer share a message, and come before what the user said meanwhile', () => {
    const messages: Message[] = [
      QUESTION,
      CALLS,
      { role: 'user', content: 'Hurry!' },
      { role: 'tool', callId: 'call-1', content: '[1]', isError: false },
      { role: 'tool', callId: 'call-2', content: 'boom', isError: true },
      { role: 'user', content: 'Well?' },
    ]
    expect(convert(messages)).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'Compare.' }] },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'Looking.' },
          { type: 'tool_use', id: 'call-1', name: 'look', input: { at: 1 } },
          { type: 'tool_use', id: 'call-2', name: 'look', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            tool_use_id: 'call-1',
            is_error: false,
            content: [{ type: 'text', text: '[1]' }],
          },
          {
            type: 'tool_result',
            tool_use_id: 'call-2',
            is_error: true,
            content: [{ type: 'text', text: 'boom' }],
          },
          { type: 'text', text: 'Hurry!' },
          { type: 'text', text: 'Well?' },
        ],
      },
    ] satisfies MessageParam[])
  })

  test('find their calls, also where another provider named them in its own way', () => {
    const toolUses = ['functions.look:0', 'functions.look:1', 'é😀'].map((callId) => ({
      callId,
      name: 'l',
      arguments: '',
    }))
    const results = toolUses.map(({ callId }): Message => ({ role: 'tool', callId, content: 'x', isError: false }))
    const [called, answered] = convert([{ role: 'assistant', content: '', toolUses }, ...results])
    const ids = ['functions_2e_look_3a_0', 'functions_2e_look_3a_1', '_e9__1f600_']
    expect(called).toMatchObject({ content: ids.map((id) => ({ type: 'tool_use', id })) })
    expect(answered).toMatchObject({ content: ids.map((id) => ({ type: 'tool_result', tool_use_id: id })) })
  })

  test('carry images and documents', () => {
    const attachments = [
      { type: 'image', mediaType: 'image/gif', data: PNG },
      { type: 'file', mediaType: 'application/json', data: utf8Encode('{}') },
    ] as const
    const [, , results] = convert([
      QUESTION,
      CALLS,
      { role: 'tool', callId: 'call-1', content: 'seen', isError: false, attachments },
    ])
    expect(results).toEqual({
      role: 'user',
      content: [
        {
          type: 'tool_result',
          tool_use_id: 'call-1',
          is_error: false,
          content: [
            { type: 'text', text: 'seen' },
            { type: 'image', source: { type: 'base64', media_type: 'image/gif', data: 'iVBORw==' } },
            { type: 'document', source: { type: 'text', media_type: 'text/plain', data: '{}' } },
          ],
        },
      ],
    } satisfies MessageParam)
  })

  test('of nothing have no content, and errors of nothing say that they are errors', () => {
    const [, , results] = convert([
      QUESTION,
      CALLS,
      { role: 'tool', callId: 'call-1', content: '', isError: false },
      { role: 'tool', callId: 'call-2', content: ' ', isError: true },
    ])
    expect(results).toEqual({
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'call-1', is_error: false },
        { type: 'tool_result', tool_use_id: 'call-2', is_error: true, content: [{ type: 'text', text: 'error' }] },
      ],
    } satisfies MessageParam)
  })
})

describe('earlier answers', () => {
  const PARTS: readonly AssistantPart[] = [
    { type: 'reasoning', text: 'Hm.', signature: utf8Encode('c2ln') },
    { type: 'reasoning', text: 'b3BhcXVl', redacted: true },
    { type: 'text', text: 'First.' },
    { type: 'opaque', data: '{"type":"server_tool_use", "id":"srv-1", "input":{"n":1.0}}' },
    { type: 'text', text: 'Cited.', citations: ['{"n": 1.0}', '{"n":2}'] },
    { type: 'tool-use', callId: 'call-1', name: 'look', arguments: '{"id": 12345678901234567890}' },
  ]

  test('go back in their order, word for word', () => {
    expect(convertMessages(requestOf([answer(PARTS)]), 'anthropic')).toBe(
      '[{"role":"assistant","content":[' +
        '{"type":"thinking","thinking":"Hm.","signature":"c2ln"},' +
        '{"type":"redacted_thinking","data":"b3BhcXVl"},' +
        '{"type":"text","text":"First."},' +
        '{"type":"server_tool_use", "id":"srv-1", "input":{"n":1.0}},' +
        '{"type":"text","text":"Cited.","citations":[{"n": 1.0},{"n":2}]},' +
        '{"type":"tool_use","id":"call-1","name":"look","input":{"id": 12345678901234567890}}' +
        ']}]',
    )
  })

  test('of the provider itself by name are its own', () => {
    const named = { ...answer(PARTS), providerId: 'mine' }
    expect(convertMessages(requestOf([named]), 'mine')).toBe(convertMessages(requestOf([answer(PARTS)]), 'mine'))
  })

  test('of another provider keep their texts and tool calls', () => {
    const signed = {
      type: 'tool-use',
      callId: 'call-2',
      name: 'look',
      arguments: '{}',
      signature: utf8Encode('{"a":1}'),
    }
    const foreign = { ...answer([...PARTS, signed as AssistantPart]), providerId: 'gemini' }
    expect(convert([foreign])).toEqual([
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'First.' },
          { type: 'text', text: 'Cited.' },
          { type: 'tool_use', id: 'call-1', name: 'look', input: { id: 12345678901234567890n } },
          { type: 'tool_use', id: 'call-2', name: 'look', input: {} },
        ].map(rounded),
      },
    ])
  })

  test('of another model keep their texts and tool calls, those of the same one everything', () => {
    const other = { ...answer(PARTS), providerId: 'anthropic', model: 'claude-opus-4-8' }
    expect(convert([other])).toEqual(convert([{ ...answer(PARTS), providerId: 'gemini' }]))
    const own = { ...other, model: HELLO.model }
    expect(convertMessages(requestOf([own]), 'anthropic')).toBe(
      convertMessages(requestOf([answer(PARTS)]), 'anthropic'),
    )
  })

  test('without parts are reasoning, text and tool calls; thinking that is not signed is none of ours', () => {
    const toolUses = [{ callId: 'call-1', name: 'look', arguments: '{}' }]
    const reasoning = [{ text: 'unsigned' }, { text: 'Hm.', signature: utf8Encode('c2ln') }]
    expect(convert([{ role: 'assistant', content: 'So.', toolUses, reasoning }])).toEqual([
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'Hm.', signature: 'c2ln' },
          { type: 'text', text: 'So.' },
          { type: 'tool_use', id: 'call-1', name: 'look', input: {} },
        ],
      },
    ] satisfies MessageParam[])
  })

  test('of nothing, or of white space, are left out', () => {
    const messages = [QUESTION, answer([]), answer([{ type: 'text', text: '\n\n' }]), QUESTION]
    expect(convert(messages)).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Compare.' },
          { type: 'text', text: 'Compare.' },
        ],
      },
    ] satisfies MessageParam[])
  })

  test.each(['{"a":', '[1]', '"text"', 'null', '1'])('arguments that are no object go back as invalid: %s', (args) => {
    const [message] = convert([answer([{ type: 'tool-use', callId: 'call-1', name: 'look', arguments: args }])])
    expect(message).toEqual({
      role: 'assistant',
      content: [{ type: 'tool_use', id: 'call-1', name: 'look', input: { INVALID_JSON: args } }],
    } satisfies MessageParam)
  })

  test('a tool call gets back what the vendor added to it', () => {
    const signature = utf8Encode('{"caller":{"type":"code_execution_20260120","tool_id":"srv-1"}}')
    const [message] = convert([answer([{ type: 'tool-use', callId: 'c', name: 'look', arguments: '{}', signature }])])
    expect(message).toEqual({
      role: 'assistant',
      content: [
        {
          type: 'tool_use',
          id: 'c',
          name: 'look',
          caller: { type: 'code_execution_20260120', tool_id: 'srv-1' },
          input: {},
        },
      ],
    } satisfies MessageParam)
  })

  test.each(['{"no":"type"}', '[]', 'not JSON'])('an opaque part that is no block is refused: %s', (data) => {
    expect(() => convert([answer([{ type: 'opaque', data }])])).toThrow(
      'an opaque part is not a content block of the Messages API',
    )
  })
})

describe('cache markers on messages', () => {
  test('are on the last block of the last message alone', () => {
    const result: Message = { role: 'tool', callId: 'call-1', content: 'ok', isError: false }
    const messages = [QUESTION, answer([{ type: 'tool-use', callId: 'call-1', name: 'look', arguments: '{}' }]), result]
    const text = convertMessages(requestOf(messages, { messages: true, ttl: '5m' }), 'anthropic')
    expect(text.split('cache_control')).toHaveLength(2)
    expect(text).toContain(
      '"content":[{"type":"text","text":"ok"}],"cache_control":{"type":"ephemeral","ttl":"5m"}}]}]',
    )
  })

  test('pass over blocks that may not carry them', () => {
    const parts: AssistantPart[] = [
      { type: 'text', text: 'a' },
      { type: 'opaque', data: '{"type":"mcp_tool_use"}' },
      { type: 'reasoning', text: 'b', signature: utf8Encode('c2ln') },
    ]
    expect(convert([answer(parts)], { messages: true })).toMatchObject([
      {
        content: [{ text: 'a', cache_control: { type: 'ephemeral' } }, { type: 'mcp_tool_use' }, { type: 'thinking' }],
      },
    ])
  })

  test('of a message without a place for one are left out', () => {
    const text = convertMessages(
      requestOf([answer([{ type: 'opaque', data: '{"type":"x"}' }])], { messages: true }),
      'a',
    )
    expect(text).toBe('[{"role":"assistant","content":[{"type":"x"}]}]')
  })
})

function answer(parts: readonly AssistantPart[]): Message & { role: 'assistant' } {
  return { role: 'assistant', content: '', toolUses: [], parts }
}

function requestOf(messages: readonly Message[], cache?: CacheControl): ModelRequest {
  return { ...HELLO, messages, cache }
}

function convert(messages: readonly Message[], cache?: CacheControl): readonly unknown[] {
  const converted: unknown = JSON.parse(convertMessages(requestOf(messages, cache), 'anthropic'))
  return Array.isArray(converted) ? converted : []
}

// What JSON.parse makes of a number that is too large for it.
function rounded(block: { readonly input?: { readonly id?: bigint } }): object {
  return block.input?.id === undefined ? block : { ...block, input: { id: Number(block.input.id) } }
}
