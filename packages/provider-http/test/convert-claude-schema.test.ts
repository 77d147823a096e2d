import { describe, expect, test } from 'vitest'
import { convertClaudeSchema } from '../src/index.ts'

describe('what Claude is not bound to becomes words', () => {
  test.each<[string, object, object]>([
    [
      'bounds of a number',
      { type: 'number', minimum: 0, exclusiveMaximum: 9.5, multipleOf: 0.5 },
      { type: 'number', description: '{minimum: 0, exclusiveMaximum: 9.5, multipleOf: 0.5}' },
    ],
    [
      'lengths and patterns, after the description',
      { type: 'string', description: 'A word.', minLength: 2, maxLength: 4, pattern: '^(?=a)' },
      { type: 'string', description: 'A word.\n\n{minLength: 2, maxLength: 4, pattern: "^(?=a)"}' },
    ],
    [
      'numbers of items',
      { type: 'array', items: { type: 'string' }, minItems: 2, maxItems: 3, uniqueItems: true },
      { type: 'array', items: { type: 'string' }, description: '{minItems: 2, maxItems: 3, uniqueItems: true}' },
    ],
    ['a format of its own', { type: 'string', format: 'iban' }, { type: 'string', description: '{format: "iban"}' }],
    [
      'a tuple',
      { type: 'array', prefixItems: [{ type: 'string' }], items: false },
      { type: 'array', description: '{prefixItems: [{"type":"string"}], items: false}' },
    ],
    ['a default', { type: 'boolean', default: true }, { type: 'boolean', description: '{default: true}' }],
  ])('%s', (_, property, converted) => {
    expect(convert(objectOf(property))).toEqual(closed({ a: converted }))
  })

  test.each<[string, object, object]>([
    [
      'what is said of a reference, around it',
      { $ref: '#/$defs/name', title: 'Name', description: 'As in the passport.', maxLength: 40 },
      {
        anyOf: [{ $ref: '#/$defs/name' }],
        title: 'Name',
        description: 'As in the passport.\n\n{maxLength: 40}',
      },
    ],
    [
      'a constraint of a reference alone',
      { $ref: '#/$defs/name', minLength: 1 },
      { anyOf: [{ $ref: '#/$defs/name' }], description: '{minLength: 1}' },
    ],
    [
      'a title of a reference alone',
      { $ref: '#/$defs/name', title: 'Name' },
      { anyOf: [{ $ref: '#/$defs/name' }], title: 'Name' },
    ],
  ])('%s', (_, property, converted) => {
    const $defs = { name: { type: 'string' } }
    expect(convert({ ...objectOf(property), $defs })).toEqual({ ...closed({ a: converted }), $defs })
  })

  test('with every digit', () => {
    expect(convertClaudeSchema('{"type":"integer","maximum":12345678901234567890,"multipleOf":1.0}')).toBe(
      '{"type":"integer","description":"{maximum: 12345678901234567890, multipleOf: 1.0}"}',
    )
    expect(convertClaudeSchema('{"enum":[12345678901234567890, 1.50]}')).toBe('{"enum":[12345678901234567890,1.50]}')
  })
})

describe('what Claude takes stays', () => {
  test.each<object>([
    { type: 'string', format: 'date-time', title: 'When', description: 'In UTC.' },
    { type: 'array', items: { type: 'integer' }, minItems: 1 },
    { enum: ['x', 1, null, true] },
    { const: 'x' },
    { anyOf: [{ type: 'string' }, { type: 'null' }] },
    { type: ['string', 'null'], format: 'date' },
    { type: ['array', 'null'], items: { type: 'string' } },
    closed({ b: { type: 'string' } }),
    { type: 'object', properties: {}, additionalProperties: false },
  ])('%j', (property) => {
    expect(convert(closed({ a: property }))).toEqual(closed({ a: property }))
  })

  test('definitions under either name, and references to them', () => {
    const schema = {
      ...closed({ a: { $ref: '#/$defs/name' }, b: { $ref: '#/definitions/a~1b' }, c: { $ref: '#/$defs/name' } }),
      $defs: { name: { type: 'string' } },
      definitions: { 'a/b': closed({ c: { $ref: '#/$defs/name' } }) },
    }
    expect(convert(schema)).toEqual(schema)
    const root = { $ref: '#/$defs/name', $defs: { name: { type: 'string' } } }
    expect(convert(root)).toEqual(root)
  })
})

