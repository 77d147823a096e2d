import type { EventLog } from '@starling/eventlog'
import { openSqliteEventLog } from '@starling/eventlog-sqlite'
import Database from 'better-sqlite3'
import { createChain, encodeAnswer, runIdOf, type Chain } from './chain.ts'
import { byScale, freshFile, type BenchContext, type Group } from './context.ts'
import { digits, formatMs, formatRatio, type Row } from './row.ts'
import { timeRounds, type Subject, type Times } from './rounds.ts'
import { textOf } from './work.ts'

const RUNS = 64
const TEXT_BYTES = 1350
const TEXT = textOf(TEXT_BYTES)

/** Durable appends against the least that one can cost: a prepared insert and its commit. */
export const appendGroup: Group = { name: 'append', measure: measureAppends }

async function measureAppends(context: BenchContext): Promise<readonly Row[]> {
  const open = (synchronous: 'normal' | 'full' = 'normal'): ReturnType<typeof openSqliteEventLog> =>
    openSqliteEventLog({ path: freshFile(context), synchronous })
  await using one = await open()
  await using many = await open()
  await using full = await open('full')
  const events = byScale(context, 128, 640)
  const fullEvents = byScale(context, 16, 64)
  const bare = openBare(freshFile(context), 'NORMAL')
  const bareFull = openBare(freshFile(context), 'FULL')
  const subjects: readonly Subject[] = [
    insertSubject('bare', bare, events),
    appendSubject('one', one, events),
    manySubject('many', many, events),
    insertSubject('bare, full', bareFull, fullEvents),
    appendSubject('one, full', full, fullEvents),
  ]
  const times = await timeRounds(subjects, { rounds: byScale(context, 3, 25), warmUps: byScale(context, 1, 3) })
  bare.close()
  bareFull.close()
  return describe(times)
}

function describe(times: Times): readonly Row[] {
  const ratio = times.ratio('one', 'bare')
  const ratioFull = times.ratio('one, full', 'bare, full')
  const gain = times.ratio('one', 'many')
  const against = (name: string, other: string): string =>
    `${formatMs(times.median(name))} against ${formatMs(times.median(other))}, noise ±${percent(times.noise(name))}`
  return [
    {
      what: 'one durable append, 1.5 KB, encoded and chained, against a bare insert',
      figure: `${formatRatio(ratio)} (${against('one', 'bare')})`,
      target: '≤ 1.25 ×',
      met: ratio <= 1.25,
    },
    {
      what: 'the same with fsync on every commit',
      figure: `${formatRatio(ratioFull)} (${against('one, full', 'bare, full')})`,
      target: '–',
      met: undefined,
    },
    {
      what: '64 runs appending at once, throughput against one',
      figure: `${formatRatio(gain)} (${formatMs(times.median('many'))} an event, ${perSecond(times.median('many'))})`,
      target: '≥ 2.5 ×',
      met: gain >= 2.5,
    },
  ]
}

function perSecond(ms: number): string {
  return `${digits(1000 / ms)} events/s`
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

function appendSubject(name: string, log: EventLog, events: number): Subject {
  const chain = createChain(runIdOf(0), TEXT)
  return {
    name,
    units: events,
    async run() {
      for (let count = 0; count < events; count += 1) await log.append(chain.runId, chain.next())
    },
  }
}

function manySubject(name: string, log: EventLog, events: number): Subject {
  const chains = Array.from({ length: RUNS }, (_, run) => createChain(runIdOf(run), TEXT))
  const write = async (chain: Chain): Promise<void> => {
    for (let count = 0; count < events / RUNS; count += 1) await log.append(chain.runId, chain.next())
  }
  return {
    name,
    units: events,
    async run() {
      await Promise.all(chains.map(write))
    },
  }
}

function openBare(path: string, synchronous: 'NORMAL' | 'FULL'): Database.Database {
  const db = new Database(path)
  db.pragma('journal_mode = WAL')
  db.pragma(`synchronous = ${synchronous}`)
  db.exec(`CREATE TABLE eventlog_events (
    run_id TEXT NOT NULL, seq INTEGER NOT NULL, prev_hash BLOB, ts INTEGER NOT NULL, kind INTEGER NOT NULL,
    payload BLOB NOT NULL, PRIMARY KEY (run_id, seq)
  )`)
  return db
}

function insertSubject(name: string, db: Database.Database, events: number): Subject {
  const insert = db.prepare('INSERT INTO eventlog_events VALUES (?, ?, ?, ?, ?, ?)')
  const payload = encodeAnswer(TEXT, 1)
  const hash = new Uint8Array(32)
  const ts = 1_795_256_961_295_544_784n
  let seq = 0
  return {
    name,
    units: events,
    // A statement outside of BEGIN and COMMIT is a transaction of its own: nothing durable is cheaper.
    run() {
      for (let count = 0; count < events; count += 1) insert.run(runIdOf(0), (seq += 1), hash, ts, 5, payload)
    },
  }
}
