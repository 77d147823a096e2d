import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { createAgent } from '@starling/core'
import { validateRun } from '@starling/eventlog'
import { openSqliteEventLog } from '@starling/eventlog-sqlite'
import type { SqliteEventLog } from '@starling/eventlog-sqlite'
import { createScriptedProvider } from '@starling/provider/scripted'
import { defineTool } from '@starling/tool'
import * as z from 'zod'

const RUN_ID = 'tampered'

interface Row {
  readonly rowid: bigint
  readonly run_id: string
  readonly seq: bigint
  readonly prev_hash: Uint8Array | null
  readonly ts: bigint
  readonly kind: bigint
  readonly payload: Uint8Array
}

type Column = Exclude<keyof Row, 'rowid'>
type Value = Row[Column]

/** One changed byte that validation did not find. */
interface Unfound {
  readonly seq: number
  readonly column: Column
}

describe('every single-byte change of what a finished run has stored', () => {
  let directory: string
  let log: SqliteEventLog
  let db: Database.Database
  let rows: readonly Row[]

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'starling-tampering-'))
    const path = join(directory, 'log.db')
    log = await openSqliteEventLog({ path })
    await recordRun(log)
    db = new Database(path)
    db.pragma('synchronous = OFF')
    db.defaultSafeIntegers()
    rows = db.prepare<[], Row>('SELECT rowid, * FROM eventlog_events ORDER BY seq').all()
  })

  afterAll(async () => {
    db.close()
    await log[Symbol.asyncDispose]()
    rmSync(directory, { recursive: true, force: true })
  })

  test('the run is intact before it is changed', async () => {
    expect(await validateRun(log, RUN_ID)).toMatchObject({ status: 'ok', events: rows.length })
    expect(rows.length).toBeGreaterThanOrEqual(12)
  })

  test.each(['run_id', 'seq', 'prev_hash', 'ts', 'kind', 'payload'] as const)(
    'is found in the column %s of every event before the terminal one',
    async (column) => {
      const { tried, unfound } = await tamper(rows.slice(0, -1), column)
      expect(unfound).toEqual([])
      expect(tried).toBeGreaterThanOrEqual(8 * (rows.length - 2))
    },
  )

  test.each(['run_id', 'seq', 'prev_hash'] as const)(
    'is found in the column %s of the terminal event',
    async (column) => {
      const { tried, unfound } = await tamper(rows.slice(-1), column)
      expect(unfound).toEqual([])
      expect(tried).toBeGreaterThan(0)
    },
  )

  test('is found in the root that the terminal event holds; its time cannot be protected', async () => {
    const terminal = rows.slice(-1)
    const root = await tamper(terminal, 'payload', (bytes) => rangeOfRoot(bytes))
    expect(root).toEqual({ tried: 32 * 8, unfound: [] })
    const time = await tamper(terminal, 'ts')
    expect(time.unfound).toHaveLength(time.tried)
  })

  /** Changes each byte of a column in turn, and puts it back. */
  async function tamper(
    chosen: readonly Row[],
    column: Column,
    range: (bytes: Uint8Array) => readonly [number, number] = (bytes) => [0, bytes.length],
  ): Promise<{ readonly tried: number; readonly unfound: readonly Unfound[] }> {
    const update = db.prepare<[Value, bigint]>(`UPDATE eventlog_events SET ${column} = ? WHERE rowid = ?`)
    const unfound: Unfound[] = []
    let tried = 0
    for (const row of chosen) {
      const value = row[column]
      for (const changed of changesOf(value, range)) {
        if (!tryUpdate(update, changed, row.rowid)) continue
        tried += 1
        if (!(await isFound(log))) unfound.push({ seq: Number(row.seq), column })
      }
      update.run(value, row.rowid)
    }
    return { tried, unfound }
  }
})

/** Two events cannot have one seq: that change the table itself refuses. */
function tryUpdate(update: Database.Statement<[Value, bigint]>, value: Value, rowid: bigint): boolean {
  try {
    update.run(value, rowid)
    return true
  } catch (error) {
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_CONSTRAINT')) return false
    throw error
  }
}

async function isFound(log: SqliteEventLog): Promise<boolean> {
  try {
    return (await validateRun(log, RUN_ID)).status !== 'ok'
  } catch {
    return true // what cannot be read at all is found, too
  }
}

/** The value with one byte changed: each bit of each byte. */
function* changesOf(value: Value, range: (bytes: Uint8Array) => readonly [number, number]): Iterable<Value> {
  if (value === null) {
    yield Uint8Array.of(0)
  } else if (typeof value === 'bigint') {
    yield* changesOfNumber(value)
  } else if (typeof value === 'string') {
    for (const changed of changesOfBytes(new TextEncoder().encode(value), range))
      yield new TextDecoder().decode(changed)
  } else {
    yield* changesOfBytes(value, range)
  }
}

/** A number is stored in as many bytes as it needs: kinds and the first seqs in one, of which every value is tried. */
function* changesOfNumber(value: bigint): Iterable<bigint> {
  if (value >= 0n && value < 128n) {
    for (let byte = -128n; byte < 128n; byte += 1n) if (byte !== value) yield byte
    return
  }
  for (let bit = 0n; bit < 64n; bit += 1n) yield BigInt.asIntN(64, value ^ (1n << bit))
}

function* changesOfBytes(
  bytes: Uint8Array,
  range: (bytes: Uint8Array) => readonly [number, number],
): Iterable<Uint8Array> {
  const [from, to] = range(bytes)
  for (let index = from; index < to; index += 1) {
    for (let bit = 0; bit < 8; bit += 1) {
      const changed = Uint8Array.from(bytes)
      changed[index] = (changed[index] ?? 0) ^ (1 << bit)
      yield changed
    }
  }
}

const ROOT_KEY = new TextEncoder().encode('kmerkle_root')

/** Where the 32 bytes of the Merkle root are in a terminal payload. */
function rangeOfRoot(payload: Uint8Array): readonly [number, number] {
  const key = payload.findIndex((_, at) => ROOT_KEY.every((byte, offset) => payload[at + offset] === byte))
  const start = key + ROOT_KEY.length + 2 // after the key comes the head of a byte string of 32
  return [start, start + 32]
}

async function recordRun(log: SqliteEventLog): Promise<void> {
  const add = defineTool({
    name: 'add',
    description: 'Adds two numbers.',
    input: z.object({ a: z.number(), b: z.number() }),
    execute: async ({ a, b }, context) => ({ sum: a + b, at: await context.sideEffect('stamp', () => 'noon') }),
  })
  const call = (id: string, a: number): { id: string; name: string; arguments: { a: number; b: number } } => {
    return { id, name: 'add', arguments: { a, b: 2.5 } }
  }
  const provider = createScriptedProvider({
    turns: [
      { reasoning: 'Two sums.', toolCalls: [call('c1', 1), call('c2', 2)], usage: { input: 9, output: 4 } },
      { text: 'Done: ünïcödé.', usage: { input: 20, output: 6 } },
    ],
  })
  const agent = createAgent({ provider, model: 'scripted-1', tools: [add], log })
  const { status } = await agent.runWithId(RUN_ID, 'add some numbers')
  expect(status).toBe('completed')
}
