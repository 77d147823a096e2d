import { Buffer } from 'node:buffer'

import type { Event } from '@starling/event'
import { EventLogError } from '@starling/eventlog'
import type { Fence } from '@starling/eventlog'
import { goQuote } from '@starling/eventlog/backend'

import { WRONG_ISOLATION } from './append-function.ts'
import type { Refusal, RefusalRow } from './append-function.ts'
import { readRefusals, toFew, toStatement } from './append-request.ts'
import type { AppendRequest, Refused } from './append-request.ts'
import type { Connection } from './connection.ts'
import type { Statement } from './driver.ts'
import { EVENT_ROW, toEvent } from './event-rows.ts'
import type { EventRow } from './event-rows.ts'
import { extendTail, judge, NO_EVENTS, prepareTail, RunTails, tailOf } from './run-tails.ts'
import type { RunTail } from './run-tails.ts'
import { codeOf, isConnectionLost, isUndone } from './storage-error.ts'

// Bounds what one transaction locks and carries; what is left over goes into the next one.
const MAX_GROUP = 64
const MAX_GROUP_BYTES = 4 * 1024 * 1024

// Few transactions at once make large groups, and each of them waits for the disk once.
const MAX_FLIGHTS = 3

// One that takes longer most likely waits for a lock: others need not wait for it.
const SLOW_MS = 50

const EMPTY = new Uint8Array(0)

const FIRST_DELAY_MS = 10
const MAX_DELAY_MS = 400

/** What an {@link AppendQueue} needs of its log. */
export interface AppendQueueOptions {
  readonly connection: Connection
  /** Called for every append that has become durable. */
  readonly onCommit: (runId: string, eventCount: number) => void
}

/** What is to be appended, and who waits for it. */
interface Request {
  readonly runId: string
  readonly events: readonly Event[]
  readonly bytes: number
  readonly fence: Fence | undefined
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
  /** The requests that this one stands for, in order; none when it stands for itself. */
  readonly parts: readonly Request[]
  /** Whether it is to be tried in a transaction of its own: it waits for the lock, and fails alone. */
  isAlone: boolean
  /** Whether it is not to be made one with others of its run: they failed together. */
  isSplit: boolean
  /** Whether an attempt may have been committed without the answer having come. */
  isInDoubt: boolean
  /** Until when it is tried again after a broken connection. */
  until: number | undefined
  delay: number
}

const FRESH = { isAlone: false, isSplit: false, isInDoubt: false, until: undefined, delay: FIRST_DELAY_MS }

/** A request, and the ends of its run before and after it. */
interface Attempt extends AppendRequest {
  readonly request: Request
  readonly next: RunTail
}

/**
 * Group commit: appends to different runs that wait together go in one round
 * trip and one transaction, and each resolves once that is durable. Of a run,
 * one append is under way at a time, in the order in which they were asked for;
 * those that follow each other are written as one. An append that is refused
 * fails alone.
 */
export class AppendQueue {
  readonly #options: AppendQueueOptions
  readonly #tails = new RunTails()
  /** Runs of which an append is under way. */
  readonly #busy = new Set<string>()
  #waiting: Request[] = []
  #flights = 0
  #pending = 0
  #isScheduled = false
  #needsTransaction = false
  #isEnding = false
  #onDrained: (() => void) | undefined

  constructor(options: AppendQueueOptions) {
    this.#options = options
  }

  /** Appends; resolves once that is durable. The bytes are copied at once. */
  append(runId: string, events: readonly Event[], fence?: Fence): Promise<void> {
    return new Promise((resolve, reject) => {
      const copies = events.map(copyOf)
      const bytes = copies.reduce((sum, { payload }) => sum + payload.length, 0)
      this.#pending++
      this.#waiting.push({ runId, events: copies, bytes, fence, resolve, reject, parts: [], ...FRESH })
      this.#schedule()
    })
  }

  /** Forgets the end of a run, after its rows were changed by other means than an append. */
  forget(runId: string): void {
    this.#tails.delete(runId)
  }

