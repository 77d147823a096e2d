import { blake3, jsonToCbor, KIND } from '@starling/event'
import { expect, test } from 'vitest'
import type { ApprovalDecision, ApprovalRequest } from '../src/index.ts'
import { createWorld, expectReplays, gate, readUpdates, RUN, sideEffects, tool } from './support/world.ts'

const CALL = { toolCalls: [{ id: 'c1', name: 'deploy', arguments: { to: 'prod' } }] }

function deploying() {
  const calls: string[] = []
  const deploy = tool(
    'deploy',
    (_input, { callId }) => {
      calls.push(callId)
      return 'deployed'
    },
    { approval: true },
  )
  return { calls, deploy }
}

test('a call that needs approval asks with its arguments, and runs once it is approved', async () => {
  const { calls, deploy } = deploying()
  const world = createWorld([CALL, { text: 'Done.' }], { tools: [deploy] })
  const handle = world.agent.stream('Ship it', { runId: RUN })
  const updates = await readUpdates(handle, (update) => {
    if (update.type !== 'approval-requested') return
    expect(calls).toEqual([])
    void handle.approve(update.callId, { by: 'ada' })
  })
  expect(updates.filter(({ type }) => type === 'approval-requested')).toMatchObject([
    { runId: RUN, callId: 'c1', tool: 'deploy', input: '{"to":"prod"}', reason: 'policy' },
  ])
  expect(calls).toEqual(['c1'])
  const hash = blake3(jsonToCbor('{"to":"prod"}'))
  expect(await sideEffects(world)).toEqual([
    { name: 'starling/approval-request', value: { reason: 'policy', args_hash: hash } },
    { name: 'starling/approval', value: { decision: 'approve', by: 'ada', args_hash: hash } },
  ])
  await expectReplays(world)
})

test('a call that is denied does not run, and the model is told why', async () => {
  const { calls, deploy } = deploying()
  const world = createWorld([CALL, { text: 'Then not.' }], { tools: [deploy] })
  const handle = world.agent.stream('Ship it', { runId: RUN })
  await readUpdates(handle, (update) => {
    if (update.type === 'approval-requested') void handle.deny(update.callId, 'not on a Friday')
  })
  expect(calls).toEqual([])
  expect(await world.payloads(KIND.ToolCallFailed)).toMatchObject([
    { error: 'the call was denied: not on a Friday', errorType: 'denied', final: true },
  ])
  expect(await handle.result).toMatchObject({ status: 'completed' })
  await expectReplays(world)
})

test('without anyone to ask, a call is denied', async () => {
  const { calls, deploy } = deploying()
  const world = createWorld([CALL, { text: 'Then not.' }], { tools: [deploy] })
  expect(await world.agent.runWithId(RUN, 'Ship it')).toMatchObject({ status: 'completed' })
  expect(calls).toEqual([])
  expect(world.provider.requests[1]?.messages.at(-1)).toMatchObject({
    content: 'the call was denied: nobody was there to approve it',
  })
  await expectReplays(world)
})

test('a decision that comes before its call is asked for waits for it', async () => {
  const { calls, deploy } = deploying()
  const world = createWorld([CALL, { text: 'Done.' }], { tools: [deploy] })
  const handle = world.agent.stream('Ship it', { runId: RUN })
  void handle.approve('c1')
  const updates = await readUpdates(handle)
  expect(updates.some(({ type }) => type === 'approval-requested')).toBe(false)
  expect(calls).toEqual(['c1'])
})

test('a call is decided once', async () => {
  const { deploy } = deploying()
  const world = createWorld([CALL, { text: 'Done.' }], { tools: [deploy] })
  const handle = world.agent.stream('Ship it', { runId: RUN })
  void handle.approve('c1')
  expect(() => handle.deny('c1')).toThrow(expect.objectContaining({ code: 'CORE_DECIDED' }))
  await handle.result
  expect(() => handle.deny('c1')).toThrow('call c1 has been approved already')
  await handle.approve('c1') // says the same again
})

test('a decision after the end of the run is refused', async () => {
  const world = createWorld([{ text: 'Done.' }])
  const handle = world.agent.stream('Ship it', { runId: RUN })
  await handle.result
  for (const decide of [() => handle.approve('c1'), () => handle.deny('c1')]) {
    expect(decide).toThrow(expect.objectContaining({ code: 'CORE_RUN_ENDED' }))
  }
})

test('a cancellation ends the wait for a decision', async () => {
  const { calls, deploy } = deploying()
  const world = createWorld([CALL], { tools: [deploy] })
  const handle = world.agent.stream('Ship it', { runId: RUN })
  await readUpdates(handle, (update) => {
    if (update.type === 'approval-requested') handle.cancel('never mind')
  })
  expect(await handle.result).toMatchObject({ status: 'cancelled', error: { message: 'never mind' } })
  expect(calls).toEqual([])
  await expectReplays(world)
})

test('a message that comes while a call waits is recorded at once, asks nobody again, and follows the results', async () => {
  const { deploy } = deploying()
  const world = createWorld([CALL, { text: 'Done.' }], { tools: [deploy] })
  const handle = world.agent.stream('Ship it', { runId: RUN })
  const updates = await readUpdates(handle, (update) => {
    if (update.type === 'approval-requested') handle.send('and tell Bob')
    if (update.type === 'event' && update.event.kind === KIND.UserMessageAppended) void handle.approve('c1')
  })
  expect(updates.filter(({ type }) => type === 'approval-requested')).toHaveLength(1)
  expect(world.provider.requests[1]?.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'user'])
  await expectReplays(world)
})

