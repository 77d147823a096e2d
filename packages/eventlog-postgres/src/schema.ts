import { EventLogError } from '@starling/eventlog'

import type { Connection, Transaction } from './connection.ts'
import { DEFAULT_COLLATION } from './connection.ts'
import { createDerived, DERIVED_VERSION } from './derived-schema.ts'
import { checkDerived, inspectDerived } from './derived-shape.ts'
import { escapeIdentifier } from './driver.ts'
import { readGrants } from './grants.ts'
import type { Names } from './names.ts'
import { codeOf, isUndone, openFailed } from './storage-error.ts'

/** The schema version that this code reads and writes. */
export const SCHEMA_VERSION = 1

const MIN_SERVER_VERSION = 130_000

// The names and columns of both tables are part of the log format: other implementations read and write them.
const createMigrations = (names: Names): string => `CREATE TABLE IF NOT EXISTS ${names.migrations} (
  version    INTEGER PRIMARY KEY,
  applied_at TIMESTAMPTZ NOT NULL DEFAULT now()
)`

// A partition is a range of run ids, whose order is then that of their bytes: one that begins with its time, as a ULID
// does, is with the others of that time, and a run is never in two partitions.
const createEvents = (names: Names, isPartitioned: boolean): string => `CREATE TABLE IF NOT EXISTS ${names.events} (
  run_id    TEXT    ${isPartitioned ? 'COLLATE "C" ' : ''}NOT NULL,
  seq       BIGINT  NOT NULL,
  prev_hash BYTEA,
  ts        BIGINT  NOT NULL,
  kind      INTEGER NOT NULL,
  payload   BYTEA   NOT NULL,
  PRIMARY KEY (run_id, seq)
)${isPartitioned ? ' PARTITION BY RANGE (run_id)' : ''}`

// What each column of an event has to be, and what else reads and writes the same.
const EVENT_COLUMNS: readonly (readonly [string, readonly string[]])[] = [
  ['run_id', ['text', 'character varying']],
  ['seq', ['bigint']],
  ['prev_hash', ['bytea']],
  ['ts', ['bigint']],
  ['kind', ['integer']],
  ['payload', ['bytea']],
]

// Two processes that create the same thing at once trip over the server's own tables.
const RACES: ReadonlySet<string> = new Set(['23505', '42P07', '42P06', 'XX000'])
const MAX_ATTEMPTS = 5

const LACKS_RIGHT = '42501'

/** What a migration did, or would do. */
export interface MigrationReport {
  /** The version found; 0 for a schema without one. */
  readonly from: number
  /** The version afterwards. */
  readonly to: number
  /** The versions applied, in order. */
  readonly applied: readonly number[]
  /** Whether nothing was changed. */
  readonly dryRun: boolean
}

/** How {@link migrate} creates. */
export interface MigrateSteps {
  /** Whether a new table of events is partitioned. */
  readonly partitioned: boolean
}

/** What was found in a schema. */
export interface Found {
  /** Whether there is such a schema at all. */
  readonly hasSchema: boolean
  /** The schema version; 0 when there is none. */
  readonly version: number
  /** Whether there is a table of events. */
  readonly hasEvents: boolean
  /** How the run ids of events compare: an index is only of use to what compares the same way. */
  readonly collation: string
  /** The version of the derived tables; 0 when there are none, or none that this user may read. */
  readonly derived: number
  /** Whether all of our tables, functions and triggers are there: without one of them none can be relied upon. */
  readonly isWhole: boolean
}

type Run = Transaction

/**
 * Looks at what is in the schema, without changing it, and checks that this code understands it.
 *
 * @throws {@link EventLogError} `EVENTLOG_OPEN_FAILED` when a table is someone else's or the server is too old.
 */
export async function inspect(run: Run, names: Names, label: string): Promise<Found> {
  const [row] = await run<[number, string, boolean, string | null, string, string, boolean, boolean, boolean]>(
    `SELECT current_setting('server_version_num')::integer, current_setting('server_encoding'),
       to_regnamespace(quote_ident($1)) IS NOT NULL,
       (SELECT attcollation::regcollation::text FROM pg_attribute WHERE attrelid = to_regclass($2) AND attname = 'run_id'),
       ${columnsOf('$2')}, ${columnsOf('$3')},
       coalesce(has_table_privilege(to_regclass($4)::oid, 'SELECT') AND has_table_privilege(to_regclass($5)::oid, 'SELECT'), false),
       coalesce(has_table_privilege(to_regclass($3)::oid, 'SELECT'), false),
       coalesce(has_table_privilege(to_regclass($4)::oid, 'SELECT'), false)`,
    [names.schema, names.events, names.migrations, names.state, names.runs],
  )
  const [server, encoding, hasSchema, collation, events, migrations, hasDerived, hasVersion, hasState] = row ?? []
  checkServer(label, server ?? 0, encoding ?? '')
  const columns = parseColumns(events ?? '')
  if (columns.size > 0) checkEvents(label, names, columns)
  const versions = parseColumns(migrations ?? '')
  if (versions.size > 0 && versions.get('version') !== 'integer') {
    const table = `${names.schema}.eventlog_schema_migrations`
    throw openFailed(label, `its table ${table} is not one of schema versions, it lacks an integer version`)
  }
  const tables = await inspectDerived(run, names)
  const isOurState = hasState === true && !tables.strange.includes(names.state)
  const derived = isOurState ? await highest(run, names.state) : 0
  // Of a newer version, or of one that this user may not read, the tables may look otherwise.
  const isKnown = hasState === true ? derived <= DERIVED_VERSION : !tables.present.has(names.state)
  if (isKnown) checkDerived(label, tables)
  // Who may read the events and not their version reads them as they are.
  const unknown = versions.size > 0 && columns.size > 0 ? SCHEMA_VERSION : 0
  return {
    hasSchema: hasSchema ?? false,
    hasEvents: columns.size > 0,
    collation: collation ?? DEFAULT_COLLATION,
    version: hasVersion === true ? await highest(run, names.migrations) : unknown,
    isWhole: tables.isWhole,
    derived: hasDerived === true || derived > DERIVED_VERSION ? derived : 0,
  }
}

