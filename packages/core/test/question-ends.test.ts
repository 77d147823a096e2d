import { setImmediate } from 'node:timers/promises'
import type { EventLog } from '@starling/eventlog'
import { createMemoryEventLog } from '@starling/eventlog/memory'
import type { ScriptedToolCall, ScriptedTurn } from '@starling/provider/scripted'
import { callTool } from '@starling/step'
import type { Clock } from '@starling/step'
import { transient } from '@starling/tool'
import type { ToolAnswer } from '@starling/tool'
import { expect, test } from 'vitest'
import { ACCOUNT, createPaying, FORM, TURNS } from './support/asking.ts'
import { createFakeClock } from './support/fake-clock.ts'
import { createFaultyLog } from './support/faulty-log.ts'
import { createWorld, expectMatch, gate, idle, readUpdates, RUN, tool } from './support/world.ts'

const APPROVE = { callId: 'c1', decision: 'approve', input: ACCOUNT } as const
const ACCEPTED: ToolAnswer = { action: 'accept', content: ACCOUNT }

test('a log that refuses the answer of code leaves no rejection unhandled', async () => {
  const rejections = await unhandledIn(async () => {
    const { pay } = createPaying()
    const world = createWorld(TURNS, { tools: [pay], answer: () => ACCEPTED, log: logThatFails(5) })
    await expect(world.agent.runWithId(RUN, 'Pay')).rejects.toThrow('disk full')
  })
  expect(rejections).toEqual([])
})

test('a log that refuses the answer of a timeout leaves no rejection unhandled', async () => {
  const rejections = await unhandledIn(async () => {
    const clock = createFakeClock()
    const { pay } = createPaying()
    const world = createWorld(TURNS, { tools: [pay], clock, approvalTimeoutMs: 1000, log: logThatFails(5) })
    const handle = world.agent.stream('Pay', { runId: RUN })
    handle.result.catch(() => undefined)
    await readUpdates(handle, (update) => {
      if (update.type === 'question-asked') clock.advance(1000)
    })
    await expect(handle.result).rejects.toThrow('disk full')
  })
  expect(rejections).toEqual([])
})

test('code that answers after its call has ended leaves no rejection unhandled', async () => {
  const rejections = await unhandledIn(async () => {
    const ended = gate()
    const answered = gate()
    const wait = tool('wait', async () => {
      ended.open()
      await answered.opened
      await setImmediate()
    })
    const world = createWorld([...TURNS.slice(0, 1), plan('c2', 'wait'), { text: 'Done.' }], {
      tools: [impatient(), wait],
      answer: async () => {
        await ended.opened
        answered.open()
        return ACCEPTED
      },
    })
    expect(await world.agent.runWithId(RUN, 'Pay')).toMatchObject({ status: 'completed' })
  })
  expect(rejections).toEqual([])
})

test('an answer goes to the attempt that asks now, not to one that has failed', async () => {
  let attempts = 0
  const pay = tool(
    'pay',
    async (_input, context) => {
      attempts += 1
      const closed = attempts === 1 ? Promise.reject(transient(new Error('the bank is closed'))) : undefined
      return Promise.all([context.ask(FORM), closed])
    },
    { idempotent: true, maxAttempts: 2 },
  )
  const world = createWorld(TURNS, { tools: [pay], clock: createFakeClock({ skipUpToMs: 1000 }) })
  const handle = world.agent.stream('Pay', { runId: RUN })
  let asked = 0
  const updates = readUpdates(handle, (update) => {
    if (update.type === 'question-asked' && (asked += 1) === 2) void handle.decide([APPROVE])
  })
  expect(await settledSoon(handle.result)).toBe(true)
  handle.cancel()
  await updates
})

test('an approval goes to the call that waits, not to a question that an ended call of this id has asked', async () => {
  const deploy = tool('deploy', () => 'deployed', { approval: true })
  const turns = [...TURNS.slice(0, 1), plan('c1', 'deploy'), { text: 'Done.' }]
  const world = createWorld(turns, { tools: [impatient(), deploy] })
  const handle = world.agent.stream('Pay', { runId: RUN })
  const updates = readUpdates(handle, (update) => {
    if (update.type === 'approval-requested') void handle.approve('c1')
  })
  expect(await settledSoon(handle.result)).toBe(true)
  handle.cancel()
  await updates
})

