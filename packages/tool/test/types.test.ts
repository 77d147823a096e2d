import { expectTypeOf, test } from 'vitest'
import * as z from 'zod'

import {
  defineTool,
  type InferToolInput,
  type StandardJSONSchemaV1,
  type StandardSchemaV1,
  type Tool,
  type ToolContext,
  type ToolErrorCode,
  type ToolInputSchema,
} from '../src/index.ts'

test('the input of a tool has the type of its zod schema', () => {
  const input = z.object({ a: z.string(), b: z.number().default(1), c: z.enum(['x', 'y']).optional() })
  const tool = defineTool({
    name: 'typed',
    description: 'Has a typed input.',
    input,
    execute(given, context) {
      expectTypeOf(given).toEqualTypeOf<{ a: string; b: number; c?: 'x' | 'y' | undefined }>()
      expectTypeOf(context).toEqualTypeOf<ToolContext>()
      return given.a
    },
  })
  expectTypeOf(tool).toEqualTypeOf<Tool>()
})

test('the input of a tool has the type that its parser returns', () => {
  defineTool({
    name: 'parsed',
    description: 'Has a parsed input.',
    input: { schema: { type: 'object' }, parse: (value) => new Set([String(value)]) },
    execute(given) {
      expectTypeOf(given).toEqualTypeOf<Set<string>>()
    },
  })
  expectTypeOf<InferToolInput<{ schema: object; parse(value: unknown): Promise<number> }>>().toEqualTypeOf<number>()
})

test('zod schemas are schemas of the vendored standard', () => {
  const schema = z.object({ at: z.string().transform(Number) })
  expectTypeOf(schema).toExtend<StandardSchemaV1<{ at: string }, { at: number }>>()
  expectTypeOf(schema).toExtend<StandardJSONSchemaV1<{ at: string }, { at: number }>>()
  expectTypeOf(schema).toExtend<ToolInputSchema>()
  expectTypeOf<InferToolInput<typeof schema>>().toEqualTypeOf<{ at: number }>()
})

test('what describes no input is no input schema', () => {
  expectTypeOf<{ type: 'object' }>().not.toExtend<ToolInputSchema>()
  expectTypeOf<StandardSchemaV1>().not.toExtend<ToolInputSchema>()
})

test('the codes of the errors are known', () => {
  expectTypeOf<ToolErrorCode>().toEqualTypeOf<
    | 'TOOL_INVALID_INPUT'
    | 'TOOL_INVALID_OUTPUT'
    | 'TOOL_RESULT_TOO_LARGE'
    | 'TOOL_TIMEOUT'
    | 'TOOL_TRANSIENT'
    | 'TOOL_NOT_FOUND'
    | 'TOOL_DENIED'
    | 'TOOL_INVALID_DEFINITION'
  >()
})
