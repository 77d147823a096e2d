import { describe, expect, test } from 'vitest'

import { chainOf, describeEventLog, RunBuilder } from '../src/conformance/index.ts'
import { createMemoryEventLog } from '../src/memory/index.ts'
import { readGoldenRuns } from './fixtures.ts'

describeEventLog({
  name: 'memory',
  open: () => Promise.resolve(createMemoryEventLog()),
  runs: readGoldenRuns(),
})

describe('the log in memory', () => {
  test('copies a Buffer, whose own slice would share its memory', async () => {
    await using log = createMemoryEventLog()
    const [event] = chainOf('r', 1)
    const payload = Buffer.from(event?.payload ?? [])
    await log.append('r', { runId: 'r', seq: 1, prevHash: null, ts: 0n, kind: 1, payload })
    payload.fill(0)
    const [stored] = await log.read('r')
    expect(stored?.payload).toEqual(event?.payload)
    expect(stored?.payload).not.toBeInstanceOf(Buffer)
  })

  test('measures leases with the clock it was given', async () => {
    let time = 1_000_000
    await using log = createMemoryEventLog({ now: () => time })
    const lease = await log.leases?.acquire('r', { owner: 'a', ttlMs: 500 })
    expect(lease?.expiresAt).toBe(1_000_500)
    time = 1_000_499
    const asked = log.leases?.acquire('r', { owner: 'b', ttlMs: 500 })
    await expect(asked).rejects.toMatchObject({ code: 'EVENTLOG_LEASED', message: 'run "r" is held by "a"' })
    time = 1_000_500
    expect(await log.leases?.acquire('r', { owner: 'b', ttlMs: 500 })).toEqual({
      runId: 'r',
      owner: 'b',
      token: 2,
      expiresAt: 1_001_000,
    })
  })

  test('says which lease is over, and what holds now', async () => {
    await using log = createMemoryEventLog({ now: () => 0 })
    const { leases } = log
    const old = await leases?.acquire('r', { owner: 'a', ttlMs: 5 })
    const taken = await leases?.acquire('r', { owner: 'a', ttlMs: 5 })
    await expect(log.append('r', chainOf('r', 1), { fence: old })).rejects.toThrow(
      'lease 1 of run "r" is over: the current one is 2',
    )
    if (taken !== undefined) await leases?.release(taken)
    await expect(leases?.renew(taken ?? fail(), 5)).rejects.toThrow(
      'lease 2 of run "r" is over: it has been given back',
    )
  })

  test('takes the platform clock by default, in whole milliseconds', async () => {
    await using log = createMemoryEventLog()
    const before = Date.now()
    const lease = await log.leases?.acquire('r', { owner: 'a', ttlMs: 60_000 })
    expect(Number.isInteger(lease?.expiresAt)).toBe(true)
    expect(Math.abs((lease?.expiresAt ?? 0) - before - 60_000)).toBeLessThan(60_000)
  })

  test('finds most words first, then the newest', async () => {
    await using log = createMemoryEventLog()
    const run = new RunBuilder('r').say('tick').say('tick tick tick').say('tick')
    await log.append('r', run.events)
    expect((await log.search({ query: 'tick' })).map((hit) => hit.seq)).toEqual([2, 3, 1])
  })
})

function fail(): never {
  throw new Error('the arrangement of this test is wrong')
}
