import { utf8Encode } from '@starling/event'
import type { AssistantMessage, AssistantPart, Message, ModelRequest } from '@starling/provider'
import { describe, expect, test } from 'vitest'
import { bodyOf, bodyText } from './support/request.ts'

const SEARCH = { name: 'search', description: 'Searches.', inputSchema: '{"type":"object"}' }

describe('taking turns', () => {
  test('results of parallel calls and what follows them are one message', () => {
    expect(
      messagesOf([
        { role: 'user', content: 'find both' },
        assistant([
          { type: 'tool-use', callId: 'a', name: 'search', arguments: '{"q":"one"}' },
          { type: 'tool-use', callId: 'b', name: 'search', arguments: '{"q":"two"}' },
        ]),
        { role: 'tool', callId: 'a', content: '"first"', isError: false },
        { role: 'tool', callId: 'b', content: 'it failed', isError: true },
        { role: 'user', content: 'go on' },
      ]),
    ).toMatchInlineSnapshot(`
      [
        {
          "content": [
            {
              "text": "find both",
            },
          ],
          "role": "user",
        },
        {
          "content": [
            {
              "toolUse": {
                "input": {
                  "q": "one",
                },
                "name": "search",
                "toolUseId": "a",
              },
            },
            {
              "toolUse": {
                "input": {
                  "q": "two",
                },
                "name": "search",
                "toolUseId": "b",
              },
            },
          ],
          "role": "assistant",
        },
        {
          "content": [
            {
              "toolResult": {
                "content": [
                  {
                    "text": ""first"",
                  },
                ],
                "toolUseId": "a",
              },
            },
            {
              "toolResult": {
                "content": [
                  {
                    "text": "it failed",
                  },
                ],
                "status": "error",
                "toolUseId": "b",
              },
            },
            {
              "text": "go on",
            },
          ],
          "role": "user",
        },
      ]
    `)
  })

  test('messages of one person that follow each other are one message', () => {
    expect(
      messagesOf([
        { role: 'user', content: 'one' },
        { role: 'user', content: 'two' },
      ]),
    ).toEqual([{ role: 'user', content: [{ text: 'one' }, { text: 'two' }] }])
  })

  test('an answer of nothing is left out, and its neighbours are one message', () => {
    expect(
      messagesOf([
        { role: 'user', content: 'one' },
        { role: 'assistant', content: '', toolUses: [] },
        { role: 'user', content: 'two' },
      ]),
    ).toEqual([{ role: 'user', content: [{ text: 'one' }, { text: 'two' }] }])
  })

  test.for([
    ['no messages', []],
    ['a message of white space', [{ role: 'user', content: ' \n' }]],
  ] as const)('%s is refused', ([, messages]) => {
    expect(() => messagesOf([...messages])).toThrow(
      expect.objectContaining({ code: 'PROVIDER_INVALID_OPTIONS', message: 'the conversation has no content' }),
    )
  })
})

