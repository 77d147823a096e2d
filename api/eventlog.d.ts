// dist/backend/index.d.ts
export { CALL_USAGE_KINDS, callUsageOf } from '../call-usage.ts';
export type { CallUsage } from '../call-usage.ts';
export { extendsChain, linkHashOf } from '../chain-end.ts';
export type { ChainEnd } from '../chain-end.ts';
export { checkAppend, checkBatch } from '../check-append.ts';
export { forkEvents } from '../fork.ts';
export { goQuote } from '../go-quote.ts';
export { createNotifier } from '../notifier.ts';
export type { ChangeSubscription, Notifier } from '../notifier.ts';
export { normalizeRead } from '../read-range.ts';
export type { ReadRange } from '../read-range.ts';
export { formatRunCursor, parseRunCursor } from '../run-cursor.ts';
export type { RunCursor } from '../run-cursor.ts';
export { addCallUsage, summaryOf } from '../run-totals.ts';
export type { SummaryTotals } from '../run-totals.ts';
export { matchSearch, parseSearchQuery } from '../search-query.ts';
export type { SearchMatch, SearchTerm } from '../search-query.ts';
export { searchTextOf } from '../search-text.ts';
export { normalizeListRuns, normalizePrune } from '../select-runs.ts';
export type { PruneFilter, RunFilter } from '../select-runs.ts';
export { statusOfKind } from '../status.ts';
export { streamRun } from '../stream-run.ts';
export type { LastEvent, RunSource } from '../stream-run.ts';

// dist/call-usage.d.ts
/** What a model call has used and cost, as far as a summary counts it. */
export interface CallUsage {
    readonly inputTokens: number;
    readonly outputTokens: number;
    readonly costUsd: number;
}
/**
 * The kinds of events that say what a model call has used: it was answered, or
 * it failed. For a backend that fetches the payloads of no others.
 */
export declare const CALL_USAGE_KINDS: readonly number[];
/**
 * Returns what a model call has used and cost, when the event tells; nothing
 * for an event of another kind, and for a payload that does not decode:
 * damage is validation's business, and a listing must go on.
 */
export declare function callUsageOf(kind: number, payload: Uint8Array): CallUsage | undefined;

// dist/chain-end.d.ts
import type { Event } from '@starling/event';
/** The end of a run's chain: what the next event must link to. */
export interface ChainEnd {
    /** `seq` of the last event; 0 for a run without events. */
    readonly seq: number;
    /** Hash of the last event; `null` for a run without events, `undefined` when it is not known. */
    readonly hash: Uint8Array | null | undefined;
}
/**
 * Reports whether an event certainly extends a chain.
 *
 * For the common case: whatever it says no to is left to {@link checkBatch},
 * which judges by the last event itself.
 */
export declare function extendsChain({ seq, hash }: ChainEnd, { seq: next, prevHash, kind, ts }: Event): boolean;
/**
 * Returns the hash that the next event links to; `undefined` for an event that
 * nothing follows: usually nothing does after a terminal one, and nothing can
 * after a payload that is not well-formed. {@link checkBatch} says so when
 * something does.
 */
export declare function linkHashOf(event: Event): Uint8Array | undefined;

// dist/check-append.d.ts
import type { Event } from '@starling/event';
/**
 * Checks that `event` extends the chain of run `runId`, whose last event is `previous`.
 *
 * Kind, payload, timestamp order and whether the run has already ended are not
 * looked at: a log stores what it is given, and validation judges it. One hash
 * is computed, that of `previous`.
 *
 * @throws {@link EventLogError} `EVENTLOG_INVALID_APPEND`.
 */
export declare function checkAppend(previous: Event | undefined, event: Event, runId: string): void;
/**
 * Checks a batch: each event must extend the chain that the ones before it leave behind.
 *
 * @throws {@link EventLogError} `EVENTLOG_INVALID_APPEND` for the first event that does not; nothing may be written then.
 */
export declare function checkBatch(previous: Event | undefined, events: readonly Event[], runId: string): void;

// dist/conformance/event-log.conformance.d.ts
import type { EventLogHarness } from './harness.ts';
/**
 * Registers every test of the {@link EventLog} contract for one backend.
 *
 * Nothing is skipped: where a backend lacks a capability, a test says so.
 */
export declare function describeEventLog(harness: EventLogHarness): void;

// dist/conformance/harness.d.ts
import type { Event } from '@starling/event';
import type { EventLog } from '../event-log.ts';
/** What a backend provides to be put through the suite. */
export interface EventLogHarness {
    /** Names the backend in the titles. */
    readonly name: string;
    /** Opens an empty log. Called once per test; the suite disposes of it. */
    open(): Promise<EventLog>;
    /**
     * Opens the storage of `log` once more, for a backend whose events outlive
     * its process. `log` may have been disposed of, or still be in use.
     */
    reopen?(log: EventLog): Promise<EventLog>;
    /** Opens the storage of `log` for reading only, for a backend that can. */
    reopenReadOnly?(log: EventLog): Promise<EventLog>;
    /** Recorded runs to append and read back byte for byte, each of one run id. */
    readonly runs?: readonly RecordedRun[] | undefined;
    /** What the backend cannot do. */
    readonly capabilities?: EventLogCapabilities | undefined;
}
/** {@link EventLogHarness.reopen} of a backend that has it. */
export type Reopen = (log: EventLog) => Promise<EventLog>;
/** What a backend can do; a test states what one cannot. */
export interface EventLogCapabilities {
    /** Whether a run id may contain U+0000. Default: `true`. */
    readonly nulInRunId?: boolean | undefined;
    /** Whether the log keeps leases. Default: `true`. */
    readonly leases?: boolean | undefined;
}
/** A run that was recorded elsewhere. */
export interface RecordedRun {
    readonly name: string;
    /** In order, from seq 1. */
    readonly events: readonly Event[];
}

