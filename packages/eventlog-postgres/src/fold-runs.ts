import { CALL_USAGE_KINDS } from '@starling/eventlog/backend'

import type { Transaction } from './connection.ts'
import { pageOf, readable } from './event-rows.ts'
import type { Names } from './names.ts'
import { addEvent, emptyTotals, toTotals, TOTALS } from './run-totals.ts'
import type { RunTotals, TotalsRow } from './run-totals.ts'

// A step reads so many events at most, some of them with their payloads; a long run takes several.
const FOLD_STEP = 2000

/** Not larger than the number of any event. */
export const FIRST_SEQ: bigint = -(2n ** 63n)

/** Not smaller than the number of any event. */
export const LAST_SEQ: bigint = 2n ** 63n - 1n

/** A run that has changed since it was summed up. */
export interface Touched {
  readonly runId: string
  /** The first event that has changed: later ones than are summed up only add to what there is; {@link LAST_SEQ} for none. */
  readonly fromSeq: bigint
  /**
   * The last event to sum up. Of those behind it there is another note that the
   * run has changed, so that what is summed up goes exactly as far as the notes
   * that are taken away for it. Default: the last there is.
   */
  readonly throughSeq?: bigint | undefined
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
  const runIds = touched.map(({ runId }) => runId)
  const known = source.hasSummaries ? await readTotals(source, runIds) : new Map<string, RunTotals>()
  const isAnew = new Set<string>()
  const begun = touched.map(({ runId, fromSeq, throughSeq = LAST_SEQ }) => {
    const totals = known.get(runId)
    if (totals !== undefined && fromSeq > totals.lastSeq) return { totals, throughSeq }
    isAnew.add(runId)
    return { totals: emptyTotals(runId), throughSeq }
  })
  await addAll(source, begun)
  const summedUp = begun.filter(({ totals }) => totals.eventCount > 0)
  return { totals: new Map(summedUp.map(({ totals }) => [totals.runId, totals])), isAnew }
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

/** A run that is being summed up, and how far. */
interface Begun {
  readonly totals: RunTotals
  readonly throughSeq: bigint
}

type FactsRow = [index: bigint, seq: bigint, kind: number, ts: bigint, payload: Uint8Array | null, found: bigint]

/** Adds to each run the events behind its last one. */
async function addAll({ run, names }: FoldSource, runs: readonly Begun[]): Promise<void> {
  const sql = factsQuery(names)
  for (let left = runs; left.length > 0;) {
    const current = left
    const rows = await run<FactsRow>(sql, [
      current.map(({ totals }) => totals.runId),
      current.map(({ totals }) => nextSeq(totals)),
      current.map(({ throughSeq }) => throughSeq),
    ])
    for (const [index, seq, kind, ts, payload] of rows) {
      const totals = current[Number(index) - 1]?.totals
      if (totals !== undefined) addEvent(totals, { seq, kind, ts, payload })
    }
    const [index, , , , , found] = rows.at(-1) ?? []
    if (index === undefined || (found === BigInt(rows.length) && rows.length < FOLD_STEP)) return
    left = current.slice(Number(index) - 1)
  }
}

// The ends of model calls are the only payloads that a summary looks into. Kinds count modulo 256, whatever stored them.
function factsQuery(names: Names): string {
  const isUsage = `e.kind & 255 IN (${CALL_USAGE_KINDS.join(', ')})`
  const found = `SELECT wanted.index, e.seq, e.kind & 255 AS kind, e.ts,
        CASE WHEN ${isUsage} THEN ${readable('e.payload')} END AS payload
      FROM unnest($1::text[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS wanted(run_id, from_seq, through_seq, index)
      CROSS JOIN LATERAL (
        SELECT seq, kind, ts, payload FROM ${names.events}
        WHERE run_id = wanted.run_id AND seq >= wanted.from_seq AND seq <= wanted.through_seq
        ORDER BY seq LIMIT ${FOLD_STEP}
      ) AS e
      ORDER BY wanted.index, e.seq LIMIT ${FOLD_STEP}`
  return pageOf('e.index, e.seq, e.kind, e.ts, e.payload', { found, order: 'e.index, e.seq' })
}

// All there is of a run that is begun: a row before the first one counts as the listing counts it.
function nextSeq({ eventCount, lastSeq }: RunTotals): bigint {
  return eventCount === 0 ? FIRST_SEQ : lastSeq + 1n
}
