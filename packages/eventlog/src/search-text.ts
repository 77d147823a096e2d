import { decodeCbor, CborFloat, decodePayload, KIND } from '@starling/event'
import type { CborValue, Event, Kind, PayloadByKind } from '@starling/event'

/**
 * Returns the words of an event for full-text search: goal, messages, texts,
 * reasoning that is not redacted, tool names, errors, and what arguments,
 * results and recorded side effects hold.
 *
 * Ids, hashes and byte strings are left out. An event of an unknown kind, or
 * one that does not decode, has no words.
 */
export function searchTextOf(event: Event): string {
  try {
    const words = READERS.get(event.kind)?.(event.payload) ?? []
    return words.filter((text) => text !== undefined && text !== '').join('\n')
  } catch {
    // A damaged payload is validation's business; it must not stop an append or a search.
    return ''
  }
}

type Words = readonly (string | undefined)[]
type Reader = (payload: Uint8Array) => Words

// TurnStarted has ids and hashes only.
const READERS: ReadonlyMap<number, Reader> = new Map([
  reader(KIND.RunStarted, ({ goal }) => [goal]),
  reader(KIND.UserMessageAppended, ({ content }) => [content]),
  reader(KIND.ReasoningEmitted, ({ content, redacted }) => (redacted === true ? [] : [content])),
  reader(KIND.AssistantMessageCompleted, ({ text, toolUses = [] }) => [
    text,
    ...toolUses.flatMap(({ tool, args }) => [tool, embedded(args)]),
  ]),
  reader(KIND.ToolCallScheduled, ({ tool, args }) => [tool, embedded(args)]),
  reader(KIND.ToolCallCompleted, ({ result }) => [embedded(result)]),
  reader(KIND.ToolCallFailed, ({ errorType, error }) => [errorType, error]),
  reader(KIND.SideEffectRecorded, ({ name, value, error }) => [name, embedded(value), error]),
  reader(KIND.BudgetExceeded, ({ limit, partialText }) => [limit, partialText]),
  reader(KIND.ContextTruncated, ({ strategy }) => [strategy]),
  reader(KIND.RunCompleted, ({ finalText }) => [finalText]),
  reader(KIND.RunFailed, ({ errorType, error }) => [errorType, error]),
  reader(KIND.RunCancelled, ({ reason }) => [reason]),
  reader(KIND.RunResumed, ({ extraMessage }) => [extraMessage]),
  reader(KIND.TurnFailed, ({ errorClass, error, partialText }) => [errorClass, error, partialText]),
])

function reader<K extends Kind>(kind: K, words: (payload: PayloadByKind[K]) => Words): [number, Reader] {
  return [kind, (payload) => words(decodePayload(kind, payload))]
}

function embedded(cbor: Uint8Array): string {
  const words: string[] = []
  collect(decodeCbor(cbor), words)
  return words.join(' ')
}

// Depth is bounded by the decoder.
function collect(value: CborValue, words: string[]): void {
  if (typeof value === 'string') words.push(value)
  else if (typeof value === 'number' || typeof value === 'bigint') words.push(String(value))
  else if (value instanceof CborFloat) words.push(String(value.value))
  else if (Array.isArray(value)) for (const item of value) collect(item, words)
  else if (value instanceof Map) {
    for (const [key, item] of value) {
      collect(key, words)
      collect(item, words)
    }
  }
}
