import type { EventLog } from '@starling/eventlog'
import { openSqliteEventLog } from '@starling/eventlog-sqlite'
import { openBareTable } from './bare-insert.ts'
import { createChain, runIdOf, type Chain } from './chain.ts'
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
  using bare = openBareTable(context, { synchronous: 'NORMAL', text: TEXT })
  using bareFull = openBareTable(context, { synchronous: 'FULL', text: TEXT })
  const subjects: readonly Subject[] = [
    bare.oneByOne('bare', events),
    bare.inGroups('bare, many', events, RUNS),
    appendSubject('one', one, events),
    manySubject('many', many, events),
    bareFull.oneByOne('bare, full', fullEvents),
    appendSubject('one, full', full, fullEvents),
  ]
  const times = await timeRounds(subjects, { rounds: byScale(context, 3, 25), warmUps: byScale(context, 1, 3) })
  return describe(times)
}

function describe(times: Times): readonly Row[] {
  const ratio = times.ratio('one', 'bare')
  const ratioFull = times.ratio('one, full', 'bare, full')
  const gain = times.ratio('one', 'many')
  const against = (name: string, other: string): string =>
    `${formatMs(times.median(name))} against ${formatMs(times.median(other))}, noise ±${percent(times.noise(name))}`
  const bareGain = times.ratio('bare', 'bare, many')
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
    {
      what: `bare inserts, ${RUNS} in a transaction, throughput against one`,
      figure: `${formatRatio(bareGain)} (${formatMs(times.median('bare, many'))} a row)`,
      target: '–',
      met: undefined,
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
