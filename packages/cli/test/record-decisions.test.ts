import { hasCode } from '@starling/event'
import type { Lease } from '@starling/eventlog'
import { beforeEach, describe, expect, test } from 'vitest'
import { readApprovalEvent } from '../src/approvals/recorded-approval.ts'
import { EXIT } from '../src/index.ts'
import { call, type CallOptions, type CallResult } from './support/call.ts'
import { helloRun } from './support/events.ts'
import { createMemoryStore, type MemoryStore } from './support/memory-store.ts'
import { recordWaitingRun } from './support/waiting-run.ts'

const ASKED_MS = Date.UTC(2026, 0, 31, 23, 55)
const CALLS = ['a', 'b', 'c', 'd', 'e', 'f']

let store: MemoryStore

beforeEach(async () => {
  store = createMemoryStore()
  await store.add('x.db', helloRun('ended'))
  const plan = CALLS.map((id) => ({ id, name: 'deploy', arguments: {} }))
  await recordWaitingRun(store.log('x.db'), { runId: 'r', nowMs: ASKED_MS, turns: [{ toolCalls: plan }] })
})

async function approve(callId: string, options: CallOptions = {}): Promise<CallResult> {
  return call(['approve', '--quiet', 'x.db', 'r', callId], { store, user: 'ada@test', ...options })
}

async function decided(): Promise<readonly string[]> {
  const recorded = (await store.log('x.db').read('r')).map(readApprovalEvent)
  return recorded.flatMap((item) => (item?.type === 'approval-decided' ? [item.callId] : []))
}

/** Has another process hold the run, and tells how often somebody else has tried to get it. */
async function holdRun(onRefused: (lease: Lease, times: number) => Promise<void> | void): Promise<void> {
  const { leases } = store.log('x.db')
  if (leases === undefined) throw new Error('the log has no leases')
  const lease = await leases.acquire('r', { owner: 'another process', ttlMs: 60_000 })
  const { acquire } = leases
  let refused = 0
  leases.acquire = async (...args) => {
    try {
      return await acquire.apply(leases, args)
    } catch (error) {
      if (hasCode(error, 'EVENTLOG_LEASED')) await onRefused(lease, (refused += 1))
      throw error
    }
  }
}

describe('decisions of several people at once', () => {
  test('all of them are recorded, each by whoever comes', async () => {
    const results = await Promise.all(CALLS.map(async (callId) => approve(callId)))
    expect(results.map(({ code, stderr }) => ({ code, stderr }))).toEqual(CALLS.map(() => ({ code: 0, stderr: '' })))
    expect((await decided()).toSorted()).toEqual(CALLS)
  })

  test('one that finds the run in use waits until it is let go', async () => {
    let times = 0
    await holdRun(async (lease, refused) => {
      times = refused
      if (refused === 2) await store.log('x.db').leases?.release(lease)
    })
    expect(await approve('b')).toMatchObject({ code: EXIT.ok, stderr: '' })
    expect({ times, decided: await decided() }).toEqual({ times: 2, decided: ['b'] })
  })

  test('an interrupt ends the wait, and nothing is recorded', async () => {
    let interrupt = (): void => {}
    await holdRun(() => interrupt())
    const result = await approve('b', {
      onInterrupt: (listener) => {
        interrupt = () => listener('SIGINT')
        return () => {}
      },
    })
    expect(result).toEqual({
      code: EXIT.interrupted,
      stdout: '',
      stderr: '\nstarling: interrupted; nothing was recorded\n',
    })
    expect(await decided()).toEqual([])
  })

  test('a run that stays in use is decided on elsewhere', async () => {
    let times = 0
    await holdRun((_, refused) => void (times = refused))
    const { code, stderr } = await approve('b')
    expect({ code, stderr }).toEqual({
      code: EXIT.failure,
      stderr:
        'starling: run r is in use by another process; decide at its terminal, or end it first: SIGTERM leaves the run open\n',
    })
    expect(times).toBeGreaterThan(10)
    expect(await decided()).toEqual([])
  })
})
