import type { CacheControl, ModelRequest, Usage } from '@starling/provider'
import { isJsonObject, type JsonObject } from '@starling/provider-http'

// The vendors that cache what is marked; the others cache by themselves.
const CACHES_ON_REQUEST = /^~?(?:anthropic|google)\//
// Of these only Anthropic's take a mark at a tool, and only its entries have a life of one's choice.
const ANTHROPIC = /^~?anthropic\//

/**
 * Marks the messages of a body that end what is to be cached.
 *
 * The mark of the system prompt stands for the tools too: they come before it.
 */
export function markCache(messages: readonly JsonObject[], request: ModelRequest): readonly JsonObject[] {
  const { cache, model } = request
  if (cache === undefined || !CACHES_ON_REQUEST.test(model)) return messages
  const marker = markerOf(cache, model)
  const marksSystem = cache.systemPrompt === true || cache.tools === true
  return messages.map((message, index) => {
    const isMarked =
      (marksSystem && message['role'] === 'system') || (cache.messages === true && index === messages.length - 1)
    return isMarked ? marked(message, marker) : message
  })
}

/** The mark of the tools, at the last of them, where no system prompt can bear it. */
export function markTools({ cache, model, systemPrompt }: ModelRequest): { readonly cache_control?: JsonObject } {
  const bearsMark = cache?.tools === true && systemPrompt === '' && ANTHROPIC.test(model)
  return bearsMark ? { cache_control: markerOf(cache, model) } : {}
}

/**
 * Tells the cache writes that live an hour. OpenRouter reports all writes as
 * one, but the marks of a request all ask for the same life.
 */
export function splitCacheWrites(usage: Usage, { request, model }: Answer): Usage {
  const isLong = request.cache?.ttl === '1h' && ANTHROPIC.test(model) && usage.cacheWrite > 0
  return isLong ? { ...usage, cacheWriteLong: usage.cacheWrite } : usage
}

/** What was asked, and who answered. */
interface Answer {
  readonly request: ModelRequest
  readonly model: string
}

function markerOf({ ttl }: CacheControl, model: string): JsonObject {
  return { type: 'ephemeral', ...(ttl !== undefined && ANTHROPIC.test(model) && { ttl }) }
}

function marked(message: JsonObject, marker: JsonObject): JsonObject {
  const { content } = message
  const parts: readonly unknown[] = Array.isArray(content) ? content : [{ type: 'text', text: content }]
  const last = parts.at(-1)
  // Nothing, and an empty text, cannot be marked.
  if (!isJsonObject(last) || last['text'] === '' || (last['type'] === 'text' && last['text'] === undefined)) {
    return message
  }
  return { ...message, content: [...parts.slice(0, -1), { ...last, cache_control: marker }] }
}
