import { hashEvent } from '@starling/event'
import type { Event } from '@starling/event'
import fc from 'fast-check'

import type { EventLog, Lease, ListRunsOptions, PruneOptions, SearchOptions } from '../event-log.ts'
import { matchSearch, parseSearchQuery } from '../search-query.ts'
import { RUN_STATUSES } from '../status.ts'
import { RunBuilder } from './runs.ts'

/** Something that is asked of a log; what it answers, or how it refuses, must not depend on the backend. */
export type Question = (log: EventLog, memory: Memory) => Promise<unknown>

/** What the asker has kept of earlier answers. */
export interface Memory {
  /** Every lease that was granted, the latest first. */
  readonly leases: Lease[]
  /** Where the last page ended that others come behind. */
  next?: string | undefined
}

const RUN_IDS = ['a', 'B', 'b/ä', '%_'] as const
const WORDS = ['alpha', 'beta', 'Gamma', 'délta', 'alphabet'] as const

/** Anything that changes a log. */
export function anyChange(): fc.Arbitrary<Question> {
  return fc.oneof(
    { weight: 6, arbitrary: anyAppend() },
    { weight: 1, arbitrary: anyPrune() },
    { weight: 1, arbitrary: anyFork() },
    { weight: 4, arbitrary: anyLeasing() },
  )
}

/** Anything that only looks. */
export function anyLook(): fc.Arbitrary<Question> {
  return fc.oneof(
    { weight: 1, arbitrary: anyRead() },
    { weight: 3, arbitrary: anyListing() },
    { weight: 2, arbitrary: anySearch() },
  )
}

function anyAppend(): fc.Arbitrary<Question> {
  return fc
    .record({
      runId: fc.constantFrom(...RUN_IDS),
      words: fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 3 }),
      ending: fc.constantFrom<'complete' | 'fail' | 'cancel' | undefined>(
        undefined,
        undefined,
        'complete',
        'fail',
        'cancel',
      ),
      startedAt: fc.bigInt({ min: 1n, max: 9n }),
      skip: fc.constantFrom(0, 0, 0, 0, 1, 2),
      fencedBy: rarely(0, 1, 2),
    })
    .map(({ runId, words, ending, startedAt, skip, fencedBy }): Question => {
      return async (log, memory) => {
        const fresh = eventsOf(runId, { words, ending, startedAt })
        const stored = await log.read(runId)
        const events = stored.length === 0 ? fresh : continued(stored, fresh)
        const fence = fencedBy === undefined ? undefined : memory.leases[fencedBy]
        return log.append(runId, events.slice(Math.min(skip, events.length - 1)), { fence })
      }
    })
}

function anyRead(): fc.Arbitrary<Question> {
  return fc
    .record({
      runId: fc.constantFrom(...RUN_IDS),
      fromSeq: fc.option(fc.integer({ min: 0, max: 8 }), { nil: undefined }),
      limit: fc.option(fc.integer({ min: -1, max: 5 }), { nil: undefined }),
    })
    .map(
      ({ runId, fromSeq, limit }): Question =>
        (log) =>
          log.read(runId, { fromSeq, limit }),
    )
}

function anyListing(): fc.Arbitrary<Question> {
  const options: fc.Arbitrary<ListRunsOptions> = fc.record({
    limit: rarely(0, -1, 1, 2, 50, 1.5),
    offset: rarely(0, 1, 3, -2, 100),
    status: rarely('', ...RUN_STATUSES, ' FAILED ', 'unheard of'),
    query: rarely('', 'a', 'B', 'Ä', '%', '_', 'complete', 'in progress', ' e ', '/'),
    startedAfter: rarely(0n, 3n, 7n, 100n),
    requireToolCalls: rarely(false, true),
  })
  return fc.oneof(
    fc.tuple(options, fc.boolean()).map(([asked, isBehind]): Question => async (log, memory) => {
      const page = await log.listRuns({ ...asked, after: isBehind ? memory.next : undefined })
      memory.next = page.next ?? memory.next
      return page
    }),
    fc.constantFrom(...RUN_IDS).map(
      (runId): Question =>
        (log) =>
          log.summary(runId),
    ),
  )
}

