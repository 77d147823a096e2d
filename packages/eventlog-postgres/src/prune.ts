import { normalizePrune, statusOfKind } from '@starling/eventlog/backend'
import type { PruneFilter } from '@starling/eventlog/backend'
import type { PruneOptions, PruneReport } from '@starling/eventlog'

import type { Connection, Transaction } from './connection.ts'
import { foldRuns, LAST_SEQ } from './fold-runs.ts'
import type { FoldSource } from './fold-runs.ts'
import type { RunsSource } from './queries.ts'
import { limitIdle, lockDerived, updateSummaries } from './run-index.ts'

// What a transaction deletes, as far as runs can be told apart, and how many runs it locks for that.
const MAX_STEP_EVENTS = 20_000n
const MAX_STEP_RUNS = 100

/** A prune whose options are checked. */
export interface Prune {
  /** Finds the runs to delete. */
  select(run: Transaction, source: RunsSource): Promise<readonly Selected[]>
  /** Deletes them, some at a time, oldest first, or only reports them in a dry run. */
  apply(connection: Connection, selected: readonly Selected[]): Promise<PruneReport>
}

/** A run that is to be deleted, or was, and how many events it has. */
type Selected = readonly [runId: string, events: bigint]

/** Prepares a prune. */
export function preparePrune(options: PruneOptions): Prune {
  const filter = normalizePrune(options)
  const dryRun = options.dryRun ?? false
  return {
    select: async (run, source) => {
      const { pruneQuery } = await import('./queries.ts')
      const { sql, parameters } = pruneQuery(filter, source)
      return run<[string, bigint]>(sql, parameters)
    },
    apply: async (connection, selected) => {
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
    },
  }
}

async function deleteAll(
  connection: Connection,
  filter: PruneFilter,
  selected: readonly Selected[],
): Promise<readonly Selected[]> {
  const deleted: Selected[] = []
  for (const some of inSteps(selected)) {
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

function inSteps(selected: readonly Selected[]): readonly (readonly Selected[])[] {
  const steps: Selected[][] = []
  let events = 0n
  for (const each of selected) {
    const step = steps.at(-1)
    if (step === undefined || step.length === MAX_STEP_RUNS || events + each[1] > MAX_STEP_EVENTS) {
      steps.push([each])
      events = each[1]
    } else {
      step.push(each)
      events += each[1]
    }
  }
  return steps
}

function toDeleted(runId: string, events: bigint | undefined): readonly Selected[] {
  return events === undefined ? [] : [[runId, events]]
}

/** Those of the runs that have no events. */
async function goneOf(
  { names }: Connection,
  run: Transaction,
  runs: readonly Selected[],
): Promise<readonly Selected[]> {
  const left = await run<[string]>(
    `SELECT run_id FROM unnest($1::text[]) AS run_id WHERE EXISTS (SELECT 1 FROM ${names.events} AS e WHERE e.run_id = run_id.run_id)`,
    [runs.map(([runId]) => runId)],
  )
  const leftIds = new Set(left.map(([runId]) => runId))
  return runs.filter(([runId]) => !leftIds.has(runId))
}

/** Waits until nobody writes the runs, or is granted a lease of one, and keeps it so. */
async function lockRuns({ run, names }: FoldSource, runIds: readonly string[]): Promise<void> {
  await limitIdle(run)
  // Before whoever lists has to wait for us. In one order, so that two prunes cannot wait for each other.
  await run(
    `SELECT pg_advisory_xact_lock(key) FROM (
       SELECT hashtextextended(run_id, 0) AS key FROM unnest($1::text[]) AS run_id ORDER BY key
     ) AS keys`,
    [runIds],
  )
  await lockDerived(run, names)
}

/** Those of the locked runs that are to be pruned as they are now: one may have gone on since it was selected. */
async function stillMatching(
  source: FoldSource,
  { before, statuses }: PruneFilter,
  runIds: readonly string[],
): Promise<readonly string[]> {
  const { run, names } = source
  const notes = new Map(
    await run<[string, bigint]>(
      `SELECT run_id, min(from_seq) FROM ${names.touched} WHERE run_id = ANY ($1::text[]) GROUP BY run_id`,
      [runIds],
    ),
  )
  const touched = runIds.map((runId) => ({ runId, fromSeq: notes.get(runId) ?? LAST_SEQ }))
  const { totals } = await foldRuns(source, touched)
  return [...totals.values()]
    .filter(({ startedAt, lastKind }) => startedAt < before && statuses.includes(statusOfKind(lastKind)))
    .map(({ runId }) => runId)
}

/** Deletes the runs that nobody holds a lease of, with what was derived from them. */
async function deleteRuns(source: FoldSource, runIds: readonly string[]): Promise<readonly Selected[]> {
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
