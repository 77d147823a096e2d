import { KIND } from '@starling/event'
import { validateRun } from '@starling/eventlog'
import { createMemoryEventLog } from '@starling/eventlog/memory'
import { expect, test } from 'vitest'
import { decideApprovals } from '../src/index.ts'
import type { CallDecision } from '../src/index.ts'
import { createFaultyLog } from './support/faulty-log.ts'
import { createWorld, expectReplays, readUpdates, RUN, sideEffects, tool } from './support/world.ts'
import type { World } from './support/world.ts'

const DEPLOY = tool('deploy', () => 'deployed', { approval: true })
const DONE = { text: 'Done.' }

const CONFLICT: readonly CallDecision[] = [
  { callId: 'a', decision: 'deny' },
  { callId: 'a', decision: 'approve' },
]

/** A world whose model plans one call under each of these ids. */
function planning(ids: readonly string[], options: Parameters<typeof createWorld>[1] = {}): World {
  const toolCalls = ids.map((id) => ({ id, name: 'deploy', arguments: {} }))
  return createWorld([{ toolCalls }, DONE], { tools: [DEPLOY], ...options })
}

async function decisionsIn(world: World): Promise<number> {
  return (await sideEffects(world)).filter(({ name }) => name === 'starling/approval').length
}

test('of decisions from outside that contradict each other nothing is recorded', async () => {
  const world = planning(['a'])
  await world.agent.runWithId(RUN, 'Go', { onApproval: 'suspend' })
  await expect(decideApprovals(world.log, { runId: RUN, decisions: CONFLICT })).rejects.toMatchObject({
    code: 'CORE_DECIDED',
    message: 'the decisions on call a contradict each other: it is denied, and approved',
  })
  expect(await decisionsIn(world)).toBe(0)
})

test('decisions through a handle that contradict each other are refused, before and after the call asks', async () => {
  const world = planning(['a'])
  const handle = world.agent.stream('Go', { runId: RUN })
  expect(() => handle.decide(CONFLICT)).toThrow(expect.objectContaining({ code: 'CORE_DECIDED' }))
  await readUpdates(handle, (update) => {
    if (update.type !== 'approval-requested') return
    expect(() => handle.decide(CONFLICT)).toThrow(expect.objectContaining({ code: 'CORE_DECIDED' }))
    void handle.deny('a')
  })
  expect(await decisionsIn(world)).toBe(1)
  await expectReplays(world)
})

test('the same decision twice among those made together is recorded once', async () => {
  const twice: readonly CallDecision[] = [
    { callId: 'a', decision: 'approve' },
    { callId: 'a', decision: 'approve', by: 'ada' },
  ]
  const outside = planning(['a'])
  await outside.agent.runWithId(RUN, 'Go', { onApproval: 'suspend' })
  expect(await decideApprovals(outside.log, { runId: RUN, decisions: twice })).toBe(1)
  expect(await decisionsIn(outside)).toBe(1)
  const inside = planning(['a'])
  const handle = inside.agent.stream('Go', { runId: RUN })
  await readUpdates(handle, (update) => {
    if (update.type === 'approval-requested') void handle.decide(twice)
  })
  expect(await decisionsIn(inside)).toBe(1)
})

test('decisions made together are on record together or not at all, whichever append fails', async () => {
  const counts = new Set<number>()
  for (let at = 2; at <= 8; at += 1) {
    const log = createMemoryEventLog()
    const world = planning(['a', 'c'], { log: createFaultyLog(log, { at, times: 99, error: new Error('disk full') }) })
    const handle = world.agent.stream('Go', { runId: RUN })
    let asked = 0
    await readUpdates(handle, (update) => {
      if (update.type !== 'approval-requested' || (asked += 1) < 2) return
      const decided = handle.decide([
        { callId: 'a', decision: 'approve' },
        { callId: 'c', decision: 'approve' },
      ])
      decided.catch(() => undefined)
    })
    await handle.result.catch(() => undefined)
    counts.add(await decisionsIn(planning([], { log })))
  }
  expect([...counts].toSorted((a, b) => a - b)).toEqual([0, 2])
})

test.each(['input', 'result'] as const)(
  'a decision whose %s is nested as deep as the log takes is kept',
  async (what) => {
    const nested = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
    const decisionOf = (levels: number): CallDecision =>
      what === 'input'
        ? { callId: 'a', decision: 'approve', input: nested(levels) }
        : { callId: 'a', decision: 'answer', result: nested(levels) }
    const world = planning(['a'])
    await world.agent.runWithId(RUN, 'Go', { onApproval: 'suspend' })
    await expect(decideApprovals(world.log, { runId: RUN, decisions: [decisionOf(32)] })).rejects.toMatchObject({
      code: 'CORE_INVALID_OPTIONS',
      message: `the ${what} of a decision is nested deeper than 31 levels`,
    })
    expect(await decideApprovals(world.log, { runId: RUN, decisions: [decisionOf(31)] })).toBe(1)
    expect(await world.agent.resume(RUN).result).toMatchObject({ status: 'completed' })
    expect(await validateRun(world.log, RUN)).toMatchObject({ status: 'ok' })
    expect(await world.payloads(KIND.ToolCallCompleted)).toHaveLength(1)
    await expectReplays(world)
  },
)
