import { RUN_STATUSES } from '@starling/eventlog'
import type { ListRunsOptions, RunPage, RunSummary } from '@starling/eventlog'
import { formatRunCursor, normalizeListRuns, summaryOf } from '@starling/eventlog/backend'
import type { RunCursor, RunFilter } from '@starling/eventlog/backend'

import type { DerivedSchema } from './derived-schema.ts'
import type { ListingQueries, RunRange } from './queries.ts'
import { toTotals, TOTALS } from './run-index.ts'
import type { SqliteDatabase, Statements } from './sqlite.ts'

// From here on it pays to count first: a page in the further half is nearer from the end.
const DEEP_OFFSET = 1000

/** What a listing reads from. */
export interface ListingSource {
  readonly db: SqliteDatabase
  readonly statements: Statements
  readonly schema: DerivedSchema
}

/** Consecutive runs of a listing, and whether there are more behind them. */
interface Part {
  readonly runs: readonly RunSummary[]
  readonly isMore: boolean
}

/** Prepares the listing of one page of runs; the returned function reads it from up-to-date summaries. */
export async function prepareListing(
  options: ListRunsOptions | undefined,
): Promise<(source: ListingSource) => RunPage> {
  const filter = normalizeListRuns(options)
  const queriesOf = isUnfiltered(filter) ? queriesOfAll : (await import('./queries.ts')).listRunsQueries
  return (source) => {
    const reader = new PageReader(source.statements, queriesOf(filter, source.schema))
    // One state of the file: what is counted is what is listed.
    return source.db.transaction(() => reader.read(filter))()
  }
}

class PageReader {
  readonly #statements: Statements
  readonly #queries: ListingQueries

  constructor(statements: Statements, queries: ListingQueries) {
    this.#statements = statements
    this.#queries = queries
  }

  read(filter: RunFilter): RunPage {
    const { limit, offset, after } = filter
    const total = offset >= DEEP_OFFSET && after === undefined ? this.#count() : undefined
    const part = total !== undefined && offset >= total / 2 ? this.#fromEnd(filter, total) : this.#fromStart(filter)
    const last = part.isMore ? part.runs.at(-1) : undefined
    return {
      runs: part.runs,
      totalMatching: total ?? this.#total(filter, part),
      limit,
      offset,
      next: last && formatRunCursor(last),
    }
  }

  /** Reads one run more than asked for, to know whether there is one. */
  #fromStart({ limit, offset }: RunFilter): Part {
    const found = this.#runs({ limit: limit > 0 ? limit + 1 : -1, offset, order: 'desc' })
    const isMore = limit > 0 && found.length > limit
    return { runs: isMore ? found.slice(0, limit) : found, isMore }
  }

  #fromEnd({ limit, offset }: RunFilter, total: number): Part {
    const behind = limit > 0 ? Math.max(0, total - offset - limit) : 0
    const count = Math.max(0, total - offset - behind)
    const runs = this.#runs({ limit: count, offset: behind, order: 'asc' })
    return { runs: runs.toReversed(), isMore: behind > 0 }
  }

  /** Counts only what the page has not stepped over. */
  #total({ offset, after }: RunFilter, { runs, isMore }: Part): number {
    const last = runs.at(-1)
    if (after !== undefined || (last === undefined && offset > 0)) return this.#count()
    if (isMore && this.#queries.isCountCheap) return this.#count()
    return offset + runs.length + (isMore ? this.#count(last) : 0)
  }

  #runs(range: RunRange): readonly RunSummary[] {
    const { sql, parameters } = this.#queries.range(range)
    const rows = this.#statements.query<unknown[], readonly [string, ...unknown[]]>(sql).all(...parameters)
    return rows.map(([runId, ...totals]) => summaryOf(toTotals(runId, totals)))
  }

  #count(behind?: RunCursor): number {
    const { sql, parameters } = this.#queries.count(behind)
    const [count] = this.#statements.query<unknown[], [bigint]>(sql).get(...parameters) ?? []
    return Number(count)
  }
}

function isUnfiltered({ statuses, query, startedAfter, requireToolCalls }: RunFilter): boolean {
  return statuses.length === RUN_STATUSES.length && query === '' && startedAfter === undefined && !requireToolCalls
}

// The most frequent listing by far: checking all runs begins with it, too. It does without the query builder.
function queriesOfAll({ after }: RunFilter, schema: DerivedSchema): ListingQueries {
  const runs = `${schema}.starling_runs`
  return {
    isCountCheap: true,
    count: () => ({ sql: `SELECT count(*) FROM ${runs}`, parameters: [] }),
    range({ limit, offset, order }) {
      const behind = after === undefined ? '' : 'WHERE (started_at, run_id) < (?, ?)'
      const place = after === undefined ? [] : [after.startedAt, after.runId]
      const inOrder = `ORDER BY started_at ${order}, run_id ${order}`
      const keys = `SELECT run_id AS page_id FROM ${runs} ${behind} ${inOrder} LIMIT ? OFFSET ?`
      const sql = `SELECT run_id, ${TOTALS} FROM (${keys}) CROSS JOIN ${runs} ON run_id = page_id ${inOrder}`
      return { sql, parameters: [...place, limit, offset] }
    },
  }
}
