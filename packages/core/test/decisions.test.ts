import { blake3, cborToJson, decodeEnvelope, fromBase64, jsonToCbor, KIND, toHex } from '@starling/event'
import { createMemoryEventLog } from '@starling/eventlog/memory'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { decideApprovals, listApprovals, readApprovals } from '../src/index.ts'
import type { AgentOptions, ApprovalRequest, CallDecision, RunHandle } from '../src/index.ts'
import { createFakeClock } from './support/fake-clock.ts'
import {
  createWorld,
  expectMatch,
  expectReplays,
  gate,
  readUpdates,
  resultsShown,
  RUN,
  sideEffects,
  tool,
  truncated,
} from './support/world.ts'
import type { World } from './support/world.ts'

const PLAN = {
  toolCalls: [
    { id: 'a', name: 'deploy', arguments: { to: 'prod' } },
    { id: 'b', name: 'look', arguments: {} },
    { id: 'c', name: 'deploy', arguments: { to: 'test' } },
  ],
}
const DONE = { text: 'Done.' }

interface Site {
  /** What was called with what, in order. */
  readonly calls: string[]
  readonly options: Pick<AgentOptions, 'tools'>
}

/** Two tools, one of which asks first. */
function site(): Site {
  const calls: string[] = []
  const named = (name: string, approval: boolean) =>
    tool(name, (input) => void calls.push(`${name} ${JSON.stringify(input)}`), { approval })
  return { calls, options: { tools: [named('deploy', true), named('look', false)] } }
}

