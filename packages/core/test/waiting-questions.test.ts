import { hashEvent, KIND } from '@starling/event'
import { createMemoryEventLog } from '@starling/eventlog/memory'
import type { ToolAnswer, ToolContext, ToolQuestion } from '@starling/tool'
import { expect, test } from 'vitest'
import { decideApprovals, listApprovals, readApprovals } from '../src/index.ts'
import type { CallDecision, RunHandle } from '../src/index.ts'
import { createFakeClock } from './support/fake-clock.ts'
import { createWorld, expectMatch, expectReplays, readUpdates, resultsShown, RUN, tool } from './support/world.ts'
import type { World } from './support/world.ts'

const FORM: ToolQuestion = { type: 'form', message: 'Which account?', schema: '{"type":"object"}' }
const VISIT: ToolQuestion = { type: 'url', message: 'Sign in', url: 'https://bank.example/' }
const ASK = { toolCalls: [{ id: 'c1', name: 'pay', arguments: { sum: 5 } }] }
const DONE = { text: 'Paid.' }
const ACCOUNT = '{"account":"a-1"}'

/** A tool that counts what it does, asks in between, and returns what it was answered. */
function paying(ask: (context: ToolContext) => Promise<unknown> = (context) => context.ask(FORM)) {
  const did: string[] = []
  const pay = tool('pay', async (_input, context) => {
    await context.sideEffect('reserve', () => did.push('reserve'))
    const answer = await ask(context)
    await context.sideEffect('book', () => did.push('book'))
    return { answer, at: await context.now() }
  })
  return { did, pay }
}

/** A run that was left while its tool asked. */
async function createSuspended(ask?: (context: ToolContext) => Promise<unknown>) {
  const { did, pay } = paying(ask)
  const world = createWorld([ASK, DONE], { tools: [pay] })
  const left = await world.agent.runWithId(RUN, 'Pay', { onApproval: 'suspend' })
  return { world, did, left }
}

function decide(
  world: World,
  ...decisions: (Omit<CallDecision, 'callId'> & CallDecision['decision'] extends never ? never : CallDecision)[]
): Promise<number> {
  return decideApprovals(world.log, { runId: RUN, decisions })
}

function shown(world: World): unknown {
  return JSON.parse(resultsShown(world.provider, 1)['c1'] ?? 'null')
}

test('a run is left where its tool asks, and lists the question like a call that waits for a decision', async () => {
  const { world, did, left } = await createSuspended()
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
  const { world, did } = await createSuspended()
  expect(await decide(world, { callId: 'c1', decision: 'approve', input: ACCOUNT, by: 'ada' })).toBe(1)
  expect(await readApprovals(world.log, RUN)).toEqual([])
  await expectMatch(world)
  expect(await world.agent.resume(RUN).result).toMatchObject({ status: 'completed', finalText: 'Paid.' })
  expect(did).toEqual(['reserve', 'book'])
  expect(shown(world)).toMatchObject({ answer: { action: 'accept', content: ACCOUNT } })
  await expectReplays(world)
})

test.each<[string, Omit<CallDecision, 'callId'>, ToolQuestion, ToolAnswer]>([
  ['to deny declines', { decision: 'deny' }, FORM, { action: 'decline' }],
  [
    'to approve a form without input accepts it empty',
    { decision: 'approve' },
    FORM,
    { action: 'accept', content: '{}' },
  ],
  ['to approve a visit accepts it', { decision: 'approve' }, VISIT, { action: 'accept' }],
])('%s', async (_title, decision, question, expected) => {
  const { world } = await createSuspended((context) => context.ask(question))
  await decideApprovals(world.log, { runId: RUN, decisions: [{ callId: 'c1', ...decision } as CallDecision] })
  expect(await world.agent.resume(RUN).result).toMatchObject({ status: 'completed' })
  expect(shown(world)).toMatchObject({ answer: expected })
  await expectReplays(world)
})