// dist/conformance/index.d.ts
export { describeEventLog } from './event-log.conformance.ts';
export type { EventLogCapabilities, EventLogHarness, RecordedRun } from './harness.ts';
export { CallBuilder, runOfCalls } from './model-calls.ts';
export type { CallTotals, RunOfCalls } from './model-calls.ts';
export { eventOfVector, eventsOfRecording } from './recordings.ts';
export type { RecordedEvent, RecordedEvents, VectorEvent } from './recordings.ts';
export { chainOf, finishedRun, RunBuilder } from './runs.ts';
export type { ToolTurn } from './runs.ts';

// dist/conformance/model-calls.d.ts
import type { AssistantMessageCompleted, Event, TurnFailed } from '@starling/event';
import type { RunSummary } from '../event-log.ts';
/** What the model calls of a run have used and cost. */
export type CallTotals = Pick<RunSummary, 'inputTokens' | 'outputTokens' | 'costUsd'>;
/** A run whose model calls are answered and fail. */
export interface RunOfCalls {
    readonly events: readonly Event[];
    /** What the calls have used, added in the order in which they were made; as its terminal event says if it has one. */
    readonly totals: CallTotals;
}
/** Returns a valid run of a few turns with answers, failed attempts, retries and crashes; the same for the same seed. */
export declare function runOfCalls(runId: string, seed: number): RunOfCalls;
/** Builds a run of model calls, and counts what they have used as the agent does that makes them. */
export declare class CallBuilder implements RunOfCalls {
    #private;
    constructor(runId: string);
    get events(): readonly Event[];
    get totals(): CallTotals;
    /** Begins a turn. */
    startTurn(): this;
    /** Adds an attempt that failed, after which there is another unless `used.next` is `fail`. */
    fail(used?: Partial<TurnFailed>): this;
    /** Ends the turn with an answer. */
    answer(used: CallTotals & Partial<AssistantMessageCompleted>): this;
    /** Resumes the run after a crash. */
    resume(): this;
    /** Ends the run with an attempt after which there is no other. */
    giveUp(used: Partial<TurnFailed>): this;
    /** Ends the run well; the terminal event says what all its calls have used. */
    complete(): this;
}

// dist/conformance/model.conformance.d.ts
import type { EventLog } from '../event-log.ts';
/** One log, as three have opened it; they may be one and the same. */
export interface SharedEventLog {
    readonly first: EventLog;
    readonly second: EventLog;
    /** Only looks. */
    readonly reader: EventLog;
}
/** What a backend provides to be compared with the log in memory. */
export interface EventLogModelHarness {
    /** Opens an empty log, whose leases go by `now` where the backend takes a clock; it is disposed of. */
    open(now: () => number): Promise<SharedEventLog>;
    /** Whether leases go by a clock of the backend's own, so that their ends cannot be compared. Default: `false`. */
    readonly hasOwnClock?: boolean | undefined;
    /** How many series of questions are asked. Default: 60. */
    readonly numRuns?: number | undefined;
}
/**
 * Asks two writers and a reader of one log whatever comes to mind, in whatever
 * order, and compares every answer and every refusal with those of the log in
 * memory: what one of them remembers must never be older than what another has
 * written.
 *
 * A failure names the seed and the shortest series of questions that shows it.
 */
export declare function expectToAnswerLikeMemory(harness: EventLogModelHarness): Promise<void>;

// dist/conformance/recordings.d.ts
import type { Event } from '@starling/event';
/** A run as recordings in JSON have it, as far as its events go. */
export interface RecordedEvents {
    readonly run_id: string;
    /** In order, from seq 1. */
    readonly events: readonly RecordedEvent[];
}
/** An event of a recording; bytes are in hex. */
export interface RecordedEvent {
    readonly seq: number;
    readonly kind: number;
    /** Nanoseconds since the epoch. */
    readonly ts: string | number;
    readonly prev_hash_hex?: string | null;
    readonly payload_cbor_hex: string;
}
/** An event of the vectors, which stands by itself; bytes are in hex. */
export interface VectorEvent {
    readonly run_id: string;
    readonly seq: number;
    readonly prev_hash: string | null;
    readonly ts: number;
    readonly kind: number;
    readonly payload_hex: string;
}
/** Returns the events of a recorded run. */
export declare function eventsOfRecording({ run_id: runId, events }: RecordedEvents): readonly Event[];
/** Returns the event that a vector describes. */
export declare function eventOfVector(event: VectorEvent): Event;

