import { hasTable } from './sqlite.ts'
import type { SqliteDatabase } from './sqlite.ts'

/** Where derived tables live: in the file, or in the connection's temporary database when the file must not change. */
export type DerivedSchema = 'main' | 'temp'

/**
 * The version of the derived tables and of the rules that fill them: grows when
 * a summary counts anything else. A file with another version gets new tables.
 */
export const DERIVED_VERSION = 3

const STATE_COLUMNS = 'version, mark, mark_run_id, mark_seq, search_mark, generation'

/** Names of the objects that {@link ensureDerived} creates and then expects. */
const OBJECTS = [
  'starling_state',
  'starling_touched',
  'starling_runs',
  'starling_runs_by_age',
  'starling_runs_by_status',
  'starling_leases',
  'starling_event_deleted',
  'starling_event_updated',
] as const

/**
 * Creates the tables that are derived from the events, and the leases, unless
 * they are all there. Anything half made, or of another version, is made anew.
 *
 * The triggers are what notices another program deleting or changing events,
 * whatever wrote it: they run inside its transaction. They cost an append
 * nothing. A table without rowids, which nothing here makes, gets leases only.
 */
export function ensureDerived(db: SqliteDatabase): void {
  if (!hasRowids(db)) {
    if (!hasTable(db, 'starling_leases')) db.exec(CREATE_LEASES)
    return
  }
  if (isComplete(db)) return
  const create = db.transaction(() => {
    if (isComplete(db)) return
    dropDerived(db)
    createRunTables(db, 'main')
    db.exec(CREATE_TOUCHED)
    db.exec(CREATE_LEASES)
    db.exec(CREATE_TRIGGERS)
  })
  create.immediate()
}

/** Returns whether the derived tables of the file are there, all of them and of this version. */
export function isComplete(db: SqliteDatabase): boolean {
  const names = OBJECTS.map((name) => `'${name}'`).join(', ')
  const found = db.prepare(`SELECT count(*) FROM main.sqlite_schema WHERE name IN (${names})`).pluck().get()
  return (
    found === OBJECTS.length && db.prepare('SELECT version FROM main.starling_state').pluck().get() === DERIVED_VERSION
  )
}

/** Returns whether rows of the events table have a rowid, which the derived tables are keyed by. */
export function hasRowids(db: SqliteDatabase): boolean {
  return db.prepare("SELECT wr FROM pragma_table_list('eventlog_events') WHERE schema = 'main'").pluck().get() === 0
}

/** Creates empty run summaries and their state, replacing those there are. */
export function createRunTables(db: SqliteDatabase, schema: DerivedSchema): void {
  db.exec(`
    DROP TABLE IF EXISTS ${schema}.starling_runs;
    DROP TABLE IF EXISTS ${schema}.starling_state;
    CREATE TABLE ${schema}.starling_state (
      version     INTEGER NOT NULL,
      mark        INTEGER NOT NULL, -- the summaries cover the events up to this rowid
      mark_run_id TEXT,             -- run and seq of that event: whether rowids still mean the same
      mark_seq    INTEGER,
      search_mark INTEGER,          -- likewise for the search index; NULL while there is none
      generation  INTEGER NOT NULL  -- grows when rows below the mark were looked at again
    );
    INSERT INTO ${schema}.starling_state (${STATE_COLUMNS}) VALUES (${DERIVED_VERSION}, 0, NULL, NULL, NULL, 0);
    CREATE TABLE ${schema}.starling_runs (
      run_id          TEXT PRIMARY KEY,
      folded_id       TEXT NOT NULL, -- lower case as JavaScript does it; SQLite folds ASCII only
      status          TEXT NOT NULL,
      started_at      INTEGER NOT NULL,
      last_at         INTEGER NOT NULL,
      last_seq        INTEGER NOT NULL,
      last_kind       INTEGER NOT NULL,
      event_count     INTEGER NOT NULL,
      turn_count      INTEGER NOT NULL,
      tool_call_count INTEGER NOT NULL,
      input_tokens    INTEGER NOT NULL,
      output_tokens   INTEGER NOT NULL,
      cost_usd        REAL           -- NULL is how SQLite keeps a NaN
    ) WITHOUT ROWID;
    -- All that a listing filters by, so that it steps over runs without looking at their rows.
    CREATE INDEX ${schema}.starling_runs_by_age
      ON starling_runs (started_at, run_id, folded_id, status, tool_call_count);
    CREATE INDEX ${schema}.starling_runs_by_status ON starling_runs (status, started_at, run_id);
  `)
}

