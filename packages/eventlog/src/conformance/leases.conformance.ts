import { hasCode } from '@starling/event'
import { describe, expect, test } from 'vitest'

import type { EventLog, Lease, LeaseStore } from '../event-log.ts'
import type { EventLogHarness, Reopen } from './harness.ts'
import { RunBuilder } from './runs.ts'
import { chainOf } from './runs.ts'
import { at, outcomesOf } from './test-steps.ts'

const MINUTE = 60_000
const LEASED = { code: 'EVENTLOG_LEASED' }
const FENCED = { code: 'EVENTLOG_FENCED' }

/** Registers what holds for a log without leases. */
export function describeNoLeases(harness: EventLogHarness): void {
  test('the log keeps no leases', async () => {
    await using log = await harness.open()
    expect(log.leases).toBeUndefined()
  })
}

/** Registers what holds for leases and fenced appends. */
export function describeLeases(harness: EventLogHarness): void {
  describe('leases', () => {
    test('a run is granted to one owner at a time', async () => {
      await using log = await harness.open()
      const leases = leasesOf(log)
      const lease = await leases.acquire('r', { owner: 'a', ttlMs: MINUTE })
      expect(lease).toMatchObject({ runId: 'r', owner: 'a' })
      expect(await leases.current('r')).toEqual(lease)
      await expect(leases.acquire('r', { owner: 'b', ttlMs: MINUTE })).rejects.toMatchObject(LEASED)
      expect(await leases.current('r')).toEqual(lease)
    })

    test('of many that ask at once one gets it', async () => {
      await using log = await harness.open()
      const owners = Array.from({ length: 8 }, (_, n) => `owner ${n}`)
      const outcomes = await outcomesOf(owners.map((owner) => leasesOf(log).acquire('r', { owner, ttlMs: MINUTE })))
      expect(outcomes.toSorted()).toEqual([...Array.from({ length: 7 }, () => LEASED.code), 'ok'])
    })

    test('runs are leased one by one', async () => {
      await using log = await harness.open()
      const leases = leasesOf(log)
      await leases.acquire('r', { owner: 'a', ttlMs: MINUTE })
      expect(await leases.acquire('s', { owner: 'b', ttlMs: MINUTE })).toMatchObject({ runId: 's', owner: 'b' })
    })

    test('nobody holds a run that nobody asked for', async () => {
      await using log = await harness.open()
      expect(await leasesOf(log).current('r')).toBeUndefined()
    })

    test('an expired lease is taken over, with a larger token', async () => {
      await using log = await harness.open()
      const leases = leasesOf(log)
      const old = await leases.acquire('r', { owner: 'a', ttlMs: 1 })
      const taken = await untilGranted(leases, 'b')
      expect(taken.token).toBeGreaterThan(old.token)
      expect(await leases.current('r')).toMatchObject({ owner: 'b', token: taken.token })
      await expect(leases.renew(old, MINUTE)).rejects.toMatchObject(FENCED)
    })

    test('the lease of a dead owner is taken over at once', async () => {
      await using log = await harness.open()
      const leases = leasesOf(log)
      await leases.acquire('r', { owner: 'a', ttlMs: MINUTE })
      const asked: string[] = []
      const isOwnerDead = (owner: string): boolean => asked.push(owner) > 1
      await expect(leases.acquire('r', { owner: 'b', ttlMs: MINUTE, isOwnerDead })).rejects.toMatchObject(LEASED)
      expect(await leases.acquire('r', { owner: 'b', ttlMs: MINUTE, isOwnerDead })).toMatchObject({ owner: 'b' })
      expect(asked).toEqual(['a', 'a'])
    })

    test('an owner that asks again gets a new lease in place of its own', async () => {
      await using log = await harness.open()
      const leases = leasesOf(log)
      const first = await leases.acquire('r', { owner: 'a', ttlMs: MINUTE })
      const second = await leases.acquire('r', { owner: 'a', ttlMs: MINUTE })
      expect(second.token).toBeGreaterThan(first.token)
      await expect(leases.renew(first, MINUTE)).rejects.toMatchObject(FENCED)
    })

    test('renewing keeps the token and moves the end', async () => {
      await using log = await harness.open()
      const leases = leasesOf(log)
      const lease = await leases.acquire('r', { owner: 'a', ttlMs: 1 })
      const renewed = await leases.renew(lease, MINUTE)
      expect(renewed).toMatchObject({ runId: 'r', owner: 'a', token: lease.token })
      expect(renewed.expiresAt).toBeGreaterThanOrEqual(lease.expiresAt + MINUTE - 1)
      await expect(leases.acquire('r', { owner: 'b', ttlMs: MINUTE })).rejects.toMatchObject(LEASED)
    })

    test('a released run is free, and the next token is larger still', async () => {
      await using log = await harness.open()
      const leases = leasesOf(log)
      const first = await leases.acquire('r', { owner: 'a', ttlMs: MINUTE })
      await leases.release(first)
      expect(await leases.current('r')).toBeUndefined()
      await expect(leases.renew(first, MINUTE)).rejects.toMatchObject(FENCED)
      const second = await leases.acquire('r', { owner: 'b', ttlMs: MINUTE })
      expect(second.token).toBeGreaterThan(first.token)
    })

    test('releasing a lease that was taken over does nothing', async () => {
      await using log = await harness.open()
      const leases = leasesOf(log)
      const old = await leases.acquire('r', { owner: 'a', ttlMs: MINUTE })
      const taken = await leases.acquire('r', { owner: 'b', ttlMs: MINUTE, isOwnerDead: () => true })
      await leases.release(old)
      expect(await leases.current('r')).toEqual(taken)
    })

    test('a run is not pruned while somebody holds it', async () => {
      await using log = await harness.open()
      const leases = leasesOf(log)
      for (const runId of ['held', 'free']) await log.append(runId, new RunBuilder(runId).start().events)
      const lease = await leases.acquire('held', { owner: 'a', ttlMs: MINUTE })
      const options = { before: 2n ** 62n, includeInProgress: true }
      expect((await log.prune(options)).runIds).toEqual(['free'])
      await leases.release(lease)
      expect((await log.prune(options)).runIds).toEqual(['held'])
    })

    test.each([0, -1, 1.5, NaN])('a lease of %j ms is refused', async (ttlMs) => {
      await using log = await harness.open()
      await expect(leasesOf(log).acquire('r', { owner: 'a', ttlMs })).rejects.toMatchObject({
        code: 'EVENTLOG_INVALID_OPTIONS',
      })
    })
  })

  describe('a fenced append', () => {
    test('lands under the current lease, also when that has expired', async () => {
      await using log = await harness.open()
      const [first, second] = chainOf('r', 2)
      const fence = await leasesOf(log).acquire('r', { owner: 'a', ttlMs: 1 })
      await log.append('r', first ?? [], { fence })
      await log.append('r', second ?? [], { fence })
      expect(await log.read('r')).toHaveLength(2)
    })

    test('is refused under an older lease, and writes nothing', async () => {
      await using log = await harness.open()
      const leases = leasesOf(log)
      const events = chainOf('r', 3)
      const old = await leases.acquire('r', { owner: 'a', ttlMs: MINUTE })
      await log.append('r', at(events, 0), { fence: old })
      const fence = await leases.acquire('r', { owner: 'b', ttlMs: MINUTE, isOwnerDead: () => true })
      await expect(log.append('r', at(events, 1), { fence: old })).rejects.toMatchObject(FENCED)
      await expect(log.append('r', events.slice(1), { fence: old })).rejects.toMatchObject(FENCED)
      expect(await log.read('r')).toEqual(events.slice(0, 1))
      await log.append('r', events.slice(1), { fence })
      expect(await log.read('r')).toEqual(events)
    })

    test('is refused under an older lease even after the newer one was released', async () => {
      await using log = await harness.open()
      const leases = leasesOf(log)
      const old = await leases.acquire('r', { owner: 'a', ttlMs: MINUTE })
      await leases.release(await leases.acquire('r', { owner: 'a', ttlMs: MINUTE }))
      await expect(log.append('r', at(chainOf('r', 1), 0), { fence: old })).rejects.toMatchObject(FENCED)
    })

    test('is refused under the lease of another run', async () => {
      await using log = await harness.open()
      const fence = await leasesOf(log).acquire('other', { owner: 'a', ttlMs: MINUTE })
      await expect(log.append('r', at(chainOf('r', 1), 0), { fence })).rejects.toMatchObject({
        code: 'EVENTLOG_INVALID_OPTIONS',
      })
    })

    test('fails with EVENTLOG_CLOSED once the log is disposed of, and so do leases', async () => {
      const log = await harness.open()
      const leases = leasesOf(log)
      const fence = await leases.acquire('r', { owner: 'a', ttlMs: MINUTE })
      await log[Symbol.asyncDispose]()
      const outcomes = await outcomesOf([
        log.append('r', chainOf('r', 1), { fence }),
        leases.acquire('r', { owner: 'a', ttlMs: MINUTE }),
        leases.renew(fence, MINUTE),
        leases.current('r'),
      ])
      expect(new Set(outcomes)).toEqual(new Set(['EVENTLOG_CLOSED']))
    })

    test('one without a fence needs no lease', async () => {
      await using log = await harness.open()
      await leasesOf(log).acquire('r', { owner: 'a', ttlMs: MINUTE })
      await log.append('r', chainOf('r', 2))
      expect(await log.read('r')).toHaveLength(2)
    })
  })
}

