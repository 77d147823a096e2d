import { setImmediate } from 'node:timers/promises'
import { KIND } from '@starling/event'
import { callTool, decodeAnswer, decodeQuestion, hashQuestion } from '@starling/step'
import type { ToolAnswer } from '@starling/tool'
import { expect, test } from 'vitest'
import { decideApprovals, readApprovals } from '../src/index.ts'
import type { CallDecision } from '../src/index.ts'
import { ACCOUNT, createPaying, decide, FORM, leaveAsking, paidWith, TURNS, VISIT } from './support/asking.ts'
import { createFakeClock } from './support/fake-clock.ts'
import { createWorld, expectReplays, readUpdates, RUN, seqOf, tool, truncated } from './support/world.ts'
import type { World } from './support/world.ts'

const APPROVE = { callId: 'c1', decision: 'approve', input: ACCOUNT } as const
const ACCEPTED: ToolAnswer = { action: 'accept', content: ACCOUNT }

async function lastAnswer(world: World): Promise<ReturnType<typeof decodeAnswer> | undefined> {
  const effects = await world.payloads(KIND.SideEffectRecorded)
  const last = effects.findLast(({ name }) => name === 'starling/answer')
  return last === undefined ? undefined : decodeAnswer(last.value)
}

test('an answer is recorded with who gave it, why, the question it is about, and that it came from outside', async () => {
  const { world } = await leaveAsking()
  await decide(world, { ...APPROVE, by: 'ada', reason: 'as agreed' })
  expect(await lastAnswer(world)).toEqual({
    answer: ACCEPTED,
    by: 'ada',
    reason: 'as agreed',
    outside: true,
    questionHash: hashQuestion(FORM),
  })
})

test.each<[string, CallDecision, RegExp]>([
  ['a form that is filled in with no JSON', { ...APPROVE, input: '{' }, /the input of a decision is not JSON/],
  [
    'a form that is filled in with no object',
    { ...APPROVE, input: '[1]' },
    /the input of a decision is not a JSON object/,
  ],
  [
    'a result in the place of an answer',
    { callId: 'c1', decision: 'answer', result: '1' },
    /approve it with the answer/,
  ],
])('%s is refused, and nothing is recorded', async (_title, decision, message) => {
  const { world } = await leaveAsking()
  const before = await world.kinds()
  await expect(decide(world, decision)).rejects.toMatchObject({
    code: 'CORE_INVALID_OPTIONS',
    message: expect.stringMatching(message),
  })
  expect(await world.kinds()).toEqual(before)
})

test('a visit takes no input', async () => {
  const { world } = await leaveAsking((context) => context.ask(VISIT))
  await expect(decide(world, APPROVE)).rejects.toThrow('is a visit to an address, which takes no input')
})

test('the same answer again is no harm, and another one is told who was first', async () => {
  const { world } = await leaveAsking()
  const [request] = await readApprovals(world.log, RUN)
  await decide(world, { ...APPROVE, input: '{ "account": "a-1" }', by: 'ada' })
  expect(await decide(world, APPROVE)).toBe(0)
  expect(await decide(world, { ...APPROVE, argsHash: request?.argsHash })).toBe(0)
  const conflict = { code: 'CORE_DECIDED', message: 'the question of call c1 has been answered already by ada' }
  await expect(decide(world, { callId: 'c1', decision: 'deny' })).rejects.toMatchObject(conflict)
  await expect(decide(world, { ...APPROVE, input: '{"account":"a-2"}' })).rejects.toMatchObject(conflict)
})

test('answers that are given together must not contradict each other', async () => {
  const { world } = await leaveAsking()
  const [request] = await readApprovals(world.log, RUN)
  const both = decide(world, APPROVE, { callId: 'c1', argsHash: request?.argsHash, decision: 'deny' })
  await expect(both).rejects.toThrow('the decisions on call c1 contradict each other: it is approved, and denied')
  expect(await decide(world, APPROVE, { ...APPROVE, argsHash: request?.argsHash })).toBe(1)
})

interface Mistaken {
  readonly argsHash?: string
  readonly turnId?: string
  readonly callId?: string
}

test.each<[string, Mistaken, RegExp]>([
  ['another question', { argsHash: 'ff' }, /asks something else: its hash is [0-9a-f]{64}, not ff/],
  ['another turn', { turnId: 'elsewhere' }, /in turn .*, not in turn elsewhere/],
  ['another call', { callId: 'c2' }, /call c2 of run run-1 does not wait/],
])('an answer to %s is refused', async (_title, changes, message) => {
  const { world } = await leaveAsking()
  const refused = decideApprovals(world.log, { runId: RUN, decisions: [{ ...APPROVE, ...changes }] })
  await expect(refused).rejects.toMatchObject({ code: 'CORE_NOT_WAITING', message: expect.stringMatching(message) })
})

