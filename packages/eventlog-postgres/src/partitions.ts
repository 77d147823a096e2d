import { createHash } from 'node:crypto'

import { formatUlid } from '@starling/event'
import { EventLogError } from '@starling/eventlog'

import type { Connection, Transaction } from './connection.ts'
import { escapeIdentifier, escapeLiteral } from './driver.ts'
import { lockDerived, updateSummaries } from './run-index.ts'
import { codeOf } from './storage-error.ts'
import type { Writer } from './writer.ts'

/** The runs of a time. */
export interface PartitionOptions {
  /** Milliseconds since the epoch: runs whose id was made at or after this. */
  readonly from: number
  /** Milliseconds since the epoch: runs whose id was made before this. */
  readonly to: number
  /** The namespace in front of the ids, as in `namespace/01J…`. Default: none. */
  readonly namespace?: string | undefined
}

/** One partition of a log. */
export interface Partition extends PartitionOptions {
  /** The name of its table, in the schema of the log. */
  readonly table: string
}

/** What {@link Partitions.drop} did, or would do. */
export interface PartitionsReport {
  /** What was dropped, oldest first. */
  readonly dropped: readonly Partition[]
  /** What was kept although it is old, as a run in it is in progress or under a lease. */
  readonly kept: readonly Partition[]
  readonly deletedRuns: number
  readonly dryRun: boolean
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
  list(): Promise<readonly Partition[]>
  /**
   * Creates a partition, in time: one for runs that there are already is refused.
   *
   * @throws {@link EventLogError} `EVENTLOG_INVALID_OPTIONS`, `EVENTLOG_OPEN_FAILED` when the user does not own the table.
   */
  add(options: PartitionOptions): Promise<Partition>
  /** Drops the partitions that end at or before a time, in milliseconds since the epoch. */
  drop(options: { readonly before: number; readonly dryRun?: boolean | undefined }): Promise<PartitionsReport>
}

/** What {@link RunIdPartitions} work on. */
export interface PartitionSource {
  readonly connection: Connection
  /** Returns what is needed to write, or throws why that is not possible. */
  readonly writer: () => Writer
  /** Called with the runs that are gone. */
  readonly onDrop: (runIds: readonly string[]) => void
}

