import { encodePayload, KIND } from '@starling/event'
import { createMemoryEventLog } from '@starling/eventlog/memory'
import { ProviderError } from '@starling/provider'
import type { ModelChunk, Provider, ProviderErrorCode } from '@starling/provider'
import { createScriptedProvider } from '@starling/provider/scripted'
import { describe, expect, test } from 'vitest'
import type { Observer } from '../src/index.ts'
import { createFakeClock } from './support/fake-clock.ts'
import { createFaultyLog } from './support/faulty-log.ts'
import { createWorld, expectDiverged, expectReplays, RUN, seqOf, tampered, tool, truncated } from './support/world.ts'
import type { World } from './support/world.ts'

describe('a provider that tries again by itself', () => {
  const SIGNATURE = Uint8Array.of(1)
  const failed = (
    next: 'retry' | 'fallback',
    code: ProviderErrorCode,
    delayMs = 0,
  ): Extract<ModelChunk, { type: 'attempt-failed' }> => {
    return { type: 'attempt-failed', error: new ProviderError(code, 'out of service', { status: 529 }), next, delayMs }
  }
  const CHUNKS: readonly ModelChunk[] = [
    { type: 'reasoning-delta', text: 'hm', signature: SIGNATURE },
    { type: 'text-delta', text: 'Once ' },
    failed('retry', 'PROVIDER_OVERLOADED', 250),
    { type: 'reasoning-delta', text: 'unsigned' },
    { type: 'tool-call-start', callId: 'c1', name: 'look' },
    { ...failed('fallback', 'PROVIDER_RATE_LIMIT'), by: { providerId: 'first', model: 'm1' } },
    failed('retry', 'PROVIDER_TIMEOUT', 1),
    { type: 'reasoning-delta', text: 'aha', signature: SIGNATURE },
    { type: 'tool-call-start', callId: 'c1', name: 'look' },
    { type: 'tool-call-end', callId: 'c1' },
    {
      type: 'end',
      stopReason: 'tool_use',
      rawStopReason: '',
      rawResponseHash: null,
      answeredBy: { providerId: 'other', model: 'm2' },
    },
  ]
  const tools = [tool('look', () => 'seen')]

  test('has every attempt recorded, and its failures are out of the conversation', async () => {
    const world = createWorld([{ chunks: CHUNKS }, { text: 'Done.' }], { tools })
    expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({ status: 'completed', turnCount: 2 })
    expect((await world.kinds()).slice(1, 9)).toEqual([
      'TurnStarted',
      'ReasoningEmitted',
      'TurnFailed',
      'ReasoningEmitted',
      'TurnFailed',
      'TurnFailed',
      'ReasoningEmitted',
      'AssistantMessageCompleted',
    ])
    const shared = { error: 'out of service', status: 529 }
    expect(await world.payloads(KIND.TurnFailed)).toMatchObject([
      { ...shared, attempt: 1, next: 'retry', errorClass: 'overloaded', retryAfterMs: 250, partialText: 'Once ' },
      { ...shared, attempt: 2, next: 'fallback', errorClass: 'rate_limit', providerId: 'first', modelId: 'm1' },
      { ...shared, attempt: 3, next: 'retry', errorClass: 'timeout', retryAfterMs: 1 },
    ])
    expect(world.provider.requests[1]?.messages[1]).toMatchObject({
      content: '',
      reasoning: [{ text: 'aha', signature: SIGNATURE }],
      providerId: 'other',
    })
    await expectReplays(world)
  })

  test('is summed up by the log as in the totals of the run, failed attempts included', async () => {
    const used = (input: number): ModelChunk => ({
      type: 'usage',
      usage: { input, output: 7, cacheRead: 0, cacheWrite: 0, reasoning: 0 },
    })
    const chunks = CHUNKS.flatMap((chunk, index) =>
      chunk.type === 'attempt-failed' ? [used(10 ** index), chunk] : [chunk],
    )
    const world = createWorld([{ chunks }, { text: 'Done.', usage: { input: 3, output: 2 } }], { tools })
    await world.agent.runWithId(RUN, 'Go')
    const [completed] = await world.payloads(KIND.RunCompleted)
    expect(completed?.totalInputTokens).toBeGreaterThan(100)
    expect(await world.log.summary(RUN)).toMatchObject({
      turnCount: completed?.turnCount,
      toolCallCount: completed?.toolCallCount,
      inputTokens: completed?.totalInputTokens,
      outputTokens: completed?.totalOutputTokens,
      costUsd: completed?.totalCostUsd,
    })
    await expectReplays(world)
  })

  test('resumes after a crash between two attempts', async () => {
    const world = createWorld([{ chunks: CHUNKS }, { text: 'Done.' }], { tools })
    await world.agent.runWithId(RUN, 'Go')
    for (let nth = 1; nth <= 3; nth += 1) {
      const log = await truncated(world.log, await seqOf(world.log, KIND.TurnFailed, nth))
      const resumed = createWorld([{ text: 'Hello again.' }], { log, tools })
      expect(await resumed.agent.resume(RUN).result).toMatchObject({ status: 'completed', turnCount: 2 })
      expect(resumed.provider.requests[0]?.messages).toHaveLength(1)
      await expectReplays(resumed)
    }
  })

  test('has the failed attempt on record before it goes on', async () => {
    const durable: string[] = []
    const scripted = createScriptedProvider({ turns: [{ chunks: CHUNKS }, { text: 'Done.' }] })
    const { info, capabilities } = scripted
    const provider: Provider = {
      info,
      capabilities,
      async *stream(request, options) {
        for await (const chunk of scripted.stream(request, options)) {
          yield chunk
          if (chunk.type === 'attempt-failed') durable.push((await world.kinds()).at(-1) ?? '')
        }
      },
    }
    const world: World = createWorld([], { provider, tools })
    await world.agent.runWithId(RUN, 'Go')
    expect(durable).toEqual(['TurnFailed', 'TurnFailed', 'TurnFailed'])
  })

  test('shows every attempt to the observers', async () => {
    const seen: unknown[] = []
    const observer: Observer = {
      async around(operation, work, outcomeOf) {
        const result = await work()
        if (operation.type === 'model') seen.push([operation.attempt, outcomeOf(result).status])
        return result
      },
    }
    const world = createWorld([{ chunks: CHUNKS }, { text: 'Done.' }], { tools, observers: [observer] })
    await world.agent.runWithId(RUN, 'Go')
    expect(seen).toEqual([
      [1, 'error'],
      [2, 'error'],
      [3, 'error'],
      [4, 'ok'],
      [1, 'ok'],
    ])
  })

  test('is left when the run cannot go on, also between two attempts', async () => {
    const log = createFaultyLog(createMemoryEventLog(), { at: 3, times: 99, error: new Error('disk full') })
    const world = createWorld([{ chunks: CHUNKS }], { tools, log })
    await expect(world.agent.runWithId(RUN, 'Go')).rejects.toThrow('disk full')
    expect(world.provider.activeCalls).toBe(0)
  })

  test('counts towards the attempts of the agent, which tries no more after them', async () => {
    const clock = createFakeClock({ skipUpToMs: 60_000 })
    const error = new ProviderError('PROVIDER_OVERLOADED', 'out of service', { retryable: true })
    const chunks = [failed('retry', 'PROVIDER_OVERLOADED'), failed('retry', 'PROVIDER_OVERLOADED')]
    const world = createWorld([{ chunks, fault: { kind: 'error', error, afterChunks: 2 } }], { clock })
    expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({ status: 'failed', error: { type: 'provider' } })
    expect(clock.sleeps).toEqual([])
    const ends = (await world.payloads(KIND.TurnFailed)).map(({ attempt, next }) => [attempt, next])
    expect(ends).toEqual([
      [1, 'retry'],
      [2, 'retry'],
      [3, 'fail'],
    ])
    await expectReplays(world)
  })

  test('can be cancelled while it holds an attempt back', async () => {
    const world = createWorld([{ chunks: CHUNKS, fault: { kind: 'hang', afterChunks: 3 } }], { tools })
    const handle = world.agent.stream('Go', { runId: RUN })
    for await (const update of handle) {
      if (update.type === 'event' && update.event.kind === KIND.TurnFailed) handle.cancel()
    }
    expect(await handle.result).toMatchObject({ status: 'cancelled' })
    await expectReplays(world)
  })

  test('fails its call in the reference, whose log has no place for attempts', async () => {
    const world = createWorld([{ chunks: CHUNKS }], { tools, profile: 'reference' })
    expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({ status: 'failed', error: { type: 'provider' } })
    expect(await world.kinds()).not.toContain('TurnFailed')
  })

  test('has the randomness and the clock of the run', async () => {
    const clock = createFakeClock({ skipUpToMs: 60_000 })
    const drawn: (number | undefined)[] = []
    const scripted = createScriptedProvider({ turns: [{ text: 'Hello.' }] })
    const { info, capabilities } = scripted
    const provider: Provider = {
      info,
      capabilities,
      async *stream(request, options) {
        drawn.push(options?.random?.())
        await options?.sleep?.(42, options.signal)
        yield* scripted.stream(request, options)
      },
    }
    const entropy = { bytes: (length: number) => new Uint8Array(length).fill(0x80) }
    const world = createWorld([], { provider, clock, entropy })
    expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({ status: 'completed' })
    expect(drawn).toEqual([0x80808080 / 2 ** 32])
    expect(clock.sleeps).toEqual([42])
  })

  test.each<[string | undefined, Readonly<Record<string, unknown>>]>([
    [undefined, { next: 'fail' }],
    ['next', { next: 'else' }],
    ['attempt', { attempt: 7 }],
    ['error_class', { errorClass: 'elsewhere' }],
  ])('diverges when the %s of a recorded attempt is tampered with', async (path, change) => {
    const world = createWorld([{ chunks: CHUNKS }, { text: 'Done.' }], { tools })
    await world.agent.runWithId(RUN, 'Go')
    const seq = await seqOf(world.log, KIND.TurnFailed, 2)
    const failure = (await world.payloads(KIND.TurnFailed))[1]
    if (failure === undefined) throw new Error('no attempt has failed')
    const payload = encodePayload(KIND.TurnFailed, { ...failure, ...change })
    const log = await tampered(world, (events) =>
      events.slice(0, -1).map((event) => (event.seq === seq ? { ...event, payload } : event)),
    )
    const report = await expectDiverged(createWorld([], { log, tools }))
    expect(report.divergences[0]?.path).toBe(path)
  })
})
