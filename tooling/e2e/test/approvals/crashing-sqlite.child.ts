/** Stands in for the SQLite log in the bundle of the program: a process that is told to kills itself at an event. */
import type { EventLog } from '@starling/eventlog'
import { openSqliteEventLog as open, type SqliteEventLogOptions } from '@starling/eventlog-sqlite'
import { createCrashingLog } from '../crash/crashing-log.ts'

export { forkSqliteFile } from '@starling/eventlog-sqlite'

/** Opens the log; with `CRASH_AT_SEQ` set, its events are appended one by one until this one is durable. */
export async function openSqliteEventLog(options: SqliteEventLogOptions): Promise<EventLog> {
  const log = await open(options)
  const seq = process.env['CRASH_AT_SEQ']
  return seq === undefined ? log : createCrashingLog(log, { type: 'event', seq: Number(seq) })
}
