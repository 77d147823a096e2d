import type { SqliteEventLog } from '@starling/eventlog-sqlite'
import { openSqliteEventLog } from '@starling/eventlog-sqlite'
import { openBareTable } from './bare-insert.ts'
import { byScale, freshFile, type BenchContext, type Group } from './context.ts'
import { loadPeers, type Peer } from './peers.ts'
import { formatMs, formatRatio, type Row } from './row.ts'
import { timeRounds, type Subject, type Times } from './rounds.ts'
import { countCommits } from './wal.ts'
import { createWorker, textOf, type Work } from './work.ts'

const BYTES = 1024

/** Durable turns against loops that keep nothing, and against one that does. */
export const turnGroup: Group = { name: 'turn', measure: measureTurns }

async function measureTurns(context: BenchContext): Promise<readonly Row[]> {
  const short = await timeTurns(context, 10)
  const long = await timeTurns(context, byScale(context, 50, 200))
  return [...short, ...long, ...(await measureFsync(context)), ...(await measureGrowth(context))]
}

async function timeTurns(context: BenchContext, turns: number): Promise<readonly Row[]> {
  const work: Work = { turns, bytes: BYTES }
  const repeats = Math.max(1, Math.round(byScale(context, 20, 100) / turns))
  const peers = context.withPeers ? await loadPeers() : []
  await using log = await openSqliteEventLog({ path: freshFile(context) })
  const subjects: readonly Subject[] = [
    starlingSubject('starling', log, { work, repeats }),
    ...(await Promise.all(peers.map((peer) => peerSubject(context, peer, { work, repeats })))),
  ]
  const times = await timeRounds(subjects, { rounds: byScale(context, 3, 24), warmUps: byScale(context, 1, 4) })
  return describeTurns(
    times,
    peers.map(({ name }) => name),
    turns,
  )
}

function describeTurns(times: Times, peers: readonly string[], turns: number): readonly Row[] {
  const what = `a durable turn of W(${turns}, ${BYTES})`
  const own = formatMs(times.median('starling'))
  const noise = `±${Math.round(times.noise('starling') * 100)} %`
  if (peers.length === 0) return [{ what, figure: `${own}, noise ${noise}`, target: '–', met: undefined }]
  return peers.map((peer, index): Row => {
    const ratio = times.ratio('starling', peer)
    return {
      what: `${what} against ${peer}`,
      figure: `${formatRatio(ratio)} (${own} ${noise} against ${formatMs(times.median(peer))})`,
      // The first peer is the one to reach; the others are there to compare.
      target: index === 0 ? '≤ 1 ×' : '–',
      met: index === 0 ? ratio <= 1 : undefined,
    }
  })
}

interface Repeated {
  readonly work: Work
  readonly repeats: number
}

function starlingSubject(name: string, log: SqliteEventLog, { work, repeats }: Repeated): Subject {
  const agent = createWorker(log, work)
  return {
    name,
    units: repeats * work.turns,
    async run() {
      for (let run = 0; run < repeats; run += 1) {
        const result = await agent.run('Do the work.')
        if (result.status !== 'completed') throw new Error(`the run ended as ${result.status}`)
      }
    },
  }
}

async function peerSubject(
  context: BenchContext,
  { name, isSlow, open }: Peer,
  { work, repeats }: Repeated,
): Promise<Subject> {
  const peer = await open({ ...work, path: freshFile(context) })
  const runs = isSlow ? 1 : repeats
  return {
    name,
    units: runs * work.turns,
    every: isSlow ? byScale(context, 3, 8) : 1,
    async run() {
      for (let run = 0; run < runs; run += 1) await peer.run()
    },
  }
}

async function measureFsync(context: BenchContext): Promise<readonly Row[]> {
  const work: Work = { turns: byScale(context, 10, 50), bytes: BYTES }
  // Starting and ending a run takes commits of its own: twice as many turns tell them from those of a turn.
  const [some, twice] = [await commitsOf(context, work), await commitsOf(context, { ...work, turns: work.turns * 2 })]
  const commits = (twice - some) / work.turns
  await using log = await openSqliteEventLog({ path: freshFile(context), synchronous: 'full' })
  using bare = openBareTable(context, { synchronous: 'FULL', text: textOf(BYTES) })
  const times = await timeRounds(
    [starlingSubject('full', log, { work, repeats: 1 }), bare.oneByOne('bare', work.turns)],
    { rounds: byScale(context, 2, 25) },
  )
  const ms = times.median('full')
  const what = `a durable turn of W(${work.turns}, ${BYTES}) with fsync on every commit`
  return [
    {
      what: `${what}: commits`,
      figure: `${commits.toFixed(2)} a turn`,
      target: '≤ 2',
      met: commits <= 2,
    },
    {
      what: `${what}: time`,
      figure: `${formatMs(ms)} ±${Math.round(times.noise('full') * 100)} % (a bare insert: ${formatMs(times.median('bare'))})`,
      target: '≤ 1.5 ms',
      met: ms <= 1.5,
    },
  ]
}

async function commitsOf(context: BenchContext, work: Work): Promise<number> {
  const path = freshFile(context)
  await using log = await openSqliteEventLog({ path, synchronous: 'full' })
  const before = countCommits(path)
  await createWorker(log, work).run('Do the work.')
  return countCommits(path) - before
}

async function measureGrowth(context: BenchContext): Promise<readonly Row[]> {
  const turns = byScale(context, 200, 2000)
  await using log = await openSqliteEventLog({ path: freshFile(context) })
  const subjects = [
    starlingSubject('short', log, { work: { turns: 10, bytes: BYTES }, repeats: turns / 10 }),
    starlingSubject('long', log, { work: { turns, bytes: BYTES }, repeats: 1 }),
  ]
  const times = await timeRounds(subjects, { rounds: byScale(context, 2, 9) })
  const ratio = times.ratio('long', 'short')
  const figures = `${formatMs(times.median('long'))} against ${formatMs(times.median('short'))}`
  return [
    {
      what: `a turn of W(${turns}, ${BYTES}) against one of W(10, ${BYTES})`,
      figure: `${formatRatio(ratio)} (${figures})`,
      target: '≤ 1.3 ×',
      met: ratio <= 1.3,
    },
  ]
}