test('a question that nobody answers in time is cancelled by timeout, in its process', async () => {
  const clock = createFakeClock()
  const { pay } = createPaying()
  const world = createWorld(TURNS, { tools: [pay], clock, approvalTimeoutMs: 60_000 })
  const handle = world.agent.stream('Pay', { runId: RUN })
  const updates = await readUpdates(handle, (update) => {
    if (update.type === 'question-asked') clock.advance(60_000)
  })
  const asked = updates.find(({ type }) => type === 'question-asked')
  expect(asked).toMatchObject({ expiresAt: 1_700_000_060_000, held: false })
  expect(await lastAnswer(world)).toMatchObject({ answer: { action: 'cancel' }, by: 'timeout' })
  await expectReplays(world)
})

test('a question whose time is over takes no answer from outside, and is cancelled when the run goes on', async () => {
  const clock = createFakeClock()
  const { world } = await leaveAsking(undefined, { clock, toolPolicy: { approvalTimeoutMs: 1000 } })
  clock.advance(1000)
  const late = decideApprovals(world.log, { runId: RUN, decisions: [APPROVE], clock })
  await expect(late).rejects.toMatchObject({ code: 'CORE_NOT_WAITING', message: expect.stringContaining('not longer') })
  expect(await world.agent.resume(RUN, { onApproval: 'suspend' }).result).toMatchObject({ status: 'completed' })
  expect(await lastAnswer(world)).toMatchObject({ answer: { action: 'cancel' }, by: 'timeout' })
  await expectReplays(world)
})

test('the time of a tool stands still while a person is asked, and goes on after', async () => {
  const clock = createFakeClock()
  const { pay } = createPaying(
    async (context) => {
      clock.advance(600)
      await context.ask(FORM)
      await clock.sleep(500, { signal: context.signal })
    },
    { timeoutMs: 1000 },
  )
  const world = createWorld(TURNS, { tools: [pay], clock })
  const handle = world.agent.stream('Pay', { runId: RUN })
  await readUpdates(handle, (update) => {
    if (update.type !== 'question-asked') return
    clock.advance(3_600_000)
    void handle.answer(update.questionId, ACCEPTED)
    void clock.sleepOf(500).then(() => clock.advance(400))
  })
  const failed = await world.payloads(KIND.ToolCallFailed)
  expect(failed).toMatchObject([{ errorType: 'timeout', error: expect.stringContaining('within 1000 ms') }])
})

test('the wall-clock budget does not run while a question waits for an answer from outside', async () => {
  const clock = createFakeClock()
  const { world } = await leaveAsking(undefined, { clock, budget: { maxWallClockMs: 60_000 } })
  clock.advance(3_600_000)
  await decideApprovals(world.log, { runId: RUN, decisions: [APPROVE], clock })
  expect(await world.agent.resume(RUN).result).toMatchObject({ status: 'completed' })
  await expectReplays(world)
})

test('a handle answers by the id of the call, together with decisions on others, and says when it is durable', async () => {
  const { did, pay } = createPaying()
  const deploy = tool('deploy', () => 'deployed', { approval: true })
  const plan = ['c1', 'c2'].map((id) => ({ id, name: id === 'c1' ? 'pay' : 'deploy', arguments: {} }))
  const world = createWorld([{ toolCalls: plan }, { text: 'Done.' }], { tools: [pay, deploy] })
  const handle = world.agent.stream('Go', { runId: RUN })
  const durable: Promise<void>[] = []
  await readUpdates(handle, (update) => {
    if (update.type !== 'question-asked') return
    expect(() => handle.decide([{ ...APPROVE, input: '[]' }])).toThrow(/not a JSON object/)
    expect(() => handle.decide([APPROVE, { callId: 'c1', decision: 'deny' }])).toThrow(/contradict each other/)
    durable.push(
      handle.decide([
        { ...APPROVE, by: 'ada' },
        { callId: 'c2', decision: 'approve' },
      ]),
    )
  })
  await Promise.all(durable)
  expect(did).toEqual(['reserve', 'book'])
  expect(await lastAnswer(world)).toMatchObject({ answer: ACCEPTED, by: 'ada', outside: false })
  await expectReplays(world)
})

test('an answer that comes when the run has been cancelled, or has ended, is refused', async () => {
  const { pay } = createPaying()
  const world = createWorld(TURNS, { tools: [pay] })
  const handle = world.agent.stream('Pay', { runId: RUN })
  await readUpdates(handle, (update) => {
    if (update.type !== 'question-asked') return
    handle.cancel('enough')
    expect(() => handle.answer(update.questionId, ACCEPTED)).toThrow(/waits for an answer/)
  })
  expect(() => handle.answer('c1?1', ACCEPTED)).toThrow('the run has ended')
})

