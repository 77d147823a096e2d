import { normalizeUsage, type Usage } from '@starling/provider'
import { isJsonObject, type JsonObject } from '@starling/provider-http'

/**
 * Maps the token counts of an answer.
 *
 * Bedrock counts cached tokens beside `inputTokens`, and reasoning inside
 * `outputTokens` without saying how much of them it was.
 */
export function mapUsage(usage: JsonObject): Usage {
  return normalizeUsage({
    input: count(usage['inputTokens']),
    cacheRead: count(usage['cacheReadInputTokens']),
    cacheWrite: count(usage['cacheWriteInputTokens']),
    cacheWriteLong: countLong(usage['cacheDetails']),
    output: count(usage['outputTokens']),
  })
}

// The writes again, by how long their entries live.
function countLong(details: unknown): number {
  if (!Array.isArray(details)) return 0
  const long = details.filter(isJsonObject).filter(({ ttl }) => ttl === '1h')
  return long.reduce((sum, { inputTokens }) => sum + (count(inputTokens) ?? 0), 0)
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}
