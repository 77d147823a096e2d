import { ToolError } from '@starling/tool'
import { compileGlobs, type PathMatcher } from './glob.ts'

/** Every pattern that may be written, without braces; what a model can do with them is no reason to wait. */
const MAX_CHARACTERS = 64 * 1024

/**
 * Compiles globs that a model wrote; `undefined` for none.
 *
 * @throws `ToolError` `TOOL_INVALID_INPUT` for one that cannot be read.
 */
export function readInputGlobs(name: string, patterns: readonly string[] | undefined): PathMatcher | undefined {
  if (patterns === undefined || patterns.length === 0) return undefined
  const matcher = compileGlobs(patterns, { maxCharacters: MAX_CHARACTERS })
  if (typeof matcher === 'function') return matcher
  const { invalid, problem } = matcher
  throw new ToolError('TOOL_INVALID_INPUT', `${name} has ${JSON.stringify(invalid)}, which ${problem}`)
}
