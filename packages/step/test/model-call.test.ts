import { cborToJson, decodePayload, encodePayload, KIND } from '@starling/event'
import type { AssistantMessageCompleted } from '@starling/event'
import type { ModelChunk } from '@starling/provider'
import { expect, test } from 'vitest'
import { forEachChunk } from '../src/chunks.ts'
import { createWallClock } from '../src/clock.ts'
import { truncateText } from '../src/error-text.ts'
import {
  callModel,
  checkPrices,
  createIdSource,
  createPrompt,
  errorText,
  findRate,
  systemEntropy,
} from '../src/index.ts'
import type { ModelCallOptions } from '../src/index.ts'
import { costFromRecord } from '../src/prices.ts'
import { liveRecorder, tickingClock } from './support/recordings.ts'

const END: ModelChunk = { type: 'end', stopReason: 'stop', rawStopReason: 'stop', rawResponseHash: null }
const USAGE = { input: 10, output: 20, cacheRead: 30, cacheWrite: 40, cacheWriteLong: 7, reasoning: 5 }

test('what a call used is estimated when the vendor does not say', async () => {
  const answer = await call([{ type: 'text-delta', text: 'x'.repeat(41) }, END])
  expect(answer).toMatchObject({ inputTokens: 1, outputTokens: 11 })
})

test('what the vendor says a call used is taken as it is, zero too', async () => {
  const usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0 }
  const answer = await call([{ type: 'text-delta', text: 'text' }, { type: 'usage', usage }, END])
  expect(answer).toMatchObject({ inputTokens: 0, outputTokens: 0 })
})

test.each([
  { input: 1, output: 2 },
  { input: 1, output: 2, cacheRead: 0 },
  { input: 1, output: 2, cacheRead: 0, cacheWrite: 0, reasoning: 0 },
  { input: 0.15, output: 0.6, cacheRead: 0.075, reasoning: 0.6 },
  { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75, cacheWriteLong: 6 },
  { input: 3, output: 15, cacheWrite: 0, cacheWriteLong: 6 },
  { input: 3, output: 15, cacheWrite: 3.75, cacheWriteLong: 3.75 },
])('the recorded rate %j says what a call cost, to the bit', async (rate) => {
  const answer = await call([{ type: 'usage', usage: USAGE }, END], { rate })
  const read = decodePayload(KIND.AssistantMessageCompleted, encodePayload(KIND.AssistantMessageCompleted, answer))
  expect(costFromRecord(USAGE, read.rate ?? {}, -1)).toBe(answer.costUsd)
})

test.each([
  [3, { input: 1, output: 2, cacheRead: 1, cacheWrite: 1, reasoning: 2 }],
  [4, { input: 3, output: 4, cacheRead: 0.5, cacheWrite: 3, reasoning: 4 }],
])('a call with a cache read of %i is paid and recorded at the rate for its prompt', async (cacheRead, used) => {
  const rate = { input: 1, output: 2, above: { promptTokens: 10, rate: { input: 3, output: 4, cacheRead: 0.5 } } }
  const usage = { input: 5, output: 6, cacheRead, cacheWrite: 2, reasoning: 0 }
  const answer = await call([{ type: 'usage', usage }, END], { rate })
  expect(answer.rate).toEqual(used)
  const costUsd = 5 * used.input + 6 * used.output + cacheRead * used.cacheRead + 2 * used.cacheWrite
  expect(answer.costUsd).toBe(costUsd / 1_000_000)
  expect(costFromRecord(usage, answer.rate ?? {}, answer.costUsd)).toBe(answer.costUsd)
})

test('a long prompt counts against the cap on cost at its own rate, before the call and while it streams', async () => {
  const rate = { input: 0, output: 0, above: { promptTokens: 5, rate: { input: 1_000_000, output: 1_000_000 } } }
  const chunks: readonly ModelChunk[] = [{ type: 'text-delta', text: 'x'.repeat(40) }, END]
  const long = 'y'.repeat(60)
  const before = call(chunks, { rate, prompt: long, budget: { maxUsd: 1 } })
  await expect(before).rejects.toMatchObject({ exceeded: { limit: 'usd', where: 'pre_call', actual: 20 } })
  const during = call(chunks, { rate, prompt: long, budget: { maxUsd: 20 } })
  await expect(during).rejects.toMatchObject({ exceeded: { limit: 'usd', where: 'mid_stream', actual: 30 } })
  await expect(call(chunks, { rate, budget: { maxUsd: 1 } })).resolves.toMatchObject({ costUsd: 0 })
})

test('an early recording, which left out what had its default, keeps its cost', () => {
  const recordedUsd = (10 * 1 + 20 * 2 + 30 * 1 + 40 * 1) / 1_000_000
  expect(costFromRecord(USAGE, { input: 1, output: 2 }, recordedUsd)).toBe(recordedUsd)
})

test('the prompt under way counts against the cap on all tokens', async () => {
  const cut = call([{ type: 'text-delta', text: 'x'.repeat(40) }, END], {
    prompt: 'y'.repeat(30),
    budget: { maxTotalTokens: 15 },
  })
  await expect(cut).rejects.toMatchObject({ exceeded: { limit: 'total_tokens', cap: 15, actual: 20 } })
})

