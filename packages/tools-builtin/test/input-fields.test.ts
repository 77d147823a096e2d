import { defineTool, type Tool } from '@starling/tool'
import { createToolContext } from '@starling/tool/conformance'
import { describe, expect, expectTypeOf, test } from 'vitest'

import {
  choiceField,
  fieldWithDefault,
  flagField,
  inputOf,
  integerField,
  optionalField,
  textField,
  textsField,
  type InputValue,
} from '../src/input-fields.ts'

const ALL = {
  text: textField('A text.', { maxLength: 5 }),
  count: integerField('A number.', 1, 3),
  flag: flagField('Yes or no.'),
  word: choiceField('A word.', ['one', 'two'] as const),
  list: textsField('Texts.', { minLength: 0, maxLength: 2, maxItems: 2 }),
}

describe('a value is taken or refused by each kind of field', () => {
  test.for([
    ['text', 'a', true],
    ['text', 'abcde', true],
    ['text', 'abcdef', false],
    ['text', '', false],
    ['text', 1, false],
    ['text', null, false],
    ['count', 1, true],
    ['count', 3, true],
    ['count', 0, false],
    ['count', 4, false],
    ['count', 1.5, false],
    ['count', '1', false],
    ['flag', true, true],
    ['flag', 'true', false],
    ['word', 'two', true],
    ['word', 'three', false],
    ['list', [], true],
    ['list', ['', 'ab'], true],
    ['list', ['abc'], false],
    ['list', ['a', 'b', 'c'], false],
    ['list', [1], false],
    ['list', 'ab', false],
  ] as const)('%s: %j is taken: %j', ([name, value, expected]) => {
    expect(ALL[name].expected(value) === undefined).toBe(expected)
  })
})

test('an input is typed, with what was left out filled in', async () => {
  const input = inputOf({
    text: ALL.text,
    count: fieldWithDefault(ALL.count, 2),
    word: optionalField(ALL.word),
  })
  const read = await input.parse({ text: 'a' })
  expectTypeOf(read).toEqualTypeOf<{
    readonly text: string
    readonly count: number
    readonly word: 'one' | 'two' | undefined
  }>()
  expectTypeOf<InputValue<typeof ALL.list>>().toEqualTypeOf<readonly string[]>()
  expect(read).toEqual({ text: 'a', count: 2, word: undefined })
})

test('every problem is one line that names its place', async () => {
  const error = await toolOf()
    .execute(JSON.stringify({ text: '', count: 9, flag: 1, list: [1], other: 1 }), createToolContext())
    .catch((reason: unknown) => reason)
  expect(error).toMatchObject({
    code: 'TOOL_INVALID_INPUT',
    message: [
      'invalid input for tool all:',
      '- text: expected text of 1 to 5 characters',
      '- count: expected a whole number from 1 to 3',
      '- flag: expected true or false',
      '- word: missing, expected one or two',
      '- list: expected at most 2 texts of 0 to 2 characters',
      '- other: unknown property, expected count, flag, list, text, word',
    ].join('\n'),
  })
})

test('the schema says the same as the check', () => {
  expect(JSON.parse(toolOf().inputSchema)).toEqual({
    type: 'object',
    properties: {
      count: { type: 'integer', description: 'A number.', minimum: 1, maximum: 3 },
      flag: { type: 'boolean', description: 'Yes or no.' },
      list: {
        type: 'array',
        description: 'Texts.',
        items: { type: 'string', minLength: 0, maxLength: 2 },
        maxItems: 2,
      },
      text: { type: 'string', description: 'A text.', minLength: 1, maxLength: 5 },
      word: { type: 'string', description: 'A word.', enum: ['one', 'two'] },
    },
    required: ['count', 'flag', 'list', 'text', 'word'],
    additionalProperties: false,
  })
})

function toolOf(): Tool {
  return defineTool({ name: 'all', description: 'All fields.', input: inputOf(ALL), execute: (input) => input })
}
