import { normalizePrune } from '@starling/eventlog/backend'
import type { PruneOptions, PruneReport } from '@starling/eventlog'

import type { Connection, Transaction } from './connection.ts'
import type { Overlay } from './overlay.ts'
import { lockDerived, updateSummaries } from './run-index.ts'

// Each transaction locks so many runs, and deletes them.
const PRUNE_STEP = 100

/** What a prune works on. */
export interface PruneTarget {
  readonly connection: Connection
  readonly overlay: Overlay
}

/** Prepares a prune; the returned function finds the runs and deletes them, some at a time, oldest first. */
export function preparePrune(options: PruneOptions): (target: PruneTarget) => Promise<PruneReport> {
  const filter = normalizePrune(options)
  const dryRun = options.dryRun ?? false
  return async ({ connection, overlay }) => {
    const { pruneQuery } = await import('./queries.ts')
    const { sql, parameters } = pruneQuery(filter, { names: connection.names, overlay })
    const selected = await connection.query<[string, bigint]>(sql, parameters)
    const matched = dryRun ? selected : await deleteAll(connection, selected)
    const events = matched.reduce((sum, [, count]) => sum + Number(count), 0)
    return {
      matchedRuns: matched.length,
      matchedEvents: events,
      deletedRuns: dryRun ? 0 : matched.length,
      deletedEvents: dryRun ? 0 : events,
      dryRun,
      runIds: matched.map(([runId]) => runId),
    }
  }
}

type Deleted = readonly [runId: string, events: bigint]

async function deleteAll(connection: Connection, selected: readonly Deleted[]): Promise<readonly Deleted[]> {
  const deleted: Deleted[] = []
  for (let from = 0; from < selected.length; from += PRUNE_STEP) {
    const runIds = selected.slice(from, from + PRUNE_STEP).map(([runId]) => runId)
    deleted.push(...(await connection.transaction((run) => deleteRuns(connection, run, runIds))))
  }
  return deleted
}

/** Deletes the runs that nobody has taken a lease of meanwhile, with what was derived from them. */
async function deleteRuns(connection: Connection, run: Transaction, runIds: readonly string[]): Promise<Deleted[]> {
  const { names } = connection
  await lockDerived(run, names)
  // In one order, so that two prunes cannot wait for each other. Appends and grants of leases wait for their run.
  await run(
    `SELECT pg_advisory_xact_lock(key) FROM (
       SELECT hashtextextended(run_id, 0) AS key FROM unnest($1::text[]) AS run_id ORDER BY key
     ) AS keys`,
    [runIds],
  )
  const rows = await run<[string, bigint]>(
    `WITH gone AS (
       DELETE FROM ${names.events} WHERE run_id = ANY ($1::text[]) AND NOT EXISTS (
         SELECT 1 FROM ${names.leases} AS lease
         WHERE lease.run_id = ${names.events}.run_id AND owner IS NOT NULL AND expires_at > clock_timestamp()
       ) RETURNING run_id
     ) SELECT run_id, count(*) FROM gone GROUP BY run_id`,
    [runIds],
  )
  const counts = new Map(rows)
  const deleted = runIds.flatMap((runId): Deleted[] => {
    const count = counts.get(runId)
    return count === undefined ? [] : [[runId, count]]
  })
  const gone = deleted.map(([runId]) => runId)
  await run(`DELETE FROM ${names.touched} WHERE run_id = ANY ($1::text[])`, [gone])
  await updateSummaries(
    { run, names, hasSummaries: true },
    gone.map((runId) => ({ runId, fromSeq: 0n })),
  )
  return deleted
}
