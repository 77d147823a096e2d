import { formatRunCursor, normalizeListRuns } from '@starling/eventlog/backend'
import type { RunCursor, RunFilter } from '@starling/eventlog/backend'
import type { ListRunsOptions, RunPage } from '@starling/eventlog'

import type { Transaction } from './connection.ts'
import { isStorable } from './limits.ts'
import type { RunsSource } from './queries.ts'
import { toSummary, toTotals } from './run-totals.ts'
import type { TotalsRow } from './run-totals.ts'

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

/**
 * Steps over the runs of an offset, by key; returns behind which run the page
 * begins. A step reads keys only, from an index where no filter needs more.
 */
async function skip(source: ListingSource, filter: RunFilter): Promise<RunCursor | undefined> {
  const { keyQuery } = await import('./queries.ts')
  let { after } = filter
  for (let left = filter.offset; left > 0; left -= MAX_SKIP) {
    const { sql, parameters } = keyQuery({ ...filter, after, limit: Math.min(left, MAX_SKIP) }, source)
    const [row] = await source.run<[startedAt: bigint, runId: string]>(sql, parameters)
    if (row === undefined) return END
    after = { startedAt: row[0], runId: row[1] }
  }
  return after
}
