import { KIND } from '@starling/event'
import { validateRun } from '@starling/eventlog'
import { ProviderError } from '@starling/provider'
import { createScriptedProvider } from '@starling/provider/scripted'
import type { ScriptedTurn } from '@starling/provider/scripted'
import { expect, test } from 'vitest'
import { createFakeClock } from './support/fake-clock.ts'
import { createWorld, expectReplays, gate, RUN, tool, untilAborted } from './support/world.ts'

test('a run without tools completes with the text of the model', async () => {
  const world = createWorld([{ text: 'Hello.', usage: { input: 12, output: 3 } }])
  const result = await world.agent.runWithId(RUN, 'Say hello')
  expect(result).toMatchObject({
    runId: RUN,
    status: 'completed',
    finalText: 'Hello.',
    turnCount: 1,
    toolCallCount: 0,
    inputTokens: 12,
    outputTokens: 3,
    cache: { hits: 0, misses: 1, readTokens: 0, createTokens: 0 },
  })
  expect(result.error).toBeUndefined()
  expect(await world.kinds()).toEqual(['RunStarted', 'TurnStarted', 'AssistantMessageCompleted', 'RunCompleted'])
  await expectReplays(world)
})

test('the result carries the Merkle root that validation computes', async () => {
  const world = createWorld([{ text: 'Hello.' }])
  const { merkleRoot } = await world.agent.runWithId(RUN, 'Say hello')
  expect(merkleRoot).toHaveLength(32)
  expect((await world.payloads(KIND.RunCompleted))[0]?.merkleRoot).toEqual(merkleRoot)
  expect(await validateRun(world.log, RUN)).toMatchObject({ status: 'ok', root: merkleRoot })
})

test('a tool is called with the arguments of the model, and its result goes back', async () => {
  const world = createWorld(
    [{ toolCalls: [{ id: 'c1', name: 'add', arguments: { a: 1, b: 2 } }] }, { text: 'It is 3.' }],
    { tools: [tool('add', ({ a, b }) => ({ sum: Number(a) + Number(b) }))] },
  )
  const result = await world.agent.runWithId(RUN, 'Add 1 and 2')
  expect(result).toMatchObject({ status: 'completed', finalText: 'It is 3.', turnCount: 2, toolCallCount: 1 })
  expect(world.provider.requests[1]?.messages.slice(1)).toMatchObject([
    { role: 'assistant', toolUses: [{ callId: 'c1', name: 'add', arguments: '{"a":1,"b":2}' }] },
    { role: 'tool', callId: 'c1', content: '{"sum":3}', isError: false },
  ])
  await expectReplays(world)
})

test('the calls of one answer are all scheduled before the first runs, and their results come in plan order', async () => {
  const second = gate()
  const world = createWorld(
    [
      {
        toolCalls: [
          { id: 'a', name: 'slow' },
          { id: 'b', name: 'fast' },
        ],
      },
      { text: 'Done.' },
    ],
    {
      tools: [
        tool('slow', async () => {
          await second.opened
          return 'slow'
        }),
        tool('fast', () => {
          queueMicrotask(second.open)
          return 'fast'
        }),
      ],
    },
  )
  await world.agent.runWithId(RUN, 'Go')
  expect((await world.kinds()).slice(3, 7)).toEqual([
    'ToolCallScheduled',
    'ToolCallScheduled',
    'ToolCallCompleted',
    'ToolCallCompleted',
  ])
  expect((await world.payloads(KIND.ToolCallCompleted)).map((completed) => completed.callId)).toEqual(['b', 'a'])
  expect(world.provider.requests[1]?.messages.slice(2)).toMatchObject([{ callId: 'a' }, { callId: 'b' }])
  await expectReplays(world)
})

test('a run that uses up its turns fails, after the tools of the last one', async () => {
  const world = createWorld(() => ({ toolCalls: [{ name: 'again' }] }), {
    tools: [tool('again', () => 'once more')],
    maxTurns: 2,
  })
  const result = await world.agent.runWithId(RUN, 'Loop')
  expect(result).toMatchObject({
    status: 'failed',
    error: { type: 'max_turns', message: 'starling: max turns exceeded' },
    turnCount: 2,
    toolCallCount: 2,
  })
  await expectReplays(world)
})

