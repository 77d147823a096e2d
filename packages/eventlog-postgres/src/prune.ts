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

type Deleted = [runId: string, events: bigint]

async function deleteAll(connection: Connection, selected: readonly Deleted[]): Promise<readonly Deleted[]> {
  const deleted: Deleted[] = []
  for (let from = 0; from < selected.length; from += PRUNE_STEP) {
    const some = selected.slice(from, from + PRUNE_STEP)
    let hasTried = false
    const gone = await connection.transaction(async (run) => {
      const counts = await deleteRuns(connection, run, some)
      // An attempt whose answer never came may have deleted them.
      const before = hasTried ? await goneOf(connection, run, some) : []
      hasTried = true
      return new Map([...before, ...counts])
    })
    deleted.push(...some.flatMap(([runId]) => toDeleted(runId, gone.get(runId))))
  }
  return deleted
}

function toDeleted(runId: string, events: bigint | undefined): readonly Deleted[] {
  return events === undefined ? [] : [[runId, events]]
}

/** Those of the runs that have no events. */
async function goneOf({ names }: Connection, run: Transaction, runs: readonly Deleted[]): Promise<readonly Deleted[]> {
  const left = await run<[string]>(
    `SELECT run_id FROM unnest($1::text[]) AS run_id WHERE EXISTS (SELECT 1 FROM ${names.events} AS e WHERE e.run_id = run_id.run_id)`,
    [runs.map(([runId]) => runId)],
  )
  const leftIds = new Set(left.map(([runId]) => runId))
  return runs.filter(([runId]) => !leftIds.has(runId))
}

/** Deletes the runs that nobody has taken a lease of meanwhile, with what was derived from them. */
async function deleteRuns(
  { names }: Connection,
  run: Transaction,
  runs: readonly Deleted[],
): Promise<readonly Deleted[]> {
  const runIds = runs.map(([runId]) => runId)
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
  const gone = rows.map(([runId]) => runId)
  await run(`DELETE FROM ${names.touched} WHERE run_id = ANY ($1::text[])`, [gone])
  await updateSummaries(
    { run, names, hasSummaries: true },
    gone.map((runId) => ({ runId, fromSeq: 0n })),
  )
  return rows
}
