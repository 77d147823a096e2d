// dist/append-queue.d.ts
import type { Event } from '@starling/event';
import type { Fence } from '@starling/eventlog';
import type { Connection } from './connection.ts';
/** What an {@link AppendQueue} needs of its log. */
export interface AppendQueueOptions {
    readonly connection: Connection;
    /** Called for every append that has become durable. */
    readonly onCommit: (runId: string, eventCount: number) => void;
}
/**
 * Group commit: appends to different runs that wait together go in one round
 * trip and one transaction, and each resolves once that is durable. Of a run,
 * one append is under way at a time, in the order in which they were asked for;
 * those that follow each other are written as one. An append that is refused
 * fails alone.
 */
export declare class AppendQueue {
    #private;
    constructor(options: AppendQueueOptions);
    /** Appends; resolves once that is durable. The bytes are copied at once. */
    append(runId: string, events: readonly Event[], fence?: Fence): Promise<void>;
    /** Forgets the end of a run, after its rows were changed by other means than an append. */
    forget(runId: string): void;
    /** Resolves when nothing waits and nothing is under way any more. A server that is not there is no longer waited for. */
    drain(): Promise<void>;
}

// dist/connect-options.d.ts
import type { ClientConfig, Pool } from 'pg';
/** How to reach the database: exactly one of `url`, `connection` and `pool`. */
export interface ConnectOptions {
    /** `postgres://user:password@host:port/database`, with the parameters that the driver knows. */
    readonly url?: string | undefined;
    /** The driver's own options, in place of a URL. */
    readonly connection?: ClientConfig | undefined;
    /** A pool of the caller's, who also ends it; the limits on time are then those that it sets. */
    readonly pool?: Pool | undefined;
    /** How many connections a pool of ours has at most. Default: 10. */
    readonly poolSize?: number | undefined;
    /** TLS: `true` with the system's authorities, or the options of `node:tls`. Default: what the URL says, or none. */
    readonly ssl?: ClientConfig['ssl'];
    /** How long to wait for a connection, in milliseconds; 0 for ever. Default: 10,000. */
    readonly connectTimeoutMs?: number | undefined;
    /** What the server calls the connections in its lists. Default: `starling`. */
    readonly applicationName?: string | undefined;
}
/** Where a log is. */
export interface Target {
    /** Host, port and database, for messages. */
    readonly label: string;
    /** The password, to keep it out of messages. */
    readonly secret: string | undefined;
    /** Whether the pool is ours to end. */
    readonly ownsPool: boolean;
    /** How long a connection of the pool is waited for, in milliseconds, where the pool sets no limit of its own. */
    readonly waitMs: number | undefined;
    /** Whether whoever made the pool has limited how long the answer to a statement is waited for. */
    readonly hasQueryTimeout: boolean;
    /** How to make a connection outside the pool. */
    readonly config: ClientConfig;
}
/**
 * Returns the pool that the options ask for, not connected yet.
 *
 * @throws {@link EventLogError} `EVENTLOG_INVALID_OPTIONS`, `EVENTLOG_OPEN_FAILED` when the URL is none.
 */
export declare function connect(options: ConnectOptions): {
    readonly pool: Pool;
    readonly target: Target;
};

