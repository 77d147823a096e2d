import type { Transaction } from './connection.ts'
import { foldRuns } from './fold-runs.ts'
import type { FoldSource, Touched } from './fold-runs.ts'
import type { Names } from './names.ts'
import type { RunTotals } from './run-totals.ts'

/** Runs whose summaries in the database are not right, and what they are. */
export interface Overlay {
  /** Whether there are summaries in the database at all. */
  readonly hasSummaries: boolean
  /** The runs whose summaries do not count, those that are gone among them. */
  readonly runIds: readonly string[]
  readonly totals: readonly RunTotals[]
}

/** Nothing to correct. */
export const NO_OVERLAY: Overlay = { hasSummaries: true, runIds: [], totals: [] }

/** What tells whether a run has changed, where nobody notes it. */
interface Extent {
  readonly lastSeq: bigint
  readonly eventCount: bigint
  readonly totals: RunTotals
}

/**
 * Summaries for a reader, who can write down nothing: what has changed since
 * the summaries were made is summed up in memory.
 *
 * A schema without summaries has all of its runs summed up, and those are kept
 * for the next time.
 */
export class OverlayReader {
  readonly #names: Names
  readonly #hasSummaries: boolean
  #known: ReadonlyMap<string, Extent> = new Map()

  constructor(names: Names, hasSummaries: boolean) {
    this.#names = names
    this.#hasSummaries = hasSummaries
  }

  /** Returns what the summaries lack that `run` sees: it is right only for what sees the same, as in one snapshot. */
  async read(run: Transaction): Promise<Overlay> {
    const source = { run, names: this.#names, hasSummaries: this.#hasSummaries }
    if (!this.#hasSummaries) return this.#readAll(source)
    const rows = await run<[string, bigint]>(`SELECT run_id, min(from_seq) FROM ${this.#names.touched} GROUP BY run_id`)
    if (rows.length === 0) return NO_OVERLAY
    const touched = rows.map(([runId, fromSeq]) => ({ runId, fromSeq }))
    const { totals } = await foldRuns(source, touched)
    return { hasSummaries: true, runIds: touched.map(({ runId }) => runId), totals: [...totals.values()] }
  }

  async #readAll(source: FoldSource): Promise<Overlay> {
    const extents = await source.run<[string, bigint, bigint]>(
      `SELECT run_id, max(seq), count(*) FROM ${this.#names.events} GROUP BY run_id`,
    )
    const changed: Touched[] = extents
      .filter(([runId, lastSeq, eventCount]) => {
        const known = this.#known.get(runId)
        return known?.lastSeq !== lastSeq || known.eventCount !== eventCount
      })
      .map(([runId]) => ({ runId, fromSeq: 0n }))
    const { totals } = await foldRuns(source, changed)
    const next = new Map<string, Extent>()
    for (const [runId, lastSeq, eventCount] of extents) {
      const folded = totals.get(runId) ?? this.#known.get(runId)?.totals
      if (folded !== undefined) next.set(runId, { lastSeq, eventCount, totals: folded })
    }
    this.#known = next
    return { hasSummaries: false, runIds: [], totals: Array.from(next.values(), (extent) => extent.totals) }
  }
}
