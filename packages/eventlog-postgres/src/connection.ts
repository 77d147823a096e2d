import { setTimeout as sleep } from 'node:timers/promises'

import { EventLogError } from '@starling/eventlog'
import type { Pool, PoolClient } from 'pg'

import type { Target } from './connect-options.ts'
import { connectWithin, cutOff, ignore, processIdOf, runQuery } from './driver.ts'
import type { Statement } from './driver.ts'
import { namesOf } from './names.ts'
import type { Names } from './names.ts'
import { isAllLent, isConnectionLost, isServerFull, isUndone, toEventLogError } from './storage-error.ts'

const FIRST_DELAY_MS = 10
const MAX_DELAY_MS = 400

// How much longer than a statement may take its answer is waited for.
const GRACE_MS = 2000

// How long the server is waited for when connections are closed.
const MAX_GOODBYE_MS = 1000

/** How texts compare unless their column says otherwise. */
export const DEFAULT_COLLATION = '"default"'

/** How a {@link Connection} behaves. */
export interface ConnectionOptions {
  readonly schema: string
  /** 0 for no limit. */
  readonly statementTimeoutMs: number
  /** 0 for no limit. */
  readonly lockTimeoutMs: number
  /** How long an operation goes on trying while the server cannot be reached. */
  readonly reconnectTimeoutMs: number
}

/** Runs statements inside a transaction. */
export type Transaction = <R extends unknown[]>(text: string, values?: readonly unknown[]) => Promise<R[]>

/** How {@link Connection.transactionOnce} runs. */
interface TransactionOptions {
  /** Whether to wait for the server as long as it takes. */
  readonly isPatient?: boolean
  /** The tables of which to see what there was at one time, and to write nothing. */
  readonly snapshotOf?: readonly string[] | undefined
}

/** A pool of connections to one database, and how statements run on it. */
export class Connection {
  readonly names: Names
  readonly target: Target
  readonly options: ConnectionOptions
  /** Whether every connection so far leads to a process of the server's, with no pooler in between. */
  isDirect = true
  /** Whether the log is still being opened: a server that cannot be reached is then reported at once. */
  isOpening = true
  /** How the run ids of events compare, for statements that look them up by run ids of our tables. */
  collation: string = DEFAULT_COLLATION
  readonly #pool: Pool
  readonly #known = new WeakSet<PoolClient>()
  readonly #clients = new Set<PoolClient>()
  readonly #stop = new AbortController()
  /** Who waits for a connection to be given back. */
  readonly #returned: (() => void)[] = []
  /** A connection that is given back before the process waits for anything. */
  #kept: PoolClient | undefined
  #active = 0
  #onIdle: (() => void) | undefined