// dist/connection.d.ts
import type { Pool, PoolClient } from 'pg';
import type { Target } from './connect-options.ts';
import type { Statement } from './driver.ts';
import type { Names } from './names.ts';
/** How texts compare unless their column says otherwise. */
export declare const DEFAULT_COLLATION = "\"default\"";
/** How a {@link Connection} behaves. */
export interface ConnectionOptions {
    readonly schema: string;
    /** 0 for no limit. */
    readonly statementTimeoutMs: number;
    /** 0 for no limit. */
    readonly lockTimeoutMs: number;
    /** How long an operation goes on trying while the server cannot be reached. */
    readonly reconnectTimeoutMs: number;
}
/** Runs statements inside a transaction. */
export type Transaction = <R extends unknown[]>(text: string, values?: readonly unknown[]) => Promise<R[]>;
/** How {@link Connection.transactionOnce} runs. */
interface TransactionOptions {
    /** Whether to wait for the server as long as it takes. */
    readonly isPatient?: boolean;
    /** The tables of which to see what there was at one time, and to write nothing. */
    readonly snapshotOf?: readonly string[] | undefined;
}
/** A pool of connections to one database, and how statements run on it. */
export declare class Connection {
    #private;
    readonly names: Names;
    readonly target: Target;
    readonly options: ConnectionOptions;
    /** Whether every connection so far leads to a process of the server's, with no pooler in between. */
    isDirect: boolean;
    /** Whether the log is still being opened: a server that cannot be reached is then reported at once. */
    isOpening: boolean;
    /** How the run ids of events compare, for statements that look them up by run ids of our tables. */
    collation: string;
    constructor(pool: Pool, target: Target, options: ConnectionOptions);
    /** Whether {@link Connection.close} has been called. */
    get isClosed(): boolean;
    /** Runs a statement that may run twice: it is tried again when the connection breaks. */
    query<R extends unknown[]>(text: string, values?: readonly unknown[]): Promise<R[]>;
    /** Runs a statement once, and throws what the driver throws. */
    send<R extends unknown[]>(statement: Statement): Promise<R[]>;
    /** Runs `work` in a transaction, all of it again when the connection breaks or another transaction is in the way. */
    transaction<T>(work: (run: Transaction) => Promise<T>): Promise<T>;
    /**
     * Runs `work`, which only reads, and whose statements all see what there was at one time of `tables`.
     *
     * Those are locked before that time: a statement that waits for a table to be made anew would see it empty.
     */
    snapshot<T>(tables: readonly string[], work: (run: Transaction) => Promise<T>): Promise<T>;
    /** Runs `work` in one transaction, and throws what the driver throws. A patient one waits as long as it takes. */
    transactionOnce<T>(work: (run: Transaction) => Promise<T>, { isPatient, snapshotOf }?: TransactionOptions): Promise<T>;
    /** Lends a connection to `work`. One that broke is not used again. */
    use<T>(work: (client: PoolClient) => Promise<T>): Promise<T>;
    /** Calls `action` until it no longer fails for a reason that passes by itself, and turns errors into ours. */
    retrying<T>(action: () => Promise<T>): Promise<T>;
    /** Waits, unless the log is closed meanwhile. */
    pause(ms: number): Promise<void>;
    /** Returns the error to report for one that the driver threw. */
    explain(error: unknown): unknown;
    /** @throws {@link EventLogError} `EVENTLOG_CLOSED`. */
    assertOpen(): void;
    /** Ends every wait for a connection, and the pool if it is ours. */
    close(): Promise<void>;
    /**
     * How long the answer to a statement is waited for, in milliseconds. The server gives up first, as long as it is there
     * and has been told to: then nothing of a statement is left under way.
     */
    get patienceMs(): number | undefined;
}
export {};

// dist/driver.d.ts
import pg from 'pg';
import type { ClientConfig, Pool, PoolClient, PoolConfig } from 'pg';
/** Quotes a name for a statement. */
export declare const escapeIdentifier: (name: string) => string;
/** Quotes a text for a statement that takes no values. */
export declare const escapeLiteral: (text: string) => string;
/** Creates a pool of connections; nothing is connected yet. */
export declare function createPool(config: PoolConfig): Pool;
/** Creates a client for a connection of its own. */
export declare function createClient(config: ClientConfig): pg.Client;
/** Takes a connection from a pool that may wait for ever, and gives it back when it comes too late. */
export declare function connectWithin(pool: Pool, ms: number | undefined): Promise<PoolClient>;
/** Runs a statement on a client; rows come as arrays, with every integer of 64 bits as a `bigint`. */
export declare function runQuery<R extends unknown[]>(client: Pick<PoolClient, 'query'>, { text, values, name, timeoutMs }: Statement): Promise<R[]>;
/** A statement, the values for it, and the name to prepare it under. */
export interface Statement {
    readonly text: string;
    readonly values?: readonly unknown[] | undefined;
    readonly name?: string | undefined;
    /** After how long without an answer the connection counts as lost; for ever unless given. */
    readonly timeoutMs?: number | undefined;
}
/** Returns the id of the server's process behind a client, as the server said it when the connection was made. */
export declare function processIdOf(client: object): number | undefined;
/** Ends the connection of a client without a word to the server, which may no longer listen. */
export declare function cutOff(client: object): void;
/** Does nothing with an error that whoever waits for the answer is told as well. */
export declare function ignore(): void;

