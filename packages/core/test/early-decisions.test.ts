import { KIND } from '@starling/event'
import { expect, test } from 'vitest'
import { decideApprovals, readApprovals } from '../src/index.ts'
import type { ApprovalRequest, CallDecision } from '../src/index.ts'
import { createFakeClock } from './support/fake-clock.ts'
import { createWorld, expectReplays, gate, readUpdates, resultsShown, RUN, sideEffects, tool } from './support/world.ts'

/** Which call is meant. */
type Meant = Partial<Pick<CallDecision, 'turnId' | 'argsHash'>>

const DONE = { text: 'Done.' }

function plan(name: string, args: Record<string, unknown> = {}, id = 'a') {
  return { toolCalls: [{ id, name, arguments: args }] }
}

/** A tool that asks before every call, and what it was called with. */
function deploying(policy: { readonly approvalTimeoutMs?: number } = {}) {
  const calls: string[] = []
  const deploy = tool('deploy', (input) => void calls.push(JSON.stringify(input)), { approval: true, ...policy })
  return { calls, deploy }
}

test('a decision on a call that does not ask counts for no later call of the same id', async () => {
  const { calls, deploy } = deploying()
  const end = gate()
  const look = tool('look', () => end.opened)
  const world = createWorld([plan('look'), plan('deploy'), DONE], { tools: [deploy, look] })
  const handle = world.agent.stream('Go', { runId: RUN })
  const early: Promise<void>[] = []
  await readUpdates(handle, (update) => {
    if (update.type === 'tool-started' && update.tool === 'look') {
      early.push(handle.approve('a'))
      end.open()
    }
    if (update.type === 'approval-requested') void handle.deny('a')
  })
  expect(early).toHaveLength(1)
  await expect(early[0]).rejects.toMatchObject({
    code: 'CORE_NOT_WAITING',
    message: 'call a has not waited for a decision',
  })
  expect(calls).toEqual([])
  await expectReplays(world)
})

test('a decision on a call that is over, and that never asked, is refused', async () => {
  const { deploy } = deploying()
  const two = { toolCalls: [...plan('look').toolCalls, ...plan('deploy', {}, 'b').toolCalls] }
  const world = createWorld([two, DONE], { tools: [deploy, tool('look', () => 'fine')] })
  const handle = world.agent.stream('Go', { runId: RUN })
  const updates = await readUpdates(handle, (update) => {
    if (update.type !== 'tool-ended' || update.callId !== 'a') return
    expect(() => handle.approve('a')).toThrow('call a does not wait for a decision any more')
    void handle.approve('b')
  })
  expect(updates.some(({ type }) => type === 'approval-requested')).toBe(true)
  expect(await handle.result).toMatchObject({ status: 'completed' })
})

test('a decision that comes before the answer is about that answer, and about no other', async () => {
  const { calls, deploy } = deploying()
  const look = tool('look', () => 'fine')
  const world = createWorld([plan('look', {}, 'b'), plan('deploy'), DONE], { tools: [deploy, look] })
  const handle = world.agent.stream('Go', { runId: RUN })
  const early = handle.approve('a')
  await readUpdates(handle, (update) => {
    if (update.type === 'approval-requested') void handle.deny('a')
  })
  await expect(early).rejects.toMatchObject({ code: 'CORE_NOT_WAITING' })
  expect(calls).toEqual([])
})

test('every call of an id that comes again is decided by itself, and the turn says which is meant', async () => {
  const { calls, deploy } = deploying()
  const turns = [plan('deploy', { to: 'test' }), plan('deploy', { to: 'prod' }), DONE]
  const world = createWorld(turns, { tools: [deploy] })
  const handle = world.agent.stream('Go', { runId: RUN })
  const shown: ApprovalRequest[] = []
  await readUpdates(handle, (update) => {
    if (update.type !== 'approval-requested') return
    const { turnId, argsHash } = update
    const decide = (decision: 'approve' | 'deny', more: Meant = {}) =>
      handle.decide([{ callId: 'a', decision, turnId, argsHash, ...more }])
    expect(() => decide('approve', { turnId: shown[0]?.turnId ?? 'another' })).toThrow(
      `call a waits for a decision in turn ${turnId}, not in turn ${shown[0]?.turnId ?? 'another'}`,
    )
    expect(() => decide('approve', { argsHash: '00' })).toThrow(
      `call a waits with other arguments: their hash is ${argsHash}, not 00`,
    )
    void decide(shown.push(update) === 1 ? 'approve' : 'deny')
  })
  expect(shown).toHaveLength(2)
  expect(calls).toEqual(['{"to":"test"}'])
  expect(await handle.result).toMatchObject({ status: 'completed' })
  await expectReplays(world)
})