describe('objects are closed', () => {
  test.each<[string, object]>([
    ['that say nothing of further keys', {}],
    ['that allow further keys', { additionalProperties: true }],
    ['that describe further keys', { additionalProperties: { type: 'string' } }],
  ])('%s', (_, further) => {
    const properties = { b: { type: 'string' } }
    expect(convert(objectOf({ type: 'object', properties, ...further }))).toEqual(closed({ a: closed(properties) }))
  })

  test('in definitions, items and choices too', () => {
    const open = { type: 'object', properties: { b: { type: 'string' } } }
    const shut = closed({ b: { type: 'string' } })
    expect(
      convert({
        ...objectOf({ type: 'array', items: { oneOf: [open, { $ref: '#/$defs/x' }] } }),
        $defs: { x: open },
      }),
    ).toEqual({
      ...closed({ a: { type: 'array', items: { anyOf: [shut, { $ref: '#/$defs/x' }] } } }),
      $defs: { x: shut },
    })
  })

  test('and so are those that only list their properties, or may be null', () => {
    const properties = { b: { type: 'string' } }
    expect(convert({ properties })).toEqual(closed(properties))
    expect(convert({ type: ['object', 'null'], properties })).toEqual({
      ...closed(properties),
      type: ['object', 'null'],
    })
  })
})

describe('what Claude cannot be bound to at all is refused, with its place', () => {
  test.each<[string, object, string]>([
    ['a record', { type: 'object', additionalProperties: { type: 'string' } }, 'is an object with open keys at "#"'],
    [
      'a record without a property',
      { type: 'object', properties: {}, additionalProperties: true },
      'is an object with open keys at "#"',
    ],
    ['any object', objectOf({ type: 'object' }), 'is an object with open keys at "#/properties/a"'],
    [
      'keys by pattern',
      { type: 'object', patternProperties: { '^x': { type: 'string' } }, additionalProperties: false },
      'is an object with open keys at "#"',
    ],
    ['any value', objectOf({ description: 'Whatever.' }), 'does not say what type its value has at "#/properties/a"'],
    ['any item', { type: 'array', items: true }, 'does not say what type its value has at "#/items"'],
    [
      'schemas joined',
      { allOf: [closed({ a: { type: 'string' } }), closed({ b: { type: 'string' } })] },
      'joins several schemas with allOf at "#"',
    ],
    [
      'properties beside a choice',
      { ...closed({ a: { type: 'string' } }), anyOf: [closed({ b: { type: 'string' } })] },
      'has properties beside a choice of schemas at "#"',
    ],
    [
      'properties beside a reference',
      { ...objectOf({ type: 'string' }), $ref: '#/$defs/b', $defs: { b: closed({ b: { type: 'string' } }) } },
      'has a shape of its own beside a reference at "#"',
    ],
    [
      'a choice beside a reference',
      { ...objectOf({ $ref: '#/$defs/b', anyOf: [{ type: 'string' }] }), $defs: { b: { type: 'string' } } },
      'has a shape of its own beside a reference at "#/properties/a"',
    ],
    [
      'a key nobody described',
      { ...closed({ a: { type: 'string' } }), required: ['a', 'b'] },
      'requires "b", which is none of its properties, at "#"',
    ],
    ['itself', objectOf({ $ref: '#' }), 'contains itself, by way of "#" at "#/properties/a"'],
    [
      'a tree',
      {
        ...objectOf({ $ref: '#/$defs/node' }),
        $defs: { node: objectOf({ type: 'array', items: { $ref: '#/$defs/node' } }) },
      },
      'contains itself, by way of "#/$defs/node" at "#/$defs/node/properties/a/items"',
    ],
    [
      'a circle of definitions',
      { $ref: '#/$defs/x', $defs: { x: objectOf({ $ref: '#/$defs/y' }), y: objectOf({ $ref: '#/$defs/x' }) } },
      'contains itself',
    ],
    [
      'a reference to elsewhere',
      objectOf({ $ref: 'https://example.com/a.json' }),
      'refers to "https://example.com/a.json", which is outside of it, at "#/properties/a"',
    ],
    [
      'a reference to nothing',
      objectOf({ $ref: '#/$defs/toString' }),
      'refers to "#/$defs/toString", which is not there, at "#/properties/a"',
    ],
  ])('%s', (_, schema, message) => {
    expect(() => convert(schema)).toThrow(
      expect.objectContaining({
        code: 'PROVIDER_INVALID_OPTIONS',
        message: expect.stringMatching(
          /^the schema of responseFormat .* let the agent ask for it in words instead, with outputVia "prompt"$/,
        ),
      }),
    )
    expect(() => convert(schema)).toThrow(message)
  })

  test.each(['{', '[]', 'true', ''])('%s, which is no schema', (text) => {
    expect(() => convertClaudeSchema(text)).toThrow(
      expect.objectContaining({
        code: 'PROVIDER_INVALID_OPTIONS',
        message: 'the schema of responseFormat is not a JSON object',
      }),
    )
  })
})

function convert(schema: object): unknown {
  return JSON.parse(convertClaudeSchema(JSON.stringify(schema)))
}

function objectOf(property: object): object {
  return { type: 'object', properties: { a: property } }
}

function closed(properties: object): object {
  return { type: 'object', properties, additionalProperties: false }
}
