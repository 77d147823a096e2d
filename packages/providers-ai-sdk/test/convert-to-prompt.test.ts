import type { LanguageModelV4Prompt } from '@ai-sdk/provider'
import { utf8Encode } from '@starling/event'
import type { AssistantMessage, AssistantPart, Message } from '@starling/provider'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { convertToPrompt } from '../src/convert-to-prompt.ts'
import { encodeOpaque } from '../src/opaque-part.ts'
import { decodeMetadata, encodeMetadata, parseMetadata } from '../src/provider-metadata.ts'
import { CONVERSATION, METADATA } from './support/requests.ts'

const OPTIONS = { test: { itemId: 'item-1' } }

describe('user messages', () => {
  test('text comes first, then images and files, bytes as they are and addresses as URLs', () => {
    const bytes = new Uint8Array([1, 2, 3])
    const prompt = convertToPrompt([
      {
        role: 'user',
        content: 'What is this?',
        attachments: [
          { type: 'image', mediaType: 'image/png', data: bytes },
          { type: 'file', mediaType: 'application/pdf', data: 'https://example.com/a.pdf', name: 'a.pdf' },
        ],
      },
    ])
    expect(prompt).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'file', mediaType: 'image/png', data: { type: 'data', data: bytes } },
          {
            type: 'file',
            mediaType: 'application/pdf',
            data: { type: 'url', url: new URL('https://example.com/a.pdf') },
            filename: 'a.pdf',
          },
        ],
      },
    ] satisfies LanguageModelV4Prompt)
  })

  test('an image needs no words, and a message without anything stays one', () => {
    const image = { type: 'image', mediaType: 'image/png', data: new Uint8Array([1]) } as const
    expect(contentOf({ role: 'user', content: '', attachments: [image] })).toHaveLength(1)
    expect(contentOf({ role: 'user', content: '' })).toEqual([{ type: 'text', text: '' }])
  })

  test('an address that is none is refused', () => {
    const attachments = [{ type: 'image', mediaType: 'image/png', data: 'not an address' }] as const
    expect(() => convertToPrompt([{ role: 'user', content: '', attachments }])).toThrow(
      expect.objectContaining({ code: 'PROVIDER_INVALID_OPTIONS', message: expect.stringContaining('not an address') }),
    )
  })
})

describe('assistant messages', () => {
  test('every part goes back in its place, with the metadata it came with', () => {
    const signature = encodeMetadata(OPTIONS)
    const parts: AssistantPart[] = [
      { type: 'reasoning', text: 'Hm.', signature },
      { type: 'reasoning', text: JSON.stringify(OPTIONS), redacted: true },
      { type: 'text', text: 'Let me look.', signature, citations: ['{"source":{}}'] },
      { type: 'tool-use', callId: 'c', name: 'search', arguments: '{"q":"go"}', signature },
      { type: 'text', text: '', signature },
      { type: 'text', text: 'Done.' },
    ]
    expect(partsSent(parts)).toEqual([
      { type: 'reasoning', text: 'Hm.', providerOptions: OPTIONS },
      { type: 'reasoning', text: '', providerOptions: OPTIONS },
      { type: 'text', text: 'Let me look.', providerOptions: OPTIONS },
      { type: 'tool-call', toolCallId: 'c', toolName: 'search', input: { q: 'go' }, providerOptions: OPTIONS },
      { type: 'text', text: '', providerOptions: OPTIONS },
      { type: 'text', text: 'Done.' },
    ])
  })

  test('an answer that was recorded without parts goes back too', () => {
    const message: AssistantMessage = {
      role: 'assistant',
      content: 'Let me look.',
      reasoning: [{ text: 'Hm.', signature: encodeMetadata(OPTIONS) }],
      toolUses: [{ callId: 'c', name: 'search', arguments: '' }],
    }
    expect(contentOf(message)).toEqual([
      { type: 'reasoning', text: 'Hm.', providerOptions: OPTIONS },
      { type: 'text', text: 'Let me look.' },
      { type: 'tool-call', toolCallId: 'c', toolName: 'search', input: {} },
    ])
  })

  test("another vendor's signature is no metadata, and its redacted block means nothing here", () => {
    const parts: AssistantPart[] = [
      { type: 'reasoning', text: 'Hm.', signature: utf8Encode('c2lnbmF0dXJl') },
      { type: 'reasoning', text: 'Well.', signature: new Uint8Array([0xff, 0xfe]) },
      { type: 'reasoning', text: 'b3BhcXVl', redacted: true },
      { type: 'reasoning', text: '', signature: utf8Encode('{}') },
    ]
    expect(partsSent(parts)).toEqual([
      { type: 'reasoning', text: 'Hm.' },
      { type: 'reasoning', text: 'Well.' },
    ])
  })

  test('arguments that are no JSON go back as the text they are', () => {
    const part = { type: 'tool-use', callId: 'c', name: 'patch', arguments: '{"q":' } as const
    expect(partsSent([part])).toMatchObject([{ type: 'tool-call', input: '{"q":' }])
  })

  test.for(['{"q":', '"{\\"q\\":"', '[1]', 'null'])(
    'arguments of a function that are no object go back empty: %s',
    (text) => {
      const message: Message = {
        role: 'assistant',
        content: '',
        toolUses: [{ callId: 'c', name: 'search', arguments: text }],
      }
      expect(convertToPrompt([message], { tools: new Set(['search']) })).toMatchObject([
        { content: [{ type: 'tool-call', input: {} }] },
      ])
    },
  )

  test('an answer without anything in it has no message', () => {
    expect(convertToPrompt([{ role: 'assistant', content: '', toolUses: [] }])).toEqual([])
  })
})