  /** Resolves when nothing waits and nothing is under way any more. A server that is not there is no longer waited for. */
  async drain(): Promise<void> {
    this.#isEnding = true
    if (this.#pending === 0) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#onDrained = resolve
    await promise
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    // Behind everything that can run now, so that all that is about to append joins the group.
    void Promise.resolve().then(() => process.nextTick(() => this.#run()))
  }

  #run(): void {
    this.#isScheduled = false
    while (this.#flights < MAX_FLIGHTS) {
      const group = this.#takeGroup()
      if (group.length === 0) return
      void this.#fly(group)
    }
  }

  /** Takes what may go together, in order: of each run that is not under way one request, or several as one. */
  #takeGroup(): readonly Request[] {
    const [only] = this.#waiting
    if (only === undefined) return []
    if (this.#waiting.length === 1 && !this.#busy.has(only.runId)) {
      this.#busy.add(only.runId)
      this.#waiting = []
      return [only]
    }
    const group = new Map<string, Request[]>()
    const rest: Request[] = []
    const passed = new Set<string>()
    let bytes = 0
    let isFull = false
    let seen = 0
    for (const request of this.#waiting) {
      const { runId, isAlone } = request
      const taken = group.get(runId)
      if (group.size > 0) isFull ||= group.size === MAX_GROUP || bytes + request.bytes > MAX_GROUP_BYTES
      // However many wait behind it, they are not looked at for this group.
      if (isFull) break
      seen++
      const isFree = !this.#busy.has(runId) && !passed.has(runId)
      if (isFree && taken !== undefined && canJoin(taken, request)) {
        taken.push(request)
      } else if (isFree && taken === undefined && (group.size === 0 || !isAlone)) {
        group.set(runId, [request])
        isFull = isAlone
      } else {
        passed.add(runId)
        rest.push(request)
        continue
      }
      bytes += request.bytes
    }
    for (const runId of group.keys()) this.#busy.add(runId)
    if (seen > 0) this.#waiting = [...rest, ...this.#waiting.slice(seen)]
    return Array.from(group.values(), joined)
  }

  async #fly(group: readonly Request[]): Promise<void> {
    this.#flights++
    let hasSlot = true
    const giveBack = (): void => {
      if (hasSlot) this.#flights--
      hasSlot = false
    }
    const timer = setTimeout(() => {
      giveBack()
      this.#run()
    }, SLOW_MS)
    try {
      await this.#attempt(group)
    } finally {
      clearTimeout(timer)
      giveBack()
      this.#run()
    }
  }

