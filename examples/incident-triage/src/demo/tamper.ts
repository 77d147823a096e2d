import { KIND } from '@starling/event'
import { validateRun, type EventLog } from '@starling/eventlog'
import { openSqliteEventLog } from '@starling/eventlog-sqlite'
import Database from 'better-sqlite3'
import { check } from './demo-failure.ts'
import { paint, say, sayProved, sayWrapped } from './terminal.ts'

/** What {@link tamper} works on. */
export interface TamperOptions {
  readonly log: EventLog
  /** The file of `log`. */
  readonly path: string
  /** Where the copy goes. */
  readonly copy: string
  readonly runId: string
}

/** Changes one bit of a tool's recorded result in a copy of the log, and checks that validation finds it. */
export async function tamper({ log, path, copy, runId }: TamperOptions): Promise<void> {
  const completed = (await log.read(runId)).find(({ kind }) => kind === KIND.ToolCallCompleted)
  check(completed !== undefined, `run ${runId} has no completed tool call to tamper with`)
  const { seq } = completed
  copyDatabase(path, copy)
  await using tampered = await openSqliteEventLog({ path: copy })
  const intact = await validateRun(tampered, runId)
  check(intact.status === 'ok', `the untouched copy does not validate: ${intact.reason ?? intact.status}`)
  const { offset, before, after } = flipByte(copy, runId, seq)
  say(`${paint('bold', 'sql')}  UPDATE eventlog_events SET payload = … WHERE run_id = '${runId}' AND seq = ${seq}`)
  say(`byte ${offset} of the result of a tool: ${hex(before)} became ${hex(after)}`)
  const { status, reason = '' } = await validateRun(tampered, runId)
  check(status === 'corrupt', `a flipped byte in event ${seq} was not found: the verdict is ${status}`)
  check(reason !== '', 'the corrupt verdict has no reason')
  sayWrapped(`${paint('red', 'corrupt')}: ${reason}`)
  const original = await validateRun(log, runId)
  check(original.status === 'ok', `the original log no longer validates: ${original.reason ?? original.status}`)
  sayProved('the copy is refused, the original still validates')
}

/** Copies what is committed, whatever part of it is still in the write-ahead log. */
function copyDatabase(path: string, copy: string): void {
  using db = openDatabase(path)
  db.database.prepare('VACUUM INTO ?').run(copy)
}

function flipByte(path: string, runId: string, seq: number): { offset: number; before: number; after: number } {
  using db = openDatabase(path)
  const where = 'WHERE run_id = ? AND seq = ?'
  const select = db.database
    .prepare<[string, number], Uint8Array>(`SELECT payload FROM eventlog_events ${where}`)
    .pluck()
  const payload = new Uint8Array(select.get(runId, seq) ?? [])
  const offset = Math.floor(payload.length / 2)
  const before = payload[offset] ?? 0
  const after = before ^ 1
  payload[offset] = after
  const { changes } = db.database.prepare(`UPDATE eventlog_events SET payload = ? ${where}`).run(payload, runId, seq)
  check(changes === 1, `the change of one byte changed ${changes} rows`)
  return { offset, before, after }
}

function openDatabase(path: string): Disposable & { readonly database: Database.Database } {
  const database = new Database(path)
  return { database, [Symbol.dispose]: () => void database.close() }
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0')
}
