import { expect, test } from 'vitest'
import * as z from 'zod'

import { createToolContext } from '../src/conformance/index.ts'
import { defineTool, type StandardJSONSchemaV1, type StandardSchemaV1, type ToolInputSchema } from '../src/index.ts'

test('a tool gets its typed input and returns JSON', async () => {
  const add = defineTool({
    name: 'add',
    description: 'Adds two numbers.',
    input: z.object({ a: z.number(), b: z.number().default(1) }),
    execute: ({ a, b }) => ({ sum: a + b }),
  })
  expect(await add.execute('{"a":2,"b":3}', createToolContext())).toBe('{"sum":5}')
  expect(await add.execute('{"a":2}', createToolContext())).toBe('{"sum":3}')
})

test('a tool is frozen and carries its schema, description and policy', () => {
  const tool = defineTool({ ...NOTHING, policy: { timeoutMs: 5 } })
  expect(tool).toMatchObject({ name: 'nothing', description: 'Does nothing.', policy: { timeoutMs: 5 } })
  expect(tool.inputSchema).toBe('{"type":"object","properties":{},"required":[],"additionalProperties":false}')
  expect(Object.isFrozen(tool)).toBe(true)
  expect(defineTool(NOTHING)).not.toHaveProperty('policy')
})

test('the tool is called with the context of the call', async () => {
  const context = createToolContext({ callId: 'call-9' })
  const tool = defineTool({ ...NOTHING, execute: (_input, given) => [given === context, given.callId] })
  expect(await tool.execute('{}', context)).toBe('[true,"call-9"]')
})

test('calls without arguments get an empty object', async () => {
  const tool = defineTool({ ...NOTHING, execute: (input) => input })
  expect(await tool.execute('', createToolContext())).toBe('{}')
})

test('what is wrong with the arguments is told in one line each', async () => {
  const tool = defineTool({
    ...NOTHING,
    name: 'search',
    input: z.object({
      query: z.string(),
      filter: z.object({ tags: z.array(z.string()) }).optional(),
      'max results': z.number().optional(),
    }),
  })
  const text = '{"filter":{"tags":["a",2],"color":"red"},"max results":"many","page":1}'
  await expect(tool.execute(text, createToolContext())).rejects.toMatchObject({
    code: 'TOOL_INVALID_INPUT',
    retryable: false,
    message: [
      'invalid input for tool search:',
      '- query: Invalid input: expected string, received undefined',
      '- filter.tags[1]: Invalid input: expected string, received number',
      '- ["max results"]: Invalid input: expected number, received string',
      '- filter.color: unknown property, expected tags',
      '- page: unknown property, expected filter, max results, query',
    ].join('\n'),
  })
})

test('an unknown property is refused even when the validator would drop it', async () => {
  const tool = defineTool({ ...NOTHING, input: z.object({ list: z.array(z.object({ a: z.string() })) }) })
  await expect(tool.execute('{"list":[{"a":"x"},{"a":"y","b":1}]}', createToolContext())).rejects.toThrow(
    'invalid input for tool nothing:\n- list[1].b: unknown property, expected a',
  )
  await expect(defineTool(NOTHING).execute('{"a":1}', createToolContext())).rejects.toThrow(
    '- a: unknown property, expected none',
  )
})

test('an object that allows other properties gets them', async () => {
  const input = z.looseObject({ pairs: z.record(z.string(), z.number()), pair: z.tuple([z.looseObject({})]) })
  const tool = defineTool({ ...NOTHING, input, execute: (given) => given })
  const text = '{"pairs":{"x":1,"y":2},"pair":[{"deep":true}],"more":[]}'
  expect(await tool.execute(text, createToolContext())).toBe(text)
})

test('properties that match a pattern are not unknown', async () => {
  const schema = { type: 'object', patternProperties: { '^x-': {} }, additionalProperties: false }
  const tool = defineTool({ ...NOTHING, input: { schema, parse: (value) => value }, execute: (input) => input })
  expect(await tool.execute('{"x-a":1}', createToolContext())).toBe('{"x-a":1}')
  await expect(tool.execute('{"y-a":1}', createToolContext())).rejects.toThrow('y-a: unknown property')
})

