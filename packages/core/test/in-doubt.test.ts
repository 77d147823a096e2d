import { blake3, jsonToCbor, KIND, toHex } from '@starling/event'
import type { EventLog } from '@starling/eventlog'
import type { Tool, ToolPolicy } from '@starling/tool'
import { expect, test } from 'vitest'
import { decideApprovals } from '../src/index.ts'
import type { AgentOptions, ApprovalRequest, CallPolicy } from '../src/index.ts'
import { createWorld, expectReplays, readUpdates, resultsShown, RUN, seqOf, tool, truncated } from './support/world.ts'
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
    content:
      'outcome unknown: the process ended while this call was running, and to make it again was denied: it went through',
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

const ASKS_TWICE: ToolPolicy = { approval: true, idempotent: false, inDoubt: 'ask' }

/** A run that crashed behind the schedule of its one call, and what of the calls `pay` was made with, in order. */
async function crashedWith(
  policy: ToolPolicy,
  options: Partial<AgentOptions> & { readonly args?: Record<string, unknown> },
): Promise<{ readonly world: World; readonly made: { readonly input: string; readonly key: string }[] }> {
  const { args = {}, ...rest } = options
  const made: { input: string; key: string }[] = []
  const pay = tool(
    'pay',
    (input, { idempotencyKey: key }) => void made.push({ input: JSON.stringify(input), key }),
    policy,
  )
  const first = createWorld([{ toolCalls: [{ id: 'a', name: 'pay', arguments: args }] }, { text: 'Done.' }], {
    ...rest,
    tools: [pay],
  })
  await first.agent.runWithId(RUN, 'Pay')
  const log = await truncated(first.log, await seqOf(first.log, KIND.ToolCallScheduled))
  return { world: first.with([{ text: 'Done.' }], { log, approve: undefined }), made }
}

test('a repeat shows, and is made with, the arguments that were approved before the crash', async () => {
  const approve = () => ({ decision: 'approve', input: '{"eur":10}' }) as const
  const { world, made } = await crashedWith(ASKS_TWICE, { approve, args: { eur: 1000 } })
  const handle = world.agent.resume(RUN)
  const asked: ApprovalRequest[] = []
  await readUpdates(handle, (update) => {
    if (update.type !== 'approval-requested') return
    asked.push(update)
    void handle.approve('a')
  })
  expect(asked).toMatchObject([{ input: '{"eur":10}', argsHash: toHex(blake3(jsonToCbor('{"eur":10}'))) }])
  expect(made.map(({ input }) => input)).toEqual(['{"eur":10}', '{"eur":10}'])
  expect(new Set(made.map(({ key }) => key)).size).toBe(1)
  await expectReplays(world)
})

test('a repeat with other arguments is another call: it has another idempotency key', async () => {
  const { world, made } = await crashedWith({ idempotent: false, inDoubt: 'ask' }, { args: { eur: 1 } })
  const approve = () => ({ decision: 'approve', input: '{"eur":2}' }) as const
  const later = world.with([{ text: 'Done.' }], { approve })
  await later.agent.resume(RUN).result
  expect(made.map(({ input }) => input)).toEqual(['{"eur":1}', '{"eur":2}'])
  expect(new Set(made.map(({ key }) => key)).size).toBe(2)
  await expectReplays(later)
})

test.each<{ what: string; policy: ToolPolicy; options: Partial<AgentOptions>; text: string }>([
  {
    what: 'was denied',
    policy: ASKS_TWICE,
    options: { approve: () => ({ decision: 'deny' }) },
    text: 'the call was denied',
  },
  {
    what: 'the policy denied',
    policy: { idempotent: false },
    options: { policy: { data: 'never', evaluate: () => ({ effect: 'deny', reason: 'never' }) } },
    text: 'the policy denies this call: never',
  },
])('a call that $what, and that so was never made, is not in doubt', async ({ policy, options, text }) => {
  const { world, made } = await crashedWith(policy, options)
  expect(await world.agent.resume(RUN, { onApproval: 'suspend' }).result).toMatchObject({ status: 'completed' })
  expect(resultsShown(world.provider, 0)).toEqual({ a: text })
  expect(made).toEqual([])
  await expectReplays(world)
})