// dist/fold-runs.d.ts
import type { Transaction } from './connection.ts';
import type { Names } from './names.ts';
import type { RunTotals } from './run-totals.ts';
/** Not larger than the number of any event. */
export declare const FIRST_SEQ: bigint;
/** Not smaller than the number of any event. */
export declare const LAST_SEQ: bigint;
/** A run that has changed since it was summed up. */
export interface Touched {
    readonly runId: string;
    /** The first event that has changed: later ones than are summed up only add to what there is; {@link LAST_SEQ} for none. */
    readonly fromSeq: bigint;
    /**
     * The last event to sum up. Of those behind it there is another note that the
     * run has changed, so that what is summed up goes exactly as far as the notes
     * that are taken away for it. Default: the last there is.
     */
    readonly throughSeq?: bigint | undefined;
}
/** The columns of {@link RunTotals}, separated by commas. */
export declare const TOTALS_COLUMNS: string;
/** Where {@link foldRuns} reads. */
export interface FoldSource {
    readonly run: Transaction;
    readonly names: Names;
    /** Whether there are summaries to start from. */
    readonly hasSummaries: boolean;
}
/**
 * Sums up runs from what is stored of them now, in bounded memory; a run
 * without events is not in the result. `isAnew` says of which runs the summary
 * was not merely continued.
 */
export declare function foldRuns(source: FoldSource, touched: readonly Touched[]): Promise<{
    readonly totals: ReadonlyMap<string, RunTotals>;
    readonly isAnew: ReadonlySet<string>;
}>;

// dist/index.d.ts
export { openPostgresEventLog, type PostgresEventLogOptions } from './open-postgres-event-log.ts';
export type { ConnectOptions } from './connect-options.ts';
export type { MigrateOptions, PostgresEventLog, RebuildReport } from './postgres-event-log.ts';
export type { Partition, PartitionOptions, Partitions, PartitionsReport } from './partitions.ts';
export { SCHEMA_VERSION, type MigrationReport } from './schema.ts';

// dist/lease-table.d.ts
import type { Fence, Lease, LeaseOptions, LeaseStore } from '@starling/eventlog';
import type { Connection } from './connection.ts';
/**
 * Leases in the table `starling_leases`. The row of a run outlives its lease,
 * so that tokens only grow.
 *
 * A grant takes the lock of the run, as an append does: once it is there, no
 * append under an older one can land any more, however late its writer wakes up.
 */
export declare class LeaseTable implements LeaseStore {
    #private;
    constructor(connection: Connection);
    acquire(runId: string, { owner, ttlMs, isOwnerDead }: LeaseOptions): Promise<Lease>;
    renew(lease: Lease, ttlMs: number): Promise<Lease>;
    release({ runId, token }: Lease): Promise<void>;
    current(runId: string): Promise<Lease | undefined>;
    /**
     * Checks the fence of an append that writes nothing.
     *
     * @throws {@link EventLogError} `EVENTLOG_FENCED`.
     */
    check(fence: Fence): Promise<void>;
}

