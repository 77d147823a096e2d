import { blake3, toHex, utf8Encode } from '@starling/event'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as z from 'zod'

import { canonicalSchema } from '../src/index.ts'

// Recorded from the Go reference: the schema it generates for this input, and the hash in the log.
const WEATHER =
  '{"type":"object","properties":{"city":{"type":"string","description":"City name."},"days":{"type":"integer"},' +
  '"units":{"type":"string","enum":["metric","imperial"]}},"required":["city","days"],"additionalProperties":false}'
const WEATHER_HASH = '670493e1fdd65738fc9b5e85fd0f34fec8c3370e7f6fe906806859a24dab45e0'

test('a zod schema gives the bytes that the Go reference generates for the same input', () => {
  const input = z.object({
    units: z.enum(['metric', 'imperial']).optional(),
    days: z.int(),
    city: z.string().describe('City name.'),
  })
  const text = canonicalSchema(input['~standard'].jsonSchema.input({ target: 'draft-2020-12' }))
  expect(text).toBe(WEATHER)
  expect(toHex(blake3(utf8Encode(text)))).toBe(WEATHER_HASH)
})

test('a schema written by hand gives the same bytes, whatever the order of its keys', () => {
  const text = canonicalSchema({
    required: ['days', 'city', 'days'],
    properties: {
      units: { enum: ['metric', 'imperial'], type: 'string' },
      days: { type: 'integer' },
      city: { description: 'City name.', type: 'string' },
    },
    type: 'object',
    $schema: 'https://json-schema.org/draft/2020-12/schema',
  })
  expect(text).toBe(WEATHER)
})

test('what is canonical already stays as it is', () => {
  expect(canonicalSchema(JSON.parse(WEATHER))).toBe(WEATHER)
})

test('the first keywords come in their order and the others sorted behind them', () => {
  const node = { title: 't', pattern: 'p', enum: ['e'], description: 'd', type: 'string', minLength: 1, $comment: 'c' }
  expect(keysOf(canonicalSchema(node))).toEqual([
    'type',
    'description',
    'enum',
    '$comment',
    'minLength',
    'pattern',
    'title',
  ])
  const object = {
    additionalProperties: true,
    required: [],
    properties: {},
    items: true,
    enum: [],
    description: 'd',
    type: 'object',
  }
  expect(keysOf(canonicalSchema(object))).toEqual(keysOf(JSON.stringify(object)).toReversed())
})

test('properties and required are sorted by bytes, not by UTF-16 units', () => {
  const names = ['\u{1f600}', '\uffee', 'z', 'a', 'B', '2', '10', 'é']
  const text = canonicalSchema({
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name, true])),
    required: names,
  })
  const byBytes = ['10', '2', 'B', 'a', 'z', 'é', '\uffee', '\u{1f600}']
  expect(text).toContain(`"properties":{${byBytes.map((name) => `"${name}":true`).join(',')}}`)
  expect(text).toContain(`"required":[${byBytes.map((name) => `"${name}"`).join(',')}]`)
})

test('an object always has required and is closed', () => {
  expect(canonicalSchema({ type: 'object', properties: {} })).toBe(
    '{"type":"object","properties":{},"required":[],"additionalProperties":false}',
  )
  expect(canonicalSchema({ type: 'object' })).toBe('{"type":"object","required":[],"additionalProperties":false}')
})

test('an object that says otherwise stays open', () => {
  for (const additionalProperties of [true, {}, { type: 'string' }]) {
    const schema = { type: 'object', properties: {}, additionalProperties }
    expect(JSON.parse(canonicalSchema(schema))).toEqual({ ...schema, required: [] })
  }
  const patterns = { type: 'object', properties: {}, patternProperties: { '^x-': { type: 'string' } } }
  expect(JSON.parse(canonicalSchema(patterns))).toEqual({ ...patterns, required: [] })
})

