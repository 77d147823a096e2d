import { normalizePrune, statusOfKind } from '@starling/eventlog/backend'
import type { PruneFilter } from '@starling/eventlog/backend'
import type { PruneOptions, PruneReport } from '@starling/eventlog'

import type { Connection, Transaction } from './connection.ts'
import { foldRuns, UNCHANGED } from './fold-runs.ts'
import type { FoldSource } from './fold-runs.ts'
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
    const matched = dryRun ? selected : await deleteAll(connection, filter, selected)
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

async function deleteAll(
  connection: Connection,
  filter: PruneFilter,
  selected: readonly Deleted[],
): Promise<readonly Deleted[]> {
  const deleted: Deleted[] = []
  for (let from = 0; from < selected.length; from += PRUNE_STEP) {
    const some = selected.slice(from, from + PRUNE_STEP)
    const runIds = some.map(([runId]) => runId)
    let hasTried = false
    const gone = await connection.transaction(async (run) => {
      const source = { run, names: connection.names, hasSummaries: true }
      await lockRuns(source, runIds)
      const counts = await deleteRuns(source, await stillMatching(source, filter, runIds))
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

/** Waits until nobody writes the runs, or is granted a lease of one, and keeps it so. */
async function lockRuns({ run, names }: FoldSource, runIds: readonly string[]): Promise<void> {
  await lockDerived(run, names)
  // In one order, so that two prunes cannot wait for each other.
  await run(
    `SELECT pg_advisory_xact_lock(key) FROM (
       SELECT hashtextextended(run_id, 0) AS key FROM unnest($1::text[]) AS run_id ORDER BY key
     ) AS keys`,
    [runIds],
  )
}

/** Those of the locked runs that are to be pruned as they are now: one may have gone on since it was selected. */
async function stillMatching(
  source: FoldSource,
  { before, statuses }: PruneFilter,
  runIds: readonly string[],
): Promise<readonly string[]> {
  const { run, names } = source
  const notes = new Map(
    await run<[string, bigint]>(`SELECT run_id, from_seq FROM ${names.touched} WHERE run_id = ANY ($1::text[])`, [
      runIds,
    ]),
  )
  const touched = runIds.map((runId) => ({ runId, fromSeq: notes.get(runId) ?? UNCHANGED }))
  const { totals } = await foldRuns(source, touched)
  return [...totals.values()]
    .filter(({ startedAt, lastKind }) => startedAt < before && statuses.includes(statusOfKind(lastKind)))
    .map(({ runId }) => runId)
}

/** Deletes the runs that nobody holds a lease of, with what was derived from them. */
async function deleteRuns(source: FoldSource, runIds: readonly string[]): Promise<readonly Deleted[]> {
  const { run, names } = source
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
    source,
    gone.map((runId) => ({ runId, fromSeq: 0n })),
  )
  return rows
}