// dist/conformance/runs.d.ts
import type { Event, Kind, PayloadByKind, RunStarted } from '@starling/event';
/** What {@link RunBuilder.callTool} records. */
export interface ToolTurn {
    readonly city?: string | undefined;
    readonly result?: string | undefined;
    readonly turnId?: string | undefined;
}
/** Builds the events of one run, each linked to the one before. */
export declare class RunBuilder {
    #private;
    /** What has been built so far, in order. */
    readonly events: Event[];
    /** `startedAt` is the time of the first event, `stepNs` that between two, in nanoseconds. */
    constructor(runId: string, startedAt?: bigint, stepNs?: bigint);
    /** The Merkle root over all events so far. */
    get root(): Uint8Array;
    /** Adds an event with a typed payload. */
    add<K extends Kind>(kind: K, payload: PayloadByKind[K]): this;
    /** Adds an event whose payload is any bytes. */
    addRaw(kind: number, payload: Uint8Array): this;
    /** Adds the event that every run begins with. */
    start(options?: Partial<RunStarted>): this;
    /** Adds a user's message. */
    say(content: string): this;
    /** Ends the run well. */
    complete(finalText?: string): this;
    /** Ends the run with a terminal event that nothing is proved by, as hand-written logs have. */
    completeWithoutRoot(finalText: string): this;
    /** Ends the run in an error. */
    fail(error: string): this;
    /** Ends the run by cancelling it. */
    cancel(reason: string): this;
    /** Adds a call of a tool that never returns. */
    schedule(callId: string, tool: string): this;
    /** Adds a whole turn that calls one tool. */
    callTool(options?: ToolTurn): this;
}
/** Returns `count` events: the start of a run and messages. */
export declare function chainOf(runId: string, count: number, startedAt?: bigint): readonly Event[];
/** Returns a valid, completed run with one tool call, seven events. */
export declare function finishedRun(runId: string, startedAt?: bigint): readonly Event[];

// dist/conformance/workloads.d.ts
import type { EventLog } from '../event-log.ts';
/** What {@link race} appends. */
export interface RaceOptions {
    /** Names the racer: its own runs are `own-<name>-<number>`. */
    readonly name: string;
    /** How many events it wants to append to the run `shared`, which every racer builds alike. */
    readonly shared: number;
    /** To how many runs of its own it appends ten events each, all at once. */
    readonly own: number;
}
/** What {@link appendForEver} appends. */
export interface AppendForEverOptions {
    /** To how many runs at once: `run-0`, `run-1` and so on. */
    readonly runs: number;
    /** How many events an append has. */
    readonly batch: number;
    /** Is told after each append up to where the run is durable. */
    readonly onDurable: (runId: string, seq: number) => void;
}
/** Races others for one run, then appends to runs of its own; returns the numbers that it has won in the shared one. */
export declare function race(log: EventLog, { name, shared, own }: RaceOptions): Promise<readonly number[]>;
/** Appends until the process is killed. */
export declare function appendForEver(log: EventLog, options: AppendForEverOptions): Promise<never>;

// dist/event-log-error.d.ts
import { StarlingError } from '@starling/event';
/** Why an {@link EventLog} refused. */
export type EventLogErrorCode = 
/** An event does not extend the chain of its run: read again, then append. */
'EVENTLOG_INVALID_APPEND'
/** The log was used after it was disposed of. */
 | 'EVENTLOG_CLOSED'
/** What is stored is not a valid run. */
 | 'EVENTLOG_CORRUPT'
/** The log was opened for reading only. */
 | 'EVENTLOG_READ_ONLY'
/** The run to fork has no events. */
 | 'EVENTLOG_FORK_NOT_FOUND'
/** The database was written by a newer version. */
 | 'EVENTLOG_SCHEMA_TOO_NEW'
/** The database must be migrated first. */
 | 'EVENTLOG_SCHEMA_OUTDATED'
/** The options of a prune contradict each other or name nothing. */
 | 'EVENTLOG_INVALID_PRUNE'
/** An option is out of range: a position, a limit, a page size, a lease's time, a fence of another run. */
 | 'EVENTLOG_INVALID_OPTIONS'
/** Another live process holds the run. */
 | 'EVENTLOG_LEASED'
/** The lease has been taken over by another process. */
 | 'EVENTLOG_FENCED'
/** The storage cannot be opened: missing directory, wrong kind of file, missing rights. */
 | 'EVENTLOG_OPEN_FAILED'
/** Another process keeps the storage locked; try again. */
 | 'EVENTLOG_BUSY'
/** The storage is full; nothing was written. */
 | 'EVENTLOG_FULL'
/** The storage failed in another way. */
 | 'EVENTLOG_STORAGE';
/** An error of an event log. */
export declare class EventLogError extends StarlingError<EventLogErrorCode> {
}

