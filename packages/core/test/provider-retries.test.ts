import { encodePayload, KIND } from '@starling/event'
import { ProviderError } from '@starling/provider'
import type { ModelChunk, ProviderErrorCode } from '@starling/provider'
import { replyToChunks } from '@starling/provider/scripted'
import type { ScriptedTurn } from '@starling/provider/scripted'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createFakeClock } from './support/fake-clock.ts'
import { createWorld, expectDiverged, expectReplays, RUN, seqOf, tampered, truncated } from './support/world.ts'

const NO_JITTER = { bytes: (length: number) => new Uint8Array(length) }

function failing(code: ProviderErrorCode, options: ConstructorParameters<typeof ProviderError>[2] = {}): ScriptedTurn {
  return { fault: { kind: 'error', error: new ProviderError(code, 'out of service', options) } }
}

const BUSY = failing('PROVIDER_SERVER', { status: 503, retryable: true })

test('a retryable failure is recorded inside its turn and tried again after a wait that doubles', async () => {
  const clock = createFakeClock({ skipUpToMs: 60_000 })
  const world = createWorld([BUSY, BUSY, { text: 'Hello.' }], { clock, entropy: NO_JITTER })
  expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({ status: 'completed', turnCount: 1 })
  expect(clock.sleeps).toEqual([500, 1000])
  expect(await world.kinds()).toEqual([
    'RunStarted',
    'TurnStarted',
    'TurnFailed',
    'TurnFailed',
    'AssistantMessageCompleted',
    'RunCompleted',
  ])
  expect(await world.payloads(KIND.TurnFailed)).toMatchObject([
    { attempt: 1, error: 'out of service', errorClass: 'server', status: 503, next: 'retry', retryAfterMs: 500 },
    { attempt: 2, next: 'retry', retryAfterMs: 1000 },
  ])
  await expectReplays(world)
})

test('every attempt sends the same request', async () => {
  const world = createWorld([BUSY, { text: 'Hello.' }], { clock: createFakeClock({ skipUpToMs: 60_000 }) })
  await world.agent.runWithId(RUN, 'Go')
  expect(world.provider.requests[1]).toEqual(world.provider.requests[0])
})

test('the run fails when the attempts are used up', async () => {
  const world = createWorld([BUSY, BUSY, BUSY], { clock: createFakeClock({ skipUpToMs: 60_000 }) })
  expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({
    status: 'failed',
    error: { type: 'provider', message: 'starling: provider "scripted" (status 503): out of service' },
  })
  expect((await world.payloads(KIND.TurnFailed)).map(({ next }) => next)).toEqual(['retry', 'retry', 'fail'])
  await expectReplays(world)
})

test('the wait that a vendor asks for comes before the own one', async () => {
  const clock = createFakeClock({ skipUpToMs: 60_000 })
  const limited = failing('PROVIDER_RATE_LIMIT', { status: 429, retryable: true, retryAfterMs: 7000.5 })
  const world = createWorld([limited, { text: 'Hello.' }], { clock, entropy: NO_JITTER })
  await world.agent.runWithId(RUN, 'Go')
  expect(clock.sleeps).toEqual([7001])
  expect(await world.payloads(KIND.TurnFailed)).toMatchObject([{ errorClass: 'rate_limit', retryAfterMs: 7001 }])
  await expectReplays(world)
})

test('it is waited up to a quarter longer than a vendor asks for, and never shorter', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.double({ min: 0, max: 1000, noNaN: true }),
      fc.integer({ min: 0, max: 255 }),
      async (retryAfterMs, byte) => {
        const clock = createFakeClock({ skipUpToMs: 60_000 })
        const limited = failing('PROVIDER_RATE_LIMIT', { retryable: true, retryAfterMs })
        const entropy = { bytes: (length: number) => new Uint8Array(length).fill(byte) }
        const world = createWorld([limited, { text: 'Hello.' }], { clock, entropy, retry: { maxDelayMs: 1000 } })
        await world.agent.runWithId(RUN, 'Go')
        const [waited = 0] = clock.sleeps
        expect(waited).toBeGreaterThanOrEqual(retryAfterMs)
        expect(waited).toBeLessThanOrEqual(Math.min(1000, Math.ceil(retryAfterMs * 1.25)))
        const most = Math.min(1000, Math.floor(retryAfterMs * 1.249))
        expect(waited).toBeGreaterThanOrEqual(byte === 255 ? most : 0)
        await expectReplays(world)
      },
    ),
    { numRuns: 60 },
  )
})

