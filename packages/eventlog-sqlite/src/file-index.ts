import { createSearchTable } from './derived-schema.ts'
import type { DerivedSchema } from './derived-schema.ts'
import { RunIndex } from './run-index.ts'
import { SearchIndex } from './search-index.ts'
import type { SearchIndexOptions } from './search-index.ts'
import type { SqliteDatabase, Statements } from './sqlite.ts'

// A step holds the write lock for a few milliseconds.
const RUNS_STEP = 2000
const SEARCH_STEP = 200
const TOUCHED_STEP = 500

/** Run summaries that can be brought up to date step by step. */
export interface RunCatalog {
  /** Where the summaries are, once up to date. */
  readonly schema: DerivedSchema
  /** Does a bounded part of what is left to do; returns whether there may be more. */
  step(): boolean
}

/** The derived tables in the file, kept by whoever may write it. */
export class FileIndex implements RunCatalog {
  readonly schema = 'main'
  readonly runs: RunIndex
  readonly #search: SearchIndex
  readonly #db: SqliteDatabase
  readonly #statements: Statements

  constructor(options: SearchIndexOptions) {
    this.#db = options.db
    this.#statements = options.statements
    this.runs = new RunIndex({ ...options, schema: this.schema })
    this.#search = new SearchIndex(options)
  }

  step(): boolean {
    return !this.isCurrent() && this.#db.transaction(() => this.#advance()).immediate()
  }

  /** Likewise for the search index, which is made at the first search. The summaries must be up to date. */
  searchStep(): boolean {
    const { mark, searchMark } = this.runs.state()
    if (searchMark !== undefined && searchMark >= mark) return false
    const advance = this.#db.transaction(() => {
      if (this.runs.state().searchMark === undefined) this.#search.create()
      const { mark: to, searchMark: from = 0 } = this.runs.state()
      return this.#search.catchUp({ from, to, limit: SEARCH_STEP })
    })
    return advance.immediate()
  }

  /** Whether the summaries cover the events as they are. */
  isCurrent(): boolean {
    const { mark, top, isMarkValid } = this.runs.state()
    return isMarkValid && mark === top && !this.#isTouched()
  }

  /** Whether there has been a search, so that the search index is kept up to date as well. */
  hasSearch(): boolean {
    return this.runs.state().searchMark !== undefined
  }

  /** Empties everything, to be derived again. To be called in a transaction. */
  restart(): void {
    const { searchMark, generation } = this.runs.state()
    this.runs.reset()
    this.#statements.command('UPDATE main.starling_state SET generation = ?').run(generation + 1)
    this.#statements.command('DELETE FROM main.starling_touched').run()
    if (searchMark !== undefined) createSearchTable(this.#db)
  }

  #advance(): boolean {
    // Rowids mean something else now: someone has put the table together anew. Or an older version of this code, which
    // has the file open as well, has put its own tables in the place of ours.
    if (!this.runs.state().isMarkValid) this.restart()
    return this.#correct() || this.runs.catchUp(RUNS_STEP)
  }

  #isTouched(): boolean {
    const [touched] =
      this.#statements.query<[], [bigint]>('SELECT EXISTS (SELECT 1 FROM main.starling_touched)').get() ?? []
    return touched === 1n
  }

  /** Looks again at what another program, or a prune, has deleted or changed. */
  #correct(): boolean {
    const rows = this.#statements
      .query<[number], readonly [runId: string, raw: unknown, rowid: bigint]>(
        'SELECT CAST(run_id AS TEXT), run_id, event_rowid FROM main.starling_touched LIMIT ?',
      )
      .all(TOUCHED_STEP)
    if (rows.length === 0) return false
    if (this.hasSearch()) this.#search.refresh(rows.map(([, , rowid]) => rowid))
    this.runs.recompute(new Set(rows.map(([runId]) => runId)))
    const remove = this.#statements.command('DELETE FROM main.starling_touched WHERE run_id = ? AND event_rowid = ?')
    for (const [, raw, rowid] of rows) remove.run(raw, rowid)
    return true
  }
}