describe('an earlier answer', () => {
  test('its parts go back in their order', () => {
    expect(
      contentOf([
        { type: 'reasoning', text: 'Hm.', signature: utf8Encode('c2ln') },
        { type: 'text', text: 'before' },
        { type: 'tool-use', callId: 'a', name: 'search', arguments: '{"q":"x"}' },
        { type: 'text', text: 'after' },
      ]),
    ).toEqual([
      { reasoningContent: { reasoningText: { text: 'Hm.', signature: 'c2ln' } } },
      { text: 'before' },
      { toolUse: { toolUseId: 'a', name: 'search', input: { q: 'x' } } },
      { text: 'after' },
    ])
  })

  test('its plain fields go back when it has no parts', () => {
    const message: AssistantMessage = {
      role: 'assistant',
      content: 'said',
      reasoning: [{ text: 'Hm.' }],
      toolUses: [{ callId: 'a', name: 'search', arguments: '' }],
    }
    expect(messagesOf([{ role: 'user', content: 'q' }, message], 'openai.gpt-oss-120b-1:0').at(-1)).toEqual({
      role: 'assistant',
      content: [
        { reasoningContent: { reasoningText: { text: 'Hm.' } } },
        { text: 'said' },
        { toolUse: { toolUseId: 'a', name: 'search', input: {} } },
      ],
    })
  })

  test('redacted reasoning goes back as the base64 that came', () => {
    expect(contentOf([{ type: 'reasoning', text: 'b3BhcXVl', redacted: true }, text('x')])).toEqual([
      { reasoningContent: { redactedContent: 'b3BhcXVl' } },
      { text: 'x' },
    ])
  })

  test('an empty signature is none', () => {
    const part: AssistantPart = { type: 'reasoning', text: 'Hm.', signature: new Uint8Array() }
    expect(contentOf([part], {}, 'openai.gpt-oss-120b-1:0')).toEqual([
      { reasoningContent: { reasoningText: { text: 'Hm.' } } },
    ])
  })

  test('a cited text goes back with its citations, digit for digit', () => {
    const citation = '{"title":"Handbook","location":{"documentChar":{"documentIndex":12345678901234567890}}}'
    const part: AssistantPart = { type: 'text', text: 'Blue.', citations: [citation] }
    expect(contentOf([part])).toEqual([
      { citationsContent: { content: [{ text: 'Blue.' }], citations: [JSON.parse(citation)] } },
    ])
    expect(textWith([part])).toContain(citation)
  })

  test('an opaque part goes back as it came, digit for digit', () => {
    const data =
      '{"toolUse":{"toolUseId":"s1","name":"search","type":"server_tool_use","input":{"id":12345678901234567890}}}'
    expect(contentOf([{ type: 'opaque', data }])).toEqual([JSON.parse(data)])
    expect(textWith([{ type: 'opaque', data }])).toContain(data)
  })

  test('a text of nothing but white space is left out: Bedrock refuses it', () => {
    expect(contentOf([text('\n\n'), { type: 'tool-use', callId: 'a', name: 'search', arguments: '{}' }])).toEqual([
      { toolUse: { toolUseId: 'a', name: 'search', input: {} } },
    ])
  })

  test('arguments go back as the exact text of the model', () => {
    const args = '{"id": 12345678901234567890, "x": 1.0}'
    expect(textWith([{ type: 'tool-use', callId: 'a', name: 'search', arguments: args }])).toContain(`"input":${args}`)
  })

  test.for(['{"q":', '"text"', '[1]', 'null'])('arguments that are no object are told as such: %s', (args) => {
    expect(contentOf([{ type: 'tool-use', callId: 'a', name: 'search', arguments: args }])).toEqual([
      { toolUse: { toolUseId: 'a', name: 'search', input: { arguments: args } } },
    ])
  })

  test('the id of a call keeps the characters that Bedrock takes, in the call and in its result', () => {
    const messages = messagesOf([
      { role: 'user', content: 'q' },
      assistant([{ type: 'tool-use', callId: 'call.1:a', name: 'search', arguments: '{}' }]),
      { role: 'tool', callId: 'call.1:a', content: '1', isError: false },
    ])
    expect(messages.slice(1)).toMatchObject([
      { content: [{ toolUse: { toolUseId: 'call_1_a' } }] },
      { content: [{ toolResult: { toolUseId: 'call_1_a' } }] },
    ])
  })

  test.for([
    ['an opaque part that is no JSON', { type: 'opaque', data: '{' }, 'an opaque part is not JSON'],
    ['an opaque part that is no object', { type: 'opaque', data: '[1]' }, 'an opaque part is not a content block'],
    ['a citation that is no JSON', { type: 'text', text: 'x', citations: ['{'] }, 'a citation is not JSON'],
  ] as const)('%s is refused', ([, part, message]) => {
    expect(() => contentOf([part])).toThrow(expect.objectContaining({ code: 'PROVIDER_INVALID_OPTIONS', message }))
  })
})