function anySearch(): fc.Arbitrary<Question> {
  const options: fc.Arbitrary<SearchOptions> = fc.record({
    query: fc.constantFrom(
      ...WORDS,
      'alp*',
      'alpha beta',
      'DELTA',
      'delta*',
      '',
      '*',
      '"alpha"',
      'alpha -beta',
      'nothing',
    ),
    runId: rarely(...RUN_IDS),
    kinds: rarely([2], [1, 12, 13], []),
    limit: rarely(1, 100, 0),
  })
  // Among hits of one rank and time a backend chooses the order, and with a limit which of them it shows.
  return options.map((asked): Question => async (log) => {
    const hits = await log.search(asked)
    const terms = parseSearchQuery(asked.query)
    const ranks = hits.map((hit) => `${matchSearch(hit.snippet, terms)?.hits} words at ${hit.ts}`)
    if (asked.limit === 1) return ranks
    return [ranks, hits.toSorted((x, y) => compare(`${x.runId} ${x.seq}`, `${y.runId} ${y.seq}`))]
  })
}

function anyPrune(): fc.Arbitrary<Question> {
  const options: fc.Arbitrary<PruneOptions> = fc.record({
    before: fc.constantFrom(0n, 2n, 5n, 9n, 9n, 2n ** 62n, 2n ** 64n),
    status: rarely('', 'failed', 'in progress', 'unheard of'),
    includeInProgress: rarely(true),
    limit: rarely(0, -3, 1, 2),
    dryRun: fc.constantFrom(undefined, true),
  })
  return options.map(
    (asked): Question =>
      (log) =>
        log.prune(asked),
  )
}

function anyFork(): fc.Arbitrary<Question> {
  return fc
    .record({
      runId: fc.constantFrom(...RUN_IDS, 'missing'),
      beforeSeq: fc.constantFrom(0, 1, 2, 3, 100, -1),
      newRunId: fc.constantFrom('fork', 'a', ''),
    })
    .map(
      ({ runId, ...options }): Question =>
        (log) =>
          log.fork(runId, options),
    )
}

function anyLeasing(): fc.Arbitrary<Question> {
  const runId = fc.constantFrom('a', 'a', 'B')
  // Not all clocks can be stopped: one that would be over in between has no part in this.
  const ttlMs = fc.constantFrom(600_000, 900_000, 0)
  const which = fc.nat(2)
  return fc.oneof(
    fc.tuple(runId, fc.constantFrom('me', 'you'), ttlMs).map(([id, owner, ttl]): Question => async (log, memory) => {
      const lease = await log.leases?.acquire(id, { owner, ttlMs: ttl, isOwnerDead: (holder) => holder === 'you' })
      if (lease !== undefined) memory.leases.unshift(lease)
      return lease
    }),
    fc.tuple(which, ttlMs).map(([index, ttl]): Question => async (log, memory) => {
      const lease = memory.leases[index]
      return lease && log.leases?.renew(lease, ttl)
    }),
    which.map((index): Question => async (log, memory) => {
      const lease = memory.leases[index]
      return lease && log.leases?.release(lease)
    }),
    runId.map(
      (id): Question =>
        async (log) =>
          log.leases?.current(id),
    ),
  )
}

/** Mostly nothing, sometimes one of `values`. */
function rarely<T>(...values: readonly T[]): fc.Arbitrary<T | undefined> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom(...values) },
  )
}

interface RunContent {
  readonly words: readonly string[]
  readonly ending: 'complete' | 'fail' | 'cancel' | undefined
  readonly startedAt: bigint
}

function eventsOf(runId: string, { words, ending, startedAt }: RunContent): readonly Event[] {
  const run = new RunBuilder(runId, startedAt).start({ goal: words.join(' ') })
  for (const word of words) run.say(`${word} ${words.join(' ')}`)
  if (words.length > 2) run.callTool()
  if (ending !== undefined) run[ending]('over')
  return run.events
}

/** `fresh`, linked to the end of what is stored. */
function continued(stored: readonly Event[], fresh: readonly Event[]): readonly Event[] {
  let last = stored.at(-1)
  return fresh.map((event) => {
    last = last === undefined ? event : { ...nextEvent(last), kind: event.kind, payload: event.payload }
    return last
  })
}

function nextEvent(previous: Event): Event {
  return { ...previous, seq: previous.seq + 1, prevHash: hashEvent(previous), ts: previous.ts + 1n }
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