test('a nested object of any shape stays one', () => {
  const text = canonicalSchema({ type: 'object', properties: { anything: { type: 'object' } } })
  expect(JSON.parse(text)).toMatchObject({ properties: { anything: { type: 'object', required: [] } } })
  expect(JSON.parse(text)).not.toHaveProperty('properties.anything.additionalProperties')
})

test('objects in properties, items and choices are closed', () => {
  const inner = { type: 'object', properties: { a: true } }
  const closed = { ...inner, required: [], additionalProperties: false }
  const schema = {
    type: 'object',
    properties: { one: inner, many: { items: inner }, either: { anyOf: [inner, inner] } },
  }
  expect(JSON.parse(canonicalSchema(schema))).toMatchObject({
    properties: { one: closed, many: { items: closed }, either: { anyOf: [closed, closed] } },
  })
})

test('objects that are put together out of several schemas are not closed', () => {
  const part = { type: 'object', properties: { a: true } }
  const compositions = [
    { allOf: [part, part] },
    { ...part, anyOf: [part] },
    { anyOf: [part], oneOf: [part] },
    { if: part, else: part },
    { ...part, dependentSchemas: { a: part } },
    { allOf: [{ properties: { nested: part } }, { properties: { nested: part } }] },
    { contains: part },
    { not: part },
  ]
  for (const composition of compositions) {
    expect(canonicalSchema({ type: 'array', items: composition })).not.toContain('"additionalProperties":false')
  }
})

test('a root that is a choice of objects is left to its choices', () => {
  const part = { properties: { a: true } }
  const root = JSON.parse(canonicalSchema({ type: 'object', oneOf: [part] }))
  expect(root).not.toHaveProperty('additionalProperties')
  expect(root).toHaveProperty('oneOf[0].additionalProperties', false)
})

test('definitions are closed unless another schema extends one', () => {
  const a = { type: 'object', properties: { a: true } }
  const referred = { type: 'object', properties: { x: { $ref: '#/$defs/a' } }, $defs: { a } }
  expect(JSON.parse(canonicalSchema(referred))).toHaveProperty('$defs.a.additionalProperties', false)
  const extended = { type: 'object', properties: { x: { $ref: '#/$defs/a', properties: { b: true } } }, $defs: { a } }
  expect(canonicalSchema(extended)).not.toContain('"additionalProperties":false')
  const combined = { type: 'object', properties: { x: { allOf: [{ $ref: '#/$defs/a' }] } }, $defs: { a } }
  expect(canonicalSchema(combined)).not.toContain('"additionalProperties":false')
})

test('a property may be called like a keyword', () => {
  const schema = {
    type: 'object',
    properties: { $schema: { type: 'string' }, required: { type: 'string' }, properties: { type: 'string' } },
    required: ['required'],
  }
  expect(JSON.parse(canonicalSchema(schema))).toEqual({ ...schema, additionalProperties: false })
})

test('literal values keep their order in arrays and lose it in objects', () => {
  const text = canonicalSchema({ enum: [{ b: 1, a: [2, 1] }], default: { z: null, type: 'x' }, const: -0 })
  expect(text).toBe('{"enum":[{"a":[2,1],"b":1}],"const":0,"default":{"type":"x","z":null}}')
})

test('strings carry the escapes of the log', () => {
  const text = canonicalSchema({ description: '<a href="x">&\u2028\u2029</a> \u0007 é \ud800' })
  expect(text).toBe(
    String.raw`{"description":"\u003ca href=\"x\"\u003e\u0026\u2028\u2029\u003c/a\u003e \u0007 é ` + '\ufffd"}',
  )
})

test('the bounds of a safe integer and an empty description are left out', () => {
  const { MIN_SAFE_INTEGER: minimum, MAX_SAFE_INTEGER: maximum } = Number
  expect(canonicalSchema({ type: 'integer', description: '', minimum, maximum })).toBe('{"type":"integer"}')
  expect(canonicalSchema({ type: 'integer', minimum: 0, maximum })).toBe('{"type":"integer","minimum":0}')
  expect(JSON.parse(canonicalSchema({ type: 'number', minimum, maximum }))).toEqual({
    type: 'number',
    minimum,
    maximum,
  })
})