test('a call whose arguments are no JSON was never made, and is not in doubt', async () => {
  const pay = tool('pay', () => 'paid', { idempotent: false, inDoubt: 'ask' })
  const turns = [{ toolCalls: [{ id: 'a', name: 'pay', arguments: '{"eur":' }] }, { text: 'Done.' }]
  const first = createWorld(turns, { tools: [pay] })
  await first.agent.runWithId(RUN, 'Pay')
  const log = await truncated(first.log, await seqOf(first.log, KIND.ToolCallScheduled))
  const world = first.with([{ text: 'Done.' }], { log })
  expect(await world.agent.resume(RUN, { onApproval: 'suspend' }).result).toMatchObject({ status: 'completed' })
  expect(resultsShown(world.provider, 0)['a']).toMatch(/^the arguments are not valid JSON/)
  await expectReplays(world)
})

test('what someone answers for one call in doubt is not given before the others are decided', async () => {
  const pay = tool('pay', () => 'paid', { idempotent: false, inDoubt: 'ask' })
  const both = {
    toolCalls: [
      { id: 'a', name: 'pay', arguments: {} },
      { id: 'b', name: 'pay', arguments: {} },
    ],
  }
  const first = createWorld([both, { text: 'Done.' }], { tools: [pay] })
  await first.agent.runWithId(RUN, 'Pay')
  const log = await truncated(first.log, await seqOf(first.log, KIND.ToolCallScheduled, 2))
  const world = first.with([{ text: 'Done.' }], { log })
  await world.agent.resume(RUN, { onApproval: 'suspend' }).result
  await decideApprovals(log, { runId: RUN, decisions: [{ callId: 'b', decision: 'answer', result: '1' }] })
  const waiting = await world.agent.resume(RUN, { onApproval: 'suspend' }).result
  expect(waiting).toMatchObject({ status: 'suspended', waiting: [{ callId: 'a' }] })
  expect(await world.payloads(KIND.ToolCallScheduled)).toHaveLength(2)
  await decideApprovals(log, { runId: RUN, decisions: [{ callId: 'a', decision: 'deny' }] })
  await world.agent.resume(RUN).result
  expect(resultsShown(world.provider, 0)).toEqual({
    a: 'outcome unknown: the process ended while this call was running, and to make it again was denied',
    b: '1',
  })
  await expectReplays(world)
})

test('the replay tells a call that is made again from one of the same tool that is made for the first time', async () => {
  const pay = tool('pay', () => 'paid', { approval: true })
  const log = await crashedAmong(pay)
  await decideApprovals(log, { runId: RUN, decisions: [{ callId: 'a', decision: 'approve' }] })
  const world = createWorld([{ text: 'Done.' }], { tools: [pay], policy: NO_13, log })
  expect(await world.agent.resume(RUN).result).toMatchObject({ status: 'completed' })
  expect(resultsShown(world.provider, 0)).toEqual({ a: '"paid"', b: 'the policy denies this call' })
  await expectReplays(world)
})

const NO_13: CallPolicy = { data: 13, evaluate: ({ input }) => ({ effect: input.includes('13') ? 'deny' : 'allow' }) }

/** The log of a run in which the first call waits, and the process died behind the schedule of the second. */
async function crashedAmong(pay: Tool): Promise<EventLog> {
  const toolCalls = [
    { id: 'a', name: 'pay', arguments: { eur: 1 } },
    { id: 'b', name: 'pay', arguments: { eur: 13 } },
  ]
  const first = createWorld([{ toolCalls }], { tools: [pay], policy: NO_13 })
  await first.agent.runWithId(RUN, 'Pay', { onApproval: 'suspend' })
  return truncated(first.log, await seqOf(first.log, KIND.ToolCallScheduled))
}
