import type { Event } from '@starling/event'
import { EventLogError } from '@starling/eventlog'
import { matchSearch, parseSearchQuery, searchTextOf } from '@starling/eventlog/backend'
import type { SearchHit, SearchOptions } from '@starling/eventlog'
import type { SearchTerm } from '@starling/eventlog/backend'

import type { Transaction } from './connection.ts'
import { EVENT_ROW, pageOf, toReadableEvent } from './event-rows.ts'
import type { EventRow } from './event-rows.ts'
import { FIRST_SEQ, LAST_SEQ } from './fold-runs.ts'
import { isStorable } from './limits.ts'
import type { Names } from './names.ts'
import { matchExpression } from './search-index.ts'

const DEFAULT_LIMIT = 50

// A search ranks this many of the newest matches. More would let a common word read the whole log.
const MIN_RANKED = 200
const RANKED_PER_HIT = 4

// The newest entries are looked through first: there a common word is found at once.
const NEWEST = 2000

// How many entries, or events, are read at a time; of entries more and more, as each look at the index goes through all
// that it finds.
const SCAN_STEP = 500
const MAX_STEP = 64_000

// Of how many entries events are read at a time.
const MAX_READ = 2000

// Of how many runs events are read at a time that the index does not have.
const SCANNED_RUNS = 1000

const OF_KINDS = 'AND ($3::integer[] IS NULL OR kind & 255 = ANY ($3::integer[]))'

/** A search with its options checked. */
export interface Search {
  readonly limit: number
  readonly terms: readonly SearchTerm[]
  readonly runId: string | undefined
  readonly kinds: readonly number[] | undefined
}

type FoundRow = [runId: string, ...row: EventRow, found: bigint]

/**
 * Checks the options of a search.
 *
 * @throws {@link EventLogError} `EVENTLOG_INVALID_OPTIONS` when the limit is not a whole number from 1.
 */
export function normalizeSearch(options: SearchOptions): Search {
  const { limit = DEFAULT_LIMIT, runId, kinds } = options
  if (!Number.isSafeInteger(limit) || limit < 1) {
    throw new EventLogError('EVENTLOG_INVALID_OPTIONS', `expected a whole number from 1 as limit, got ${limit}`)
  }
  return { limit, terms: parseSearchQuery(options.query), runId, kinds }
}

/** Returns whether a search asks for anything that there can be. */
export function canMatch({ terms, kinds, runId }: Search): boolean {
  return terms.length > 0 && kinds?.length !== 0 && isStorable(runId ?? '')
}

/** Collects what matches, and ranks it. */
export class Matches {
  readonly #search: Search
  #found: { readonly hits: number; readonly hit: SearchHit }[] = []

  constructor(search: Search) {
    this.#search = search
  }

