import { encodePayload, encodeValue, KIND } from '@starling/event'
import type { Event } from '@starling/event'
import { transient } from '@starling/tool'
import type { ToolAnswer, ToolQuestion } from '@starling/tool'
import { callTool, toRecorded } from '@starling/step'
import { expect, test } from 'vitest'
import { listApprovals, readApprovals } from '../src/index.ts'
import type { CallDecision, Observer } from '../src/index.ts'
import { ACCOUNT, createPaying, decide, FORM, leaveAsking, paidWith, TURNS, VISIT } from './support/asking.ts'
import { createFakeClock } from './support/fake-clock.ts'
import {
  createWorld,
  expectMatch,
  expectReplays,
  gate,
  readUpdates,
  RUN,
  tampered,
  tool,
  truncated,
} from './support/world.ts'

const APPROVE = { callId: 'c1', decision: 'approve', input: ACCOUNT } as const
const ACCEPTED: ToolAnswer = { action: 'accept', content: ACCOUNT }

test('a run is left where its tool asks, and lists the question like a call that waits for a decision', async () => {
  const { world, did, left } = await leaveAsking()
  expect(left).toMatchObject({ status: 'suspended', waiting: [{ callId: 'c1', reason: 'question', question: FORM }] })
  const waiting = await readApprovals(world.log, RUN)
  expect(waiting).toEqual(left.waiting)
  expect(waiting).toMatchObject([{ runId: RUN, tool: 'pay', input: '{"sum":5}', argsHash: expect.any(String) }])
  const listed = []
  for await (const request of listApprovals(world.log)) listed.push(request)
  expect(listed).toEqual(waiting)
  expect(did).toEqual(['reserve'])
  await expectMatch(world)
})

test('the answer of another process is given to the call that goes on, which repeats nothing', async () => {
  const { world, did } = await leaveAsking()
  expect(await decide(world, { ...APPROVE, by: 'ada' })).toBe(1)
  expect(await readApprovals(world.log, RUN)).toEqual([])
  await expectMatch(world)
  expect(await world.agent.resume(RUN).result).toMatchObject({ status: 'completed', finalText: 'Paid.' })
  expect(did).toEqual(['reserve', 'book'])
  expect(paidWith(world)).toEqual({ answer: ACCEPTED })
  await expectReplays(world)
})

interface Given {
  readonly given: string
  readonly decision: CallDecision
  readonly question: ToolQuestion
  readonly expected: ToolAnswer
}

test.each<Given>([
  { given: 'to deny', decision: { callId: 'c1', decision: 'deny' }, question: FORM, expected: { action: 'decline' } },
  {
    given: 'to approve without input',
    decision: { callId: 'c1', decision: 'approve' },
    question: FORM,
    expected: { action: 'accept', content: '{}' },
  },
  {
    given: 'to approve a visit',
    decision: { callId: 'c1', decision: 'approve' },
    question: VISIT,
    expected: { action: 'accept' },
  },
])('$given is the answer $expected.action', async ({ decision, question, expected }) => {
  const { world } = await leaveAsking((context) => context.ask(question))
  await decide(world, decision)
  expect(await world.agent.resume(RUN).result).toMatchObject({ status: 'completed' })
  expect(paidWith(world)).toEqual({ answer: expected })
  await expectReplays(world)
})

test('a run that is resumed without an answer asks again in its process, and records the question once', async () => {
  const { world, did } = await leaveAsking()
  const handle = world.agent.resume(RUN)
  await readUpdates(handle, (update) => {
    if (update.type === 'question-asked') void handle.answer(update.questionId, ACCEPTED, { by: 'ada' })
  })
  expect(await handle.result).toMatchObject({ status: 'completed' })
  const names = (await world.payloads(KIND.SideEffectRecorded)).map(({ name }) => name)
  expect(names).toEqual(['reserve', 'starling/question', 'starling/answer', 'book'])
  expect(did).toEqual(['reserve', 'book'])
  await expectReplays(world)
})

test('a run that is left again and again asks one question after the other', async () => {
  const { world, did } = await leaveAsking(async (context) => [await context.ask(FORM), await context.ask(VISIT)])
  await decide(world, APPROVE)
  const second = await world.agent.resume(RUN, { onApproval: 'suspend' }).result
  expect(second).toMatchObject({ status: 'suspended', waiting: [{ callId: 'c1', question: VISIT }] })
  await expectMatch(world)
  await decide(world, { callId: 'c1', decision: 'deny', reason: 'not from here' })
  expect(await world.agent.resume(RUN).result).toMatchObject({ status: 'completed' })
  expect(paidWith(world)).toEqual({ answer: [ACCEPTED, { action: 'decline' }] })
  expect(did).toEqual(['reserve', 'book'])
  await expectReplays(world)
})

