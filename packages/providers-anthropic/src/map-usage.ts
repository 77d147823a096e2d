import { normalizeUsage, type Usage } from '@starling/provider'
import { isJsonObject, type JsonObject } from '@starling/provider-http'

/** Follows the token counts of one answer. */
export interface UsageMeter {
  /** Takes the `usage` of an event and returns what is known so far, if that is news; anything else is no report. */
  add(usage: unknown): Usage | undefined
}

/**
 * Starts to count.
 *
 * Every report repeats the ones before it and may leave parts out, so the
 * largest value of each part counts. The parts do not overlap, except that the
 * thinking is part of the output.
 */
export function createUsageMeter(): UsageMeter {
  let counts: Usage | undefined
  return {
    add(usage) {
      if (!isJsonObject(usage)) return undefined
      const before = counts
      counts = larger(counts, parseUsage(usage))
      return before !== undefined && isSame(before, counts) ? undefined : counts
    },
  }
}

function parseUsage(usage: JsonObject): Usage {
  const details = usage['output_tokens_details']
  const writes = usage['cache_creation']
  return normalizeUsage({
    input: count(usage['input_tokens']),
    cacheRead: count(usage['cache_read_input_tokens']),
    cacheWrite: count(usage['cache_creation_input_tokens']),
    cacheWriteLong: isJsonObject(writes) ? count(writes['ephemeral_1h_input_tokens']) : 0,
    output: count(usage['output_tokens']),
    reasoning: isJsonObject(details) ? count(details['thinking_tokens']) : 0,
  })
}

function larger(left: Usage | undefined, right: Usage): Usage {
  if (left === undefined) return right
  const cacheWriteLong = Math.max(left.cacheWriteLong ?? 0, right.cacheWriteLong ?? 0)
  return {
    input: Math.max(left.input, right.input),
    cacheRead: Math.max(left.cacheRead, right.cacheRead),
    cacheWrite: Math.max(left.cacheWrite, right.cacheWrite),
    ...(cacheWriteLong > 0 && { cacheWriteLong }),
    output: Math.max(left.output, right.output),
    reasoning: Math.max(left.reasoning, right.reasoning),
  }
}

function isSame(left: Usage, right: Usage): boolean {
  return JSON.stringify(left) === JSON.stringify(right)
}

function count(value: unknown): number {
  return typeof value === 'number' ? value : 0
}
