import { describe, expect, test } from 'vitest'

import { createMcpSource } from '../src/index.ts'
import { compileSchema, dialectOf, SchemaValidators } from '../src/schema-validators.ts'
import { call, listTools } from './call.ts'
import { rawServer } from './servers/raw.ts'

describe('schemas', () => {
  test('with the same $id at two servers do not get mixed up', async () => {
    const one = { $id: 'Input', type: 'object', properties: { a: { type: 'string' } }, required: ['a'] }
    const two = { $id: 'Input', type: 'object', properties: { b: { type: 'number' } }, required: ['b'] }
    await using first = createMcpSource({ name: 'a', transport: serverOf(one) })
    await using second = createMcpSource({ name: 'b', transport: serverOf(two) })
    await listTools(first)
    const tools = await listTools(second)
    expect(await call(tools, 'x', { input: { b: 1 } })).toEqual({ content: [] })
    await expect(call(tools, 'x', { input: { b: 'one' } })).rejects.toMatchObject({ code: 'TOOL_INVALID_INPUT' })
  })

  test('may refer to themselves by their $id', async () => {
    const schema = { $id: 'Input', type: 'object', required: ['a'], $defs: { A: { type: 'number' } } }
    const validate = compileSchema({
      inputSchema: JSON.stringify({ ...schema, properties: { a: { $ref: 'Input#/$defs/A' } } }),
    })
    expect(await validate({ a: 1 })).not.toHaveProperty('issues')
    expect(await validate({ a: 'one' })).toHaveProperty('issues')
  })

  test('of draft 7 are read as such, also when they come out of a record', async () => {
    const point = { type: 'array', items: [{ type: 'number' }, { type: 'number' }], additionalItems: false }
    const $schema = 'http://json-schema.org/draft-07/schema#'
    const schema = { $schema, type: 'object', properties: { point }, required: ['point'] }
    await using source = createMcpSource({ name: 'a', transport: serverOf(schema) })
    const { recorded } = await source.list({})
    const tools = new Map(source.restore(recorded).map((tool) => [tool.name, tool]))
    expect(await call(tools, 'x', { input: { point: [1, 2] } })).toEqual({ content: [] })
    for (const wrong of [
      ['a', 2],
      [1, 2, 3],
    ]) {
      await expect(call(tools, 'x', { input: { point: wrong } })).rejects.toMatchObject({ code: 'TOOL_INVALID_INPUT' })
    }
  })

  test.for([
    ['http://json-schema.org/draft-07/schema#', 'http://json-schema.org/draft-07/schema#'],
    ['http://json-schema.org/draft-04/schema#', 'http://json-schema.org/draft-07/schema#'],
    ['https://json-schema.org/draft/2019-09/schema', 'https://json-schema.org/draft/2019-09/schema'],
    ['https://json-schema.org/draft/2020-12/schema', undefined],
    ['https://example.com/own', undefined],
    [7, undefined],
  ] as const)('of dialect %s are compiled as one of %s', ([$schema, dialect]) => {
    expect(dialectOf({ $schema })).toBe(dialect)
    const inputSchema = '{"type":"object"}'
    expect(() => compileSchema(dialect === undefined ? { inputSchema } : { inputSchema, dialect })).not.toThrow()
  })

  test.for<readonly [string, object]>([
    ['a number of properties', { minProperties: 1 }],
    ['which must be there', { required: ['a'] }],
    ['what their names look like', { propertyNames: { pattern: '^[a-z]+$' } }],
    ['examples', { examples: [{ a: 1 }] }],
    ['definitions', { $defs: {} }],
    ['a remark', { $comment: 'x' }],
    ['words of its own', { 'x-identifier': 'x' }],
    ['several schemas for the same object', { allOf: [{ properties: { a: { type: 'number' } } }] }],
    ['conditions', JSON.parse('{"if":{"required":["b"]},"then":{"properties":{"a":{}}}}')],
  ])('that say only %s take any property', async ([, says]) => {
    await using source = createMcpSource({ name: 'a', transport: serverOf({ type: 'object', ...says }) })
    expect(await call(await listTools(source), 'x', { input: { a: 1 } })).toEqual({ content: [] })
  })

  test('that list their properties take no other', async () => {
    const schema = { type: 'object', properties: { a: { type: 'number' } } }
    await using source = createMcpSource({ name: 'a', transport: serverOf(schema) })
    const calling = call(await listTools(source), 'x', { input: { a: 1, b: 2 } })
    await expect(calling).rejects.toMatchObject({ code: 'TOOL_INVALID_INPUT' })
  })
})

describe('compiled schemas', () => {
  const one = { inputSchema: '{"type":"object","required":["a"]}' }
  const two = { inputSchema: '{"type":"object","required":["b"]}' }

  test('are compiled once for a text and a dialect', () => {
    const validators = new SchemaValidators()
    const first = validators.get(one)
    expect(validators.get({ ...one })).toBe(first)
    expect(validators.get({ ...one, dialect: 'http://json-schema.org/draft-07/schema#' })).not.toBe(first)
  })

  test('are forgotten when they are not listed any more', () => {
    const validators = new SchemaValidators()
    const [first, second] = [validators.get(one), validators.get(two)]
    validators.keep([two])
    expect(validators.get(two)).toBe(second)
    expect(validators.get(one)).not.toBe(first)
  })

  test.for(['[]', '7', 'null'])('are not made of %s', (inputSchema) => {
    expect(() => compileSchema({ inputSchema })).toThrow('the schema is not an object')
  })
})

function serverOf(inputSchema: object): ReturnType<typeof rawServer> {
  return rawServer({ tools: [{ name: 'x', inputSchema }] })
}
