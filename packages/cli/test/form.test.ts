import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkForm, needsInput } from '../src/form/check-form.ts'
import { checkValue } from '../src/form/check-value.ts'
import { formLines, formSample } from '../src/form/describe-form.ts'
import { readForm, type FormField } from '../src/form/form-field.ts'
import { readTyped } from '../src/form/read-typed.ts'

const schemaOf = (properties: object, more: object = {}): string =>
  JSON.stringify({ type: 'object', properties, ...more })

const fieldOf = (property: object): FormField =>
  readForm(schemaOf({ f: property }))?.fields[0] ?? { name: 'f', type: 'string', required: false, limits: {} }

describe('a value out of JSON', () => {
  test.each<[object, unknown, string | undefined]>([
    [{ type: 'string' }, 'x', undefined],
    [{ type: 'string' }, 1, 'wants a text, got 1'],
    [{ type: 'string' }, null, 'wants a text, got null'],
    [{ type: 'string', minLength: 2 }, 'x', 'at least 2 characters'],
    [{ type: 'string', maxLength: 1 }, '👍', undefined],
    [{ type: 'string', maxLength: 1 }, 'xy', 'at most 1 characters'],
    [{ type: 'string', pattern: '^a' }, 'ba', 'does not match ^a'],
    [{ type: 'string', pattern: '(' }, 'ba', undefined],
    [{ type: 'string', format: 'email' }, 'ada@example.test', undefined],
    [{ type: 'string', format: 'email' }, 'ada', 'not an email address'],
    [{ type: 'string', format: 'uri' }, 'example.test', 'not an address such as https://example.test'],
    [{ type: 'string', format: 'uri' }, 'https://example.test', undefined],
    [{ type: 'string', format: 'date' }, '2026-02-03', undefined],
    [{ type: 'string', format: 'date' }, '2026-13-03', 'not a date such as 2026-01-31'],
    [{ type: 'string', format: 'date' }, 'tomorrow', 'not a date such as 2026-01-31'],
    [{ type: 'string', format: 'date-time' }, '2026-02-03T04:05:06Z', undefined],
    [{ type: 'string', format: 'date-time' }, '2026-02-03', 'not a time such as 2026-01-31T12:00:00Z'],
    [{ type: 'string', format: 'toString' }, 'anything', undefined],
    [{ type: 'string', enum: ['a', 'b'] }, 'b', undefined],
    [{ type: 'string', enum: ['a', 'b'] }, 'c', 'one of a, b'],
    [{ type: 'string', oneOf: [{ const: 'a', title: 'A' }] }, 'A', 'one of a'],
    [{ type: 'number' }, 1.5, undefined],
    [{ type: 'number' }, '1', 'wants a number, got "1"'],
    [{ type: 'number', minimum: 2 }, 1, 'at least 2'],
    [{ type: 'number', maximum: 2 }, 3, 'at most 2'],
    [{ type: 'number', exclusiveMinimum: 2 }, 2, 'more than 2'],
    [{ type: 'number', exclusiveMaximum: 2 }, 2, 'less than 2'],
    [{ type: 'integer' }, 1.5, 'wants a whole number, got 1.5'],
    [{ type: 'integer' }, 2, undefined],
    [{ type: 'boolean' }, false, undefined],
    [{ type: 'boolean' }, 'true', 'wants true or false, got "true"'],
    [{ type: 'array', items: { enum: ['a', 'b'] } }, ['a'], undefined],
    [{ type: 'array', items: { enum: ['a', 'b'] } }, 'a', 'wants a list, got "a"'],
    [{ type: 'array', items: { enum: ['a', 'b'] } }, ['a', 1], 'one of a, b'],
    [{ type: 'array', items: { enum: ['a'] }, minItems: 1 }, [], 'at least 1 of them'],
    [{ type: 'array', items: { enum: ['a', 'b'] }, maxItems: 1 }, ['a', 'b'], 'at most 1 of them'],
  ])('%j of %j: %s', (property, value, problem) => {
    expect(checkValue(fieldOf(property), value)).toBe(problem)
  })
})

