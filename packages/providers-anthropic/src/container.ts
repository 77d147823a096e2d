import { type Message, type ModelRequest, partsOf } from '@starling/provider'
import { isJsonObject, type JsonObject, parseJsonObject } from '@starling/provider-http'

/** Where the vendor's servers run the code of a conversation. */
interface Container {
  readonly id: string
  /** When it is thrown away, in milliseconds since the epoch; `NaN` when that is not known. */
  readonly expiresAtMs: number
}

/** Whose containers they are, and what time it is. */
interface ContainerContext {
  readonly providerId: string
  /** In milliseconds since the epoch. */
  readonly nowMs: number
}

/** Writes the container of an answer as an opaque part; `undefined` when it has none. */
export function containerPart(container: unknown): string | undefined {
  if (!isJsonObject(container) || typeof container['id'] !== 'string') return undefined
  return JSON.stringify({ container })
}

/** Reads an opaque part that {@link containerPart} wrote; `undefined` for any other. */
export function parseContainer(data: string): Container | undefined {
  const container = parseJsonObject(data)?.['container']
  if (!isJsonObject(container) || typeof container['id'] !== 'string') return undefined
  return { id: container['id'], expiresAtMs: Date.parse(String(container['expires_at'])) }
}

/**
 * Finds the container to go on with: the one of the last answer of its own that
 * had any, unless `params` name another one or it is no more.
 */
export function convertContainer(request: ModelRequest, { providerId, nowMs }: ContainerContext): JsonObject {
  const asked = request.params?.['container'] ?? {}
  if (!isJsonObject(asked) || asked['id'] !== undefined) return {}
  const last = request.messages.flatMap((message) => containersOf(message, providerId, request.model)).at(-1)
  if (last === undefined || last.expiresAtMs <= nowMs) return {}
  return { container: Object.keys(asked).length === 0 ? last.id : { ...asked, id: last.id } }
}

function containersOf(message: Message, providerId: string, model: string): Container[] {
  if (message.role !== 'assistant') return []
  return partsOf(message, providerId, model).flatMap((part) => {
    const container = part.type === 'opaque' ? parseContainer(part.data) : undefined
    return container === undefined ? [] : [container]
  })
}
