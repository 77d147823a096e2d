import { KIND } from '@starling/event'
import type { Event } from '@starling/event'

import type { ListRunsOptions, PruneOptions, PruneReport } from '../event-log.ts'
import { RunBuilder } from './runs.ts'

/** One page to ask for, and what is on it. */
export interface ListingCase {
  readonly options: ListRunsOptions
  readonly totalMatching: number
  /** In order; absent where the log format leaves it open. */
  readonly runIds?: readonly string[] | undefined
}

/** One prune, and what it reports. */
export interface PruneCase {
  readonly options: PruneOptions
  readonly report: Partial<PruneReport>
  /** The runs left afterwards. */
  readonly remaining: readonly string[]
}

/** Runs of every state; a millisecond apart, so that they have an order. */
export function runsToList(): readonly (readonly Event[])[] {
  const alpha = new RunBuilder('alpha-completed', 1_000_000n, 2n).start({ goal: 'alpha-completed' })
  const beta = new RunBuilder('beta-failed', 2_000_000n, 1n).start({ goal: 'beta-failed' })
  const gamma = new RunBuilder('gamma-cancelled', 3_000_000n, 2n).start({ goal: 'gamma-cancelled' })
  const delta = new RunBuilder('delta-progress', 4_000_000n, 1n).start({ goal: 'delta-progress' })
  const epsilon = new RunBuilder('epsilon-completed', 5_000_000n, 2n).start({ goal: 'epsilon-completed' })
  return [
    alpha.completeWithoutRoot('ok').events,
    beta
      .schedule('c1', 'fetch')
      .add(KIND.RunFailed, { error: 'boom', errorType: 'internal', merkleRoot: null, durationMs: 0 }).events,
    gamma.add(KIND.RunCancelled, { reason: 'stop', merkleRoot: null, durationMs: 0 }).events,
    delta.schedule('c1', 'fetch').events,
    epsilon.completeWithoutRoot('ok').events,
  ]
}

/** What the pages of {@link runsToList} hold. */
export const LISTING_CASES: readonly ListingCase[] = [
  { options: { limit: 2, offset: 1 }, totalMatching: 5, runIds: ['delta-progress', 'gamma-cancelled'] },
  { options: { status: 'completed' }, totalMatching: 2 },
  { options: { status: 'in progress' }, totalMatching: 1, runIds: ['delta-progress'] },
  { options: { requireToolCalls: true }, totalMatching: 2 },
  { options: { query: 'fail' }, totalMatching: 1, runIds: ['beta-failed'] },
  { options: { startedAfter: 3_500_000n }, totalMatching: 2 },
  { options: { query: 'progress' }, totalMatching: 1, runIds: ['delta-progress'] },
  { options: { query: 'COMP' }, totalMatching: 2, runIds: ['epsilon-completed', 'alpha-completed'] },
  { options: { status: 'bogus' }, totalMatching: 0 },
]

/** Runs of different ages, two of them done and old. */
export function runsToPrune(): readonly (readonly Event[])[] {
  return [
    new RunBuilder('old-completed', 1_000_000n, 1n).start().complete().events,
    new RunBuilder('old-failed', 2_000_000n, 1n).start().fail('boom').events,
    new RunBuilder('old-progress', 3_000_000n, 1n).start().events,
    new RunBuilder('new-completed', 9_000_000n, 1n).start().complete().events,
  ]
}

/** Prunes of {@link runsToPrune}, one after the other. */
export const PRUNE_CASES: readonly PruneCase[] = [
  {
    options: { before: 5_000_000n, dryRun: true },
    report: { matchedRuns: 2, deletedRuns: 0, matchedEvents: 4 },
    remaining: ['old-completed', 'old-failed', 'old-progress', 'new-completed'],
  },
  {
    options: { before: 5_000_000n, status: 'completed' },
    report: { matchedRuns: 1, deletedRuns: 1, deletedEvents: 2 },
    remaining: ['old-failed', 'old-progress', 'new-completed'],
  },
]
