import { hasRowids, isComplete, seedRunTables } from './derived-schema.ts'
import type { DerivedSchema } from './derived-schema.ts'
import type { RunCatalog } from './file-index.ts'
import { RunIndex } from './run-index.ts'
import type { SqliteDatabase, Statements } from './sqlite.ts'

const RUNS_STEP = 5000

/** What a {@link TemporaryIndex} works on. */
export interface TemporaryIndexOptions {
  readonly db: SqliteDatabase
  readonly statements: Statements
}

/**
 * Run summaries for a connection that must not change the file, or cannot use
 * the tables in it: those of the file when they are up to date, otherwise its
 * own ones in the connection's temporary database, started from those of the
 * file.
 */
export class TemporaryIndex implements RunCatalog {
  readonly #db: SqliteDatabase
  readonly #statements: Statements
  readonly #inFile: RunIndex
  readonly #own: RunIndex
  #schema: DerivedSchema = 'temp'
  /** What the own tables were started from; `undefined` while there are none. */
  #origin: string | undefined
  /** The state of the file that the tables are known to cover. */
  #coveredVersion: bigint | undefined

  constructor(options: TemporaryIndexOptions) {
    this.#db = options.db
    this.#statements = options.statements
    this.#inFile = new RunIndex({ ...options, schema: 'main' })
    this.#own = new RunIndex({ ...options, schema: 'temp' })
  }

  get schema(): DerivedSchema {
    return this.#schema
  }

  step(): boolean {
    // A transaction that only reads the file: everything below sees one state of it.
    return this.#db.transaction(() => {
      const [version] = this.#statements.query<[], [bigint]>('PRAGMA data_version').get() ?? []
      // The version tells of other connections' commits; a connection that can write would have to count its own.
      if (this.#db.readonly && version === this.#coveredVersion) return false
      const isMore = this.#advance()
      this.#coveredVersion = isMore ? undefined : version
      return isMore
    })()
  }

  /** The part of the events, by rowid, that the search index in the file covers; `undefined` when there is none. */
  searchMark(): number | undefined {
    return hasRowids(this.#db) && isComplete(this.#db) ? this.#inFile.state().searchMark : undefined
  }

  #advance(): boolean {
    const isSharable = hasRowids(this.#db) && isComplete(this.#db)
    if (isSharable && this.#isFileCurrent()) {
      this.#schema = 'main'
      return false
    }
    this.#schema = 'temp'
    if (!hasRowids(this.#db)) {
      this.#own.recomputeAll()
      return false
    }
    const origin = isSharable ? this.#fileOrigin() : this.#countedOrigin()
    if (origin !== this.#origin || !this.#own.state().isMarkValid) this.#start(isSharable)
    const isMore = this.#own.catchUp(RUNS_STEP)
    this.#origin = isSharable ? origin : this.#countedOrigin()
    return isMore
  }

  #start(isSharable: boolean): void {
    seedRunTables(this.#db)
    if (!isSharable) return
    if (!this.#own.state().isMarkValid) this.#own.reset()
    const touched = this.#statements.query<[], [string]>(
      'SELECT DISTINCT CAST(run_id AS TEXT) FROM main.starling_touched',
    )
    this.#own.recompute(touched.all().map(([runId]) => runId))
  }

  #isFileCurrent(): boolean {
    const { mark, top, isMarkValid } = this.#inFile.state()
    return isMarkValid && mark === top && this.#touchedCount() === 0n
  }

  /** Changes when earlier events were deleted or changed, as the triggers in the file tell. */
  #fileOrigin(): string {
    return `${this.#inFile.state().generation}/${this.#touchedCount()}`
  }

  /** Without triggers: changes when the covered events are not as many as were counted. */
  #countedOrigin(): string {
    const [count] =
      this.#statements
        .query<[number], [bigint]>('SELECT count(*) FROM eventlog_events WHERE rowid <= ?')
        .get(this.#hasOwn() ? this.#own.state().mark : 0) ?? []
    return `counted ${count}`
  }

  #hasOwn(): boolean {
    return this.#statements.query("SELECT 1 FROM temp.sqlite_schema WHERE name = 'starling_state'").get() !== undefined
  }

  #touchedCount(): bigint {
    const [count] = this.#statements.query<[], [bigint]>('SELECT count(*) FROM main.starling_touched').get() ?? [0n]
    return count
  }
}