// dist/names.d.ts
/** Everything that a log names in its schema, quoted and qualified. */
export interface Names {
    /** The schema as it was given. */
    readonly schema: string;
    readonly events: string;
    readonly defaultPartition: string;
    readonly migrations: string;
    readonly runs: string;
    readonly counts: string;
    readonly touched: string;
    readonly search: string;
    readonly leases: string;
    readonly state: string;
    readonly append: string;
    readonly appendOne: string;
    readonly appendTwo: string;
    readonly touch: string;
    readonly touchOne: string;
    /** The channel on which processes tell each other of appends. */
    readonly channel: string;
    /** What the advisory locks are made of, other than those of runs. */
    readonly lock: string;
}
/** Returns the names of a log in `schema`. */
export declare function namesOf(schema: string): Names;
/** Quotes the body of a function, whatever is in the names that it mentions. */
export declare function dollarQuoted(body: string): string;

// dist/open-postgres-event-log.d.ts
import type { ConnectOptions } from './connect-options.ts';
import type { PostgresEventLog } from './postgres-event-log.ts';
/** How {@link openPostgresEventLog} opens. */
export interface PostgresEventLogOptions extends ConnectOptions {
    /** The schema of the tables; created when missing, if the user may. Default: `public`. */
    readonly schema?: string | undefined;
    /** Never create or change anything. Default: `false`. */
    readonly readOnly?: boolean | undefined;
    /**
     * Open what a newer version wrote all the same, to ask for its version or to
     * save what can be read; only with `readOnly`. Default: `false`.
     */
    readonly allowNewerSchema?: boolean | undefined;
    /**
     * Create the tables, or bring older ones up to date. When `false`, a schema
     * that is not up to date can be read and not written until
     * {@link PostgresEventLog.migrate}. Default: `true`.
     */
    readonly migrate?: boolean | undefined;
    /**
     * Whether a table of events that is created is partitioned by the time in
     * run ids, so that old runs can be dropped a partition at a time; see
     * {@link PostgresEventLog.partitions}. Default: `false`.
     */
    readonly partitioned?: boolean | undefined;
    /** How long a statement may take, in milliseconds; 0 for any time. Default: 60,000. */
    readonly statementTimeoutMs?: number | undefined;
    /** How long to wait for the locks of other processes, in milliseconds; 0 for any time. Default: 5000. */
    readonly lockTimeoutMs?: number | undefined;
    /** How long an operation goes on trying while the server cannot be reached, in milliseconds. Default: 10,000. */
    readonly reconnectTimeoutMs?: number | undefined;
    /** How often a waiting stream looks for appends that nobody announced, in milliseconds. Default: 100. */
    readonly pollIntervalMs?: number | undefined;
    /**
     * Whether streams listen for what other processes announce, on a connection
     * of their own, and this process announces its appends. Default: they listen
     * unless a pooler such as PgBouncer is in between.
     */
    readonly listen?: boolean | undefined;
}
/**
 * Opens an event log in a Postgres database, creating its tables when missing.
 *
 * The database can be shared with any number of processes and hosts, those of
 * the Go reference included. A schema of a newer version, or whose tables are
 * someone else's, is refused and left as it is, also by a reader.
 *
 * @throws {@link EventLogError} `EVENTLOG_OPEN_FAILED`, `EVENTLOG_SCHEMA_TOO_NEW`, `EVENTLOG_BUSY`,
 * `EVENTLOG_INVALID_OPTIONS`.
 */
export declare function openPostgresEventLog(options: PostgresEventLogOptions): Promise<PostgresEventLog>;

// dist/partitions.d.ts
import type { Connection } from './connection.ts';
import type { Writer } from './writer.ts';
/** The runs of a time. */
export interface PartitionOptions {
    /** Milliseconds since the epoch: runs whose id was made at or after this. */
    readonly from: number;
    /** Milliseconds since the epoch: runs whose id was made before this. */
    readonly to: number;
    /** The namespace in front of the ids, as in `namespace/01J…`. Default: none. */
    readonly namespace?: string | undefined;
}
/** One partition of a log. */
export interface Partition extends PartitionOptions {
    /** The name of its table, in the schema of the log. */
    readonly table: string;
}
/** What {@link Partitions.drop} did, or would do. */
export interface PartitionsReport {
    /** What was dropped, oldest first. */
    readonly dropped: readonly Partition[];
    /** What was kept although it is old, as a run in it is in progress or under a lease. */
    readonly kept: readonly Partition[];
    readonly deletedRuns: number;
    readonly dryRun: boolean;
}
/**
 * The partitions of a log whose table was created with `partitioned: true`.
 *
 * Each holds the runs of a time, by the time in their ids, which are ULIDs
 * unless an application chooses others: those are in the default partition,
 * which holds everything that no other one does. Dropping a partition takes no
 * longer for a million events than for one.
 */
