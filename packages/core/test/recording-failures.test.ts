import { KIND } from '@starling/event'
import { validateRun } from '@starling/eventlog'
import { createMemoryEventLog } from '@starling/eventlog/memory'
import { expect, test } from 'vitest'
import { createFaultyLog } from './support/faulty-log.ts'
import { createWorld, expectReplays, gate, RUN, tool, truncated, untilAborted } from './support/world.ts'

const TURNS = [{ toolCalls: [{ id: 'c1', name: 'look' }] }, { text: 'Done.' }]
const DISK_FULL = new Error('the disk is full')

function world(at: number, options: { readonly times?: number; readonly written?: boolean } = {}) {
  const log = createFaultyLog(createMemoryEventLog(), { at, error: DISK_FULL, ...options })
  return createWorld(TURNS, { log, tools: [tool('look', () => 'fine')] })
}

test('a run whose first events cannot be written rejects, and leaves nothing behind', async () => {
  const { agent, log, provider } = world(1)
  await expect(agent.runWithId(RUN, 'Go')).rejects.toBe(DISK_FULL)
  expect(await log.read(RUN)).toEqual([])
  expect(provider.requests).toHaveLength(0)
})

test.each([2, 3, 4])(
  'a run whose append number %i fails is ended as failed once the log takes events again',
  async (at) => {
    const failing = world(at)
    const result = await failing.agent.runWithId(RUN, 'Go')
    expect(result).toMatchObject({ status: 'failed', error: { type: 'internal', message: 'the disk is full' } })
    expect(await validateRun(failing.log, RUN)).toMatchObject({ status: 'ok' })
    await expectReplays(failing)
  },
)

test('a log that stays broken rejects with its first error, and the run stays open to be resumed', async () => {
  const { agent, log } = world(2, { times: 99 })
  await expect(agent.runWithId(RUN, 'Go')).rejects.toBe(DISK_FULL)
  const resumed = createWorld(TURNS.slice(1), {
    log: await truncated(log, 99),
    tools: [tool('look', () => 'fine')],
  })
  expect(await resumed.agent.resume(RUN).result).toMatchObject({ status: 'completed' })
  await expectReplays(resumed)
})

test('a terminal event that was written although the log said no is not written twice', async () => {
  const failing = world(4, { written: true })
  expect(await failing.agent.runWithId(RUN, 'Go')).toMatchObject({ status: 'completed', finalText: 'Done.' })
  expect((await failing.kinds()).filter((kind) => kind === 'RunCompleted' || kind === 'RunFailed')).toHaveLength(1)
  expect(await validateRun(failing.log, RUN)).toMatchObject({ status: 'ok' })
})

test('a resume whose first append fails leaves the run as it was', async () => {
  const first = world(99)
  await first.agent.runWithId(RUN, 'Go')
  const cut = await truncated(first.log, 5)
  const log = createFaultyLog(cut, { at: 1, error: DISK_FULL })
  const resumed = createWorld([{ text: 'Done.' }], { log, tools: [tool('look', () => 'fine')] })
  await expect(resumed.agent.resume(RUN).result).rejects.toBe(DISK_FULL)
  expect(await log.read(RUN)).toHaveLength(5)
  expect(await resumed.agent.resume(RUN).result).toMatchObject({ status: 'completed' })
})

test('an id that the log has already is refused, and the run of that id is untouched', async () => {
  const first = world(99)
  await first.agent.runWithId(RUN, 'Go')
  const before = await first.log.read(RUN)
  await expect(first.with(TURNS).agent.runWithId(RUN, 'Go')).rejects.toMatchObject({
    code: 'CORE_RUN_EXISTS',
    message: `the log already has a run ${RUN}`,
  })
  expect(await first.log.read(RUN)).toEqual(before)
})

