import { expect, test } from 'vitest'
import * as z from 'zod'

import { createToolContext } from '../src/conformance/index.ts'
import { definePolicy, defineTool, withPolicy, type Tool, type ToolPolicy } from '../src/index.ts'

test('a policy that says everything is taken as it is', () => {
  const policy: ToolPolicy = {
    timeoutMs: 0.5,
    maxAttempts: 3,
    idempotent: true,
    inDoubt: 'ask',
    concurrency: 1,
    maxResultBytes: 1,
    approval: false,
    redact: (value) => value,
    onError: 'fail',
    replay: 'recorded',
  }
  expect(definePolicy(policy)).toEqual(policy)
  expect(Object.isFrozen(definePolicy(policy))).toBe(true)
})

test('a policy that says nothing is one', () => {
  expect(definePolicy({})).toEqual({})
  expect(definePolicy({ timeoutMs: undefined, idempotent: undefined })).toEqual({})
})

test.for<[object, string]>([
  [{ timeoutMs: 0 }, 'policy field timeoutMs is 0, expected milliseconds above 0 and below 2^31'],
  [{ timeoutMs: 2 ** 31 }, 'policy field timeoutMs is 2147483648, expected milliseconds above 0 and below 2^31'],
  [{ timeoutMs: Number.NaN }, 'policy field timeoutMs is NaN, expected milliseconds above 0 and below 2^31'],
  [{ timeoutMs: '5' }, 'policy field timeoutMs is 5, expected milliseconds above 0 and below 2^31'],
  [{ maxAttempts: 0 }, 'policy field maxAttempts is 0, expected a whole number from 1'],
  [{ concurrency: 1.5 }, 'policy field concurrency is 1.5, expected a whole number from 1'],
  [{ maxResultBytes: -1 }, 'policy field maxResultBytes is -1, expected a whole number from 1'],
  [{ idempotent: 'yes' }, 'policy field idempotent is yes, expected true or false'],
  [{ approval: 1 }, 'policy field approval is 1, expected true or false'],
  [{ inDoubt: 'retry' }, 'policy field inDoubt is retry, expected ask or report or fail'],
  [{ onError: 'ignore' }, 'policy field onError is ignore, expected feedback or fail'],
  [{ replay: null }, 'policy field replay is null, expected execute or recorded'],
  [{ redact: 'all' }, 'policy field redact is all, expected a function'],
  [{ timeout: 5 }, 'policy field timeout does not exist'],
  [{ toString: 5 }, 'policy field toString does not exist'],
  [{ maxAttempts: 3 }, 'policy has maxAttempts 3, which needs idempotent true, not undefined'],
  [{ maxAttempts: 2, idempotent: false }, 'policy has maxAttempts 2, which needs idempotent true, not false'],
  [
    { replay: 'execute', idempotent: false },
    'policy has replay execute, which a tool with idempotent false does not allow',
  ],
])('%o is refused', ([policy, message]) => {
  expect(() => definePolicy(policy)).toThrow(expect.objectContaining({ code: 'TOOL_INVALID_DEFINITION', message }))
})

test('a policy is laid over the one the tool has', async () => {
  const tool = withPolicy(echo({ timeoutMs: 5, idempotent: true }), { timeoutMs: 10, maxAttempts: 2 })
  expect(tool.policy).toEqual({ timeoutMs: 10, idempotent: true, maxAttempts: 2 })
  expect(await tool.execute('{"a":1}', createToolContext())).toBe('{"a":1}')
})

test('a policy leaves the tool it is laid over alone', () => {
  const tool = echo({ timeoutMs: 5 })
  const { name, description, inputSchema } = tool
  expect(withPolicy(tool, { approval: true })).toMatchObject({ name, description, inputSchema })
  expect(tool.policy).toEqual({ timeoutMs: 5 })
})

test('two policies that contradict each other are refused together', () => {
  expect(() => withPolicy(echo({ maxAttempts: 2, idempotent: true }), { idempotent: false })).toThrow(
    'policy has maxAttempts 2, which needs idempotent true, not false',
  )
})

function echo(policy: ToolPolicy): Tool {
  return defineTool({
    name: 'echo',
    description: 'Returns its input.',
    input: z.looseObject({}),
    policy,
    execute: (input) => input,
  })
}
