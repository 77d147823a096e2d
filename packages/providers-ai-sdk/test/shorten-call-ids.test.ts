import type { AssistantMessage, Message } from '@starling/provider'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { convertToPrompt } from '../src/convert-to-prompt.ts'
import { shortenCallIds } from '../src/shorten-call-ids.ts'

const READER = { providerId: 'openai.chat', model: 'gpt-test' }
const GEMINI = { providerId: 'gemini', model: 'gemini-3-pro' }
const GEMINI_ID = 'call_0b6ab5bb-24ba-4bd7-ae3b-51ab0dd51b0e'

describe('the calls of another provider', () => {
  test('get ids that any vendor takes, in answers and results alike', () => {
    const messages = [answer([GEMINI_ID, 'call_1'], GEMINI), result(GEMINI_ID), result('call_1')]
    expect(idsOf(shortenCallIds(messages, READER))).toEqual([
      'call_dae28d037f1e147365a82bcbbaf32040',
      'call_1',
      'call_dae28d037f1e147365a82bcbbaf32040',
      'call_1',
    ])
  })

  test('get them in the parts of an answer too, which otherwise stay as they are', () => {
    const parts: AssistantMessage['parts'] = [
      { type: 'text', text: 'so' },
      { type: 'tool-use', callId: GEMINI_ID, name: 'f', arguments: '{}' },
    ]
    const [message] = shortenCallIds([{ ...answer([GEMINI_ID], GEMINI), parts }], READER)
    const callId = 'call_dae28d037f1e147365a82bcbbaf32040'
    expect(message).toEqual({
      ...answer([callId], GEMINI),
      parts: [parts[0], { type: 'tool-use', callId, name: 'f', arguments: '{}' }],
    })
  })

  test('keep ids that everybody takes, so that nothing is written anew', () => {
    const messages = [answer(['toolu_01-a', 'x'.repeat(40)], GEMINI), result('toolu_01-a')]
    expect(shortenCallIds(messages, READER)).toBe(messages)
  })

  test('differ where their ids do, and fit', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ unit: 'grapheme' }), { maxLength: 8 }), (ids) => {
        const named = idsOf(shortenCallIds([answer(ids, GEMINI), ...ids.map(result)], READER))
        expect(new Set(named).size).toBe(ids.length)
        expect(named.slice(ids.length)).toEqual(named.slice(0, ids.length))
        for (const id of named) expect(id).toMatch(/^[a-zA-Z0-9_-]{1,40}$/)
      }),
    )
  })
})

test('the calls of the reader keep their ids, however long', () => {
  const messages = [answer([GEMINI_ID]), answer(['a b'], READER), result(GEMINI_ID), result('a b')]
  expect(shortenCallIds(messages, READER)).toBe(messages)
})

test('a prompt names the calls of another provider by the ids that fit', () => {
  const messages = [answer([GEMINI_ID], GEMINI), result(GEMINI_ID)]
  const callId = 'call_dae28d037f1e147365a82bcbbaf32040'
  expect(convertToPrompt(messages, READER)).toMatchObject([
    { role: 'assistant', content: [{ type: 'tool-call', toolCallId: callId, toolName: 'f' }] },
    { role: 'tool', content: [{ type: 'tool-result', toolCallId: callId, toolName: 'f' }] },
  ])
})

function answer(ids: readonly string[], author: Partial<AssistantMessage> = {}): AssistantMessage {
  const toolUses = ids.map((callId) => ({ callId, name: 'f', arguments: '{}' }))
  return { role: 'assistant', content: '', toolUses, ...author }
}

function result(callId: string): Message {
  return { role: 'tool', callId, content: '1', isError: false }
}

function idsOf(messages: readonly Message[]): string[] {
  return messages.flatMap((message) => {
    if (message.role === 'user') return []
    return message.role === 'tool' ? [message.callId] : message.toolUses.map(({ callId }) => callId)
  })
}