// dist/event-log.d.ts
import type { Event } from '@starling/event';
/** How {@link EventLog.append} appends. */
export interface AppendOptions {
    /**
     * The lease under which the writer owns the run. When given, the append is
     * refused with `EVENTLOG_FENCED` once a newer lease has been granted. A lease
     * that has merely expired still holds until someone takes it over.
     */
    readonly fence?: Fence | undefined;
}
/** How {@link EventLog.read} reads. */
export interface ReadOptions {
    /** The first `seq` to return, from 1. Default: 1. */
    readonly fromSeq?: number | undefined;
    /** At most this many events, from 0. Default: all there are. */
    readonly limit?: number | undefined;
}
/** How {@link EventLog.stream} streams. */
export interface StreamOptions {
    /** The first `seq` to yield, from 1. Default: 1. */
    readonly fromSeq?: number | undefined;
    /** Keep waiting after a terminal event, for a log that may be continued by hand. Default: `false`. */
    readonly follow?: boolean | undefined;
    /** Ends the stream: the iteration rejects with the signal's reason. */
    readonly signal?: AbortSignal | undefined;
}
/** The four states of a run, as listed. */
export type RunStatus = 'completed' | 'failed' | 'cancelled' | 'in progress';
/** What is known about a run without reading it whole. */
export interface RunSummary {
    readonly runId: string;
    readonly status: RunStatus;
    /** Nanoseconds since the Unix epoch: `ts` of the first event. */
    readonly startedAt: bigint;
    readonly lastSeq: number;
    /** Kind of the last event. */
    readonly lastKind: number;
    /** Number of `TurnStarted` events. */
    readonly turnCount: number;
    /** Number of `ToolCallScheduled` events, retries and re-issues included. */
    readonly toolCallCount: number;
    /** Of all model calls, failed attempts included, as in the totals of a terminal event; likewise the next two. */
    readonly inputTokens: number;
    readonly outputTokens: number;
    readonly costUsd: number;
    /** From the first event to the last, whole milliseconds; 0 when the clock went backwards. */
    readonly durationMs: number;
}
/** Which runs {@link EventLog.listRuns} returns. */
export interface ListRunsOptions {
    /** At most this many; 0 or less: no limit. Default: 50. */
    readonly limit?: number | undefined;
    /** Skip this many. Less than 0 counts as 0; without a limit, a backend may ignore it. Default: 0. */
    readonly offset?: number | undefined;
    /**
     * Begin behind a page: its {@link RunPage.next}. Unlike an offset it skips and repeats nothing when runs are
     * added or deleted between the pages, and costs the same on every page. An `offset` counts from there.
     */
    readonly after?: string | undefined;
    /** Only runs in this state; case and surrounding space do not matter. */
    readonly status?: string | undefined;
    /** Case-insensitive part of the run id or of the status; surrounding space does not matter. */
    readonly query?: string | undefined;
    /** Only runs that started after this many nanoseconds since the epoch. */
    readonly startedAfter?: bigint | undefined;
    /** Only runs that called a tool. */
    readonly requireToolCalls?: boolean | undefined;
}
/** One page of runs, newest first. */
export interface RunPage {
    readonly runs: readonly RunSummary[];
    /** How many runs match, on all pages. */
    readonly totalMatching: number;
    readonly limit: number;
    readonly offset: number;
    /** What {@link ListRunsOptions.after} takes to go on behind this page; absent on the last one. */
    readonly next?: string | undefined;
}
/** Which runs {@link EventLog.prune} deletes. */
export interface PruneOptions {
    /** Runs that started before this many nanoseconds since the epoch; not 0, and within 64 bits. */
    readonly before: bigint;
    /** Only runs in this state. Default: the three terminal states. */
    readonly status?: string | undefined;
    /** Also runs without a terminal event. Default: `false`. */
    readonly includeInProgress?: boolean | undefined;
    /** At most this many runs, oldest first; 0 or less: no limit. Default: 0. */
    readonly limit?: number | undefined;
    /** Only report what would be deleted. Default: `false`. */
    readonly dryRun?: boolean | undefined;
}
/** What {@link EventLog.prune} did, or would do. */
export interface PruneReport {
    readonly matchedRuns: number;
    readonly matchedEvents: number;
    readonly deletedRuns: number;
    readonly deletedEvents: number;
    readonly dryRun: boolean;
    /** Oldest first. */
    readonly runIds: readonly string[];
}
/** What {@link EventLog.fork} copies. */
export interface ForkOptions {
    /** Keep the events with a smaller `seq`; 0 keeps all of them, 1 none. */
    readonly beforeSeq: number;
    /** The id of the new run, which must not exist. The events are re-chained under it. */
    readonly newRunId: string;
}
/** What {@link EventLog.fork} copied. */
export interface ForkReport {
    readonly events: number;
    /**
     * Whether nothing was cut off, as `beforeSeq` is 0 or lies beyond the last
     * event. The end of a run that has ended is then copied too: such a copy
     * cannot be resumed.
     */
    readonly isWhole: boolean;
}
/** What {@link EventLog.search} looks for. */
export interface SearchOptions {
    /**
     * Words that must all occur in an event; a trailing `*` matches a prefix.
     * Case and accents do not matter, everything but letters and digits separates
     * words, and a query without words finds nothing.
     */
    readonly query: string;
    /** Only this run. */
    readonly runId?: string | undefined;
    /** Only these kinds. */
    readonly kinds?: readonly number[] | undefined;
    /** At most this many hits, from 1. Default: 50. */
    readonly limit?: number | undefined;
}
/** One event that matched a search. */
export interface SearchHit {
    readonly runId: string;
    readonly seq: number;
    readonly kind: number;
    readonly ts: bigint;
    /** The matching text, shortened around the first match. */
    readonly snippet: string;
}
/** The right to append to a run: granted to one owner at a time. */
export interface Fence {
    readonly runId: string;
    /** Grows with every grant; an append with an older one is refused. */
    readonly token: number;
}
/** A granted lease. */
export interface Lease extends Fence {
    readonly owner: string;
    /** Milliseconds since the epoch, by the log's clock. */
    readonly expiresAt: number;
}
/** How a lease is asked for. */
export interface LeaseOptions {
    /** Names the process: host, pid and a nonce. */
    readonly owner: string;
    /** How long the lease lasts without renewal, in milliseconds. */
    readonly ttlMs: number;
    /** Reports whether the process behind an unexpired lease has died; a dead owner's lease is taken over at once. */
    readonly isOwnerDead?: ((owner: string) => boolean) | undefined;
}
/**
 * Leases kept beside the log: who may write a run.
 *
 * A lease is not part of the truth: deleting all leases loses nothing but
 * mutual exclusion between live processes.
 */
