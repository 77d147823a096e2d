import { utf8Encode } from '@starling/event'
import type { AssistantMessage, AssistantPart, Message } from '@starling/provider'
import { describe, expect, test } from 'vitest'
import { endThinking } from '../src/index.ts'

const TARGET = { providerId: 'claude', model: 'claude-haiku-4-5' }
const ASKED: Message = { role: 'user', content: 'go' }
const SAID: Message = { role: 'user', content: 'and quickly' }
const THOUGHT: AssistantPart = { type: 'reasoning', text: 'Hm.', signature: utf8Encode('c2ln') }
const REDACTED: AssistantPart = { type: 'reasoning', text: 'b3BhcXVl', redacted: true }
const UNSIGNED: AssistantPart = { type: 'reasoning', text: 'Hm.' }
const BLANK: AssistantPart = { type: 'text', text: '\n' }
const CALL: AssistantPart = { type: 'tool-use', callId: 'a', name: 'search', arguments: '{}' }
const RESULT: Message = { role: 'tool', callId: 'a', content: '1', isError: false }

describe('thinking goes on', () => {
  test.each<[string, readonly Message[]]>([
    ['where nobody has answered', [ASKED]],
    ['in a loop that began with an own thought', [ASKED, own(THOUGHT, CALL), RESULT]],
    ['in a loop that began with a redacted one', [ASKED, own(REDACTED, CALL), RESULT]],
    ['behind a blank text', [ASKED, own(BLANK, THOUGHT, CALL), RESULT]],
    ['in a later round without a thought of its own', [ASKED, own(THOUGHT, CALL), RESULT, own(CALL), RESULT]],
    [
      'when a person speaks after a loop of another model',
      [ASKED, foreign(CALL), RESULT, foreign(BLANK), own(CALL), SAID],
    ],
    ['after an answer of another model', [ASKED, foreign({ type: 'text', text: 'hi' }), SAID]],
    [
      'in a loop after one of another model',
      [ASKED, foreign(CALL), RESULT, own(CALL), SAID, own(THOUGHT, CALL), RESULT],
    ],
    ['in an answer that was paused', [ASKED, own(THOUGHT, { type: 'opaque', data: '{}' })]],
    [
      'in a loop of plain fields',
      [ASKED, { ...plain(), reasoning: [{ text: 'Hm.', signature: utf8Encode('c2ln') }] }, RESULT],
    ],
  ])('%s', (_, messages) => {
    expect(endThinking(messages, TARGET)).toBeUndefined()
  })
})

describe('thinking ends', () => {
  test.each<[string, readonly Message[]]>([
    ['in a loop that another provider began', [ASKED, { ...own(CALL), providerId: 'openai', model: 'gpt' }, RESULT]],
    ['in a loop that another model began', [ASKED, foreign(THOUGHT, CALL), RESULT]],
    ['in a loop that it began without a thought', [ASKED, own(CALL), RESULT]],
    ['in a loop whose thought nobody signed', [ASKED, own(UNSIGNED, CALL), RESULT]],
    ['in a loop that begins with a text', [ASKED, own({ type: 'text', text: 'hi' }, THOUGHT, CALL), RESULT]],
    ['also when a person speaks beside the results', [ASKED, foreign(CALL), RESULT, SAID, SAID]],
    ['also when an answer of nothing is between', [ASKED, foreign(CALL), RESULT, own(), SAID]],
    ['in the next round', [ASKED, foreign(CALL), RESULT, own(CALL), RESULT]],
    ['of plain fields', [ASKED, plain(), RESULT]],
  ])('%s', (_, messages) => {
    expect(endThinking(messages, TARGET)).toEqual(messages.map(withoutReasoning))
  })

  test('in a loop that another model had a part in, whose own thoughts are left out, and no others', () => {
    const before = [ASKED, own(THOUGHT, CALL), RESULT, own(THOUGHT), ASKED]
    const loop = [own(THOUGHT, REDACTED, CALL), RESULT, foreign(CALL), RESULT]
    expect(endThinking([...before, ...loop], TARGET)).toEqual([...before, own(CALL), RESULT, foreign(CALL), RESULT])
    const fields = { ...plain(), reasoning: [{ text: 'Hm.', signature: utf8Encode('c2ln') }] }
    expect(endThinking([ASKED, fields, RESULT, foreign(CALL), RESULT], TARGET)).toEqual([
      ASKED,
      plain(),
      RESULT,
      foreign(CALL),
      RESULT,
    ])
  })
})

function own(...parts: readonly AssistantPart[]): AssistantMessage {
  return { role: 'assistant', content: '', toolUses: [], parts }
}

function foreign(...parts: readonly AssistantPart[]): AssistantMessage {
  return { ...own(...parts), providerId: 'claude', model: 'claude-sonnet-4-5' }
}

function plain(): AssistantMessage {
  return { role: 'assistant', content: '', toolUses: [{ callId: 'a', name: 'search', arguments: '{}' }] }
}

function withoutReasoning(message: Message): Message {
  if (message.role !== 'assistant' || message.parts === undefined) return message
  return { ...message, parts: message.parts.filter(({ type }) => type !== 'reasoning') }
}
