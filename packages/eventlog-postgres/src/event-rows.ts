import type { Event } from '@starling/event'

/** A row of {@link EVENT_ROW}, as the driver returns it. */
export type EventRow = [seq: bigint, prevHash: Uint8Array | null, ts: bigint, kind: number, payload: Uint8Array]

/** The columns of an {@link EventRow}. */
export const EVENT_ROW = 'seq, prev_hash, ts, kind, payload'

const MAX_KIND = 0xff

/** Returns the event in a row. Kinds count modulo 256, as the reference reads them. */
export function toEvent(runId: string, [seq, prevHash, ts, kind, payload]: EventRow): Event {
  return { runId, seq: Number(seq), prevHash, ts, kind: kind & MAX_KIND, payload }
}

/** Returns whether a text can be stored at all: the server takes none with U+0000 in it. */
export function isStorable(text: string): boolean {
  return !text.includes('\0')
}
