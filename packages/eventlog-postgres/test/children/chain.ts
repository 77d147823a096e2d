import { encodePayload, hashEvent, KIND } from '@starling/event'
import type { Event } from '@starling/event'

/**
 * Yields events of a run for ever, each linked to the one before. The builder
 * of the conformance suite cannot be loaded outside its test runner.
 */
export function* chain(runId: string): Generator<Event, never, undefined> {
  for (let previous: Event | undefined; ;) {
    const seq: number = (previous?.seq ?? 0) + 1
    previous = {
      runId,
      seq,
      prevHash: previous === undefined ? null : hashEvent(previous),
      ts: 1_795_256_961_295_544_784n + BigInt(seq),
      kind: seq === 1 ? KIND.RunStarted : KIND.UserMessageAppended,
      payload: seq === 1 ? STARTED : encodePayload(KIND.UserMessageAppended, { content: `message ${seq} of ${runId}` }),
    }
    yield previous
  }
}

const STARTED = encodePayload(KIND.RunStarted, {
  schemaVersion: 1,
  goal: 'go on',
  providerId: 'test',
  modelId: 'test',
  apiVersion: '1',
  paramsHash: null,
  params: null,
  systemPromptHash: null,
  systemPrompt: '',
  toolRegistryHash: null,
  toolSchemas: [],
})
