import { encodeValue } from '@starling/event'
import type { SideEffectRecorded } from '@starling/event'
import { ANSWER, encodeAnswer, QUESTION } from '@starling/step'
import { beforeEach, describe, expect, test } from 'vitest'
import { CallRecord, isAnswerFromOutside } from '../src/call-questions.ts'
import { FORM, VISIT } from './support/asking.ts'

function questionAt(ordinal: number, { held = false, question = FORM } = {}): SideEffectRecorded {
  return { name: QUESTION, value: encodeValue({ question, held }), ordinal }
}

function answerAt(ordinal: number, outside: boolean): SideEffectRecorded {
  return { name: ANSWER, value: encodeAnswer({ answer: { action: 'decline' }, outside }, FORM), ordinal }
}

const ACT: SideEffectRecorded = { name: 'act', value: encodeValue(1) }

let record = new CallRecord()

beforeEach(() => {
  record = new CallRecord()
})

function note(...effects: readonly SideEffectRecorded[]): void {
  for (const effect of effects) record.note(effect, true)
}

describe('a call stands', () => {
  test('at a question without an answer, and at one whose answer came from outside', () => {
    note(questionAt(0))
    expect(record.isStanding).toBe(true)
    note(answerAt(0, true))
    expect(record.isStanding).toBe(true)
    expect(record.openQuestions).toEqual([])
  })

  test('no longer once it was given its answer in its own process', () => {
    note(questionAt(0), answerAt(0, false))
    expect(record.isStanding).toBe(false)
  })

  test('no longer once it was made again with the answer, but still where it has none', () => {
    note(questionAt(0), questionAt(1), answerAt(0, true))
    record.reissue()
    expect(record.isStanding).toBe(true)
    note(answerAt(1, true))
    record.reissue()
    expect(record.isStanding).toBe(false)
  })

  test('not at a question that is held, nor before it has asked, nor where something else was cut off', () => {
    expect(record.isStanding).toBe(false)
    note(questionAt(0, { held: true }))
    expect(record.isStanding).toBe(false)
    note(questionAt(1))
    expect(record.isStanding).toBe(true)
    record.disturb()
    expect(record.isStanding).toBe(false)
  })
})

describe('what a call need not do again', () => {
  test('is everything that it has recorded, once it has asked', () => {
    note(ACT)
    expect(record.effects).toBeUndefined()
    note(questionAt(0), answerAt(0, true))
    expect([...(record.effects?.keys() ?? [])]).toEqual(['0/act', `0/${QUESTION}`, `0/${ANSWER}`])
  })

  test('stays when the call is made again, and goes when one that has not asked is', () => {
    note(ACT, questionAt(0))
    record.reissue()
    expect(record.effects?.size).toBe(2)
    const other = new CallRecord()
    other.note(ACT, true)
    other.reissue()
    other.note(questionAt(0), true)
    expect([...(other.effects?.keys() ?? [])]).toEqual([`0/${QUESTION}`])
  })

  test('is nothing but questions and answers where the rest is of no use', () => {
    for (const effect of [ACT, questionAt(0), answerAt(0, false)]) record.note(effect, false)
    expect([...(record.effects?.keys() ?? [])]).toEqual([`0/${QUESTION}`, `0/${ANSWER}`])
  })

  test('is a copy: what is recorded later on is not in it', () => {
    note(questionAt(0))
    const { effects } = record
    note(ACT)
    expect(effects?.size).toBe(1)
  })

  test('holds no answer to a question whose place another one has taken', () => {
    note(questionAt(0), answerAt(0, true), questionAt(0, { question: VISIT }))
    expect([...(record.effects?.keys() ?? [])]).toEqual([`0/${QUESTION}`])
    expect(record.openQuestions).toMatchObject([{ question: VISIT, ordinal: 0 }])
  })
})

test('questions are listed as they were asked, whichever is answered first', () => {
  note(questionAt(0), questionAt(1, { question: VISIT }), answerAt(1, true))
  expect(record.questions).toMatchObject([
    { question: FORM, answer: undefined },
    { question: VISIT, answer: { outside: true } },
  ])
  expect(record.openQuestions).toMatchObject([{ question: FORM }])
})

test('an answer to what was never asked, and a question of before, are no questions', () => {
  note(answerAt(0, true), { name: QUESTION, value: encodeValue({ question: FORM, answer: { action: 'accept' } }) })
  expect(record.questions).toEqual([])
  expect(record.effects).toBeUndefined()
})

test('a call that begins anew has asked nothing', () => {
  note(questionAt(0), ACT)
  record.clear()
  expect([record.questions, record.effects, record.isStanding]).toEqual([[], undefined, false])
})

test('only an answer that says so came from outside', () => {
  expect([answerAt(0, true), answerAt(0, false), questionAt(0), ACT].map(isAnswerFromOutside)).toEqual([
    true,
    false,
    false,
    false,
  ])
})
