import { statusOfKind } from '@starling/eventlog/backend'

import type { Connection, Transaction } from './connection.ts'
import { FIRST_SEQ, foldRuns, TOTALS_COLUMNS } from './fold-runs.ts'
import type { FoldSource, Touched } from './fold-runs.ts'
import type { Names } from './names.ts'
import { toRow, TOTALS } from './run-totals.ts'
import type { RunTotals } from './run-totals.ts'
import { SharedWork } from './shared-work.ts'

// What one transaction sums up, as far as runs can be told apart: others who derive wait as long as it takes.
const MAX_STEP_EVENTS = 20_000n
const MAX_STEP_RUNS = 500
const MAX_STEP_NOTES = 10_000

// How long a process may be silent while others wait to derive.
const MAX_IDLE_MS = 2500

/** Behind which run to go on; `undefined` at the end. */
type Place = string | null | undefined

// In front of every run, also one without an id, as another program may have stored.
const START = null

/** A run that is to be summed up, and about how many events that takes. */
type Candidate = [runId: string, events: bigint]

/**
 * The run summaries, derived from the events.
 *
 * An append only notes that its run has changed, which a trigger does for every
 * writer. Everything that lists runs first brings those up to date. No append
 * waits for that: a note is a row of its own, and nobody ever locks one that
 * another transaction has written.
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

  /** Derives all summaries anew, some at a time: there are always the old ones of a run or the new ones. */
  async rebuild(): Promise<void> {
    for (let after: Place = START; after !== undefined;) {
      const from: string | null = after
      after = await this.#connection.transaction((run) => this.#rebuildStep(run, from))
    }
    await this.#connection.transaction((run) => this.#removeRest(run))
  }

  async #catchUp(): Promise<void> {
    const { names } = this.#connection
    const [row] = await this.#connection.query<[boolean]>(`SELECT EXISTS (SELECT 1 FROM ${names.touched})`)
    if (row?.[0] !== true) return
    for (let after: Place = START; after !== undefined;) {
      const from: string | null = after
      after = await this.#connection.transaction((run) => this.#step(run, from))
    }
  }

  /** Sums up the next noted runs behind `after`; returns where to go on, `undefined` at the end. */
  async #step(run: Transaction, after: string | null): Promise<string | undefined> {
    const { names, collation } = this.#connection
    await lockDerived(run, names)
    const candidates = await run<[...Candidate, notes: bigint]>(
      `SELECT noted.run_id, ${lastSeqOf('noted.run_id', this.#connection)} - CASE WHEN noted.from_seq > r.last_seq THEN r.last_seq ELSE 0 END, noted.notes
       FROM (
         SELECT run_id, min(from_seq) AS from_seq, count(*) AS notes FROM (
           SELECT run_id, from_seq FROM ${names.touched} WHERE $1::text IS NULL OR run_id > $1 ORDER BY run_id LIMIT ${MAX_STEP_NOTES}
         ) AS next GROUP BY run_id ORDER BY run_id LIMIT ${MAX_STEP_RUNS}
       ) AS noted LEFT JOIN ${names.runs} AS r ON r.run_id = noted.run_id ORDER BY noted.run_id`,
      [after],
    )
    const runIds = upToStep(candidates)
    await updateSummaries({ run, names, hasSummaries: true }, await takeNotes({ run, names, collation }, runIds))
    const notes = candidates.reduce((sum, [, , count]) => sum + count, 0n)
    const isAll = notes < MAX_STEP_NOTES && candidates.length < MAX_STEP_RUNS && runIds.length === candidates.length
    return isAll ? undefined : runIds.at(-1)
  }

  /** Sums up the next runs behind `after` from their first events, in the order of the events' own collation. */
  async #rebuildStep(run: Transaction, after: string | null): Promise<string | undefined> {
    const { names, collation } = this.#connection
    await lockDerived(run, names)
    const next = (condition: string): string =>
      `(SELECT run_id FROM ${names.events} WHERE ${condition} ORDER BY run_id LIMIT 1)`
    const candidates = await run<Candidate>(
      `WITH RECURSIVE present(run_id, number) AS (
         SELECT ${next('$1::text IS NULL OR run_id > $1')}, 1
         UNION ALL SELECT ${next('run_id > present.run_id')}, number + 1 FROM present
           WHERE run_id IS NOT NULL AND number < ${MAX_STEP_RUNS}
       ) SELECT run_id, ${lastSeqOf('present.run_id', this.#connection)} FROM present
       WHERE run_id IS NOT NULL ORDER BY number`,
      [after],
    )
    const runIds = upToStep(candidates)
    const noted = await takeNotes({ run, names, collation }, runIds)
    const all = noted.map(({ runId, throughSeq }) => ({ runId, throughSeq, fromSeq: FIRST_SEQ }))
    await updateSummaries({ run, names, hasSummaries: true }, all)
    const isAll = candidates.length < MAX_STEP_RUNS && runIds.length === candidates.length
    return isAll ? undefined : runIds.at(-1)
  }

  /** Removes what is derived from runs that are not there, and counts again. */
  async #removeRest(run: Transaction): Promise<void> {
    const { names, collation } = this.#connection
    await lockDerived(run, names)
    await run(
      `DELETE FROM ${names.runs} AS r WHERE NOT EXISTS (
         SELECT 1 FROM ${names.events} AS e WHERE e.run_id = r.run_id COLLATE ${collation}
       )`,
    )
    await run(
      `DELETE FROM ${names.search} AS s WHERE NOT EXISTS (SELECT 1 FROM ${names.runs} AS r WHERE r.run_id = s.run_id)`,
    )
    await run(`DELETE FROM ${names.counts}`)
    await run(`INSERT INTO ${names.counts} (status, runs) SELECT status, count(*) FROM ${names.runs} GROUP BY status`)
  }
}

