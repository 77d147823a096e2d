import { decodeEnvelope, fromBase64, hashEvent, KIND } from '@starling/event'
import type { EventLog } from '@starling/eventlog'
import { createMemoryEventLog } from '@starling/eventlog/memory'
import { toRecorded } from '@starling/step'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { decideApprovals, listApprovals, RunState } from '../src/index.ts'
import type { RunHandle } from '../src/index.ts'
import { createFakeClock } from './support/fake-clock.ts'
import { createFaultyLog } from './support/faulty-log.ts'
import { createWorld, expectMatch, expectReplays, readUpdates, RUN, seqOf, tool, truncated } from './support/world.ts'

const DONE = { text: 'Done.' }
const DEPLOY = tool('deploy', () => 'deployed', { approval: true })
const PLAN = { toolCalls: [{ id: 'a', name: 'deploy', arguments: {} }] }
const BOTH = { toolCalls: [...PLAN.toolCalls, { id: 'c', name: 'deploy', arguments: {} }] }

test('the wall-clock budget does not run while a run waits for a decision from outside', async () => {
  const clock = createFakeClock({ skipUpToMs: 0 })
  const options = { tools: [DEPLOY], clock, budget: { maxWallClockMs: 60_000 } }
  const world = createWorld([PLAN, DONE], options)
  await world.agent.runWithId(RUN, 'Go', { onApproval: 'suspend' })
  clock.advance(3_600_000)
  await decideApprovals(world.log, { runId: RUN, decisions: [{ callId: 'a', decision: 'approve' }], clock })
  expect(await world.agent.resume(RUN).result).toMatchObject({ status: 'completed' })
  await expectReplays(world)
})

test('what counts of the time of a run ends with the last event of a process that worked on it', async () => {
  const clock = createFakeClock()
  const world = createWorld([PLAN, DONE], { tools: [DEPLOY], clock })
  await world.agent.runWithId(RUN, 'Go', { onApproval: 'suspend' })
  clock.advance(1_000)
  await decideApprovals(world.log, { runId: RUN, decisions: [{ callId: 'a', decision: 'approve' }], clock })
  clock.advance(1_000)
  await world.agent.resume(RUN).result
  clock.advance(500)
  const state = new RunState()
  for (const event of await world.log.read(RUN)) {
    const recorded = toRecorded(event)
    if (recorded !== undefined) state.apply(recorded)
  }
  expect(state.activeMs(clock.now())).toBe(500)
})

test('one run that cannot be read hides nothing of the others, and is named at the end', async () => {
  const world = createWorld([PLAN, DONE], { tools: [DEPLOY] })
  await world.agent.runWithId('good', 'Go', { onApproval: 'suspend' })
  const [start] = await world.log.read('good', { limit: 1 })
  if (start === undefined) throw new Error('the run is empty')
  const first = { ...start, runId: 'ill', ts: start.ts + 1_000_000_000n }
  const payload = new Uint8Array([0xff])
  const second = { ...first, seq: 2, prevHash: hashEvent(first), kind: KIND.TurnStarted, payload }
  await world.log.append('ill', [first, second])
  const found: string[] = []
  const list = async (options?: Parameters<typeof listApprovals>[1]): Promise<void> => {
    for await (const { runId } of listApprovals(world.log, options)) found.push(runId)
  }
  await expect(list()).rejects.toMatchObject({
    code: 'CORE_CORRUPT',
    message: expect.stringMatching(/^what waits in 1 runs cannot be read: ill: /),
  })
  const unreadable: string[] = []
  await list({ onUnreadable: (runId) => void unreadable.push(runId) })
  expect(found).toEqual(['good', 'good'])
  expect(unreadable).toEqual(['ill'])
})

test('the log of the profile reference has no place for what waits, and no run of it is suspended', async () => {
  const world = createWorld([PLAN, DONE], { tools: [DEPLOY], profile: 'reference' })
  const refusal = 'onApproval "suspend" has no place in the log of the profile reference: it does not hold what waits'
  await expect(world.agent.runWithId(RUN, 'Go', { onApproval: 'suspend' })).rejects.toThrow(refusal)
  expect(() => world.agent.stream('Go', { runId: RUN, onApproval: 'suspend' })).toThrow(refusal)
  expect(() => world.agent.resume(RUN, { onApproval: 'suspend' })).toThrow(refusal)
})

