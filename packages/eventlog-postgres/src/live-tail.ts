import type { Event } from '@starling/event'
import { createNotifier, normalizeRead, streamRun } from '@starling/eventlog/backend'
import type { ReadOptions, StreamOptions } from '@starling/eventlog'
import type { ChangeSubscription, LastEvent, ReadRange } from '@starling/eventlog/backend'

import type { Connection } from './connection.ts'
import { EVENT_ROW, pageOf, toEvent } from './event-rows.ts'
import type { EventRow } from './event-rows.ts'
import { isStorable } from './limits.ts'
import { Listener } from './listener.ts'

const RANGE = 'WHERE e.run_id = $1 AND ($2::bigint IS NULL OR e.seq >= $2::bigint) ORDER BY e.seq LIMIT $3::bigint'

/** How a {@link LiveTail} behaves. */
export interface LiveTailOptions {
  readonly connection: Connection
  /** How often to look for appends that nobody announced while a stream waits. */
  readonly pollIntervalMs: number
  /** Whether to listen for announcements: `undefined` for where that can work. */
  readonly listen: boolean | undefined
}

/**
 * Live streams: woken by our own appends at once, by those of other processes
 * through the server's notifications, and by looking from time to time, as an
 * announcement can be lost and not every writer makes one.
 */
export class LiveTail {
  readonly #options: LiveTailOptions
  readonly #notifier = createNotifier()
  readonly #listener: Listener
  /** The last event that was seen of each run that is streamed, and by how many. */
  readonly #watched = new Map<string, { streams: number; lastSeq: bigint | undefined }>()
  #timer: NodeJS.Timeout | undefined
  #isPolling = false

  constructor(options: LiveTailOptions) {
    this.#options = options
    this.#listener = new Listener({
      connection: options.connection,
      listen: options.listen,
      onAppend: (runId) => this.#notifier.notify(runId),
      // What was announced while nobody listened is found by looking.
      onConnect: () => this.#notifier.notify(),
    })
  }

  /** Returns the asked-for part of a run. */
  async read(runId: string, options?: ReadOptions): Promise<readonly Event[]> {
    const { fromSeq, limit } = normalizeRead(options)
    const { connection } = this.#options
    connection.assertOpen()
    if (!isStorable(runId)) return []
    const rows = await connection.query<EventRow>(`SELECT ${EVENT_ROW} FROM ${connection.names.events} AS e ${RANGE}`, [
      runId,
      startOf(fromSeq),
      limit === Infinity ? null : limit,
    ])
    return rows.map((row) => toEvent(runId, row))
  }

  /** Returns the first events of a part of a run, as many as one may hold at a time; none only when there are none. */
  async #page(runId: string, { fromSeq, limit }: ReadRange): Promise<readonly Event[]> {
    const { connection } = this.#options
    connection.assertOpen()
    if (!isStorable(runId)) return []
    const found = `SELECT * FROM ${connection.names.events} AS e ${RANGE}`
    const sql = pageOf(EVENT_ROW, { found, order: 'e.seq' })
    const rows = await connection.query<[...EventRow, found: bigint]>(sql, [runId, startOf(fromSeq), limit])
    return rows.map(([seq, prevHash, ts, kind, payload, size]) =>
      toEvent(runId, [seq, prevHash, ts, kind, payload, size]),
    )
  }

  /** Implements {@link EventLog.stream}. */
  stream(runId: string, options?: StreamOptions): AsyncIterable<Event> {
    const source = {
      read: (range: ReadRange) => this.#page(runId, range),
      last: () => this.#last(runId),
      subscribe: () => this.#subscribe(runId),
    }
    return streamRun(source, options)
  }

  /** Wakes the streams of one run, or of all, of this process. */
  notify(runId?: string): void {
    if (this.#watched.size > 0) this.#notifier.notify(runId)
  }

  /** Tells the other processes that a run has changed. */
  announce(runId: string): void {
    this.#listener.announce(runId)
  }

  /** Ends all streams. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#notifier.close()
    await this.#listener.close()
  }

  async #last(runId: string): Promise<LastEvent | undefined> {
    const { connection } = this.#options
    const [row] = await connection.query<[bigint, number]>(
      `SELECT seq, kind FROM ${connection.names.events} WHERE run_id = $1 ORDER BY seq DESC LIMIT 1`,
      [runId],
    )
    return row && { seq: Number(row[0]), kind: row[1] & 0xff }
  }

  #subscribe(runId: string): ChangeSubscription {
    const subscription = this.#notifier.subscribe(runId)
    const watched = this.#watched.get(runId) ?? { streams: 0, lastSeq: undefined }
    watched.streams++
    // Before the first read of the stream: an append after it must not go unnoticed.
    this.#watched.set(runId, watched)
    if (this.#watched.size === 1) this.#start()
    let isOver = false
    return {
      wait: (signal) => subscription.wait(signal),
      [Symbol.dispose]: () => {
        if (!isOver && --watched.streams === 0) this.#unwatch(runId)
        isOver = true
        subscription[Symbol.dispose]()
      },
    }
  }

  #start(): void {
    if (this.#options.connection.isClosed) return
    this.#listener.start()
    this.#timer ??= setInterval(() => void this.#poll(), this.#options.pollIntervalMs)
  }

  #unwatch(runId: string): void {
    this.#watched.delete(runId)
    if (this.#watched.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#listener.stop()
  }

  /** Looks how far each run has got, and wakes the streams of those that are not where they were. */
  async #poll(): Promise<void> {
    if (this.#isPolling) return
    this.#isPolling = true
    try {
      const { connection } = this.#options
      const runIds = [...this.#watched.keys()].filter(isStorable)
      const rows = await connection.query<[string, bigint]>(
        `SELECT run_id, (SELECT coalesce(max(seq), 0) FROM ${connection.names.events} AS e WHERE e.run_id = wanted.run_id)
         FROM unnest($1::text[]) AS wanted(run_id)`,
        [runIds],
      )
      for (const [runId, lastSeq] of rows) {
        const watched = this.#watched.get(runId)
        if (watched === undefined || watched.lastSeq === lastSeq) continue
        watched.lastSeq = lastSeq
        this.#notifier.notify(runId)
      }
    } catch {
      // Let the streams find out for themselves what is wrong.
      this.#notifier.notify()
    } finally {
      this.#isPolling = false
    }
  }
}

// From the start means all there is: a row before the first one must not escape validation.
function startOf(fromSeq: number): number | null {
  return fromSeq === 1 ? null : fromSeq
}