  /** How many are worth ranking. */
  get most(): number {
    return Math.max(MIN_RANKED, RANKED_PER_HIT * this.#search.limit)
  }

  /** Whether enough has been found to rank. */
  get isFull(): boolean {
    return this.#found.length >= this.most
  }

  /** Adds `event` if it matches: the index only says that it may. */
  offer(event: Event): void {
    const { terms, kinds } = this.#search
    const { runId, seq, kind, ts } = event
    if (this.#search.runId !== undefined && runId !== this.#search.runId) return
    if (kinds !== undefined && !kinds.includes(kind)) return
    const match = matchSearch(searchTextOf(event), terms)
    if (match === undefined) return
    this.#found.push({ hits: match.hits, hit: { runId, seq, kind, ts, snippet: match.snippet } })
    // What is read in no order keeps the newest.
    if (this.#found.length < 4 * this.most) return
    this.#found = this.#found.toSorted((a, b) => Number(b.hit.ts - a.hit.ts)).slice(0, this.most)
  }

  /** The most matching words first, then the newest. */
  ranked(): readonly SearchHit[] {
    return this.#found
      .toSorted((a, b) => b.hits - a.hits || Number(b.hit.ts - a.hit.ts))
      .slice(0, this.#search.limit)
      .map(({ hit }) => hit)
  }
}

/** What a search reads from: what there is at one time, so that every event is in the index or seen not to be. */
export interface SearchSource {
  readonly run: Transaction
  readonly names: Names
  /** How the run ids of events compare. */
  readonly collation: string
  readonly search: Search
  readonly matches: Matches
}

/** Runs that the index has not taken up whole, each with the first event that may not be in it. */
type Behind = ReadonlyMap<string, bigint>

/** Offers every event that a search may match: those that the index does not have, and those that it finds. */
export async function searchEvents(source: SearchSource, { hasIndex }: { readonly hasIndex: boolean }): Promise<void> {
  if (!hasIndex) {
    await searchAll(source)
    return
  }
  const behind = await readBehind(source)
  const runs = [...behind]
  for (let from = 0; from < runs.length; from += SCANNED_RUNS) {
    await searchRuns(source, runs.slice(from, from + SCANNED_RUNS))
  }
  await searchIndexed(source, behind)
}

async function readBehind({ run, names, search }: SearchSource): Promise<Behind> {
  const rows = await run<[string, bigint]>(
    `SELECT run_id, min(from_seq) FROM (
       SELECT run_id, from_seq FROM ${names.touched}
       UNION ALL SELECT run_id, search_seq + 1 FROM ${names.runs} WHERE search_seq < last_seq
     ) AS behind WHERE $1::text IS NULL OR run_id = $1 GROUP BY run_id`,
    [search.runId ?? null],
  )
  return new Map(rows.map(([runId, fromSeq]) => [runId, fromSeq > 1n ? fromSeq : FIRST_SEQ]))
}

/**
 * Offers the events that the search index finds, the newest first.
 *
 * A common word is found among the newest entries, by going through them; the
 * index would put all of its entries together first. A rare one is looked up.
 * Entries of events that are gone find nothing, however many there are.
 */
async function searchIndexed(source: SearchSource, behind: Behind): Promise<void> {
  const { run, names, search, matches } = source
  const expression = matchExpression(search)
  let before = LAST_SEQ
  if (search.runId === undefined) {
    const [row] = await run<[bigint | null]>(
      `SELECT min(id) FROM (SELECT id FROM ${names.search} ORDER BY id DESC LIMIT ${NEWEST}) AS newest`,
    )
    before = row?.[0] ?? 0n
    const newest = await run<Entry>(
      `SELECT id, run_id, seq FROM ${names.search} WHERE id >= $1 AND (words @@ $2::tsquery) IS TRUE ORDER BY id DESC`,
      [before, expression],
    )
    await offerEntries(source, newest, behind)
  }
  for (let step = SCAN_STEP; !matches.isFull; step = Math.min(2 * step, MAX_STEP)) {
    // Ordered by what is no index, so that the words are what it is looked up by.
    const found = await run<Entry>(
      `SELECT id, run_id, seq FROM ${names.search} WHERE words @@ $1::tsquery AND id + 0 < $2
       ORDER BY id + 0 DESC LIMIT ${step}`,
      [expression, before],
    )
    await offerEntries(source, found, behind)
    const last = found.at(-1)
    if (last === undefined || found.length < step) return
    before = last[0]
  }
}

type Entry = [id: bigint, runId: string, seq: bigint]

/** Reads the events of entries, as many as are needed and not many at a time, and offers them. */
async function offerEntries(source: SearchSource, entries: readonly Entry[], behind: Behind): Promise<void> {
  const { run, names, collation, matches } = source
  const found = `SELECT wanted.number, e.*
    FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS wanted(run_id, seq, number)
    CROSS JOIN LATERAL (
      SELECT * FROM ${names.events} WHERE run_id = wanted.run_id COLLATE ${collation} AND seq = wanted.seq LIMIT 1
    ) AS e`
  const sql = pageOf(`e.number, e.run_id, ${EVENT_ROW}`, { found, order: 'e.number' })
  // What is not in the index for sure has been offered.
  let left = entries.filter(([, runId, seq]) => seq < (behind.get(runId) ?? LAST_SEQ))
  for (
    let step = Math.min(matches.most, MAX_READ);
    left.length > 0 && !matches.isFull;
    step = Math.min(2 * step, MAX_READ)
  ) {
    const some = left.slice(0, step)
    const rows = await run<[number: bigint, ...FoundRow]>(sql, [
      some.map(([, runId]) => runId),
      some.map(([, , seq]) => seq),
    ])
    for (const [, ...row] of rows) if (!matches.isFull) offer(matches, row)
    const [number, , , , , , , , count] = rows.at(-1) ?? []
    const isPage = number !== undefined && count !== BigInt(rows.length)
    left = left.slice(isPage ? Number(number) : some.length)
  }
}

/** Offers the events of runs from the first that may not be in the index. */
async function searchRuns(source: SearchSource, behind: readonly (readonly [string, bigint])[]): Promise<void> {
  const { run, names, collation, search } = source
  const found = `SELECT wanted.number, e.*
    FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS wanted(run_id, from_seq, number)
    CROSS JOIN LATERAL (
      SELECT * FROM ${names.events}
      WHERE run_id = wanted.run_id COLLATE ${collation} AND seq >= wanted.from_seq ${OF_KINDS} ORDER BY seq LIMIT ${SCAN_STEP}
    ) AS e ORDER BY wanted.number, e.seq LIMIT ${SCAN_STEP}`
  const sql = pageOf(`e.number, e.run_id, ${EVENT_ROW}`, { found, order: 'e.number, e.seq' })
  for (let left = behind; left.length > 0;) {
    const rows = await run<[number: bigint, ...FoundRow]>(sql, [
      left.map(([runId]) => runId),
      left.map(([, fromSeq]) => fromSeq),
      search.kinds ?? null,
    ])
    for (const [, ...row] of rows) offer(source.matches, row)
    const [number, runId, seq] = rows.at(-1) ?? []
    if (number === undefined || runId === undefined || seq === undefined) return
    left = [[runId, seq + 1n], ...left.slice(Number(number))]
  }
}

/** Offers all events, where there is no index. */
async function searchAll({ run, names, search, matches }: SearchSource): Promise<void> {
  const found = `SELECT * FROM ${names.events} AS e
    WHERE (e.run_id, e.seq) > ($1, $2::bigint) ${OF_KINDS} AND ($4::text IS NULL OR e.run_id = $4)
    ORDER BY e.run_id, e.seq LIMIT ${SCAN_STEP}`
  const sql = pageOf(`e.run_id, ${EVENT_ROW}`, { found, order: 'e.run_id, e.seq' })
  let [afterRun, afterSeq] = ['', -1n]
  for (;;) {
    const rows = await run<FoundRow>(sql, [afterRun, afterSeq, search.kinds ?? null, search.runId ?? null])
    for (const row of rows) offer(matches, row)
    const last = rows.at(-1)
    if (last === undefined) return
    ;[afterRun, afterSeq] = [last[0], last[1]]
  }
}

function offer(matches: Matches, [runId, seq, prevHash, ts, kind, payload, size]: FoundRow): void {
  const event = toReadableEvent(runId, [seq, prevHash, ts, kind, payload, size])
  if (event !== undefined) matches.offer(event)
}
