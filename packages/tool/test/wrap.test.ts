import { expect, test } from 'vitest'
import * as z from 'zod'

import { createToolContext } from '../src/conformance/index.ts'
import { defineTool, wrap, type Tool, type ToolMiddleware } from '../src/index.ts'

test('no middleware is the tool itself', () => {
  const tool = echo()
  expect(wrap(tool)).toBe(tool)
})

test('the first middleware is outermost', async () => {
  const order: string[] = []
  const around = (name: string): ToolMiddleware => {
    return async (input, context, next) => {
      order.push(`${name} before`)
      const output = await next(input, context)
      order.push(`${name} after`)
      return output
    }
  }
  await wrap(echo(), around('a'), around('b')).execute('{}', createToolContext())
  expect(order).toEqual(['a before', 'b before', 'b after', 'a after'])
})

test('name, description, schema and policy stay', () => {
  const { execute: _execute, ...surface } = echo()
  expect(wrap(echo(), (input, context, next) => next(input, context))).toMatchObject(surface)
})

test('a tool without a policy stays without one', () => {
  const tool: Tool = { name: 'bare', description: '', inputSchema: '{"type":"object"}', execute: async () => 'null' }
  expect(wrap(tool, async () => '1')).not.toHaveProperty('policy')
})

test('a middleware may answer by itself', async () => {
  let calls = 0
  const tool = wrap(
    echo(() => calls++),
    async () => '"cached"',
  )
  expect(await tool.execute('{}', createToolContext())).toBe('"cached"')
  expect(calls).toBe(0)
})

test('a middleware may change the input, the context and the output', async () => {
  const context = createToolContext()
  const other = createToolContext({ callId: 'other' })
  const tool = wrap(
    echo((input, given) => [input, given.callId]),
    async (input, given, next) => `{"was":${await next(input.replace('1', '2'), given === context ? other : given)}}`,
  )
  expect(await tool.execute('{"a":1}', context)).toBe('{"was":[{"a":2},"other"]}')
})

test('a middleware may call the tool again', async () => {
  let calls = 0
  const tool = wrap(
    echo(() => {
      if (calls++ === 0) throw new Error('the first time fails')
      return calls
    }),
    async (input, context, next) => {
      try {
        return await next(input, context)
      } catch {
        // What a middleware that retries does.
        return next(input, context)
      }
    },
  )
  expect(await tool.execute('{}', createToolContext())).toBe('2')
})

test('a middleware that throws at once rejects the call', async () => {
  const failure = new Error('refused')
  const refuse: ToolMiddleware = () => {
    throw failure
  }
  await expect(wrap(echo(), refuse).execute('{}', createToolContext())).rejects.toBe(failure)
})

test('a tool that is an object with state is called as its method', async () => {
  class Counter implements Tool {
    readonly name = 'counter'
    readonly description = 'Counts.'
    readonly inputSchema = '{"type":"object"}'
    #count = 0

    async execute(): Promise<string> {
      return String(++this.#count)
    }
  }
  const tool = wrap(new Counter(), (input, context, next) => next(input, context))
  await tool.execute('{}', createToolContext())
  expect(await tool.execute('{}', createToolContext())).toBe('2')
})

function echo(execute: Parameters<typeof defineTool>[0]['execute'] = (input) => input): Tool {
  return defineTool({
    name: 'echo',
    description: 'Returns its input.',
    input: z.looseObject({}),
    policy: { timeoutMs: 5 },
    execute,
  })
}
