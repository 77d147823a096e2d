import type { AssistantMessage, AssistantPart, Message } from '@starling/provider'
import { partsOf } from '@starling/provider'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { messagesFor } from '../src/messages-for.ts'

const OWN = { providerId: 'own', model: 'model-a' }
const OTHER = { providerId: 'other', model: 'model-a' }
const THIRD = { providerId: 'third', model: 'model-a' }
/** The run's own provider, asked for another model. */
const SIBLING = { providerId: 'own', model: 'model-b' }

const SIGNATURE = Uint8Array.of(1, 2, 3)

const WHOLE: AssistantMessage = {
  role: 'assistant',
  content: 'said',
  toolUses: [{ callId: 'call-1', name: 'search', arguments: '{}' }],
  reasoning: [
    { text: 'thought', signature: SIGNATURE },
    { text: 'sealed', redacted: true },
    { text: '', signature: SIGNATURE },
  ],
  parts: [
    { type: 'reasoning', text: 'thought', signature: SIGNATURE },
    { type: 'reasoning', text: 'sealed', redacted: true },
    { type: 'reasoning', text: '', signature: SIGNATURE },
    { type: 'text', text: 'sa', citations: ['{"url":"https://example.com"}'] },
    { type: 'opaque', data: '{"server":"tool"}' },
    { type: 'text', text: 'id', signature: SIGNATURE },
    { type: 'text', text: '', signature: SIGNATURE },
    { type: 'tool-use', callId: 'call-1', name: 'search', arguments: '{}', signature: SIGNATURE },
  ],
}

const PLAIN: AssistantMessage = {
  role: 'assistant',
  content: 'said',
  toolUses: [{ callId: 'call-1', name: 'search', arguments: '{}' }],
  reasoning: [{ text: 'thought' }],
  parts: [
    { type: 'reasoning', text: 'thought' },
    { type: 'text', text: 'sa' },
    { type: 'text', text: 'id' },
    { type: 'tool-use', callId: 'call-1', name: 'search', arguments: '{}' },
  ],
}

describe('an answer of the run’s own provider', () => {
  test('stays whole for it', () => {
    expect(messagesFor([WHOLE], { reader: OWN, own: OWN })).toEqual([WHOLE])
  })

  test('loses what only its author understands for another one', () => {
    expect(messagesFor([WHOLE], { reader: OTHER, own: OWN })).toEqual([{ ...PLAIN, ...OWN }])
  })
})

describe('an answer of another provider', () => {
  const theirs = { ...WHOLE, ...OTHER }

  test('stays whole for its author, to whom it is its own', () => {
    const messages = messagesFor([theirs], { reader: OTHER, own: OWN })
    expect(messages).toEqual([WHOLE])
    expect(messages[0]).not.toHaveProperty('providerId')
    expect(messages[0]).not.toHaveProperty('model')
  })

  test('loses what only its author understands for the run’s own provider', () => {
    expect(messagesFor([theirs], { reader: OWN, own: OWN })).toEqual([{ ...PLAIN, ...OTHER }])
  })

  test('loses it for a third one too', () => {
    expect(messagesFor([theirs], { reader: THIRD, own: OWN })).toEqual([{ ...PLAIN, ...OTHER }])
  })
})

describe('an answer of another model of the run’s own provider', () => {
  const theirs = { ...WHOLE, ...SIBLING }

  test('stays whole for its author, to whom it is its own', () => {
    const messages = messagesFor([theirs], { reader: SIBLING, own: OWN })
    expect(messages).toEqual([WHOLE])
    expect(messages[0]).not.toHaveProperty('model')
  })

  test('loses what only its author understands for the run’s own model', () => {
    expect(messagesFor([theirs], { reader: OWN, own: OWN })).toEqual([{ ...PLAIN, ...SIBLING }])
  })

  test('is as foreign as that of the run’s own model is to its author', () => {
    expect(messagesFor([WHOLE], { reader: SIBLING, own: OWN })).toEqual([{ ...PLAIN, ...OWN }])
  })
})

test('an answer that does not say which model of its provider gave it is taken for that of the one that is asked', () => {
  const theirs = { ...WHOLE, providerId: 'other' }
  expect(messagesFor([theirs], { reader: OTHER, own: OWN })).toEqual([WHOLE])
  expect(messagesFor([theirs], { reader: OWN, own: OWN })).toEqual([{ ...PLAIN, providerId: 'other' }])
})

test('an answer without parts and reasoning gets none', () => {
  const message: AssistantMessage = { role: 'assistant', content: 'said', toolUses: [] }
  const [converted] = messagesFor([message], { reader: OTHER, own: OWN })
  expect(Object.keys(converted ?? {}).toSorted()).toEqual(['content', 'model', 'providerId', 'role', 'toolUses'])
})

test('an answer that is nothing but what its author understands stays in its place, empty', () => {
  const message: AssistantMessage = {
    role: 'assistant',
    content: '',
    toolUses: [],
    parts: [{ type: 'opaque', data: '1' }],
  }
  const [converted] = messagesFor([message], { reader: OTHER, own: OWN })
  expect(converted).toEqual({ role: 'assistant', content: '', toolUses: [], parts: [], ...OWN })
})

