import { encodePayload, KIND } from '@starling/event'
import type { Event } from '@starling/event'
import type { Tool } from '@starling/tool'
import { expect, test } from 'vitest'
import {
  createWorld,
  expectDiverged,
  expectMatch,
  expectReplays,
  gate,
  RUN,
  seqOf,
  tampered,
  tool,
  truncated,
  untilAborted,
} from './support/world.ts'
import type { World } from './support/world.ts'

const TURNS = [
  { toolCalls: [{ id: 'c1', name: 'add', arguments: { a: 1, b: 2 } }], usage: { input: 10, output: 5 } },
  { text: 'It is 3.', usage: { input: 20, output: 4 } },
]
const ADD = tool('add', ({ a, b }) => ({ sum: { value: Number(a) + Number(b) } }))

async function recorded(tools: readonly Tool[] = [ADD], turns: typeof TURNS = TURNS): Promise<World> {
  const world = createWorld(turns, { tools, systemPrompt: 'Be brief.', appVersion: '1', starlingVersion: '1' })
  await world.agent.runWithId(RUN, 'Add')
  return world
}

test('a replay reproduces every event and asks no model', async () => {
  const world = await recorded()
  const again = world.with([])
  expect(await again.agent.replay(RUN)).toEqual({
    runId: RUN,
    status: 'match',
    eventsRecorded: 8,
    comparedFrom: 1,
    eventsReproduced: 8,
    divergences: [],
    warnings: [],
  })
  expect(again.provider.requests).toHaveLength(0)
})

test('a replay writes nothing', async () => {
  const world = await recorded()
  const before = await world.log.read(RUN)
  await world.agent.replay(RUN)
  await expectDiverged(world.with([], { systemPrompt: 'other' }), { collect: 'all' })
  expect(await world.log.read(RUN)).toEqual(before)
})

test('an unknown run cannot be replayed', async () => {
  await expect(createWorld([]).agent.replay('nowhere')).rejects.toMatchObject({ code: 'CORE_RUN_NOT_FOUND' })
})

test('a run that is still open matches as far as it goes', async () => {
  const world = await recorded()
  for (let length = 1; length < 8; length += 1) {
    const open = createWorld([], {
      tools: [ADD],
      systemPrompt: 'Be brief.',
      log: await truncated(world.log, length),
    })
    await expectMatch(open)
  }
})

test('a changed tool result is found, with the path to what differs', async () => {
  const world = await recorded()
  const changed = tool('add', () => ({ sum: { value: 4 } }))
  const report = await expectDiverged(world.with([], { tools: [changed] }))
  expect(report).toMatchObject({ eventsRecorded: 8, eventsReproduced: 4 })
  expect(report.divergences).toEqual([
    {
      seq: 5,
      class: 'payload',
      kind: 'ToolCallCompleted',
      expectedKind: 'ToolCallCompleted',
      path: 'result.sum.value',
      recorded: 3,
      produced: 4,
      callId: 'c1',
      turnId: expect.stringMatching(/^[0-9A-Z]{26}$/),
      tool: 'add',
      message: 'ToolCallCompleted at seq 5 differs at result.sum.value: recorded 3, produced 4 (tool add, call c1)',
    },
  ])
})

test('a tool that fails now is found as another kind', async () => {
  const world = await recorded()
  const broken = tool('add', () => {
    throw new Error('out of order')
  })
  const report = await expectDiverged(world.with([], { tools: [broken] }))
  expect(report.divergences).toMatchObject([
    { seq: 5, class: 'kind', kind: 'ToolCallFailed', expectedKind: 'ToolCallCompleted', callId: 'c1' },
  ])
})

test.for<[string, Parameters<World['with']>[1], string, string]>([
  ['system prompt', { systemPrompt: 'Be long.' }, 'system_prompt', 'the system prompt'],
  ['model', { model: 'gpt-4o-mini' }, 'model_id', 'model recorded "gpt-4o", now "gpt-4o-mini"'],
  ['tool set', { tools: [ADD, tool('extra', () => 1)] }, 'tool_', 'tool extra is new'],
  ['schema', { tools: [{ ...ADD, inputSchema: '{"type":"object","x":1}' }] }, 'tool_', 'the schema of tool add'],
  ['parameters', { params: { temperature: 1 } }, 'params', 'the params'],
])('a changed %s is found at the start, by name', async ([, options, path, named]) => {
  const world = await recorded()
  const report = await expectDiverged(world.with([], options))
  expect(report.divergences).toMatchObject([{ seq: 1, class: 'payload', kind: 'RunStarted' }])
  expect(report.divergences[0]?.path).toContain(path)
  expect(report.divergences[0]?.message).toContain(`: ${named}`)
})