/** Copies summaries and state of the file into the temporary database, as a start for catching up there. */
export function seedRunTables(db: SqliteDatabase): void {
  createRunTables(db, 'temp')
  if (!isComplete(db)) return
  db.exec(`
    DELETE FROM temp.starling_state;
    INSERT INTO temp.starling_state (${STATE_COLUMNS}) SELECT ${STATE_COLUMNS} FROM main.starling_state;
    INSERT INTO temp.starling_runs SELECT * FROM main.starling_runs;
  `)
}

/**
 * How long a prefix may be that the search index has a list of its own for.
 * Without one, asking for a prefix puts the lists of all words together that
 * begin with it, before the first of them is found.
 */
export const INDEXED_PREFIX = 3

/** Creates an empty search index. Words come in folded, so the tokenizer only has to split at spaces. */
export function createSearchTable(db: SqliteDatabase): void {
  db.exec(`
    DROP TABLE IF EXISTS main.starling_search;
    CREATE VIRTUAL TABLE main.starling_search USING fts5 (
      words, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii', prefix = '1 2 ${INDEXED_PREFIX}'
    );
    UPDATE main.starling_state SET search_mark = 0;
  `)
}

/** Drops every derived table but the leases, with the triggers that feed them. */
function dropDerived(db: SqliteDatabase): void {
  db.exec(`
    DROP TRIGGER IF EXISTS main.starling_event_deleted;
    DROP TRIGGER IF EXISTS main.starling_event_updated;
    DROP TABLE IF EXISTS main.starling_touched;
    DROP TABLE IF EXISTS main.starling_search;
  `)
  if (hasTable(db, 'starling_runs')) db.exec('DROP TABLE main.starling_runs')
}

// Runs whose earlier events were deleted or changed, and which events when there is a search index to correct.
const CREATE_TOUCHED = `CREATE TABLE main.starling_touched (
  run_id       TEXT NOT NULL,
  event_rowid  INTEGER NOT NULL,
  PRIMARY KEY (run_id, event_rowid)
) WITHOUT ROWID`

// A row stays when its lease is given back (owner is NULL then), so that tokens only grow.
const CREATE_LEASES = `CREATE TABLE IF NOT EXISTS main.starling_leases (
  run_id     TEXT PRIMARY KEY,
  token      INTEGER NOT NULL,
  owner      TEXT,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID`

// SQLite hands the rowid of a deleted last row out again, so the mark moves back with the end of the table.
const CREATE_TRIGGERS = `
  CREATE TRIGGER main.starling_event_deleted AFTER DELETE ON eventlog_events BEGIN
    INSERT OR IGNORE INTO starling_touched (run_id, event_rowid)
      SELECT OLD.run_id, iif(search_mark IS NULL, 0, OLD.rowid) FROM starling_state;
    UPDATE starling_state
      SET mark_run_id = NULL, mark = min(mark, (SELECT coalesce(max(rowid), 0) FROM eventlog_events))
      WHERE OLD.rowid >= mark;
    UPDATE starling_state SET search_mark = mark WHERE search_mark > mark;
  END;
  CREATE TRIGGER main.starling_event_updated AFTER UPDATE ON eventlog_events BEGIN
    INSERT OR IGNORE INTO starling_touched (run_id, event_rowid)
      SELECT OLD.run_id, iif(search_mark IS NULL, 0, OLD.rowid) FROM starling_state;
    INSERT OR IGNORE INTO starling_touched (run_id, event_rowid)
      SELECT NEW.run_id, iif(search_mark IS NULL, 0, NEW.rowid) FROM starling_state;
    UPDATE starling_state SET mark_run_id = NULL WHERE NEW.rowid = mark OR OLD.rowid = mark;
  END;
`
