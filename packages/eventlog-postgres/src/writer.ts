import { AppendQueue } from './append-queue.ts'
import type { Connection } from './connection.ts'
import { Housekeeping } from './housekeeping.ts'
import { LeaseTable } from './lease-table.ts'
import { RunIndex } from './run-index.ts'
import { SearchIndex } from './search-index.ts'

/** What a log needs to write: only a log that may has one, and only for a schema that is up to date. */
export class Writer {
  readonly queue: AppendQueue
  readonly leases: LeaseTable
  readonly index: RunIndex
  readonly search: SearchIndex
  readonly #housekeeping: Housekeeping

  /** `onAppend` is called for every append that has become durable. */
  constructor(connection: Connection, onAppend: (runId: string) => void) {
    this.leases = new LeaseTable(connection)
    this.index = new RunIndex(connection)
    this.search = new SearchIndex(connection)
    this.#housekeeping = new Housekeeping(() => this.#catchUp())
    this.queue = new AppendQueue({
      connection,
      onCommit: (runId) => {
        onAppend(runId)
        this.#housekeeping.note()
      },
    })
  }

  /** Lets what has been asked for land. */
  async close(): Promise<void> {
    await this.queue.drain()
    await this.#housekeeping.stop()
  }

  async #catchUp(): Promise<void> {
    await this.index.catchUp()
    if (await this.search.isUsed()) await this.search.catchUp()
  }
}
