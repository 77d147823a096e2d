import type { Event } from '@starling/event'
import { EventLogError } from '@starling/eventlog'
import { forkEvents, goQuote } from '@starling/eventlog/backend'
import type {
  AppendOptions,
  EventLog,
  Fence,
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

import type { Connection, Transaction } from './connection.ts'
import { foldRuns, LAST_SEQ } from './fold-runs.ts'
import { checkRunId, checkStorable, isStorable, MAX_TEXT_BYTES } from './limits.ts'
import { prepareListing } from './listing.ts'
import { LiveTail } from './live-tail.ts'
import { RunIdPartitions } from './partitions.ts'
import type { Partitions } from './partitions.ts'
import { NO_OVERLAY, OverlayReader } from './overlay.ts'
import type { RunsSource } from './queries.ts'
import { preparePrune } from './prune.ts'
import { toSummary } from './run-totals.ts'
import { checkVersion, inspect, isCurrent, isDerived, migrate, planMigration, SCHEMA_VERSION } from './schema.ts'
import type { Found, MigrationReport } from './schema.ts'
import { canMatch, Matches, normalizeSearch, searchEvents } from './search.ts'
import { DERIVED_VERSION } from './derived-schema.ts'
import { insertUnchecked } from './unchecked.ts'
import { Writer } from './writer.ts'

/** How {@link PostgresEventLog.migrate} migrates. */
export interface MigrateOptions {
  /** Only report what would be done. Default: `false`. */
  readonly dryRun?: boolean | undefined
}

/** What {@link PostgresEventLog.rebuild} derived. */
export interface RebuildReport {
  readonly runs: number
  readonly events: number
}

/** An {@link EventLog} in a Postgres database, with what is to be said to the database itself. */
export interface PostgresEventLog extends EventLog {
  /** Whether it was opened to write. */
  readonly access: 'read-write' | 'read-only'

  /** Returns the schema version of the database; 0 for one without any. */
  schemaVersion(): Promise<number>

  /**
   * Brings the database up to the schema version of this code.
   *
   * @throws {@link EventLogError} `EVENTLOG_READ_ONLY` unless it is a dry run, `EVENTLOG_SCHEMA_TOO_NEW`,
   * `EVENTLOG_OPEN_FAILED` when the user may not create tables.
   */
  migrate(options?: MigrateOptions): Promise<MigrationReport>

  /** Derives run summaries and search index anew from the events, also when their tables are damaged. */
  rebuild(): Promise<RebuildReport>

  /**
   * Stores events as they are, without looking at the chain: for carrying over a run that is known to be damaged.
   *
   * All or nothing. A `seq` can be stored once.
   *
   * @throws {@link EventLogError} `EVENTLOG_INVALID_APPEND` when the run already has one of the numbers.
   */
  appendUnchecked(runId: string, events: readonly Event[]): Promise<void>

  /** The partitions of the log, when its table was created with them. */
  readonly partitions: Partitions
}

/** How a log over a connection behaves. */
export interface LogOptions {
  readonly readOnly: boolean
  readonly pollIntervalMs: number
  readonly listen: boolean | undefined
  /** Whether a table of events that is created is partitioned. */
  readonly partitioned: boolean
}

/** Creates a log over a connection. */
export function createPostgresEventLog(connection: Connection, options: LogOptions): DatabaseEventLog {
  return new ConnectedEventLog(connection, options)
}

/** A {@link PostgresEventLog} that is told what was found in its schema. */
export interface DatabaseEventLog extends PostgresEventLog {
  /** Takes note of what is in the schema, and writes from now on if that is all there has to be. */
  adopt(found: Found): void
}

class ConnectedEventLog implements DatabaseEventLog {
  readonly access: 'read-write' | 'read-only'
  readonly #connection: Connection
  readonly partitions: Partitions
  readonly #tail: LiveTail
  readonly #partitioned: boolean
  #overlay: OverlayReader
  #found: Found | undefined
  #writer: Writer | undefined
  #closing: Promise<void> | undefined

  constructor(connection: Connection, { readOnly, pollIntervalMs, listen, partitioned }: LogOptions) {
    this.access = readOnly ? 'read-only' : 'read-write'
    this.#connection = connection
    this.#overlay = new OverlayReader(connection.names, false)
    this.#partitioned = partitioned
    this.partitions = new RunIdPartitions({
      connection,
      writer: () => this.#requireWriter(),
      onDrop: (runIds) => this.#changed(runIds),
    })
    this.#tail = new LiveTail({ connection, pollIntervalMs, listen })
  }

  get leases(): LeaseStore | undefined {
    return this.#writer?.leases
  }

  adopt(found: Found): void {
    this.#found = found
    this.#connection.collation = found.collation
    this.#overlay = new OverlayReader(this.#connection.names, isDerived(found))
    if (this.access === 'read-only' || !isCurrent(found)) return
    this.#writer ??= new Writer(this.#connection, (runId) => {
      this.#tail.notify(runId)
      this.#tail.announce(runId)
    })
  }

  async append(runId: string, events: Event | readonly Event[], options: AppendOptions = {}): Promise<void> {
    const writer = this.#requireWriter()
    const batch = 'kind' in events ? [events] : events
    const { fence } = options
    if (fence !== undefined && fence.runId !== runId) throw wrongFence(fence, runId)
    checkStorable(runId, batch)
    if (batch.length > 0) await writer.queue.append(runId, batch, fence)
    else if (fence !== undefined) await writer.leases.check(fence)
  }

  async appendUnchecked(runId: string, events: readonly Event[]): Promise<void> {
    this.#requireWriter()
    checkStorable(runId, events, MAX_TEXT_BYTES)
    await insertUnchecked(this.#connection, runId, events)
    this.#changed([runId])
  }

  read(runId: string, options?: ReadOptions): Promise<readonly Event[]> {
    return this.#tail.read(runId, options)
  }

  stream(runId: string, options?: StreamOptions): AsyncIterable<Event> {
    return this.#tail.stream(runId, options)
  }

  async listRuns(options?: ListRunsOptions): Promise<RunPage> {
    this.#assertOpen()
    const listing = prepareListing(options)
    return this.#fromSummaries((run, source) => listing.read({ ...source, run }), listing)
  }

  async summary(runId: string): Promise<RunSummary | undefined> {
    this.#assertOpen()
    if (!isStorable(runId)) return undefined
    const { names } = this.#connection
    const hasSummaries = this.#hasSummaries()
    const source = { run: this.#run, names, hasSummaries }
    const [note] = hasSummaries
      ? await this.#run<[bigint | null]>(`SELECT min(from_seq) FROM ${names.touched} WHERE run_id = $1`, [runId])
      : []
    // Without a note the summary is whole, and there is nothing to add.
    const { totals } = await foldRuns(source, [{ runId, fromSeq: note?.[0] ?? LAST_SEQ }])
    const found = totals.get(runId)
    return found && toSummary(found)
  }

  async search(options: SearchOptions): Promise<readonly SearchHit[]> {
    this.#assertOpen()
    const search = normalizeSearch(options)
    if (!canMatch(search)) return []
    const { names, collation } = this.#connection
    if (this.#writer !== undefined) {
      await this.#writer.index.catchUp()
      await this.#writer.search.catchUp()
    }
    // Also when it is up to date: others may derive it anew meanwhile.
    return this.#connection.snapshot(this.#derived(names.search), async (run) => {
      const matches = new Matches(search)
      await searchEvents({ run, names, collation, search, matches }, { hasIndex: this.#hasSummaries() })
      return matches.ranked()
    })
  }

  async prune(options: PruneOptions): Promise<PruneReport> {
    this.#assertOpen()
    const prune = preparePrune(options)
    if (options.dryRun !== true) this.#requireWriter()
    const selected = await this.#fromSummaries((run, source) => prune.select(run, source))
    const report = await prune.apply(this.#connection, selected)
    if (!report.dryRun) this.#changed(report.runIds)
    return report
  }

  async fork(runId: string, options: ForkOptions): Promise<ForkReport> {
    const { queue } = this.#requireWriter()
    checkRunId(options.newRunId)
    const run = await this.read(runId)
    const copies = forkEvents(runId, run, options)
    checkStorable(options.newRunId, copies)
    if (copies.length > 0) await queue.append(options.newRunId, copies)
    return { events: copies.length, isWhole: copies.length === run.length }
  }

  async schemaVersion(): Promise<number> {
    this.#assertOpen()
    return (await this.#inspect()).version
  }

  async migrate({ dryRun = false }: MigrateOptions = {}): Promise<MigrationReport> {
    this.#assertOpen()
    const found = await this.#inspect()
    checkVersion(found, this.#connection.target.label)
    if (dryRun) return planMigration(found)
    if (this.access === 'read-only') throw refuseToWrite()
    const report = await migrate(this.#connection, { partitioned: this.#partitioned })
    this.adopt(await this.#inspect())
    return report
  }

  async rebuild(): Promise<RebuildReport> {
    const { index, search } = this.#requireWriter()
    const isSearched = await search.isUsed()
    await index.rebuild()
    if (isSearched) await search.catchUp()
    const [row] = await this.#run<[bigint, bigint]>(
      `SELECT count(*), coalesce(sum(event_count), 0)::bigint FROM ${this.#connection.names.runs}`,
    )
    return { runs: Number(row?.[0] ?? 0n), events: Number(row?.[1] ?? 0n) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close()
    await this.#closing
  }

  async #close(): Promise<void> {
    await this.#writer?.close()
    await this.#tail.close()
    await this.#connection.close()
  }

  readonly #run = <R extends unknown[]>(text: string, values?: readonly unknown[]): Promise<R[]> =>
    this.#connection.query<R>(text, values)

  #inspect(): Promise<Found> {
    const { names, target } = this.#connection
    return inspect(this.#run, names, target.label)
  }

  /**
   * Calls `read` with summaries that are up to date. A reader, who cannot bring
   * them up to date, adds what they lack, and has to see both at one time.
   */
  async #fromSummaries<T>(
    read: (run: Transaction, source: RunsSource) => Promise<T>,
    { isStepwise }: { readonly isStepwise: boolean } = { isStepwise: false },
  ): Promise<T> {
    const { names } = this.#connection
    const overlay = this.#overlay
    if (this.#writer === undefined) {
      return this.#connection.snapshot(this.#derived(names.counts), async (run) =>
        read(run, { names, overlay: await overlay.read(run) }),
      )
    }
    await this.#writer.index.catchUp()
    const source = { names, overlay: NO_OVERLAY }
    if (!isStepwise) return read(this.#run, source)
    return this.#connection.snapshot(this.#derived(names.counts), (run) => read(run, source))
  }

  /** The tables that a snapshot is of, in the order in which a migration locks them; none where nothing is derived. */
  #derived(table: string): readonly string[] {
    const { events, runs, touched } = this.#connection.names
    return this.#hasSummaries() ? [events, runs, table, touched] : []
  }

  #hasSummaries(): boolean {
    return this.#found !== undefined && isDerived(this.#found)
  }

  #changed(runIds: readonly string[]): void {
    for (const runId of runIds) {
      this.#writer?.queue.forget(runId)
      this.#tail.notify(runId)
      this.#tail.announce(runId)
    }
  }

  #requireWriter(): Writer {
    this.#assertOpen()
    if (this.#writer !== undefined) return this.#writer
    if (this.access === 'read-only') throw refuseToWrite()
    const { version = 0, derived = 0 } = this.#found ?? {}
    const versions =
      version === SCHEMA_VERSION
        ? `derived tables db=${derived} binary=${DERIVED_VERSION}`
        : `db=${version} binary=${SCHEMA_VERSION}`
    const text = `eventlog: database schema is older than this binary; run migrate: ${versions}`
    throw new EventLogError('EVENTLOG_SCHEMA_OUTDATED', text)
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new EventLogError('EVENTLOG_CLOSED', 'eventlog: log is closed')
  }
}

function refuseToWrite(): EventLogError {
  return new EventLogError('EVENTLOG_READ_ONLY', 'eventlog: log is read-only')
}

function wrongFence(fence: Fence, runId: string): EventLogError {
  const [given, wanted] = [goQuote(fence.runId), goQuote(runId)]
  return new EventLogError('EVENTLOG_INVALID_OPTIONS', `expected a fence of run ${wanted}, got one of run ${given}`)
}
