import { hashEvent } from '@starling/event'
import type { Event } from '@starling/event'
import type pg from 'pg'

/** Inserts events as the reference does, one transaction each, under the lock of the run. */
export async function insertLikeReference(client: pg.Client, schema: string, events: readonly Event[]): Promise<void> {
  for (const { runId, seq, prevHash, ts, kind, payload } of events) {
    await client.query('BEGIN')
    await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [runId])
    await client.query(
      `INSERT INTO ${schema}.eventlog_events (run_id, seq, prev_hash, ts, kind, payload) VALUES ($1, $2, $3, $4, $5, $6)`,
      [runId, seq, prevHash, ts, kind, payload],
    )
    await client.query('COMMIT')
  }
}

/** Returns the event that follows `previous`, saying the same again. */
export function nextEvent(previous: Event): Event {
  return { ...previous, seq: previous.seq + 1, prevHash: hashEvent(previous), ts: previous.ts + 1n }
}

/** Returns the element at `index`, which must be there. */
export function at<T>(items: readonly T[], index: number): T {
  const item = items.at(index)
  if (item === undefined) throw new RangeError(`expected an element at ${index}, got ${items.length} of them`)
  return item
}
