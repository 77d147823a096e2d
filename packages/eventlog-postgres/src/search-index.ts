import { createHash } from 'node:crypto'

import type { Event } from '@starling/event'
import { searchTextOf } from '@starling/eventlog/backend'
import type { SearchTerm } from '@starling/eventlog/backend'

import type { Connection, Transaction } from './connection.ts'
import { EVENT_ROW, pageOf, toEvent } from './event-rows.ts'
import type { EventRow } from './event-rows.ts'
import { lockDerived } from './run-index.ts'
import { SharedWork } from './shared-work.ts'

// What one transaction takes up.
const INDEX_STEP = 250

// No append waits for it, and to take large events apart takes its time.
const MAX_IDLE_MS = 30_000

// Words of the private use area stand for what an event is, in the same index as the words in it. With them a search
// in one run reads the events of that run, however common its words are.
const RUN_WORD = '\u{E000}'
const KIND_WORD = '\u{E001}'
/** Stands for an event of which not all words are in the index: it may match anything. */
const ANY_WORD = '\u{E002}'

// The server's limits are 2 KB for a word and 1 MB for an event; a few of the longest words are enough to tell.
const MAX_WORD = 100
const MAX_WORDS_LENGTH = 200_000

const RUN_DIGITS = 32

const MARKS = /\p{M}/gu
const WORDS = /[\p{L}\p{N}]+/gu

type FoundRow = [runId: string, ...row: EventRow, found: bigint]

/**
 * The full-text index over the words of events.
 *
 * What is found is read from the events and matched again, so an entry that has
 * become wrong finds nothing.
 */
export class SearchIndex {
  readonly #connection: Connection
  readonly #catchingUp = new SharedWork(async () => {
    while (await this.#isBehind()) await this.#connection.transaction((run) => this.#step(run))
  })

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** Takes up the events that the summaries cover and the index does not, the oldest runs first. */
  catchUp(): Promise<void> {
    return this.#catchingUp.run()
  }

  /** Returns whether any event is in the index. */
  async isUsed(): Promise<boolean> {
    const { names } = this.#connection
    const [row] = await this.#connection.query<[boolean]>(`SELECT EXISTS (SELECT 1 FROM ${names.search})`)
    return row?.[0] === true
  }

  async #isBehind(): Promise<boolean> {
    const { names } = this.#connection
    const [row] = await this.#connection.query<[boolean]>(
      `SELECT EXISTS (SELECT 1 FROM ${names.runs} WHERE search_seq < last_seq)`,
    )
    return row?.[0] === true
  }

  async #step(run: Transaction): Promise<void> {
    const { names, collation } = this.#connection
    await lockDerived(run, names, MAX_IDLE_MS)
    const behind = `SELECT run_id, search_seq, last_seq, row_number() OVER (ORDER BY started_at, run_id) AS number
      FROM ${names.runs} WHERE search_seq < last_seq ORDER BY started_at, run_id LIMIT ${INDEX_STEP}`
    const rows = await run<FoundRow>(
      pageOf(`e.run_id, ${EVENT_ROW}`, {
        order: 'e.number, e.seq',
        found: `SELECT r.number, e.* FROM (${behind}) AS r
          CROSS JOIN LATERAL (
            SELECT * FROM ${names.events} WHERE run_id = r.run_id COLLATE ${collation}
              AND seq > r.search_seq AND seq <= r.last_seq ORDER BY seq LIMIT ${INDEX_STEP}
          ) AS e ORDER BY r.number, e.seq LIMIT ${INDEX_STEP}`,
      }),
    )
    const events = rows.map(([runId, seq, prevHash, ts, kind, payload]) =>
      // Of what cannot be read there is nothing to find.
      toEvent(runId, [seq, prevHash, ts, kind, payload ?? new Uint8Array(0), 0]),
    )
    await run(
      `INSERT INTO ${names.search} (run_id, seq, words)
       SELECT run_id, seq, words::tsvector FROM unnest($1::text[], $2::bigint[], $3::text[]) AS found(run_id, seq, words)
       ON CONFLICT (run_id, seq) DO UPDATE SET words = excluded.words`,
      [events.map(({ runId }) => runId), events.map(({ seq }) => seq), events.map(wordsOf)],
    )
    const reached = new Map(events.map(({ runId, seq }) => [runId, seq]))
    await run(
      `UPDATE ${names.runs} AS r SET search_seq = reached.seq
       FROM unnest($1::text[], $2::bigint[]) AS reached(run_id, seq) WHERE r.run_id = reached.run_id`,
      [[...reached.keys()], [...reached.values()]],
    )
    // Events that went missing meanwhile: their runs are noted as changed, and summed up anew. Until then they are not
    // behind; of others, which were not looked at, there may be events.
    if (rows.length === 0) {
      await run(
        `UPDATE ${names.runs} AS r SET search_seq = behind.last_seq FROM (${behind}) AS behind WHERE r.run_id = behind.run_id`,
      )
    }
  }
}

/** What a search asks of the index. */
export interface MatchOptions {
  readonly terms: readonly SearchTerm[]
  readonly runId?: string | undefined
  readonly kinds?: readonly number[] | undefined
}

/** Returns the expression of the index's query language that finds every event a search may match. */
export function matchExpression({ terms, runId, kinds }: MatchOptions): string {
  const words = terms.map(({ word, prefix }) => {
    const parts = foldedWords(word).map((part) => quote(part))
    const last = parts.pop()
    return [...parts, last === undefined ? quote('') : prefix && word.length < MAX_WORD ? `${last}:*` : last].join(
      ' & ',
    )
  })
  const conditions = [`((${words.join(' & ')}) | ${quote(ANY_WORD)})`]
  if (runId !== undefined) conditions.push(quote(runWord(runId)))
  if (kinds !== undefined) conditions.push(`(${kinds.map((kind) => quote(kindWord(kind))).join(' | ')})`)
  return conditions.join(' & ')
}

/** Returns the words of an event as the text of a `tsvector`. */
function wordsOf(event: Event): string {
  const words = new Set(foldedWords(searchTextOf(event)))
  words.add(kindWord(event.kind))
  words.add(runWord(event.runId))
  let length = 0
  const kept: string[] = []
  for (const word of words) {
    length += word.length
    if (length > MAX_WORDS_LENGTH) break
    kept.push(quote(word))
  }
  if (kept.length < words.size) kept.push(quote(ANY_WORD), quote(kindWord(event.kind)), quote(runWord(event.runId)))
  return kept.join(' ')
}

// The same folding as that of a query's words, over a whole text.
function foldedWords(text: string): readonly string[] {
  const folded = text.normalize('NFD').replace(MARKS, '').toLowerCase()
  return Array.from(folded.matchAll(WORDS), ([word]) => (word.length > MAX_WORD ? shorten(word) : word))
}

function shorten(word: string): string {
  return word.slice(0, MAX_WORD).toWellFormed()
}

// Hashed, because ids differ in case and may contain anything.
function runWord(runId: string): string {
  return `${RUN_WORD}${createHash('sha256').update(runId).digest('hex').slice(0, RUN_DIGITS)}`
}

function kindWord(kind: number): string {
  return `${KIND_WORD}${kind}`
}

function quote(word: string): string {
  return `'${word}'`
}