function lastSeqOf(runId: string, { names, collation }: Pick<Connection, 'names' | 'collation'>): string {
  return `coalesce((SELECT max(seq) FROM ${names.events} AS e WHERE e.run_id = ${runId} COLLATE ${collation}), 0)`
}

/** The first of the runs, with no more events than a step may have; one at least. */
function upToStep(candidates: readonly (readonly [runId: string, events: bigint, ...unknown[]])[]): readonly string[] {
  let events = 0n
  const chosen = candidates.filter(([, count], index) => {
    events += count > 0n ? count : 0n
    return index === 0 || events <= MAX_STEP_EVENTS
  })
  return chosen.map(([runId]) => runId)
}

/**
 * Takes away the notes of runs, and returns what they say. One statement, which
 * looks at notes and events at one time: of events that are committed later, or
 * whose writer is still under way, there are notes that stay.
 */
async function takeNotes(
  { run, names, collation }: Pick<Connection, 'names' | 'collation'> & { readonly run: Transaction },
  runIds: readonly string[],
): Promise<readonly Touched[]> {
  const rows = await run<[string, bigint | null, bigint]>(
    `WITH taken AS (DELETE FROM ${names.touched} WHERE run_id = ANY ($1::text[]) RETURNING run_id, from_seq)
     SELECT wanted.run_id, noted.from_seq, ${lastSeqOf('wanted.run_id', { names, collation })}
     FROM unnest($1::text[]) AS wanted(run_id) LEFT JOIN (
       SELECT run_id, min(from_seq) AS from_seq FROM taken GROUP BY run_id
     ) AS noted ON noted.run_id = wanted.run_id`,
    [runIds],
  )
  return rows.map(([runId, fromSeq, throughSeq]) => ({ runId, fromSeq: fromSeq ?? throughSeq + 1n, throughSeq }))
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

/** Has the server end the transaction when its process is silent for too long. */
export async function limitIdle(run: Transaction): Promise<void> {
  await run("SELECT set_config('idle_in_transaction_session_timeout', $1, true)", [String(MAX_IDLE_MS)])
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
    `UPDATE ${names.runs} AS r SET search_seq = least(r.search_seq, greatest(changed.from_seq, 1) - 1)
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