export interface Partitions {
    /** Returns the partitions, oldest first, without the default one. */
    list(): Promise<readonly Partition[]>;
    /**
     * Creates a partition, in time: one for runs that there are already is refused.
     *
     * @throws {@link EventLogError} `EVENTLOG_INVALID_OPTIONS`, `EVENTLOG_OPEN_FAILED` when the user does not own the table.
     */
    add(options: PartitionOptions): Promise<Partition>;
    /** Drops the partitions that end at or before a time, in milliseconds since the epoch. */
    drop(options: {
        readonly before: number;
        readonly dryRun?: boolean | undefined;
    }): Promise<PartitionsReport>;
}
/** What {@link RunIdPartitions} work on. */
export interface PartitionSource {
    readonly connection: Connection;
    /** Returns what is needed to write, or throws why that is not possible. */
    readonly writer: () => Writer;
    /** Called with the runs that are gone. */
    readonly onDrop: (runIds: readonly string[]) => void;
}
/** The {@link Partitions} of a log: ranges of run ids. */
export declare class RunIdPartitions implements Partitions {
    #private;
    constructor(source: PartitionSource);
    list(): Promise<readonly Partition[]>;
    add(options: PartitionOptions): Promise<Partition>;
    drop({ before, dryRun }: {
        before: number;
        dryRun?: boolean | undefined;
    }): Promise<PartitionsReport>;
}

// dist/postgres-event-log.d.ts
import type { Event } from '@starling/event';
import type { EventLog } from '@starling/eventlog';
import type { Connection } from './connection.ts';
import type { Partitions } from './partitions.ts';
import type { Found, MigrationReport } from './schema.ts';
/** How {@link PostgresEventLog.migrate} migrates. */
export interface MigrateOptions {
    /** Only report what would be done. Default: `false`. */
    readonly dryRun?: boolean | undefined;
}
/** What {@link PostgresEventLog.rebuild} derived. */
export interface RebuildReport {
    readonly runs: number;
    readonly events: number;
}
/** An {@link EventLog} in a Postgres database, with what is to be said to the database itself. */
export interface PostgresEventLog extends EventLog {
    /** Whether it was opened to write. */
    readonly access: 'read-write' | 'read-only';
    /** Returns the schema version of the database; 0 for one without any. */
    schemaVersion(): Promise<number>;
    /**
     * Brings the database up to the schema version of this code.
     *
     * @throws {@link EventLogError} `EVENTLOG_READ_ONLY` unless it is a dry run, `EVENTLOG_SCHEMA_TOO_NEW`,
     * `EVENTLOG_OPEN_FAILED` when the user may not create tables.
     */
    migrate(options?: MigrateOptions): Promise<MigrationReport>;
    /** Derives run summaries and search index anew from the events, also when their tables are damaged. */
    rebuild(): Promise<RebuildReport>;
    /**
     * Stores events as they are, without looking at the chain: for carrying over a run that is known to be damaged.
     *
     * All or nothing. A `seq` can be stored once.
     *
     * @throws {@link EventLogError} `EVENTLOG_INVALID_APPEND` when the run already has one of the numbers.
     */
    appendUnchecked(runId: string, events: readonly Event[]): Promise<void>;
    /** The partitions of the log, when its table was created with them. */
    readonly partitions: Partitions;
}
/** How a log over a connection behaves. */
export interface LogOptions {
    readonly readOnly: boolean;
    readonly pollIntervalMs: number;
    readonly listen: boolean | undefined;
    /** Whether a table of events that is created is partitioned. */
    readonly partitioned: boolean;
}
/** Creates a log over a connection. */
export declare function createPostgresEventLog(connection: Connection, options: LogOptions): DatabaseEventLog;
/** A {@link PostgresEventLog} that is told what was found in its schema. */
export interface DatabaseEventLog extends PostgresEventLog {
    /** Takes note of what is in the schema, and writes from now on if that is all there has to be. */
    adopt(found: Found): void;
}

