import type { Event } from '@starling/event'
import { EventLogError } from '@starling/eventlog'
import { forkEvents, summaryOf } from '@starling/eventlog/backend'
import type {
  AppendOptions,
  EventLog,
  ForkOptions,
  ForkReport,
  LeaseStore,
  ListRunsOptions,
  PruneOptions,
  PruneReport,
  ReadOptions,
  RunPage,
  RunSummary,
  SearchHit,
  SearchOptions,
  StreamOptions,
} from '@starling/eventlog'

import type { Connection } from './connection.ts'
import { ensureDerived, hasRowids } from './derived-schema.ts'
import type { RunCatalog } from './file-index.ts'
import { prepareListing } from './listing.ts'
import { LiveTail } from './live-tail.ts'
import type { SqliteAccess } from './open-database.ts'
import { preparePrune } from './prune.ts'
import { RunIndex } from './run-index.ts'
import { insertUnchecked } from './unchecked.ts'
import { checkSchema, planMigration, readSchemaVersion, SCHEMA_VERSION } from './schema.ts'
import type { MigrationReport } from './schema.ts'
import {
  canMatch,
  Matches,
  nextTurn,
  normalizeSearch,
  searchEverything,
  searchIndexed,
  searchScanning,
} from './search.ts'
import { TemporaryIndex } from './temporary-index.ts'
import { prepareFile, Writer } from './writer.ts'

/** How {@link SqliteEventLog.migrate} migrates. */
export interface MigrateOptions {
  /** Only report what would be done. Default: `false`. */
  readonly dryRun?: boolean | undefined
}

/** What {@link SqliteEventLog.rebuild} derived. */
export interface RebuildReport {
  readonly runs: number
  readonly events: number
}

/** An {@link EventLog} in a SQLite file, with what is to be said to the file itself. */
export interface SqliteEventLog extends EventLog {
  /** How the file is open; `snapshot` says that later appends of others will not be seen. */
  readonly access: SqliteAccess

  /** Returns the schema version of the file; 0 for one without any. */
  schemaVersion(): Promise<number>

  /**
   * Brings the file up to the schema version of this code.
   *
   * @throws {@link EventLogError} `EVENTLOG_READ_ONLY` unless it is a dry run, `EVENTLOG_SCHEMA_TOO_NEW`.
   */
  migrate(options?: MigrateOptions): Promise<MigrationReport>

  /** Derives run summaries and search index anew from the events, also when their tables are damaged or gone. */
  rebuild(): Promise<RebuildReport>

  /**
   * Stores events as they are, without looking at the chain: for carrying over a run that is known to be damaged.
   *
   * All or nothing. A `seq` can be stored once.
   *
   * @throws {@link EventLogError} `EVENTLOG_INVALID_APPEND` when the run already has one of the numbers.
   */
  appendUnchecked(runId: string, events: readonly Event[]): Promise<void>

  /** Moves what is in the write-ahead log into the file and empties that log, as far as readers allow. */
  checkpoint(): Promise<void>
}

/** Creates a log over an open database. Call {@link FileEventLog.prepare} before it writes. */
export function createSqliteEventLog(connection: Connection): FileEventLog {
  return new ConnectedEventLog(connection)
}

/** A {@link SqliteEventLog} that can be told to make its file ready for appends. */
export interface FileEventLog extends SqliteEventLog {
  /** Brings the file up to date; until then nothing can be written. */
  prepare(): Promise<MigrationReport>
}

class ConnectedEventLog implements FileEventLog {
  readonly #connection: Connection
  readonly #tail: LiveTail
  readonly #temporary: TemporaryIndex
  readonly #runs: RunIndex
  #writer: Writer | undefined
  #closing: Promise<void> | undefined