export interface LeaseStore {
    /**
     * Grants the run to `options.owner`, which need not exist yet.
     *
     * Another owner's lease is taken over once it has expired or its owner is
     * dead; the owner's own is replaced at once. Every grant has a larger token
     * than all before it.
     *
     * @throws {@link EventLogError} `EVENTLOG_LEASED` when another live owner holds it.
     */
    acquire(runId: string, options: LeaseOptions): Promise<Lease>;
    /**
     * Extends a lease to `ttlMs` from now, also one that has expired and not been taken over.
     *
     * @throws {@link EventLogError} `EVENTLOG_FENCED` when it has been taken over or released.
     */
    renew(lease: Lease, ttlMs: number): Promise<Lease>;
    /** Gives the lease back; does nothing when it has been taken over. */
    release(lease: Lease): Promise<void>;
    /** The current lease of a run, expired or not; `undefined` when nobody holds one. */
    current(runId: string): Promise<Lease | undefined>;
}
/**
 * An append-only log with one chain of events per run.
 *
 * What the types cannot say, every implementation must hold, and
 * `describeEventLog` checks:
 *
 * - **Dense.** The events of a run are numbered 1, 2, 3, … without gaps.
 * - **Chained.** Every event carries the hash of the one before it; an append
 *   that does not extend the chain fails with `EVENTLOG_INVALID_APPEND` and
 *   writes nothing.
 * - **Atomic.** A batch lands whole or not at all.
 * - **Durable.** A resolved append survives the death of the process.
 * - **Prefix.** A reader sees a prefix of the run, never one with a hole in it.
 * - **Patient.** A stream never drops: a slow reader is behind, not cut off.
 *
 * Every method may be called at any time, also while others are under way: of
 * several writers that append the same `seq` to a run, exactly one succeeds.
 * Bytes are copied in and out, so nothing a caller does to an event changes the
 * log. Disposing of a log may be repeated; afterwards, and in streams that are
 * still open, everything fails with `EVENTLOG_CLOSED`.
 */
export interface EventLog extends AsyncDisposable {
    /** Leases beside this log, when the backend has them. */
    readonly leases?: LeaseStore | undefined;
    /**
     * Appends one event, or several atomically, and resolves once they are durable.
     *
     * Only the chain is checked (see {@link checkAppend}): a log does not judge
     * payloads, and does not mind events after a terminal one. No events is no
     * append.
     *
     * @throws {@link EventLogError} `EVENTLOG_INVALID_APPEND`, `EVENTLOG_FENCED`, `EVENTLOG_READ_ONLY`,
     * `EVENTLOG_INVALID_OPTIONS` when the fence is of another run, or how the storage failed.
     */
    append(runId: string, events: Event | readonly Event[], options?: AppendOptions): Promise<void>;
    /**
     * Returns events of a run in order. An unknown run is an empty one.
     *
     * @throws {@link EventLogError} `EVENTLOG_INVALID_OPTIONS` for a range that makes no sense.
     */
    read(runId: string, options?: ReadOptions): Promise<readonly Event[]>;
    /**
     * Yields the events of a run, first those there are, then live ones.
     *
     * Ends after a terminal event, at once when it starts behind the last one,
     * and when the run is pruned; a run without events is waited for. Leaving the
     * iteration stops it, also while it waits.
     */
    stream(runId: string, options?: StreamOptions): AsyncIterable<Event>;
    /**
     * Returns one page of runs, newest first; runs that started together in
     * descending order of their ids' UTF-8 bytes.
     */
    listRuns(options?: ListRunsOptions): Promise<RunPage>;
    /** Returns the summary of a run, or `undefined` when there is no such run. */
    summary(runId: string): Promise<RunSummary | undefined>;
    /** Finds events by the words in them, best match first. */
    search(options: SearchOptions): Promise<readonly SearchHit[]>;
    /**
     * Deletes whole runs by age. A run that is under a lease is at work, and left out.
     *
     * @throws {@link EventLogError} `EVENTLOG_INVALID_PRUNE`; `EVENTLOG_READ_ONLY` unless it is a dry run.
     */
    prune(options: PruneOptions): Promise<PruneReport>;
    /**
     * Copies a prefix of a run into a new run of the same log, re-chained. A
     * `beforeSeq` beyond the last event is no error; the report tells.
     *
     * @throws {@link EventLogError} `EVENTLOG_FORK_NOT_FOUND` when the source has no events, `EVENTLOG_INVALID_APPEND` when
     * the new run exists, `EVENTLOG_CORRUPT` when the chain of the source is broken.
     */
    fork(runId: string, options: ForkOptions): Promise<ForkReport>;
}

// dist/fork.d.ts
import type { Event } from '@starling/event';
import type { ForkOptions } from './event-log.ts';
/**
 * Returns the events of `run` before `options.beforeSeq`, chained anew under `options.newRunId`.
 *
 * Times and payloads stay as they are; ids, links and the Merkle root in a
 * terminal event become those of the new run. The chain of the source is
 * verified on the way and a wrong root is left wrong, so that a damaged run
 * never comes out intact.
 *
 * @throws {@link EventLogError} `EVENTLOG_FORK_NOT_FOUND` when there are no events, `EVENTLOG_INVALID_OPTIONS` for a
 * `beforeSeq` that is not a whole number from 0, `EVENTLOG_CORRUPT` when the chain of the source is broken.
 */
export declare function forkEvents(runId: string, run: readonly Event[], options: ForkOptions): readonly Event[];

// dist/go-quote.d.ts
/**
 * Returns `text` as Go's `%q` prints it: in double quotes, everything that is not printable escaped.
 *
 * The verdicts of the log format quote ids this way. Which characters count as
 * printable follows the Unicode version of the platform.
 */
export declare function goQuote(text: string): string;