const TIME_DIGITS = 10
const RANDOM_BYTES = 10
const HASH_DIGITS = 8
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const BOUNDS = /^FOR VALUES FROM \('((?:[^']|'')*)'\) TO \('((?:[^']|'')*)'\)$/s

// What the server says to a partition over another one, or for rows of the default one.
const OVERLAP = new Set(['42P17', '23514', '42P07'])

/** The {@link Partitions} of a log: ranges of run ids. */
export class RunIdPartitions implements Partitions {
  readonly #source: PartitionSource

  constructor(source: PartitionSource) {
    this.#source = source
  }

  async list(): Promise<readonly Partition[]> {
    const { connection } = this.#source
    const rows = await connection.query<[string, string]>(
      `SELECT c.relname::text, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
       WHERE i.inhparent = to_regclass($1)`,
      [connection.names.events],
    )
    return rows
      .map(([table, bounds]) => toPartition(table, bounds))
      .filter((partition) => partition !== undefined)
      .toSorted((a, b) => a.from - b.from || a.to - b.to)
  }

  async add(options: PartitionOptions): Promise<Partition> {
    this.#source.writer()
    const { connection } = this.#source
    const { names } = connection
    const { from, to } = options
    for (const time of [from, to]) checkTime(time)
    if (from >= to) throw invalid(`expected a time before ${to} as from, got ${from}`)
    const table = tableOf(options)
    const [start, end] = boundsOf(options).map((bound) => escapeLiteral(bound))
    try {
      await connection.transactionOnce(async (run) => {
        await run(
          `CREATE TABLE ${escapeIdentifier(names.schema)}.${escapeIdentifier(table)} PARTITION OF ${names.events}
           FOR VALUES FROM (${start}) TO (${end})`,
        )
      })
    } catch (error) {
      if (OVERLAP.has(codeOf(error) ?? '')) throw invalid(`cannot add a partition: ${describe(error)}`, error)
      throw connection.explain(error)
    }
    return { ...options, table }
  }

  async drop({ before, dryRun = false }: { before: number; dryRun?: boolean | undefined }): Promise<PartitionsReport> {
    checkTime(before)
    const { connection, writer, onDrop } = this.#source
    await writer().index.catchUp()
    const dropped: Partition[] = []
    const kept: Partition[] = []
    let deletedRuns = 0
    for (const partition of (await this.list()).filter(({ to }) => to <= before)) {
      const runIds = await connection.transaction((run) => this.#dropOne(run, partition, dryRun))
      if (runIds === undefined) kept.push(partition)
      else dropped.push(partition)
      if (dryRun) continue
      deletedRuns += runIds?.length ?? 0
      onDrop(runIds ?? [])
    }
    return { dropped, kept, deletedRuns, dryRun }
  }

  /** Returns the runs that are gone, or `undefined` when one of them is at work. */
  async #dropOne(run: Transaction, partition: Partition, dryRun: boolean): Promise<readonly string[] | undefined> {
    const { names, options } = this.#source.connection
    const table = `${escapeIdentifier(names.schema)}.${escapeIdentifier(partition.table)}`
    await lockDerived(run, names)
    // Whoever appends to one of its runs is done, and the next one has to wait. Whoever reads does not: in need of the
    // partition, with a lock of the whole table, they would wait for us and we for them.
    if (!dryRun) await run(`LOCK TABLE ${table} IN SHARE ROW EXCLUSIVE MODE`)
    const [busy] = await run<[boolean]>(
      `SELECT EXISTS (SELECT 1 FROM ${names.runs} WHERE run_id >= $1 AND run_id < $2 AND status = 'in progress')
         OR EXISTS (SELECT 1 FROM ${names.touched} WHERE run_id >= $1 AND run_id < $2)
         OR EXISTS (SELECT 1 FROM ${names.leases} WHERE run_id >= $1 AND run_id < $2
                      AND owner IS NOT NULL AND expires_at > clock_timestamp())`,
      boundsOf(partition),
    )
    if (busy?.[0] === true) return undefined
    if (dryRun) return []
    const rows = await run<[string]>(`SELECT DISTINCT run_id FROM ${table}`)
    const runIds = rows.map(([runId]) => runId)
    // While we wait for those who read, everybody else waits for us.
    await run("SELECT set_config('lock_timeout', $1, true)", [String(options.lockTimeoutMs)])
    await run(`LOCK TABLE ONLY ${names.events} IN ACCESS EXCLUSIVE MODE`)
    await run(`DROP TABLE ${table}`)
    await updateSummaries(
      { run, names, hasSummaries: true },
      runIds.map((runId) => ({ runId, fromSeq: 0n })),
    )
    return runIds
  }
}

function boundsOf({ from, to, namespace }: PartitionOptions): readonly [string, string] {
  const prefix = namespace === undefined ? '' : `${namespace}/`
  return [`${prefix}${timeOf(from)}`, `${prefix}${timeOf(to)}`]
}

// The beginning of every ULID of that time, and smaller than any of a later one.
function timeOf(ms: number): string {
  return formatUlid(ms, new Uint8Array(RANDOM_BYTES)).slice(0, TIME_DIGITS)
}

function tableOf(options: PartitionOptions): string {
  const { from, to, namespace } = options
  const name = `eventlog_events_${timeOf(from)}_${timeOf(to)}`.toLowerCase()
  if (namespace === undefined) return name
  return `${name}_${createHash('sha256').update(namespace).digest('hex').slice(0, HASH_DIGITS)}`
}

function toPartition(table: string, bounds: string): Partition | undefined {
  const [start, end] = (BOUNDS.exec(bounds) ?? []).slice(1).map((bound) => bound.replaceAll("''", "'"))
  if (start === undefined || end === undefined) return undefined
  const namespace = start.slice(0, -TIME_DIGITS)
  const times = [start, end].map((bound) => timeIn(bound.slice(-TIME_DIGITS)))
  const [from, to] = times
  if (from === undefined || to === undefined) return undefined
  return namespace === '' ? { from, to, table } : { from, to, namespace: namespace.slice(0, -1), table }
}

function timeIn(text: string): number | undefined {
  let ms = 0
  for (const digit of text) {
    const value = ALPHABET.indexOf(digit)
    if (value < 0) return undefined
    ms = ms * ALPHABET.length + value
  }
  return text.length === TIME_DIGITS ? ms : undefined
}

function checkTime(ms: number): void {
  if (Number.isSafeInteger(ms) && ms >= 0 && ms < 2 ** 48) return
  throw invalid(`expected milliseconds since the epoch, got ${ms}`)
}

function invalid(text: string, cause?: unknown): EventLogError {
  return new EventLogError('EVENTLOG_INVALID_OPTIONS', `eventlog/postgres: ${text}`, { cause })
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
