import { decodeCbor, CborFloat, decodePayload, isKnownKind, KIND } from '@starling/event'
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
  if (!isKnownKind(event.kind)) return ''
  try {
    return wordsOf(event.kind, event.payload)
      .filter((text) => text !== undefined && text !== '')
      .join('\n')
  } catch {
    // A damaged payload is validation's business; it must not stop an append or a search.
    return ''
  }
}

type Words = readonly (string | undefined)[]
type WordsByKind = { readonly [K in Kind]: (payload: PayloadByKind[K]) => Words }

const WORDS: WordsByKind = {
  [KIND.RunStarted]: (payload) => [payload.goal],
  [KIND.UserMessageAppended]: (payload) => [payload.content],
  [KIND.TurnStarted]: () => [],
  [KIND.ReasoningEmitted]: (payload) => (payload.redacted === true ? [] : [payload.content]),
  [KIND.AssistantMessageCompleted]: (payload) => [
    payload.text,
    ...(payload.toolUses ?? []).flatMap((use) => [use.tool, embedded(use.args)]),
  ],
  [KIND.ToolCallScheduled]: (payload) => [payload.tool, embedded(payload.args)],
  [KIND.ToolCallCompleted]: (payload) => [embedded(payload.result)],
  [KIND.ToolCallFailed]: (payload) => [payload.errorType, payload.error],
  [KIND.SideEffectRecorded]: (payload) => [payload.name, embedded(payload.value), payload.error],
  [KIND.BudgetExceeded]: (payload) => [payload.limit, payload.partialText],
  [KIND.ContextTruncated]: (payload) => [payload.strategy],
  [KIND.RunCompleted]: (payload) => [payload.finalText],
  [KIND.RunFailed]: (payload) => [payload.errorType, payload.error],
  [KIND.RunCancelled]: (payload) => [payload.reason],
  [KIND.RunResumed]: (payload) => [payload.extraMessage],
  [KIND.TurnFailed]: (payload) => [payload.errorClass, payload.error, payload.partialText],
}

function wordsOf<K extends Kind>(kind: K, payload: Uint8Array): Words {
  return WORDS[kind](decodePayload(kind, payload))
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
