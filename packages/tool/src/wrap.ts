import type { Tool, ToolContext } from './tool.ts'

/**
 * Stands around the calls of a tool: may look at, change, answer or refuse them.
 *
 * A middleware that does not call `next` answers the call itself.
 */
export type ToolMiddleware = (input: string, context: ToolContext, next: Tool['execute']) => Promise<string>

/**
 * Returns a tool whose calls go through `middleware`; the first one is outermost and runs first.
 *
 * Name, description, schema and policy stay the same. Without middleware the
 * tool itself is returned.
 *
 * @example
 * ```ts
 * const cached = wrap(tool, async (input, context, next) => {
 *   const known = cache.get(input) ?? (await next(input, context))
 *   cache.set(input, known)
 *   return known
 * })
 * ```
 */
export function wrap(tool: Tool, ...middleware: readonly ToolMiddleware[]): Tool {
  if (middleware.length === 0) return tool
  const innermost: Tool['execute'] = (input, context) => tool.execute(input, context)
  const execute = middleware.reduceRight<Tool['execute']>(
    (next, around) => async (input, context) => around(input, context, next),
    innermost,
  )
  return { ...describe(tool), execute }
}

function describe(tool: Tool): Omit<Tool, 'execute'> {
  const { name, description, inputSchema, policy } = tool
  return policy === undefined ? { name, description, inputSchema } : { name, description, inputSchema, policy }
}
