import type { Event } from '@starling/event'

/** How {@link EventLog.append} appends. */
export interface AppendOptions {
  /**
   * The lease under which the writer owns the run. When given, the append is
   * refused with `EVENTLOG_FENCED` once a newer lease has been granted. A lease
   * that has merely expired still holds until someone takes it over.
   */
  readonly fence?: Fence | undefined
}

/** How {@link EventLog.read} reads. */
export interface ReadOptions {
  /** The first `seq` to return, from 1. Default: 1. */
  readonly fromSeq?: number | undefined
  /** At most this many events, from 0. Default: all there are. */
  readonly limit?: number | undefined
}

/** How {@link EventLog.stream} streams. */
export interface StreamOptions {
  /** The first `seq` to yield, from 1. Default: 1. */
  readonly fromSeq?: number | undefined
  /** Keep waiting after a terminal event, for a log that may be continued by hand. Default: `false`. */
  readonly follow?: boolean | undefined
  /** Ends the stream: the iteration rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** The four states of a run, as listed. */
export type RunStatus = 'completed' | 'failed' | 'cancelled' | 'in progress'

/** What is known about a run without reading it whole. */
export interface RunSummary {
  readonly runId: string
  readonly status: RunStatus
  /** Nanoseconds since the Unix epoch: `ts` of the first event. */
  readonly startedAt: bigint
  readonly lastSeq: number
  /** Kind of the last event. */
  readonly lastKind: number
  /** Number of `TurnStarted` events. */
  readonly turnCount: number
  /** Number of `ToolCallScheduled` events, retries and re-issues included. */
  readonly toolCallCount: number
  /** Of all model calls, failed attempts included, as in the totals of a terminal event; likewise the next two. */
  readonly inputTokens: number
  readonly outputTokens: number
  readonly costUsd: number
  /** From the first event to the last, whole milliseconds; 0 when the clock went backwards. */
  readonly durationMs: number
}

/** Which runs {@link EventLog.listRuns} returns. */
export interface ListRunsOptions {
  /** At most this many; 0 or less: no limit. Default: 50. */
  readonly limit?: number | undefined
  /** Skip this many. Less than 0 counts as 0; without a limit, a backend may ignore it. Default: 0. */
  readonly offset?: number | undefined
  /**
   * Begin behind a page: its {@link RunPage.next}. Unlike an offset it skips and repeats nothing when runs are
   * added or deleted between the pages, and costs the same on every page. An `offset` counts from there.
   */
  readonly after?: string | undefined
  /** Only runs in this state; case and surrounding space do not matter. */
  readonly status?: string | undefined
  /** Case-insensitive part of the run id or of the status; surrounding space does not matter. */
  readonly query?: string | undefined
  /** Only runs that started after this many nanoseconds since the epoch. */
  readonly startedAfter?: bigint | undefined
  /** Only runs that called a tool. */
  readonly requireToolCalls?: boolean | undefined
}

/** One page of runs, newest first. */
export interface RunPage {
  readonly runs: readonly RunSummary[]
  /** How many runs match, on all pages. */
  readonly totalMatching: number
  readonly limit: number
  readonly offset: number
  /** What {@link ListRunsOptions.after} takes to go on behind this page; absent on the last one. */
  readonly next?: string | undefined
}

/** Which runs {@link EventLog.prune} deletes. */
export interface PruneOptions {
  /** Runs that started before this many nanoseconds since the epoch; not 0, and within 64 bits. */
  readonly before: bigint
  /** Only runs in this state. Default: the three terminal states. */
  readonly status?: string | undefined
  /** Also runs without a terminal event. Default: `false`. */
  readonly includeInProgress?: boolean | undefined
  /** At most this many runs, oldest first; 0 or less: no limit. Default: 0. */
  readonly limit?: number | undefined
  /** Only report what would be deleted. Default: `false`. */
  readonly dryRun?: boolean | undefined
}

/** What {@link EventLog.prune} did, or would do. */
export interface PruneReport {
  readonly matchedRuns: number
  readonly matchedEvents: number
  readonly deletedRuns: number
  readonly deletedEvents: number
  readonly dryRun: boolean
  /** Oldest first. */
  readonly runIds: readonly string[]
}

/** What {@link EventLog.fork} copies. */
export interface ForkOptions {
  /** Keep the events with a smaller `seq`; 0 keeps all of them, 1 none. */
  readonly beforeSeq: number
  /** The id of the new run, which must not exist. The events are re-chained under it. */
  readonly newRunId: string
}

/** What {@link EventLog.fork} copied. */
export interface ForkReport {
  readonly events: number
  /**
   * Whether nothing was cut off, as `beforeSeq` is 0 or lies beyond the last
   * event. The end of a run that has ended is then copied too: such a copy
   * cannot be resumed.
   */
  readonly isWhole: boolean
}

/** What {@link EventLog.search} looks for. */
export interface SearchOptions {
  /**
   * Words that must all occur in an event; a trailing `*` matches a prefix.
   * Case and accents do not matter, everything but letters and digits separates
   * words, and a query without words finds nothing.
   */
  readonly query: string
  /** Only this run. */
  readonly runId?: string | undefined
  /** Only these kinds. */
  readonly kinds?: readonly number[] | undefined
  /** At most this many hits, from 1. Default: 50. */
  readonly limit?: number | undefined
}

/** One event that matched a search. */
export interface SearchHit {
  readonly runId: string
  readonly seq: number
  readonly kind: number
  readonly ts: bigint
  /** The matching text, shortened around the first match. */
  readonly snippet: string
}

/** The right to append to a run: granted to one owner at a time. */
export interface Fence {
  readonly runId: string
  /** Grows with every grant; an append with an older one is refused. */
  readonly token: number
}

/** A granted lease. */
export interface Lease extends Fence {
  readonly owner: string
  /** Milliseconds since the epoch, by the log's clock. */
  readonly expiresAt: number
}

/** How a lease is asked for. */
export interface LeaseOptions {
  /** Names the process: host, pid and a nonce. */
  readonly owner: string
  /** How long the lease lasts without renewal, in milliseconds. */
  readonly ttlMs: number
  /** Reports whether the process behind an unexpired lease has died; a dead owner's lease is taken over at once. */
  readonly isOwnerDead?: ((owner: string) => boolean) | undefined
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
  acquire(runId: string, options: LeaseOptions): Promise<Lease>
  /**
   * Extends a lease to `ttlMs` from now, also one that has expired and not been taken over.
   *
   * @throws {@link EventLogError} `EVENTLOG_FENCED` when it has been taken over or released.
   */
  renew(lease: Lease, ttlMs: number): Promise<Lease>
  /** Gives the lease back; does nothing when it has been taken over. */
  release(lease: Lease): Promise<void>
  /** The current lease of a run, expired or not; `undefined` when nobody holds one. */
  current(runId: string): Promise<Lease | undefined>
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
  readonly leases?: LeaseStore | undefined

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
  append(runId: string, events: Event | readonly Event[], options?: AppendOptions): Promise<void>