test('a changed budget is found where it is crossed, and at the start only when asked', async () => {
  const world = await recorded()
  await expectMatch(world.with([], { budget: { maxInputTokens: 500_000 } }))
  const tight = world.with([], { budget: { maxInputTokens: 5 } })
  expect((await expectDiverged(tight)).divergences).toMatchObject([{ seq: 2, kind: 'BudgetExceeded' }])
  expect((await expectDiverged(tight, { strict: true })).divergences).toMatchObject([{ seq: 1, path: 'budget' }])
})

test('a changed tool description is found in the hash of the prompt', async () => {
  const world = await recorded()
  const report = await expectDiverged(world.with([], { tools: [{ ...ADD, description: 'other' }] }))
  expect(report.divergences).toMatchObject([{ seq: 2, class: 'payload', kind: 'TurnStarted', path: 'prompt_hash' }])
})

test('versions are compared only when asked', async () => {
  const world = await recorded()
  const newer = world.with([], { appVersion: '2', starlingVersion: '2' })
  await expectMatch(newer)
  const report = await expectDiverged(newer, { strict: true })
  expect(report.divergences).toMatchObject([{ seq: 1, path: 'app_version', recorded: '1', produced: '2' }])
  expect(await world.agent.replay(RUN, { strict: true })).toMatchObject({ status: 'match' })
})

test('with recorded tools nothing is executed, and a changed tool does not matter', async () => {
  const world = await recorded()
  let calls = 0
  const other = world.with([], { tools: [tool('add', () => (calls += 1))] })
  expect(await other.agent.replay(RUN, { tools: 'recorded' })).toMatchObject({ status: 'match' })
  expect(calls).toBe(0)
})

test.each([{ idempotent: false }, { replay: 'recorded' as const }])(
  'a tool with the policy %o is not executed in a replay',
  async (policy) => {
    let calls = 0
    const pay = tool('add', () => (calls += 1), policy)
    const world = await recorded([pay])
    await expectReplays(world)
    expect(calls).toBe(1)
  },
)

test('replay: execute overrides idempotent: false', async () => {
  let calls = 0
  const world = await recorded([
    tool(
      'add',
      () => {
        calls += 1
        return 1
      },
      { idempotent: false, replay: 'execute' },
    ),
  ])
  await world.agent.replay(RUN)
  expect(calls).toBe(2)
})

test('a nested call of a tool that must not be repeated is taken over', async () => {
  let payments = 0
  const pay = tool('pay', () => ({ receipt: (payments += 1) }), { idempotent: false })
  const shop = {
    ...tool('add', () => 1, { idempotent: false, replay: 'execute' }),
    execute: async () => (await import('@starling/step')).callTool({ tool: 'pay' }),
  }
  const world = await recorded([shop, pay])
  expect(payments).toBe(1)
  await expectReplays(world)
  expect(payments).toBe(1)
})

test('a nested call that failed for good fails the same way in a replay', async () => {
  let attempts = 0
  const pay = tool(
    'pay',
    () => {
      attempts += 1
      throw new Error('no funds')
    },
    { idempotent: false },
  )
  const shop = {
    ...tool('add', () => 1, { idempotent: false, replay: 'execute' }),
    execute: async () => {
      const { callTool } = await import('@starling/step')
      return callTool({ tool: 'pay' }).catch((error: Error) => JSON.stringify(error.message))
    },
  }
  const world = await recorded([shop, pay])
  await expectReplays(world)
  expect(attempts).toBe(1)
})

test('all differences are collected when asked', async () => {
  const turns = [TURNS[0], { toolCalls: [{ id: 'c2', name: 'add', arguments: { a: 2, b: 2 } }] }, { text: 'Done.' }]
  const world = createWorld(turns as typeof TURNS, { tools: [ADD] })
  await world.agent.runWithId(RUN, 'Add')
  const changed = world.with([], { tools: [tool('add', () => 0)] })
  const report = await expectDiverged(changed, { collect: 'all' })
  expect(report.divergences.map(({ seq, callId }) => ({ seq, callId }))).toEqual([
    { seq: 5, callId: 'c1' },
    { seq: 9, callId: 'c2' },
  ])
  expect(report.eventsReproduced).toBe(report.eventsRecorded - 2)
})