test('questions that a call asks together are answered together, each by its hash, or one after the other', async () => {
  const both = (): ReturnType<typeof leaveAsking> =>
    leaveAsking((context) => Promise.all([context.ask(FORM), context.ask(VISIT)]))
  const { world, left } = await both()
  const [form, visit] = left.waiting ?? []
  expect([form?.question, visit?.question]).toEqual([FORM, VISIT])
  await decide(
    world,
    { callId: 'c1', argsHash: visit?.argsHash, decision: 'deny' },
    { callId: 'c1', argsHash: form?.argsHash, decision: 'approve', input: ACCOUNT },
  )
  expect(await world.agent.resume(RUN).result).toMatchObject({ status: 'completed' })
  expect(paidWith(world)).toEqual({ answer: [ACCEPTED, { action: 'decline' }] })
  await expectReplays(world)

  const { world: other } = await both()
  await decide(other, APPROVE)
  expect(await readApprovals(other.log, RUN)).toMatchObject([{ question: VISIT }])
  const again = await other.agent.resume(RUN, { onApproval: 'suspend' }).result
  expect(again).toMatchObject({ status: 'suspended', waiting: [{ question: VISIT }] })
  await decide(other, { callId: 'c1', decision: 'approve' })
  expect(await other.agent.resume(RUN).result).toMatchObject({ status: 'completed' })
  expect(paidWith(other)).toEqual({ answer: [ACCEPTED, { action: 'accept' }] })
  await expectReplays(other)
})

test('while one call asks the others are made, and those that need a decision wait beside it', async () => {
  const { did, pay } = createPaying()
  const looked = gate()
  const look = tool('look', async () => {
    looked.open()
    return 'looked'
  })
  const deploy = tool('deploy', () => 'deployed', { approval: true })
  const plan = ['pay', 'look', 'deploy'].map((name) => ({ id: name, name, arguments: {} }))
  const world = createWorld([{ toolCalls: plan }, { text: 'Done.' }], { tools: [pay, look, deploy] })
  const left = await world.agent.runWithId(RUN, 'Go', { onApproval: 'suspend' })
  expect(left.waiting).toMatchObject([
    { callId: 'pay', reason: 'question' },
    { callId: 'deploy', reason: 'policy' },
  ])
  await looked.opened
  await expectMatch(world)
  await decide(world, { ...APPROVE, callId: 'pay' }, { callId: 'deploy', decision: 'approve' })
  expect(await world.agent.resume(RUN).result).toMatchObject({ status: 'completed' })
  expect(did).toEqual(['reserve', 'book'])
  const scheduled = await world.payloads(KIND.ToolCallScheduled)
  expect(scheduled.map(({ tool: name }) => name)).toEqual(['pay', 'look', 'pay', 'deploy'])
  await expectReplays(world)
})

test('a call whose approval comes from code is made although another one has been left to ask', async () => {
  const { pay } = createPaying()
  const asked = gate()
  const deploy = tool('deploy', () => 'deployed', { approval: true })
  const plan = ['pay', 'deploy'].map((name) => ({ id: name, name, arguments: {} }))
  const world = createWorld([{ toolCalls: plan }, { text: 'Done.' }], {
    tools: [pay, deploy],
    approve: async () => {
      await asked.opened
      return { decision: 'approve' }
    },
  })
  const handle = world.agent.stream('Go', { runId: RUN, onApproval: 'suspend' })
  await readUpdates(handle, (update) => {
    if (update.type === 'question-asked') asked.open()
  })
  expect(await handle.result).toMatchObject({ status: 'suspended', waiting: [{ callId: 'pay' }] })
  expect(await world.payloads(KIND.ToolCallCompleted)).toMatchObject([{ callId: 'deploy' }])
  await expectMatch(world)
  await decide(world, { ...APPROVE, callId: 'pay' })
  expect(await world.agent.resume(RUN).result).toMatchObject({ status: 'completed' })
  await expectReplays(world)
})