describe('opaque parts', () => {
  test('a call of the vendor and its result go back as they came', () => {
    const call = { toolCallId: 's', toolName: 'web_search' }
    expect(
      sentBack(
        { ...call, type: 'tool-call', input: '{"q":"go"}', providerExecuted: true, providerMetadata: OPTIONS },
        { ...call, type: 'tool-result', result: [{ url: 'https://go.dev' }], providerMetadata: OPTIONS },
        { ...call, type: 'tool-result', result: 'a text' },
        { ...call, type: 'tool-result', result: { errorCode: 'max_uses_exceeded' }, isError: true },
        { ...call, type: 'tool-result' },
      ),
    ).toEqual([
      { ...call, type: 'tool-call', input: { q: 'go' }, providerExecuted: true, providerOptions: OPTIONS },
      {
        ...call,
        type: 'tool-result',
        output: { type: 'json', value: [{ url: 'https://go.dev' }] },
        providerOptions: OPTIONS,
      },
      { ...call, type: 'tool-result', output: { type: 'text', value: 'a text' } },
      { ...call, type: 'tool-result', output: { type: 'error-json', value: { errorCode: 'max_uses_exceeded' } } },
      { ...call, type: 'tool-result', output: { type: 'json', value: null } },
    ])
  })

  test('files go back as base64 or as the address they had', () => {
    const url = 'https://example.com/a%20b.png'
    expect(
      sentBack(
        { type: 'file', mediaType: 'image/png', data: new Uint8Array([1, 2, 3]), providerMetadata: OPTIONS },
        { type: 'file', mediaType: 'image/png', data: { type: 'url', url: new URL(url), originalUrl: 'gs://a b' } },
        { type: 'reasoning-file', mediaType: 'image/png', data: { type: 'data', data: 'AQID' } },
      ),
    ).toEqual([
      { type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'AQID' }, providerOptions: OPTIONS },
      { type: 'file', mediaType: 'image/png', data: { type: 'url', url: new URL(url), originalUrl: 'gs://a b' } },
      { type: 'reasoning-file', mediaType: 'image/png', data: { type: 'data', data: 'AQID' } },
    ])
  })

  test('custom content goes back with its kind', () => {
    expect(sentBack({ type: 'custom', kind: 'anthropic.fallback.v2', providerMetadata: OPTIONS })).toEqual([
      { type: 'custom', kind: 'anthropic.fallback.v2', providerOptions: OPTIONS },
    ])
  })

  test.for([
    { type: 'source', sourceType: 'url', id: 's', url: 'https://example.com' },
    { type: 'tool-approval-request', approvalId: 'a', toolCallId: 's' },
    { type: 'a-part-of-the-future' },
  ])('a prompt has no place for $type', (part) => {
    expect(sentBack(part)).toEqual([])
  })

  test.for(['{"type":"server_tool_use","id":"s"}', '[]', 'null', '"text"', '{"aiSdkPart":null}'])(
    "another vendor's part is left out: %s",
    (data) => {
      expect(
        partsSent([
          { type: 'text', text: 'Hi' },
          { type: 'opaque', data },
        ]),
      ).toEqual([{ type: 'text', text: 'Hi' }])
    },
  )
})