test('a decision after the end of the run is refused, whatever was asked in it', async () => {
  const world = createWorld(TURNS, { tools: [impatient()] })
  const handle = world.agent.stream('Pay', { runId: RUN })
  await handle.result
  const refused = new Promise<void>((resolve) => resolve(handle.decide([APPROVE])))
  refused.catch(() => undefined)
  expect(await settledSoon(refused)).toBe(true)
  await expect(refused).rejects.toMatchObject({ code: 'CORE_RUN_ENDED' })
})

test('no timer of a question outlives its run', async () => {
  let open = 0
  const fake = createFakeClock()
  const sleep: Clock['sleep'] = async (ms, options) => {
    open += 1
    try {
      await fake.sleep(ms, options)
    } finally {
      open -= 1
    }
  }
  const world = createWorld(TURNS, { tools: [impatient()], clock: { ...fake, sleep }, approvalTimeoutMs: 3_600_000 })
  await world.agent.stream('Pay', { runId: RUN }).result
  await setImmediate()
  expect(open).toBe(0)
})

test('a run is left through its handle while a tool asks, and while calls wait for decisions', async () => {
  const { pay } = createPaying()
  const deploy = tool('deploy', () => 'deployed', { approval: true })
  const toolCalls = ['pay', 'deploy'].map((name) => ({ id: name, name, arguments: {} }))
  const both = createWorld([{ toolCalls }, { text: 'Done.' }], { tools: [pay, deploy] })
  const asking = both.agent.stream('Go', { runId: RUN })
  await readUpdates(asking, (update) => {
    if (update.type === 'question-asked') asking.suspend()
  })
  expect(await asking.result).toMatchObject({
    status: 'suspended',
    waiting: [
      { callId: 'pay', reason: 'question' },
      { callId: 'deploy', reason: 'policy' },
    ],
  })
  await expectMatch(both)
  const resumed = both.agent.resume(RUN)
  await readUpdates(resumed, (update) => {
    if (update.type !== 'question-asked') return
    expect(update.callId).toBe('pay')
    expect(update.loggedId).not.toBe('pay')
    void resumed.answer(update.questionId, ACCEPTED).then(() => resumed.suspend())
  })
  expect(await resumed.result).toMatchObject({ status: 'suspended', waiting: [{ callId: 'deploy' }] })
  await expectMatch(both)
  resumed.suspend()
})

test('a run that stands still already is left at once when its handle says so', async () => {
  const deploy = tool('deploy', () => 'deployed', { approval: true })
  const world = createWorld([plan('a', 'deploy'), { text: 'Done.' }], { tools: [deploy] })
  const handle = world.agent.stream('Go', { runId: RUN })
  await readUpdates(handle, (update) => {
    if (update.type === 'approval-requested') void idle().then(() => handle.suspend())
  })
  expect(await handle.result).toMatchObject({ status: 'suspended', waiting: [{ callId: 'a' }] })
})

test('a held question is cancelled when its run is left through the handle', async () => {
  const { pay } = createPaying((context) => context.ask(FORM, { held: true }))
  const world = createWorld(TURNS, { tools: [pay] })
  const handle = world.agent.stream('Pay', { runId: RUN })
  await readUpdates(handle, (update) => {
    if (update.type === 'question-asked') handle.suspend()
  })
  expect(await handle.result).toMatchObject({ status: 'completed' })
  expect(world.provider.requests[1]?.messages.at(-1)?.content).toContain('"action":"cancel"')
})

test('a run of the profile reference is not left through its handle', async () => {
  const world = createWorld([{ text: 'Done.' }], { profile: 'reference' })
  const handle = world.agent.stream('Go', { runId: RUN })
  expect(() => handle.suspend()).toThrow('run run-1 cannot be suspended: its log has no place for what waits')
  expect(await handle.result).toMatchObject({ status: 'completed' })
})

test('a tool that does not wait for its question does not end the process', async () => {
  const rejections = await unhandledIn(async () => {
    const pay = tool('pay', async (_input, context) => {
      void context.ask(FORM)
      for (let turn = 0; turn < 20; turn += 1) await setImmediate()
    })
    await createWorld(TURNS, { tools: [pay] }).agent.runWithId(RUN, 'Pay', { onApproval: 'suspend' })
  })
  expect(rejections).toEqual([])
})