const RATE = { input: 1, output: 2, cacheRead: 0.5, cacheWrite: 1.25, cacheWriteLong: 2 }
const PAID = { model: 'house-model', prices: { 'house-*': RATE } }
const USED = { input: 1000, output: 100, cacheRead: 10, cacheWrite: 20, cacheWriteLong: 8, reasoning: 40 }
const USED_USD = (1000 * 1 + 100 * 2 + 10 * 0.5 + 12 * 1.25 + 8 * 2) / 1e6
const OUTAGE = new ProviderError('PROVIDER_SERVER', 'out of service', { retryable: true })

/** An attempt that has reported its use when it breaks. */
function costly(error: ProviderError = OUTAGE): ScriptedTurn {
  return {
    chunks: [
      { type: 'text-delta', text: 'Once ' },
      { type: 'usage', usage: USED },
    ],
    fault: { kind: 'error', error, afterChunks: 2 },
  }
}

/** The same, of a provider that tries again by itself. */
function costlyAttempt(by?: { readonly providerId: string; readonly model: string }): ModelChunk[] {
  return [
    { type: 'usage', usage: USED },
    { type: 'attempt-failed', error: OUTAGE, next: 'retry', delayMs: 1, by },
  ]
}

describe('what a failed attempt has used', () => {
  test('is recorded, paid and part of the totals', async () => {
    const clock = createFakeClock({ skipUpToMs: 60_000 })
    const answer = { text: 'Hello.', usage: { input: 5, output: 7 } }
    const world = createWorld([costly(), BUSY, answer], { ...PAID, clock })
    const result = await world.agent.runWithId(RUN, 'Go')
    const costUsd = USED_USD + (5 * 1 + 7 * 2) / 1e6
    expect(result).toMatchObject({ status: 'completed', inputTokens: 1005, outputTokens: 107 })
    expect(result.costUsd).toBeCloseTo(costUsd, 12)
    expect(result.cache).toEqual({ hits: 0, misses: 1, readTokens: 10, createTokens: 20 })
    const [first, second] = await world.payloads(KIND.TurnFailed)
    expect(first).toMatchObject({
      inputTokens: 1000,
      outputTokens: 100,
      cacheReadTokens: 10,
      cacheCreateTokens: 20,
      cacheCreateLongTokens: 8,
      reasoningTokens: 40,
      rate: RATE,
    })
    expect(first?.costUsd).toBeCloseTo(USED_USD, 12)
    for (const part of ['inputTokens', 'costUsd', 'rate']) expect(second).not.toHaveProperty(part)
    expect(await world.payloads(KIND.RunCompleted)).toMatchObject([
      { totalInputTokens: 1005, totalOutputTokens: 107, totalCostUsd: result.costUsd },
    ])
    await expectReplays(world)
    await expectReplays(world.with([], { prices: { 'house-*': { input: 99, output: 99 } } }))
  })

  test('is nothing where the vendor has said nothing, or that it was nothing', async () => {
    const clock = createFakeClock({ skipUpToMs: 60_000 })
    const nothing = { ...USED, input: 0, output: 0, cacheRead: 0, cacheWrite: 0, cacheWriteLong: 0, reasoning: 0 }
    const free: ScriptedTurn = {
      chunks: [{ type: 'usage', usage: nothing }],
      fault: { kind: 'error', error: OUTAGE, afterChunks: 1 },
    }
    const cut: ScriptedTurn = { text: 'Once ', fault: { kind: 'eof', afterChunks: 1 } }
    const world = createWorld([free, cut, { text: 'Hello.' }], { ...PAID, clock })
    expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({ costUsd: 0, inputTokens: 0 })
    for (const failed of await world.payloads(KIND.TurnFailed)) {
      expect(Object.keys(failed).filter((key) => /Tokens$|^rate$|^cost/.test(key))).toEqual([])
    }
    await expectReplays(world)
  })

  test('ends the run when it crosses a cap, before another attempt', async () => {
    const clock = createFakeClock({ skipUpToMs: 60_000 })
    const budget = { maxUsd: USED_USD * 1.5 }
    const world = createWorld([costly(), costly(), { text: 'Hello.' }], { ...PAID, clock, budget })
    const result = await world.agent.runWithId(RUN, 'Go')
    expect(result).toMatchObject({ status: 'failed', error: { type: 'budget', limit: 'usd' } })
    expect(result.costUsd).toBeCloseTo(2 * USED_USD, 12)
    expect(world.provider.requests).toHaveLength(2)
    expect((await world.payloads(KIND.TurnFailed)).map(({ next }) => next)).toEqual(['retry', 'fail'])
    expect(await world.payloads(KIND.BudgetExceeded)).toEqual([
      expect.objectContaining({ limit: 'usd', cap: budget.maxUsd, actual: result.costUsd, where: 'post_call' }),
    ])
    await expectReplays(world)
  })

  test.each([
    ['input_tokens', { maxInputTokens: 1029 }],
    ['output_tokens', { maxOutputTokens: 99 }],
    ['total_tokens', { maxTotalTokens: 1129 }],
  ])('counts against the cap on %s', async (limit, budget) => {
    const world = createWorld([costly()], { budget })
    expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({ error: { type: 'budget', limit } })
    await expectReplays(world)
  })

  test('counts while the next attempt streams', async () => {
    const clock = createFakeClock({ skipUpToMs: 60_000 })
    const long = { text: 'x'.repeat(80) }
    const world = createWorld([costly(), long], { clock, budget: { maxOutputTokens: 110 } })
    expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({ error: { type: 'budget', limit: 'output_tokens' } })
    expect(await world.payloads(KIND.BudgetExceeded)).toMatchObject([{ where: 'mid_stream', cap: 110, actual: 120 }])
    await expectReplays(world)
  })

  test('by a provider that goes on by itself, counts in the same way and at the price of whoever failed', async () => {
    const prices = { ...PAID.prices, cheap: { input: 0.1, output: 0.1 } }
    const chunks = [
      ...costlyAttempt(),
      ...costlyAttempt({ providerId: 'other', model: 'cheap' }),
      ...costlyAttempt({ providerId: 'other', model: 'unheard-of' }),
      ...replyToChunks({ text: 'Hello.' }),
    ]
    const world = createWorld([{ chunks }], { ...PAID, prices })
    const { costUsd } = await world.agent.runWithId(RUN, 'Go')
    const costs = (await world.payloads(KIND.TurnFailed)).map((failed) => failed.costUsd ?? 0)
    expect(costs[0]).toBeCloseTo(USED_USD, 12)
    expect(costs[1]).toBeCloseTo((1130 * 0.1) / 1e6, 12)
    expect(costs[2]).toBe(costs[0])
    expect(costUsd).toBeCloseTo(
      costs.reduce((sum, cost) => sum + cost, 0),
      12,
    )
    await expectReplays(world)
  })

  test('by a provider that goes on by itself, ends the run at a cap, and leaves the provider', async () => {
    const chunks = [...costlyAttempt(), ...costlyAttempt(), ...replyToChunks({ text: 'Hello.' })]
    const world = createWorld([{ chunks }], { ...PAID, budget: { maxUsd: USED_USD * 1.5 } })
    expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({ error: { type: 'budget', limit: 'usd' } })
    expect(world.provider.activeCalls).toBe(0)
    expect(await world.kinds()).toEqual([
      'RunStarted',
      'TurnStarted',
      'TurnFailed',
      'TurnFailed',
      'BudgetExceeded',
      'RunFailed',
    ])
    await expectReplays(world)
  })

  test('still counts after a crash, and the resumed run replays', async () => {
    const clock = createFakeClock({ skipUpToMs: 60_000 })
    const script = [costly(), costly(), { text: 'Hello.' }]
    const world = createWorld(script, { ...PAID, clock })
    await world.agent.runWithId(RUN, 'Go')
    const length = (await world.log.read(RUN)).length
    for (let count = await seqOf(world.log, KIND.TurnFailed); count < length; count += 1) {
      const log = await truncated(world.log, count)
      const failed = (await world.payloads(KIND.TurnFailed)).slice(0, count - 2).length
      const rest = script.slice(failed)
      const resumed = createWorld(rest, { ...PAID, clock, log })
      const { costUsd, status } = await resumed.agent.resume(RUN).result
      expect({ status, attempts: Math.round(costUsd / USED_USD) }).toEqual({ status: 'completed', attempts: 2 })
      await expectReplays(resumed)
      const capped = createWorld(rest, {
        ...PAID,
        clock,
        log: await truncated(world.log, count),
        budget: { maxUsd: USED_USD * 0.9 },
      })
      const answered = (await capped.payloads(KIND.AssistantMessageCompleted)).length > 0
      const end = answered ? { status: 'completed' } : { status: 'failed', error: { type: 'budget' } }
      expect(await capped.agent.resume(RUN).result).toMatchObject(end)
    }
  })

  test('is held against the recording', async () => {
    const world = createWorld([costly(new ProviderError('PROVIDER_SERVER', 'x')), { text: 'Hello.' }], PAID)
    await world.agent.runWithId(RUN, 'Go')
    const [failed] = await world.payloads(KIND.TurnFailed)
    if (failed === undefined) throw new Error('no attempt has failed')
    const seq = await seqOf(world.log, KIND.TurnFailed)
    const payload = encodePayload(KIND.TurnFailed, { ...failed, costUsd: 1e-9 })
    const log = await tampered(world, (events) =>
      events.slice(0, -1).map((event) => (event.seq === seq ? { ...event, payload } : event)),
    )
    const report = await expectDiverged(createWorld([], { ...PAID, log }))
    expect(report.divergences[0]?.path).toBe('cost_usd')
  })

  test('has no place in the log of the reference', async () => {
    const world = createWorld([costly()], { profile: 'reference', model: 'gpt-4o' })
    expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({ status: 'failed', costUsd: 0 })
    expect(await world.kinds()).not.toContain('TurnFailed')
  })
})

