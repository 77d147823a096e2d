import { fromHex } from '@starling/event'
import type { Event } from '@starling/event'

/** A run as recordings in JSON have it, as far as its events go. */
export interface RecordedEvents {
  readonly run_id: string
  /** In order, from seq 1. */
  readonly events: readonly RecordedEvent[]
}

/** An event of a recording; bytes are in hex. */
export interface RecordedEvent {
  readonly seq: number
  readonly kind: number
  /** Nanoseconds since the epoch. */
  readonly ts: string | number
  readonly prev_hash_hex?: string | null
  readonly payload_cbor_hex: string
}

/** An event of the vectors, which stands by itself; bytes are in hex. */
export interface VectorEvent {
  readonly run_id: string
  readonly seq: number
  readonly prev_hash: string | null
  readonly ts: number
  readonly kind: number
  readonly payload_hex: string
}

/** Returns the events of a recorded run. */
export function eventsOfRecording({ run_id: runId, events }: RecordedEvents): readonly Event[] {
  return events.map((event) => ({
    runId,
    seq: event.seq,
    prevHash: typeof event.prev_hash_hex === 'string' ? fromHex(event.prev_hash_hex) : null,
    ts: BigInt(event.ts),
    kind: event.kind,
    payload: fromHex(event.payload_cbor_hex),
  }))
}

/** Returns the event that a vector describes. */
export function eventOfVector(event: VectorEvent): Event {
  return {
    runId: event.run_id,
    seq: event.seq,
    prevHash: event.prev_hash === null ? null : fromHex(event.prev_hash),
    ts: BigInt(event.ts),
    kind: event.kind,
    payload: fromHex(event.payload_hex),
  }
}
