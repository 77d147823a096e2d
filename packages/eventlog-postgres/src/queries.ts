/**
 * The queries whose shape depends on what is asked for. This is the only
 * module that loads the query builder, and is itself loaded when one of them
 * is needed: reading and checking runs starts without it.
 */
import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, sql } from 'kysely'
import type {
  AliasedRawBuilder,
  RawBuilder,
  CompiledQuery,
  Expression,
  ExpressionBuilder,
  SelectQueryBuilder,
  SqlBool,
} from 'kysely'
import { RUN_STATUSES } from '@starling/eventlog'
import { statusOfKind } from '@starling/eventlog/backend'
import type { PruneFilter, RunFilter } from '@starling/eventlog/backend'

import { TOTALS_COLUMNS } from './fold-runs.ts'
import type { Names } from './names.ts'
import type { Overlay } from './overlay.ts'
import { toRow, TOTALS } from './run-totals.ts'

interface Run {
  readonly run_id: string
  readonly folded_id: string
  readonly status: string
  readonly started_at: bigint
  readonly event_count: bigint
  readonly tool_call_count: bigint
}

interface Tables {
  readonly run: Run
}

// Builds texts only.
const builder = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
})

/** A text and the values for it. */
export type Query = Pick<CompiledQuery, 'sql' | 'parameters'>

/** What a query over runs is about. */
export interface RunsSource {
  readonly names: Names
  readonly overlay: Overlay
}

/**
 * Returns the query for one page of runs: how many match in all, and behind
 * that the run id and totals of each run of the page, one more than asked for.
 * One statement, so that what is counted is what is listed.
 */
export function listRunsQuery(filter: RunFilter, source: RunsSource): Query {
  const { limit } = filter
  const rows = sql`SELECT run_id, ${sql.raw(TOTALS_COLUMNS)} FROM (${behind(filter, source).selectAll()}) AS matching
    ORDER BY started_at DESC, run_id DESC LIMIT ${limit > 0 ? limit + 1 : null}::bigint`
  const total = countIsKept(filter, source)
    ? keptCount(filter, source)
    : sql`SELECT count(*) AS total FROM (${matching(filter, source).selectAll()}) AS matching`
  return sql`SELECT counted.total, page.* FROM (${total}) AS counted LEFT JOIN (${rows}) AS page ON true
    ORDER BY page.started_at DESC, page.run_id DESC`.compile(builder)
}

/** From which end runs are counted: a listing begins with the newest. */
export type KeyOrder = 'newest' | 'oldest'

/** Returns the query for the run at place `limit` from one end, from 1: where it began and its id. Only keys are read. */
export function keyQuery(filter: RunFilter, source: RunsSource, from: KeyOrder): Query {
  const order = sql.raw(from === 'newest' ? 'DESC' : 'ASC')
  const keys = behind(filter, source, from).select(['started_at', 'run_id'])
  return sql`SELECT started_at, run_id FROM (${keys}) AS matching
    ORDER BY started_at ${order}, run_id ${order} OFFSET ${filter.limit - 1}::bigint LIMIT 1`.compile(builder)
}

/** Returns the query for how many runs match, where that is kept; `undefined` where they would have to be counted. */
export function totalQuery(filter: RunFilter, source: RunsSource): Query | undefined {
  return countIsKept(filter, source) ? sql`${keptCount(filter, source)}`.compile(builder) : undefined
}

function matching(filter: RunFilter, source: RunsSource): SelectQueryBuilder<Tables, 'run', unknown> {
  return builder.selectFrom(runs(source)).where((run) => matches(run, filter))
}

function keptCount({ statuses }: RunFilter, { names }: RunsSource): RawBuilder<{ total: bigint }> {
  return sql`SELECT coalesce(sum(runs), 0)::bigint AS total FROM ${sql.raw(names.counts)} WHERE status = ANY (${statuses}::text[])`
}