// dist/run-index.d.ts
import type { Connection, Transaction } from './connection.ts';
import type { FoldSource, Touched } from './fold-runs.ts';
import type { Names } from './names.ts';
/**
 * The run summaries, derived from the events.
 *
 * An append only notes that its run has changed, which a trigger does for every
 * writer. Everything that lists runs first brings those up to date. No append
 * waits for that: a note is a row of its own, and nobody ever locks one that
 * another transaction has written.
 */
export declare class RunIndex {
    #private;
    constructor(connection: Connection);
    /** Brings the summaries up to date with everything that was committed before. */
    catchUp(): Promise<void>;
    /** Derives all summaries anew, some at a time: there are always the old ones of a run or the new ones. */
    rebuild(): Promise<void>;
}
/**
 * Lets one process at a time derive: they would only do the same. To sum up a
 * large log takes as long as it takes, and whoever waits for it gets what they
 * wait for; only the limit for statements holds. A process that is paused in
 * between, or gone without a word, loses its transaction after `idleMs`, and
 * does it again.
 */
export declare function lockDerived(run: Transaction, names: Names, idleMs?: number): Promise<void>;
/** Has the server end the transaction when its process is silent for too long. */
export declare function limitIdle(run: Transaction): Promise<void>;
/** Sums up the runs and writes that down. To be called under {@link lockDerived}. */
export declare function updateSummaries(source: FoldSource, touched: readonly Touched[]): Promise<void>;

// dist/run-totals.d.ts
import type { RunSummary } from '@starling/eventlog';
/** What a summary needs to know of an event. */
export interface EventFacts {
    readonly seq: bigint;
    readonly kind: number;
    readonly ts: bigint;
    /** The payload of a model call that has ended; of no interest for other kinds. */
    readonly payload: Uint8Array | null;
}
/** A row of `starling_runs`: the totals of a run, to which later events can be added. */
export interface RunTotals {
    readonly runId: string;
    startedAt: bigint;
    lastAt: bigint;
    lastSeq: bigint;
    lastKind: number;
    eventCount: number;
    turnCount: number;
    toolCallCount: number;
    inputTokens: number;
    outputTokens: number;
    costUsd: number;
}
/** The columns of {@link RunTotals}, each with its type, in the order of {@link toRow}. */
export declare const TOTALS: readonly (readonly [column: string, type: string])[];
/** A row of the columns {@link TOTALS}. */
export type TotalsRow = [
    startedAt: bigint,
    lastAt: bigint,
    lastSeq: bigint,
    lastKind: number,
    eventCount: bigint,
    turnCount: bigint,
    toolCallCount: bigint,
    inputTokens: number,
    outputTokens: number,
    costUsd: number
];
/** Returns the totals of a run without events, which {@link addEvent} begins. */
export declare function emptyTotals(runId: string): RunTotals;
/** Adds the next event of the run. Costs are added in log order, so that every reader gets the same float. */
export declare function addEvent(totals: RunTotals, { seq, kind, ts, payload }: EventFacts): void;
/** Returns the summary that the totals stand for. */
export declare function toSummary(totals: RunTotals): RunSummary;
/** Returns the totals in a row of {@link TOTALS}. */
export declare function toTotals(runId: string, row: TotalsRow): RunTotals;
/** Returns the totals as values of the columns {@link TOTALS}. */
export declare function toRow(totals: RunTotals): readonly unknown[];

