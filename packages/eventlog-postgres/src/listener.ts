import { randomUUID } from 'node:crypto'

import type { Client } from 'pg'

import type { Connection } from './connection.ts'
import { createClient, ignore, processIdOf, runQuery } from './driver.ts'

const FIRST_DELAY_MS = 50
const MAX_DELAY_MS = 5000

// Announcements of a busy process go together.
const ANNOUNCE_INTERVAL_MS = 10

/** What a {@link Listener} needs of its log. */
export interface ListenerOptions {
  readonly connection: Connection
  /** Whether to listen; `undefined` for where that can work. */
  readonly listen: boolean | undefined
  /** Called when another process has announced an append. */
  readonly onAppend: (runId: string) => void
  /** Called when announcements arrive from now on, and may have been missed before. */
  readonly onConnect: () => void
}

/**
 * Announcements between processes, with `NOTIFY` and, on a connection of its
 * own, `LISTEN`. They carry no events and may be lost: readers also look by
 * themselves.
 *
 * An announcement goes out after the commit, by itself: within the transaction
 * it would make all commits of the server wait for each other. A pooler hands
 * the connection to someone else after each transaction; there nothing is
 * listened for.
 */
export class Listener {
  readonly #options: ListenerOptions
  readonly #self = randomUUID()
  #client: Client | undefined
  #isWanted = false
  #isConnecting = false
  #retry: NodeJS.Timeout | undefined
  #delay = FIRST_DELAY_MS
  #announced = new Set<string>()
  #timer: NodeJS.Timeout | undefined
  #lastAnnouncement = -Infinity
  #sending: Promise<void> | undefined

  constructor(options: ListenerOptions) {
    this.#options = options
  }

  /** Begins to listen, if that is wanted and works. */
  start(): void {
    this.#isWanted = this.#options.listen ?? this.#options.connection.isDirect
    if (this.#isWanted && this.#client === undefined && !this.#isConnecting) void this.#connect()
  }

  /** Stops listening. */
  stop(): void {
    this.#isWanted = false
    clearTimeout(this.#retry)
    this.#retry = undefined
    const client = this.#client
    this.#client = undefined
    void client?.end().catch(ignore)
  }

  /** Tells the other processes that a run has changed, soon. */
  announce(runId: string): void {
    if (this.#options.listen === false || this.#options.connection.isClosed) return
    this.#announced.add(runId)
    if (this.#timer !== undefined || this.#sending !== undefined) return
    const wait = this.#lastAnnouncement + ANNOUNCE_INTERVAL_MS - performance.now()
    if (wait <= 0) this.#send()
    else this.#timer = setTimeout(() => this.#send(), wait)
  }

  /** Sends what is left to announce, and stops. */
  async close(): Promise<void> {
    this.stop()
    clearTimeout(this.#timer)
    await this.#sending
    if (this.#announced.size > 0) this.#send()
    await this.#sending
  }

  #send(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#lastAnnouncement = performance.now()
    const runIds = [...this.#announced]
    this.#announced = new Set()
    this.#sending = this.#notify(runIds).finally(() => {
      this.#sending = undefined
      const [next] = this.#announced
      if (next !== undefined) this.announce(next)
    })
  }

  async #notify(runIds: readonly string[]): Promise<void> {
    const { connection } = this.#options
    try {
      await connection.send({
        text: "SELECT count(pg_notify($1, $2 || ' ' || run_id)) FROM unnest($3::text[]) AS run_id",
        values: [connection.names.channel, this.#self, runIds],
      })
    } catch {
      // Others will find it by looking.
    }
  }

  async #connect(): Promise<void> {
    const { connection, onConnect } = this.#options
    this.#isConnecting = true
    let client: Client | undefined
    try {
      client = createClient(connection.target.config)
      client.on('error', ignore)
      await client.connect()
      const { patienceMs: timeoutMs } = connection
      const works = this.#options.listen === true || (await isDirect(client, timeoutMs))
      if (!works || !this.#isWanted) {
        this.#isWanted &&= works
        void client.end().catch(ignore)
        return
      }
      this.#follow(client)
      await runQuery(client, { text: `LISTEN ${connection.names.channel}`, timeoutMs })
      this.#delay = FIRST_DELAY_MS
      onConnect()
    } catch {
      void client?.end().catch(ignore)
      this.#client = undefined
      this.#connectLater()
    } finally {
      this.#isConnecting = false
    }
  }

  #follow(client: Client): void {
    this.#client = client
    client.on('notification', ({ payload = '' }) => {
      const [sender = ''] = payload.split(' ', 1)
      if (sender !== this.#self) this.#options.onAppend(payload.slice(sender.length + 1))
    })
    client.on('end', () => {
      if (this.#client !== client) return
      this.#client = undefined
      this.#connectLater()
    })
  }

  #connectLater(): void {
    if (!this.#isWanted || this.#options.connection.isClosed || this.#retry !== undefined) return
    this.#retry = setTimeout(() => {
      this.#retry = undefined
      this.start()
    }, this.#delay)
    this.#delay = Math.min(2 * this.#delay, MAX_DELAY_MS)
  }
}

async function isDirect(client: Client, timeoutMs: number | undefined): Promise<boolean> {
  const [row] = await runQuery<[number]>(client, { text: 'SELECT pg_backend_pid()', timeoutMs })
  return row?.[0] === processIdOf(client)
}
