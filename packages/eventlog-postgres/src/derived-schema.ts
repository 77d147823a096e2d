import { createAppend, createAppendFew } from './append-function.ts'
import { dollarQuoted } from './names.ts'
import type { Names } from './names.ts'

/** The version of everything in a schema that is ours: derived tables, leases, functions and triggers. */
export const DERIVED_VERSION = 3

/**
 * Returns the statements that create everything of ours, in place of what an
 * earlier version left; leases stay.
 *
 * The triggers are what notices every writer, whatever program it is: they run
 * inside its transaction. They are of the owner's rights, as a writer need have
 * none on our tables to append.
 */
export function createDerived(names: Names): readonly string[] {
  return [
    ...dropDerived(names),
    `CREATE TABLE ${names.state} (version INTEGER NOT NULL)`,
    `INSERT INTO ${names.state} (version) VALUES (${DERIVED_VERSION})`,
    ...createRuns(names),
    ...createSearch(names),
    createLeases(names),
    createTouchOne(names),
    createTouch(names),
    // Of the owner's rights: as a trigger of a table of their own, anybody could have them empty ours. Triggers that the
    // owner creates need no right to be fired.
    `REVOKE EXECUTE ON FUNCTION ${names.touch}, ${names.touchOne} FROM PUBLIC`,
    ...createTriggers(names),
    createAppend(names),
    ...createAppendFew(names),
    // Whoever held the table is done: creating a trigger waits for them. So none of its runs goes unnoticed.
    `INSERT INTO ${names.touched} (run_id, from_seq) SELECT DISTINCT run_id, 0 FROM ${names.events}`,
  ]
}

function dropDerived(names: Names): readonly string[] {
  return [
    ...Object.values(TRIGGERS).map((trigger) => `DROP TRIGGER IF EXISTS ${trigger} ON ${names.events}`),
    `DROP FUNCTION IF EXISTS ${names.touch}, ${names.touchOne}`,
    `DROP TABLE IF EXISTS ${names.runs}, ${names.counts}, ${names.touched}, ${names.search}, ${names.state}`,
  ]
}

// Texts compare by their bytes, whatever the database's locale says. Tokens and cost are floats because a sum of them is
// one wherever else it is computed.
function createRuns(names: Names): readonly string[] {
  return [
    `CREATE TABLE ${names.runs} (
      run_id          TEXT COLLATE "C" PRIMARY KEY,
      folded_id       TEXT COLLATE "C" NOT NULL, -- lower case as JavaScript does it
      status          TEXT COLLATE "C" NOT NULL,
      started_at      BIGINT NOT NULL,
      last_at         BIGINT NOT NULL,
      last_seq        BIGINT NOT NULL,
      last_kind       INTEGER NOT NULL,
      event_count     BIGINT NOT NULL,
      turn_count      BIGINT NOT NULL,
      tool_call_count BIGINT NOT NULL,
      input_tokens    DOUBLE PRECISION NOT NULL,
      output_tokens   DOUBLE PRECISION NOT NULL,
      cost_usd        DOUBLE PRECISION NOT NULL,
      search_seq      BIGINT NOT NULL DEFAULT 0 -- up to here the search index covers the run
    )`,
    `CREATE INDEX starling_runs_by_age ON ${names.runs} (started_at, run_id)`,
    // Without the run id, which may be as long as an index of events takes it: here there would be no room for it.
    `CREATE INDEX starling_runs_by_status ON ${names.runs} (status, started_at)`,
    `CREATE INDEX starling_runs_unsearched ON ${names.runs} (started_at, run_id) WHERE search_seq < last_seq`,
    `CREATE TABLE ${names.counts} (status TEXT COLLATE "C" PRIMARY KEY, runs BIGINT NOT NULL)`,
    // Notes that a run has changed since it was summed up, each with the first event that has. A run may have many: none
    // is ever written twice, so nobody who notes a change waits for anybody. They come and go, which leaves room behind.
    `CREATE TABLE ${names.touched} (run_id TEXT COLLATE "C" NOT NULL, from_seq BIGINT NOT NULL)
       WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000)`,
    `CREATE INDEX starling_touched_by_run ON ${names.touched} (run_id)`,
  ]
}

// The list of pending entries is kept short: every search reads it.
function createSearch(names: Names): readonly string[] {
  return [
    `CREATE TABLE ${names.search} (
      id     BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      run_id TEXT COLLATE "C" NOT NULL,
      seq    BIGINT NOT NULL,
      words  TSVECTOR NOT NULL,
      UNIQUE (run_id, seq)
    )`,
    `CREATE INDEX starling_search_words ON ${names.search} USING gin (words) WITH (gin_pending_list_limit = 512)`,
  ]
}

// A row stays when its lease is given back (owner is NULL then), so that tokens only grow.
function createLeases(names: Names): string {
  return `CREATE TABLE IF NOT EXISTS ${names.leases} (
    run_id     TEXT COLLATE "C" PRIMARY KEY,
    token      BIGINT NOT NULL,
    owner      TEXT,
    expires_at TIMESTAMPTZ NOT NULL
  )`
}

// Before each row that is added: for the few rows of an append that takes less than one call at the end of it. It calls
// nothing by an unqualified name, operators included, so it needs no search path of its own, which costs more than the note.
function createTouchOne(names: Names): string {
  return `CREATE OR REPLACE FUNCTION ${names.touchOne}() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER AS ${dollarQuoted(`
    BEGIN
      INSERT INTO ${names.touched} (run_id, from_seq) VALUES (NEW.run_id, NEW.seq);
      RETURN NEW;
    END `)}`
}

function createTouch(names: Names): string {
  const note = `INSERT INTO ${names.touched} (run_id, from_seq)`
  return `CREATE OR REPLACE FUNCTION ${names.touch}() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS ${dollarQuoted(`
    BEGIN
      IF TG_OP = 'DELETE' THEN
        ${note} SELECT DISTINCT run_id, 0 FROM removed;
      ELSIF TG_OP = 'UPDATE' THEN
        ${note} SELECT run_id, 0 FROM added UNION SELECT run_id, 0 FROM removed;
      ELSE
        DELETE FROM ${names.touched};
        DELETE FROM ${names.runs};
        DELETE FROM ${names.counts};
        DELETE FROM ${names.search};
      END IF;
      RETURN NULL;
    END `)}`
}

const TRIGGERS = {
  inserted: 'starling_event_inserted',
  deleted: 'starling_event_deleted',
  updated: 'starling_event_updated',
  truncated: 'starling_event_truncated',
} as const

function createTriggers(names: Names): readonly string[] {
  const on = (trigger: string, what: string, tables: string): string =>
    `CREATE TRIGGER ${trigger} AFTER ${what} ON ${names.events} ${tables}
       FOR EACH STATEMENT EXECUTE FUNCTION ${names.touch}()`
  return [
    `CREATE TRIGGER ${TRIGGERS.inserted} BEFORE INSERT ON ${names.events}
       FOR EACH ROW EXECUTE FUNCTION ${names.touchOne}()`,
    on(TRIGGERS.deleted, 'DELETE', 'REFERENCING OLD TABLE AS removed'),
    on(TRIGGERS.updated, 'UPDATE', 'REFERENCING OLD TABLE AS removed NEW TABLE AS added'),
    on(TRIGGERS.truncated, 'TRUNCATE', ''),
  ]
}
