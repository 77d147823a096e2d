import { once } from 'node:events'
import type { Diagnosis } from '@starling/cli'
import pg from 'pg'
import type { PostgresPlace } from './parse-postgres-url.ts'

// Long enough for a server on another continent.
const NOTIFICATION_TIMEOUT_MS = 2000
const CONNECT_TIMEOUT_MS = 10_000

const FACTS = `
  SELECT current_setting('server_version') AS version, current_user AS "user", pg_is_in_recovery() AS standby,
    coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false) AS tls,
    to_regclass(quote_ident($1) || '.eventlog_events') IS NOT NULL AS "hasLog",
    coalesce(has_schema_privilege(to_regnamespace(quote_ident($1))::oid, 'CREATE'),
      has_database_privilege(current_database(), 'CREATE')) AS migrate,
    ${granted('eventlog_events', 'SELECT')} AS read,
    ${granted('eventlog_events', 'INSERT')} AS append,
    ${granted('eventlog_events', 'DELETE')} AS prune,
    ${granted('starling_runs', 'INSERT')} AND ${granted('starling_search', 'INSERT')} AS derive,
    ${granted('starling_leases', 'INSERT')} AS lease,
    ${granted('starling_state', 'SELECT')} AND ${granted('starling_touched', 'SELECT')} AS derived,
    ${granted('starling_search', 'SELECT')} AS search`

function granted(table: string, right: string): string {
  return `coalesce(has_table_privilege(to_regclass(quote_ident($1) || '.${table}')::oid, '${right}'), false)`
}

type Right = 'read' | 'append' | 'lease' | 'derive' | 'prune' | 'migrate'

interface Facts extends Readonly<Record<Right | 'standby' | 'tls' | 'hasLog' | 'derived' | 'search', boolean>> {
  readonly version: string
  readonly user: string
}

/** Looks at the server of a log: version, rights, what is derived from the events, announcements. */
export async function diagnosePostgres({ url, schema }: PostgresPlace): Promise<readonly Diagnosis[]> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'starling doctor',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  })
  // A connection that breaks says so with the next answer.
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query<Facts>(FACTS, [schema])
    const [facts] = rows
    if (facts === undefined) throw new Error('the server has no answer')
    return [serverOf(facts), rightsOf(facts, schema), await derivedOf(client, facts, schema), await listening(client)]
  } catch (error) {
    return [{ name: 'server', status: 'fail', note: error instanceof Error ? error.message : String(error) }]
  } finally {
    await client.end()
  }
}

function serverOf({ version, tls, standby }: Facts): Diagnosis {
  const how = [tls ? 'over TLS' : 'without TLS', ...(standby ? ['a standby, which takes no writes'] : [])]
  return { name: 'server', status: standby ? 'info' : 'ok', note: `Postgres ${version}, ${how.join('; ')}` }
}

const RIGHTS: readonly (readonly [Right, string])[] = [
  ['read', 'read'],
  ['append', 'append'],
  ['lease', 'lease runs'],
  ['derive', 'keep summaries and search'],
  ['prune', 'prune'],
  ['migrate', 'migrate'],
]

function rightsOf(facts: Facts, schema: string): Diagnosis {
  const { user, hasLog } = facts
  // Of tables that are not there, nobody may do anything.
  const asked = hasLog ? RIGHTS : RIGHTS.filter(([right]) => right === 'migrate')
  const list = (has: boolean): string =>
    asked.flatMap(([right, text]) => (facts[right] === has ? [text] : [])).join(', ')
  const may = list(true) === '' ? '' : `${user} may ${list(true)} in schema ${schema}`
  const not = list(false) === '' ? '' : `${user} may not ${list(false)} in schema ${schema}`
  const status = hasLog && !facts.read ? 'fail' : not === '' ? 'ok' : 'info'
  return { name: 'rights', status, note: [may, not].filter((part) => part !== '').join('; ') }
}

async function derivedOf(client: pg.Client, { hasLog, derived, search }: Facts, schema: string): Promise<Diagnosis> {
  const name = 'derived tables'
  if (!hasLog) return { name, status: 'info', note: `no log in schema ${schema} yet` }
  if (!derived) return { name, status: 'info', note: 'none that can be read: a listing sums up every run' }
  const table = (of: string): string => `${client.escapeIdentifier(schema)}.${of}`
  const searched = search ? `EXISTS (SELECT FROM ${table('starling_search')})` : 'false'
  const { rows } = await client.query<{ version: number | null; touched: string; searched: boolean }>(
    `SELECT (SELECT max(version) FROM ${table('starling_state')}) AS version,
       (SELECT count(DISTINCT run_id) FROM ${table('starling_touched')}) AS touched, ${searched} AS searched`,
  )
  const [row] = rows
  const index = row?.searched === true ? 'a search index' : 'no search index until the first search'
  const note = `v${row?.version ?? 0}, ${row?.touched ?? 0} runs changed since they were summed up, ${index}`
  return { name, status: 'ok', note }
}

async function listening(client: pg.Client): Promise<Diagnosis> {
  const name = 'live tail'
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  const isDirect = 'processID' in client && client.processID === rows[0]?.pid
  if (!isDirect)
    return { name, status: 'info', note: 'a pooler is in between: followers look for events by themselves' }
  try {
    const told = once(client, 'notification', { signal: AbortSignal.timeout(NOTIFICATION_TIMEOUT_MS) })
    await Promise.all([told, client.query('LISTEN starling_doctor; NOTIFY starling_doctor')])
    return { name, status: 'ok', note: 'announcements arrive (LISTEN, NOTIFY)' }
  } catch {
    return { name, status: 'info', note: 'no announcements arrive: followers look for events by themselves' }
  }
}