  constructor(pool: Pool, target: Target, options: ConnectionOptions) {
    this.#pool = pool
    this.target = target
    this.options = options
    this.names = namesOf(options.schema)
    pool.on('acquire', this.#onAcquire)
    if (!target.ownsPool) return
    pool.on('connect', (client) => this.#clients.add(client))
    pool.on('remove', (client) => this.#clients.delete(client))
  }

  // Before anybody else can: a connection may break between being lent and being used, and also after it was given back.
  readonly #onAcquire = (client: PoolClient): void => {
    if (this.#active > 0 && !client.listeners('error').includes(ignore)) client.on('error', ignore)
  }

  /** Whether {@link Connection.close} has been called. */
  get isClosed(): boolean {
    return this.#stop.signal.aborted
  }

  /** Runs a statement that may run twice: it is tried again when the connection breaks. */
  query<R extends unknown[]>(text: string, values?: readonly unknown[]): Promise<R[]> {
    return this.retrying(() => this.send<R>({ text, values }))
  }

  /** Runs a statement once, and throws what the driver throws. */
  send<R extends unknown[]>(statement: Statement): Promise<R[]> {
    return this.use((client) => {
      const name = this.isDirect ? statement.name : undefined
      return runQuery<R>(client, { ...statement, name, timeoutMs: this.patienceMs })
    })
  }

  /** Runs `work` in a transaction, all of it again when the connection breaks or another transaction is in the way. */
  transaction<T>(work: (run: Transaction) => Promise<T>): Promise<T> {
    return this.retrying(() => this.transactionOnce(work))
  }

  /**
   * Runs `work`, which only reads, and whose statements all see what there was at one time of `tables`.
   *
   * Those are locked before that time: a statement that waits for a table to be made anew would see it empty.
   */
  snapshot<T>(tables: readonly string[], work: (run: Transaction) => Promise<T>): Promise<T> {
    return this.retrying(() => this.transactionOnce(work, { snapshotOf: tables }))
  }

  /** Runs `work` in one transaction, and throws what the driver throws. A patient one waits as long as it takes. */
  transactionOnce<T>(
    work: (run: Transaction) => Promise<T>,
    { isPatient = false, snapshotOf }: TransactionOptions = {},
  ): Promise<T> {
    return this.use(async (client) => {
      const timeoutMs = isPatient ? undefined : this.patienceMs
      const run: Transaction = (text, values) => runQuery(client, { text, values, timeoutMs })
      await run(`BEGIN ISOLATION LEVEL ${snapshotOf === undefined ? 'READ COMMITTED' : 'REPEATABLE READ READ ONLY'}`)
      try {
        if (!this.isDirect) for (const setting of this.#localTimeouts()) await run(setting)
        if (snapshotOf !== undefined && snapshotOf.length > 0) {
          await run(`LOCK TABLE ${snapshotOf.map((table) => `ONLY ${table}`).join(', ')} IN ACCESS SHARE MODE`)
        }
        const result = await work(run)
        await run('COMMIT')
        return result
      } catch (error) {
        if (!isConnectionLost(error)) await run('ROLLBACK').catch(ignore)
        throw error
      }
    })
  }

  /** Lends a connection to `work`. One that broke is not used again. */
  async use<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    this.assertOpen()
    this.#active++
    try {
      return await this.#lend(work)
    } finally {
      this.#active--
      if (this.#active === 0) this.#onIdle?.()
    }
  }

  async #lend<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#take()
    let isBroken = true
    try {
      if (!this.#known.has(client)) await this.#prepare(client)
      const result = await work(client)
      isBroken = false
      return result
    } catch (error) {
      isBroken = isConnectionLost(error)
      throw error
    } finally {
      if (isBroken || this.#isWanted) this.#giveBack(client, isBroken)
      else this.#keep(client)
    }
  }

  /** Whether somebody waits for the connection, which is then given back at once. */
  get #isWanted(): boolean {
    return this.#kept !== undefined || this.#pool.waitingCount > 0 || this.#returned.length > 0 || this.isClosed
  }

  #giveBack(client: PoolClient, isBroken = false): void {
    client.release(isBroken)
    this.#returned.shift()?.()
  }

  // Who goes on at once, as a run does that appends one event after the other, goes on with the same connection: to give it
  // back and take it again costs as much as all else that this process does for an append.
  #keep(client: PoolClient): void {
    this.#kept = client
    setImmediate(() => {
      if (this.#kept === client) this.#giveBackKept()
    })
  }

  #giveBackKept(): void {
    const client = this.#kept
    this.#kept = undefined
    if (client !== undefined) this.#giveBack(client)
  }

  // Where the server, or the role, may have fewer connections than the pool, those that there are go round.
  async #take(): Promise<PoolClient> {
    const kept = this.#kept
    this.#kept = undefined
    if (kept !== undefined) return kept
    const until = performance.now() + this.options.reconnectTimeoutMs
    for (let delay = FIRST_DELAY_MS; ; delay = Math.min(2 * delay, MAX_DELAY_MS)) {
      try {
        return await this.#connect()
      } catch (error) {
        if (!isServerFull(error) || this.isOpening || performance.now() + delay > until) throw error
        await this.#untilReturned(delay)
      }
    }
  }

  /** Waits until a connection is given back, for so long at most. */
  async #untilReturned(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#returned.push(resolve)
    try {
      await Promise.race([promise, this.pause(ms)])
    } finally {
      const index = this.#returned.indexOf(resolve)
      if (index >= 0) this.#returned.splice(index, 1)
    }
  }

