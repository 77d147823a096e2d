import type { Transaction } from './connection.ts'
import type { Names } from './names.ts'
import { TOTALS } from './run-totals.ts'
import { openFailed } from './storage-error.ts'

type Columns = readonly (readonly [name: string, type: string])[]

const RUN_ID = ['run_id', 'text'] as const
const SEQ = ['seq', 'bigint'] as const

/** The tables that are ours, each with its columns. */
const tablesOf = (names: Names): ReadonlyMap<string, Columns> =>
  new Map([
    [names.state, [['version', 'integer']]],
    [names.runs, [RUN_ID, ['folded_id', 'text'], ['status', 'text'], ...TOTALS, ['search_seq', 'bigint']]],
    [
      names.counts,
      [
        ['status', 'text'],
        ['runs', 'bigint'],
      ],
    ],
    [names.touched, [RUN_ID, ['from_seq', 'bigint']]],
    [names.search, [['id', 'bigint'], RUN_ID, SEQ, ['words', 'tsvector']]],
    [names.leases, [RUN_ID, ['token', 'bigint'], ['owner', 'text'], ['expires_at', 'timestamp with time zone']]],
  ])

// Ordinary tables; what else has a name, such as a view, is nobody's table.
const TABLE = 'r'

// What runs in the server.
const FUNCTIONS = [
  'starling_append',
  'starling_append_one',
  'starling_append_two',
  'starling_touch',
  'starling_touch_one',
]
const TRIGGER_COUNT = 4

/** What there is under the names of our tables. */
export interface DerivedTables {
  /** Names of ours, quoted and qualified, that something has. */
  readonly present: ReadonlySet<string>
  /** What is not as this code creates it: a table of someone else's, or of another version. */
  readonly strange: readonly string[]
  /** Whether nothing of ours is missing: no table, function or trigger. */
  readonly isWhole: boolean
}

/** Looks at what there is under the names of our tables, without changing it. */
export async function inspectDerived(run: Transaction, names: Names): Promise<DerivedTables> {
  const tables = tablesOf(names)
  const rows = await run<[table: string, kind: string, columns: string]>(
    `SELECT wanted.name, c.relkind::text,
       coalesce((SELECT string_agg(attname || '=' || format_type(atttypid, NULL), ',' ORDER BY attname COLLATE "C")
         FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped), '')
     FROM unnest($1::text[]) AS wanted(name) JOIN pg_class AS c ON c.oid = to_regclass(wanted.name)`,
    [[...tables.keys()]],
  )
  const strange = rows.filter(([table, kind, columns]) => kind !== TABLE || columns !== textOf(tables.get(table) ?? []))
  const [counts] = await run<[functions: bigint, triggers: bigint]>(
    `SELECT (SELECT count(DISTINCT proname) FROM pg_proc
         WHERE pronamespace = to_regnamespace(quote_ident($1)) AND proname = ANY ($2::text[])),
       (SELECT count(*) FROM pg_trigger
         WHERE tgrelid = to_regclass($3) AND tgname LIKE 'starling\\_event\\_%' AND tgenabled <> 'D')`,
    [names.schema, FUNCTIONS, names.events],
  )
  const [functions, triggers] = (counts ?? []).map(Number)
  const isWhole = rows.length === tables.size && functions === FUNCTIONS.length && triggers === TRIGGER_COUNT
  return { isWhole, present: new Set(rows.map(([table]) => table)), strange: strange.map(([table]) => table) }
}

/**
 * Checks that nobody else has taken the names of our tables.
 *
 * @throws {@link EventLogError} `EVENTLOG_OPEN_FAILED`.
 */
export function checkDerived(label: string, { strange }: DerivedTables): void {
  const [table] = strange
  if (table === undefined) return
  throw openFailed(label, `its ${table} is not the table of that name that a log has: it is someone else's`)
}

function textOf(columns: Columns): string {
  const texts = columns.map(([name, type]) => ({ name, text: `${name}=${type}` }))
  return texts
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ text }) => text)
    .join(',')
}
