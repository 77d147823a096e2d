/**
 * Measures durable appends against a bare insert per transaction, on the same disk at the same time.
 *
 *     node --conditions=@starling/source packages/eventlog-sqlite/bench/append.bench.ts [directory]
 *
 * The subjects take turns in short rounds, so that whatever else the machine does hits all of them alike.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { encodePayload, hashEvent, KIND } from '@starling/event'
import type { Event } from '@starling/event'
import Database from 'better-sqlite3'

import { openSqliteEventLog } from '../src/index.ts'

const ROUNDS = 25
const EVENTS = 640
const RUNS = 64
const TEXT = 'The quick brown fox jumps over the lazy dog. '.repeat(40).slice(0, 1400)
const TS = 1_795_256_961_295_544_784n

/** Appends {@link EVENTS} events. */
type Subject = () => void | Promise<void>

async function main(): Promise<void> {
  const directory = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'starling-bench-'))
  try {
    await using oneLog = await openSqliteEventLog({ path: join(directory, 'one.db') })
    await using batchLog = await openSqliteEventLog({ path: join(directory, 'batch.db') })
    await using manyLog = await openSqliteEventLog({ path: join(directory, 'many.db') })
    await using fullLog = await openSqliteEventLog({ path: join(directory, 'full.db'), synchronous: 'full' })
    await using fullManyLog = await openSqliteEventLog({ path: join(directory, 'fm.db'), synchronous: 'full' })
    const chains = (): readonly Chain[] => Array.from({ length: RUNS }, (_, run) => new Chain(runIdOf(run)))
    const subjects: Readonly<Record<string, Subject>> = {
      'bare insert': bareInsert(join(directory, 'bare.db')),
      'one append': appendsOfOne(oneLog, new Chain(runIdOf(0))),
      'ten an append': appendsOfTen(batchLog, new Chain(runIdOf(0))),
      '64 runs at once': appendsOfMany(manyLog, chains()),
      'bare insert, fsync': bareInsert(join(directory, 'bare-full.db'), 'FULL'),
      'one append, fsync': appendsOfOne(fullLog, new Chain(runIdOf(0))),
      '64 runs at once, fsync': appendsOfMany(fullManyLog, chains()),
    }
    const times = await measure(subjects)
    report(times)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

async function measure(subjects: Readonly<Record<string, Subject>>): Promise<ReadonlyMap<string, readonly number[]>> {
  const times = new Map<string, number[]>(Object.keys(subjects).map((name) => [name, []]))
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, subject] of Object.entries(subjects)) {
      const began = performance.now()
      await subject()
      times.get(name)?.push(((performance.now() - began) * 1000) / EVENTS)
    }
  }
  return times
}

function report(times: ReadonlyMap<string, readonly number[]>): void {
  const lines = [`${''.padEnd(24)} µs an event: median    mean   × bare: median    mean`]
  const bare = times.get('bare insert') ?? []
  for (const [name, values] of times) {
    const cells = [median(values), mean(values), median(values) / median(bare), mean(values) / mean(bare)]
    const [first, second, third, fourth] = cells.map((cell) => cell.toFixed(2).padStart(8))
    lines.push(`${name.padEnd(24)}             ${first}${second}          ${third}${fourth}`)
  }
  const [one, many] = [times.get('one append') ?? [], times.get('64 runs at once') ?? []]
  const gains = [median(one) / median(many), mean(one) / mean(many)].map((gain) => gain.toFixed(2))
  lines.push(`64 runs at once have ${gains.join(' (median), ')} (mean) × the throughput of one`)
  process.stdout.write(`${lines.join('\n')}\n`)
}

/** The least that a durable append can cost: the same columns, prepared, one commit each. */
function bareInsert(path: string, synchronous = 'NORMAL'): Subject {
  const db = new Database(path)
  db.pragma('journal_mode = WAL')
  db.pragma(`synchronous = ${synchronous}`)
  db.exec(`CREATE TABLE eventlog_events (
    run_id TEXT NOT NULL, seq INTEGER NOT NULL, prev_hash BLOB, ts INTEGER NOT NULL, kind INTEGER NOT NULL,
    payload BLOB NOT NULL, PRIMARY KEY (run_id, seq)
  )`)
  const insert = db.prepare('INSERT INTO eventlog_events VALUES (?, ?, ?, ?, ?, ?)')
  const append = db.transaction((...row: unknown[]) => insert.run(...row)).immediate
  const payload = payloadOf(1)
  const hash = new Uint8Array(32)
  let seq = 0
  return () => {
    for (let count = 0; count < EVENTS; count++) append(runIdOf(0), ++seq, hash, TS, 5, payload)
  }
}

function appendsOfOne(log: Log, chain: Chain): Subject {
  return async () => {
    for (let count = 0; count < EVENTS; count++) await log.append(chain.runId, chain.next())
  }
}

function appendsOfTen(log: Log, chain: Chain): Subject {
  return async () => {
    for (let count = 0; count < EVENTS; count += 10) {
      await log.append(
        chain.runId,
        Array.from({ length: 10 }, () => chain.next()),
      )
    }
  }
}

function appendsOfMany(log: Log, chains: readonly Chain[]): Subject {
  return async () => {
    await Promise.all(
      chains.map(async (chain) => {
        for (let count = 0; count < EVENTS / RUNS; count++) await log.append(chain.runId, chain.next())
      }),
    )
  }
}

type Log = Awaited<ReturnType<typeof openSqliteEventLog>>

function payloadOf(seq: number): Uint8Array {
  return encodePayload(KIND.AssistantMessageCompleted, {
    turnId: '01M7YTEJ8FH04JCXYN4BVERCG7',
    text: TEXT,
    stopReason: 'stop',
    inputTokens: seq,
    outputTokens: 12,
    costUsd: 0.0000042,
    rawResponseHash: null,
  })
}

function runIdOf(run: number): string {
  return `01M7YTEJ8FH04JCXYN4BVER${String(run).padStart(3, '0')}`
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN
}

/** Encodes and chains the events of a run, each when it is appended. */
class Chain {
  readonly runId: string
  #last: Event | undefined

  constructor(runId: string) {
    this.runId = runId
  }

  next(): Event {
    const last = this.#last
    const seq = (last?.seq ?? 0) + 1
    this.#last = {
      runId: this.runId,
      seq,
      prevHash: last === undefined ? null : hashEvent(last),
      ts: TS + BigInt(seq),
      kind: seq % 4 === 0 ? KIND.AssistantMessageCompleted : KIND.ToolCallCompleted,
      payload: payloadOf(seq),
    }
    return this.#last
  }
}

await main()
