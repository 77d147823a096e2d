import { blake3, toHex, utf8Encode } from '@starling/event'
import { type AssistantMessage, isOwnAnswer, type Message, partsOf } from '@starling/provider'

/** What the strictest of the vendors take whose ids are opaque: OpenAI in length, Anthropic in characters. */
const TAKEN_BY_ALL = /^[a-zA-Z0-9_-]{1,40}$/

// With them no two calls of a conversation share an id by chance.
const HASH_DIGITS = 32

/** Who is about to read a conversation; whoever is left out is taken for its author. */
interface Reader {
  readonly providerId?: string | undefined
  readonly model?: string | undefined
}

/**
 * Gives the calls that another provider or model named ids that any vendor takes, in answers and results alike.
 *
 * Packages pass ids on as they are, and which vendor is behind one nobody knows here. An id that all take stays, any
 * other becomes a hash, the same every time; the reader's own ids are its own affair.
 */
export function shortenCallIds(messages: readonly Message[], { providerId, model }: Reader): readonly Message[] {
  const answers = messages.filter((message) => message.role === 'assistant')
  const foreign = answers.filter((message) => !isOwnAnswer(message, providerId, model))
  const ids = foreign.flatMap((message) => callIdsOf(message)).filter((id) => !TAKEN_BY_ALL.test(id))
  if (ids.length === 0) return messages
  const names = new Map(ids.map((id) => [id, `call_${toHex(blake3(utf8Encode(id))).slice(0, HASH_DIGITS)}`]))
  return messages.map((message) => renamed(message, (id) => names.get(id) ?? id))
}

function callIdsOf(message: AssistantMessage): string[] {
  return partsOf(message).flatMap((part) => (part.type === 'tool-use' ? [part.callId] : []))
}

function renamed(message: Message, nameOf: (id: string) => string): Message {
  if (message.role === 'user') return message
  if (message.role === 'tool') return { ...message, callId: nameOf(message.callId) }
  return {
    ...message,
    toolUses: message.toolUses.map((use) => ({ ...use, callId: nameOf(use.callId) })),
    ...(message.parts !== undefined && {
      parts: message.parts.map((part) => (part.type === 'tool-use' ? { ...part, callId: nameOf(part.callId) } : part)),
    }),
  }
}