// dist/index.d.ts
export { EventLogError } from './event-log-error.ts';
export type { EventLogErrorCode } from './event-log-error.ts';
export type { AppendOptions, EventLog, Fence, ForkOptions, ForkReport, Lease, LeaseOptions, LeaseStore, ListRunsOptions, PruneOptions, PruneReport, ReadOptions, RunPage, RunStatus, RunSummary, SearchHit, SearchOptions, StreamOptions, } from './event-log.ts';
export { readPages } from './read-pages.ts';
export type { ReadPagesOptions } from './read-pages.ts';
export { parseRunStatus, RUN_STATUSES } from './status.ts';
export { createSummarizer, summarize } from './summarize.ts';
export type { Summarizer } from './summarize.ts';
export { createValidator, validateEvents, validateRun } from './validate.ts';
export type { ValidateRunOptions, Validator } from './validate.ts';
export type { Difference, Validation, ValidationStatus, Violation } from './validation.ts';
export { withMetrics } from './with-metrics.ts';
export type { AppendObservation, AppendObserver, WithMetricsOptions } from './with-metrics.ts';

// dist/memory/index.d.ts
export { createMemoryEventLog } from './memory-event-log.ts';
export type { MemoryEventLogOptions } from './memory-event-log.ts';

// dist/memory/memory-event-log.d.ts
import type { EventLog } from '../event-log.ts';
/** How {@link createMemoryEventLog} works. */
export interface MemoryEventLogOptions {
    /** The clock of the leases, milliseconds since the epoch. It never reaches an event. Default: the platform's. */
    readonly now?: (() => number) | undefined;
}
/**
 * Creates an event log in memory: the reference implementation of the
 * contract, for tests and for runs that need not outlive their process.
 *
 * Bytes are copied in and out, so nothing that a caller does to an event
 * changes the log. Every append is one synchronous step, which makes batches
 * atomic and lets exactly one of several racing writers win.
 */
export declare function createMemoryEventLog(options?: MemoryEventLogOptions): EventLog;

// dist/notifier.d.ts
/** One reader's view of the changes to a run. */
export interface ChangeSubscription extends Disposable {
    /**
     * Resolves when the run has changed since the last call returned, at once
     * when it already has.
     *
     * A change between two calls is remembered, so a reader that looks at the
     * store between them misses nothing.
     *
     * @throws `signal.reason` when aborted; {@link EventLogError} `EVENTLOG_CLOSED` once the log is closed.
     */
    wait(signal: AbortSignal): Promise<void>;
}
/** Tells readers inside this process that a run has changed. It carries no events: readers fetch those from the store. */
export interface Notifier {
    subscribe(runId: string): ChangeSubscription;
    /** Wakes the readers of one run, or of all runs. */
    notify(runId?: string): void;
    /** Ends every wait, now and later, with `EVENTLOG_CLOSED`. */
    close(): void;
}
/** Creates a {@link Notifier}. */
export declare function createNotifier(): Notifier;

// dist/read-pages.d.ts
import type { Event } from '@starling/event';
import type { EventLog } from './event-log.ts';
/** How {@link readPages} reads. */
export interface ReadPagesOptions {
    /** The first `seq` to return. Default: 1. */
    readonly fromSeq?: number | undefined;
    /** How many events a page holds. Default: 256. */
    readonly pageSize?: number | undefined;
}
/**
 * Yields the events of a run in pages, each as large as asked for but the last.
 *
 * Ends with what is stored at that moment; use {@link EventLog.stream} to wait
 * for more. At most one page is in memory.
 *
 * @throws {@link EventLogError} `EVENTLOG_INVALID_OPTIONS` when the page size is not a whole number from 1.
 */
export declare function readPages(log: Pick<EventLog, 'read'>, runId: string, options?: ReadPagesOptions): AsyncGenerator<readonly Event[], void, undefined>;

// dist/read-range.d.ts
import type { ReadOptions } from './event-log.ts';
/** {@link ReadOptions} with every default filled in. */
export interface ReadRange {
    /** 1 or more. */
    readonly fromSeq: number;
    /** 0 or more; infinite when there is no limit. */
    readonly limit: number;
}
/**
 * Fills in the defaults of a read.
 *
 * @throws {@link EventLogError} `EVENTLOG_INVALID_OPTIONS` when `fromSeq` is not a whole number from 1, or `limit` not one
 * from 0.
 */
export declare function normalizeRead(options?: ReadOptions): ReadRange;
/** Returns `value` when it is a whole number from `minimum` on. */
export declare function wholeNumber(name: string, value: number, minimum: number): number;

// dist/run-cursor.d.ts
import type { RunSummary } from './event-log.ts';
/** A place in a listing of runs: behind the run that this names. */
export type RunCursor = Pick<RunSummary, 'startedAt' | 'runId'>;
/** Returns the text that stands for the place behind `run`, for {@link RunPage.next}. */
export declare function formatRunCursor({ startedAt, runId }: RunCursor): string;
/**
 * Reads a {@link formatRunCursor}.
 *
 * @throws {@link EventLogError} `EVENTLOG_INVALID_OPTIONS` when it is none.
 */
export declare function parseRunCursor(text: string): RunCursor;

// dist/run-totals.d.ts
import type { CallUsage } from './call-usage.ts';
import type { RunSummary } from './event-log.ts';
/** What a summary is made of; times are in nanoseconds. */
export interface SummaryTotals extends Omit<RunSummary, 'status' | 'durationMs'> {
    /** The time of the last event. */
    readonly lastAt: bigint;
}
/** Returns the summary that totals stand for. */
export declare function summaryOf(totals: SummaryTotals): RunSummary;
/**
 * Adds what a model call has used and cost, when the event tells.
 *
 * Floats are added in log order, so that every reader gets the same sum.
 */