describe('tool messages', () => {
  const call: Message = { role: 'assistant', content: '', toolUses: ['a', 'b'].map(useOf) }

  test('results that follow each other share a message and know the names of their tools', () => {
    const prompt = convertToPrompt([
      call,
      { role: 'tool', callId: 'a', content: '{"found":1}', isError: false },
      { role: 'tool', callId: 'b', content: 'not found', isError: true },
    ])
    expect(prompt.slice(1)).toEqual([
      {
        role: 'tool',
        content: [
          { type: 'tool-result', toolCallId: 'a', toolName: 'tool-a', output: { type: 'json', value: { found: 1 } } },
          {
            type: 'tool-result',
            toolCallId: 'b',
            toolName: 'tool-b',
            output: { type: 'error-text', value: 'not found' },
          },
        ],
      },
    ] satisfies LanguageModelV4Prompt)
  })

  test.for(['12345678901234567890', '1.0', '{"a": 1}', '{"a":1,"a":2}', 'no JSON'])(
    'a result that parsing would change goes as the text it is: %s',
    (content) => {
      expect(outputOf({ content })).toEqual({ type: 'text', value: content })
    },
  )

  test.for(['{"a":1}', '"text"', 'null', '[1,2.5,true]'])(
    'a result that parsing leaves alone goes as data: %s',
    (content) => {
      expect(outputOf({ content })).toEqual({ type: 'json', value: JSON.parse(content) })
    },
  )

  test('an image goes beside the text, which says when the call failed', () => {
    const image = { type: 'image', mediaType: 'image/png', data: new Uint8Array([1]) } as const
    const file = { type: 'file', mediaType: 'image/png', data: { type: 'data', data: image.data } }
    expect(outputOf({ content: '"seen"', attachments: [image] })).toEqual({
      type: 'content',
      value: [{ type: 'text', text: '"seen"' }, file],
    })
    expect(outputOf({ content: 'blurred', isError: true, attachments: [image] })).toEqual({
      type: 'content',
      value: [{ type: 'text', text: 'error: blurred' }, file],
    })
  })

  test('a result that answers no call is refused', () => {
    expect(() => convertToPrompt([{ role: 'tool', callId: 'x', content: '', isError: false }])).toThrow(
      expect.objectContaining({ code: 'PROVIDER_INVALID_OPTIONS', message: expect.stringContaining('"x"') }),
    )
  })

  function outputOf(message: object): unknown {
    const result = { role: 'tool', callId: 'a', isError: false, content: '', ...message } as Message
    const last = convertToPrompt([call, result]).at(-1)
    return last?.role === 'tool' && last.content[0]?.type === 'tool-result' ? last.content[0].output : undefined
  }
})

