import type { EventLog } from '@starling/eventlog'
import { openSqliteEventLog } from '@starling/eventlog-sqlite'
import { KIND, encodePayload, hashEvent, type Event } from '@starling/event'
import { encodeAnswer, runIdOf } from './chain.ts'
import { freshFile, type BenchContext, type Group } from './context.ts'
import { formatMs, type Row } from './row.ts'
import { timeRounds } from './rounds.ts'

const EVENTS_PER_RUN = 10
const BATCH_RUNS = 100
const WORDS_PER_EVENT = 20
const VOCABULARY = 5000
const TS = 1_795_256_961_295_544_784n

const RUNS = { quick: 500, default: 10_000, full: 100_000 } as const

/** Looking things up in a large log. */
export const searchGroup: Group = { name: 'search', measure: measureSearch }

async function measureSearch(context: BenchContext): Promise<readonly Row[]> {
  await using log = await openSqliteEventLog({ path: freshFile(context) })
  return timeLookUps(log, context)
}

/** Fills an empty log and looks things up in it. */
export async function timeLookUps(log: EventLog, context: BenchContext): Promise<readonly Row[]> {
  const runs = RUNS[context.scale]
  const events = runs * EVENTS_PER_RUN
  const began = performance.now()
  await fill(log, runs)
  const filled = performance.now()
  await log.listRuns()
  await log.search({ query: 'nothing' })
  const indexed = performance.now()
  const times = await timeRounds(
    [
      { name: 'page', units: 1, run: async () => expectHits((await log.listRuns({ limit: 50 })).runs.length) },
      { name: 'last', units: 1, run: async () => expectHits((await log.listRuns({ offset: runs - 50 })).runs.length) },
      { name: 'rare', units: 1, run: async () => expectHits((await log.search({ query: 'rarely' })).length) },
      { name: 'two', units: 1, run: async () => expectHits((await log.search({ query: 'word17 word18' })).length, 0) },
      { name: 'common', units: 1, run: async () => expectHits((await log.search({ query: 'word42' })).length) },
    ],
    { rounds: 15, warmUps: 3 },
  )
  const size = `${events.toLocaleString('en')} events`
  const share = Math.round((events * WORDS_PER_EVENT) / VOCABULARY)
  const row = (what: string, name: string, limit?: number): Row => {
    const ms = times.median(name)
    const met = limit === undefined ? undefined : ms <= limit
    return {
      what,
      figure: `${formatMs(ms)} ±${Math.round(times.noise(name) * 100)} %`,
      target: limit === undefined ? '–' : `≤ ${limit} ms`,
      met,
    }
  }
  return [
    row(`the newest page of 50 runs out of ${runs.toLocaleString('en')}`, 'page', 10),
    row(`the last page of 50 runs out of ${runs.toLocaleString('en')}`, 'last', 10),
    row(`full-text search over ${size}: a word in 1 of 1,000`, 'rare', 50),
    row(`full-text search over ${size}: two words at once`, 'two', 50),
    row(`full-text search over ${size}: a word in ${share.toLocaleString('en')} of them`, 'common', 50),
    {
      what: `deriving both indexes of ${size}`,
      figure: `${formatMs(indexed - filled)} (writing the events took ${formatMs(filled - began)})`,
      target: '–',
      met: undefined,
    },
  ]
}

function expectHits(count: number, atLeast = 1): void {
  if (count < atLeast) throw new Error('nothing was found in a log that has it')
}

async function fill(log: EventLog, runs: number): Promise<void> {
  const words = createWords()
  for (let run = 0; run < runs; run += BATCH_RUNS) {
    const batch = Array.from({ length: BATCH_RUNS }, (_, index) => createRun(run + index, words))
    await Promise.all(batch.map((events, index) => log.append(runIdOf(run + index), events)))
  }
}

function createRun(run: number, words: () => string): readonly Event[] {
  const runId = runIdOf(run)
  const events: Event[] = []
  for (let seq = 1; seq <= EVENTS_PER_RUN; seq += 1) {
    const last = events.at(-1)
    const prevHash = last === undefined ? null : hashEvent(last)
    events.push({ runId, seq, prevHash, ts: TS + BigInt(run * 1_000_000 + seq), ...contentOf(run, seq, words) })
  }
  return events
}

function contentOf(run: number, seq: number, words: () => string): Pick<Event, 'kind' | 'payload'> {
  const isRare = (run * EVENTS_PER_RUN + seq) % 1000 === 500
  const text = isRare ? `${words()} rarely` : words()
  if (seq === 2)
    return { kind: KIND.UserMessageAppended, payload: encodePayload(KIND.UserMessageAppended, { content: text }) }
  return { kind: KIND.AssistantMessageCompleted, payload: encodeAnswer(text, seq) }
}

/** The same words in every run of the bench: a multiplicative congruence, constants from MINSTD. */
function createWords(): () => string {
  let state = 1
  const next = (): number => (state = (state * 48_271) % 2_147_483_647)
  return () => Array.from({ length: WORDS_PER_EVENT }, () => `word${next() % VOCABULARY}`).join(' ')
}
