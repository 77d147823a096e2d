import { CALL_USAGE_KINDS, statusOfKind } from '@starling/eventlog/backend'

import { createRunTables, DERIVED_VERSION } from './derived-schema.ts'
import type { DerivedSchema } from './derived-schema.ts'
import { readInteger, RUN_ID } from './event-rows.ts'
import { addEvent, startTotals } from './run-totals.ts'
import type { EventFacts, RunTotals } from './run-totals.ts'
import type { SqliteDatabase, Statements } from './sqlite.ts'

// A summary looks into no other payloads. Kinds count modulo 256, whatever stored them.
const FACTS = `seq, kind, ts, CASE WHEN kind & 255 IN (${CALL_USAGE_KINDS.join(', ')}) THEN CAST(payload AS BLOB) END`

// A run id that someone stored as a blob is listed under its text, like the reference lists it.
const OF_RUN = 'run_id IN (?, CAST(? AS BLOB))'

/** The columns of a row of `starling_runs` that make {@link RunTotals}, in the order of {@link toTotals}. */
export const TOTALS = `started_at, last_at, last_seq, last_kind, event_count, turn_count, tool_call_count,
  input_tokens, output_tokens, cost_usd`

type FactsRow = readonly [seq: unknown, kind: unknown, ts: unknown, payload: unknown]

/** How far an index of runs has got. */
export interface IndexState {
  /** The rowid of the last event it covers; 0 for none. */
  readonly mark: number
  /** The rowid of the last event there is. */
  readonly top: number
  /** Whether it was summed up by today's rules, and the event at the mark is still the one that was there. */
  readonly isMarkValid: boolean
  /** Likewise for the search index; `undefined` while there is none. */
  readonly searchMark: number | undefined
  /** Grows whenever earlier events were looked at again. */
  readonly generation: number
}

/** What a {@link RunIndex} works on. */
export interface RunIndexOptions {
  readonly db: SqliteDatabase
  readonly statements: Statements
  /** Which of the two sets of tables it keeps. */
  readonly schema: DerivedSchema
}

/**
 * The run summaries, derived from the events and caught up with them by rowid.
 *
 * An append does not touch them: that keeps it at the price of its own row. In
 * return, everything that lists runs first looks whether there are events
 * beyond the mark, and adds those. Events of other writers are thereby noticed
 * like our own.
 */
export class RunIndex {
  readonly #db: SqliteDatabase
  readonly #statements: Statements
  readonly #schema: DerivedSchema

  constructor({ db, statements, schema }: RunIndexOptions) {
    this.#db = db
    this.#statements = statements
    this.#schema = schema
  }

  /** Returns how far the index has got. */
  state(): IndexState {
    const row = this.#statements
      .query<[], readonly [bigint, bigint | null, bigint, bigint | null, bigint]>(
        `SELECT mark, (SELECT max(rowid) FROM eventlog_events),
           version >= ${DERIVED_VERSION} AND (mark = 0 OR mark_run_id IS NULL OR EXISTS (
             SELECT 1 FROM eventlog_events AS e WHERE e.rowid = mark AND ${RUN_ID} = mark_run_id AND e.seq IS mark_seq
           )), search_mark, generation
         FROM ${this.#schema}.starling_state`,
      )
      .get()
    const [mark, top, isMarkValid, searchMark, generation] = row ?? [0n, null, 0n, null, 0n]
    return {
      mark: Number(mark),
      top: Number(top),
      isMarkValid: isMarkValid === 1n,
      searchMark: searchMark === null ? undefined : Number(searchMark),
      generation: Number(generation),
    }
  }

