import { encodeCbor, utf8Encode } from '@starling/event'
import type { CborValue } from '@starling/event'
import type { AssistantPart, Attachment, Message, ReasoningBlock } from '@starling/provider'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MessageEncoder } from '../src/message-encoder.ts'

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom('', 'x'.repeat(23), 'x'.repeat(24), 'é'.repeat(12), 'é'.repeat(128), 'x'.repeat(65_536), '\ud800'),
)
const reasoning = fc.array(
  fc.record(
    { text, signature: fc.uint8Array({ maxLength: 30 }), redacted: fc.boolean() },
    { requiredKeys: ['text'], noNullPrototype: true },
  ),
  { maxLength: 3 },
)
const blob = fc.uint8Array({ maxLength: 30 })
const attachments = fc.array(
  fc.record<Attachment>({
    type: fc.constantFrom('image', 'file'),
    mediaType: text,
    data: fc.oneof(blob, text),
    name: fc.option(text, { nil: undefined }),
  }),
  { maxLength: 2 },
)
const signature = fc.option(blob, { nil: undefined })
const citations = fc.option(fc.array(text, { maxLength: 2 }), { nil: undefined })
const parts = fc.array(
  fc.oneof<fc.Arbitrary<AssistantPart>[]>(
    fc.record({ type: fc.constant('text'), text, citations, signature }),
    fc.record({ type: fc.constant('reasoning'), text }),
    fc.record({ type: fc.constant('tool-use'), callId: text, name: text, arguments: text, signature }),
    fc.record({ type: fc.constant('opaque'), data: text }),
  ),
  { maxLength: 3 },
)
const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ role: fc.constant('user' as const), content: text }),
  fc.record({ role: fc.constant('user' as const), content: text, attachments }),
  fc.record({ role: fc.constant('tool' as const), callId: text, content: text, isError: fc.boolean(), attachments }),
  fc.record({
    role: fc.constant('assistant' as const),
    content: text,
    toolUses: fc.array(fc.record({ callId: text, name: text, arguments: text }), { maxLength: 30 }),
    reasoning: fc.option(reasoning, { nil: undefined }),
    parts: fc.option(parts, { nil: undefined }),
    providerId: fc.option(text, { nil: undefined }),
  }),
)

test.each([true, false])('a message is the canonical CBOR of its fields (reasoning hashed: %s)', (hashReasoning) => {
  const encoder = new MessageEncoder({ hashReasoning })
  fc.assert(
    fc.property(message, (given) => {
      const { bytes, size } = encoder.encode(given)
      expect(Array.from(bytes)).toEqual(Array.from(encodeCbor(fieldsOf(given, hashReasoning))))
      expect(size).toBe(sizeOf(given))
    }),
    { numRuns: 200 },
  )
})

test('of who gave an answer, the hash knows the provider, when it is not the own one, and never the model', () => {
  const bytesOf = (author: object, providerId?: string) => {
    const encoder = new MessageEncoder({ hashReasoning: true, providerId })
    return Array.from(encoder.encode({ role: 'assistant', content: 'x', toolUses: [], ...author }).bytes)
  }
  const plain = bytesOf({})
  expect(bytesOf({ model: 'm' }, 'own')).toEqual(plain)
  expect(bytesOf({ providerId: 'own', model: 'm' }, 'own')).toEqual(plain)
  expect(bytesOf({ providerId: 'other' }, 'own')).not.toEqual(plain)
  expect(bytesOf({ providerId: 'other', model: 'm' }, 'own')).toEqual(bytesOf({ providerId: 'other' }))
})

function fieldsOf(given: Message, hashReasoning: boolean): CborValue {
  const blocks = given.role === 'assistant' && hashReasoning ? (given.reasoning ?? []) : []
  const { parts: ordered = [], providerId } = given.role === 'assistant' ? given : {}
  const { attachments: attached = [] } = given.role === 'assistant' ? {} : given
  return new Map<string, CborValue>([
    ['Role', given.role],
    ['Content', given.role === 'tool' ? '' : given.content],
    ['ToolUses', given.role === 'assistant' ? given.toolUses.map(useOf) : null],
    ['ToolResult', given.role === 'tool' ? resultOf(given) : null],
    ['Annotations', null],
    ...(blocks.length === 0 ? [] : ([['Reasoning', blocks.map(blockOf)]] as const)),
    ...(ordered.length === 0 ? [] : ([['Parts', ordered.map(partOf)]] as const)),
    ...(providerId === undefined ? [] : ([['ProviderID', providerId]] as const)),
    ...(attached.length === 0 ? [] : ([['Attachments', attached.map(attachmentOf)]] as const)),
  ])
}

function useOf(use: { readonly callId: string; readonly name: string; readonly arguments: string }): CborValue {
  return new Map<string, CborValue>([
    ['Args', utf8Encode(use.arguments)],
    ['Name', use.name],
    ['CallID', use.callId],
  ])
}

function resultOf(given: Extract<Message, { role: 'tool' }>): CborValue {
  return new Map<string, CborValue>([
    ['CallID', given.callId],
    ['Content', given.content],
    ['IsError', given.isError],
  ])
}

function blockOf(block: ReasoningBlock): CborValue {
  return new Map<string, CborValue>([
    ['Text', block.text],
    ['Signature', block.signature ?? null],
    ['Redacted', block.redacted ?? false],
  ])
}

function partOf(part: AssistantPart): CborValue {
  const type: [string, CborValue] = ['Type', part.type]
  switch (part.type) {
    case 'text':
      return new Map<string, CborValue>([
        type,
        ['Text', part.text],
        ['Citations', [...(part.citations ?? [])]],
        ['Signature', part.signature ?? null],
      ])
    case 'opaque':
      return new Map<string, CborValue>([type, ['Data', part.data]])
    case 'tool-use':
      return new Map<string, CborValue>([type, ['Signature', part.signature ?? null]])
    case 'reasoning':
      return new Map([type])
  }
}

function attachmentOf(given: Attachment): CborValue {
  return new Map<string, CborValue>([
    ['Type', given.type],
    ['MediaType', given.mediaType],
    ['Data', given.data],
    ['Name', given.name ?? ''],
  ])
}

function pointsOf(part: AssistantPart): number {
  const texts = part.type === 'opaque' ? [part.data] : part.type === 'text' ? (part.citations ?? []) : []
  return texts.reduce((sum, each) => sum + Array.from(each).length, 0)
}

function sizeOf(given: Message): number {
  const points = Array.from(given.content).length
  if (given.role !== 'assistant') return points
  const ordered = (given.parts ?? []).reduce((sum, part) => sum + pointsOf(part), points)
  return given.toolUses.reduce((sum, use) => sum + utf8Encode(use.arguments).length, ordered)
}
