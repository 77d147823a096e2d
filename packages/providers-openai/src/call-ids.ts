import { blake3, toHex, utf8Encode } from '@starling/event'
import { isOwnAnswer, type Message, partsOf } from '@starling/provider'
import type { Recipient } from './earlier-answer.ts'

/** The longest id of a call that Chat Completions takes; those of Gemini and vLLM, among others, are longer. */
const CHAT_ID_CHARS = 40

/** The longest id of a call that the Responses API takes. */
const RESPONSES_ID_CHARS = 64

// With them an id is short enough for either, and no two calls of the world share one by chance.
const HASH_DIGITS = 32

// Each further one is another hash: whoever writes the same for all of them will not write anything else.
const MAX_TRIES = 100

/** Writes the id of a call for a vendor that did not name it, the same for the same id. */
export type WriteCallId = (id: string) => string

/** Writes an id that is too long for Chat Completions as a hash, any other as it is. */
export function chatCallId(id: string): string {
  return noLongerThan(CHAT_ID_CHARS, id)
}

/** Writes an id that is too long for the Responses API as a hash, any other as it is. */
export function responsesCallId(id: string): string {
  return noLongerThan(RESPONSES_ID_CHARS, id)
}

/** Mistral takes ids of nine letters and digits. */
export function mistralCallId(id: string): string {
  return /^[a-zA-Z0-9]{9}$/.test(id) ? id : hashOf(id).slice(0, 9)
}

/**
 * Makes the function that names the calls of a conversation, in answers and results alike.
 *
 * The recipient gets its own ids back as they are, those of another provider or model as `write` says. No two calls
 * share a name: one whose name is taken by a call before it gets another. So what is added to the end of a conversation
 * changes no name before it, and what the vendor has cached of it stays good.
 */
export function nameCalls(messages: readonly Message[], recipient: Recipient, write: WriteCallId): WriteCallId {
  const names = new Map<string, string>()
  const taken = new Set<string>()
  for (const [id, isForeign] of callIdsOf(messages, recipient)) {
    const name = freeName(id, isForeign ? write(id) : id, { write, taken })
    names.set(id, name)
    taken.add(name)
  }
  return (id) => names.get(id) ?? id
}

/** The ids in the order of the conversation, and whether another provider or model gave them. */
function callIdsOf(messages: readonly Message[], { providerId, model }: Recipient): ReadonlyMap<string, boolean> {
  const ids = new Map<string, boolean>()
  for (const message of messages) {
    if (message.role !== 'assistant') continue
    const isForeign = !isOwnAnswer(message, providerId, model)
    for (const part of partsOf(message)) {
      if (part.type === 'tool-use' && !ids.has(part.callId)) ids.set(part.callId, isForeign)
    }
  }
  return ids
}

interface Naming {
  readonly write: WriteCallId
  readonly taken: ReadonlySet<string>
}

function freeName(id: string, name: string, { write, taken }: Naming): string {
  for (let attempt = 1; taken.has(name) && attempt < MAX_TRIES; attempt++) {
    const other = write(`${id}#${attempt}`)
    if (!taken.has(other)) return other
  }
  return name
}

function noLongerThan(limit: number, id: string): string {
  return id.length > limit ? `call_${hashOf(id)}` : id
}

function hashOf(id: string): string {
  return toHex(blake3(utf8Encode(id))).slice(0, HASH_DIGITS)
}