  /** Empties the index, when what it was made from is not there any more. */
  reset(): void {
    createRunTables(this.#db, this.#schema)
  }

  /**
   * Adds up to `limit` events beyond the mark; returns whether there may be
   * more. To be called in a transaction.
   */
  catchUp(limit: number): boolean {
    const { mark } = this.state()
    const rows = this.#statements
      .query<[number, number], readonly [bigint, string, ...FactsRow]>(
        `SELECT rowid, ${RUN_ID}, ${FACTS} FROM eventlog_events WHERE rowid > ? ORDER BY rowid LIMIT ?`,
      )
      .all(mark, limit)
    const last = rows.at(-1)
    if (last === undefined) return false
    this.#addAll(rows.map(([, runId, ...facts]) => [runId, toFacts(facts)]))
    this.#statements
      .command(`UPDATE ${this.#schema}.starling_state SET mark = ?, mark_run_id = ?, mark_seq = ?`)
      .run(last[0], last[1], last[2])
    return rows.length === limit
  }

  /** Sums up these runs again from their first event. To be called in a transaction. */
  recompute(runIds: Iterable<string>): void {
    const remove = this.#statements.command(`DELETE FROM ${this.#schema}.starling_runs WHERE run_id = ?`)
    for (const runId of runIds) {
      const totals = this.totalsFromEvents(runId)
      if (totals === undefined) remove.run(runId)
      else this.#write(totals)
    }
    this.#statements.command(`UPDATE ${this.#schema}.starling_state SET generation = generation + 1`).run()
  }

  /** Sums up all runs from their events, for a table of events without rowids. To be called in a transaction. */
  recomputeAll(): void {
    this.reset()
    const rows = this.#statements.query<[], [string]>(`SELECT DISTINCT ${RUN_ID} FROM eventlog_events`).all()
    this.recompute(rows.map(([runId]) => runId))
  }

  /** Returns the totals as the index has them. */
  totals(runId: string): RunTotals | undefined {
    const row = this.#statements
      .query<[string], unknown[]>(`SELECT ${TOTALS} FROM ${this.#schema}.starling_runs WHERE run_id = ?`)
      .get(runId)
    return row && toTotals(runId, row)
  }

  /** Returns the totals of a run by reading its events. */
  totalsFromEvents(runId: string): RunTotals | undefined {
    let totals: RunTotals | undefined
    const rows = this.#statements.query<[string, string], FactsRow>(
      `SELECT ${FACTS} FROM eventlog_events WHERE ${OF_RUN} ORDER BY seq`,
    )
    for (const row of rows.iterate(runId, runId)) {
      const facts = toFacts(row)
      if (totals === undefined) totals = startTotals(runId, facts)
      else addEvent(totals, facts)
    }
    return totals
  }

  #addAll(events: readonly (readonly [string, EventFacts])[]): void {
    const changed = new Map<string, RunTotals>()
    const disordered = new Set<string>()
    for (const [runId, facts] of events) {
      const totals = changed.get(runId) ?? this.totals(runId)
      // Only an append makes events come in order; anything else is summed up from the start.
      if (totals !== undefined && facts.seq <= totals.lastSeq) disordered.add(runId)
      if (totals === undefined) changed.set(runId, startTotals(runId, facts))
      else {
        addEvent(totals, facts)
        changed.set(runId, totals)
      }
    }
    for (const totals of changed.values()) this.#write(totals)
    if (disordered.size > 0) this.recompute(disordered)
  }

  #write(totals: RunTotals): void {
    const { runId, startedAt, lastAt, lastSeq, lastKind, eventCount } = totals
    const { turnCount, toolCallCount, inputTokens, outputTokens, costUsd } = totals
    const identity = [runId, runId.toLowerCase(), statusOfKind(lastKind)]
    const extent = [startedAt, lastAt, lastSeq, lastKind, eventCount]
    const counts = [turnCount, toolCallCount, inputTokens, outputTokens, costUsd]
    this.#statements
      .command(
        `INSERT OR REPLACE INTO ${this.#schema}.starling_runs (run_id, folded_id, status, ${TOTALS})
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(...identity, ...extent, ...counts)
  }
}

/** Returns the totals in the columns {@link TOTALS}. */
export function toTotals(runId: string, row: readonly unknown[]): RunTotals {
  const [startedAt, lastAt, ...counts] = row
  const [lastSeq = 0, lastKind = 0, eventCount = 0, turnCount = 0, toolCallCount = 0] = counts.map(Number)
  const [inputTokens, outputTokens, costUsd] = row.slice(-3)
  return {
    runId,
    startedAt: readInteger(startedAt) ?? 0n,
    lastAt: readInteger(lastAt) ?? 0n,
    lastSeq,
    lastKind,
    eventCount,
    turnCount,
    toolCallCount,
    inputTokens: Number(inputTokens),
    outputTokens: Number(outputTokens),
    costUsd: costUsd === null ? NaN : Number(costUsd),
  }
}

// A value that is no number must not keep the other runs from being listed: validation says what is wrong with it.
function toFacts([seq, kind, ts, payload]: FactsRow): EventFacts {
  return {
    seq: Number(readInteger(seq) ?? 0n),
    kind: Number(BigInt.asUintN(8, readInteger(kind) ?? 0n)),
    ts: readInteger(ts),
    payload: payload instanceof Uint8Array ? payload : undefined,
  }
}