test('an early decision on other arguments than those of the call is dropped, and the call asks', async () => {
  const { calls, deploy } = deploying()
  const world = createWorld([plan('deploy'), DONE], { tools: [deploy] })
  const handle = world.agent.stream('Go', { runId: RUN })
  const early = handle.decide([{ callId: 'a', decision: 'approve', argsHash: '00' }])
  const updates = await readUpdates(handle, (update) => {
    if (update.type === 'approval-requested') void handle.deny('a')
  })
  await expect(early).rejects.toThrow(/call a waits with other arguments/)
  expect(updates.filter(({ type }) => type === 'approval-requested')).toHaveLength(1)
  expect(calls).toEqual([])
})

test('who decides from outside on what was shown does not decide on a later call of the same id', async () => {
  const { calls, deploy } = deploying()
  const turns = [plan('deploy', { to: 'test' }), plan('deploy', { to: 'prod' }), DONE]
  const world = createWorld(turns, { tools: [deploy] })
  await world.agent.runWithId(RUN, 'Go', { onApproval: 'suspend' })
  const [shown] = await readApprovals(world.log, RUN)
  await decideApprovals(world.log, { runId: RUN, decisions: [{ callId: 'a', decision: 'deny', by: 'bob' }] })
  await world.agent.resume(RUN, { onApproval: 'suspend' }).result
  const decide = (more: Meant) =>
    decideApprovals(world.log, { runId: RUN, decisions: [{ callId: 'a', decision: 'approve', by: 'ada', ...more }] })
  await expect(decide({ turnId: shown?.turnId })).rejects.toMatchObject({ code: 'CORE_NOT_WAITING' })
  await expect(decide({ argsHash: shown?.argsHash })).rejects.toThrow(/call a waits with other arguments/)
  const [now] = await readApprovals(world.log, RUN)
  expect(await decide({ turnId: now?.turnId, argsHash: now?.argsHash })).toBe(1)
  expect(await decide({ turnId: now?.turnId })).toBe(0)
  await expect(decide({ turnId: shown?.turnId })).rejects.toMatchObject({ code: 'CORE_NOT_WAITING' })
  await world.agent.resume(RUN).result
  expect(calls).toEqual(['{"to":"prod"}'])
  await expectReplays(world)
})

test('nobody decides on a call whose time is over: neither through a handle, nor the code of the agent', async () => {
  const clock = createFakeClock()
  const { calls, deploy } = deploying({ approvalTimeoutMs: 1_000 })
  const world = createWorld([plan('deploy'), DONE], { tools: [deploy], clock })
  await world.agent.runWithId(RUN, 'Go', { onApproval: 'suspend' })
  clock.advance(1_000)
  let asked = 0
  const approve = () => {
    asked += 1
    return { decision: 'approve' } as const
  }
  const later = world.with([DONE], { approve })
  const handle = later.agent.resume(RUN)
  const early = handle.approve('a', { by: 'late' })
  await handle.result
  await expect(early).rejects.toThrow(/^call a waited for a decision until .*, and not longer$/)
  expect(asked).toBe(0)
  expect(calls).toEqual([])
  expect(resultsShown(later.provider, 0)).toEqual({ a: 'the call was denied: nobody decided in time' })
  await expectReplays(later)
})

test('what the code of an agent decides when the time is over counts no more', async () => {
  const clock = createFakeClock()
  const { calls, deploy } = deploying({ approvalTimeoutMs: 1_000 })
  const approve = () => {
    clock.advance(1_000)
    return { decision: 'approve' } as const
  }
  const world = createWorld([plan('deploy'), DONE], { tools: [deploy], clock, approve })
  await world.agent.runWithId(RUN, 'Go')
  expect(calls).toEqual([])
  expect(resultsShown(world.provider, 1)).toEqual({ a: 'the call was denied: nobody decided in time' })
})

test('while calls run, decisions and messages are kept, and the promise says when they are on record', async () => {
  const [started, end] = [gate(), gate()]
  const slow = tool('slow', async () => {
    started.open()
    await end.opened
  })
  const { calls, deploy } = deploying()
  const both = { toolCalls: [...plan('deploy').toolCalls, ...plan('slow', {}, 'b').toolCalls] }
  const world = createWorld([both, DONE], { tools: [deploy, slow] })
  const handle = world.agent.stream('Go', { runId: RUN })
  await started.opened
  handle.send('hurry')
  const decided = handle.approve('a', { by: 'ada' })
  expect(await world.payloads(KIND.UserMessageAppended)).toEqual([])
  end.open()
  await decided
  expect(await sideEffects(world)).toContainEqual({
    name: 'starling/approval',
    value: expect.objectContaining({ decision: 'approve', by: 'ada' }),
  })
  expect(await handle.result).toMatchObject({ status: 'completed' })
  expect(await world.payloads(KIND.UserMessageAppended)).toEqual([{ content: 'hurry' }])
  expect(calls).toEqual(['{}'])
  await expectReplays(world)
})