/** The matching runs behind the one that a page goes on from. */
function behind(
  filter: RunFilter,
  source: RunsSource,
  from: KeyOrder = 'newest',
): SelectQueryBuilder<Tables, 'run', unknown> {
  const { after } = filter
  const all = matching(filter, source)
  if (after === undefined) return all
  const is = sql.raw(from === 'newest' ? '<' : '>')
  return all.where(sql<SqlBool>`(started_at, run_id) ${is} (${after.startedAt}::bigint, ${after.runId})`)
}

/** Returns the query for the runs that a prune deletes, oldest first, each with its number of events. */
export function pruneQuery(filter: PruneFilter, source: RunsSource): Query {
  const old = builder
    .selectFrom(runs(source))
    .select(['run_id', 'event_count'])
    .where('started_at', '<', filter.before)
    .where('status', 'in', filter.statuses)
  // Where there are no tables of ours, there are no leases either.
  const free = source.overlay.hasSummaries ? old.where(isFree(source.names)) : old
  return free
    .orderBy('started_at')
    .orderBy('run_id')
    .limit(sql<number>`${filter.limit ?? null}::bigint`)
    .compile()
}

// A run under a lease is at work: deleting it would end it in the middle.
function isFree(names: Names): Expression<SqlBool> {
  return sql<SqlBool>`NOT EXISTS (SELECT 1 FROM ${sql.raw(names.leases)} AS lease
    WHERE lease.run_id = run.run_id AND owner IS NOT NULL AND expires_at > clock_timestamp())`
}

/** Whether how many match is known without looking at them. */
function countIsKept({ query, startedAfter, requireToolCalls }: RunFilter, { overlay }: RunsSource): boolean {
  const isPlain = query === '' && startedAfter === undefined && !requireToolCalls
  return isPlain && overlay.hasSummaries && overlay.runIds.length === 0
}

/** The summaries as they should be: those of the database, and what a reader has corrected in place of some. */
function runs({ names, overlay }: RunsSource): AliasedRawBuilder<Run, 'run'> {
  const columns = sql.raw(`run_id, folded_id, status, ${TOTALS_COLUMNS}`)
  const stored = sql`SELECT ${columns} FROM ${sql.raw(names.runs)}`
  if (overlay.hasSummaries && overlay.runIds.length === 0) return sql<Run>`(${stored})`.as('run')
  const rows = overlay.totals.map((each) => [
    each.runId,
    each.runId.toLowerCase(),
    statusOfKind(each.lastKind),
    ...toRow(each),
  ])
  const types = ['text', 'text', 'text', ...TOTALS.map(([, type]) => type)]
  const values = types.map((type, column) => sql`${rows.map((row) => row[column])}::${sql.raw(type)}[]`)
  const corrected = sql`SELECT run_id COLLATE "C", folded_id COLLATE "C", status COLLATE "C", ${sql.raw(TOTALS_COLUMNS)}
    FROM unnest(${sql.join(values)}) AS corrected(${columns})`
  const both = overlay.hasSummaries
    ? sql`${stored} WHERE run_id <> ALL (${overlay.runIds}::text[]) UNION ALL ${corrected}`
    : corrected
  return sql<Run>`(${both})`.as('run')
}

function matches(run: ExpressionBuilder<Tables, 'run'>, filter: RunFilter): Expression<SqlBool> {
  const { statuses, query, startedAfter, requireToolCalls } = filter
  const conditions: Expression<SqlBool>[] = []
  if (statuses.length < RUN_STATUSES.length) conditions.push(run('status', '=', sql<string>`ANY (${statuses}::text[])`))
  if (query !== '') {
    // Not LIKE: what a person types is text, whatever characters are in it.
    const inId = sql<SqlBool>`strpos(folded_id, ${query}) > 0`
    const states = statuses.filter((status) => status.includes(query))
    conditions.push(states.length === 0 ? inId : run.or([inId, run('status', 'in', states)]))
  }
  if (startedAfter !== undefined) conditions.push(run('started_at', '>', startedAfter))
  if (requireToolCalls) conditions.push(run('tool_call_count', '>', 0n))
  return run.and(conditions)
}
