import { KIND } from '@starling/event'
import { expect, test } from 'vitest'
import { readApprovals } from '../src/index.ts'
import type { AgentOptions, RunHandle } from '../src/index.ts'
import {
  createWorld,
  expectMatch,
  expectReplays,
  gate,
  readUpdates,
  resultsShown,
  RUN,
  seqOf,
  tool,
  truncated,
} from './support/world.ts'
import type { World } from './support/world.ts'

const DONE = { text: 'Done.' }
const DEPLOY = tool('deploy', () => 'deployed', { approval: true })

/** A run whose tool `build` takes until `finish` is called; the other calls wait for decisions. */
function building(deploys: readonly string[], options: Partial<AgentOptions> = {}) {
  const built = gate()
  const build = tool('build', async (_input, context) => {
    await context.sideEffect('compile', () => 'compiled')
    await built.opened
    return context.sideEffect('link', () => 'linked')
  })
  const plan = [
    ...deploys.map((id) => ({ id, name: 'deploy', arguments: {} })),
    { id: 'b', name: 'build', arguments: {} },
  ]
  const world = createWorld([{ toolCalls: plan }, DONE], { tools: [DEPLOY, build], ...options })
  return { world, finish: built.open }
}

/** Runs to the end, with `meanwhile` done once the tool is at work; the tool goes on when that is over. */
async function runWith(
  { world, finish }: ReturnType<typeof building>,
  meanwhile: (handle: RunHandle) => Promise<unknown> | void,
): Promise<void> {
  const handle = world.agent.stream('Go', { runId: RUN })
  await readUpdates(handle, (update) => {
    if (update.type !== 'event' || update.event.kind !== KIND.SideEffectRecorded) return
    if (!Buffer.from(update.event.payload).includes('compile')) return
    void Promise.resolve(meanwhile(handle)).then(finish)
  })
  await handle.result
}

/** What is recorded from the schedule of the tool to its outcome. */
async function whileBuilding(world: World): Promise<string[]> {
  const events = await world.log.read(RUN)
  const scheduled = events.findIndex(({ kind }) => kind === KIND.ToolCallScheduled)
  const ended = events.findIndex(({ kind }) => kind === KIND.ToolCallCompleted)
  return (await world.kinds()).slice(scheduled + 1, ended)
}

test('a message that comes while a call runs is on record before the call has ended, and heard after its result', async () => {
  const run = building([])
  await runWith(run, async (handle) => {
    handle.send('hurry')
    await expect.poll(() => run.world.kinds()).toContain('UserMessageAppended')
  })
  expect(await whileBuilding(run.world)).toEqual(['SideEffectRecorded', 'UserMessageAppended', 'SideEffectRecorded'])
  expect(run.world.provider.requests[1]?.messages.map(({ role }) => role)).toEqual([
    'user',
    'assistant',
    'tool',
    'user',
  ])
  await expectReplays(run.world)
})

test('a decision that is made while another call runs is durable before that has ended', async () => {
  const run = building(['a'])
  await runWith(run, (handle) => handle.approve('a', { by: 'ada' }))
  expect(await whileBuilding(run.world)).toEqual(['SideEffectRecorded', 'SideEffectRecorded', 'SideEffectRecorded'])
  expect(resultsShown(run.world.provider, 1)).toEqual({ a: '"deployed"', b: '"linked"' })
  await expectReplays(run.world)
})

test('decisions that are made together while another call runs are one append', async () => {
  const run = building(['a', 'c', 'd'])
  const { log } = run.world
  await runWith(run, async (handle) => {
    const before = (await log.read(RUN)).length
    await handle.decide(['d', 'a', 'c'].map((callId) => ({ callId, decision: 'approve' })))
    expect((await log.read(RUN)).length - before).toBe(3)
  })
  const scheduled = await run.world.payloads(KIND.ToolCallScheduled)
  expect(scheduled.map(({ callId }) => callId)).toEqual(['b', 'a', 'c', 'd'])
  await expectReplays(run.world)
})

test('what was said and decided while calls ran outlives a process that dies before they have ended', async () => {
  const whole = building(['a'])
  await runWith(whole, async (handle) => {
    handle.send('hurry')
    await handle.approve('a', { by: 'ada' })
  })
  const outcome = await seqOf(whole.world.log, KIND.ToolCallCompleted)
  const log = await truncated(whole.world.log, outcome - 1)
  const { world, finish } = building(['a'], { log })
  finish()
  expect(await readApprovals(log, RUN)).toEqual([])
  await expectMatch(world)
  const after = world.with([DONE])
  expect(await after.agent.resume(RUN).result).toMatchObject({ status: 'completed' })
  expect(after.provider.requests[0]?.messages.map(({ role }) => role)).toEqual([
    'user',
    'assistant',
    'tool',
    'tool',
    'user',
  ])
  await expectReplays(after)
})

test('a replay that differs is compared again after the calls, whatever was said among them', async () => {
  const run = building(['a'])
  await runWith(run, async (handle) => {
    handle.send('hurry')
    await handle.approve('a')
  })
  const other = tool('build', async (_input, context) => context.sideEffect('compile', () => 'compiled'))
  const world = run.world.with([], { tools: [DEPLOY, other] })
  const report = await world.agent.replay(RUN, { collect: 'all' })
  expect(report.divergences).toHaveLength(1)
  expect(report.divergences[0]).toMatchObject({ callId: 'b' })
})

test('a message to a run of the profile reference waits until its calls have ended', async () => {
  const run = building([], { profile: 'reference' })
  await runWith(run, (handle) => handle.send('hurry'))
  expect(await whileBuilding(run.world)).toEqual(['SideEffectRecorded', 'SideEffectRecorded'])
  expect(await run.world.kinds()).toContain('UserMessageAppended')
  await expectReplays(run.world)
})
