import Database from 'better-sqlite3'
import { encodeAnswer, runIdOf } from './chain.ts'
import { freshFile, type BenchContext } from './context.ts'
import type { Subject } from './rounds.ts'

/** A table like that of the log, written by nothing but prepared statements. */
export interface BareTable extends Disposable {
  /** Inserts one event per transaction: nothing durable costs less. */
  oneByOne(name: string, events: number): Subject
  /** Inserts `events` events in transactions of `group`. */
  inGroups(name: string, events: number, group: number): Subject
}

/** Opens a {@link BareTable} whose rows carry `text`. */
export function openBareTable(
  context: BenchContext,
  options: { readonly synchronous: 'NORMAL' | 'FULL'; readonly text: string },
): BareTable {
  const db = new Database(freshFile(context))
  db.pragma('journal_mode = WAL')
  db.pragma(`synchronous = ${options.synchronous}`)
  db.exec(`CREATE TABLE eventlog_events (
    run_id TEXT NOT NULL, seq INTEGER NOT NULL, prev_hash BLOB, ts INTEGER NOT NULL, kind INTEGER NOT NULL,
    payload BLOB NOT NULL, PRIMARY KEY (run_id, seq)
  )`)
  const statement = db.prepare('INSERT INTO eventlog_events VALUES (?, ?, ?, ?, ?, ?)')
  const payload = encodeAnswer(options.text, 1)
  const hash = new Uint8Array(32)
  let seq = 0
  const insert = (count: number): void => {
    for (let row = 0; row < count; row += 1) {
      statement.run(runIdOf(0), (seq += 1), hash, 1_795_256_961_295_544_784n, 5, payload)
    }
  }
  const insertGroup = db.transaction(insert)
  return {
    oneByOne: (name, events) => ({ name, units: events, run: () => insert(events) }),
    inGroups: (name, events, group) => ({
      name,
      units: events,
      run() {
        for (let done = 0; done < events; done += group) insertGroup(group)
      },
    }),
    [Symbol.dispose]: () => void db.close(),
  }
}