export declare function addCallUsage(totals: Writable<CallUsage>, kind: number, payload: Uint8Array): void;
type Writable<T> = {
    -readonly [K in keyof T]: T[K];
};
export {};

// dist/search-query.d.ts
/** One word that a search asks for. */
export interface SearchTerm {
    /** Folded: lower case, without accents. */
    readonly word: string;
    /** Whether any word that begins like this matches. */
    readonly prefix: boolean;
}
/** How well a text matches a query. */
export interface SearchMatch {
    /** How many words of the text match a term. */
    readonly hits: number;
    /** The text around the first match, on one line. */
    readonly snippet: string;
}
/**
 * Reads a person's query: words, each with an optional trailing `*`.
 *
 * Everything else separates words, so no query is a syntax error and a query
 * without a word asks for nothing.
 */
export declare function parseSearchQuery(query: string): readonly SearchTerm[];
/** Matches `text` against `terms`, all of which must occur; `undefined` when one does not, or when there are none. */
export declare function matchSearch(text: string, terms: readonly SearchTerm[]): SearchMatch | undefined;

// dist/search-text.d.ts
import type { Event } from '@starling/event';
/**
 * Returns the words of an event for full-text search: goal, messages, texts,
 * reasoning that is not redacted, tool names, errors, and what arguments,
 * results and recorded side effects hold.
 *
 * Ids, hashes and byte strings are left out. An event of an unknown kind, or
 * one that does not decode, has no words.
 */
export declare function searchTextOf(event: Event): string;

// dist/select-runs.d.ts
import type { ListRunsOptions, PruneOptions, RunPage, RunStatus, RunSummary } from './event-log.ts';
import type { RunCursor } from './run-cursor.ts';
/** {@link ListRunsOptions} with every default filled in. */
export interface RunFilter {
    /** As asked for; 0 or less is no limit. */
    readonly limit: number;
    /** 0 or more; counted from {@link RunFilter.after}. */
    readonly offset: number;
    /** Only what comes behind this in the listing. It does not change how many match. */
    readonly after: RunCursor | undefined;
    /** The states to list: all four, one, or none when the asked-for state does not exist. */
    readonly statuses: readonly RunStatus[];
    /** Trimmed, in lower case; empty for no filter. */
    readonly query: string;
    readonly startedAfter: bigint | undefined;
    readonly requireToolCalls: boolean;
}
/**
 * Fills in the defaults of a listing.
 *
 * @throws {@link EventLogError} `EVENTLOG_INVALID_OPTIONS` when limit or offset are not whole numbers, or `after` is not
 * what a page gave.
 */
export declare function normalizeListRuns(options?: ListRunsOptions): RunFilter;
/** Filters, orders and pages `runs` in memory, as {@link EventLog.listRuns} does. */
export declare function pageOfRuns(runs: Iterable<RunSummary>, filter: RunFilter): RunPage;
/** Which runs a prune deletes. */
export interface PruneFilter {
    readonly before: bigint;
    readonly statuses: readonly RunStatus[];
    /** At most this many; `undefined` for all. */
    readonly limit: number | undefined;
}
/**
 * Fills in the defaults of a prune.
 *
 * @throws {@link EventLogError} `EVENTLOG_INVALID_PRUNE` when `before` is 0 or does not fit into 64 bits, the state does
 * not exist, or the limit is not a whole number.
 */
export declare function normalizePrune(options: PruneOptions): PruneFilter;
/** Picks the runs that a prune deletes, oldest first. */
export declare function selectRunsToPrune(runs: Iterable<RunSummary>, filter: PruneFilter): readonly RunSummary[];
/** Orders texts by their UTF-8 bytes, as databases do. JavaScript's own order differs where surrogates are involved. */
export declare function compareText(a: string, b: string): number;

// dist/status.d.ts
import type { RunStatus } from './event-log.ts';
/** Every {@link RunStatus}, the terminal ones first. */
export declare const RUN_STATUSES: readonly RunStatus[];
/** Returns the state of a run whose last event is of this `kind`. */
export declare function statusOfKind(kind: number): RunStatus;
/** Returns the state that a person's `text` names, whatever its case and surrounding space; `undefined` for no state. */
export declare function parseRunStatus(text: string): RunStatus | undefined;

// dist/stream-run.d.ts
import type { Event } from '@starling/event';
import type { StreamOptions } from './event-log.ts';
import type { ChangeSubscription } from './notifier.ts';
import type { ReadRange } from './read-range.ts';
/** What {@link streamRun} needs of a store to follow one run. */
export interface RunSource {
    /** Returns events of the run in order, a prefix of what is stored. */
    read(range: ReadRange): Promise<readonly Event[]> | readonly Event[];
    /** Returns the last event of the run, if it has any. */
    last(): Promise<LastEvent | undefined> | LastEvent | undefined;
    /** Starts listening for changes of the run. Waking up for no reason does no harm. */
    subscribe(): ChangeSubscription;
}
/** What {@link RunSource.last} tells of an event. */
export type LastEvent = Pick<Event, 'seq' | 'kind'>;
/**
 * Implements {@link EventLog.stream} over any store that can be read by `seq`.
 *
 * The stream pulls: it reads a page, waits for its consumer, and sleeps only
 * when nothing is left to read. So nothing is buffered for a slow consumer and
 * nothing can be dropped. Leaving the iteration ends it, also while it waits.
 */