test('an id that the log has already is refused also when messages came before the first turn', async () => {
  const first = world(99)
  await first.agent.runWithId(RUN, 'Go')
  const handle = first.with(TURNS).agent.stream('Go', { runId: RUN })
  for (const message of ['one', 'two', 'three']) handle.send(message)
  await expect(handle.result).rejects.toMatchObject({ code: 'CORE_RUN_EXISTS' })
})

test('a run under way cannot be resumed, not even from the same process', async () => {
  const started = gate()
  const release = gate()
  const tools = [
    tool('look', async () => {
      started.open()
      await release.opened
      return 'fine'
    }),
  ]
  const running = createWorld(TURNS, { tools })
  const result = running.agent.runWithId(RUN, 'Go')
  await started.opened
  await expect(running.with(TURNS).agent.resume(RUN).result).rejects.toMatchObject({
    code: 'CORE_RUN_IN_USE',
    retryable: true,
  })
  release.open()
  expect(await result).toMatchObject({ status: 'completed' })
})

test('the lease is given back when the run ends, however it ends', async () => {
  const done = world(99)
  await done.agent.runWithId(RUN, 'Go')
  expect(await done.log.leases?.current(RUN)).toBeUndefined()
  const failed = world(1)
  await expect(failed.agent.runWithId(RUN, 'Go')).rejects.toBe(DISK_FULL)
  expect(await failed.log.leases?.current(RUN)).toBeUndefined()
})

test('a lease that cannot be given back does not spoil the result', async () => {
  const inner = createMemoryEventLog()
  const { leases } = inner
  if (leases === undefined) throw new Error('the memory log has leases')
  const log = {
    ...createFaultyLog(inner, { at: 99, error: DISK_FULL }),
    leases: {
      acquire: leases.acquire.bind(leases),
      renew: leases.renew.bind(leases),
      current: leases.current.bind(leases),
      release: () => Promise.reject(DISK_FULL),
    },
  }
  const stuck = createWorld(TURNS, { log, tools: [tool('look', () => 'fine')] })
  expect(await stuck.agent.runWithId(RUN, 'Go')).toMatchObject({ status: 'completed' })
})

test('the lease of a process that is gone is taken over at once', async () => {
  const first = world(99)
  await first.agent.runWithId(RUN, 'Go')
  const log = await truncated(first.log, 5)
  await log.leases?.acquire(RUN, {
    owner: (await ownOwner()).replace(/\/\d+\/\d+\/[^/]+$/, '/999999999/1/nonce'),
    ttlMs: 3_600_000,
  })
  const resumed = createWorld([{ text: 'Done.' }], { log, tools: [tool('look', () => 'fine')] })
  expect(await resumed.agent.resume(RUN).result).toMatchObject({ status: 'completed' })
})

test('the lease of a process on another host holds until it expires', async () => {
  const first = world(99)
  await first.agent.runWithId(RUN, 'Go')
  const log = await truncated(first.log, 5)
  await log.leases?.acquire(RUN, { owner: 'elsewhere/1/1/nonce', ttlMs: 3_600_000 })
  const resumed = createWorld([{ text: 'Done.' }], { log })
  await expect(resumed.agent.resume(RUN).result).rejects.toMatchObject({ code: 'CORE_RUN_IN_USE' })
})

test.each([
  ['boot', /[\da-f]{8}(?=-)/, '00000000'],
  ['pid namespace', /pid:\[\d+\]/, 'pid:[1]'],
])(
  'the lease of a process of another %s on a host of the same name holds until it expires',
  async (_what, own, other) => {
    const owner = (await ownOwner()).replace(/\/\d+\/\d+\/[^/]+$/, '/999999999/1/nonce')
    expect(owner).toMatch(own)
    const first = world(99)
    await first.agent.runWithId(RUN, 'Go')
    const log = await truncated(first.log, 5)
    await log.leases?.acquire(RUN, { owner: owner.replace(own, other), ttlMs: 3_600_000 })
    const resumed = createWorld([{ text: 'Done.' }], { log, tools: [tool('look', () => 'fine')] })
    await expect(resumed.agent.resume(RUN).result).rejects.toMatchObject({ code: 'CORE_RUN_IN_USE' })
  },
)