test('a changed system prompt differs at the start and once per turn', async () => {
  const turns = [1, 2, 3].map((n) => ({ toolCalls: [{ id: `c${n}`, name: 'add', arguments: { a: n, b: n } }] }))
  const world = createWorld([...turns, { text: 'Done.' }], { tools: [ADD], systemPrompt: 'Be brief.' })
  await world.agent.runWithId(RUN, 'Add')
  const report = await expectDiverged(world.with([], { systemPrompt: 'Be long.' }), { collect: 'all' })
  expect(report.divergences.map(({ kind, path }) => `${kind} ${path}`)).toEqual([
    expect.stringMatching(/^RunStarted system_prompt/),
    ...Array.from({ length: 4 }, () => 'TurnStarted prompt_hash'),
  ])
  expect(report.eventsReproduced).toBe(report.eventsRecorded - 5)
})

test('a difference inside a batch is reported once, and the batches after it are compared', async () => {
  const batch = (...ids: string[]) => ({ toolCalls: ids.map((id) => ({ id, name: 'add', arguments: { a: 1, b: 1 } })) })
  const world = createWorld([batch('c1', 'c2', 'c3'), batch('c4'), { text: 'Done.' }], { tools: [ADD] })
  await world.agent.runWithId(RUN, 'Add')
  const changed = world.with([], { tools: [tool('add', () => 0)] })
  const report = await expectDiverged(changed, { collect: 'all' })
  expect(report.divergences.map(({ callId }) => callId)).toEqual(['c1', 'c4'])
  expect(report.eventsReproduced).toBe(report.eventsRecorded - 2)
})

test.each(['first', 'all'] as const)('an aborted replay rejects with the reason (collect: %s)', async (collect) => {
  const world = await recorded()
  const controller = new AbortController()
  const hanging = tool('add', () => {
    controller.abort('enough')
    return new Promise(() => undefined)
  })
  const replay = world.with([], { tools: [hanging] }).agent.replay(RUN, { collect, signal: controller.signal })
  await expect(replay).rejects.toBe('enough')
  await expect(world.agent.replay(RUN, { signal: controller.signal })).rejects.toBe('enough')
})

test.each<[string, (signal: AbortSignal) => Promise<unknown>]>([
  [
    'fails with an error of its own',
    (signal) => untilAborted(signal).catch(() => Promise.reject(new Error('stopped'))),
  ],
  ['returns what it has', (signal) => untilAborted(signal).catch(() => ({ partial: true }))],
])('a cancelled and a deadlined run replay when a tool %s', async (_what, work) => {
  const started = gate()
  const slow = tool('slow', (_input, { signal }) => {
    started.open()
    return work(signal)
  })
  const turns = [
    {
      toolCalls: [
        { id: 'c1', name: 'slow' },
        { id: 'c2', name: 'add' },
      ],
    },
  ]
  const world = createWorld(turns, { tools: [slow, ADD] })
  const handle = world.agent.stream('Go', { runId: RUN })
  await started.opened
  handle.cancel('stop')
  expect(await handle.result).toMatchObject({ status: 'cancelled' })
  await expectReplays(world)
  const deadlined = createWorld(turns, { tools: [slow, ADD], budget: { maxWallClockMs: 20 } })
  expect(await deadlined.agent.runWithId(RUN, 'Go')).toMatchObject({ status: 'failed', error: { type: 'budget' } })
  await expectReplays(deadlined)
})

test('a replay from a seq in the middle of a step begins at the step', async () => {
  const world = await recorded()
  const changed = world.with([], { tools: [{ ...ADD, execute: async () => '0' }] })
  expect((await expectDiverged(changed, { fromSeq: 5 })).divergences).toMatchObject([{ seq: 5 }])
  expect(await changed.agent.replay(RUN, { fromSeq: 6 })).toMatchObject({ status: 'match', eventsReproduced: 8 })
  const seqs = [1, 2, 3, 4, 5, 6, 7, 8]
  const reports = await Promise.all(seqs.map((fromSeq) => world.agent.replay(RUN, { fromSeq })))
  expect(reports.map(({ comparedFrom }) => comparedFrom)).toEqual([1, 2, 2, 2, 2, 6, 6, 8])
})

test.each([0, -1, 1.5, 9, Number.NaN])('a replay from seq %d of a run of 8 events is refused', async (fromSeq) => {
  const world = await recorded()
  await expect(world.agent.replay(RUN, { fromSeq })).rejects.toMatchObject({
    code: 'CORE_INVALID_OPTIONS',
    message: `fromSeq is ${fromSeq}, expected a whole number from 1 to 8`,
  })
})