test('a vendor that asks for more patience than there is ends the call', async () => {
  const limited = failing('PROVIDER_RATE_LIMIT', { retryable: true, retryAfterMs: 60_001 })
  const world = createWorld([limited], { clock: createFakeClock() })
  expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({ status: 'failed' })
  expect(await world.payloads(KIND.TurnFailed)).toMatchObject([{ next: 'fail' }])
  await expectReplays(world)
})

test('the policy sets attempts and waits', async () => {
  const clock = createFakeClock({ skipUpToMs: 60_000 })
  const retry = { maxAttempts: 5, initialDelayMs: 10, maxDelayMs: 35 }
  const world = createWorld([BUSY, BUSY, BUSY, BUSY, { text: 'Hello.' }], { clock, retry, entropy: NO_JITTER })
  expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({ status: 'completed' })
  expect(clock.sleeps).toEqual([10, 20, 35, 35])
})

test.each<[ProviderErrorCode, string]>([
  ['PROVIDER_AUTH', 'auth'],
  ['PROVIDER_BILLING', 'billing'],
  ['PROVIDER_RATE_LIMIT', 'rate_limit'],
  ['PROVIDER_OVERLOADED', 'overloaded'],
  ['PROVIDER_SERVER', 'server'],
  ['PROVIDER_NETWORK', 'network'],
  ['PROVIDER_TIMEOUT', 'timeout'],
  ['PROVIDER_CONTEXT_OVERFLOW', 'context_overflow'],
  ['PROVIDER_CONTENT_FILTER', 'content_filter'],
  ['PROVIDER_REJECTED', 'rejected'],
  ['PROVIDER_INVALID_STREAM', 'invalid_stream'],
  ['PROVIDER_INVALID_OPTIONS', 'invalid_options'],
])('a failure with %s that cannot be retried is recorded as %s and replays', async (code, errorClass) => {
  const world = createWorld([failing(code)])
  expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({ status: 'failed', error: { type: 'provider' } })
  expect(await world.payloads(KIND.TurnFailed)).toMatchObject([{ errorClass, next: 'fail', attempt: 1 }])
  await expectReplays(world)
})