test('a run that was recorded before requests were is not suspended, and keeps to the time for a decision', async () => {
  const stored: unknown = JSON.parse(readFileSync(new URL('fixtures/engine-1-approvals.json', import.meta.url), 'utf8'))
  const events = Array.isArray(stored) ? stored.map((text) => decodeEnvelope(fromBase64(String(text)))) : []
  const planned = events.findIndex(({ kind }) => kind === KIND.AssistantMessageCompleted)
  const log = createMemoryEventLog()
  await log.append(RUN, events.slice(0, planned + 1))
  const clock = createFakeClock({ skipUpToMs: 5_000 })
  const deploy = tool('deploy', () => 'done', { approval: true, approvalTimeoutMs: 5_000 })
  const world = createWorld([DONE], { log, clock, tools: [deploy, tool('look', () => 'done')] })
  await expect(world.agent.resume(RUN, { onApproval: 'suspend' }).result).rejects.toMatchObject({
    code: 'CORE_INVALID_OPTIONS',
    message: `run ${RUN} cannot be suspended: its log has no place for what waits; pass another onApproval`,
  })
  expect(await log.read(RUN)).toHaveLength(planned + 1)
  const updates = await readUpdates(world.agent.resume(RUN))
  expect(updates.find(({ type }) => type === 'approval-requested')).toMatchObject({
    expiresAt: Number(clock.now() / 1_000_000n),
  })
  expect((await world.payloads(KIND.ToolCallFailed)).map(({ error }) => error)).toContain(
    'the call was denied: nobody decided in time',
  )
  await expectReplays(world)
})

test('a run that comes to stand still takes nothing more, and says how to go on', async () => {
  const inner = createMemoryEventLog()
  const { leases } = inner
  if (leases === undefined) throw new Error('the log has no leases')
  const running: { handle?: RunHandle } = {}
  const refusals: unknown[] = []
  const refused = (take: () => void): void => {
    try {
      take()
    } catch (error) {
      refusals.push(error)
    }
  }
  const log: EventLog = {
    ...createFaultyLog(inner, { at: 99, error: new Error('never') }),
    leases: {
      acquire: (runId, options) => leases.acquire(runId, options),
      current: (runId) => leases.current(runId),
      renew: (lease, ttlMs) => leases.renew(lease, ttlMs),
      release: async (lease) => {
        refused(() => running.handle?.send('and tell Bob'))
        refused(() => void running.handle?.approve('a'))
        await leases.release(lease)
      },
    },
  }
  const world = createWorld([PLAN, DONE], { tools: [DEPLOY], log })
  running.handle = world.agent.stream('Go', { runId: RUN, onApproval: 'suspend' })
  const early = running.handle.approve('b')
  expect(await running.handle.result).toMatchObject({ status: 'suspended' })
  expect(refusals).toMatchObject([
    {
      code: 'CORE_RUN_ENDED',
      message: 'the run is suspended and takes no message here: resume it with the message',
    },
    {
      code: 'CORE_RUN_ENDED',
      message: 'the run is suspended and takes no decision here: record it with decideApprovals, and resume the run',
    },
  ])
  await expect(early).rejects.toThrow(/^the run is suspended/)
  expect(await world.payloads(KIND.UserMessageAppended)).toEqual([])
})

test('a log that was cut between two requests, and decided on from outside, replays and resumes', async () => {
  const world = createWorld([BOTH, DONE], { tools: [DEPLOY] })
  await world.agent.runWithId(RUN, 'Go', { onApproval: 'suspend' })
  const log = await truncated(world.log, await seqOf(world.log, KIND.SideEffectRecorded))
  await decideApprovals(log, { runId: RUN, decisions: [{ callId: 'a', decision: 'approve' }] })
  const later = world.with([DONE], { log })
  await expectMatch(later)
  expect(await later.agent.resume(RUN, { onApproval: 'deny' }).result).toMatchObject({ status: 'completed' })
  await expectReplays(later)
})
