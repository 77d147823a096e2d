import { KIND } from '@starling/event'
import type { BudgetCaps } from '@starling/event'
import type { ModelChunk } from '@starling/provider'
import { createScriptedProvider } from '@starling/provider/scripted'
import { transient } from '@starling/tool'
import { expect, test } from 'vitest'
import { createFakeClock } from './support/fake-clock.ts'
import { createWorld, expectMatch, expectReplays, RUN, seqOf, tool, truncated } from './support/world.ts'

const LOOP = () => ({ toolCalls: [{ name: 'again' }], usage: { input: 100, output: 10 } })
const AGAIN = tool('again', () => 1)

function looping(budget: BudgetCaps) {
  return createWorld(LOOP, { tools: [AGAIN], budget })
}

test('caps of 0 are no caps', async () => {
  const world = createWorld([{ text: 'Hello.', usage: { input: 1000, output: 1000 } }], {
    budget: { maxInputTokens: 0, maxOutputTokens: 0, maxUsd: 0, maxWallClockMs: 0, maxTotalTokens: 0, maxToolCalls: 0 },
  })
  expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({ status: 'completed' })
  await expectReplays(world)
})

test('a prompt that is too long for the cap on input is never sent', async () => {
  const world = createWorld([{ text: 'never' }], { budget: { maxInputTokens: 10 } })
  expect(await world.agent.runWithId(RUN, 'x'.repeat(31))).toMatchObject({
    status: 'failed',
    error: { type: 'budget', message: 'step: budget exceeded', limit: 'input_tokens' },
  })
  expect(world.provider.requests).toHaveLength(0)
  expect(await world.kinds()).toEqual(['RunStarted', 'BudgetExceeded', 'RunFailed'])
  expect(await world.payloads(KIND.BudgetExceeded)).toMatchObject([
    { limit: 'input_tokens', cap: 10, actual: 11, where: 'pre_call' },
  ])
  await expectReplays(world)
})

test.each<{ budget: BudgetCaps; limit: string; where: string; turns: number }>([
  { budget: { maxInputTokens: 250 }, limit: 'input_tokens', where: 'post_call', turns: 3 },
  { budget: { maxOutputTokens: 25 }, limit: 'output_tokens', where: 'post_call', turns: 3 },
  { budget: { maxTotalTokens: 300 }, limit: 'total_tokens', where: 'post_call', turns: 3 },
  { budget: { maxUsd: 0.001 }, limit: 'usd', where: 'post_call', turns: 3 },
  { budget: { maxToolCalls: 2 }, limit: 'tool_calls', where: 'pre_call', turns: 3 },
])('the cap on $limit counts over all turns', async ({ budget, limit, where, turns }) => {
  const world = looping(budget)
  expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({
    status: 'failed',
    error: { type: 'budget', limit },
    turnCount: turns,
  })
  expect(await world.payloads(KIND.BudgetExceeded)).toMatchObject([{ limit, where }])
  await expectReplays(world)
})

test('a resume does not count a call again that it makes again', async () => {
  const budget = { maxToolCalls: 1 }
  const turns = [{ toolCalls: [{ name: 'again' }] }, { text: 'Done.' }]
  const first = createWorld(turns, { tools: [AGAIN], budget })
  expect(await first.agent.runWithId(RUN, 'Go')).toMatchObject({ status: 'completed', toolCallCount: 1 })
  const log = await truncated(first.log, await seqOf(first.log, KIND.ToolCallScheduled))
  const resumed = first.with([{ text: 'Done.' }], { log })
  expect(await resumed.agent.resume(RUN).result).toMatchObject({ status: 'completed', toolCallCount: 2 })
  await expectReplays(resumed)
})