test.for<[unknown, string]>([
  [7, 'schema is number, expected a schema'],
  [{ items: 'x' }, 'schema.items is string, expected a schema'],
  [{ anyOf: [true, null] }, 'schema.anyOf[1] is null, expected a schema'],
  [{ properties: [] }, 'schema.properties is an array, expected schemas by name'],
  [{ type: 'object', required: 'a' }, 'schema.required is string, expected a list of names'],
  [{ patternProperties: { '(': true } }, 'schema.patternProperties has "(", which is not a regular expression'],
  [{ default: 1n }, 'schema.default is bigint, expected a JSON value'],
  [{ const: Number.NaN }, 'schema.const is number, expected a JSON value'],
  [{ default: { f: () => 1 } }, 'schema.default.f is function, expected a JSON value'],
])('%o is refused by name', ([schema, message]) => {
  expect(() => canonicalSchema(schema)).toThrow(expect.objectContaining({ code: 'TOOL_INVALID_DEFINITION', message }))
})

test('a schema that contains itself is refused', () => {
  const schema: Record<string, unknown> = { type: 'array' }
  schema['items'] = schema
  expect(() => canonicalSchema(schema)).toThrow('contains itself')
})

test('the order of keys never changes the bytes', () => {
  fc.assert(
    fc.property(schemas, fc.infiniteStream(fc.nat()), (schema, random) => {
      expect(canonicalSchema(shuffled(schema, random))).toBe(canonicalSchema(schema))
    }),
  )
})

test('canonical text is its own canonical text', () => {
  fc.assert(
    fc.property(schemas, (schema) => {
      const text = canonicalSchema(schema)
      expect(canonicalSchema(JSON.parse(text))).toBe(text)
    }),
  )
})

test('nothing but required and additionalProperties is added, and nothing but noise is dropped', () => {
  fc.assert(
    fc.property(schemas, (schema) => {
      expect(withoutDefaults(JSON.parse(canonicalSchema(schema)))).toEqual(withoutDefaults(schema))
    }),
  )
})

const { schemas } = fc.letrec<{ schemas: unknown }>((tie) => {
  const names = fc.constantFrom('a', 'b', 'type', '$ref', 'é', '\u{1f600}', '10', '<&>')
  const list = fc.array(tie('schemas'), { maxLength: 2 })
  return {
    schemas: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.boolean(),
      fc.record({ type: fc.constantFrom('string', 'integer'), minimum: fc.integer() }, { requiredKeys: [] }),
      fc.record(
        {
          type: fc.constantFrom('object', 'array', 'string'),
          description: fc.string({ unit: 'grapheme', minLength: 1 }),
          properties: fc.dictionary(names, tie('schemas'), { maxKeys: 3 }),
          additionalProperties: tie('schemas'),
          items: tie('schemas'),
          anyOf: list,
          allOf: list,
          not: tie('schemas'),
          $ref: fc.constant('#/$defs/a'),
          $defs: fc.dictionary(names, tie('schemas'), { maxKeys: 2 }),
          default: fc.jsonValue({ maxDepth: 2 }),
        },
        { requiredKeys: [] },
      ),
    ),
  }
})

function keysOf(text: string): string[] {
  return Object.keys(JSON.parse(text))
}

function shuffled(value: unknown, random: Iterator<number>): unknown {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, random))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, item]) => ({
    key,
    item: shuffled(item, random),
    at: Number(random.next().value),
  }))
  return Object.fromEntries(entries.toSorted((a, b) => a.at - b.at).map(({ key, item }) => [key, item]))
}

/** The schema without what is added by default, also where it was there before. */
function withoutDefaults(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDefaults)
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? 0 : value
  const kept = Object.entries(value).filter(([key, item]) => {
    return !(key === 'required' && Array.isArray(item)) && !(key === 'additionalProperties' && item === false)
  })
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutDefaults(item)]))
}
