import { formatRunCursor, normalizeListRuns } from '@starling/eventlog/backend'
import type { RunCursor, RunFilter } from '@starling/eventlog/backend'
import type { ListRunsOptions, RunPage } from '@starling/eventlog'

import type { Transaction } from './connection.ts'
import { isStorable } from './limits.ts'
import type { KeyOrder, RunsSource } from './queries.ts'
import { toSummary, toTotals } from './run-totals.ts'
import type { TotalsRow } from './run-totals.ts'

// From this offset on, it is worth a question whether the page is nearer to the other end.
const FAR = 1000

// How many runs an offset steps over at a time.
const MAX_SKIP = 10_000

// Behind every run.
const END: RunCursor = { startedAt: -(2n ** 63n), runId: '' }

type PageRow = [total: bigint, runId: string | null, ...totals: TotalsRow]

/** What a page of runs is read from. */
export interface ListingSource extends RunsSource {
  readonly run: Transaction
}

/** The listing of one page of runs. */
export interface Listing {
  /** Whether it is more than one statement, which have to see the same. */
  readonly isStepwise: boolean
  /** Reads the page from summaries that are up to date. */
  read(source: ListingSource): Promise<RunPage>
}

/** Prepares the listing of one page of runs. */
export function prepareListing(options: ListRunsOptions | undefined): Listing {
  const filter = normalizeListRuns(options)
  return { isStepwise: filter.offset > 0, read: (source) => readPage(source, filter) }
}

async function readPage(source: ListingSource, filter: RunFilter): Promise<RunPage> {
  const { limit, offset, query } = filter
  // The server takes no U+0000, and so has no run with it.
  const isPossible = isStorable(query) && isStorable(filter.after?.runId ?? '')
  if (!isPossible) return { runs: [], totalMatching: 0, limit, offset, next: undefined }
  const { listRunsQuery } = await import('./queries.ts')
  const { sql, parameters } = listRunsQuery({ ...filter, after: await skip(source, filter) }, source)
  const rows = await source.run<PageRow>(sql, parameters)
  const found = rows.flatMap(([, runId, ...row]) => (runId === null ? [] : [toSummary(toTotals(runId, row))]))
  const isMore = limit > 0 && found.length > limit
  const runs = isMore ? found.slice(0, limit) : found
  const last = isMore ? runs.at(-1) : undefined
  return { runs, totalMatching: Number(rows[0]?.[0] ?? 0n), limit, offset, next: last && formatRunCursor(last) }
}

/** Finds behind which run the page of an offset begins. */
async function skip(source: ListingSource, filter: RunFilter): Promise<RunCursor | undefined> {
  const { offset, after } = filter
  if (offset < FAR) return offset === 0 ? after : walk(source, filter, { steps: offset, from: 'newest' })
  const total = after === undefined ? await keptTotal(source, filter) : undefined
  if (total === undefined || offset < total / 2) return walk(source, filter, { steps: offset, from: 'newest' })
  return offset >= total ? END : walk(source, filter, { steps: total - offset + 1, from: 'oldest' })
}

interface Walk {
  readonly steps: number
  readonly from: KeyOrder
}

/** Steps over runs by key; a stride reads keys only, from an index where no filter needs more. */
async function walk(source: ListingSource, filter: RunFilter, { steps, from }: Walk): Promise<RunCursor | undefined> {
  const { keyQuery } = await import('./queries.ts')
  let behind = filter.after
  for (let left = steps; left > 0; left -= MAX_SKIP) {
    const stride = { ...filter, after: behind, limit: Math.min(left, MAX_SKIP) }
    const { sql, parameters } = keyQuery(stride, source, from)
    const [row] = await source.run<[startedAt: bigint, runId: string]>(sql, parameters)
    if (row === undefined) return END
    behind = { startedAt: row[0], runId: row[1] }
  }
  return behind
}

/** How many runs match, where that is known without counting them. */
async function keptTotal(source: ListingSource, filter: RunFilter): Promise<number | undefined> {
  const { totalQuery } = await import('./queries.ts')
  const query = totalQuery(filter, source)
  if (query === undefined) return undefined
  const [row] = await source.run<[total: bigint]>(query.sql, query.parameters)
  return row === undefined ? undefined : Number(row[0])
}
