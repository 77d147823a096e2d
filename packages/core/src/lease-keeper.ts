import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { hasCode } from '@starling/event'
import type { EventLog, Fence, Lease } from '@starling/eventlog'
import { CoreError } from './core-error.ts'

/** Holds the lease of a run while this process works on it. */
export interface LeaseKeeper extends AsyncDisposable {
  /** The lease to append under. */
  fence(): Fence | undefined
}

// A lease is renewed well before it ends: two renewals may fail before it is lost.
const RENEWALS_PER_LEASE = 3

/**
 * Takes the lease of a run and keeps it alive.
 *
 * @throws {@link CoreError} `CORE_RUN_IN_USE` while another live process holds it.
 */
export async function keepLease(log: EventLog, runId: string, ttlMs: number): Promise<LeaseKeeper | undefined> {
  const { leases } = log
  if (leases === undefined || ttlMs <= 0) return undefined
  let lease: Lease
  try {
    lease = await leases.acquire(runId, { owner: `${OWNER}/${randomUUID()}`, ttlMs, isOwnerDead })
  } catch (error) {
    if (!hasCode(error, 'EVENTLOG_LEASED')) throw error
    throw new CoreError('CORE_RUN_IN_USE', `run ${runId} is in use by another process`, {
      cause: error,
      retryable: true,
    })
  }
  let renewing: Promise<void> = Promise.resolve()
  const timer = setInterval(() => {
    renewing = leases.renew(lease, ttlMs).then(
      (renewed) => void (lease = renewed),
      () => undefined, // a lost lease shows at the next append, which is refused
    )
  }, ttlMs / RENEWALS_PER_LEASE)
  timer.unref()
  return {
    fence: () => lease,
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await renewing
      await leases.release(lease).catch(() => undefined) // a lease that cannot be given back runs out by itself
    },
  }
}

/** Names this process: host, pid and when it started, because pids are used again. Each of its runs adds a nonce. */
const OWNER = ownerName(process.pid)

function ownerName(pid: number): string {
  return `${hostname()}/${pid}/${startOf(pid) ?? 'unknown'}`
}

/** Reports whether the owner was a process of this host that is no longer there. */
function isOwnerDead(owner: string): boolean {
  const [host, pid] = owner.split('/')
  if (host !== hostname() || pid === undefined || !/^\d+$/.test(pid)) return false
  return !isAlive(Number(pid)) || !owner.startsWith(`${ownerName(Number(pid))}/`)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** When a process started, in clock ticks since boot; only Linux tells. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name in parentheses may hold spaces: count the fields after it. Field 22 is the start time.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined // another system, or no such process
  }
}
