import { expect, test } from 'vitest'

import { createMcpSource } from '../src/index.ts'
import { createArgumentsReader, type ArgumentsReader } from '../src/read-arguments.ts'
import { compileSchema } from '../src/schema-validators.ts'
import { createToolContext } from '@starling/tool/conformance'
import { listTools } from './call.ts'
import { rawServer } from './servers/raw.ts'

const SCHEMA = JSON.stringify({
  type: 'object',
  properties: {
    id: { type: 'integer' },
    list: { type: 'array', items: { type: 'object', properties: { 'a/b': { type: 'string' } } } },
  },
  required: ['id'],
  additionalProperties: false,
})

test('arguments that match come back with their numbers as written', async () => {
  const args = await readerOf(SCHEMA)('{"id":9007199254740993}')
  expect(JSON.stringify(args)).toBe('{"id":9007199254740993}')
})

test('every problem is a line that begins with its place', async () => {
  const reading = readerOf(SCHEMA)('{"id":"1","list":[{"a/b":2}],"other":1}')
  await expect(reading).rejects.toMatchObject({
    code: 'TOOL_INVALID_INPUT',
    message: [
      'invalid input for tool t:',
      '- input: must NOT have additional properties',
      '- id: must be integer',
      '- list[0]["a/b"]: must be string',
      '- other: unknown property, expected id, list',
    ].join('\n'),
  })
})

test.for([
  ['a key that comes twice', '{"id":1,"id":9007199254740993}', 'id: the key comes twice'],
  ['a number out of range', `{"id":${'9'.repeat(400)}}`, 'is out of range'],
  ['words', 'hello', 'not valid JSON'],
  ['a list', '[]', 'must be object'],
])('%s is refused', async ([, text = '', problem]) => {
  await expect(readerOf(SCHEMA)(text)).rejects.toThrow(problem)
})

test('no text at all is a call without arguments', async () => {
  expect(await readerOf('{"type":"object","required":[],"additionalProperties":false}')('')).toEqual({})
})

test('numbers reach the server as the model wrote them, and come back as the server wrote them', async () => {
  const structured = '{"id":9007199254740993,"rate":1.0}'
  const rawResults = {
    get: `{"structuredContent":${structured},"content":[{"type":"text","text":${JSON.stringify(structured)}}]}`,
  }
  await using source = createMcpSource({ name: 'raw', transport: rawServer({ names: ['line', 'get'], rawResults }) })
  const tools = await listTools(source)
  const sent = await tools.get('line')?.execute('{"id":9007199254740993,"rate":1.0}', createToolContext())
  expect(sent).toContain('\\"arguments\\":{\\"id\\":9007199254740993,\\"rate\\":1.0}')
  expect(await tools.get('get')?.execute('{}', createToolContext())).toBe(structured)
})

function readerOf(inputSchema: string): ArgumentsReader {
  return createArgumentsReader('t', inputSchema, () => compileSchema({ inputSchema }))
}
