import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

import { hashEvent } from '@starling/event'
import type { Event } from '@starling/event'
import Database from 'better-sqlite3'

/** A connection that knows nothing of this package, as another program has it. Closed by `using`. */
export interface RawDatabase extends Disposable {
  readonly db: Database.Database
}

/** Opens a file the way another program does. */
export function openRaw(path: string): RawDatabase {
  const db = new Database(path)
  return {
    db,
    [Symbol.dispose]: () => {
      db.close()
    },
  }
}

/** Runs statements in a file and closes it again. */
export function execute(path: string, sql: string): void {
  using raw = openRaw(path)
  raw.db.exec(sql)
}

/** Inserts events with plain SQL, as the reference does, unchecked. */
export function insertEvents(db: Database.Database, events: readonly Event[]): void {
  const insert = db.prepare(
    'INSERT INTO eventlog_events (run_id, seq, prev_hash, ts, kind, payload) VALUES (?, ?, ?, ?, ?, ?)',
  )
  const insertAll = db.transaction(() => {
    for (const { runId, seq, prevHash, ts, kind, payload } of events)
      insert.run(runId, seq, prevHash, ts, kind, payload)
  })
  insertAll.immediate()
}

/** Returns the event that follows `previous`, saying the same again. */
export function nextEvent(previous: Event): Event {
  return { ...previous, seq: previous.seq + 1, prevHash: hashEvent(previous), ts: previous.ts + 1n }
}

/** Describes everything in a directory: names, sizes, modes, times and contents. */
export function contentsOf(directory: string): readonly string[] {
  return readdirSync(directory)
    .toSorted()
    .map((name) => {
      const path = join(directory, name)
      const { size, mode, mtimeNs } = statSync(path, { bigint: true })
      return `${name} ${size} ${mode.toString(8)} ${mtimeNs} ${readFileSync(path).toString('base64')}`
    })
}