  constructor(connection: Connection) {
    const { db, statements, reader, options } = connection
    this.#connection = connection
    this.#temporary = new TemporaryIndex({ db, statements })
    this.#runs = new RunIndex({ db, statements, schema: 'main' })
    this.#tail = new LiveTail({
      db,
      reader,
      pollIntervalMs: options.pollIntervalMs,
      read: (action) => this.#attempt(action),
    })
  }

  get access(): SqliteAccess {
    return this.#connection.access
  }

  get leases(): LeaseStore | undefined {
    return this.#writer?.leases
  }

  append(runId: string, events: Event | readonly Event[], options?: AppendOptions): Promise<void> {
    const writer = this.#writer
    if (writer === undefined || this.#closing !== undefined) return this.#attempt(() => this.#refuseToWrite())
    return writer.queue.append(runId, 'kind' in events ? [events] : events, options?.fence)
  }

  async appendUnchecked(runId: string, events: readonly Event[]): Promise<void> {
    const { queue } = this.#requireWriter()
    const { db } = this.#connection
    await this.#attempt(() => insertUnchecked(db, runId, events))
    queue.forget()
    this.#tail.notify(runId)
  }

  read(runId: string, options?: ReadOptions): Promise<readonly Event[]> {
    return this.#attempt(() => this.#connection.reader.read(runId, options))
  }

  stream(runId: string, options?: StreamOptions): AsyncIterable<Event> {
    return this.#tail.stream(runId, options)
  }

  async listRuns(options?: ListRunsOptions): Promise<RunPage> {
    this.#assertOpen()
    const list = await prepareListing(options)
    const catalog = await this.#upToDate()
    const { db, statements } = this.#connection
    return this.#attempt(() => list({ db, statements, schema: catalog.schema }))
  }

  async summary(runId: string): Promise<RunSummary | undefined> {
    const index = this.#writer?.index
    if (index !== undefined) await this.#upToDate()
    const totals = await this.#attempt(() =>
      index === undefined ? this.#runs.totalsFromEvents(runId) : index.runs.totals(runId),
    )
    return totals && summaryOf(totals)
  }

  async search(options: SearchOptions): Promise<readonly SearchHit[]> {
    this.#assertOpen()
    const search = normalizeSearch(options)
    const matches = new Matches(search)
    if (!canMatch(search)) return []
    const { statements, reader, db } = this.#connection
    const source = { statements, reader }
    const index = this.#writer?.index
    if (index !== undefined) {
      await this.#upToDate()
      while (await this.#attempt(() => index.searchStep())) await nextTurn()
      await this.#attemptAsync(() => searchIndexed(source, search, matches))
    } else if (await this.#attempt(() => hasRowids(db))) {
      const mark = await this.#attempt(() => this.#temporary.searchMark())
      await this.#attemptAsync(() => searchScanning(source, search, { after: mark ?? 0, matches }))
      if (mark !== undefined) await this.#attemptAsync(() => searchIndexed(source, search, matches))
    } else {
      await this.#attempt(() => searchEverything(source, matches))
    }
    return matches.ranked()
  }

  async prune(options: PruneOptions): Promise<PruneReport> {
    this.#assertOpen()
    const prune = await preparePrune(options)
    const writer = options.dryRun === true ? this.#writer : this.#requireWriter()
    const { db, statements } = this.#connection
    const catalog = await this.#upToDate()
    const { now } = this.#connection.options
    const report = await this.#attempt(() => prune({ db, statements, catalog, nowMs: now() }))
    writer?.queue.forget()
    for (const runId of report.dryRun ? [] : report.runIds) this.#tail.notify(runId)
    return report
  }

  async fork(runId: string, options: ForkOptions): Promise<ForkReport> {
    this.#assertOpen()
    const { queue } = this.#requireWriter()
    const run = await this.read(runId)
    const copies = forkEvents(runId, run, options)
    await queue.append(options.newRunId, copies)
    return { events: copies.length, isWhole: copies.length === run.length }
  }

  schemaVersion(): Promise<number> {
    return this.#attempt(() => readSchemaVersion(this.#connection.db, this.#connection.path))
  }

  async migrate({ dryRun = false }: MigrateOptions = {}): Promise<MigrationReport> {
    const { db, path } = this.#connection
    await this.#attempt(() => checkSchema(db, path))
    if (dryRun) return this.#attempt(() => planMigration(db, path))
    if (this.access !== 'read-write') throw readOnly()
    return this.prepare()
  }

  async prepare(): Promise<MigrationReport> {
    const report = await prepareFile(this.#connection)
    this.#writer ??= new Writer(this.#connection, {
      attempt: (action) => this.#attempt(action),
      onAppend: (runId) => this.#tail.notify(runId),
    })
    return report
  }

  async rebuild(): Promise<RebuildReport> {
    this.#assertOpen()
    const { index } = this.#requireWriter()
    const { db, statements } = this.#connection
    if (index !== undefined) {
      await this.#attempt(() => ensureDerived(db))
      await this.#attempt(() => db.transaction(() => index.restart()).immediate())
      await this.#upToDate()
      while (index.hasSearch() && (await this.#attempt(() => index.searchStep()))) await nextTurn()
    }
    const { schema } = await this.#upToDate()
    const [runs, events] =
      statements
        .query<[], [bigint, bigint]>(`SELECT count(*), coalesce(sum(event_count), 0) FROM ${schema}.starling_runs`)
        .get() ?? []
    return { runs: Number(runs), events: Number(events) }
  }

  async checkpoint(): Promise<void> {
    this.#requireWriter()
    await this.#attempt(() => this.#connection.db.pragma('wal_checkpoint(TRUNCATE)'))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close()
    await this.#closing
  }

  async #close(): Promise<void> {
    this.#tail.close()
    await this.#writer?.close()
    this.#connection.close()
  }

  /** Brings the run summaries up to date, and returns where they are. */
  async #upToDate(): Promise<RunCatalog> {
    const catalog = this.#writer?.index ?? this.#temporary
    while (await this.#attempt(() => catalog.step())) await nextTurn()
    return catalog
  }

  async #attempt<T>(action: () => T): Promise<T> {
    return this.#connection.attempt(() => {
      this.#assertOpen()
      this.#writer?.queue.flush()
      return action()
    })
  }

  async #attemptAsync<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action()
    } catch (error) {
      throw this.#connection.explain(error)
    }
  }

  #requireWriter(): Writer {
    return this.#writer ?? this.#refuseToWrite()
  }

  #refuseToWrite(): never {
    this.#assertOpen()
    if (this.access !== 'read-write') throw readOnly()
    const version = readSchemaVersion(this.#connection.db, this.#connection.path)
    const text = `eventlog: database schema is older than this binary; run migrate: db=${version} binary=${SCHEMA_VERSION}`
    throw new EventLogError('EVENTLOG_SCHEMA_OUTDATED', text)
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw closed()
  }
}

function closed(): EventLogError {
  return new EventLogError('EVENTLOG_CLOSED', 'eventlog: log is closed')
}

function readOnly(): EventLogError {
  return new EventLogError('EVENTLOG_READ_ONLY', 'eventlog: log is read-only')
}