test('without a limit on turns a run goes on for as long as the model calls tools', async () => {
  const world = createWorld(
    (_request, call) => (call < 60 ? { toolCalls: [{ name: 'again' }] } : { text: 'Enough.' }),
    {
      tools: [tool('again', () => 1)],
      maxTurns: 0,
    },
  )
  expect(await world.agent.runWithId(RUN, 'Loop')).toMatchObject({ status: 'completed', turnCount: 61 })
})

test('a refused request fails the run with the class, status and words of the provider', async () => {
  const error = new ProviderError('PROVIDER_REJECTED', 'no such model', { status: 404 })
  const world = createWorld([{ fault: { kind: 'error', error } }])
  const result = await world.agent.runWithId(RUN, 'Go')
  expect(result).toMatchObject({
    status: 'failed',
    error: { type: 'provider', message: 'starling: provider "scripted" (status 404): no such model' },
  })
  expect(await world.kinds()).toEqual(['RunStarted', 'TurnStarted', 'TurnFailed', 'RunFailed'])
  await expectReplays(world)
})

test('an error of the provider that is not classified fails the run as internal', async () => {
  const world = createWorld([{ fault: { kind: 'error', error: new TypeError('x is not a function') } }])
  const result = await world.agent.runWithId(RUN, 'Go')
  expect(result).toMatchObject({ status: 'failed', error: { type: 'internal', message: 'x is not a function' } })
  await expectReplays(world)
})

test('a missing hash of the raw response fails a run that requires it', async () => {
  const world = createWorld([{ text: 'Hello.' }], { requireRawResponseHash: true })
  const result = await world.agent.runWithId(RUN, 'Go')
  expect(result.error).toMatchObject({ type: 'internal', message: 'step: missing raw response hash' })
  await expectReplays(world)
})

test('a run whose signal is already aborted is cancelled before its first turn', async () => {
  const world = createWorld([{ text: 'never' }])
  const result = await world.agent.runWithId(RUN, 'Go', { signal: AbortSignal.abort() })
  expect(result).toMatchObject({ status: 'cancelled', error: { type: 'cancelled', message: 'context_canceled' } })
  expect(await world.kinds()).toEqual(['RunStarted', 'RunCancelled'])
  expect(world.provider.requests).toHaveLength(0)
  await expectReplays(world)
})

test.each([
  { reason: 'the user left', recorded: 'the user left' },
  { reason: new DOMException('timed out', 'TimeoutError'), recorded: 'deadline_exceeded' },
  { reason: new Error('the shift is over'), recorded: 'the shift is over' },
  { reason: new DOMException('This operation was aborted', 'AbortError'), recorded: 'context_canceled' },
  { reason: new Error(), recorded: 'context_canceled' },
  { reason: 17, recorded: 'context_canceled' },
])('an abort with $reason is recorded as $recorded', async ({ reason, recorded }) => {
  const world = createWorld([{ text: 'never' }])
  await world.agent.runWithId(RUN, 'Go', { signal: AbortSignal.abort(reason) })
  expect(await world.payloads(KIND.RunCancelled)).toMatchObject([{ reason: recorded }])
})

test('a run is cancelled in the middle of an answer, whose text is not recorded', async () => {
  const world = createWorld([{ text: ['Once ', 'upon'], fault: { kind: 'hang', afterChunks: 2 } }])
  const handle = world.agent.stream('Tell', { runId: RUN })
  for await (const update of handle) if (update.type === 'text-delta') handle.cancel('enough')
  expect(await handle.result).toMatchObject({ status: 'cancelled', finalText: '', error: { message: 'enough' } })
  expect(await world.kinds()).toEqual(['RunStarted', 'TurnStarted', 'RunCancelled'])
  await expectReplays(world)
})

test('a run is cancelled in a tool that heeds its signal', async () => {
  const world = createWorld([{ toolCalls: [{ id: 'c1', name: 'wait' }] }], {
    tools: [tool('wait', (_input, { signal }) => untilAborted(signal))],
  })
  const handle = world.agent.stream('Go', { runId: RUN })
  for await (const update of handle) if (update.type === 'tool-started') handle.cancel()
  expect(await handle.result).toMatchObject({ status: 'cancelled', error: { message: 'user_cancel' } })
  expect(await world.payloads(KIND.ToolCallFailed)).toMatchObject([
    { callId: 'c1', errorType: 'cancelled', error: 'the run was cancelled: user_cancel', final: true },
  ])
  await expectReplays(world)
})

