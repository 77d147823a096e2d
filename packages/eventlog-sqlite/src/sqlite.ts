import type BetterSqlite3 from 'better-sqlite3'

/** An open connection of the driver. */
export type SqliteDatabase = BetterSqlite3.Database

/** A prepared statement of the driver. */
export type SqliteStatement<Parameters extends unknown[], Row = unknown> = BetterSqlite3.Statement<Parameters, Row>

/** Loads the driver, a native addon, when the first database is opened. */
export async function loadDriver(): Promise<typeof BetterSqlite3> {
  const { default: Driver } = await import('better-sqlite3')
  return Driver
}

/** Returns whether the file has a table or view of this name. */
export function hasTable(db: SqliteDatabase, name: string): boolean {
  return (
    db.prepare("SELECT 1 FROM main.sqlite_schema WHERE name = ? AND type IN ('table', 'view')").get(name) !== undefined
  )
}

/** Returns the column names of a table in order; none when there is no such table. */
export function columnsOf(db: SqliteDatabase, table: string): readonly string[] {
  return db.prepare<[string], string>('SELECT name FROM pragma_table_info(?)').pluck().all(table)
}

/**
 * The statements of a connection, each prepared once.
 *
 * Callers pass constant texts, or those of a query builder with a handful of
 * shapes; so there are some dozens at most.
 */
export class Statements {
  readonly #db: SqliteDatabase
  readonly #queries = new Map<string, SqliteStatement<unknown[]>>()
  readonly #commands = new Map<string, SqliteStatement<unknown[]>>()

  constructor(db: SqliteDatabase) {
    this.#db = db
  }

  /** Prepares a query whose rows come as arrays, integers as bigint. */
  query<Parameters extends unknown[], Row>(sql: string): SqliteStatement<Parameters, Row> {
    let statement = this.#queries.get(sql)
    if (statement === undefined) {
      statement = this.#db.prepare(sql).raw().safeIntegers()
      this.#queries.set(sql, statement)
    }
    // The types of a statement's parameters and rows are what its text says; no compiler can see that.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return statement as SqliteStatement<Parameters, Row>
  }

  /** Prepares a statement without rows. */
  command(sql: string): SqliteStatement<unknown[]> {
    let statement = this.#commands.get(sql)
    if (statement === undefined) {
      statement = this.#db.prepare(sql)
      this.#commands.set(sql, statement)
    }
    return statement
  }
}
