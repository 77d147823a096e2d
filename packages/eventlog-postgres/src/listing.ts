import { formatRunCursor, normalizeListRuns } from '@starling/eventlog/backend'
import type { ListRunsOptions, RunPage } from '@starling/eventlog'

import type { Connection } from './connection.ts'
import { isStorable } from './event-rows.ts'
import type { Overlay } from './overlay.ts'
import { toSummary, toTotals } from './run-totals.ts'
import type { TotalsRow } from './run-totals.ts'

type PageRow = [total: bigint, runId: string | null, ...totals: TotalsRow]

/** Prepares the listing of one page of runs; the returned function reads it from up-to-date summaries. */
export function prepareListing(
  options: ListRunsOptions | undefined,
): (connection: Connection, overlay: Overlay) => Promise<RunPage> {
  const filter = normalizeListRuns(options)
  const { limit, offset, query, after } = filter
  return async (connection, overlay) => {
    // The server takes no U+0000, and so has no run with it.
    const isPossible = isStorable(query) && isStorable(after?.runId ?? '')
    if (!isPossible) return { runs: [], totalMatching: 0, limit, offset, next: undefined }
    const { listRunsQuery } = await import('./queries.ts')
    const { sql, parameters } = listRunsQuery(filter, { names: connection.names, overlay })
    const rows = await connection.query<PageRow>(sql, parameters)
    const found = rows.flatMap(([, runId, ...row]) => (runId === null ? [] : [toSummary(toTotals(runId, row))]))
    const isMore = limit > 0 && found.length > limit
    const runs = isMore ? found.slice(0, limit) : found
    const last = isMore ? runs.at(-1) : undefined
    return { runs, totalMatching: Number(rows[0]?.[0] ?? 0n), limit, offset, next: last && formatRunCursor(last) }
  }
}
