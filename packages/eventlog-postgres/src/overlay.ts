import type { Connection } from './connection.ts'
import { foldRuns } from './fold-runs.ts'
import type { FoldSource, Touched } from './fold-runs.ts'
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
  readonly #connection: Connection
  readonly #hasSummaries: boolean
  #known: ReadonlyMap<string, Extent> = new Map()

  constructor(connection: Connection, hasSummaries: boolean) {
    this.#connection = connection
    this.#hasSummaries = hasSummaries
  }

  async read(): Promise<Overlay> {
    if (!this.#hasSummaries) return this.#readAll()
    const { names } = this.#connection
    const rows = await this.#connection.query<[string, bigint]>(`SELECT run_id, from_seq FROM ${names.touched}`)
    if (rows.length === 0) return NO_OVERLAY
    const touched = rows.map(([runId, fromSeq]) => ({ runId, fromSeq }))
    const { totals } = await foldRuns(this.#source(), touched)
    return { hasSummaries: true, runIds: touched.map(({ runId }) => runId), totals: [...totals.values()] }
  }

  async #readAll(): Promise<Overlay> {
    const { names } = this.#connection
    const extents = await this.#connection.query<[string, bigint, bigint]>(
      `SELECT run_id, max(seq), count(*) FROM ${names.events} GROUP BY run_id`,
    )
    const changed: Touched[] = extents
      .filter(([runId, lastSeq, eventCount]) => {
        const known = this.#known.get(runId)
        return known?.lastSeq !== lastSeq || known.eventCount !== eventCount
      })
      .map(([runId]) => ({ runId, fromSeq: 0n }))
    const { totals } = await foldRuns(this.#source(), changed)
    const next = new Map<string, Extent>()
    for (const [runId, lastSeq, eventCount] of extents) {
      const folded = totals.get(runId) ?? this.#known.get(runId)?.totals
      if (folded !== undefined) next.set(runId, { lastSeq, eventCount, totals: folded })
    }
    this.#known = next
    return { hasSummaries: false, runIds: [], totals: Array.from(next.values(), (extent) => extent.totals) }
  }

  #source(): FoldSource {
    const { names } = this.#connection
    return { run: (text, values) => this.#connection.query(text, values), names, hasSummaries: this.#hasSummaries }
  }
}