test('where nobody is to be asked, the answer is cancel, also on a handle', async () => {
  const { pay } = createPaying()
  const world = createWorld(TURNS, { tools: [pay] })
  const handle = world.agent.stream('Pay', { runId: RUN, onApproval: 'deny' })
  const updates = await readUpdates(handle)
  expect(updates.some(({ type }) => type === 'question-asked')).toBe(false)
  expect(await lastAnswer(world)).toMatchObject({ answer: { action: 'cancel' } })
})

test('a held question is cancelled where the run would be left, and answered in its process elsewhere', async () => {
  const ask = leaveAsking((context) => context.ask(FORM, { held: true }))
  expect((await ask).left.status).toBe('completed')
  expect(paidWith((await ask).world)).toEqual({ answer: { action: 'cancel' } })
  const { pay } = createPaying((context) => context.ask(FORM, { held: true }))
  const world = createWorld(TURNS, { tools: [pay] })
  const handle = world.agent.stream('Pay', { runId: RUN })
  const waiting: unknown[] = []
  const updates = await readUpdates(handle, (update) => {
    if (update.type !== 'question-asked') return
    void readApprovals(world.log, RUN).then((requests) => {
      waiting.push(...requests)
      return handle.answer(update.questionId, ACCEPTED)
    })
  })
  expect(updates.find(({ type }) => type === 'question-asked')).toMatchObject({ held: true })
  expect(waiting).toMatchObject([{ callId: 'c1', held: true }])
  expect(paidWith(world)).toEqual({ answer: ACCEPTED })
})

test("a held question of a process that has died is nobody else's to answer, and its call is made anew", async () => {
  const { pay } = createPaying((context) => context.ask(FORM, { held: true }), { idempotent: false })
  const first = createWorld(TURNS, { tools: [pay], answer: () => ACCEPTED })
  await first.agent.runWithId(RUN, 'Pay')
  const asked = (await first.payloads(KIND.SideEffectRecorded)).map(({ value }) => decodeQuestion(value)?.held)
  expect(asked).toContain(true)
  const log = await truncated(first.log, await seqOf(first.log, KIND.SideEffectRecorded, 2))
  const world = first.with(TURNS.slice(1), { log })
  expect(await readApprovals(log, RUN)).toMatchObject([{ reason: 'question', held: true }])
  await expect(decide(world, APPROVE)).rejects.toMatchObject({
    code: 'CORE_NOT_WAITING',
    message: expect.stringContaining('hung on its process'),
  })
  await world.agent.resume(RUN).result
  const shown = world.provider.requests[0]?.messages.at(-1)
  expect(shown).toMatchObject({ content: expect.stringContaining('outcome unknown') })
})

test('the same approval again does not answer a question that came after it', async () => {
  const { pay } = createPaying(undefined, { approval: true })
  const world = createWorld(TURNS, { tools: [pay] })
  await world.agent.runWithId(RUN, 'Pay', { onApproval: 'suspend' })
  expect(await decide(world, { callId: 'c1', decision: 'approve' })).toBe(1)
  await world.agent.resume(RUN, { onApproval: 'suspend' }).result
  expect(await decide(world, { callId: 'c1', decision: 'approve' })).toBe(0)
  expect(await readApprovals(world.log, RUN)).toMatchObject([{ reason: 'question' }])
})

test('two questions of the same words are answered together', async () => {
  const { world } = await leaveAsking((context) => Promise.all([context.ask(FORM), context.ask(FORM)]))
  const waiting = await readApprovals(world.log, RUN)
  expect(await decide(world, ...waiting.map(({ argsHash }) => ({ ...APPROVE, argsHash })))).toBe(2)
})

test('the time of an outer call stands still while a call inside it asks', async () => {
  const clock = createFakeClock()
  const inner = tool('inner', (_input, context) => context.ask(FORM))
  const pay = tool('pay', async () => JSON.parse(await callTool({ tool: 'inner' })), { timeoutMs: 1000 })
  const world = createWorld(TURNS, { tools: [pay, inner], clock })
  const handle = world.agent.stream('Pay', { runId: RUN })
  const answerLater = async (questionId: string): Promise<void> => {
    clock.advance(2000)
    await setImmediate()
    await handle.answer(questionId, ACCEPTED)
  }
  await readUpdates(handle, (update) => {
    if (update.type === 'question-asked') answerLater(update.questionId).catch(() => undefined)
  })
  expect(await world.payloads(KIND.ToolCallFailed)).toEqual([])
})