test('a call that was planned before a crash and not scheduled counts', async () => {
  const budget = { maxToolCalls: 1 }
  const turns = [{ toolCalls: [{ name: 'again' }, { name: 'again' }] }, { text: 'Done.' }]
  const first = createWorld(turns, { tools: [AGAIN] })
  await first.agent.runWithId(RUN, 'Go')
  const log = await truncated(first.log, await seqOf(first.log, KIND.ToolCallScheduled))
  const resumed = first.with([{ text: 'Done.' }], { log, budget })
  expect(await resumed.agent.resume(RUN).result).toMatchObject({ error: { limit: 'tool_calls' } })
})

test('a retry counts, and is not made when it would cross the cap: the failure stands', async () => {
  let attempts = 0
  const busy = tool(
    'again',
    () => {
      attempts += 1
      throw transient('busy')
    },
    { idempotent: true, maxAttempts: 5 },
  )
  const world = createWorld([{ toolCalls: [{ name: 'again' }] }, { text: 'Done.' }], {
    tools: [busy],
    budget: { maxToolCalls: 2 },
    clock: createFakeClock({ skipUpToMs: 10_000 }),
  })
  expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({ status: 'completed', toolCallCount: 2 })
  expect(attempts).toBe(2)
  expect((await world.payloads(KIND.ToolCallFailed)).map(({ final }) => final === true)).toEqual([false, true])
  await expectReplays(world)
})

test('a call that could not produce one token is not made', async () => {
  const world = looping({ maxOutputTokens: 20 })
  await world.agent.runWithId(RUN, 'Go')
  expect(await world.payloads(KIND.BudgetExceeded)).toMatchObject([
    { limit: 'output_tokens', cap: 20, actual: 20, where: 'pre_call' },
  ])
  await expectReplays(world)
})

test('an answer that grows over the cap on output is cut off while it streams', async () => {
  const world = createWorld([{ text: ['x'.repeat(40), 'y'.repeat(8), 'z'.repeat(400)] }], {
    budget: { maxOutputTokens: 10 },
  })
  expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({ error: { limit: 'output_tokens' } })
  expect(await world.payloads(KIND.BudgetExceeded)).toMatchObject([
    {
      limit: 'output_tokens',
      cap: 10,
      actual: 12,
      where: 'mid_stream',
      partialText: `${'x'.repeat(40)}${'y'.repeat(8)}`,
      partialTokens: 12,
    },
  ])
  expect(world.provider.activeCalls).toBe(0)
  await expectReplays(world)
})

test('reasoning and arguments count while they stream', async () => {
  const world = createWorld(
    [{ reasoning: 'r'.repeat(24), toolCalls: [{ name: 'again', arguments: ['"', 'a'.repeat(40)] }] }],
    {
      tools: [AGAIN],
      budget: { maxOutputTokens: 10 },
    },
  )
  await world.agent.runWithId(RUN, 'Go')
  expect(await world.payloads(KIND.BudgetExceeded)).toMatchObject([
    { actual: 16, where: 'mid_stream', partialTokens: 16 },
  ])
  await expectReplays(world)
})

test('a signed reasoning block before the cut is part of the recording', async () => {
  const signature = new Uint8Array([1, 2, 3])
  const world = createWorld([{ reasoning: [{ text: 'I think', signature }], text: 'x'.repeat(80) }], {
    budget: { maxOutputTokens: 10 },
  })
  await world.agent.runWithId(RUN, 'Go')
  expect(await world.kinds()).toEqual(['RunStarted', 'TurnStarted', 'ReasoningEmitted', 'BudgetExceeded', 'RunFailed'])
  await expectReplays(world)
})

test('the cost of the prompt and of what has streamed counts against the cap on USD', async () => {
  const world = createWorld([{ text: 'x'.repeat(400) }], { budget: { maxUsd: 0.0009 } })
  await world.agent.runWithId(RUN, 'x'.repeat(30))
  const [trip] = await world.payloads(KIND.BudgetExceeded)
  expect(trip).toMatchObject({ limit: 'usd', cap: 0.0009, where: 'mid_stream' })
  expect(trip?.actual).toBeCloseTo((10 * 2.5 + 100 * 10) / 1e6, 12)
  await expectReplays(world)
})

