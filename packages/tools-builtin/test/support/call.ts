import type { Tool, ToolContext } from '@starling/tool'
import { createToolContext } from '@starling/tool/conformance'

/** Calls a tool and reads its result. */
export async function call<Result>(
  tool: Tool,
  input: unknown,
  context: ToolContext = createToolContext(),
): Promise<Result> {
  return JSON.parse(await tool.execute(JSON.stringify(input), context)) as Result
}

/** Calls a tool that fails, and returns what it failed with. */
export async function callFailing(
  tool: Tool,
  input: unknown,
  context: ToolContext = createToolContext(),
): Promise<Error & { readonly code?: string }> {
  const outcome = await tool.execute(JSON.stringify(input), context).then(
    (text) => new Error(`expected a failure, got ${text.slice(0, 500)}`),
    (error: unknown) => error,
  )
  return outcome as Error & { readonly code?: string }
}
