import { encodePayload, hashEvent, KIND, type Event } from '@starling/event'

const TS = 1_795_256_961_295_544_784n

/** Encodes and chains the events of one run, each when it is asked for. */
export interface Chain {
  readonly runId: string
  next(): Event
}

/** Starts a run whose events carry `text`. */
export function createChain(runId: string, text: string): Chain {
  let last: Event | undefined
  return {
    runId,
    next(): Event {
      const seq = (last?.seq ?? 0) + 1
      const prevHash = last === undefined ? null : hashEvent(last)
      last = { runId, seq, prevHash, ts: TS + BigInt(seq), ...contentOf(seq, text) }
      return last
    },
  }
}

/** Names the `run`-th run, in 26 characters. */
export function runIdOf(run: number): string {
  return `01M7YTEJ8FH04JCXYN4B${String(run).padStart(6, '0')}`
}

/** Encodes an answer of the model that carries `text`. */
export function encodeAnswer(text: string, tokens: number): Uint8Array {
  return encodePayload(KIND.AssistantMessageCompleted, {
    turnId: '01M7YTEJ8FH04JCXYN4BVERCG7',
    text,
    stopReason: 'stop',
    inputTokens: tokens,
    outputTokens: 12,
    costUsd: 0.000_004_2,
    rawResponseHash: null,
  })
}

// A run begins with its own kind of event; the rest of it need not tell a story to be stored.
function contentOf(seq: number, text: string): Pick<Event, 'kind' | 'payload'> {
  return { kind: KIND.AssistantMessageCompleted, payload: encodeAnswer(text, seq) }
}
