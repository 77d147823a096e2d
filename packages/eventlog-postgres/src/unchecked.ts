import type { Event } from '@starling/event'
import { EventLogError } from '@starling/eventlog'
import { goQuote } from '@starling/eventlog/backend'

import type { Connection } from './connection.ts'
import { codeOf } from './storage-error.ts'

const UNIQUE_VIOLATION = '23505'

/** Inserts events of one run in one statement, whatever their chain says. */
export async function insertUnchecked(connection: Connection, runId: string, events: readonly Event[]): Promise<void> {
  try {
    await connection.transactionOnce(async (run) => {
      await run('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [runId])
      await run(
        `INSERT INTO ${connection.names.events} (run_id, seq, prev_hash, ts, kind, payload)
         SELECT $1, * FROM unnest($2::bigint[], $3::bytea[], $4::bigint[], $5::integer[], $6::bytea[])`,
        [
          runId,
          events.map(({ seq }) => seq),
          events.map(({ prevHash }) => prevHash),
          events.map(({ ts }) => ts),
          events.map(({ kind }) => kind),
          events.map(({ payload }) => payload),
        ],
      )
    })
  } catch (error) {
    if (codeOf(error) !== UNIQUE_VIOLATION) throw connection.explain(error)
    const text = `run ${goQuote(runId)} already has an event with one of these numbers`
    throw new EventLogError('EVENTLOG_INVALID_APPEND', text, { cause: error })
  }
}