test('the text that came before a failure is recorded', async () => {
  const cut: ScriptedTurn = { text: ['Once ', 'upon '], fault: { kind: 'eof', afterChunks: 2 } }
  const world = createWorld([cut, { text: 'Once upon a time.' }], { clock: createFakeClock({ skipUpToMs: 60_000 }) })
  expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({ finalText: 'Once upon a time.' })
  expect(await world.payloads(KIND.TurnFailed)).toMatchObject([
    { partialText: 'Once upon ', errorClass: 'invalid_stream', next: 'retry' },
  ])
  await expectReplays(world)
})

test('reasoning of a failed attempt stays in the log and out of the conversation', async () => {
  const signature = new Uint8Array([1])
  const cut: ScriptedTurn = {
    reasoning: [{ text: 'hm', signature }],
    text: 'x',
    fault: { kind: 'eof', afterChunks: 1 },
  }
  const world = createWorld(
    [cut, { reasoning: [{ text: 'aha', signature }], toolCalls: [{ name: 'no' }] }, { text: '.' }],
    {
      clock: createFakeClock({ skipUpToMs: 60_000 }),
    },
  )
  await world.agent.runWithId(RUN, 'Go')
  expect((await world.payloads(KIND.ReasoningEmitted)).map(({ content }) => content)).toEqual(['hm', 'aha'])
  expect(world.provider.requests[2]?.messages[1]).toMatchObject({ reasoning: [{ text: 'aha', signature }] })
  await expectReplays(world)
})