test('when an answer crosses several caps, output comes before USD', async () => {
  const world = createWorld([{ text: 'Hi', usage: { output: 1000 } }], {
    budget: { maxOutputTokens: 10, maxUsd: 0.001 },
  })
  expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({ error: { limit: 'output_tokens' } })
})

test('the last answer before a trip is kept', async () => {
  const world = createWorld([{ text: 'All of it.', usage: { output: 11 } }], { budget: { maxOutputTokens: 10 } })
  expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({
    status: 'failed',
    finalText: 'All of it.',
    outputTokens: 11,
  })
  await expectReplays(world)
})

test('what was spent before a crash counts after the resume', async () => {
  const budget = { maxOutputTokens: 25 }
  const first = looping(budget)
  await first.agent.runWithId(RUN, 'Go')
  const log = await truncated(first.log, await seqOf(first.log, KIND.ToolCallCompleted, 2))
  const resumed = createWorld(LOOP, { tools: [AGAIN], budget, log })
  expect(await resumed.agent.resume(RUN).result).toMatchObject({ error: { limit: 'output_tokens' }, turnCount: 3 })
  await expectReplays(resumed)
})

test('wall-clock time counts while the run is running, and not between a crash and its resume', async () => {
  const clock = createFakeClock()
  const budget = { maxWallClockMs: 1000 }
  const tools = [tool('wait', () => clock.advance(300))]
  const first = createWorld([{ toolCalls: [{ name: 'wait' }] }, { text: 'Done.' }], { clock, budget, tools })
  await first.agent.runWithId(RUN, 'Go')
  const log = await truncated(first.log, await seqOf(first.log, KIND.ToolCallCompleted))
  clock.advance(3_600_000)
  const resumed = createWorld([{ fault: { kind: 'hang' } }], { clock, budget, tools, log })
  const { result } = resumed.agent.resume(RUN)
  await clock.sleepOf(700)
  clock.advance(700)
  expect(await result).toMatchObject({ error: { limit: 'wall_clock' } })
  expect(await resumed.payloads(KIND.BudgetExceeded)).toMatchObject([{ actual: 1000 }])
  await expectReplays(resumed)
})

test('the caps are part of the recording', async () => {
  const budget = { maxInputTokens: 1000, maxUsd: 2.5, maxToolCalls: 3 }
  const world = createWorld([{ text: 'Hello.' }], { budget })
  await world.agent.runWithId(RUN, 'Go')
  expect((await world.payloads(KIND.RunStarted))[0]?.budget).toEqual(budget)
})

test('the cost of a run counts cache and reasoning at their own rates, and the rate is recorded', async () => {
  const rate = { input: 1, output: 2, cacheRead: 0.1, cacheWrite: 1.5, reasoning: 4 }
  const usage = { input: 1000, cacheRead: 100, cacheWrite: 10, output: 500, reasoning: 200 }
  const world = createWorld([{ text: 'Hello.', usage }], { model: 'house-model', prices: { 'house-*': rate } })
  const result = await world.agent.runWithId(RUN, 'Go')
  expect(result.costUsd).toBeCloseTo((1000 * 1 + 300 * 2 + 200 * 4 + 100 * 0.1 + 10 * 1.5) / 1e6, 12)
  expect(result.cache).toEqual({ hits: 1, misses: 0, readTokens: 100, createTokens: 10 })
  expect(await world.payloads(KIND.AssistantMessageCompleted)).toMatchObject([{ rate, reasoningTokens: 200 }])
  await expectReplays(world)
})

