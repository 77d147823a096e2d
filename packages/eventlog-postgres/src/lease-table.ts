import { EventLogError } from '@starling/eventlog'
import { goQuote } from '@starling/eventlog/backend'
import type { Fence, Lease, LeaseOptions, LeaseStore } from '@starling/eventlog'

import type { Connection } from './connection.ts'

type LeaseRow = [token: bigint, owner: string | null, expiresAt: bigint]

// The server's clock, so that hosts whose clocks differ agree on when a lease is over.
const EXPIRY = "clock_timestamp() + $3::bigint * interval '1 millisecond'"
const ROW = 'token, owner, floor(extract(epoch FROM expires_at) * 1000)::bigint'

/**
 * Leases in the table `starling_leases`. The row of a run outlives its lease,
 * so that tokens only grow.
 *
 * A grant takes the lock of the run, as an append does: once it is there, no
 * append under an older one can land any more, however late its writer wakes up.
 */
export class LeaseTable implements LeaseStore {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  async acquire(runId: string, { owner, ttlMs, isOwnerDead }: LeaseOptions): Promise<Lease> {
    checkTtl(ttlMs)
    for (let dead: LeaseRow | undefined; ;) {
      const granted = await this.#grant(runId, { owner, ttlMs, dead })
      if (granted !== undefined) return granted
      const held = await this.#row(runId)
      // Given back meanwhile, or granted anew by the time that the owner is known to be dead: look again.
      if (held === undefined || held[1] === null) continue
      if (isOwnerDead?.(held[1]) !== true) {
        throw new EventLogError('EVENTLOG_LEASED', `run ${goQuote(runId)} is held by ${goQuote(held[1])}`)
      }
      dead = held
    }
  }

  async renew(lease: Lease, ttlMs: number): Promise<Lease> {
    checkTtl(ttlMs)
    const { runId, token } = lease
    const [row] = await this.#connection.query<LeaseRow>(
      `UPDATE ${this.#connection.names.leases} SET expires_at = ${EXPIRY}
       WHERE run_id = $1 AND token = $2::bigint AND owner IS NOT NULL RETURNING ${ROW}`,
      [runId, token, ttlMs],
    )
    if (row === undefined) throw fenced(lease, await this.#row(runId))
    return toLease(runId, row) ?? lease
  }

  async release({ runId, token }: Lease): Promise<void> {
    await this.#connection.query(
      `UPDATE ${this.#connection.names.leases} SET owner = NULL, expires_at = to_timestamp(0)
       WHERE run_id = $1 AND token = $2::bigint`,
      [runId, token],
    )
  }

  async current(runId: string): Promise<Lease | undefined> {
    const row = await this.#row(runId)
    return row && toLease(runId, row)
  }

  /**
   * Checks the fence of an append that writes nothing.
   *
   * @throws {@link EventLogError} `EVENTLOG_FENCED`.
   */
  async check(fence: Fence): Promise<void> {
    const row = await this.#row(fence.runId)
    if (row !== undefined && Number(row[0]) > fence.token) throw fenced(fence, row)
  }

  /** Grants the run if nobody holds it; a lease of a `dead` owner does not count. */
  async #grant(
    runId: string,
    { owner, ttlMs, dead }: { owner: string; ttlMs: number; dead: LeaseRow | undefined },
  ): Promise<Lease | undefined> {
    const [row] = await this.#connection.query<LeaseRow>(
      `WITH locked AS MATERIALIZED (SELECT pg_advisory_xact_lock(hashtextextended($1, 0)))
       INSERT INTO ${this.#connection.names.leases} AS held (run_id, token, owner, expires_at)
         SELECT $1, 1, $2, ${EXPIRY} FROM locked
       ON CONFLICT (run_id) DO UPDATE
         SET token = held.token + 1, owner = excluded.owner, expires_at = excluded.expires_at
         WHERE held.owner IS NULL OR held.owner = excluded.owner OR held.expires_at <= clock_timestamp()
           OR held.token = $4::bigint
       RETURNING ${ROW}`,
      [runId, owner, ttlMs, dead?.[0] ?? null],
    )
    return row && toLease(runId, row)
  }

  async #row(runId: string): Promise<LeaseRow | undefined> {
    const [row] = await this.#connection.query<LeaseRow>(
      `SELECT ${ROW} FROM ${this.#connection.names.leases} WHERE run_id = $1`,
      [runId],
    )
    return row
  }
}

function toLease(runId: string, [token, owner, expiresAt]: LeaseRow): Lease | undefined {
  return owner === null ? undefined : { runId, token: Number(token), owner, expiresAt: Number(expiresAt) }
}

function checkTtl(ttlMs: number): void {
  if (Number.isSafeInteger(ttlMs) && ttlMs >= 1) return
  throw new EventLogError('EVENTLOG_INVALID_OPTIONS', `expected a whole number from 1 as ttlMs, got ${ttlMs}`)
}

function fenced(fence: Fence, row: LeaseRow | undefined): EventLogError {
  const now = row === undefined || row[1] === null ? 'it has been given back' : `the current one is ${row[0]}`
  return new EventLogError('EVENTLOG_FENCED', `lease ${fence.token} of run ${goQuote(fence.runId)} is over: ${now}`)
}
