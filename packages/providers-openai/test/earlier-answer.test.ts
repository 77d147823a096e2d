import type { AssistantMessage } from '@starling/provider'
import { describe, expect, test } from 'vitest'
import { forRecipient } from '../src/earlier-answer.ts'

const SIGNATURE = Uint8Array.of(1, 2)

const ANSWER: AssistantMessage = {
  role: 'assistant',
  content: 'so',
  toolUses: [{ callId: 'c', name: 'f', arguments: '{}' }],
  reasoning: [{ text: 'hm', signature: SIGNATURE }],
  parts: [
    { type: 'reasoning', text: 'hm', signature: SIGNATURE },
    { type: 'opaque', data: '{"type":"reasoning","encrypted_content":"x"}' },
    { type: 'text', text: 'so', signature: SIGNATURE, citations: ['{}'] },
    { type: 'tool-use', callId: 'c', name: 'f', arguments: '{}', signature: SIGNATURE },
  ],
}

const PLAIN = [
  { type: 'text', text: 'so' },
  { type: 'tool-use', callId: 'c', name: 'f', arguments: '{}' },
]

const RECIPIENT = { providerId: 'openai', model: 'gpt-5.4' }

describe('an earlier answer', () => {
  test.each([
    ['that names nobody', {}],
    ['of the same provider and model', { providerId: 'openai', model: 'gpt-5.4' }],
    ['of the same provider, whose model is not known', { providerId: 'openai' }],
  ])('%s stays whole', (_, author) => {
    const own = forRecipient({ ...ANSWER, ...author }, RECIPIENT)
    expect(own).toEqual(ANSWER)
    expect([own.providerId, own.model]).toEqual([undefined, undefined])
  })

  test.each([
    ['of another model of the same provider', { providerId: 'openai', model: 'o4-mini' }],
    ['of another model that names no provider', { model: 'o4-mini' }],
    ['of another provider', { providerId: 'azure' }],
    ['of another provider with the same model', { providerId: 'azure', model: 'gpt-5.4' }],
  ])('%s keeps its texts and its calls', (_, author) => {
    const foreign = forRecipient({ ...ANSWER, ...author }, RECIPIENT)
    expect(foreign.parts).toEqual(PLAIN)
    expect(foreign.reasoning).toBeUndefined()
  })
})
