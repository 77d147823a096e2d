import { CALL_USAGE_KINDS } from '@starling/eventlog/backend'

import type { Transaction } from './connection.ts'
import type { Names } from './names.ts'
import { addEvent, emptyTotals, toTotals, TOTALS } from './run-totals.ts'
import type { RunTotals, TotalsRow } from './run-totals.ts'

// A step reads so many events at most, some of them with their payloads; a long run takes several.
const FOLD_STEP = 2000

// Not larger than that of any row.
const FIRST_SEQ = -(2n ** 63n)

/** Stands for the first event that has changed in a run that has not: it is later than any event. */
export const UNCHANGED: bigint = 2n ** 63n - 1n

/** A run that has changed since it was summed up. */
export interface Touched {
  readonly runId: string
  /** The first event that has changed: later ones than are summed up only add to what there is. */
  readonly fromSeq: bigint
}

/** The columns of {@link RunTotals}, separated by commas. */
export const TOTALS_COLUMNS: string = TOTALS.map(([column]) => column).join(', ')

/** Where {@link foldRuns} reads. */
export interface FoldSource {
  readonly run: Transaction
  readonly names: Names
  /** Whether there are summaries to start from. */
  readonly hasSummaries: boolean
}

/**
 * Sums up runs from what is stored of them now, in bounded memory; a run
 * without events is not in the result. `isAnew` says of which runs the summary
 * was not merely continued.
 */
export async function foldRuns(
  source: FoldSource,
  touched: readonly Touched[],
): Promise<{ readonly totals: ReadonlyMap<string, RunTotals>; readonly isAnew: ReadonlySet<string> }> {
  const known = source.hasSummaries
    ? await readTotals(
        source,
        touched.map(({ runId }) => runId),
      )
    : new Map<string, RunTotals>()
  const isAnew = new Set<string>()
  const folded = touched.map(({ runId, fromSeq }) => {
    const totals = known.get(runId)
    if (totals !== undefined && fromSeq > totals.lastSeq) return totals
    isAnew.add(runId)
    return emptyTotals(runId)
  })
  await addAll(source, folded)
  const totals = new Map(folded.filter(({ eventCount }) => eventCount > 0).map((each) => [each.runId, each]))
  return { totals, isAnew }
}

/** Returns the totals of runs as the summaries have them. */
async function readTotals(
  { run, names }: FoldSource,
  runIds: readonly string[],
): Promise<ReadonlyMap<string, RunTotals>> {
  const rows = await run<[string, ...TotalsRow]>(
    `SELECT run_id, ${TOTALS_COLUMNS} FROM ${names.runs} WHERE run_id = ANY ($1::text[])`,
    [runIds],
  )
  return new Map(rows.map(([runId, ...row]) => [runId, toTotals(runId, row)]))
}

type FactsRow = [index: bigint, seq: bigint, kind: number, ts: bigint, payload: Uint8Array | null]

/** Adds to each run the events behind its last one. */
async function addAll({ run, names }: FoldSource, runs: readonly RunTotals[]): Promise<void> {
  for (let left = runs; left.length > 0;) {
    const current = left
    const rows = await run<FactsRow>(
      // The ends of model calls are the only payloads that a summary looks into. Kinds count modulo 256, whatever stored them.
      `SELECT wanted.index, e.seq, e.kind & 255, e.ts, CASE WHEN e.kind & 255 IN (${CALL_USAGE_KINDS.join(', ')}) THEN e.payload END
       FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS wanted(run_id, from_seq, index)
       CROSS JOIN LATERAL (
         SELECT seq, kind, ts, payload FROM ${names.events}
         WHERE run_id = wanted.run_id AND seq >= wanted.from_seq
         ORDER BY seq LIMIT ${FOLD_STEP}
       ) AS e
       ORDER BY wanted.index, e.seq LIMIT ${FOLD_STEP}`,
      [current.map(({ runId }) => runId), current.map(nextSeq)],
    )
    for (const [index, seq, kind, ts, payload] of rows) {
      const totals = current[Number(index) - 1]
      if (totals !== undefined) addEvent(totals, { seq, kind, ts, payload })
    }
    const [last] = rows.at(-1) ?? []
    left = rows.length < FOLD_STEP || last === undefined ? [] : current.slice(Number(last) - 1)
  }
}

// All there is of a run that is begun: a row before the first one counts as the listing counts it.
function nextSeq({ eventCount, lastSeq }: RunTotals): bigint {
  return eventCount === 0 ? FIRST_SEQ : lastSeq + 1n
}