test('a process that dies after any event of a run with a question leaves what another goes on with', async () => {
  const { world: whole } = await leaveAsking()
  await decide(whole, APPROVE)
  await whole.agent.resume(RUN).result
  const last = (await whole.log.read(RUN)).length
  for (let kept = 1; kept < last; kept += 1) {
    const { did, pay } = createPaying()
    const log = await truncated(whole.log, kept)
    const waiting = await readApprovals(log, RUN)
    const answered = (await whole.log.read(RUN, { limit: kept })).length // what is on record by then
    const world = createWorld(answered < 3 ? TURNS : TURNS.slice(1), { tools: [pay], log })
    if (waiting.length > 0) await decide(world, APPROVE)
    const handle = world.agent.resume(RUN)
    await readUpdates(handle, (update) => {
      if (update.type === 'question-asked') void handle.answer(update.questionId, ACCEPTED)
    })
    expect(await handle.result, `after ${kept} events`).toMatchObject({ status: 'completed', finalText: 'Paid.' })
    const effects = (await world.payloads(KIND.SideEffectRecorded)).map(({ name }) => name)
    const counts = ['starling/question', 'starling/answer'].map((name) => effects.filter((one) => one === name).length)
    expect(counts, `after ${kept} events`).toEqual([1, 1])
    expect(did.length).toBeLessThanOrEqual(2)
    await expectReplays(world)
  }
})

test('a tool that must not be called twice is in doubt once it has gone on, and not while it asks', async () => {
  const { world, did } = await leaveAsking((context) => context.ask(FORM, { held: false }), {
    toolPolicy: { idempotent: false },
  })
  const waits = (await world.log.read(RUN)).length
  await decide(world, APPROVE)
  await world.agent.resume(RUN).result
  expect(did).toEqual(['reserve', 'book'])
  expect(paidWith(world)).toEqual({ answer: ACCEPTED })
  await expectReplays(world)
  // Cut off after the second schedule: the answer had been given to the tool by then.
  const log = await truncated(world.log, waits + 3)
  const after = world.with(TURNS.slice(1), { log })
  expect((await log.read(RUN)).at(-1)?.kind).toBe(KIND.ToolCallScheduled)
  await after.agent.resume(RUN).result
  expect(after.provider.requests[0]?.messages.at(-1)).toMatchObject({
    content: expect.stringContaining('outcome unknown'),
  })
})

test('side effects that failed before the question fail again without being tried, and readings come back', async () => {
  const tried: string[] = []
  const seen: unknown[] = []
  const { world } = await leaveAsking(async (context) => {
    const failed = await context
      .sideEffect('flaky', () => {
        tried.push('flaky')
        throw Object.assign(new Error('no route'), { code: 'EROUTE' })
      })
      .catch((error: Error & { code?: string }) => `${error.message} ${error.code}`)
    seen.push([failed, await context.now(), await context.random(), await context.uuid()])
    return context.ask(FORM)
  })
  await decide(world, APPROVE)
  await world.agent.resume(RUN).result
  expect(tried).toEqual(['flaky'])
  expect(seen).toHaveLength(2)
  expect(seen[1]).toEqual(seen[0])
  expect(seen[0]).toMatchObject({ 0: 'no route EROUTE' })
  await expectReplays(world)
})

test('a tool that asks something else when it is called again is asked anew', async () => {
  let calls = 0
  const { world } = await leaveAsking((context) => context.ask({ ...FORM, message: `Which account, ${(calls += 1)}?` }))
  await decide(world, APPROVE)
  const again = await world.agent.resume(RUN, { onApproval: 'suspend' }).result
  expect(again).toMatchObject({ status: 'suspended', waiting: [{ question: { message: 'Which account, 2?' } }] })
})

test('an attempt that fails after the answer begins anew, and asks again', async () => {
  const asked: string[] = []
  const { pay } = createPaying(
    async (context) => {
      const answer = await context.ask(FORM)
      asked.push(`${context.attempt}`)
      if (asked.length === 1) throw transient(new Error('the bank is closed'))
      return answer
    },
    { idempotent: true, maxAttempts: 2 },
  )
  const world = createWorld(TURNS, {
    tools: [pay],
    answer: () => ACCEPTED,
    clock: createFakeClock({ skipUpToMs: 1000 }),
  })
  expect(await world.agent.runWithId(RUN, 'Pay')).toMatchObject({ status: 'completed' })
  expect(asked).toEqual(['1', '2'])
  const attempts = (await world.payloads(KIND.SideEffectRecorded)).map(({ name, attempt }) => `${name} ${attempt}`)
  expect(attempts.filter((effect) => effect.startsWith('starling/answer'))).toEqual([
    'starling/answer 1',
    'starling/answer 2',
  ])
})

test('a tool is given the time to put its things away when its run is left', async () => {
  const away: string[] = []
  const { left } = await leaveAsking(async (context) => {
    try {
      return await context.ask(FORM)
    } catch (error) {
      away.push(error instanceof Error ? error.message : '')
      return 'swallowed'
    }
  })
  expect(left.status).toBe('suspended')
  expect(away).toEqual(['the run is left for another process to answer the question'])
})