test('a run is cancelled in a tool that does not heed its signal, once its grace is over', async () => {
  const clock = createFakeClock({ skipUpToMs: 40 })
  const world = createWorld([{ toolCalls: [{ name: 'deaf' }] }], {
    tools: [tool('deaf', () => new Promise(() => undefined))],
    clock,
    cancelGraceMs: 40,
  })
  const handle = world.agent.stream('Go', { runId: RUN })
  for await (const update of handle) if (update.type === 'tool-started') handle.cancel()
  expect(await handle.result).toMatchObject({ status: 'cancelled' })
  expect(clock.sleeps).toEqual([40])
  expect(await world.payloads(KIND.ToolCallFailed)).toMatchObject([{ errorType: 'cancelled' }])
  await expectReplays(world)
})

test('a tool that returns although its run is cancelled keeps its result', async () => {
  const world = createWorld([{ toolCalls: [{ name: 'stubborn' }] }], {
    tools: [
      tool('stubborn', async (_input, { signal }) => {
        if (cancelling) await untilAborted(signal).catch(() => undefined)
        return 'done'
      }),
    ],
  })
  let cancelling = true
  const handle = world.agent.stream('Go', { runId: RUN })
  for await (const update of handle) if (update.type === 'tool-started') handle.cancel()
  expect(await world.kinds()).toEqual([
    'RunStarted',
    'TurnStarted',
    'AssistantMessageCompleted',
    'ToolCallScheduled',
    'ToolCallCompleted',
    'RunCancelled',
  ])
  cancelling = false
  await expectReplays(world)
})

test('a cancelled batch lets every call end, and starts none that still waited in line', async () => {
  const ran: string[] = []
  const world = createWorld(
    [
      {
        toolCalls: [
          { id: 'a', name: 'wait' },
          { id: 'b', name: 'wait' },
        ],
      },
    ],
    {
      tools: [
        tool('wait', (_input, { callId, signal }) => {
          ran.push(callId)
          return untilAborted(signal)
        }),
      ],
      maxParallelTools: 1,
    },
  )
  const handle = world.agent.stream('Go', { runId: RUN })
  for await (const update of handle) if (update.type === 'tool-started' && update.callId === 'b') handle.cancel()
  expect(ran).toEqual(['a'])
  expect(await world.payloads(KIND.ToolCallFailed)).toMatchObject([
    { callId: 'a', errorType: 'cancelled' },
    { callId: 'b', errorType: 'cancelled' },
  ])
  await expectReplays(world)
})

test('a run whose wall-clock budget runs out fails by its budget', async () => {
  const clock = createFakeClock()
  const world = createWorld([{ fault: { kind: 'hang' } }], { clock, budget: { maxWallClockMs: 5000 } })
  const running = world.agent.runWithId(RUN, 'Go')
  await clock.sleepOf(5000)
  clock.advance(5000)
  expect(await running).toMatchObject({
    status: 'failed',
    error: { type: 'budget', message: 'step: budget exceeded', limit: 'wall_clock' },
    durationMs: 5000,
  })
  expect(await world.payloads(KIND.BudgetExceeded)).toMatchObject([
    { limit: 'wall_clock', cap: 5000, actual: 5000, where: 'mid_stream' },
  ])
  await expectReplays(world)
})

test("a tool's own timeout is never taken for the wall-clock budget of the run", async () => {
  const world = createWorld([{ toolCalls: [{ name: 'fetch' }] }, { text: 'It timed out.' }], {
    tools: [
      tool('fetch', () => {
        throw new DOMException('the operation timed out', 'TimeoutError')
      }),
    ],
    budget: { maxWallClockMs: 3_600_000 },
  })
  expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({ status: 'completed' })
  expect(await world.payloads(KIND.ToolCallFailed)).toMatchObject([{ errorType: 'tool' }])
  expect(await world.payloads(KIND.BudgetExceeded)).toEqual([])
  await expectReplays(world)
})

test('an abort inside a tool is not taken for a cancellation of the run', async () => {
  const world = createWorld([{ toolCalls: [{ name: 'fetch' }] }, { text: 'It was aborted.' }], {
    tools: [tool('fetch', () => AbortSignal.abort().throwIfAborted())],
  })
  expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({ status: 'completed' })
  await expectReplays(world)
})

test('a run lets go of its caller’s signal when it ends', async () => {
  const world = createWorld([{ text: 'Hello.' }])
  const signal = new CountingSignal()
  await world.agent.runWithId(RUN, 'Go', { signal: signal.watched() })
  expect(signal.listeners).toBe(0)
})

