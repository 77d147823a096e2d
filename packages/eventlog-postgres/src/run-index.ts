import { statusOfKind } from '@starling/eventlog/backend'

import type { Connection, Transaction } from './connection.ts'
import { foldRuns, TOTALS_COLUMNS } from './fold-runs.ts'
import type { FoldSource, Touched } from './fold-runs.ts'
import type { Names } from './names.ts'
import { toRow, TOTALS } from './run-totals.ts'
import type { RunTotals } from './run-totals.ts'
import { SharedWork } from './shared-work.ts'

// What one transaction sums up: appends to these runs wait as long as it takes.
const CATCH_UP_RUNS = 100

// How long a process may be silent while it holds what appends wait for; shorter than they wait unless told otherwise.
const MAX_IDLE_MS = 2500

/**
 * The run summaries, derived from the events.
 *
 * An append only notes that its run has changed, which a trigger does for every
 * writer. Everything that lists runs first brings those up to date.
 */
export class RunIndex {
  readonly #connection: Connection
  /** One connection at most waits to derive, however many listings do: the others are for appends. */
  readonly #catchingUp = new SharedWork(() => this.#catchUp())

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** Brings the summaries up to date with everything that was committed before. */
  catchUp(): Promise<void> {
    return this.#catchingUp.run()
  }

  async #catchUp(): Promise<void> {
    const { names } = this.#connection
    const [row] = await this.#connection.query<[boolean]>(`SELECT EXISTS (SELECT 1 FROM ${names.touched})`)
    if (row?.[0] !== true) return
    for (let after: string | undefined = ''; after !== undefined;) {
      const from: string = after
      after = await this.#connection.transaction((run) => this.#step(run, from))
    }
  }

  /** Derives all summaries, and what the search index knows, anew; returns how many runs there are. */
  async restart(): Promise<void> {
    const { names } = this.#connection
    await this.#connection.transaction(async (run) => {
      await lockDerived(run, names)
      // Everybody who writes notes a run that is in here by now, or waits until it is.
      await run(`LOCK TABLE ${names.touched} IN EXCLUSIVE MODE`)
      for (const table of [names.runs, names.counts, names.search, names.touched]) await run(`DELETE FROM ${table}`)
      await run(`INSERT INTO ${names.touched} (run_id, from_seq) SELECT DISTINCT run_id, 0 FROM ${names.events}`)
    })
  }

  /** Sums up the next runs behind `after`; returns where to go on, `undefined` at the end. */
  async #step(run: Transaction, after: string): Promise<string | undefined> {
    const { names } = this.#connection
    await lockDerived(run, names)
    const rows = await run<[string, bigint]>(
      `SELECT run_id, from_seq FROM ${names.touched} WHERE run_id > $1 ORDER BY run_id LIMIT ${CATCH_UP_RUNS}`,
      [after],
    )
    const touched = new Map(rows.map(([runId, fromSeq]) => [runId, fromSeq]))
    // Before the events are read: a writer that comes later notes its run again. One under way has its note locked, and
    // that note stays; what it had committed before is summed up all the same.
    const settled = await run<[string, bigint]>(
      `WITH free AS (SELECT run_id FROM ${names.touched} WHERE run_id = ANY ($1::text[]) FOR UPDATE SKIP LOCKED)
       DELETE FROM ${names.touched} AS known USING free WHERE known.run_id = free.run_id
       RETURNING known.run_id, known.from_seq`,
      [[...touched.keys()]],
    )
    for (const [runId, fromSeq] of settled) touched.set(runId, fromSeq)
    await updateSummaries(
      { run, names, hasSummaries: true },
      Array.from(touched, ([runId, fromSeq]) => ({ runId, fromSeq })),
    )
    return rows.length < CATCH_UP_RUNS ? undefined : rows.at(-1)?.[0]
  }
}

/**
 * Lets one process at a time derive: they would only do the same. To sum up a
 * large log takes as long as it takes, and whoever waits for it gets what they
 * wait for; only the limit for statements holds. A process that is paused in
 * between, or gone without a word, loses its transaction after `idleMs`, and
 * does it again.
 */
export async function lockDerived(run: Transaction, names: Names, idleMs: number = MAX_IDLE_MS): Promise<void> {
  await run(
    "SELECT set_config('lock_timeout', '0', true), set_config('idle_in_transaction_session_timeout', $1, true)",
    [String(idleMs)],
  )
  await run('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`${names.lock}/derive`])
}

/** Sums up the runs and writes that down. To be called under {@link lockDerived}. */
export async function updateSummaries(source: FoldSource, touched: readonly Touched[]): Promise<void> {
  const { run, names } = source
  const runIds = touched.map(({ runId }) => runId)
  if (runIds.length === 0) return
  const { totals, isAnew } = await foldRuns(source, touched)
  await addCounts(source, runIds, -1)
  if (isAnew.size > 0) {
    const anew = touched.filter(({ runId }) => isAnew.has(runId))
    await run(`DELETE FROM ${names.runs} WHERE run_id = ANY ($1::text[])`, [
      anew.map(({ runId }) => runId).filter((runId) => !totals.has(runId)),
    ])
    await forgetWords(source, anew)
  }
  if (totals.size > 0) await write(source, [...totals.values()])
  await addCounts(source, runIds, 1)
}

// Words of events that have changed; the index takes them up again.
async function forgetWords({ run, names }: FoldSource, touched: readonly Touched[]): Promise<void> {
  await run(
    `DELETE FROM ${names.search} AS found USING unnest($1::text[], $2::bigint[]) AS changed(run_id, from_seq)
     WHERE found.run_id = changed.run_id AND found.seq >= changed.from_seq`,
    [touched.map(({ runId }) => runId), touched.map(({ fromSeq }) => fromSeq)],
  )
  await run(
    `UPDATE ${names.runs} AS r SET search_seq = least(r.search_seq, greatest(changed.from_seq - 1, 0))
     FROM unnest($1::text[], $2::bigint[]) AS changed(run_id, from_seq) WHERE r.run_id = changed.run_id`,
    [touched.map(({ runId }) => runId), touched.map(({ fromSeq }) => fromSeq)],
  )
}

async function write({ run, names }: FoldSource, totals: readonly RunTotals[]): Promise<void> {
  const rows = totals.map((each) => [each.runId, each.runId.toLowerCase(), statusOfKind(each.lastKind), ...toRow(each)])
  const types = ['text', 'text', 'text', ...TOTALS.map(([, type]) => type)]
  const columns = types.map((_, column) => rows.map((row) => row[column]))
  const assignments = ['folded_id', 'status', ...TOTALS.map(([column]) => column)].map(
    (column) => `${column} = excluded.${column}`,
  )
  await run(
    `INSERT INTO ${names.runs} (run_id, folded_id, status, ${TOTALS_COLUMNS})
     SELECT * FROM unnest(${types.map((type, index) => `$${index + 1}::${type}[]`).join(', ')})
     ON CONFLICT (run_id) DO UPDATE SET ${assignments.join(', ')}`,
    columns,
  )
}

/** Adds the runs, as they are in the summaries, to how many there are of each status, or takes them away. */
async function addCounts({ run, names }: FoldSource, runIds: readonly string[], sign: 1 | -1): Promise<void> {
  await run(
    `INSERT INTO ${names.counts} AS known (status, runs)
     SELECT status, $2::integer * count(*) FROM ${names.runs} WHERE run_id = ANY ($1::text[]) GROUP BY status
     ON CONFLICT (status) DO UPDATE SET runs = known.runs + excluded.runs`,
    [runIds, sign],
  )
}