function columnsOf(parameter: string): string {
  return `coalesce((SELECT string_agg(attname || '=' || format_type(atttypid, NULL), ',') FROM pg_attribute
    WHERE attrelid = to_regclass(${parameter}) AND attnum > 0 AND NOT attisdropped), '')`
}

function parseColumns(text: string): ReadonlyMap<string, string> {
  return new Map(
    text
      .split(',')
      .filter((part) => part !== '')
      .map((part) => [part.slice(0, part.lastIndexOf('=')), part.slice(part.lastIndexOf('=') + 1)]),
  )
}

async function highest(run: Run, table: string): Promise<number> {
  const [row] = await run<[number | null]>(`SELECT max(version) FROM ${table}`)
  return row?.[0] ?? 0
}

function checkServer(label: string, version: number, encoding: string): void {
  if (version < MIN_SERVER_VERSION) throw openFailed(label, `it needs Postgres 13 or later, got ${version}`)
  if (encoding !== 'UTF8') throw openFailed(label, `it needs a database in UTF8, got ${encoding}`)
}

function checkEvents(label: string, names: Names, columns: ReadonlyMap<string, string>): void {
  const table = `its table ${names.schema}.eventlog_events is not an event log`
  const missing = EVENT_COLUMNS.map(([name]) => name).filter((name) => !columns.has(name))
  if (missing.length > 0) throw openFailed(label, `${table}, it lacks ${missing.join(', ')}`)
  for (const [name, types] of EVENT_COLUMNS) {
    const type = columns.get(name) ?? ''
    if (!types.includes(type)) throw openFailed(label, `${table}, its ${name} is ${type} and not ${types[0]}`)
  }
}

/**
 * Checks that nothing newer than this code has written the schema.
 *
 * @throws {@link EventLogError} `EVENTLOG_SCHEMA_TOO_NEW`.
 */
export function checkVersion({ version, derived }: Found, label: string): void {
  if (version > SCHEMA_VERSION) throw tooNew(`db=${version} binary=${SCHEMA_VERSION}`, label)
  if (derived > DERIVED_VERSION) throw tooNew(`derived tables db=${derived} binary=${DERIVED_VERSION}`, label)
}

function tooNew(versions: string, label: string): EventLogError {
  const text = `eventlog: database schema is newer than this binary: ${versions}; use a newer starling for ${label}`
  return new EventLogError('EVENTLOG_SCHEMA_TOO_NEW', text)
}

/** Returns whether a schema has everything that a writer needs. */
export function isCurrent(found: Found): boolean {
  return found.version === SCHEMA_VERSION && found.hasEvents && isDerived(found)
}

/** Returns whether the derived tables are there, and follow the events. */
export function isDerived({ derived, isWhole }: Found): boolean {
  return derived === DERIVED_VERSION && isWhole
}

/** Reports what {@link migrate} would do. */
export function planMigration({ version }: Found): MigrationReport {
  const applied = version < SCHEMA_VERSION ? [SCHEMA_VERSION] : []
  return { from: version, to: applied.at(-1) ?? version, applied, dryRun: true }
}

/**
 * Brings the schema up to date, in one transaction: all of it or nothing.
 *
 * Safe when several processes do it at once: a lock lets them in one by one,
 * and who comes second finds it done. The reference takes no such lock, so what
 * fails because of it is tried again.
 */
export async function migrate(connection: Connection, { partitioned }: MigrateSteps): Promise<MigrationReport> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await connection.transactionOnce((run) => migrateOnce(connection, run, partitioned), { isPatient: true })
    } catch (error) {
      const isRace = isUndone(error) || RACES.has(codeOf(error) ?? '')
      if (!isRace || attempt === MAX_ATTEMPTS) throw connection.explain(withOwner(error))
    }
  }
}

// A right to create would not help: what there is can be changed by its owner only.
function withOwner(error: unknown): unknown {
  if (!(error instanceof Error) || codeOf(error) !== LACKS_RIGHT) return error
  const text = `${error.message}; the tables are created and migrated by their owner`
  return Object.assign(new Error(text, { cause: error }), { code: LACKS_RIGHT })
}

async function migrateOnce(connection: Connection, run: Run, partitioned: boolean): Promise<MigrationReport> {
  const { names, target } = connection
  await run('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`${names.lock}/migrate`])
  const found = await inspect(run, names, target.label)
  checkVersion(found, target.label)
  const plan = planMigration(found)
  if (!isCurrent(found)) {
    // To sum up a large log takes as long as it takes.
    await run('SET LOCAL statement_timeout = 0')
    if (!found.hasSchema) await run(`CREATE SCHEMA ${escapeIdentifier(names.schema)}`)
    await run(createMigrations(names))
    await run(createEvents(names, partitioned && !found.hasEvents))
    if (partitioned && !found.hasEvents) {
      await run(`CREATE TABLE ${names.defaultPartition} PARTITION OF ${names.events} DEFAULT`)
    }
    await run(`INSERT INTO ${names.migrations} (version) VALUES ($1) ON CONFLICT DO NOTHING`, [SCHEMA_VERSION])
    if (!isDerived(found)) {
      const grants = await readGrants(run, names)
      for (const statement of [...createDerived(names), ...grants]) await run(statement)
    }
  }
  return { ...plan, dryRun: false }
}
