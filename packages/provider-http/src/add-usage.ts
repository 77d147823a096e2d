import type { Usage } from '@starling/provider'

/** Adds the tokens of one more request to those of an answer that takes several. */
export function addUsage(total: Usage | undefined, further: Usage): Usage {
  if (total === undefined) return further
  const cacheWriteLong = (total.cacheWriteLong ?? 0) + (further.cacheWriteLong ?? 0)
  return {
    input: total.input + further.input,
    cacheRead: total.cacheRead + further.cacheRead,
    cacheWrite: total.cacheWrite + further.cacheWrite,
    ...(cacheWriteLong > 0 && { cacheWriteLong }),
    output: total.output + further.output,
    reasoning: total.reasoning + further.reasoning,
  }
}