class CountingSignal {
  listeners = 0

  watched(): AbortSignal {
    const { signal } = new AbortController()
    return new Proxy(signal, {
      get: (target, name) => {
        if (name === 'addEventListener') this.listeners += 1
        if (name === 'removeEventListener') this.listeners -= 1
        const value: unknown = Reflect.get(target, name, target)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  }
}

test.each(['max_tokens', 'filtered', 'error'] as const)(
  'a final answer cut off by %s fails the run',
  async (stopReason) => {
    const world = createWorld([{ text: 'Half an ans', stopReason }])
    expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({
      status: 'failed',
      finalText: 'Half an ans',
      finishReason: stopReason,
      error: {
        type: 'provider',
        message: `starling: the answer is not complete: the model stopped with ${stopReason}`,
      },
    })
    await expectReplays(world)
    await expectReplays(world.with([], { onTruncated: 'complete' }))
  },
)

test.each([
  ['pause_turn', 'with "pause_turn"'],
  ['', 'without saying why'],
])('an answer that ended for the unknown reason %j fails the run, and says the way out', async (raw, why) => {
  const turn: ScriptedTurn = { text: 'Perhaps all.', stopReason: 'other', rawStopReason: raw }
  const world = createWorld([turn])
  expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({
    status: 'failed',
    finalText: 'Perhaps all.',
    finishReason: 'other',
    error: {
      type: 'provider',
      message: `starling: the answer may not be complete: the model stopped ${why}; if it is, set onTruncated: 'complete'`,
    },
  })
  await expectReplays(world)
  const patient = createWorld([turn], { onTruncated: 'complete' })
  expect(await patient.agent.runWithId(RUN, 'Go')).toMatchObject({ status: 'completed', finishReason: 'other' })
  await expectReplays(patient)
  await expectReplays(patient.with([], { onTruncated: 'fail' }))
})

test('an answer that the model broke off to decline fails the run', async () => {
  const world = createWorld([{ text: '1. Take the', stopReason: 'refusal' }])
  expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({
    status: 'failed',
    error: { type: 'provider', message: 'starling: the model declined to answer, or to go on (refusal)' },
  })
  await expectReplays(world)
})

test.each(['max_tokens', 'filtered', 'refusal', 'error', 'other'] as const)(
  'no call of an answer cut off by %s is made, whatever its arguments',
  async (stopReason) => {
    let made = 0
    const wipe = tool('wipe', () => (made += 1))
    const world = createWorld([{ toolCalls: [{ id: 'c1', name: 'wipe' }], stopReason }, { text: 'Gone.' }], {
      tools: [wipe],
    })
    expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({ status: 'failed', error: { type: 'provider' } })
    expect(made).toBe(0)
    expect(await world.kinds()).not.toContain('ToolCallScheduled')
    await expectReplays(world)
  },
)

test.each([
  ['complete', { onTruncated: 'complete' }],
  ['reference', { profile: 'reference' }],
] as const)('a cut-off answer completes the run (%s), and says so', async (how, options) => {
  const world = createWorld([{ text: 'Half an ans', stopReason: 'max_tokens' }], options)
  expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({
    status: 'completed',
    finishReason: how === 'complete' ? 'max_tokens' : undefined,
  })
  await expectReplays(world)
  await expectReplays(world.with([], { onTruncated: 'fail' }))
})

test('an answer that ends by itself says so', async () => {
  const world = createWorld([{ text: 'Fine.' }])
  expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({ status: 'completed', finishReason: 'stop' })
})

test('a redacted block of reasoning with an empty signature replays', async () => {
  const world = createWorld([], {
    tools: [tool('look', () => 1)],
    provider: {
      info: { id: 'p', apiVersion: 'v0' },
      capabilities: createScriptedProvider({ turns: [] }).capabilities,
      async *stream(request) {
        yield { type: 'redacted-reasoning', data: 'sealed', signature: new Uint8Array(0) }
        if (request.messages.length === 1) {
          yield { type: 'tool-call-start', callId: 'c1', name: 'look' }
          yield { type: 'tool-call-end', callId: 'c1' }
        } else yield { type: 'text-delta', text: 'Done.' }
        yield { type: 'end', stopReason: 'stop', rawStopReason: 'stop', rawResponseHash: null }
      },
    },
  })
  expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({ status: 'completed' })
  await expectReplays(world)
})