  /** Prepares and sends a group, and settles or requeues each of its requests. */
  async #attempt(group: readonly Request[]): Promise<void> {
    const prepared = await Promise.all(group.map((request) => this.#prepare(request)))
    const attempts = prepared.filter((attempt) => attempt !== undefined)
    if (attempts.length === 0) return
    try {
      const sending = this.#send(attempts)
      // While the server works there is nothing else to do.
      setImmediate(() => {
        for (const { next } of attempts) prepareTail(next)
      })
      const refused = await sending
      await Promise.all(attempts.map((attempt, index) => this.#conclude(attempt, refused.get(index))))
    } catch (error) {
      this.#fail(attempts, error)
    }
  }

  /** Finds the end that a request extends; settles it when there is none. */
  async #prepare(request: Request): Promise<Attempt | undefined> {
    const { runId, events, fence } = request
    try {
      const known = this.#tails.get(runId) ?? (events[0]?.seq === 1 ? NO_EVENTS : undefined)
      const next = known && extendTail(known, runId, events)
      if (known !== undefined && next !== undefined) return { request, runId, events, fence, tail: known, next }
      const last = await this.#last(runId)
      if (request.isInDoubt && (await this.#settleLanded(request))) return undefined
      return this.#judge(request, last)
    } catch (error) {
      if (error instanceof EventLogError) this.#settle(request, error)
      else this.#fail([{ request }], error)
      return undefined
    }
  }

  /** Judges a request by the last event that is stored. */
  #judge(request: Request, last: Event | undefined): Attempt {
    const { runId, events, fence } = request
    judge(last, runId, events)
    const tail = last === undefined ? NO_EVENTS : tailOf(last)
    // What the judge lets pass may still not be told from the hash alone: it follows a terminal event, say.
    const final = events.at(-1)
    const next = extendTail(tail, runId, events) ?? (final === undefined ? tail : tailOf(final))
    return { request, runId, events, fence, tail, next }
  }

  async #send(attempts: readonly Attempt[]): Promise<ReadonlyMap<number, Refused>> {
    const { connection } = this.#options
    const { lockTimeoutMs } = connection.options
    const timeout = connection.isDirect ? undefined : lockTimeoutMs
    const [first] = attempts
    const few = attempts.length === 1 && first !== undefined ? toFew(connection.names, first, timeout) : undefined
    if (few !== undefined) {
      const [row] = await this.#call<[Refusal | null]>(few)
      if (row?.[0] === null) return new Map()
      // What it found instead is told by the other function.
    }
    return readRefusals(await this.#call<RefusalRow>(toStatement(connection.names, attempts, timeout)))
  }

  #call<R extends unknown[]>(statement: Statement): Promise<R[]> {
    const { connection } = this.#options
    if (!this.#needsTransaction) return connection.send<R>(statement)
    return connection.transactionOnce((run) => run<R>(statement.text, statement.values))
  }

  async #conclude(attempt: Attempt, refused: Refused | undefined): Promise<void> {
    const { request, runId, next } = attempt
    if (refused === undefined) {
      this.#tails.set(runId, next)
      this.#settle(request)
      return
    }
    this.#tails.delete(runId)
    if (refused.refusal === 'locked') {
      request.isAlone = true
      this.#requeue([request])
      return
    }
    try {
      if (request.isInDoubt && (await this.#settleLanded(request))) return
      if (refused.refusal === 'fenced') {
        this.#settle(request, fenced(runId, request.fence, refused.token))
      } else {
        const last = refused.last === undefined ? undefined : toEvent(runId, refused.last)
        this.#judge(request, last)
        const tail = last === undefined ? NO_EVENTS : tailOf(last)
        if (isSameEnd(tail, attempt.tail)) throw unrecognised(runId, tail.seq)
        this.#tails.set(runId, tail)
        this.#requeue([request])
      }
    } catch (error) {
      if (error instanceof EventLogError) this.#settle(request, error)
      else this.#fail([attempt], error)
    }
  }

  /** Decides what becomes of requests of which nothing is known to have been written. */
  #fail(attempts: readonly Pick<Attempt, 'request'>[], error: unknown): void {
    const requests = attempts.map(({ request }) => request)
    for (const { runId } of requests) this.#tails.delete(runId)
    if (this.#options.connection.isClosed) {
      for (const request of requests) this.#settle(request, this.#options.connection.explain(error))
    } else if (isConnectionLost(error)) {
      this.#waitForServer(requests, error)
    } else if (codeOf(error) === WRONG_ISOLATION) {
      this.#needsTransaction = true
      this.#requeue(requests)
    } else if (requests.length > 1) {
      for (const request of requests) request.isAlone = true
      this.#requeue(requests)
    } else if (isUndone(error)) {
      this.#waitForServer(requests, error, { isInDoubt: false })
    } else {
      for (const request of requests) this.#settle(request, this.#outcomeUnknown(request, error))
    }
  }

  /** Tries again later, as long as there is time. */
  #waitForServer(requests: readonly Request[], error: unknown, { isInDoubt } = { isInDoubt: true }): void {
    const { reconnectTimeoutMs } = this.#options.connection.options
    const now = performance.now()
    const again: Request[] = []
    let delay = 0
    for (const request of split(requests)) {
      request.until ??= now + reconnectTimeoutMs
      request.isInDoubt ||= isInDoubt
      if (this.#isEnding || now + request.delay > request.until) {
        this.#settle(request, this.#outcomeUnknown(request, error))
        continue
      }
      delay = Math.max(delay, request.delay)
      request.delay = Math.min(2 * request.delay, MAX_DELAY_MS)
      // The run stays busy meanwhile: what was asked for later must not overtake.
      this.#busy.add(request.runId)
      again.push(request)
    }
    if (again.length > 0) setTimeout(() => this.#requeue(again), delay)
  }

  #outcomeUnknown(request: Request, error: unknown): unknown {
    const reason = this.#options.connection.explain(error)
    if (!request.isInDoubt || !(reason instanceof EventLogError)) return reason
    // That is so of the last attempt only.
    const said = reason.message.replace(', nothing was written', '')
    const text = `${said}; whether event ${request.events[0]?.seq ?? 0} of run ${goQuote(request.runId)} was written is not known`
    return new EventLogError(reason.code, text, { cause: reason.cause, retryable: reason.retryable })
  }

  /** Puts requests back in front, each by itself again; their runs are no longer under way. */
  #requeue(requests: readonly Request[]): void {
    for (const { runId } of requests) this.#busy.delete(runId)
    this.#waiting.unshift(...split(requests))
    this.#schedule()
  }

  #settle(request: Request, reason?: unknown): void {
    const { runId, events, parts } = request
    if (reason !== undefined && parts.length > 0) {
      // One of them is why; each hears about itself.
      this.#requeue([request])
      return
    }
    this.#busy.delete(runId)
    if (reason === undefined) this.#options.onCommit(runId, events.length)
    for (const each of parts.length > 0 ? parts : [request]) {
      this.#pending--
      if (reason === undefined) each.resolve()
      else each.reject(reason)
    }
    if (this.#pending === 0) this.#onDrained?.()
  }

  async #last(runId: string): Promise<Event | undefined> {
    const { connection } = this.#options
    const [row] = await connection.send<EventRow>({
      text: `SELECT ${EVENT_ROW} FROM ${connection.names.events} AS e WHERE e.run_id = $1 ORDER BY e.seq DESC LIMIT 1`,
      values: [runId],
    })
    return row && toEvent(runId, row)
  }