describe('an answer of another provider', () => {
  const parts: AssistantPart[] = [
    { type: 'reasoning', text: 'Hm.', signature: utf8Encode('c2ln') },
    { type: 'opaque', data: '{"theirs":1}' },
    { type: 'text', text: 'said', citations: ['{"theirs":2}'] },
    { type: 'tool-use', callId: 'a', name: 'search', arguments: '{}' },
  ]

  test('only what every vendor understands goes to Bedrock', () => {
    expect(contentOf(parts, { providerId: 'openai' })).toEqual([
      { text: 'said' },
      { toolUse: { toolUseId: 'a', name: 'search', input: {} } },
    ])
  })

  test('an answer of another model of this provider is none of its own', () => {
    const answer = { providerId: 'bedrock', model: 'us.amazon.nova-2-lite-v1:0' }
    expect(contentOf(parts, answer)).toEqual(contentOf(parts, { providerId: 'openai' }))
    expect(contentOf(parts, answer, 'us.amazon.nova-2-lite-v1:0')).toHaveLength(4)
  })

  test('an answer of this provider is its own, by whatever name', () => {
    expect(contentOf(parts, { providerId: 'bedrock' })).toHaveLength(4)
    expect(contentOf(parts)).toHaveLength(4)
  })
})

describe('a model that does not take all reasoning back', () => {
  test.for(['anthropic.claude-opus-5', 'anthropic.claude-3-7-sonnet-20250219-v1:0'])(
    '%s gets what it signed and what it redacted',
    (model) => {
      const parts: AssistantPart[] = [
        { type: 'reasoning', text: 'of another model' },
        { type: 'reasoning', text: '', signature: utf8Encode('c2ln') },
        { type: 'reasoning', text: 'b3BhcXVl', redacted: true },
        text('said'),
      ]
      expect(contentOf(parts, {}, model)).toEqual([
        { reasoningContent: { reasoningText: { text: '', signature: 'c2ln' } } },
        { reasoningContent: { redactedContent: 'b3BhcXVl' } },
        { text: 'said' },
      ])
    },
  )

  test('DeepSeek gets the text alone', () => {
    const parts: AssistantPart[] = [{ type: 'reasoning', text: 'Hm.' }, text('said')]
    expect(contentOf(parts, {}, 'us.deepseek.r1-v1:0')).toEqual([{ text: 'said' }])
  })
})

describe('the result of a tool', () => {
  test('an empty result has no content', () => {
    expect(resultOf({ role: 'tool', callId: 'a', content: '', isError: true })).toEqual({
      toolUseId: 'a',
      content: [],
      status: 'error',
    })
  })

  test('an image and a document go along', () => {
    const bytes = utf8Encode('bytes')
    expect(
      resultOf({
        role: 'tool',
        callId: 'a',
        content: '"see"',
        isError: false,
        attachments: [
          { type: 'image', mediaType: 'image/png', data: bytes },
          { type: 'file', mediaType: 'application/pdf', data: bytes, name: 'report.pdf' },
        ],
      }),
    ).toEqual({
      toolUseId: 'a',
      content: [
        { text: '"see"' },
        { image: { format: 'png', source: { bytes: btoa('bytes') } } },
        { document: { format: 'pdf', name: 'report', source: { bytes: btoa('bytes') } } },
      ],
    })
  })
})

interface Body {
  readonly messages: readonly { readonly role: string; readonly content: readonly unknown[] }[]
}

function messagesOf(messages: Message[], model?: string): Body['messages'] {
  return body({ messages, tools: [SEARCH], ...(model !== undefined && { model }) }).messages
}

function contentOf(parts: AssistantPart[], differing: Partial<AssistantMessage> = {}, model?: string): unknown {
  return messagesOf(
    [
      { role: 'user', content: 'q' },
      { ...assistant(parts), ...differing },
    ],
    model,
  ).at(-1)?.content
}

function resultOf(message: Message): unknown {
  const [block] = messagesOf([message]).at(-1)?.content ?? []
  return Reflect.get(Object(block), 'toolResult')
}

function textWith(parts: AssistantPart[]): string {
  return bodyText({ messages: [{ role: 'user', content: 'q' }, assistant(parts)], tools: [SEARCH] })
}

function assistant(parts: AssistantPart[]): AssistantMessage {
  return { role: 'assistant', content: '', toolUses: [], parts }
}

function text(words: string): AssistantPart {
  return { type: 'text', text: words }
}

function body(differing: Partial<ModelRequest>): Body {
  const json: unknown = bodyOf(differing)
  if (hasMessages(json)) return json
  throw new RangeError('the body has no messages')
}

function hasMessages(value: unknown): value is Body {
  return Array.isArray(Reflect.get(Object(value), 'messages'))
}
