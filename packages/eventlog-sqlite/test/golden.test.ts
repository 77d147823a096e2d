import { dirname } from 'node:path'

import { hashEvent, kindName, toHex } from '@starling/event'
import { validateRun } from '@starling/eventlog'
import type { ListRunsOptions, PruneOptions, RunPage, RunSummary } from '@starling/eventlog'
import { describe, expect, test } from 'vitest'

import { openSqliteEventLog } from '../src/index.ts'
import { fixture, goldenDatabase, goldenRuns } from './golden.ts'
import { contentsOf } from './raw.ts'

interface ListingFile {
  readonly queries: readonly ListingQuery[]
}

interface ListingQuery {
  readonly options: {
    readonly limit: number
    readonly offset: number
    readonly query: string
    readonly status: string
    readonly require_tool_calls: boolean
    readonly started_after_ns: string | null
  }
  readonly limit: number
  readonly offset: number
  readonly total_matching: number
  readonly run_ids: readonly string[]
  readonly summaries?: readonly Record<string, unknown>[]
}

interface PruneFile {
  readonly requests: readonly PruneRequest[]
}

interface PruneRequest {
  readonly error?: string
  readonly options: {
    readonly before: string
    readonly before_is_zero: boolean
    readonly dry_run: boolean
    readonly include_in_progress: boolean
    readonly limit: number
    readonly status: string
  }
  readonly matched_runs?: number
  readonly matched_events?: number
  readonly run_ids?: readonly string[] | null
}

/**
 * Listings that differ from the reference on purpose: here all backends agree
 * with the log in memory. What is typed is text, whatever case and language
 * it is in, and an offset counts even where there is no limit.
 */
const LISTED_OTHERWISE: ReadonlyMap<string, readonly string[]> = new Map([
  ['query %', ['100%_done']],
  ['query _', ['100x_done', '100%_done', 'tenant-a/Alpha_2']],
  ['query 100%_', ['100%_done']],
  ['query Ét', ['été', 'ÉTÉ']],
  ['query ét', ['été', 'ÉTÉ']],
])

const ACCESS = [
  ['a writer', false],
  ['a reader', true],
] as const

describe.each(ACCESS)('a file of the Go reference, opened by %s', (_, readOnly) => {
  test('is read back row by row', async () => {
    await using log = await openSqliteEventLog({ path: goldenDatabase(), readOnly })
    for (const { runId, events, hashes } of goldenRuns()) {
      const read = await log.read(runId)
      expect(read).toEqual(events)
      expect(read.map((event) => toHex(hashEvent(event)))).toEqual(hashes)
    }
  })

  test('validates as the reference says', async () => {
    await using log = await openSqliteEventLog({ path: goldenDatabase(), readOnly })
    for (const { runId, validate } of goldenRuns()) {
      const { status, reason } = await validateRun(log, runId)
      expect([status === 'ok' ? 'ok' : reason, status === 'corrupt']).toEqual([validate, runId === 'tampered'])
    }
  })

  test('is listed as the reference lists it', async () => {
    await using log = await openSqliteEventLog({ path: goldenDatabase(), readOnly })
    const { queries } = fixture('listing.json') as ListingFile
    expect(queries).toHaveLength(38)
    for (const query of queries) {
      const page = await log.listRuns(optionsOf(query))
      const skipped = query.limit <= 0 ? query.offset : 0
      const otherwise = LISTED_OTHERWISE.get(`query ${query.options.query}`)
      expect({ ...query.options, runIds: idsOf(page), total: page.totalMatching }).toEqual({
        ...query.options,
        runIds: otherwise ?? query.run_ids.slice(skipped),
        total: otherwise?.length ?? query.total_matching,
      })
      expect([page.limit, page.offset]).toEqual([query.limit, query.offset])
    }
    const [all] = queries
    expect((await log.listRuns({ limit: 0 })).runs.map(referenceSummary)).toEqual(all?.summaries)
  })

  test('has a summary of each run', async () => {
    await using log = await openSqliteEventLog({ path: goldenDatabase(), readOnly })
    const { runs } = await log.listRuns({ limit: 0 })
    expect(runs).toHaveLength(24)
    for (const run of runs) expect(await log.summary(run.runId)).toEqual(run)
    expect(await log.summary('missing')).toBeUndefined()
  })

  test('would be pruned as the reference would prune it', async () => {
    await using log = await openSqliteEventLog({ path: goldenDatabase(), readOnly })
    const requests = dryRuns().filter((request) => request.error === undefined)
    expect(requests).toHaveLength(11)
    for (const request of requests) {
      expect(await log.prune(pruneOptionsOf(request))).toEqual({
        matchedRuns: request.matched_runs,
        matchedEvents: request.matched_events,
        deletedRuns: 0,
        deletedEvents: 0,
        dryRun: true,
        runIds: request.run_ids ?? [],
      })
    }
  })

  test('refuses to prune what the reference refuses', async () => {
    await using log = await openSqliteEventLog({ path: goldenDatabase(), readOnly })
    const requests = dryRuns().filter((request) => request.error !== undefined)
    expect(requests).toHaveLength(4)
    for (const request of requests) {
      const message: unknown = expect.stringContaining(request.error ?? '')
      const refusal = { code: 'EVENTLOG_INVALID_PRUNE', message }
      await expect(log.prune(pruneOptionsOf(request))).rejects.toMatchObject(refusal)
    }
  })

  test('can be searched', async () => {
    await using log = await openSqliteEventLog({ path: goldenDatabase(), readOnly })
    const hits = await log.search({ query: 'hello world', limit: 3 })
    expect(hits.map((hit) => hit.snippet)).toEqual(['Hello, world.', 'Hello, world.', 'Hello, world.'])
    expect(await log.search({ query: 'hello', runId: 'same-start-a', kinds: [1] })).toMatchObject([
      { runId: 'same-start-a', seq: 1, snippet: expect.stringContaining('hello') },
    ])
  })
})

