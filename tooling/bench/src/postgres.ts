import { join } from 'node:path'
import type { EventLog } from '@starling/eventlog'
import { openPostgresEventLog } from '@starling/eventlog-postgres'
import pg from 'pg'
import { createChain, encodeAnswer, runIdOf, type Chain } from './chain.ts'
import { byScale, type BenchContext, type Group } from './context.ts'
import { PEERS } from './peers.ts'
import { startPostgres } from './postgres-server.ts'
import { digits, formatMs, formatRatio, type Row } from './row.ts'
import { timeRounds, type Subject } from './rounds.ts'
import { timeLookUps } from './search.ts'
import { createWorker, textOf, type Work } from './work.ts'

const RUNS = 64
const TEXT = textOf(1350)
const AT_ONCE = 120
const WORKS = [10, 50] as const

/** The log on a Postgres server of its own, against bare inserts and against DBOS Transact on the same server. */
export const postgresGroup: Group = { name: 'postgres', measure: measurePostgres }

async function measurePostgres(context: BenchContext): Promise<readonly Row[]> {
  await using server = await startPostgres(context)
  return [
    ...(await measureAppends(server.url, context)),
    ...(await measureTurns(server.url, context)),
    ...(await measureLookUps(server.url, context)),
  ]
}

async function measureAppends(url: string, context: BenchContext): Promise<readonly Row[]> {
  const events = byScale(context, 64, 256)
  await using log = await openPostgresEventLog({ url, schema: 'appends' })
  const client = new pg.Client(url)
  await client.connect()
  try {
    await client.query(`CREATE TABLE bare (run_id TEXT NOT NULL, seq BIGINT NOT NULL, prev_hash BYTEA,
      ts BIGINT NOT NULL, kind INTEGER NOT NULL, payload BYTEA NOT NULL, PRIMARY KEY (run_id, seq))`)
    const times = await timeRounds(
      [
        bareSubject(client, events),
        manySubject('one', log, { runs: 1, events, from: 0 }),
        manySubject('many', log, { runs: RUNS, events: events * 4, from: 1 }),
      ],
      { rounds: byScale(context, 3, 21), warmUps: byScale(context, 1, 3) },
    )
    const [ratio, gain] = [times.ratio('one', 'bare'), times.ratio('one', 'many')]
    const noise = `±${Math.round(times.noise('one') * 100)} %`
    return [
      {
        what: 'Postgres: one append, 1.5 KB, against a bare insert in one round trip',
        figure: `${formatRatio(ratio)} (${formatMs(times.median('one'))} against ${formatMs(times.median('bare'))}, noise ${noise})`,
        target: '≤ 1.2 ×',
        met: ratio <= 1.2,
      },
      {
        what: `Postgres: ${RUNS} runs appending at once, throughput against one`,
        figure: `${formatRatio(gain)} (${formatMs(times.median('many'))} an event)`,
        target: '≥ 4 ×',
        met: gain >= 4,
      },
    ]
  } finally {
    await client.end()
  }
}

function bareSubject(client: pg.Client, events: number): Subject {
  const payload = encodeAnswer(TEXT, 1)
  const hash = new Uint8Array(32)
  let seq = 0
  return {
    name: 'bare',
    units: events,
    async run() {
      for (let row = 0; row < events; row += 1) {
        await client.query('INSERT INTO bare VALUES ($1, $2, $3, $4, $5, $6)', [
          runIdOf(0),
          (seq += 1),
          hash,
          1_795_256_961_295_544_784n,
          5,
          payload,
        ])
      }
    },
  }
}

interface Appends {
  readonly runs: number
  readonly events: number
  /** The number of the first run. */
  readonly from: number
}

function manySubject(name: string, log: EventLog, { runs, events, from }: Appends): Subject {
  const chains = Array.from({ length: runs }, (_, run) => createChain(runIdOf(from + run), TEXT))
  const write = async (chain: Chain): Promise<void> => {
    for (let count = 0; count < events / runs; count += 1) await log.append(chain.runId, chain.next())
  }
  return { name, units: events, run: async () => void (await Promise.all(chains.map(write))) }
}

/** What `peers/dbos.mjs` has. */
interface DbosPeer {
  readonly name: string
  open(work: Work): Promise<DbosWork>
  launch(url: string): Promise<void>
  run(work: DbosWork): Promise<void>
  close(): Promise<void>
}

interface DbosWork {
  readonly turns: number
}

async function measureTurns(url: string, context: BenchContext): Promise<readonly Row[]> {
  const dbos = context.withPeers ? ((await import(join(PEERS, 'dbos.mjs'))) as DbosPeer) : undefined
  await using log = await openPostgresEventLog({ url, schema: 'turns', poolSize: 20 })
  const works = WORKS.map((turns): Work => ({ turns, bytes: 1024 }))
  const opened = await Promise.all(works.map(async (work) => ({ work, peer: await dbos?.open(work) })))
  await dbos?.launch(url)
  try {
    const rows: Row[] = []
    for (const { work, peer } of opened) {
      const agent = createWorker(log, work)
      const own = async (): Promise<void> => {
        const { status } = await agent.run('Do the work.')
        if (status !== 'completed') throw new Error(`the run ended as ${status}`)
      }
      const other = dbos === undefined || peer === undefined ? undefined : (): Promise<void> => dbos.run(peer)
      for (const atOnce of [1, byScale(context, 8, AT_ONCE)]) {
        rows.push(await timeTurns({ work, own, other, atOnce, name: dbos?.name ?? '' }, context))
      }
    }
    return rows
  } finally {
    await dbos?.close()
  }
}

interface Turns {
  readonly work: Work
  readonly own: () => Promise<void>
  readonly other: (() => Promise<void>) | undefined
  readonly atOnce: number
  readonly name: string
}

async function timeTurns({ work, own, other, atOnce, name }: Turns, context: BenchContext): Promise<Row> {
  const subject = (label: string, run: () => Promise<void>): Subject => ({
    name: label,
    units: work.turns * atOnce,
    run: async () => void (await Promise.all(Array.from({ length: atOnce }, run))),
  })
  const subjects = [subject('own', own), ...(other === undefined ? [] : [subject('other', other)])]
  const few = byScale(context, 1, atOnce === 1 ? 9 : 3)
  const times = await timeRounds(subjects, { rounds: few, warmUps: 1 })
  const what = `Postgres: a durable turn of W(${work.turns}, ${work.bytes}), ${atOnce === 1 ? 'alone' : `${atOnce} at once`}`
  const ms = formatMs(times.median('own'))
  if (other === undefined) return { what, figure: ms, target: '–', met: undefined }
  const gain = times.ratio('other', 'own')
  return {
    what: `${what}, against ${name}`,
    figure: `${digits(gain)} × faster (${ms} against ${formatMs(times.median('other'))})`,
    target: '≥ 5 × faster',
    met: gain >= 5,
  }
}

async function measureLookUps(url: string, context: BenchContext): Promise<readonly Row[]> {
  await using log = await openPostgresEventLog({ url, schema: 'lookups' })
  return (await timeLookUps(log, context)).map((row) => ({ ...row, what: `Postgres: ${row.what}` }))
}
