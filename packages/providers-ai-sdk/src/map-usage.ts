import { normalizeUsage, type Usage } from '@starling/provider'
import { isJsonObject, type JsonObject } from '@starling/provider-http'

/** Vendors whose packages of version 2 counted cached tokens beside the input, as the vendors do. */
const CACHE_BESIDE_INPUT = /anthropic|bedrock/i

/**
 * Maps the usage of a `finish` part, nested or flat; `undefined` when the vendor reported nothing.
 *
 * @param provider - the name of the model's provider: in version 2 it decides what the input includes.
 */
export function mapUsage(usage: unknown, provider: string): Usage | undefined {
  if (!isJsonObject(usage)) return undefined
  const { inputTokens, outputTokens } = usage
  if (!isJsonObject(inputTokens) && !isJsonObject(outputTokens)) return mapFlatUsage(usage, provider)
  const input = isJsonObject(inputTokens) ? inputTokens : {}
  const output = isJsonObject(outputTokens) ? outputTokens : {}
  const noCache = count(input['noCache'])
  const total = count(input['total'])
  const reasoning = count(output['reasoning'])
  const written = count(output['total']) ?? sum(count(output['text']), reasoning)
  if (total === undefined && noCache === undefined && written === undefined) return undefined
  return normalizeUsage(
    {
      input: noCache ?? total,
      cacheRead: count(input['cacheRead']),
      cacheWrite: count(input['cacheWrite']),
      cacheWriteLong: longWrites(usage['raw']),
      output: written,
      reasoning,
    },
    { inputIncludesCache: noCache === undefined },
  )
}

function mapFlatUsage(usage: JsonObject, provider: string): Usage | undefined {
  const input = count(usage['inputTokens'])
  const output = count(usage['outputTokens'])
  if (input === undefined && output === undefined) return undefined
  const cacheRead = count(usage['cachedInputTokens'])
  return normalizeUsage(
    { input, cacheRead, output, reasoning: count(usage['reasoningTokens']) },
    { inputIncludesCache: !CACHE_BESIDE_INPUT.test(provider) && (cacheRead ?? 0) <= (input ?? 0) },
  )
}

/** Only Anthropic tells how long what it wrote lives, and the specification has no word for it. */
function longWrites(raw: unknown): number | undefined {
  const creation: unknown = isJsonObject(raw) ? raw['cache_creation'] : undefined
  return isJsonObject(creation) ? count(creation['ephemeral_1h_input_tokens']) : undefined
}

function sum(left: number | undefined, right: number | undefined): number | undefined {
  return left === undefined && right === undefined ? undefined : (left ?? 0) + (right ?? 0)
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}
