import { KIND } from '@starling/event'
import type { ToolPolicy } from '@starling/tool'
import { expect, test } from 'vitest'
import type { ApprovalRequest } from '../src/index.ts'
import { createWorld, expectReplays, readUpdates, RUN, tool, truncated } from './support/world.ts'
import type { World } from './support/world.ts'

const TURNS = [{ toolCalls: [{ id: 'c1', name: 'pay' }] }, { text: 'Done.' }]
const UNKNOWN = 'outcome unknown: the process ended while this call was running, and it is not safe to repeat'

/** A world over a run that crashed while its one call, of a tool with this policy, was under way. */
async function crashed(policy: ToolPolicy): Promise<World & { readonly payments: readonly string[] }> {
  const payments: string[] = []
  const tools = [
    tool(
      'pay',
      (_input, { callId }) => {
        payments.push(callId)
        return 'paid'
      },
      policy,
    ),
  ]
  const first = createWorld(TURNS, { tools, approve: () => ({ decision: 'approve' }) })
  await first.agent.runWithId(RUN, 'Pay')
  const scheduled = (await first.log.read(RUN)).find(({ kind }) => kind === KIND.ToolCallScheduled)
  payments.length = 0
  const log = await truncated(first.log, scheduled?.seq ?? 0)
  return { ...createWorld([{ text: 'Done.' }], { tools, log }), payments }
}

test('a call that may be repeated is made again after a crash, under a fresh id that names the planned one', async () => {
  const world = await crashed({})
  expect(await world.agent.resume(RUN).result).toMatchObject({ status: 'completed' })
  const [, again] = await world.payloads(KIND.ToolCallScheduled)
  expect(again).toMatchObject({ reissueOf: 'c1', attempt: 1 })
  expect(world.payments).toEqual([again?.callId])
  expect(world.provider.requests[0]?.messages.at(-1)).toMatchObject({ callId: 'c1', content: '"paid"' })
  await expectReplays(world)
})

test('a call that must not be repeated is reported as of unknown outcome', async () => {
  const world = await crashed({ idempotent: false })
  expect(await world.agent.resume(RUN).result).toMatchObject({ status: 'completed' })
  expect(world.payments).toEqual([])
  expect(world.provider.requests[0]?.messages.at(-1)).toEqual({
    role: 'tool',
    callId: 'c1',
    content: UNKNOWN,
    isError: true,
  })
  await expectReplays(world)
})

test('with inDoubt fail the run ends', async () => {
  const world = await crashed({ idempotent: false, inDoubt: 'fail' })
  expect(await world.agent.resume(RUN).result).toMatchObject({ status: 'failed', error: { type: 'tool' } })
  expect(world.payments).toEqual([])
  expect(world.provider.requests).toHaveLength(0)
  await expectReplays(world)
})

test('with inDoubt ask the call is repeated once somebody approves', async () => {
  const world = await crashed({ idempotent: false, inDoubt: 'ask' })
  const handle = world.agent.resume(RUN)
  const updates = await readUpdates(handle, (update) => {
    if (update.type === 'approval-requested') void handle.approve(update.callId)
  })
  expect(updates.filter(({ type }) => type === 'approval-requested')).toMatchObject([
    { callId: 'c1', tool: 'pay', reason: 'in_doubt' },
  ])
  expect(world.payments).toHaveLength(1)
  await expectReplays(world)
})

test('with inDoubt ask the call is not repeated when somebody denies', async () => {
  const world = await crashed({ idempotent: false, inDoubt: 'ask' })
  const handle = world.agent.resume(RUN)
  await readUpdates(handle, (update) => {
    if (update.type === 'approval-requested') void handle.deny(update.callId, 'it went through')
  })
  expect(world.payments).toEqual([])
  expect(world.provider.requests[0]?.messages.at(-1)).toMatchObject({
    content: 'the call was denied: it went through',
    isError: true,
  })
  await expectReplays(world)
})

test('an approval from before the crash does not allow a call in doubt to be repeated', async () => {
  const world = await crashed({ idempotent: false, approval: true })
  await world.agent.resume(RUN).result
  expect(world.payments).toEqual([])
  expect(world.provider.requests[0]?.messages.at(-1)).toMatchObject({ content: UNKNOWN })
  await expectReplays(world)
})

test('a call in doubt that had been approved before the crash is asked about again', async () => {
  const world = await crashed({ idempotent: false, approval: true, inDoubt: 'ask' })
  const requests: ApprovalRequest[] = []
  const handle = world.agent.resume(RUN)
  await readUpdates(handle, (update) => {
    if (update.type !== 'approval-requested') return
    requests.push(update)
    void handle.deny(update.callId)
  })
  expect(requests).toMatchObject([{ reason: 'in_doubt' }])
  expect(world.payments).toEqual([])
  await expectReplays(world)
})

test('an approved call that may be repeated is made again without asking again', async () => {
  const world = await crashed({ approval: true })
  await world.agent.resume(RUN).result
  expect(world.payments).toHaveLength(1)
  await expectReplays(world)
})

test('a crash after the second decision asks about the third attempt again', async () => {
  const world = await crashed({ idempotent: false, inDoubt: 'ask' })
  const handle = world.agent.resume(RUN)
  void handle.approve('c1')
  await handle.result
  const scheduled = (await world.log.read(RUN)).findLast(({ kind }) => kind === KIND.ToolCallScheduled)
  const again = world.with([{ text: 'Done.' }], { log: await truncated(world.log, scheduled?.seq ?? 0) })
  const second = again.agent.resume(RUN)
  const updates = await readUpdates(second, (update) => {
    if (update.type === 'approval-requested') void second.deny(update.callId)
  })
  expect(updates.filter(({ type }) => type === 'approval-requested')).toHaveLength(1)
  await expectReplays(again)
})
