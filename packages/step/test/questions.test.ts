import { encodeValue, equalBytes } from '@starling/event'
import type { ToolAnswer, ToolQuestion } from '@starling/tool'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeAnswer, decodeQuestion, encodeAnswer, hashQuestion } from '../src/index.ts'
import { encodeQuestion } from '../src/questions.ts'

const questions = fc.oneof(
  fc.tuple(fc.string(), fc.string()).map(([message, schema]): ToolQuestion => ({ type: 'form', message, schema })),
  fc.tuple(fc.string(), fc.webUrl()).map(([message, url]): ToolQuestion => ({ type: 'url', message, url })),
)

const answers = fc.oneof(
  fc.record<ToolAnswer>({ action: fc.constantFrom('accept', 'decline', 'cancel') }),
  fc.record<ToolAnswer>({ action: fc.constant('accept'), content: fc.json() }),
)

test('a question is read as it was written', () => {
  const expiry = fc.option(fc.nat(), { nil: undefined })
  fc.assert(
    fc.property(questions, fc.boolean(), expiry, (question, held, expiresAt) => {
      const recorded = { question, held, expiresAt }
      expect(decodeQuestion(encodeQuestion(recorded))).toEqual(recorded)
    }),
  )
})

test('an answer is read as it was written, with the question that it was given to', () => {
  const names = fc.option(fc.string(), { nil: undefined })
  fc.assert(
    fc.property(questions, answers, fc.tuple(names, names, fc.boolean()), (question, answer, [by, reason, outside]) => {
      const recorded = { answer, by, reason, outside }
      expect(decodeAnswer(encodeAnswer(recorded, question))).toEqual({
        ...recorded,
        questionHash: hashQuestion(question),
      })
    }),
  )
})

test('questions have the same hash when they ask the same, whatever a tool adds to them', () => {
  fc.assert(
    fc.property(questions, questions, (one, other) => {
      const isSame = JSON.stringify(one) === JSON.stringify(other)
      expect(equalBytes(hashQuestion(one), hashQuestion(other))).toBe(isSame)
      const titled = { ...one, title: 'more' }
      expect(hashQuestion(titled)).toEqual(hashQuestion(one))
    }),
  )
})

test.each([
  ['a question of before, with its answer', { question: { type: 'form', message: 'm', schema: '{}' }, answer: {} }],
  ['a form without a schema', { question: { type: 'form', message: 'm' } }],
  ['a visit without an address', { question: { type: 'url', message: 'm' } }],
  ['a question without words', { question: { type: 'url', url: 'https://a.example/' } }],
  ['no question', 7],
])('%s is not read as one', (_what, value) => {
  expect(decodeQuestion(encodeValue(value))).toBeUndefined()
})

test.each([
  ['says nothing', {}],
  ['says what no answer does', { answer: { action: 'shrug' } }],
  ['is no answer at all', 'accept'],
])('an answer that %s is nobody’s', (_what, value) => {
  expect(decodeAnswer(encodeValue(value))).toMatchObject({ answer: { action: 'cancel' }, outside: false })
})