describe('any conversation', () => {
  test('metadata comes back exactly as it was', () => {
    fc.assert(
      fc.property(METADATA, (metadata) => {
        expect(decodeMetadata(encodeMetadata(metadata))).toEqual(plain(metadata))
        expect(parseMetadata(JSON.stringify(metadata))).toEqual(plain(metadata))
      }),
    )
  })

  test('no call, no result and no file is lost, and all stay in order', () => {
    fc.assert(
      fc.property(CONVERSATION, (messages) => {
        const sent = convertToPrompt(messages).flatMap(partsIn)
        const uses = messages.flatMap((message) => (message.role === 'assistant' ? message.toolUses : []))
        const calls = sent.filter((part) => part.type === 'tool-call')
        const results = sent.filter((part) => part.type === 'tool-result')
        const files = messages.flatMap((message) => (message.role === 'assistant' ? [] : (message.attachments ?? [])))
        const inResults = results.flatMap(({ output }) => (output.type === 'content' ? output.value : []))
        expect(calls.map(({ toolCallId }) => toolCallId)).toEqual(uses.map(({ callId }) => callId))
        expect(results.map(({ toolCallId, toolName }) => [toolCallId, toolName])).toEqual(
          uses.map(({ callId, name }) => [callId, name]),
        )
        expect([...sent, ...inResults].filter(({ type }) => type === 'file')).toHaveLength(files.length)
      }),
    )
  })

  test('text and reasoning arrive whole, with their metadata and in order', () => {
    fc.assert(
      fc.property(CONVERSATION, (messages) => {
        const said = messages
          .flatMap((message) => (message.role === 'assistant' ? (message.parts ?? []) : []))
          .flatMap(expected)
        const sent = convertToPrompt(messages)
          .flatMap((message) => (message.role === 'assistant' ? message.content : []))
          .flatMap((part) => (part.type === 'text' || part.type === 'reasoning' ? [part] : []))
        expect(sent).toEqual(said)
      }),
    )
  })

  const own = { providerId: 'test.chat', model: 'test-model' }
  const signedBy = (messages: readonly Message[], author: { providerId: string; model: string }): Message[] =>
    messages.map((message) => (message.role === 'assistant' ? { ...message, ...author } : message))

  test('the answers of another provider or model come without what only that one accepts', () => {
    const others = fc.constantFrom({ ...own, providerId: 'other' }, { ...own, model: 'another-model' })
    fc.assert(
      fc.property(CONVERSATION, others, (messages, author) => {
        const sent = convertToPrompt(signedBy(messages, author), own)
        expect(JSON.stringify(sent)).not.toContain('"providerOptions"')
      }),
    )
  })

  test('the answers that name the model itself are its own', () => {
    fc.assert(
      fc.property(CONVERSATION, (messages) => {
        expect(convertToPrompt(signedBy(messages, own), own)).toEqual(convertToPrompt(messages))
      }),
    )
  })

  test('the results of one answer share one message', () => {
    fc.assert(
      fc.property(CONVERSATION, (messages) => {
        const roles = convertToPrompt(messages).map(({ role }) => role)
        expect(roles.some((role, index) => role === 'tool' && roles[index - 1] !== 'assistant')).toBe(false)
      }),
    )
  })

  test('the conversation itself stays as it was', () => {
    fc.assert(
      fc.property(CONVERSATION, (messages) => {
        const before = structuredClone(messages)
        convertToPrompt(messages)
        expect(messages).toEqual(before)
      }),
    )
  })
})

function expected(part: AssistantPart): object[] {
  if (part.type !== 'text' && part.type !== 'reasoning') return []
  const isRedacted = part.type === 'reasoning' && part.redacted === true
  const metadata = isRedacted ? parseMetadata(part.text) : decodeMetadata(part.signature)
  const text = isRedacted ? '' : part.text
  if (text === '' && metadata === undefined) return []
  return [{ type: part.type, text, ...(metadata !== undefined && { providerOptions: metadata }) }]
}

type SentPart = Exclude<LanguageModelV4Prompt[number]['content'], string>[number]

function partsIn({ content }: LanguageModelV4Prompt[number]): readonly SentPart[] {
  return typeof content === 'string' ? [] : content
}

/** As JSON gives it back: without minus zero, and without prototypes. */
function plain(value: object): unknown {
  return JSON.parse(JSON.stringify(value))
}

function useOf(callId: string): { callId: string; name: string; arguments: string } {
  return { callId, name: `tool-${callId}`, arguments: '{}' }
}

function contentOf(message: Message): unknown {
  return convertToPrompt([message])[0]?.content
}

function partsSent(parts: readonly AssistantPart[]): unknown {
  return contentOf({ role: 'assistant', content: '', toolUses: [], parts })
}

function sentBack(...parts: readonly object[]): unknown {
  return partsSent(parts.map((part) => ({ type: 'opaque', data: encodeOpaque({ ...part }) }))) ?? []
}