test('everything before a wait is durable and shown: nothing stays staged', async () => {
  const { deploy } = deploying()
  const world = createWorld([{ toolCalls: [{ id: 'c0', name: 'look' }] }, CALL, { text: 'Done.' }], {
    tools: [deploy, tool('look', () => 'fine')],
  })
  const handle = world.agent.stream('Ship it', { runId: RUN })
  const seen: string[] = []
  await readUpdates(handle, (update) => {
    seen.push(update.type)
    if (update.type !== 'approval-requested') return
    expect(seen).toContain('tool-ended')
    void handle.approve('c1')
  })
  expect(seen.at(-1)).toBe('done')
})

test('of several calls in one answer each waits for its own decision', async () => {
  const { calls, deploy } = deploying()
  const world = createWorld(
    [
      {
        toolCalls: [
          { id: 'a', name: 'deploy' },
          { id: 'b', name: 'deploy' },
        ],
      },
      { text: 'Done.' },
    ],
    { tools: [deploy] },
  )
  const handle = world.agent.stream('Ship it', { runId: RUN })
  await readUpdates(handle, (update) => {
    if (update.type !== 'approval-requested') return
    if (update.callId === 'a') void handle.deny('a')
    else void handle.approve('b')
  })
  expect(calls).toEqual(['b'])
  expect(world.provider.requests[1]?.messages.slice(2)).toMatchObject([
    { callId: 'a', content: 'the call was denied', isError: true },
    { callId: 'b', content: '"deployed"', isError: false },
  ])
  await expectReplays(world)
})

test('a callback decides, given the request', async () => {
  const { calls, deploy } = deploying()
  const requests: ApprovalRequest[] = []
  const approve = async (request: ApprovalRequest): Promise<ApprovalDecision> => {
    requests.push(request)
    return { decision: 'approve', by: 'policy' }
  }
  const world = createWorld([CALL, { text: 'Done.' }], { tools: [deploy], approve })
  await world.agent.runWithId(RUN, 'Ship it')
  expect(requests).toMatchObject([{ runId: RUN, callId: 'c1', tool: 'deploy', reason: 'policy' }])
  expect(calls).toEqual(['c1'])
  await expectReplays(world)
})

test.each([
  ['rejects', () => Promise.reject(new Error('pager is down')), 'the approval failed: pager is down'],
  [
    'throws',
    () => {
      throw new Error('no quorum')
    },
    'the approval failed: no quorum',
  ],
])('a callback that %s denies the call with its reason', async (_how, approve, reason) => {
  const { calls, deploy } = deploying()
  const world = createWorld([CALL, { text: 'Then not.' }], { tools: [deploy], approve })
  expect(await world.agent.runWithId(RUN, 'Ship it')).toMatchObject({ status: 'completed' })
  expect(calls).toEqual([])
  expect(world.provider.requests[1]?.messages.at(-1)).toMatchObject({ content: `the call was denied: ${reason}` })
  await expectReplays(world)
})

test('a callback that answers with something else than a decision denies', async () => {
  const { calls, deploy } = deploying()
  const approve = (): ApprovalDecision => JSON.parse('{"decision":"maybe","reason":7}')
  const world = createWorld([CALL, { text: 'Then not.' }], { tools: [deploy], approve })
  await world.agent.runWithId(RUN, 'Ship it')
  expect(calls).toEqual([])
  expect((await sideEffects(world))[1]).toMatchObject({ name: 'starling/approval', value: { decision: 'deny' } })
  await expectReplays(world)
})

test('a cancellation is noticed while a callback is pending', async () => {
  const { calls, deploy } = deploying()
  const asked = gate()
  const approve = (): Promise<ApprovalDecision> => {
    asked.open()
    return new Promise(() => undefined)
  }
  const world = createWorld([CALL], { tools: [deploy], approve })
  const controller = new AbortController()
  const running = world.agent.runWithId(RUN, 'Ship it', { signal: controller.signal })
  await asked.opened
  controller.abort('gone home')
  expect(await running).toMatchObject({ status: 'cancelled', error: { message: 'gone home' } })
  expect(calls).toEqual([])
  await expectReplays(world)
})

test('a message is noticed while a callback is pending, which is asked once', async () => {
  const { deploy } = deploying()
  const answered = gate()
  let asked = 0
  const approve = async (): Promise<ApprovalDecision> => {
    asked += 1
    await answered.opened
    return { decision: 'approve' }
  }
  const world = createWorld([CALL, { text: 'Done.' }], { tools: [deploy], approve })
  const handle = world.agent.stream('Ship it', { runId: RUN })
  await readUpdates(handle, (update) => {
    if (update.type === 'approval-requested') handle.send('hurry')
    if (update.type === 'event' && update.event.kind === KIND.UserMessageAppended) answered.open()
  })
  expect(asked).toBe(1)
  expect(await world.payloads(KIND.UserMessageAppended)).toEqual([{ content: 'hurry' }])
  await expectReplays(world)
})

test('through a handle a person may decide before the callback does', async () => {
  const { calls, deploy } = deploying()
  const world = createWorld([CALL, { text: 'Done.' }], { tools: [deploy], approve: () => new Promise(() => undefined) })
  const handle = world.agent.stream('Ship it', { runId: RUN })
  await readUpdates(handle, (update) => {
    if (update.type === 'approval-requested') void handle.approve('c1')
  })
  expect(calls).toEqual(['c1'])
})