test('long cache writes have a rate of their own, on record and in a replay under another price list', async () => {
  const rate = { input: 1, output: 2, cacheRead: 0.1, cacheWrite: 1.25, cacheWriteLong: 2, reasoning: 2 }
  const usage = { input: 1000, cacheWrite: 100, cacheWriteLong: 40 }
  const world = createWorld([{ text: 'Hello.', usage }], { model: 'house-model', prices: { 'house-*': rate } })
  const result = await world.agent.runWithId(RUN, 'Go')
  expect(result.costUsd).toBeCloseTo((1000 * 1 + 60 * 1.25 + 40 * 2) / 1e6, 12)
  expect(await world.payloads(KIND.AssistantMessageCompleted)).toMatchObject([
    { cacheCreateTokens: 100, cacheCreateLongTokens: 40, rate },
  ])
  await expectReplays(world)
  await expectMatch(world.with([], { prices: { 'house-*': { input: 9, output: 9, cacheWriteLong: 99 } } }))
})

test('what a model costs goes by who serves it', async () => {
  const rates = { 'mine:open-model': { input: 1, output: 1 }, 'open-*': { input: 5, output: 5 } }
  const chunks: ModelChunk[] = [
    { type: 'usage', usage: { input: 1_000_000, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0 } },
    { type: 'end', stopReason: 'stop', rawStopReason: '', rawResponseHash: null },
  ]
  const costAt = async (id: string, by?: string): Promise<number> => {
    const answer = chunks.map((chunk) =>
      chunk.type === 'end' && by !== undefined
        ? { ...chunk, answeredBy: { providerId: by, model: 'open-model' } }
        : chunk,
    )
    const provider = createScriptedProvider({ turns: [{ chunks: answer }], id })
    const world = createWorld([], { provider, model: 'open-model', prices: rates })
    const { costUsd } = await world.agent.runWithId(RUN, 'Go')
    await expectReplays(world)
    return costUsd
  }
  expect([await costAt('mine'), await costAt('other')]).toEqual([1, 5])
  expect([await costAt('other', 'mine'), await costAt('mine', 'other')]).toEqual([1, 5])
})

test('an unknown model costs nothing', async () => {
  const world = createWorld([{ text: 'Hello.', usage: { input: 1000 } }], { model: 'unheard-of' })
  expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({ costUsd: 0 })
  await expectReplays(world)
})

test('a cap on USD cannot be kept for an unknown model, and the agent says so', () => {
  const refused = () => createWorld([], { model: 'unheard-of', budget: { maxUsd: 1 } })
  expect(refused).toThrow(
    "budget maxUsd cannot be kept: no price is known for model unheard-of; set prices, or unknownPrice: 'ignore'",
  )
})

test('with unknownPrice ignore a run on an unknown model goes uncounted', async () => {
  const world = createWorld([{ text: 'x'.repeat(400) }], {
    model: 'unheard-of',
    budget: { maxUsd: 1e-9 },
    unknownPrice: 'ignore',
  })
  expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({ status: 'completed' })
})

test('a price list that has changed since changes no replay', async () => {
  const world = looping({ maxUsd: 0.001 })
  await world.agent.runWithId(RUN, 'Go')
  await expectMatch(world.with([], { prices: { 'gpt-4o': { input: 250, output: 1000 } } }))
  await expectMatch(world.with([], { prices: { 'gpt-4o': { input: 0, output: 0 } } }))
})

test('a plan that has more calls than the cap lets through is not begun, and nobody is asked about it', async () => {
  const plan = {
    toolCalls: [
      { id: 'a', name: 'deploy', arguments: {} },
      { id: 'b', name: 'again', arguments: {} },
    ],
  }
  let asked = 0
  const approve = () => {
    asked += 1
    return { decision: 'approve' } as const
  }
  const deploy = tool('deploy', () => 'deployed', { approval: true })
  const world = createWorld([plan], { tools: [deploy, AGAIN], approve, budget: { maxToolCalls: 1 } })
  expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({ status: 'failed', error: { limit: 'tool_calls' } })
  expect(asked).toBe(0)
  expect((await world.kinds()).slice(3)).toEqual(['BudgetExceeded', 'RunFailed'])
  await expectReplays(world)
})
