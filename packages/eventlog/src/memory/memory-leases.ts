import { EventLogError } from '../event-log-error.ts'
import type { Fence, Lease, LeaseOptions, LeaseStore } from '../event-log.ts'
import { goQuote } from '../go-quote.ts'
import { wholeNumber } from '../read-range.ts'

/** What leases in memory need from the log they belong to. */
export interface MemoryLeasesOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Throws when the log is closed. */
  readonly assertOpen: () => void
}

/** A {@link LeaseStore} in memory that also answers whether a fence still holds. */
export class MemoryLeases implements LeaseStore {
  readonly #now: () => number
  readonly #assertOpen: () => void
  readonly #leases = new Map<string, Lease>()
  /** The last token granted per run; outlives the leases, so that tokens only grow. */
  readonly #tokens = new Map<string, number>()

  constructor({ now, assertOpen }: MemoryLeasesOptions) {
    this.#now = now
    this.#assertOpen = assertOpen
  }

  async acquire(runId: string, options: LeaseOptions): Promise<Lease> {
    this.#assertOpen()
    const { owner, ttlMs, isOwnerDead } = options
    wholeNumber('ttlMs', ttlMs, 1)
    const held = this.#leases.get(runId)
    if (
      held !== undefined &&
      held.owner !== owner &&
      held.expiresAt > this.#now() &&
      isOwnerDead?.(held.owner) !== true
    ) {
      throw new EventLogError('EVENTLOG_LEASED', `run ${goQuote(runId)} is held by ${goQuote(held.owner)}`)
    }
    const token = (this.#tokens.get(runId) ?? 0) + 1
    this.#tokens.set(runId, token)
    return this.#store({ runId, token, owner, expiresAt: Math.trunc(this.#now()) + ttlMs })
  }

  async renew(lease: Lease, ttlMs: number): Promise<Lease> {
    this.#assertOpen()
    wholeNumber('ttlMs', ttlMs, 1)
    const held = this.#leases.get(lease.runId)
    if (held?.token !== lease.token) throw fenced(lease, held?.token)
    return this.#store({ ...held, expiresAt: Math.trunc(this.#now()) + ttlMs })
  }

  async release(lease: Lease): Promise<void> {
    this.#assertOpen()
    if (this.#leases.get(lease.runId)?.token === lease.token) this.#leases.delete(lease.runId)
  }

  async current(runId: string): Promise<Lease | undefined> {
    this.#assertOpen()
    return this.#leases.get(runId)
  }

  /** Whether somebody holds the run at this moment. */
  isHeld(runId: string): boolean {
    const held = this.#leases.get(runId)
    return held !== undefined && held.expiresAt > this.#now()
  }

  /** Throws when `fence` does not allow an append to the run: it is of another run, or a newer lease has been granted. */
  checkFence(runId: string, fence: Fence): void {
    if (fence.runId !== runId) {
      const [given, wanted] = [goQuote(fence.runId), goQuote(runId)]
      throw new EventLogError('EVENTLOG_INVALID_OPTIONS', `expected a fence of run ${wanted}, got one of run ${given}`)
    }
    const granted = this.#tokens.get(fence.runId) ?? 0
    if (fence.token < granted) throw fenced(fence, granted)
  }

  #store(lease: Lease): Lease {
    this.#leases.set(lease.runId, lease)
    return lease
  }
}

function fenced(fence: Fence, granted: number | undefined): EventLogError {
  const now = granted === undefined ? 'it has been given back' : `the current one is ${granted}`
  return new EventLogError('EVENTLOG_FENCED', `lease ${fence.token} of run ${goQuote(fence.runId)} is over: ${now}`)
}
