import { normalizeUsage, type Usage } from '@starling/provider'
import { isJsonObject, type JsonObject } from '@starling/provider-http'

/**
 * Maps the usage that a vendor's own chunk tells, in the words of OpenAI's two
 * APIs, Anthropic's or Gemini's; `undefined` for a chunk that tells none.
 *
 * Packages sum up what an answer used when it ends; of one that breaks off this
 * is all there is. A usage of the package itself replaces it.
 */
export function mapRawUsage(chunk: unknown): Usage | undefined {
  if (!isJsonObject(chunk)) return undefined
  const { type, message, usage, response, usageMetadata } = chunk
  if (isJsonObject(usageMetadata)) return ofGemini(usageMetadata)
  if (isJsonObject(message) && type === 'message_start') return mapAnthropicUsage(message['usage'])
  if (isJsonObject(response)) return ofResponses(response['usage'])
  if (type === 'message_delta') return mapAnthropicUsage(usage)
  return ofChat(usage)
}

/** Maps what Anthropic has counted so far; `undefined` when it says nothing of the input. */
export function mapAnthropicUsage(usage: unknown): Usage | undefined {
  if (!isJsonObject(usage) || count(usage['input_tokens']) === undefined) return undefined
  return normalizeUsage({
    input: count(usage['input_tokens']),
    cacheRead: count(usage['cache_read_input_tokens']),
    cacheWrite: count(usage['cache_creation_input_tokens']),
    cacheWriteLong: count(details(usage['cache_creation'])['ephemeral_1h_input_tokens']),
    output: count(usage['output_tokens']),
  })
}

function ofGemini(usage: JsonObject): Usage {
  const prompt = count(usage['promptTokenCount']) ?? 0
  const reasoning = count(usage['thoughtsTokenCount'])
  return normalizeUsage(
    {
      input: prompt + (count(usage['toolUsePromptTokenCount']) ?? 0),
      cacheRead: count(usage['cachedContentTokenCount']),
      output: count(usage['candidatesTokenCount']),
      reasoning,
    },
    { inputIncludesCache: true, outputExcludesReasoning: true },
  )
}

function ofResponses(usage: unknown): Usage | undefined {
  if (!isJsonObject(usage) || count(usage['input_tokens']) === undefined) return undefined
  return normalizeUsage(
    {
      input: count(usage['input_tokens']),
      cacheRead: count(details(usage['input_tokens_details'])['cached_tokens']),
      output: count(usage['output_tokens']),
      reasoning: count(details(usage['output_tokens_details'])['reasoning_tokens']),
    },
    { inputIncludesCache: true },
  )
}

function ofChat(usage: unknown): Usage | undefined {
  if (!isJsonObject(usage) || count(usage['prompt_tokens']) === undefined) return undefined
  return normalizeUsage(
    {
      input: count(usage['prompt_tokens']),
      cacheRead: count(details(usage['prompt_tokens_details'])['cached_tokens']),
      output: count(usage['completion_tokens']),
      reasoning: count(details(usage['completion_tokens_details'])['reasoning_tokens']),
    },
    { inputIncludesCache: true },
  )
}

function details(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {}
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}
