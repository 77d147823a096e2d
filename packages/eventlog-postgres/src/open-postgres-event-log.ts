import { EventLogError } from '@starling/eventlog'

import { Connection } from './connection.ts'
import { connect } from './connect-options.ts'
import type { ConnectOptions } from './connect-options.ts'
import { createPostgresEventLog } from './postgres-event-log.ts'
import type { PostgresEventLog } from './postgres-event-log.ts'
import { checkVersion, inspect, isCurrent, migrate } from './schema.ts'
import type { Found } from './schema.ts'

const DEFAULT_STATEMENT_TIMEOUT_MS = 60_000
const DEFAULT_LOCK_TIMEOUT_MS = 5000
const DEFAULT_RECONNECT_TIMEOUT_MS = 10_000
const DEFAULT_POLL_INTERVAL_MS = 100

/** How {@link openPostgresEventLog} opens. */
export interface PostgresEventLogOptions extends ConnectOptions {
  /** The schema of the tables; created when missing, if the user may. Default: `public`. */
  readonly schema?: string | undefined
  /** Never create or change anything. Default: `false`. */
  readonly readOnly?: boolean | undefined
  /**
   * Open what a newer version wrote all the same, to ask for its version or to
   * save what can be read; only with `readOnly`. Default: `false`.
   */
  readonly allowNewerSchema?: boolean | undefined
  /**
   * Create the tables, or bring older ones up to date. When `false`, a schema
   * that is not up to date can be read and not written until
   * {@link PostgresEventLog.migrate}. Default: `true`.
   */
  readonly migrate?: boolean | undefined
  /**
   * Whether a table of events that is created is partitioned by the time in
   * run ids, so that old runs can be dropped a partition at a time; see
   * {@link PostgresEventLog.partitions}. Default: `false`.
   */
  readonly partitioned?: boolean | undefined
  /** How long a statement may take, in milliseconds; 0 for any time. Default: 60,000. */
  readonly statementTimeoutMs?: number | undefined
  /** How long to wait for the locks of other processes, in milliseconds; 0 for any time. Default: 5000. */
  readonly lockTimeoutMs?: number | undefined
  /** How long an operation goes on trying while the server cannot be reached, in milliseconds. Default: 10,000. */
  readonly reconnectTimeoutMs?: number | undefined
  /** How often a waiting stream looks for appends that nobody announced, in milliseconds. Default: 100. */
  readonly pollIntervalMs?: number | undefined
  /**
   * Whether streams listen for what other processes announce, on a connection
   * of their own, and this process announces its appends. Default: they listen
   * unless a pooler such as PgBouncer is in between.
   */
  readonly listen?: boolean | undefined
}

/**
 * Opens an event log in a Postgres database, creating its tables when missing.
 *
 * The database can be shared with any number of processes and hosts, those of
 * the Go reference included. A schema of a newer version, or whose tables are
 * someone else's, is refused and left as it is, also by a reader.
 *
 * @throws {@link EventLogError} `EVENTLOG_OPEN_FAILED`, `EVENTLOG_SCHEMA_TOO_NEW`, `EVENTLOG_BUSY`,
 * `EVENTLOG_INVALID_OPTIONS`.
 */
export async function openPostgresEventLog(options: PostgresEventLogOptions): Promise<PostgresEventLog> {
  const { readOnly = false, allowNewerSchema = false } = options
  if (allowNewerSchema && !readOnly) throw invalid('allowNewerSchema needs readOnly')
  const connection = createConnection(options)
  try {
    const found = await findOrMigrate(connection, options)
    connection.isOpening = false
    const { pollIntervalMs = DEFAULT_POLL_INTERVAL_MS, listen, partitioned = false } = options
    const log = createPostgresEventLog(connection, { readOnly, pollIntervalMs, listen, partitioned })
    log.adopt(found)
    return log
  } catch (error) {
    await connection.close()
    throw error
  }
}

function createConnection(options: PostgresEventLogOptions): Connection {
  const {
    schema = 'public',
    statementTimeoutMs = DEFAULT_STATEMENT_TIMEOUT_MS,
    lockTimeoutMs = DEFAULT_LOCK_TIMEOUT_MS,
    reconnectTimeoutMs = DEFAULT_RECONNECT_TIMEOUT_MS,
    pollIntervalMs = DEFAULT_POLL_INTERVAL_MS,
    poolSize = 1,
  } = options
  const times = { statementTimeoutMs, lockTimeoutMs, reconnectTimeoutMs }
  for (const [name, value] of Object.entries(times)) check(name, value, 0)
  for (const [name, value] of Object.entries({ pollIntervalMs, poolSize })) check(name, value, 1)
  if (schema === '' || schema.includes('\0'))
    throw invalid(`expected the name of a schema, got ${JSON.stringify(schema)}`)
  const { pool, target } = connect(options)
  return new Connection(pool, target, { schema, ...times })
}

async function findOrMigrate(connection: Connection, options: PostgresEventLogOptions): Promise<Found> {
  const { readOnly = false, allowNewerSchema = false } = options
  const { names, target } = connection
  const look = (): Promise<Found> => inspect((text, values) => connection.query(text, values), names, target.label)
  const found = await look()
  if (!allowNewerSchema) checkVersion(found, target.label)
  if (readOnly || options.migrate === false || isCurrent(found)) return found
  await migrate(connection, { partitioned: options.partitioned ?? false })
  return look()
}

function check(name: string, value: number, minimum: number): void {
  if (Number.isSafeInteger(value) && value >= minimum) return
  throw invalid(`expected a whole number from ${minimum} as ${name}, got ${value}`)
}

function invalid(text: string): EventLogError {
  return new EventLogError('EVENTLOG_INVALID_OPTIONS', `eventlog/postgres: ${text}`)
}