/** Ends a run that stands still, and collects what it asks. */
async function suspended(world: World): Promise<readonly ApprovalRequest[]> {
  const result = await world.agent.runWithId(RUN, 'Ship it', { onApproval: 'suspend' })
  expect(result).toMatchObject({ status: 'suspended', merkleRoot: new Uint8Array(0) })
  return result.waiting ?? []
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

/** Reads a run, calling `on` with every call that asks. */
function deciding(handle: RunHandle, on: (request: ApprovalRequest) => void): Promise<unknown> {
  return readUpdates(handle, (update) => {
    if (update.type === 'approval-requested') on(update)
  })
}

test('all calls that need one ask at once, the others are made meanwhile, and those decided run in plan order', async () => {
  const { calls, options } = site()
  const world = createWorld([PLAN, DONE], options)
  const handle = world.agent.stream('Ship it', { runId: RUN })
  const asked: string[] = []
  await readUpdates(handle, (update) => {
    if (update.type === 'approval-requested') asked.push(update.callId)
    // The free call has its result before anyone decides, and the last in the plan is decided first.
    if (update.type !== 'tool-ended' || update.callId !== 'b') return
    expect(asked).toEqual(['a', 'c'])
    void handle.approve('c')
    void handle.approve('a')
  })
  expect(calls).toEqual(['look {}', 'deploy {"to":"prod"}', 'deploy {"to":"test"}'])
  const order = (await world.payloads(KIND.ToolCallScheduled)).map(({ callId }) => callId)
  expect(order).toEqual(['b', 'a', 'c'])
  await expectReplays(world)
})

test('every decision is on record before a call that asked is scheduled', async () => {
  const { options } = site()
  const world = createWorld([PLAN, DONE], options)
  const handle = world.agent.stream('Ship it', { runId: RUN })
  await deciding(handle, ({ callId }) => void handle.approve(callId))
  const events = await world.log.read(RUN)
  const lastDecision = events.findLast(({ kind }) => kind === KIND.SideEffectRecorded)?.seq ?? 0
  const scheduled = await world.payloads(KIND.ToolCallScheduled)
  const firstAsked = scheduled.findIndex(({ tool: name }) => name === 'deploy')
  const seqs = events.flatMap(({ kind, seq }) => (kind === KIND.ToolCallScheduled ? [seq] : []))
  expect(seqs[firstAsked]).toBeGreaterThan(lastDecision)
})

test('decisions in bulk are taken all or none, and are durable when the promise says so', async () => {
  const { options } = site()
  const world = createWorld([PLAN, DONE], options)
  const handle = world.agent.stream('Ship it', { runId: RUN })
  const durable: Promise<void>[] = []
  let asked = 0
  await deciding(handle, () => {
    asked += 1
    if (asked < 2) return
    const bad: CallDecision = { callId: 'a', decision: 'answer', result: '{' }
    expect(() => handle.decide([{ callId: 'c', decision: 'deny' }, bad])).toThrow(
      'the result of a decision is not JSON',
    )
    const decided = handle.decide([
      { callId: 'c', decision: 'deny', reason: 'not that one', by: 'ada' },
      { callId: 'a', decision: 'approve', by: 'ada' },
    ])
    durable.push(
      decided.then(async () => {
        const recorded = await sideEffects(world)
        expect(recorded.filter(({ name }) => name === 'starling/approval')).toHaveLength(2)
      }),
    )
    expect(() =>
      handle.decide([
        { callId: 'b', decision: 'deny' },
        { callId: 'c', decision: 'approve' },
      ]),
    ).toThrow('call c has been denied by ada already')
  })
  expect(durable).toHaveLength(1)
  await Promise.all(durable)
  expect(resultsShown(world.provider, 1)).toMatchObject({
    a: 'null',
    b: 'null',
    c: 'the call was denied: not that one',
  })
  await expectReplays(world)
})

test('the second, conflicting decision is refused to whoever sends it, and the run goes on', async () => {
  const { calls, options } = site()
  const world = createWorld([PLAN, DONE], options)
  const handle = world.agent.stream('Ship it', { runId: RUN })
  await deciding(handle, ({ callId }) => {
    void handle.approve(callId, { by: 'ada' })
    expect(() => handle.deny(callId, 'no', { by: 'bob' })).toThrow(
      expect.objectContaining({ code: 'CORE_DECIDED', message: `call ${callId} has been approved by ada already` }),
    )
    expect(() => handle.approve(callId, { input: '{"to":"moon"}' })).toThrow(/approved by ada already/)
    void handle.approve(callId, { by: 'eve' }) // the same once more is no conflict
  })
  expect(await handle.result).toMatchObject({ status: 'completed' })
  expect(calls).toHaveLength(3)
  expect((await sideEffects(world)).filter(({ name }) => name === 'starling/approval')).toHaveLength(2)
  await expectReplays(world)
})

test('arguments can be put in the place of those that the model gave, and are what is hashed, scheduled and called', async () => {
  const { calls, options } = site()
  const world = createWorld([PLAN, DONE], options)
  const handle = world.agent.stream('Ship it', { runId: RUN })
  await deciding(handle, ({ callId }) => {
    if (callId === 'c') return void handle.deny('c')
    expect(() => handle.approve('a', { input: '{"to":' })).toThrow('the input of a decision is not JSON')
    void handle.approve('a', { by: 'ada', input: ' {"to": "staging"} ' })
  })
  expect(calls).toEqual(['look {}', 'deploy {"to":"staging"}'])
  const scheduled = await world.payloads(KIND.ToolCallScheduled)
  expect(scheduled.map(({ callId, args }) => [callId, cborToJson(args)])).toContainEqual(['a', '{"to":"staging"}'])
  const decision = (await sideEffects(world)).find(({ value }) => Reflect.get(Object(value), 'decision') === 'approve')
  expect(decision?.value).toEqual({
    decision: 'approve',
    by: 'ada',
    input: '{"to":"staging"}',
    args_hash: blake3(jsonToCbor('{"to":"staging"}')),
  })
  await expectReplays(world)
})

test("a result given in the tool's stead reaches the model, and the tool is not called", async () => {
  const { calls, options } = site()
  const world = createWorld([PLAN, DONE], options)
  const handle = world.agent.stream('Ship it', { runId: RUN })
  await deciding(handle, ({ callId }) => {
    void handle.decide([{ callId, decision: 'answer', result: `{ "by hand": "${callId}" }`, by: 'ada' }])
  })
  expect(calls).toEqual(['look {}'])
  expect(resultsShown(world.provider, 1)).toMatchObject({ a: '{"by hand":"a"}', c: '{"by hand":"c"}' })
  expect(await world.payloads(KIND.ToolCallCompleted)).toHaveLength(3)
  await expectReplays(world)
})

test('a call that nobody decides on in time is denied, and the time is on record', async () => {
  const clock = createFakeClock()
  const deploy = tool('deploy', () => 'deployed', { approval: true, approvalTimeoutMs: 5_000 })
  const slow = tool('slow', () => 'slow', { approval: true })
  const plan = {
    toolCalls: [
      { id: 'a', name: 'deploy', arguments: {} },
      { id: 'b', name: 'slow', arguments: {} },
    ],
  }
  const world = createWorld([plan, DONE], { tools: [deploy, slow], clock, approvalTimeoutMs: 60_000 })
  const handle = world.agent.stream('Ship it', { runId: RUN })
  const requests: ApprovalRequest[] = []
  const asked = gate()
  const ended = deciding(handle, (request) => {
    if (requests.push(request) === 2) asked.open()
  })
  await asked.opened
  expect(requests.map(({ expiresAt = 0 }) => expiresAt - Number(clock.now() / 1_000_000n))).toEqual([5_000, 60_000])
  clock.advance(5_000)
  void handle.approve('b')
  await ended
  expect(resultsShown(world.provider, 1)).toEqual({
    a: 'the call was denied: nobody decided in time',
    b: '"slow"',
  })
  await expectReplays(world)
})

test('a run that nobody here decides on stands still, and goes on in another process with what was decided meanwhile', async () => {
  const { calls, options } = site()
  const world = createWorld([PLAN], options)
  const waiting = await suspended(world)
  expect(calls).toEqual(['look {}'])
  expect(waiting).toEqual([
    {
      runId: RUN,
      turnId: expect.any(String),
      callId: 'a',
      tool: 'deploy',
      input: '{"to":"prod"}',
      argsHash: toHex(blake3(jsonToCbor('{"to":"prod"}'))),
      reason: 'policy',
      because: undefined,
      expiresAt: undefined,
    },
    expect.objectContaining({ callId: 'c' }),
  ])
  await expectMatch(world)
  calls.length = 0
  expect(await readApprovals(world.log, RUN)).toEqual(waiting)
  expect(await all(listApprovals(world.log))).toEqual(waiting)

  expect(
    await decideApprovals(world.log, { runId: RUN, decisions: [{ callId: 'c', decision: 'deny', by: 'bob' }] }),
  ).toBe(1)
  expect((await readApprovals(world.log, RUN)).map(({ callId }) => callId)).toEqual(['a'])
  expect(
    await decideApprovals(world.log, { runId: RUN, decisions: [{ callId: 'a', decision: 'approve', by: 'ada' }] }),
  ).toBe(1)
  const later = world.with([DONE], { tools: options.tools ?? [] })
  expect(await later.agent.resume(RUN).result).toMatchObject({ status: 'completed' })
  expect(calls).toEqual(['deploy {"to":"prod"}'])
  await expectReplays(later)
})

test('a resume shows what still waits, and the calls that were made are not made again', async () => {
  const { calls, options } = site()
  const world = createWorld([PLAN], options)
  await suspended(world)
  const later = world.with([DONE], { tools: options.tools ?? [] })
  const handle = later.agent.resume(RUN)
  const asked: string[] = []
  await deciding(handle, ({ callId }) => {
    asked.push(callId)
    void handle.approve(callId)
  })
  expect(asked).toEqual(['a', 'c'])
  expect(calls).toEqual(['look {}', 'deploy {"to":"prod"}', 'deploy {"to":"test"}'])
  await expectReplays(later)
})

test('a run can stand still more than once, and be told more in between', async () => {
  const { options } = site()
  const world = createWorld([PLAN], options)
  await suspended(world)
  const again = world.with([DONE], { tools: options.tools ?? [] })
  const result = await again.agent.resume(RUN, { onApproval: 'suspend', message: 'hurry' }).result
  expect(result).toMatchObject({ status: 'suspended', waiting: [{ callId: 'a' }, { callId: 'c' }] })
  await expectMatch(again)
  await decideApprovals(world.log, {
    runId: RUN,
    decisions: [
      { callId: 'a', decision: 'approve' },
      { callId: 'c', decision: 'approve' },
    ],
  })
  expect(await again.agent.resume(RUN).result).toMatchObject({ status: 'completed' })
  expect(again.provider.requests[0]?.messages.map(({ role }) => role)).toEqual([
    'user',
    'assistant',
    'tool',
    'tool',
    'tool',
    'user',
  ])
  await expectReplays(again)
})

test('wherever the process dies, decisions and resumes bring the run to the same end', async () => {
  const { options } = site()
  const whole = createWorld([PLAN, DONE], options)
  await suspended(whole)
  await decideApprovals(whole.log, {
    runId: RUN,
    decisions: [{ callId: 'c', decision: 'answer', result: '"by hand"' }],
  })
  await decideApprovals(whole.log, {
    runId: RUN,
    decisions: [{ callId: 'a', decision: 'approve', input: '{"to":"dev"}' }],
  })
  await whole.agent.resume(RUN).result
  const { length } = await whole.log.read(RUN)
  for (let count = 1; count < length; count += 1) {
    const log = await truncated(whole.log, count)
    const hasPlan = (await log.read(RUN)).some(({ kind }) => kind === KIND.AssistantMessageCompleted)
    const world = createWorld(hasPlan ? [DONE] : [PLAN, DONE], { ...options, log })
    await world.agent.resume(RUN, { onApproval: 'suspend' }).result
    for (const { callId } of await readApprovals(log, RUN)) {
      const decision: CallDecision =
        callId === 'c'
          ? { callId, decision: 'answer', result: '"by hand"' }
          : { callId, decision: 'approve', input: '{"to":"dev"}' }
      await decideApprovals(log, { runId: RUN, decisions: [decision] })
    }
    // Where the decisions were there already, that was its end.
    if ((await world.kinds()).at(-1) !== 'RunCompleted') await world.agent.resume(RUN).result
    expect((await world.kinds()).at(-1)).toBe('RunCompleted')
    await expectReplays(world)
    // What was cut off is made again under another id.
    const results = (await world.payloads(KIND.ToolCallCompleted)).map(({ result }) => cborToJson(result))
    expect(results).toContain('"by hand"')
  }
})

test('decisions from outside say why they cannot be taken', async () => {
  const { options } = site()
  const clock = createFakeClock()
  const world = createWorld([PLAN, DONE], { ...options, clock, approvalTimeoutMs: 1_000 })
  const decide = (decision: CallDecision, runId = RUN) =>
    decideApprovals(world.log, { runId, decisions: [decision], clock })
  await expect(decide({ callId: 'a', decision: 'approve' })).rejects.toMatchObject({ code: 'CORE_RUN_NOT_FOUND' })
  await suspended(world)
  await expect(decide({ callId: 'b', decision: 'approve' })).rejects.toMatchObject({ code: 'CORE_NOT_WAITING' })
  await expect(decide({ callId: 'x', decision: 'approve' })).rejects.toThrow(
    'call x of run run-1 does not wait for a decision',
  )
  await expect(decide({ callId: 'a', decision: 'approve', input: '{' })).rejects.toMatchObject({
    code: 'CORE_INVALID_OPTIONS',
  })
  expect(await decide({ callId: 'a', decision: 'approve', by: 'ada' })).toBe(1)
  expect(await decide({ callId: 'a', decision: 'approve', by: 'bob' })).toBe(0)
  await expect(decide({ callId: 'a', decision: 'deny' })).rejects.toMatchObject({
    code: 'CORE_DECIDED',
    message: 'call a has been approved by ada already',
  })
  const before = (await world.log.read(RUN)).length
  clock.advance(1_000)
  await expect(
    decideApprovals(world.log, { runId: RUN, decisions: [{ callId: 'c', decision: 'approve' }], clock }),
  ).rejects.toThrow(/call c waited for a decision until .*, and not longer/)
  expect(await world.log.read(RUN)).toHaveLength(before)
  expect(await world.agent.resume(RUN).result).toMatchObject({ status: 'completed' })
  expect(resultsShown(world.provider, 1)).toMatchObject({ c: 'the call was denied: nobody decided in time' })
  await expect(decide({ callId: 'c', decision: 'approve' })).rejects.toMatchObject({ code: 'CORE_RUN_ENDED' })
  await expectReplays(world)
})

test('while a process works on the run, nobody decides behind its back', async () => {
  const { options } = site()
  const world = createWorld([PLAN, DONE], options)
  const handle = world.agent.stream('Ship it', { runId: RUN })
  const asked = gate()
  const ended = deciding(handle, asked.open)
  await asked.opened
  const decisions: CallDecision[] = [{ callId: 'a', decision: 'approve' }]
  await expect(decideApprovals(world.log, { runId: RUN, decisions })).rejects.toMatchObject({ code: 'CORE_RUN_IN_USE' })
  void handle.decide([
    { callId: 'a', decision: 'deny' },
    { callId: 'c', decision: 'deny' },
  ])
  await ended
  expect(await handle.result).toMatchObject({ status: 'completed' })
})

test('a decision that the end of the run overtakes is refused to whoever waits for it', async () => {
  const { options } = site()
  const world = createWorld([PLAN, DONE], options)
  const handle = world.agent.stream('Ship it', { runId: RUN })
  const early = handle.approve('never asked')
  await deciding(handle, () => handle.cancel('enough'))
  await expect(early).rejects.toMatchObject({ code: 'CORE_RUN_ENDED' })
})

test('a run without a handle cannot wait', async () => {
  const { options } = site()
  const world = createWorld([PLAN, DONE], options)
  await expect(world.agent.runWithId(RUN, 'Ship it', { onApproval: 'wait' })).rejects.toThrow(
    'onApproval is "wait", expected deny or suspend',
  )
})

test('a run that was recorded before requests were still replays and resumes', async () => {
  const stored: unknown = JSON.parse(readFileSync(new URL('fixtures/engine-1-approvals.json', import.meta.url), 'utf8'))
  const events = Array.isArray(stored) ? stored.map((text) => decodeEnvelope(fromBase64(String(text)))) : []
  for (let count = 1; count <= events.length; count += 1) {
    const log = createMemoryEventLog()
    await log.append(RUN, events.slice(0, count))
    const named = (name: string, approval: boolean) => tool(name, () => 'done', approval ? { approval } : {})
    const turns = [
      { toolCalls: PLAN.toolCalls },
      { toolCalls: [{ id: 'a', name: 'deploy', arguments: { to: 'dev' } }] },
      DONE,
    ]
    const answers = events.slice(0, count).filter(({ kind }) => kind === KIND.AssistantMessageCompleted).length
    const world = createWorld(turns.slice(answers), { log, tools: [named('deploy', true), named('look', false)] })
    await expectMatch(world)
    if (count === events.length) continue
    const handle = world.agent.resume(RUN)
    await deciding(handle, ({ callId }) => void handle.approve(callId))
    expect(await handle.result).toMatchObject({ status: 'completed' })
    expect(await sideEffects(world)).not.toContainEqual(expect.objectContaining({ name: 'starling/approval-request' }))
    await expectReplays(world)
  }
})
