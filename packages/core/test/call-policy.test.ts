import { decodeValue, KIND } from '@starling/event'
import { currentCall } from '@starling/step'
import { expect, test } from 'vitest'
import { decideApprovals } from '../src/index.ts'
import type { AgentOptions, CallPolicy, CallVerdict } from '../src/index.ts'
import {
  createWorld,
  expectDiverged,
  expectReplays,
  readUpdates,
  resultsShown,
  RUN,
  seqOf,
  tool,
  truncated,
} from './support/world.ts'

/** A policy over the names of tools, which remembers what it was asked. */
function byTool(verdicts: Readonly<Record<string, CallVerdict>>): CallPolicy {
  return { data: verdicts, evaluate: ({ tool: name }) => verdicts[name] ?? { effect: 'allow' } }
}

const PLAN = {
  toolCalls: [
    { id: 'a', name: 'read', arguments: {} },
    { id: 'b', name: 'write', arguments: { to: 'x' } },
    { id: 'c', name: 'drop', arguments: {} },
  ],
}
const TURNS = [PLAN, { text: 'Done.' }]

const POLICY = byTool({
  write: { effect: 'ask', reason: 'writes are looked at' },
  drop: { effect: 'deny', reason: 'never in production' },
})

function tools(calls: string[]): Pick<AgentOptions, 'tools'> {
  const named = (name: string) => tool(name, (input) => void calls.push(`${name} ${JSON.stringify(input)}`))
  return { tools: ['read', 'write', 'drop'].map(named) }
}

test('a policy lets calls through, asks about them or denies them, and says why', async () => {
  const calls: string[] = []
  const world = createWorld(TURNS, { ...tools(calls), policy: POLICY })
  const handle = world.agent.stream('Go', { runId: RUN })
  const updates = await readUpdates(handle, (update) => {
    if (update.type === 'approval-requested') void handle.approve(update.callId)
  })
  expect(updates.filter(({ type }) => type === 'approval-requested')).toMatchObject([
    { callId: 'b', reason: 'policy', because: 'writes are looked at' },
  ])
  expect(calls).toEqual(['read {}', 'write {"to":"x"}'])
  expect(resultsShown(world.provider, 1)).toMatchObject({ c: 'the policy denies this call: never in production' })
  await expectReplays(world)
})

test('of the tool and the policy the more restrictive counts', async () => {
  const deploy = tool('deploy', () => 1, { approval: true })
  const turns = [{ toolCalls: [{ id: 'a', name: 'deploy', arguments: {} }] }, { text: 'Done.' }]
  const denied = createWorld(turns, { tools: [deploy], policy: byTool({ deploy: { effect: 'deny' } }) })
  const updates = await readUpdates(denied.agent.stream('Go', { runId: RUN }))
  expect(updates.some(({ type }) => type === 'approval-requested')).toBe(false)
  expect(resultsShown(denied.provider, 1)).toEqual({ a: 'the policy denies this call' })
  const allowed = createWorld(turns, { tools: [deploy], policy: byTool({}) })
  expect(await allowed.agent.runWithId(RUN, 'Go', { onApproval: 'suspend' })).toMatchObject({ status: 'suspended' })
})

test('arguments that someone puts in place of others are judged as well', async () => {
  const calls: string[] = []
  const policy: CallPolicy = {
    data: 1,
    evaluate: ({ tool: name, input }) =>
      name !== 'write' ? { effect: 'allow' } : { effect: input.includes('prod') ? 'deny' : 'ask' },
  }
  const world = createWorld(TURNS, { ...tools(calls), policy })
  const handle = world.agent.stream('Go', { runId: RUN })
  await readUpdates(handle, (update) => {
    if (update.type === 'approval-requested') void handle.approve(update.callId, { input: '{"to":"prod"}' })
  })
  expect(calls).toEqual(['read {}', 'drop {}'])
  expect(resultsShown(world.provider, 1)).toMatchObject({ b: 'the policy denies this call' })
  await expectReplays(world)
})