  /**
   * Returns events of a run in order. An unknown run is an empty one.
   *
   * @throws {@link EventLogError} `EVENTLOG_INVALID_OPTIONS` for a range that makes no sense.
   */
  read(runId: string, options?: ReadOptions): Promise<readonly Event[]>

  /**
   * Yields the events of a run, first those there are, then live ones.
   *
   * Ends after a terminal event, at once when it starts behind the last one,
   * and when the run is pruned; a run without events is waited for. Leaving the
   * iteration stops it, also while it waits.
   */
  stream(runId: string, options?: StreamOptions): AsyncIterable<Event>

  /**
   * Returns one page of runs, newest first; runs that started together in
   * descending order of their ids' UTF-8 bytes.
   */
  listRuns(options?: ListRunsOptions): Promise<RunPage>

  /** Returns the summary of a run, or `undefined` when there is no such run. */
  summary(runId: string): Promise<RunSummary | undefined>

  /** Finds events by the words in them, best match first. */
  search(options: SearchOptions): Promise<readonly SearchHit[]>

  /**
   * Deletes whole runs by age. A run that is under a lease is at work, and left out.
   *
   * @throws {@link EventLogError} `EVENTLOG_INVALID_PRUNE`; `EVENTLOG_READ_ONLY` unless it is a dry run.
   */
  prune(options: PruneOptions): Promise<PruneReport>

  /**
   * Copies a prefix of a run into a new run of the same log, re-chained. A
   * `beforeSeq` beyond the last event is no error; the report tells.
   *
   * @throws {@link EventLogError} `EVENTLOG_FORK_NOT_FOUND` when the source has no events, `EVENTLOG_INVALID_APPEND` when
   * the new run exists, `EVENTLOG_CORRUPT` when the chain of the source is broken.
   */
  fork(runId: string, options: ForkOptions): Promise<ForkReport>
}