describe('whatever the messages are', () => {
  const authors = fc.constantFrom(OWN, OTHER, THIRD, SIBLING)
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 3 })
  const mark = { signature: bytes }
  const use = { callId: fc.string(), name: fc.string(), arguments: fc.constant('{}') }
  const block = { text: fc.string(), ...mark, redacted: fc.boolean() }
  const part: fc.Arbitrary<AssistantPart> = fc.oneof(
    fc.record(
      { type: fc.constant('text' as const), text: fc.string(), citations: fc.array(fc.constant('{}')), ...mark },
      { requiredKeys: ['type', 'text'] },
    ),
    fc.record({ type: fc.constant('reasoning' as const), ...block }, { requiredKeys: ['type', 'text'] }),
    fc.record(
      { type: fc.constant('tool-use' as const), ...use, ...mark },
      { requiredKeys: ['type', 'callId', 'name', 'arguments'] },
    ),
    fc.record({ type: fc.constant('opaque' as const), data: fc.constant('{"a":1}') }),
  )
  const answer: fc.Arbitrary<AssistantMessage> = fc.record(
    {
      role: fc.constant('assistant' as const),
      content: fc.string(),
      toolUses: fc.array(fc.record(use), { maxLength: 2 }),
      reasoning: fc.array(fc.record(block, { requiredKeys: ['text'] }), { maxLength: 3 }),
      parts: fc.array(part, { maxLength: 5 }),
    },
    { requiredKeys: ['role', 'content', 'toolUses'] },
  )
  const signed = fc
    .tuple(answer, fc.option(authors, { nil: undefined }))
    .map(([said, author]) => ({ ...said, ...author }))
  const message: fc.Arbitrary<Message> = fc.oneof(
    { weight: 3, arbitrary: signed },
    { weight: 1, arbitrary: fc.record({ role: fc.constant('user' as const), content: fc.string() }) },
    {
      weight: 1,
      arbitrary: fc.record({
        role: fc.constant('tool' as const),
        callId: fc.string(),
        content: fc.string(),
        isError: fc.boolean(),
      }),
    },
  )
  const messages = fc.array(message, { maxLength: 6 })

  test('none is added, lost, moved or changed in place', () => {
    fc.assert(
      fc.property(messages, authors, (list, reader) => {
        const before = structuredClone(list)
        const converted = messagesFor(list, { reader, own: OWN })
        expect(list).toEqual(before)
        expect(converted.map(({ role }) => role)).toEqual(list.map(({ role }) => role))
        const others = (all: readonly Message[]): Message[] => all.filter(({ role }) => role !== 'assistant')
        for (const [index, original] of others(list).entries()) expect(others(converted)[index]).toBe(original)
      }),
    )
  })

  test('texts, readable reasoning and tool calls keep their words and their order', () => {
    fc.assert(
      fc.property(messages, authors, (list, reader) => {
        const converted = messagesFor(list, { reader, own: OWN })
        expect(answersOf(converted).map(wordsOf)).toEqual(answersOf(list).map(wordsOf))
        expect(answersOf(converted).map(({ content }) => content)).toEqual(
          answersOf(list).map(({ content }) => content),
        )
        expect(answersOf(converted).map(({ toolUses }) => toolUses)).toEqual(
          answersOf(list).map(({ toolUses }) => toolUses),
        )
      }),
    )
  })

  test('the answers of whom is asked stay whole and name nobody; the others keep nothing opaque and name their author', () => {
    fc.assert(
      fc.property(messages, authors, (list, reader) => {
        const converted = answersOf(messagesFor(list, { reader, own: OWN }))
        const givenBy = answersOf(list).map(({ providerId = 'own', model = 'model-a' }) => `${providerId} ${model}`)
        const asked = `${reader.providerId} ${reader.model}`
        const isOwn = (_answer: unknown, index: number): boolean => givenBy[index] === asked
        const isForeign = (_answer: unknown, index: number): boolean => givenBy[index] !== asked
        const withoutNames = answersOf(list).map(({ providerId: _author, model: _model, ...rest }) => rest)
        expect(converted.filter(isOwn)).toEqual(withoutNames.filter(isOwn))
        expect(converted.filter(isOwn).filter((made) => 'providerId' in made || 'model' in made)).toEqual([])
        const foreign = converted.filter(isForeign)
        expect(foreign.map(({ providerId, model }) => `${providerId} ${model}`)).toEqual(givenBy.filter(isForeign))
        expect(foreign.flatMap((made) => marksIn(made))).toEqual([])
      }),
    )
  })

  test('for the run’s own provider twice is the same as once', () => {
    fc.assert(
      fc.property(messages, (list) => {
        const options = { reader: OWN, own: OWN }
        const once = messagesFor(list, options)
        expect(messagesFor(once, options)).toEqual(once)
      }),
    )
  })
})

function answersOf(messages: readonly Message[]): AssistantMessage[] {
  return messages.filter((message) => message.role === 'assistant')
}

/** What is said for everybody to read, in order. */
function wordsOf(message: AssistantMessage): string[] {
  return partsOf(message).flatMap((part) => {
    if (part.type === 'text') return part.text === '' ? [] : [`text ${part.text}`]
    if (part.type === 'tool-use') return [`call ${part.callId} ${part.name} ${part.arguments}`]
    const isReadable = part.type === 'reasoning' && part.redacted !== true && part.text !== ''
    return isReadable ? [`reasoning ${part.text}`] : []
  })
}

/** What only its author understands, wherever it is. */
function marksIn(message: AssistantMessage): unknown[] {
  const all = [...(message.reasoning ?? []), ...(message.parts ?? [])]
  return all.filter(
    (part) =>
      'signature' in part ||
      'citations' in part ||
      ('redacted' in part && part.redacted === true) ||
      ('type' in part && part.type === 'opaque'),
  )
}