test.for([
  ['{"a":1,"a":2}', 'a: the key comes twice'],
  ['{"a":9007199254740993}', 'a: 9007199254740993 is too large to be exact, write it as text'],
  ['{"a"', 'not valid JSON (unexpected EOF)'],
  ['[]', 'input: Invalid input: expected object, received array'],
  ['null', 'input: Invalid input: expected object, received null'],
])('%s is refused', async ([text, problem]) => {
  const tool = defineTool({ ...NOTHING, input: z.object({ a: z.number() }) })
  await expect(tool.execute(String(text), createToolContext())).rejects.toMatchObject({
    code: 'TOOL_INVALID_INPUT',
    message: `invalid input for tool nothing:\n- ${problem}`,
  })
})

test('a validator that answers later is waited for', async () => {
  const input = z.object({ name: z.string().refine(async (name) => name !== 'taken', 'is taken') })
  const tool = defineTool({ ...NOTHING, input, execute: ({ name }) => name })
  expect(await tool.execute('{"name":"free"}', createToolContext())).toBe('"free"')
  await expect(tool.execute('{"name":"taken"}', createToolContext())).rejects.toThrow('- name: is taken')
})

test('what a schema makes of the input is what the tool gets', async () => {
  const input = z.object({ at: z.string().transform((text) => text.length) })
  const tool = defineTool({ ...NOTHING, input, execute: ({ at }) => at + 1 })
  expect(await tool.execute('{"at":"abc"}', createToolContext())).toBe('4')
})

test('an input can be described by hand', async () => {
  const tool = defineTool({
    ...NOTHING,
    input: {
      schema: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] },
      parse(value): number {
        if (typeof value === 'object' && value !== null && 'n' in value) return Number(value.n)
        throw new Error('n is missing,\n  sorry')
      },
    },
    execute: (n) => n * 2,
  })
  expect(tool.inputSchema).toBe(
    '{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"],"additionalProperties":false}',
  )
  expect(await tool.execute('{"n":21}', createToolContext())).toBe('42')
  await expect(tool.execute('{}', createToolContext())).rejects.toMatchObject({
    code: 'TOOL_INVALID_INPUT',
    message: 'invalid input for tool nothing:\n- input: n is missing, sorry',
  })
})

test('the issues that a parser throws are told in one line each', async () => {
  const shape = z.object({ n: z.number(), s: z.string() })
  const input = {
    schema: { type: 'object', properties: { n: {}, s: {} } },
    parse: (value: unknown) => shape.parse(value),
  }
  await expect(defineTool({ ...NOTHING, input }).execute('{"s":1}', createToolContext())).rejects.toThrow(
    '- n: Invalid input: expected number, received undefined\n- s: Invalid input: expected string, received number',
  )
})

test('any library of the standard will do', async () => {
  const input: StandardSchemaV1<unknown, { id: string }> & StandardJSONSchemaV1<unknown, { id: string }> = {
    '~standard': {
      version: 1,
      vendor: 'homemade',
      validate: (value) =>
        typeof value === 'object' && value !== null && 'id' in value
          ? { value: { id: String(value.id) } }
          : { issues: [{ message: 'is missing', path: [{ key: 'id' }] }, { message: 'is not right' }] },
      jsonSchema: { input: ({ target }) => ({ $schema: target, type: 'object', properties: { id: {} } }) },
    },
  }
  const tool = defineTool({ ...NOTHING, input, execute: ({ id }) => id })
  expect(await tool.execute('{"id":7}', createToolContext())).toBe('"7"')
  await expect(tool.execute('{}', createToolContext())).rejects.toThrow('- id: is missing\n- input: is not right')
})

test.for<[unknown, string]>([
  [undefined, 'null'],
  [null, 'null'],
  ['text', '"text"'],
  [[undefined, new Date(0)], '[null,"1970-01-01T00:00:00.000Z"]'],
  [{ a: undefined, b: 1 }, '{"b":1}'],
])('the output %o becomes %s', async ([output, text]) => {
  expect(await returning(output)).toBe(text)
  expect(await returning(Promise.resolve(output))).toBe(text)
})