test('reading a file of the Go reference leaves the directory as it was', async () => {
  const path = goldenDatabase()
  const before = contentsOf(dirname(path))
  {
    await using log = await openSqliteEventLog({ path, readOnly: true })
    expect(log.access).toBe('read-only')
    await log.listRuns({ query: 'alpha' })
    await log.search({ query: 'hello' })
    await validateRun(log, 'resumed')
  }
  expect(contentsOf(dirname(path))).toEqual(before)
})

test('a reader may not prune, and is told so in the words of the reference', async () => {
  await using log = await openSqliteEventLog({ path: goldenDatabase(), readOnly: true })
  const refused = (fixture('prune.json') as PruneFile).requests.filter(({ options }) => !options.dry_run)
  expect(refused).toHaveLength(1)
  const pruned = log.prune({ before: nanoseconds(refused[0]?.options.before ?? '') })
  await expect(pruned).rejects.toMatchObject({ code: 'EVENTLOG_READ_ONLY', message: refused[0]?.error })
})

test('a writer prunes what a dry run names', async () => {
  await using log = await openSqliteEventLog({ path: goldenDatabase() })
  const options = { before: nanoseconds('2025-01-31T00:00:00Z'), includeInProgress: true }
  const planned = await log.prune({ ...options, dryRun: true })
  const done = await log.prune(options)
  expect(done).toEqual({ ...planned, deletedRuns: 12, deletedEvents: 70, dryRun: false })
  expect(await log.read('tampered')).toEqual([])
  expect((await log.listRuns({ limit: 0 })).totalMatching).toBe(12)
})

function optionsOf({ options }: ListingQuery): ListRunsOptions {
  return {
    limit: options.limit,
    offset: options.offset,
    query: options.query,
    status: options.status,
    requireToolCalls: options.require_tool_calls,
    startedAfter: options.started_after_ns === null ? undefined : BigInt(options.started_after_ns),
  }
}

function dryRuns(): readonly PruneRequest[] {
  return (fixture('prune.json') as PruneFile).requests.filter(({ options }) => options.dry_run)
}

function pruneOptionsOf({ options }: PruneRequest): PruneOptions {
  return {
    before: options.before_is_zero ? 0n : nanoseconds(options.before),
    status: options.status,
    includeInProgress: options.include_in_progress,
    limit: options.limit,
    dryRun: true,
  }
}

function idsOf({ runs }: RunPage): readonly string[] {
  return runs.map((run) => run.runId)
}

function referenceSummary(run: RunSummary): Record<string, unknown> {
  return {
    cost_usd: run.costUsd,
    duration_ms: run.durationMs,
    input_tokens: run.inputTokens,
    last_kind: kindName(run.lastKind),
    last_seq: run.lastSeq,
    output_tokens: run.outputTokens,
    run_id: run.runId,
    started_at_ns: String(run.startedAt),
    tool_call_count: run.toolCallCount,
    turn_count: run.turnCount,
  }
}

/** Nanoseconds since the epoch of an RFC 3339 time in UTC with up to nine digits of a second. */
function nanoseconds(time: string): bigint {
  const fraction = /\.(\d+)Z$/.exec(time)?.[1] ?? ''
  return BigInt(Date.parse(time.replace(/\.\d+/, ''))) * 1_000_000n + BigInt(fraction.padEnd(9, '0'))
}
