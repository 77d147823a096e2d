/**
 * Measures listing, searching, reading and opening a large log.
 *
 *     node --conditions=@starling/source packages/eventlog-sqlite/bench/listing.bench.ts [runs] [directory]
 *
 * Every run has ten events with about a hundred words each. 100,000 runs, a million events, take some minutes to write.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { encodePayload, hashEvent, KIND } from '@starling/event'
import type { Event } from '@starling/event'

import { openSqliteEventLog } from '../src/index.ts'
import type { SqliteEventLog } from '../src/index.ts'

const EVENTS_PER_RUN = 10
const WORDS_PER_EVENT = 100
const REPEATS = 9

async function main(): Promise<void> {
  const runs = Number(process.argv[2] ?? 2000)
  const directory = mkdtempSync(join(process.argv[3] ?? tmpdir(), 'starling-bench-'))
  const path = join(directory, 'large.db')
  try {
    await write(path, runs)
    say(`${runs} runs, ${runs * EVENTS_PER_RUN} events, ${megabytes(path)} MB`)
    await using reader = await openSqliteEventLog({ path, readOnly: true })
    await measureListing('read-only', reader)
    await using log = await openSqliteEventLog({ path })
    await measureListing('writable', log)
    await measureSearch(log, runs)
    say(`${megabytes(path)} MB with the search index`)
    await timed('rebuild', () => log.rebuild(), 1)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

async function write(path: string, runs: number): Promise<void> {
  await using log = await openSqliteEventLog({ path })
  await timed(
    'write',
    async () => {
      for (let first = 0; first < runs; first += 50) {
        await Promise.all(
          Array.from({ length: Math.min(50, runs - first) }, (_, n) =>
            log.append(runIdOf(first + n), eventsOf(first + n)),
          ),
        )
      }
    },
    1,
  )
  await timed('first listing after it', () => log.listRuns(), 1)
}

async function measureListing(name: string, log: SqliteEventLog): Promise<void> {
  await timed(`${name}: newest 50`, () => log.listRuns())
  await timed(`${name}: 50 at offset 1,000`, () => log.listRuns({ offset: 1000 }))
  await timed(`${name}: 50 failed`, () => log.listRuns({ status: 'failed' }))
  await timed(`${name}: 50 with tool calls`, () => log.listRuns({ requireToolCalls: true }))
  await timed(`${name}: 50 by part of the id`, () => log.listRuns({ query: '77' }))
  await timed(`${name}: summary of a run`, () => log.summary(runIdOf(7)))
}

async function measureSearch(log: SqliteEventLog, runs: number): Promise<void> {
  await timed('search: first, makes the index', () => log.search({ query: 'needle' }), 1)
  for (const query of ['needle', 'w1', 'w1 w2', 'w100', 'w20000', 'w100 w200', 'w77*', 'w1*', 'absent']) {
    await timed(`search: ${query}`, () => log.search({ query }))
  }
  await timed('search: w1 in a run', () => log.search({ query: 'w1', runId: runIdOf(runs >> 1) }))
  await timed('search: w1 in failures', () => log.search({ query: 'w1', kinds: [KIND.RunFailed] }))
}

function eventsOf(run: number): readonly Event[] {
  const events: Event[] = []
  for (let seq = 1; seq <= EVENTS_PER_RUN; seq++) {
    const previous = events.at(-1)
    const isLast = seq === EVENTS_PER_RUN
    events.push({
      runId: runIdOf(run),
      seq,
      prevHash: previous === undefined ? null : hashEvent(previous),
      ts: 1_700_000_000_000_000_000n + BigInt(run) * 1_000_000_000n + BigInt(seq),
      kind: isLast ? KIND.RunFailed : run % 3 === 0 && seq === 5 ? KIND.ToolCallScheduled : KIND.UserMessageAppended,
      payload: isLast
        ? encodePayload(KIND.RunFailed, { error: textOf(run), errorType: 'tool', merkleRoot: null, durationMs: 1 })
        : encodePayload(KIND.UserMessageAppended, { content: textOf(run) + (run % 1000 === 0 ? ' needle' : '') }),
    })
  }
  return events
}

let seed = 1

/** Words as frequent as in a language: the n-th is 1/n as frequent as the first. */
function textOf(run: number): string {
  const words = Array.from({ length: WORDS_PER_EVENT }, () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff
    return `w${Math.floor(50_000 ** (seed / 0x7fff_ffff))}`
  })
  return `run ${run} ${words.join(' ')}`
}

function runIdOf(run: number): string {
  return `01M7YTEJ8F${String(run).padStart(16, '0')}`
}

async function timed(name: string, action: () => Promise<unknown>, repeats = REPEATS): Promise<void> {
  const times: number[] = []
  for (let repeat = 0; repeat < repeats; repeat++) {
    const began = performance.now()
    await action()
    times.push(performance.now() - began)
  }
  const median = times.toSorted((a, b) => a - b)[times.length >> 1] ?? NaN
  say(`${name.padEnd(36)} ${median.toFixed(2).padStart(10)} ms`)
}

function megabytes(path: string): string {
  return (statSync(path).size / 1e6).toFixed(0)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

await main()
