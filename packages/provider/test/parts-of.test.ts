import { expect, test } from 'vitest'

import { isOwnAnswer, partsOf, type AssistantMessage, type AssistantPart } from '../src/index.ts'

test('a message without parts is its reasoning, its content and its tool uses, in this order', () => {
  const signature = Uint8Array.of(1, 2)
  const parts = partsOf({
    role: 'assistant',
    content: 'said',
    reasoning: [
      { text: 'thought', signature },
      { text: 'hidden', redacted: true },
    ],
    toolUses: [{ callId: 'a', name: 'search', arguments: '{}' }],
  })
  expect(parts).toEqual([
    { type: 'reasoning', text: 'thought', signature },
    { type: 'reasoning', text: 'hidden', redacted: true },
    { type: 'text', text: 'said' },
    { type: 'tool-use', callId: 'a', name: 'search', arguments: '{}' },
  ])
})

test('recorded parts count for more than the plain fields', () => {
  const parts: AssistantPart[] = [
    { type: 'text', text: 'one' },
    { type: 'opaque', data: '{}' },
    { type: 'text', text: 'two' },
  ]
  expect(partsOf({ role: 'assistant', content: 'onetwo', toolUses: [], parts })).toBe(parts)
})

test('an answer of nothing has no parts', () => {
  expect(partsOf({ role: 'assistant', content: '', toolUses: [] })).toEqual([])
})

test('of what another provider gave there is nothing that only its author accepts', () => {
  const signature = Uint8Array.of(1)
  const message: AssistantMessage = {
    role: 'assistant',
    content: 'said',
    toolUses: [{ callId: 'a', name: 'search', arguments: '{}' }],
    providerId: 'other',
    parts: [
      { type: 'reasoning', text: 'thought', signature },
      { type: 'reasoning', text: 'hidden', redacted: true },
      { type: 'text', text: '', signature },
      { type: 'opaque', data: '{}' },
      { type: 'text', text: 'said', citations: ['{}'] },
      { type: 'tool-use', callId: 'a', name: 'search', arguments: '{}', signature },
    ],
  }
  const plain = [
    { type: 'reasoning', text: 'thought' },
    { type: 'text', text: 'said' },
    { type: 'tool-use', callId: 'a', name: 'search', arguments: '{}' },
  ]
  expect(partsOf(message)).toEqual(plain)
  expect(partsOf(message, 'mine')).toEqual(plain)
  expect(partsOf(message, 'other')).toEqual(message.parts)
})

test('what another model of the same provider gave is as foreign as what another provider did', () => {
  const parts: AssistantPart[] = [{ type: 'text', text: 'said', signature: Uint8Array.of(1) }]
  const message: AssistantMessage = { role: 'assistant', content: 'said', toolUses: [], parts, model: 'small' }
  const plain = [{ type: 'text', text: 'said' }]
  expect(partsOf(message, 'mine', 'large')).toEqual(plain)
  expect(partsOf(message, 'mine', 'small')).toEqual(parts)
  expect(partsOf(message, 'mine')).toEqual(parts)
  expect(partsOf({ ...message, providerId: 'other' }, 'other', 'large')).toEqual(plain)
  expect(partsOf({ ...message, providerId: 'other' }, 'other', 'small')).toEqual(parts)
  expect(partsOf({ ...message, providerId: 'other' }, 'mine', 'small')).toEqual(plain)
})

test('an answer that names nobody is the own one of whoever reads it', () => {
  const message: AssistantMessage = { role: 'assistant', content: '', toolUses: [] }
  expect(isOwnAnswer(message)).toBe(true)
  expect(isOwnAnswer(message, 'mine', 'large')).toBe(true)
  expect(isOwnAnswer({ ...message, providerId: 'other' })).toBe(false)
  expect(isOwnAnswer({ ...message, model: 'small' }, 'mine')).toBe(true)
  expect(isOwnAnswer({ ...message, model: 'small' }, 'mine', 'large')).toBe(false)
})