test.for<[unknown, string]>([
  [1n, 'what JSON cannot hold: Do not know how to serialize a BigInt'],
  [cycle(), 'what JSON cannot hold: Converting circular structure to JSON'],
  [() => 1, 'a function, expected JSON data'],
  [Symbol('s'), 'a symbol, expected JSON data'],
])('the output %o is refused', async ([output, reason]) => {
  await expect(returning(output)).rejects.toMatchObject({
    code: 'TOOL_INVALID_OUTPUT',
    message: `tool nothing returned ${reason}`,
  })
})

test('what a tool throws is what the call fails with', async () => {
  const failure = new RangeError('no such thing')
  const thrower = defineTool({
    ...NOTHING,
    execute: () => {
      throw failure
    },
  })
  await expect(thrower.execute('{}', createToolContext())).rejects.toBe(failure)
  await expect(returning(Promise.reject(failure))).rejects.toBe(failure)
})

test('a call whose signal is aborted never reaches the tool', async () => {
  let calls = 0
  const tool = defineTool({ ...NOTHING, execute: () => calls++ })
  const reason = { stop: true }
  const context = createToolContext({ signal: AbortSignal.abort(reason) })
  await expect(tool.execute('{}', context)).rejects.toBe(reason)
  expect(calls).toBe(0)
})

test.for(['', 'a b', 'a.b', 'ä', 'x'.repeat(65)])('%o is no name for a tool', (name) => {
  expect(() => defineTool({ ...NOTHING, name })).toThrow(
    expect.objectContaining({
      code: 'TOOL_INVALID_DEFINITION',
      message: `tool name ${JSON.stringify(name)}, expected 1 to 64 of A-Z a-z 0-9 _ -`,
    }),
  )
})

test.for(['a', 'x'.repeat(64), 'Read_file-2'])('%s is a name for a tool', (name) => {
  expect(defineTool({ ...NOTHING, name }).name).toBe(name)
})

test.for<[ToolInputSchema, string]>([
  [z.string(), 'its input schema is of type string, expected an object: wrap it as the property of one'],
  [z.array(z.string()), 'its input schema is of type array, expected an object: wrap it as the property of one'],
  [
    z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]),
    'its input schema has no type of its own, expected an object: wrap it as the property of one',
  ],
  [
    z.object({ at: z.date() }),
    'its input schema (zod) cannot be written as JSON Schema: Date cannot be represented in JSON Schema',
  ],
  [{ schema: [], parse: (value) => value }, 'its input schema is not an object'],
  [
    { schema: { type: 'object', properties: 1 }, parse: (value) => value },
    'schema.properties is number, expected schemas by name',
  ],
])('%o is no input schema', ([input, reason]) => {
  expect(() => defineTool({ ...NOTHING, input })).toThrow(
    expect.objectContaining({ code: 'TOOL_INVALID_DEFINITION', message: `tool nothing: ${reason}` }),
  )
})

test('a library that cannot write JSON Schema is told what to do instead', () => {
  const validate = (value: unknown): { value: unknown } => ({ value })
  const input = { '~standard': { version: 1, vendor: 'older', validate } }
  // Plain JavaScript reaches this: the types would not let it pass.
  expect(() => defineTool(Object.assign({ ...NOTHING }, { input }))).toThrow(
    'tool nothing: its input schema (older) cannot write JSON Schema: pass { schema, parse } instead',
  )
})

test('a policy that cannot be is refused with the name of the tool', () => {
  expect(() => defineTool({ ...NOTHING, policy: { timeoutMs: -1 } })).toThrow(
    'tool nothing: policy field timeoutMs is -1, expected milliseconds above 0 and below 2^31',
  )
})

const NOTHING = {
  name: 'nothing',
  description: 'Does nothing.',
  input: z.object({}),
  execute: (): unknown => undefined,
}

async function returning(output: unknown): Promise<string> {
  return defineTool({ ...NOTHING, execute: () => output }).execute('{}', createToolContext())
}

function cycle(): object {
  const value: Record<string, unknown> = {}
  value['self'] = value
  return value
}
