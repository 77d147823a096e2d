import type { Event } from '@starling/event'
import { EventLogError } from '@starling/eventlog'
import { matchSearch, parseSearchQuery, searchTextOf } from '@starling/eventlog/backend'
import type { SearchHit, SearchOptions } from '@starling/eventlog'
import type { SearchTerm } from '@starling/eventlog/backend'

import type { Connection } from './connection.ts'
import { EVENT_ROW, isStorable, toEvent } from './event-rows.ts'
import type { EventRow } from './event-rows.ts'
import { matchExpression } from './search-index.ts'

const DEFAULT_LIMIT = 50

// A search ranks this many of the newest matches. More would let a common word read the whole log.
const MIN_RANKED = 200
const RANKED_PER_HIT = 4

// The newest entries are looked through first: there a common word is found at once.
const NEWEST = 2000

// How many events are read at a time.
const SCAN_STEP = 500

const NO_ID = 2n ** 63n - 1n

/** A search with its options checked. */
export interface Search {
  readonly limit: number
  readonly terms: readonly SearchTerm[]
  readonly runId: string | undefined
  readonly kinds: readonly number[] | undefined
}

type FoundRow = [id: bigint, runId: string, ...row: EventRow]

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

/** What a search reads from. */
export interface SearchSource {
  readonly connection: Connection
  readonly search: Search
  readonly matches: Matches
}

/**
 * Offers the events that the search index finds, the newest first.
 *
 * A common word is found among the newest entries, by going through them; the
 * index would put all of its entries together first. A rare one is looked up.
 */
export async function searchIndexed({ connection, search, matches }: SearchSource): Promise<void> {
  const { names, collation } = connection
  const expression = matchExpression(search)
  const columns = EVENT_ROW.split(', ').map((column) => `e.${column}`)
  const select = `SELECT s.id, s.run_id, ${columns.join(', ')}`
  const join = `JOIN ${names.events} AS e ON e.run_id = s.run_id COLLATE ${collation} AND e.seq = s.seq`
  let before = NO_ID
  if (search.runId === undefined) {
    const [row] = await connection.query<[bigint | null]>(
      `SELECT min(id) FROM (SELECT id FROM ${names.search} ORDER BY id DESC LIMIT ${NEWEST}) AS newest`,
    )
    before = row?.[0] ?? 0n
    const newest = await connection.query<FoundRow>(
      `${select} FROM ${names.search} AS s ${join}
       WHERE s.id >= $1 AND (s.words @@ $2::tsquery) IS TRUE ORDER BY s.id DESC LIMIT $3::bigint`,
      [before, expression, matches.most],
    )
    offerAll(newest, matches)
  }
  while (!matches.isFull) {
    // Ordered by what is no index, so that the words are what it is looked up by.
    const found = await connection.query<FoundRow>(
      `${select} FROM (
         SELECT id, run_id, seq FROM ${names.search} WHERE words @@ $1::tsquery AND id + 0 < $2
         ORDER BY id + 0 DESC LIMIT $3::bigint
       ) AS s ${join} ORDER BY s.id DESC`,
      [expression, before, SCAN_STEP],
    )
    offerAll(found, matches)
    const last = found.at(-1)
    if (last === undefined) return
    before = last[0]
  }
}

function offerAll(rows: readonly FoundRow[], matches: Matches): void {
  for (const [, runId, ...row] of rows) {
    if (matches.isFull) return
    matches.offer(toEvent(runId, row))
  }
}

/**
 * Offers events that are not in the index, one by one: all of them where there
 * is none, otherwise those of runs that it has not taken up whole.
 */
export async function searchScanning(
  { connection, search, matches }: SearchSource,
  { hasIndex }: { readonly hasIndex: boolean },
): Promise<void> {
  const { names, collation } = connection
  const missing = hasIndex
    ? `AND e.run_id IN (
         SELECT run_id COLLATE ${collation} FROM ${names.touched}
         UNION ALL SELECT run_id COLLATE ${collation} FROM ${names.runs} WHERE search_seq < last_seq
       ) AND NOT EXISTS (SELECT 1 FROM ${names.search} AS s WHERE s.run_id = e.run_id COLLATE "C" AND s.seq = e.seq)`
    : ''
  let [afterRun, afterSeq] = ['', -1n]
  for (;;) {
    const rows = await connection.query<[string, ...EventRow]>(
      `SELECT run_id, ${EVENT_ROW} FROM ${names.events} AS e
       WHERE (e.run_id, e.seq) > ($1, $2::bigint) ${missing}
         AND ($3::text IS NULL OR e.run_id = $3) AND ($4::integer[] IS NULL OR e.kind & 255 = ANY ($4::integer[]))
       ORDER BY e.run_id, e.seq LIMIT ${SCAN_STEP}`,
      [afterRun, afterSeq, search.runId ?? null, search.kinds ?? null],
    )
    for (const [runId, ...row] of rows) matches.offer(toEvent(runId, row))
    const last = rows.at(-1)
    if (last === undefined || rows.length < SCAN_STEP) return
    ;[afterRun, afterSeq] = [last[0], last[1]]
  }
}