export declare function streamRun(source: RunSource, options?: StreamOptions): AsyncIterable<Event>;

// dist/summarize.d.ts
import type { Event } from '@starling/event';
import type { RunSummary } from './event-log.ts';
/** Sums up a run event by event. */
export interface Summarizer {
    /** Takes the next event of the run. */
    push(event: Event): void;
    /** Returns the summary of what has been pushed, or `undefined` before the first event. */
    summary(): RunSummary | undefined;
}
/** Returns the summary of `events`, one run in order; `undefined` when there are none. */
export declare function summarize(events: Iterable<Event>): RunSummary | undefined;
/**
 * Creates a {@link Summarizer}, which keeps totals and never the events.
 *
 * Tokens and costs are those of every model call, failed attempts included, as
 * in the totals of a run's terminal event. Costs are added in log order starting
 * from 0, so that two readers of one log get the same float. A call whose event
 * does not decode counts nothing.
 */
export declare function createSummarizer(): Summarizer;

// dist/validate.d.ts
import type { Event } from '@starling/event';
import type { EventLog } from './event-log.ts';
import type { Validation } from './validation.ts';
/** Validates a run event by event, in memory that does not grow with the run. */
export interface Validator {
    /** Takes the next event of the run. */
    push(event: Event): void;
    /** Returns the verdict on what has been pushed so far; pushing may go on afterwards. */
    finish(): Validation;
}
/** How {@link validateRun} reads. */
export interface ValidateRunOptions {
    /** How many events are read at a time. Default: 256. */
    readonly pageSize?: number | undefined;
}
/** Validates `events`, one whole run in order. */
export declare function validateEvents(events: Iterable<Event>): Validation;
/**
 * Validates a stored run page by page. A run that does not exist has no events,
 * and is corrupt for that; so is one that holds something that cannot be read.
 */
export declare function validateRun(log: Pick<EventLog, 'read'>, runId: string, options?: ValidateRunOptions): Promise<Validation>;
/**
 * Creates a {@link Validator}.
 *
 * The rules fall into four stages, and a violation of an earlier stage anywhere
 * in the run is reported before one of a later stage, wherever that is:
 *
 * 1. the envelopes: one run id, dense numbers, an unbroken chain of hashes;
 * 2. the end: one terminal event, at the end;
 * 3. the meaning: how turns and tool calls begin and end;
 * 4. the Merkle root in the terminal event.
 *
 * The terminal event's own time and totals are covered by none of them.
 */
export declare function createValidator(): Validator;

// dist/validation.d.ts
/**
 * What validation says about a run: whole and intact, intact so far, or damaged.
 *
 * An `open` run is a valid prefix: nothing is wrong with it except that its
 * terminal event has not been written yet.
 */
export type ValidationStatus = 'ok' | 'open' | 'corrupt';
/** The two values that should have been equal. */
export interface Difference {
    /** What was compared: `seq`, `prev_hash`, `merkle_root`, `run_id`, `turn_id`, `kind`, `schema_version`. */
    readonly field: string;
    /** What the rest of the log asks for; bytes in hexadecimal, null as `null`. */
    readonly expected: string;
    /** What is stored. */
    readonly actual: string;
}
/** The first rule that a run breaks. */
export interface Violation {
    /** The rule's own text, the words of the log format. */
    readonly detail: string;
    /** The position of the event in the run, from 1; absent when the run as a whole is meant. */
    readonly seq?: number | undefined;
    /** The values that differ, where the rule compares two. */
    readonly difference?: Difference | undefined;
}
/** The result of validating one run. */
export interface Validation {
    readonly status: ValidationStatus;
    /** How many events were looked at. */
    readonly events: number;
    /**
     * The full verdict text of the log format, `eventlog: log failed validation: …`; absent when `ok`.
     *
     * A run without a terminal event always gets the text that says so, also when
     * it is `corrupt` for another reason: {@link Validation.violation} has that.
     */
    readonly reason?: string | undefined;
    /** The position of the event at fault, from 1. */
    readonly seq?: number | undefined;
    /** What makes the run corrupt; absent otherwise. */
    readonly violation?: Violation | undefined;
    /** The Merkle root: over all events before the terminal one, of an open run over all; absent when corrupt. */
    readonly root?: Uint8Array | undefined;
}
/** The verdict text of the log format for `detail`. */
export declare function verdictText(detail: string): string;
/** The name of a kind in verdict texts, which know none for the kinds added since the log format was fixed. */
export declare function kindInVerdict(kind: number): string;

// dist/with-metrics.d.ts
import type { EventLog } from './event-log.ts';
/** What {@link AppendObserver.onAppend} is told about one event. */
export interface AppendObservation {
    /** The kind of the event. */
    readonly kind: number;
    /** `error` when the append was refused or failed. */
    readonly status: 'ok' | 'error';
    /** How long the append took, in milliseconds; the same for every event of a batch. */
    readonly durationMs: number;
    /** How many events were appended together. */
    readonly batchSize: number;
}
/** Listens to appends. */
export interface AppendObserver {
    /** Called once per event after its append has settled. What it throws is dropped. */
    onAppend(observation: AppendObservation): void;
}
/** How {@link withMetrics} measures. */
export interface WithMetricsOptions {
    /** A clock in milliseconds that never goes back. Default: the platform's. */
    readonly now?: (() => number) | undefined;
}
/** Returns `log`, telling `observer` about every append. Everything else passes through. */
export declare function withMetrics(log: EventLog, observer: AppendObserver, options?: WithMetricsOptions): EventLog;