test('whoever observes the run sees a call that is left as one that was cut off', async () => {
  const outcomes: string[] = []
  const observer: Observer = {
    async around(operation, work, outcomeOf) {
      const result = await work()
      outcomes.push(`${operation.type} ${outcomeOf(result).status}`)
      return result
    },
  }
  await leaveAsking(undefined, { observers: [observer] })
  expect(outcomes).toEqual(['model ok', 'tool cancelled', 'turn ok', 'run ok'])
})

test('a tool that does not give up when its run is left is left behind', async () => {
  const never = new Promise<never>(() => undefined)
  const { left } = await leaveAsking((context) => context.ask(FORM).catch(() => never), {
    clock: createFakeClock({ skipUpToMs: 1000 }),
  })
  expect(left.status).toBe('suspended')
})

test('a question of a call inside another is answered in its process or by nobody', async () => {
  const inner = tool('inner', (_input, context) => context.ask(FORM))
  const pay = tool('pay', async () => JSON.parse(await callTool({ tool: 'inner' })))
  const world = createWorld(TURNS, { tools: [pay, inner] })
  expect(await world.agent.runWithId(RUN, 'Pay', { onApproval: 'suspend' })).toMatchObject({ status: 'completed' })
  expect(paidWith(world)).toEqual({ action: 'cancel' })
  await expectReplays(world)
})

test('the profile reference has no place for a run that is left, but for questions and answers', async () => {
  const { pay } = createPaying()
  const world = createWorld(TURNS, { tools: [pay], profile: 'reference', answer: () => ACCEPTED })
  expect(await world.agent.runWithId(RUN, 'Pay')).toMatchObject({ status: 'completed' })
  expect(paidWith(world)).toEqual({ answer: ACCEPTED })
  await expectReplays(world)
})

test('a question of engine 2, recorded in one event with its answer, replays and does not wait', async () => {
  const { pay } = createPaying(undefined, { idempotent: false })
  const world = createWorld(TURNS, { tools: [pay], answer: () => ACCEPTED })
  await world.agent.runWithId(RUN, 'Pay')
  const log = await tampered(world, (events) => events.slice(0, -1).flatMap(asEngine2))
  expect(await readApprovals(await truncated(log, 7), RUN)).toEqual([])
  await expectMatch(world.with([], { log, tools: [createPaying().pay] }))
})

/** What engine 2 would have recorded. */
function asEngine2(event: Event): readonly Event[] {
  const recorded = toRecorded(event)
  if (recorded?.kind === KIND.RunStarted) {
    return [{ ...event, payload: encodePayload(KIND.RunStarted, { ...recorded.payload, engine: 2 }) }]
  }
  if (recorded?.kind !== KIND.SideEffectRecorded) return [event]
  const { payload } = recorded
  if (payload.name === 'starling/answer') return []
  if (payload.name !== 'starling/question') return [event]
  const value = encodeValue({ question: FORM, answer: ACCEPTED })
  return [{ ...event, payload: encodePayload(KIND.SideEffectRecorded, { ...payload, value }) }]
}

test('what code answers is not left to anybody', async () => {
  const { pay } = createPaying()
  const world = createWorld(TURNS, { tools: [pay], answer: () => ACCEPTED })
  expect(await world.agent.runWithId(RUN, 'Pay', { onApproval: 'suspend' })).toMatchObject({ status: 'completed' })
  expect(paidWith(world)).toEqual({ answer: ACCEPTED })
})

test('the answer to a question is not given to the one that has taken its place', async () => {
  const said = ['Pay 5 to Ada?', 'Pay 5,000 to Eve?', 'Pay 5,000 to Eve?']
  const { world } = await leaveAsking((context) => context.ask({ ...FORM, message: said.shift() ?? '' }))
  await decide(world, APPROVE)
  const second = await world.agent.resume(RUN, { onApproval: 'suspend' }).result
  expect(second).toMatchObject({ status: 'suspended', waiting: [{ question: { message: 'Pay 5,000 to Eve?' } }] })
  const third = await world.agent.resume(RUN, { onApproval: 'suspend' }).result // nobody has answered it
  expect(third).toMatchObject({ status: 'suspended' })
})

test('a question with fields of its own is the same question when its call goes on', async () => {
  const question = { ...FORM, title: 'Account' }
  const { world } = await leaveAsking((context) => context.ask(question))
  await decide(world, APPROVE)
  expect(await world.agent.resume(RUN, { onApproval: 'suspend' }).result).toMatchObject({ status: 'completed' })
})