test('a cancellation ends the wait before the next attempt', async () => {
  const clock = createFakeClock()
  const world = createWorld([BUSY], { clock, entropy: NO_JITTER })
  const handle = world.agent.stream('Go', { runId: RUN })
  await clock.sleepOf(500)
  handle.cancel()
  expect(await handle.result).toMatchObject({ status: 'cancelled' })
  expect(await world.kinds()).toEqual(['RunStarted', 'TurnStarted', 'TurnFailed', 'RunCancelled'])
  await expectReplays(world)
})

test('a run that crashed while it waited starts the turn again', async () => {
  const first = createWorld([BUSY, { text: 'Hello.' }], { clock: createFakeClock({ skipUpToMs: 60_000 }) })
  await first.agent.runWithId(RUN, 'Go')
  const log = await truncated(first.log, await seqOf(first.log, KIND.TurnFailed))
  const resumed = createWorld([{ text: 'Hello again.' }], { log })
  expect(await resumed.agent.resume(RUN).result).toMatchObject({ status: 'completed', turnCount: 2 })
  await expectReplays(resumed)
})

test('the source is closed when a chunk may not come where it comes', async () => {
  const world = createWorld([
    {
      chunks: [
        { type: 'tool-call-end', callId: 'never-started' },
        { type: 'text-delta', text: 'x' },
      ],
    },
  ])
  expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({
    status: 'failed',
    error: { message: expect.stringContaining('which has not started') },
  })
  expect(world.provider.activeCalls).toBe(0)
  await expectReplays(world)
})