test('a tool is stopped when its run is taken over, and nothing of it is recorded', async () => {
  const log = createMemoryEventLog()
  let stopped: unknown
  const running = createWorld(TURNS, {
    log,
    leaseMs: 15,
    tools: [
      tool('look', async (_input, { signal }) => {
        const lease = await log.leases?.current(RUN)
        if (lease !== undefined) await log.leases?.release(lease)
        await log.leases?.acquire(RUN, { owner: 'thief', ttlMs: 3_600_000 })
        return untilAborted(signal).catch((error: unknown) => {
          stopped = error
          throw error
        })
      }),
    ],
  })
  await expect(running.agent.runWithId(RUN, 'Go')).rejects.toMatchObject({
    code: 'CORE_RUN_IN_USE',
    cause: { code: 'EVENTLOG_FENCED' },
  })
  expect(stopped).toMatchObject({ message: 'another process has taken the run over' })
  expect((await running.kinds()).at(-1)).toBe('ToolCallScheduled')
})

test('a lease longer than any timer is not renewed all the time', async () => {
  const inner = createMemoryEventLog()
  const { leases } = inner
  if (leases === undefined) throw new Error('the memory log has leases')
  let renewals = 0
  const log = {
    ...createFaultyLog(inner, { at: 99, error: DISK_FULL }),
    leases: {
      acquire: leases.acquire.bind(leases),
      renew: (...args: Parameters<typeof leases.renew>) => {
        renewals += 1
        return leases.renew(...args)
      },
      current: leases.current.bind(leases),
      release: leases.release.bind(leases),
    },
  }
  const started = gate()
  const running = createWorld(TURNS, { log, leaseMs: 10 ** 11, tools: [tool('look', () => started.opened)] })
  const result = running.agent.runWithId(RUN, 'Go')
  const quickest = setInterval(() => started.open(), 20)
  await result.finally(() => clearInterval(quickest))
  expect(renewals).toBe(0)
})

/** How this process names itself as the owner of a lease. */
async function ownOwner(): Promise<string> {
  const log = createMemoryEventLog()
  let owner = ''
  const look = tool('look', async () => {
    owner = (await log.leases?.current(RUN))?.owner ?? ''
  })
  await createWorld(TURNS, { log, tools: [look] }).agent.runWithId(RUN, 'Go')
  return owner
}

test('a writer whose lease was taken over stops at its next append and writes no terminal event', async () => {
  const log = createMemoryEventLog()
  const running = createWorld(TURNS, {
    log,
    tools: [
      tool('look', async () => {
        const lease = await log.leases?.current(RUN)
        if (lease !== undefined) await log.leases?.release(lease)
        await log.leases?.acquire(RUN, { owner: 'thief', ttlMs: 3_600_000 })
        return 'fine'
      }),
    ],
  })
  await expect(running.agent.runWithId(RUN, 'Go')).rejects.toMatchObject({
    code: 'CORE_RUN_IN_USE',
    cause: { code: 'EVENTLOG_FENCED' },
  })
  expect((await running.kinds()).at(-1)).toBe('ToolCallScheduled')
})

test('without leases a writer that was overtaken stops at its next append', async () => {
  const log = createMemoryEventLog()
  const running = createWorld(TURNS, {
    log,
    leaseMs: 0,
    tools: [
      tool('look', async () => {
        const other = createWorld([{ text: 'Mine.' }], { log, leaseMs: 0, tools: [tool('look', () => 'other')] })
        await other.agent.resume(RUN).result
        return 'fine'
      }),
    ],
  })
  await expect(running.agent.runWithId(RUN, 'Go')).rejects.toMatchObject({ code: 'CORE_RUN_IN_USE' })
  expect((await running.payloads(KIND.RunCompleted))[0]?.finalText).toBe('Mine.')
  expect(await validateRun(log, RUN)).toMatchObject({ status: 'ok' })
})