test('the policy is recorded and hashed at the start, and another one is a mismatch that is named', async () => {
  const world = createWorld(TURNS, { ...tools([]), policy: POLICY })
  await world.agent.runWithId(RUN, 'Go')
  const [start] = await world.payloads(KIND.RunStarted)
  expect(decodeValue(start?.policy ?? new Uint8Array())).toEqual(POLICY.data)
  expect(start?.policyHash).toHaveLength(32)
  for (const policy of [undefined, byTool({ drop: { effect: 'deny' } })]) {
    const other = createWorld(TURNS, { ...tools([]), policy, log: await truncated(world.log, 3) })
    await expect(other.agent.resume(RUN).result).rejects.toMatchObject({
      code: 'CORE_AGENT_MISMATCH',
      message: expect.stringContaining('another agent: the policy;'),
    })
    const report = await expectDiverged(createWorld(TURNS, { ...tools([]), policy, log: world.log }))
    expect(report.divergences[0]?.message).toContain('the policy')
  }
})

test('a replay under other rules says which rule differs, and how', async () => {
  const world = createWorld(TURNS, { ...tools([]), policy: POLICY })
  await world.agent.runWithId(RUN, 'Go')
  const other = world.with([], { policy: byTool({ write: { effect: 'ask', reason: 'writes are looked at' } }) })
  const { divergences } = await expectDiverged(other)
  expect(divergences[0]?.message).toMatch(/differs at policy\.drop: recorded \{"effect":"deny".*, produced nothing/)
})

test('calls that tools make themselves are judged, and nobody is asked there', async () => {
  const outcomes: string[] = []
  const inner = ['read', 'write', 'drop'].map((name) => tool(name, () => `${name} done`))
  const outer = tool('outer', async () => {
    for (const { name } of inner) {
      const called = currentCall()?.callTool({ tool: name })
      outcomes.push(await Promise.resolve(called).then(String, (error: Error) => error.message))
    }
  })
  const world = createWorld([{ toolCalls: [{ id: 'a', name: 'outer', arguments: {} }] }, { text: 'Done.' }], {
    tools: [outer, ...inner],
    policy: POLICY,
  })
  await world.agent.runWithId(RUN, 'Go')
  expect(outcomes).toEqual([
    '"read done"',
    'tool write cannot be called here: it needs an approval, so no other tool can call it: writes are looked at',
    'tool drop cannot be called here: the policy denies this call: never in production',
  ])
  await expectReplays(world)
})

test.each([
  [
    'throws',
    () => {
      throw new Error('no rules')
    },
    'the policy denies this call: the policy failed: no rules',
  ],
  [
    'says something else',
    () => JSON.parse('{"effect":"maybe"}'),
    'the policy denies this call: the policy gave no verdict',
  ],
])('a policy that %s lets nothing through', async (_how, evaluate, text) => {
  const calls: string[] = []
  const world = createWorld(TURNS, { ...tools(calls), policy: { data: 1, evaluate } })
  await world.agent.runWithId(RUN, 'Go')
  expect(calls).toEqual([])
  expect(resultsShown(world.provider, 1)).toMatchObject({ a: text })
  await expectReplays(world)
})

test.each([
  [{ policy: {} }, 'policy cannot evaluate calls'],
  [{ policy: { data: () => 1, evaluate: () => ({ effect: 'allow' }) } }, 'the data of policy cannot be recorded'],
  [{ policy: POLICY, profile: 'reference' }, 'policy has no place in the log of the profile reference'],
  [{ approvalTimeoutMs: -1 }, 'approvalTimeoutMs is -1, expected a whole number of 0 or more'],
])('%j is refused', (options, message) => {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as a JavaScript caller may pass them
  expect(() => createWorld(TURNS, options as Partial<AgentOptions>)).toThrow(message)
})

test('what the policy denies is not made by a resume either, after a crash behind its schedule', async () => {
  const calls: string[] = []
  const turns = [{ toolCalls: [{ id: 'c', name: 'drop', arguments: {} }] }, { text: 'Done.' }]
  const world = createWorld(turns, { ...tools(calls), policy: POLICY })
  await world.agent.runWithId(RUN, 'Go')
  const log = await truncated(world.log, await seqOf(world.log, KIND.ToolCallScheduled))
  const later = world.with([{ text: 'Done.' }], { log })
  expect(await later.agent.resume(RUN).result).toMatchObject({ status: 'completed' })
  expect(calls).toEqual([])
  expect(resultsShown(later.provider, 0)).toEqual({ c: 'the policy denies this call: never in production' })
  await expectReplays(later)
})

test('arguments that someone put in place of others, and that the policy denies, are not called with by a resume', async () => {
  const calls: string[] = []
  const policy: CallPolicy = { data: 1, evaluate: ({ input }) => ({ effect: input.includes('prod') ? 'deny' : 'ask' }) }
  const approve = () => ({ decision: 'approve', input: '{"to":"prod"}' }) as const
  const turns = [{ toolCalls: [{ id: 'b', name: 'write', arguments: { to: 'test' } }] }, { text: 'Done.' }]
  const world = createWorld(turns, { ...tools(calls), policy, approve })
  await world.agent.runWithId(RUN, 'Go')
  const log = await truncated(world.log, await seqOf(world.log, KIND.ToolCallScheduled))
  const later = world.with([{ text: 'Done.' }], { log })
  expect(await later.agent.resume(RUN).result).toMatchObject({ status: 'completed' })
  expect(calls).toEqual([])
  expect(resultsShown(later.provider, 0)).toEqual({ b: 'the policy denies this call' })
  await expectReplays(later)
})

test('a call that has asked waits for its answer, also when its tool asks no more', async () => {
  const calls: string[] = []
  const named = (approval: boolean) => tool('deploy', (input) => void calls.push(JSON.stringify(input)), { approval })
  const turns = [{ toolCalls: [{ id: 'a', name: 'deploy', arguments: {} }] }, { text: 'Done.' }]
  const world = createWorld(turns, { tools: [named(true)] })
  await world.agent.runWithId(RUN, 'Go', { onApproval: 'suspend' })
  const later = world.with([{ text: 'Done.' }], { tools: [named(false)] })
  const waiting = await later.agent.resume(RUN, { onApproval: 'suspend' }).result
  expect(waiting).toMatchObject({ status: 'suspended', waiting: [{ callId: 'a', reason: 'policy' }] })
  expect(await later.agent.resume(RUN, { onApproval: 'deny' }).result).toMatchObject({ status: 'completed' })
  expect(calls).toEqual([])
})

test('a call that was cut off unasked is asked about when its tool has come to ask', async () => {
  const calls: string[] = []
  const named = (approval: boolean) => tool('deploy', (input) => void calls.push(JSON.stringify(input)), { approval })
  const turns = [{ toolCalls: [{ id: 'a', name: 'deploy', arguments: {} }] }, { text: 'Done.' }]
  const world = createWorld(turns, { tools: [named(false)] })
  await world.agent.runWithId(RUN, 'Go')
  calls.length = 0
  const log = await truncated(world.log, await seqOf(world.log, KIND.ToolCallScheduled))
  const later = world.with([{ text: 'Done.' }], { tools: [named(true)], log })
  const result = await later.agent.resume(RUN, { onApproval: 'suspend' }).result
  expect(result).toMatchObject({ status: 'suspended', waiting: [{ callId: 'a', reason: 'policy' }] })
  expect(calls).toEqual([])
  await decideApprovals(log, { runId: RUN, decisions: [{ callId: 'a', decision: 'approve' }] })
  expect(await later.agent.resume(RUN).result).toMatchObject({ status: 'completed' })
  expect(calls).toEqual(['{}'])
})