  // The pool says the same of a server that does not let us in and of a pool of which all connections are lent.
  async #connect(): Promise<PoolClient> {
    try {
      return await connectWithin(this.#pool, this.target.waitMs)
    } catch (error) {
      const { totalCount, options } = this.#pool
      if (isAllLent(error) && totalCount < options.max) throw new Error('timeout expired', { cause: error })
      throw error
    }
  }

  /** Calls `action` until it no longer fails for a reason that passes by itself, and turns errors into ours. */
  async retrying<T>(action: () => Promise<T>): Promise<T> {
    const until = performance.now() + this.options.reconnectTimeoutMs
    for (let delay = FIRST_DELAY_MS; ; delay = Math.min(2 * delay, MAX_DELAY_MS)) {
      try {
        return await action()
      } catch (error) {
        this.assertOpen()
        const mayPass = (isConnectionLost(error) && !this.isOpening) || isUndone(error)
        if (!mayPass || performance.now() + delay > until) throw this.explain(error)
        await this.pause(delay)
      }
    }
  }

  /** Waits, unless the log is closed meanwhile. */
  async pause(ms: number): Promise<void> {
    try {
      await sleep(ms, undefined, { signal: this.#stop.signal })
    } catch {
      this.assertOpen()
    }
  }

  /** Returns the error to report for one that the driver threw. */
  explain(error: unknown): unknown {
    const { label, secret } = this.target
    return toEventLogError(error, { target: label, secret, opening: this.isOpening })
  }

  /** @throws {@link EventLogError} `EVENTLOG_CLOSED`. */
  assertOpen(): void {
    if (this.isClosed) throw new EventLogError('EVENTLOG_CLOSED', 'eventlog: log is closed')
  }

  /** Ends every wait for a connection, and the pool if it is ours. */
  async close(): Promise<void> {
    this.#stop.abort()
    // A pool that ends forgets who waits for a connection.
    if (this.#active > 0) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#onIdle = resolve
      await promise
    }
    this.#pool.off('acquire', this.#onAcquire)
    this.#giveBackKept()
    if (!this.target.ownsPool) return
    await this.#pool.end()
    // A server that has fallen silent does not say goodbye either; nobody waits for that, nor does the process.
    const cutOffAll = (): void => {
      for (const client of this.#clients) cutOff(client)
    }
    setTimeout(cutOffAll, MAX_GOODBYE_MS).unref()
  }

  /**
   * How long the answer to a statement is waited for, in milliseconds. The server gives up first, as long as it is there
   * and has been told to: then nothing of a statement is left under way.
   */
  get patienceMs(): number | undefined {
    const { statementTimeoutMs } = this.options
    return statementTimeoutMs > 0 && !this.target.hasQueryTimeout ? statementTimeoutMs + GRACE_MS : undefined
  }

  // Behind a pooler, one client's settings would become those of the next.
  async #prepare(client: PoolClient): Promise<void> {
    const [row] = await runQuery<[boolean]>(client, {
      text: 'SELECT pg_backend_pid() = $1::integer',
      values: [processIdOf(client)],
      timeoutMs: this.patienceMs,
    })
    if (row?.[0] !== true) this.isDirect = false
    else if (this.target.ownsPool) {
      const { statementTimeoutMs, lockTimeoutMs } = this.options
      await client.query(`SET statement_timeout = ${statementTimeoutMs}; SET lock_timeout = ${lockTimeoutMs}`)
    }
    this.#known.add(client)
  }

  #localTimeouts(): readonly string[] {
    const { statementTimeoutMs, lockTimeoutMs } = this.options
    return [`SET LOCAL statement_timeout = ${statementTimeoutMs}`, `SET LOCAL lock_timeout = ${lockTimeoutMs}`]
  }
}