describe('the answer to a form', () => {
  const schema = schemaOf({ a: { type: 'string' }, b: { type: 'number' } }, { required: ['a'] })

  test('has what is required, nothing unknown, and each value as its field wants it, a line for each problem', () => {
    expect(checkForm(schema, '{"a":"x","b":1}')).toEqual([])
    expect(checkForm(schema, '{"a":"x"}')).toEqual([])
    expect(checkForm(schema, '{"b":"1","c":2}')).toEqual([
      'a is required',
      'b: wants a number, got "1"',
      'the form has no field c; it has a, b',
    ])
  })

  test('may hold more where the form says so', () => {
    const more = (additionalProperties: unknown) => schemaOf({ a: { type: 'string' } }, { additionalProperties })
    expect(checkForm(more(true), '{"c":2}')).toEqual([])
    expect(checkForm(more({ type: 'number' }), '{"c":2}')).toEqual([])
    expect(checkForm(more(false), '{"c":2}')).toEqual(['the form has no field c; it has a'])
    expect(checkForm(schemaOf({}), '{"c":2}')).toEqual(['the form has no field c; it has none'])
  })

  test.each(['[1]', '"a"', 'null', '1'])('is an object, not %s', (content) => {
    expect(checkForm(schema, content)).toEqual([`a form is answered with a JSON object, not with ${content}`])
    expect(checkForm('{"type":"string"}', content)).toHaveLength(1)
  })

  test('a field named like a part of every object is required like any other', () => {
    const hidden = '{"type":"object","required":["toString"],"properties":{"toString":{"type":"string"}}}'
    expect(checkForm(hidden, '{}')).toEqual(['toString is required'])
    expect(checkForm(hidden, '{"toString":"x"}')).toEqual([])
  })

  test('must be typed where something is required, or where nobody can tell', () => {
    expect(needsInput(schema)).toBe(true)
    expect(needsInput(schemaOf({ a: { type: 'string' } }))).toBe(false)
    expect(needsInput('{"type":"object","properties":{"a":{"type":"object"}}}')).toBe(true)
  })
})

describe('what is typed', () => {
  const fields: readonly FormField[] = [
    fieldOf({ type: 'string', minLength: 2, maxLength: 5 }),
    fieldOf({ type: 'string', enum: ['red', '2', 'blue'], enumNames: ['Red', 'Two', 'Sky'] }),
    fieldOf({ type: 'number', exclusiveMinimum: 0 }),
    fieldOf({ type: 'integer', minimum: -5, maximum: 5 }),
    fieldOf({ type: 'boolean' }),
    fieldOf({ type: 'array', items: { enum: ['a', 'b', 'c'] }, minItems: 1, maxItems: 2 }),
  ]

  test('is taken only when the same value would be taken out of JSON', () => {
    const typed = fc.oneof(
      fc.string(),
      fc.integer().map(String),
      fc.constantFrom('a,b', 'red', 'SKY', '2', 'y', 'no', '-0'),
    )
    fc.assert(
      fc.property(fc.constantFrom(...fields), typed, (field, text) => {
        const read = readTyped(field, text)
        if (read === undefined || 'problem' in read) return
        expect(checkValue(field, read.value)).toBeUndefined()
      }),
    )
  })

  test('a choice is named by its value before its title, and by its title before its number', () => {
    const field = fieldOf({ type: 'string', enum: ['red', '2', 'blue'], enumNames: ['3', 'Two', 'Sky'] })
    expect(['2', '3', '1', 'sky', '4'].map((text) => readTyped(field, text))).toEqual([
      { value: '2' },
      { value: 'red' },
      { value: 'red' },
      { value: 'blue' },
      { problem: 'one of red, 2, blue' },
    ])
  })
})

describe('the description of a form', () => {
  test('names every field with its type, its limits and what it is for, on a line that cannot steer the terminal', () => {
    const schema = schemaOf(
      {
        mail: { type: 'string', format: 'email', description: 'Where to\n write.\u001B[2J' },
        code: { type: 'string', pattern: '^a', title: 'Code' },
        rate: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1, default: 0.5 },
        flag: { type: 'boolean', default: true },
      },
      { required: ['mail', 'flag'] },
    )
    expect(formLines(schema)).toEqual([
      'mail (text, required, email): Where to write.\\x1b[2J',
      'code (text, matches ^a): Code',
      'rate (number, more than 0, less than 1, default 0.5)',
      'flag (true or false, required, default true)',
    ])
    expect(formSample(schema)).toBe('{"mail":…,"flag":…}')
  })

  test('of one that is none of plain values is its schema', () => {
    expect(formLines('{"type":"array"}')).toEqual(['a JSON object that fits {"type":"array"}'])
    expect(formSample('{')).toBe('{…}')
  })
})