test('arguments that cannot be redacted are hidden, and only their call fails', async () => {
  const redactInput = (_tool: string, args: Uint8Array): Uint8Array => {
    if (cborToJson(args).includes('secret')) throw new Error('secret')
    return args
  }
  const chunks = ['{"password":"secret"', '{"a":"secret"}', '{"a":1}'].flatMap((argumentsText, index): ModelChunk[] => [
    { type: 'tool-call-start', callId: `c${index}`, name: 'x' },
    { type: 'tool-call-delta', callId: `c${index}`, argumentsText },
    { type: 'tool-call-end', callId: `c${index}` },
  ])
  const { toolUses = [] } = await call([...chunks, END], { redactInput })
  expect(toolUses.map(({ args }) => cborToJson(args))).toEqual(['"[redacted]"', '"[redacted]"', '{"a":1}'])
  expect(toolUses.map(({ argsError }) => argsError === undefined)).toEqual([false, false, true])
  expect(JSON.stringify(toolUses)).not.toContain('secret')
})

test('a stream that ignores its signal is left at once', async () => {
  const controller = new AbortController()
  const reason = new Error('cancelled')
  let returned = false
  const stuck: AsyncIterable<string> = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise(() => undefined),
      return: () => ((returned = true), new Promise(() => undefined)),
    }),
  }
  const read = forEachChunk(stuck, controller.signal, () => undefined)
  controller.abort(reason)
  await expect(read).rejects.toBe(reason)
  expect(returned).toBe(true)
})

test.each([
  ['claude-3-5-haiku-20241022', 0.8],
  ['claude-3-haiku-20240307', 0.25],
  ['claude-sonnet-4-20250514', 3],
  ['anthropic/claude-sonnet-4.5', 3],
  ['claude-opus-4-20250514', 15],
])('the rate of %s is found under the name of the table', (model, input) => {
  expect(findRate(model)?.input).toBe(input)
})

test('the rate of long cache writes is recorded where it is another than that of the others', async () => {
  const answerAt = (rate: object) =>
    call([{ type: 'usage', usage: USAGE }, END], { rate: { input: 1, output: 1, ...rate } })
  const dear = await answerAt({ cacheWriteLong: 2 })
  expect(dear).toMatchObject({
    cacheCreateTokens: 40,
    cacheCreateLongTokens: 7,
    rate: { cacheWrite: 1, cacheWriteLong: 2 },
  })
  for (const rate of [{}, { cacheWriteLong: 1 }, { cacheWrite: 2, cacheWriteLong: 2 }]) {
    expect((await answerAt(rate)).rate).not.toHaveProperty('cacheWriteLong')
  }
})

test('a rate that a record could not tell from another is refused', () => {
  const check = (rate: object) => () => checkPrices({ m: { input: 1, output: 1, ...rate } })
  const text = 'the cacheWriteLong price of m is 0, expected more, as the cacheWrite price is'
  expect(check({ cacheWriteLong: 0 })).toThrow(`${text} 1`)
  expect(check({ cacheWrite: 2, cacheWriteLong: 0 })).toThrow(`${text} 2`)
  expect(check({ cacheWrite: 0, cacheWriteLong: 0 })).not.toThrow()
})

test.each([Number.NaN, -1, Number.POSITIVE_INFINITY])('a price of %d is refused', (price) => {
  for (const part of ['input', 'output', 'cacheRead', 'cacheWrite', 'cacheWriteLong', 'reasoning']) {
    const message = `the ${part} price of m is ${price}, expected a number of 0 or more`
    expect(() => checkPrices({ m: { input: 1, output: 1, [part]: price } })).toThrow(message)
  }
  expect(() => checkPrices({ m: { input: 0, output: 0, cacheRead: undefined } })).not.toThrow()
})

test('anything that is thrown has a text', () => {
  const odd = Object.assign(new Error('x'), { message: { a: 1 } })
  expect([Object.create(null), odd, Symbol('s'), null, undefined].map(errorText)).toEqual([
    'an error that has no text',
    'Error',
    'Symbol(s)',
    'null',
    'undefined',
  ])
})

test('a text is cut between characters', () => {
  expect(truncateText('aé😀', 3)).toBe('aé')
  expect(truncateText('aé😀', 6)).toBe('aé')
  expect(truncateText('aé😀', 7)).toBe('aé😀')
})

test('the wall clock ticks finer than a millisecond and follows when the time is set or was slept through', () => {
  let wall = 1000
  let elapsed = 0
  const now = createWallClock(
    () => wall,
    () => elapsed,
  )
  elapsed = 0.25
  expect(now()).toBe(1_000_250_000n)
  wall = 1090 // within what two readings may differ by
  expect(now()).toBe(1_000_250_000n)
  wall = 3_600_000
  expect(now()).toBe(3_600_000_000_000n)
  elapsed = 1.25
  expect(now()).toBe(3_600_001_000_000n)
})

interface Call {
  readonly rate?: ModelCallOptions['rate']
  readonly budget?: ModelCallOptions['budget']
  readonly redactInput?: ModelCallOptions['redactInput']
  readonly prompt?: string
}

function call(chunks: readonly ModelChunk[], options: Call = {}): Promise<AssistantMessageCompleted> {
  const prompt = createPrompt({ model: 'm', systemPrompt: '', tools: [], params: null, hashReasoning: true })
  prompt.append({ role: 'user', content: options.prompt ?? 'hi' })
  const clock = tickingClock()
  return callModel({
    recorder: liveRecorder(),
    prompt,
    params: undefined,
    source: async function* () {
      yield* chunks
    },
    providerId: 'p',
    signal: new AbortController().signal,
    clock,
    entropy: systemEntropy,
    ids: createIdSource(clock, systemEntropy),
    budget: options.budget ?? {},
    spent: { inputTokens: 0, outputTokens: 0, costUsd: 0, toolCalls: 0 },
    rate: options.rate,
    rateOf: () => undefined,
    retry: {},
    requireRawResponseHash: false,
    observers: [],
    redactInput: options.redactInput,
  })
}