/** Registers what holds for the leases of two logs on one storage. */
export function describeSharedLeases(harness: EventLogHarness, reopen: Reopen): void {
  test('two logs on one storage share their leases', async () => {
    await using one = await harness.open()
    await using two = await reopen(one)
    const events = chainOf('r', 2)
    const old = await leasesOf(one).acquire('r', { owner: 'a', ttlMs: MINUTE })
    await expect(leasesOf(two).acquire('r', { owner: 'b', ttlMs: MINUTE })).rejects.toMatchObject(LEASED)
    const fence = await leasesOf(two).acquire('r', { owner: 'b', ttlMs: MINUTE, isOwnerDead: () => true })
    await expect(one.append('r', events, { fence: old })).rejects.toMatchObject(FENCED)
    await two.append('r', events, { fence })
    expect(await one.read('r')).toEqual(events)
  })
}

function leasesOf(log: EventLog): LeaseStore {
  if (log.leases === undefined) throw new RangeError('expected a log with leases: say capabilities.leases = false')
  return log.leases
}

/** Asks until the lease before has run out; a lease of a millisecond does so by itself. */
async function untilGranted(leases: LeaseStore, owner: string): Promise<Lease> {
  for (;;) {
    try {
      return await leases.acquire('r', { owner, ttlMs: MINUTE })
    } catch (error) {
      if (!hasCode(error, 'EVENTLOG_LEASED')) throw error
    }
  }
}