  /**
   * Settles a request of which exactly the events are stored: an attempt whose
   * answer never came was committed after all. Returns whether it did.
   */
  async #settleLanded(request: Request): Promise<boolean> {
    const { runId, events } = request
    const { connection } = this.#options
    const rows = await connection.send<EventRow>({
      text: `SELECT ${EVENT_ROW} FROM ${connection.names.events} AS e WHERE e.run_id = $1 AND e.seq >= $2 ORDER BY e.seq LIMIT $3`,
      values: [runId, events[0]?.seq, events.length],
    })
    const hasLanded =
      rows.length === events.length && rows.every((row, index) => isSame(toEvent(runId, row), events[index]))
    if (hasLanded) this.#settle(request)
    return hasLanded
  }
}

/** Whether a request can be written as one with those of its run in front of it. */
function canJoin(taken: readonly Request[], request: Request): boolean {
  const last = taken.at(-1)
  if (last === undefined || [last, request].some(({ isSplit, isInDoubt }) => isSplit || isInDoubt)) return false
  const follows = request.events[0]?.seq === (last.events.at(-1)?.seq ?? 0) + 1
  return follows && last.fence?.token === request.fence?.token
}

/** Returns the request that stands for all of these, of which there is at least one. */
function joined(parts: readonly Request[]): Request {
  const [first, ...others] = parts
  if (first === undefined) throw new RangeError('expected a request')
  if (others.length === 0) return first
  return {
    ...first,
    events: parts.flatMap(({ events }) => events),
    bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
    parts,
  }
}

/** The requests that these stand for, which are not to be made one again. */
function split(requests: readonly Request[]): readonly Request[] {
  return requests.flatMap((request) => {
    for (const part of request.parts) {
      part.isSplit = true
      part.isAlone = request.isAlone
    }
    return request.parts.length > 0 ? request.parts : [request]
  })
}

function isSame(stored: Event, event: Event | undefined): boolean {
  if (event === undefined) return false
  const [one, other] = [stored, event].map(({ seq, prevHash, ts, kind, payload }) => {
    const link = prevHash === null ? 'null' : Buffer.from(prevHash).toString('hex')
    return `${seq} ${link} ${ts} ${kind} ${Buffer.from(payload).toString('base64')}`
  })
  return one === other
}

function copyOf(event: Event): Event {
  const { prevHash, payload } = event
  return { ...event, prevHash: prevHash && Buffer.from(prevHash), payload: Buffer.from(payload) }
}

function isSameEnd(one: RunTail, other: RunTail): boolean {
  return one.seq === other.seq && Buffer.compare(one.digest ?? EMPTY, other.digest ?? EMPTY) === 0
}

// Asked again, the server would say the same for ever.
function unrecognised(runId: string, seq: number): EventLogError {
  const text = `eventlog/postgres: the server does not recognise event ${seq} of run ${goQuote(runId)}, which it has returned; nothing was written`
  return new EventLogError('EVENTLOG_STORAGE', text)
}

function fenced(runId: string, fence: Fence | undefined, granted: number): EventLogError {
  const text = `lease ${fence?.token ?? 0} of run ${goQuote(runId)} is over: the current one is ${granted}`
  return new EventLogError('EVENTLOG_FENCED', text)
}