// dist/schema.d.ts
import type { Connection, Transaction } from './connection.ts';
import type { Names } from './names.ts';
/** The schema version that this code reads and writes. */
export declare const SCHEMA_VERSION = 1;
/** What a migration did, or would do. */
export interface MigrationReport {
    /** The version found; 0 for a schema without one. */
    readonly from: number;
    /** The version afterwards. */
    readonly to: number;
    /** The versions applied, in order. */
    readonly applied: readonly number[];
    /** Whether nothing was changed. */
    readonly dryRun: boolean;
}
/** How {@link migrate} creates. */
export interface MigrateSteps {
    /** Whether a new table of events is partitioned. */
    readonly partitioned: boolean;
}
/** What was found in a schema. */
export interface Found {
    /** Whether there is such a schema at all. */
    readonly hasSchema: boolean;
    /** The schema version; 0 when there is none. */
    readonly version: number;
    /** Whether there is a table of events. */
    readonly hasEvents: boolean;
    /** How the run ids of events compare: an index is only of use to what compares the same way. */
    readonly collation: string;
    /** The version of the derived tables; 0 when there are none, or none that this user may read. */
    readonly derived: number;
    /** Whether all of our tables, functions and triggers are there: without one of them none can be relied upon. */
    readonly isWhole: boolean;
}
type Run = Transaction;
/**
 * Looks at what is in the schema, without changing it, and checks that this code understands it.
 *
 * @throws {@link EventLogError} `EVENTLOG_OPEN_FAILED` when a table is someone else's or the server is too old.
 */
export declare function inspect(run: Run, names: Names, label: string): Promise<Found>;
/**
 * Checks that nothing newer than this code has written the schema.
 *
 * @throws {@link EventLogError} `EVENTLOG_SCHEMA_TOO_NEW`.
 */
export declare function checkVersion({ version, derived }: Found, label: string): void;
/** Returns whether a schema has everything that a writer needs. */
export declare function isCurrent(found: Found): boolean;
/** Returns whether the derived tables are there, and follow the events. */
export declare function isDerived({ derived, isWhole }: Found): boolean;
/** Reports what {@link migrate} would do. */
export declare function planMigration({ version }: Found): MigrationReport;
/**
 * Brings the schema up to date, in one transaction: all of it or nothing.
 *
 * Safe when several processes do it at once: a lock lets them in one by one,
 * and who comes second finds it done. The reference takes no such lock, so what
 * fails because of it is tried again.
 */
export declare function migrate(connection: Connection, { partitioned }: MigrateSteps): Promise<MigrationReport>;
export {};

// dist/search-index.d.ts
import type { SearchTerm } from '@starling/eventlog/backend';
import type { Connection } from './connection.ts';
/**
 * The full-text index over the words of events.
 *
 * What is found is read from the events and matched again, so an entry that has
 * become wrong finds nothing.
 */
export declare class SearchIndex {
    #private;
    constructor(connection: Connection);
    /** Takes up the events that the summaries cover and the index does not, the oldest runs first. */
    catchUp(): Promise<void>;
    /** Returns whether any event is in the index. */
    isUsed(): Promise<boolean>;
}
/** What a search asks of the index. */
export interface MatchOptions {
    readonly terms: readonly SearchTerm[];
    readonly runId?: string | undefined;
    readonly kinds?: readonly number[] | undefined;
}
/** Returns the expression of the index's query language that finds every event a search may match. */
export declare function matchExpression({ terms, runId, kinds }: MatchOptions): string;

// dist/writer.d.ts
import { AppendQueue } from './append-queue.ts';
import type { Connection } from './connection.ts';
import { LeaseTable } from './lease-table.ts';
import { RunIndex } from './run-index.ts';
import { SearchIndex } from './search-index.ts';
/** What a log needs to write: only a log that may has one, and only for a schema that is up to date. */
export declare class Writer {
    #private;
    readonly queue: AppendQueue;
    readonly leases: LeaseTable;
    readonly index: RunIndex;
    readonly search: SearchIndex;
    /** `onAppend` is called for every append that has become durable. */
    constructor(connection: Connection, onAppend: (runId: string) => void);
    /** Lets what has been asked for land. */
    close(): Promise<void>;
}