test('a tool that goes on after its call has ended does not end the process', async () => {
  const rejections = await unhandledIn(async () => {
    const goOn = async (both: () => Promise<unknown>): Promise<void> => {
      await idle()
      await both().catch(() => undefined)
    }
    const pay = tool('pay', (_input, context) => {
      goOn(async () => Promise.all([context.ask(FORM), callTool({ tool: 'pay' })])).catch(() => undefined)
    })
    await createWorld(TURNS, { tools: [pay] }).agent.runWithId(RUN, 'Pay')
    await idle()
  })
  expect(rejections).toEqual([])
})

test('on a handle, the same answer again is no harm, and a conflicting one is told', async () => {
  const told: unknown[] = []
  const over = gate()
  const pay = tool('pay', async (_input, context) => {
    await context.ask(FORM)
    await over.opened
  })
  const world = createWorld(TURNS, { tools: [pay] })
  const handle = world.agent.stream('Pay', { runId: RUN })
  const answerThrice = async (): Promise<void> => {
    await handle.decide([APPROVE])
    for (const decision of [{ callId: 'c1', decision: 'deny' }, APPROVE] as const) {
      const decided = new Promise<void>((resolve) => resolve(handle.decide([decision]))).then(
        () => told.push('recorded'),
        (error: { code?: string }) => told.push(error.code),
      )
      if (!(await settledSoon(decided))) told.push('pending')
    }
    over.open()
  }
  await readUpdates(handle, (update) => {
    if (update.type === 'question-asked') void answerThrice()
  })
  expect(told.slice(0, 2)).toEqual(['CORE_DECIDED', 'recorded'])
})

test('an answer that decide refuses is refused by answer as well', async () => {
  const { pay } = createPaying()
  const world = createWorld(TURNS, { tools: [pay] })
  const handle = world.agent.stream('Pay', { runId: RUN })
  const refused: boolean[] = []
  await readUpdates(handle, (update) => {
    if (update.type !== 'question-asked') return
    try {
      void handle.answer(update.questionId, { action: 'accept', content: '[1]' })
      refused.push(false)
    } catch {
      refused.push(true)
      handle.cancel()
    }
  })
  expect(refused).toEqual([true])
})

test('contradictory answers given together are told so on a handle', async () => {
  const { pay } = createPaying()
  const world = createWorld(TURNS, { tools: [pay] })
  const handle = world.agent.stream('Pay', { runId: RUN })
  const told: unknown[] = []
  await readUpdates(handle, (update) => {
    if (update.type !== 'question-asked') return
    try {
      void handle.decide([APPROVE, { callId: 'c1', decision: 'deny' }])
    } catch (error) {
      told.push(error)
    }
    handle.cancel()
  })
  expect(told).toMatchObject([{ message: expect.stringContaining('contradict each other') }])
})

/** A plan of one call. */
function plan(id: string, name: string): ScriptedTurn & { readonly toolCalls: readonly ScriptedToolCall[] } {
  return { toolCalls: [{ id, name, arguments: {} }] }
}

/** A tool that asks, and returns without the answer. */
function impatient(): ReturnType<typeof tool> {
  return tool('pay', (_input, context) => Promise.race([context.ask(FORM), context.sideEffect('give up', () => 'no')]))
}

function logThatFails(at: number): EventLog {
  return createFaultyLog(createMemoryEventLog(), { at, times: 99, error: new Error('disk full') })
}

/** Whether something settles before everything else has come to rest. */
async function settledSoon(work: Promise<unknown>): Promise<boolean> {
  let settled = false
  const settle = (): void => void (settled = true)
  work.then(settle, settle)
  await idle()
  return settled
}

/** The rejections that would have ended the process. */
async function unhandledIn(work: () => Promise<void>): Promise<unknown[]> {
  const rejections: unknown[] = []
  const others = process.listeners('unhandledRejection')
  const note = (error: unknown): void => void rejections.push(error)
  process.removeAllListeners('unhandledRejection')
  process.on('unhandledRejection', note)
  try {
    await work()
    await idle()
  } finally {
    process.off('unhandledRejection', note)
    for (const other of others) process.on('unhandledRejection', other)
  }
  return rejections
}
