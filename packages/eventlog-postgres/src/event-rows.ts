import type { Event } from '@starling/event'
import { EventLogError } from '@starling/eventlog'
import { goQuote } from '@starling/eventlog/backend'

import { MAX_TEXT_BYTES } from './limits.ts'

/** A row of {@link eventRow}, as the driver returns it; without the payload when that is too large to be read. */
export type EventRow = [
  seq: bigint,
  prevHash: Uint8Array | null,
  ts: bigint,
  kind: number,
  payload: Uint8Array | null,
  size: number,
]

const MAX_KIND = 0xff

// A page of large events ends when it has so many bytes, so that no reader holds many of them at once.
const MAX_PAGE_BYTES = 8 * 1024 * 1024

/** The columns of an {@link EventRow}, of the table `e`. */
export const EVENT_ROW: string = `e.seq, e.prev_hash, e.ts, e.kind, ${readable('e.payload')}, octet_length(e.payload)`

/** Returns the expression for bytes that can be read, and `NULL` in place of more than can: those would end the reader. */
export function readable(bytes: string): string {
  return `CASE WHEN octet_length(${bytes}) <= ${MAX_TEXT_BYTES} THEN ${bytes} END`
}

/**
 * Returns the query for the first rows of `found`, as many as have a page's
 * bytes between them, one at least, and behind `columns` how many rows there
 * are in all. `found` is a query with a limit, whose rows are called `e` and
 * have a payload.
 */
export function pageOf(columns: string, { found, order }: { readonly found: string; readonly order: string }): string {
  const size = 'coalesce(octet_length(e.payload), 0)'
  return `SELECT ${columns}, e.found FROM (
      SELECT *, count(*) OVER () AS found,
        sum(${size}) OVER (ORDER BY ${order} ROWS UNBOUNDED PRECEDING) - ${size} AS bytes_before
      FROM (${found}) AS e
    ) AS e WHERE e.bytes_before < ${MAX_PAGE_BYTES} ORDER BY ${order}`
}

/**
 * Returns the event in a row. Kinds count modulo 256, as the reference reads them.
 *
 * @throws {@link EventLogError} `EVENTLOG_STORAGE` when its payload is larger than can be read.
 */
export function toEvent(runId: string, row: EventRow): Event {
  const event = toReadableEvent(runId, row)
  if (event !== undefined) return event
  const [seq, , , , , size] = row
  const text = `event ${seq} of run ${goQuote(runId)} has ${size} bytes, at most ${MAX_TEXT_BYTES} can be read`
  throw new EventLogError('EVENTLOG_STORAGE', `eventlog/postgres: ${text}`)
}

/** Returns the event in a row; `undefined` for one that is too large to be read. */
export function toReadableEvent(runId: string, [seq, prevHash, ts, kind, payload]: EventRow): Event | undefined {
  return payload === null ? undefined : { runId, seq: Number(seq), prevHash, ts, kind: kind & MAX_KIND, payload }
}