test('a call that the recording has and the run does not make is found', async () => {
  const world = await recorded()
  const [scheduled] = await world.payloads(KIND.ToolCallScheduled)
  if (scheduled === undefined) throw new Error('no call')
  const extra = draft(KIND.ToolCallScheduled, encodePayload(KIND.ToolCallScheduled, { ...scheduled, callId: 'c2' }))
  const log = await tampered(world, (events) => [...events.slice(0, 7), extra])
  const report = await expectDiverged(createWorld([], { tools: [ADD], systemPrompt: 'Be brief.', log }))
  expect(report.divergences).toMatchObject([
    { seq: 8, class: 'kind', kind: 'RunCompleted', expectedKind: 'ToolCallScheduled' },
  ])
})

test('a tampered answer diverges', async () => {
  const world = await recorded()
  const [answer] = await world.payloads(KIND.AssistantMessageCompleted)
  if (answer === undefined) throw new Error('no answer')
  const log = await tampered(world, (events) =>
    events.map((event) =>
      event.seq === 3
        ? { ...event, payload: encodePayload(KIND.AssistantMessageCompleted, { ...answer, costUsd: 99 }) }
        : event,
    ),
  )
  const changed = createWorld([], { tools: [ADD], systemPrompt: 'Be brief.', log })
  await expect(changed.agent.replay(RUN)).rejects.toMatchObject({ code: 'CORE_CORRUPT' }) // its Merkle root is another
  const open = await truncated(log, 7)
  const report = await expectDiverged(createWorld([], { tools: [ADD], systemPrompt: 'Be brief.', log: open }))
  expect(report.divergences).toMatchObject([{ seq: 3, path: 'cost_usd', recorded: 99 }])
})

test.each([2, 3, 4, 5, 6])('a recording without its event %i, chained anew, diverges or is corrupt', async (seq) => {
  const world = await recorded()
  const log = await tampered(world, (events) => events.filter((event) => event.seq !== seq).slice(0, 6))
  const changed = createWorld([], { tools: [ADD], systemPrompt: 'Be brief.', log })
  expect(['diverged', 'CORE_CORRUPT']).toContain(await verdictOf(changed))
})

test('an event of a kind that this version does not know is part of the chain and of nothing else', async () => {
  const world = await recorded()
  const unknown = draft(99, new Uint8Array([0xa0]))
  const log = await tampered(world, (events) => [...events.slice(0, 2), unknown, ...events.slice(2, 7)])
  expect(await verdictOf(createWorld([], { tools: [ADD], systemPrompt: 'Be brief.', log }))).toBe('match')
})

test('a replay says the same every time', async () => {
  const world = await recorded()
  const reports = [await world.agent.replay(RUN), await world.agent.replay(RUN), await world.agent.replay(RUN)]
  expect(reports[1]).toEqual(reports[0])
  expect(reports[2]).toEqual(reports[0])
})

test('a resumed and a cancelled run replay from the middle too', async () => {
  const world = await recorded()
  const resumed = createWorld([{ text: 'Again.' }], {
    tools: [ADD],
    systemPrompt: 'Be brief.',
    log: await truncated(world.log, await seqOf(world.log, KIND.ToolCallScheduled)),
  })
  await resumed.agent.resume(RUN, { message: 'hello' }).result
  const length = (await resumed.log.read(RUN)).length
  for (let fromSeq = 1; fromSeq <= length; fromSeq += 1) await expectReplays(resumed, RUN, { fromSeq })
})

/** The status of a replay, or the code of the error that refused it. */
async function verdictOf(world: World): Promise<unknown> {
  return world.agent.replay(RUN).then(
    ({ status }) => status,
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
  )
}

function draft(kind: number, payload: Uint8Array): Event {
  return { runId: RUN, seq: 0, prevHash: null, ts: 1n, kind, payload }
}

test('by the rules of the reference a failed call ends the run, also for a replay from its end', async () => {
  const failing = tool('add', () => Promise.reject(new Error('out of numbers')))
  const world = createWorld(TURNS, { tools: [failing], profile: 'reference' })
  expect(await world.agent.runWithId(RUN, 'Add')).toMatchObject({ status: 'failed', error: { type: 'tool' } })
  const { length } = await world.log.read(RUN)
  for (let fromSeq = 1; fromSeq <= length; fromSeq += 1) {
    expect(await world.agent.replay(RUN, { fromSeq })).toMatchObject({ status: 'match', divergences: [] })
  }
})
