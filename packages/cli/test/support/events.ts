import { encodePayload, hashEvent, KIND, merkleRoot, type Event, type Kind, type PayloadByKind } from '@starling/event'

/** One event to be made: its kind and payload. */
export type Entry = { [K in Kind]: readonly [K, PayloadByKind[K]] }[Kind]

const START = 1_767_225_600_000_000_000n // 2026-01-01T00:00:00Z
const MILLISECOND = 1_000_000n

/** Chains entries into the events of a run, one millisecond apart. */
export function chain(runId: string, entries: readonly Entry[], start: bigint = START): Event[] {
  const events: Event[] = []
  for (const [index, entry] of entries.entries()) {
    const previous = events.at(-1)
    events.push({
      runId,
      seq: index + 1,
      prevHash: previous === undefined ? null : hashEvent(previous),
      ts: start + BigInt(index) * MILLISECOND,
      kind: entry[0],
      payload: encode(entry),
    })
  }
  return events
}

function encode<K extends Kind>(entry: readonly [K, PayloadByKind[K]]): Uint8Array {
  return encodePayload(entry[0], entry[1])
}

/** Appends a terminal event with the right Merkle root. */
export function complete(events: readonly Event[], finalText: string): Event[] {
  const last = events.at(-1)
  if (last === undefined) throw new Error('a run needs events before its end')
  const payload = encodePayload(KIND.RunCompleted, {
    finalText,
    turnCount: 1,
    toolCallCount: 0,
    totalCostUsd: 0,
    totalInputTokens: 12,
    totalOutputTokens: 4,
    durationMs: 3,
    merkleRoot: merkleRoot(events.map((event) => hashEvent(event))),
  })
  return [
    ...events,
    {
      runId: last.runId,
      seq: last.seq + 1,
      prevHash: hashEvent(last),
      ts: last.ts + MILLISECOND,
      kind: KIND.RunCompleted,
      payload,
    },
  ]
}

/** A run that said hello and ended well. */
export function helloRun(runId: string, start: bigint = START): Event[] {
  return complete(chain(runId, helloEntries(), start), 'Hello, world.')
}

/** A run whose end claims the root of other events. */
export function corruptRun(runId: string, start: bigint = START): Event[] {
  const other = complete(chain(runId, helloEntries('another goal')), 'Hello, world.')
  return helloRun(runId, start).map((event, index, all) =>
    index === all.length - 1 ? { ...event, payload: other.at(-1)?.payload ?? event.payload } : event,
  )
}

/** The entries of a run that said hello, without the end. */
export function helloEntries(goal = 'Say hello'): Entry[] {
  return [
    [KIND.RunStarted, runStarted(goal)],
    [KIND.TurnStarted, { turnId: 'turn-1', promptHash: null, inputTokens: 9 }],
    [KIND.AssistantMessageCompleted, answer('turn-1', 'Hello, world.')],
  ]
}

/** The first payload of a run. */
export function runStarted(goal: string): PayloadByKind[typeof KIND.RunStarted] {
  return {
    schemaVersion: 1,
    goal,
    providerId: 'scripted',
    modelId: 'test-model',
    apiVersion: 'v0',
    paramsHash: null,
    params: null,
    systemPromptHash: null,
    systemPrompt: '',
    toolRegistryHash: null,
    toolSchemas: [],
  }
}

/** The payload of an answer. */
export function answer(turnId: string, text: string): PayloadByKind[typeof KIND.AssistantMessageCompleted] {
  return { turnId, text, stopReason: 'stop', inputTokens: 12, outputTokens: 4, costUsd: 0.5, rawResponseHash: null }
}
