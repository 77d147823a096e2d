import { blake3, toHex } from '@starling/event'
import { replyToChunks } from '@starling/provider/scripted'
import type { ModelChunk } from '@starling/provider'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AnswerBuilder } from '../src/answer.ts'
import { limitsSpending } from '../src/budget.ts'
import type { ClosedReasoning } from '../src/answer.ts'
import {
  BudgetError,
  checkBudget,
  checkSpent,
  costOf,
  createIdSource,
  createPrompt,
  DEFAULT_PRICES,
  describeDivergence,
  errorText,
  findRate,
  hashToolRegistry,
  observe,
  systemClock,
  systemEntropy,
} from '../src/index.ts'
import type { Observer, PromptOptions } from '../src/index.ts'
import { record } from './support/recordings.ts'

const USAGE = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0 }
const PROMPT: PromptOptions = {
  model: 'gpt-4o-mini',
  systemPrompt: 'sys',
  tools: [],
  params: null,
  hashReasoning: true,
}

test.each([
  ['gpt-4o', 2.5],
  ['openai/gpt-4o', 2.5],
  ['gpt-4o-2024-08-06', 2.5],
  ['gpt-4o-mini', 0.15],
  ['claude-haiku-4-5-20251001', 1],
  ['claude-haiku-4-5-latest', 1],
  ['anthropic/claude-opus-4-5', 5],
])('the rate of %s is found', (model, input) => {
  expect(findRate(model)?.input).toBe(input)
})

test('a model that the table does not know has no rate, whatever objects inherit', () => {
  for (const model of ['unheard-of', 'constructor', '__proto__', '']) expect(findRate(model)).toBeUndefined()
})

test('an exact name comes before a pattern, and a longer pattern before a shorter one', () => {
  const rate = (input: number) => ({ input, output: 0 })
  const table = { 'a*': rate(1), 'a-b*': rate(2), 'a-b-c': rate(3), '*': rate(4) }
  expect(['a-x', 'a-b-x', 'a-b-c', 'z'].map((model) => findRate(model, table)?.input)).toEqual([1, 2, 3, 4])
})

test('the cost has the bits of the reference', () => {
  const rate = DEFAULT_PRICES['gpt-4o-mini']
  expect(costOf({ ...USAGE, input: 3, output: 2 }, rate ?? { input: 0, output: 0 })).toBe(0.0000016499999999999999)
})

test('cache and reasoning cost what input and output cost, unless they have rates of their own', () => {
  const usage = { input: 1, output: 10, cacheRead: 100, cacheWrite: 1000, reasoning: 4 }
  expect(costOf(usage, { input: 1, output: 2 }) * 1e6).toBeCloseTo(1 + 20 + 100 + 1000, 6)
  const rate = { input: 1, output: 2, cacheRead: 0.5, cacheWrite: 1.25, reasoning: 3 }
  expect(costOf(usage, rate) * 1e6).toBeCloseTo(1 + 12 + 50 + 1250 + 12, 6)
})

test('long cache writes are a part of the cache writes, with a rate of their own where they have one', () => {
  const usage = { ...USAGE, input: 1, cacheWrite: 10, cacheWriteLong: 4 }
  expect(costOf(usage, { input: 1, output: 2, cacheWrite: 3 }) * 1e6).toBeCloseTo(1 + 30, 9)
  expect(costOf(usage, { input: 1, output: 2, cacheWrite: 3, cacheWriteLong: 5 }) * 1e6).toBeCloseTo(1 + 18 + 20, 9)
  expect(costOf(usage, { input: 1, output: 2, cacheWriteLong: 5 }) * 1e6).toBeCloseTo(1 + 6 + 20, 9)
  expect(costOf({ ...usage, cacheWriteLong: 10 }, { input: 1, output: 2, cacheWriteLong: 5 }) * 1e6).toBeCloseTo(51, 9)
})

test('output comes before USD, and a cap that is just reached is not crossed', () => {
  const spent = { inputTokens: 10, outputTokens: 10, costUsd: 1, toolCalls: 0 }
  expect(checkSpent({ maxOutputTokens: 9, maxUsd: 0.5 }, spent)).toEqual({ limit: 'output_tokens', cap: 9, actual: 10 })
  expect(checkSpent({ maxOutputTokens: 10, maxUsd: 1, maxInputTokens: 10, maxTotalTokens: 20 }, spent)).toBeUndefined()
})

test.each([
  [{}, false],
  [{ maxInputTokens: 0, maxOutputTokens: 0, maxTotalTokens: 0, maxUsd: 0 }, false],
  [{ maxWallClockMs: 1, maxToolCalls: 1 }, false],
  [{ maxInputTokens: 1 }, true],
  [{ maxOutputTokens: 1 }, true],
  [{ maxTotalTokens: 1 }, true],
  [{ maxUsd: 0.01 }, true],
])('whether the chunks of an answer can cross a cap of %j: %s', (budget, limits) => {
  expect(limitsSpending(budget)).toBe(limits)
  const spent = { inputTokens: 1e9, outputTokens: 1e9, costUsd: 1e9, toolCalls: 0 }
  expect(checkSpent(budget, spent) !== undefined).toBe(limits)
})

test('a budget with an unusable cap is refused', () => {
  expect(() => checkBudget({ maxUsd: Number.POSITIVE_INFINITY })).toThrow('budget maxUsd is Infinity')
  expect(() => checkBudget({ maxUsd: undefined, maxToolCalls: 0 })).not.toThrow()
})

test('a budget error carries what was recorded', () => {
  const exceeded = { limit: 'usd', cap: 1, actual: 2, where: 'pre_call' }
  expect(new BudgetError(exceeded)).toMatchObject({ code: 'STEP_BUDGET_EXCEEDED', exceeded })
})

test('the prompt hash is that of the reference', () => {
  const prompt = createPrompt(PROMPT)
  prompt.append({ role: 'user', content: 'hi' })
  expect(toHex(prompt.hash())).toBe('7382ba69548142ebb036178f7d330f9b90a25b587b2ed6561bcecaebd8fc1bbf')
})

test('the prompt hash with tools and results is that of the reference', () => {
  const prompt = createPrompt({ ...PROMPT, tools: [{ name: 'a', description: 'd', inputSchema: '{"type":"object"}' }] })
  prompt.append({ role: 'user', content: 'hi' })
  prompt.hash() // a hash in between changes nothing
  prompt.append({ role: 'assistant', content: '', toolUses: [{ callId: 'c1', name: 'a', arguments: '{}' }] })
  prompt.append({ role: 'tool', callId: 'c1', content: '{"ok":true}', isError: false })
  expect(toHex(prompt.hash())).toBe('ffd5f228efe1fb871755e68ff198aa4e1f7bb5c0a533970e37ec6b10e066322c')
})

test('a growing prompt hashes like one that is made at once', () => {
  const messages = fc.array(
    fc.string().map((content) => ({ role: 'user' as const, content })),
    { maxLength: 40 },
  )
  fc.assert(
    fc.property(messages, (list) => {
      const growing = createPrompt(PROMPT)
      const whole = createPrompt(PROMPT)
      for (const message of list) {
        growing.append(message)
        growing.hash()
        whole.append(message)
      }
      expect(growing.hash()).toEqual(whole.hash())
    }),
    { numRuns: 50 },
  )
})

test('a lifted tool choice is in neither the request nor its hash', () => {
  const free = createPrompt({ ...PROMPT, settings: { topK: 3 } })
  const forced = createPrompt({ ...PROMPT, settings: { topK: 3, toolChoice: 'any' } })
  for (const prompt of [free, forced]) prompt.append({ role: 'user', content: 'hi' })
  expect(forced.hash()).not.toEqual(free.hash())
  expect(forced.hash(true)).toEqual(free.hash())
  expect(forced.request(undefined)).toMatchObject({ topK: 3, toolChoice: 'any' })
  expect(forced.request(undefined, true)).toEqual(free.request(undefined))
})

test('reasoning takes part in the hash, except for the reference', () => {
  const hash = (hashReasoning: boolean, reasoning: string) => {
    const prompt = createPrompt({ ...PROMPT, hashReasoning })
    prompt.append({ role: 'assistant', content: '', toolUses: [], reasoning: [{ text: reasoning }] })
    return toHex(prompt.hash())
  }
  expect(hash(true, 'a')).not.toBe(hash(true, 'b'))
  expect(hash(false, 'a')).toBe(hash(false, 'b'))
})

test('the estimate counts code points of texts and bytes of arguments and schemas', () => {
  const prompt = createPrompt({
    ...PROMPT,
    tools: [{ name: 'ignored', description: 'ignored', inputSchema: '{"é":1}' }],
  })
  prompt.append({ role: 'user', content: '😀é' })
  prompt.append({
    role: 'assistant',
    content: 'ab',
    toolUses: [{ callId: 'ignored', name: 'ignored', arguments: '"é"' }],
  })
  expect(prompt.estimateTokens()).toBe(Math.floor((3 + 8 + 2 + 2 + 4 + 2) / 3))
})

test('requests do not change when the prompt grows', () => {
  const prompt = createPrompt(PROMPT)
  prompt.append({ role: 'user', content: 'hi' })
  const request = prompt.request(undefined)
  prompt.append({ role: 'user', content: 'more' })
  expect(request.messages).toHaveLength(1)
})

test('an empty registry has no hash', () => {
  expect(hashToolRegistry([])).toBeNull()
  expect(hashToolRegistry([{ name: 'a', schemaHash: blake3(new Uint8Array()) }])).toHaveLength(32)
})

test('an answer is put together from its chunks, however calls interleave', () => {
  const answer = answerOf([
    { type: 'tool-call-start', callId: 'a', name: 'x' },
    { type: 'tool-call-start', callId: 'b', name: 'y' },
    { type: 'tool-call-delta', callId: 'b', argumentsText: '{"n":' },
    { type: 'text-delta', text: 'Hi ' },
    { type: 'tool-call-delta', callId: 'a', argumentsText: '[]' },
    { type: 'tool-call-delta', callId: 'b', argumentsText: '1}' },
    { type: 'text-delta', text: 'there' },
    { type: 'usage', usage: { ...USAGE, input: 1 } },
    { type: 'usage', usage: { ...USAGE, input: 2 } },
    { type: 'end', stopReason: 'tool_use', rawStopReason: 'tool_calls', rawResponseHash: null, requestId: 'r1' },
  ])
  expect(answer).toMatchObject({
    text: 'Hi there',
    toolUses: [
      { callId: 'a', tool: 'x', args: new Uint8Array([0x80]) },
      { callId: 'b', tool: 'y', args: new Uint8Array([0xa1, 0x61, 0x6e, 0x01]) },
    ],
    usage: { input: 2 },
    stopReason: 'tool_use',
    rawStopReason: 'tool_calls',
    requestId: 'r1',
  })
})

test('a reasoning block closes with its signature, or when something else begins', () => {
  const signature = new Uint8Array([1])
  const chunks: ModelChunk[] = [
    { type: 'reasoning-delta', text: 'a' },
    { type: 'redacted-reasoning', data: 'opaque', signature },
    { type: 'reasoning-delta', text: 'b' },
    { type: 'reasoning-delta', text: 'c', signature },
    { type: 'reasoning-delta', text: '', signature },
    { type: 'reasoning-delta', text: 'd', signature: new Uint8Array() },
    { type: 'reasoning-delta', text: 'e' },
    { type: 'text-delta', text: 'x' },
    { type: 'reasoning-delta', text: 'f' },
    { type: 'end', stopReason: 'stop', rawStopReason: '', rawResponseHash: null },
  ]
  expect(closedBy(chunks)).toEqual([
    { content: 'a' },
    { content: 'opaque', signature, redacted: true },
    { content: 'bc', signature },
    { content: '', signature },
    { content: 'd' },
    { content: 'e' },
    { content: 'f' },
  ])
  expect(closedBy(chunks, false).map(({ content }) => content)).toEqual(['opaque', 'abc', '', 'd', 'ef'])
})

test('an empty piece of reasoning is no block', () => {
  expect(closedBy([{ type: 'reasoning-delta', text: '' }])).toEqual([])
  expect(closedBy([{ type: 'reasoning-delta', text: '', signature: new Uint8Array() }])).toEqual([])
})

test('arguments that are no JSON fail the answer where that is the rule, and else their call', () => {
  const chunks = replyToChunks({ toolCalls: [{ name: 'x', arguments: '{"a":1} trailing' }] })
  expect(answerOf(chunks).toolUses[0]?.argsError).toBeTypeOf('string')
  const strict = createBuilder()
  for (const chunk of chunks) strict.add(chunk)
  expect(() => strict.finish(true)).toThrow(expect.objectContaining({ code: 'EVENT_JSON' }))
})

test('the system clock never goes backwards and tells nanoseconds since the epoch', () => {
  const readings = Array.from({ length: 100 }, () => systemClock.now())
  expect(readings.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))).toEqual(readings)
  expect(Math.abs(Number(systemClock.now() / 1_000_000n) - Date.now())).toBeLessThan(60_000)
})

test('a sleep rejects with the reason of its signal, untouched', async () => {
  const controller = new AbortController()
  const reason = { why: 'enough' }
  const sleeping = systemClock.sleep(3_600_000, { signal: controller.signal })
  controller.abort(reason)
  await expect(sleeping).rejects.toBe(reason)
  await expect(systemClock.sleep(0, { signal: controller.signal })).rejects.toBe(reason)
})

test('a sleep of more than 25 days does not end at once', async () => {
  const controller = new AbortController()
  const sleeping = systemClock.sleep(2 ** 40, { signal: controller.signal })
  const first = await Promise.race([sleeping.then(() => 'slept'), systemClock.sleep(5).then(() => 'still asleep')])
  expect(first).toBe('still asleep')
  controller.abort('done')
  await expect(sleeping).rejects.toBe('done')
})

test('random bytes come in any length, and never twice', () => {
  const drawn = [systemEntropy.bytes(10), systemEntropy.bytes(10), systemEntropy.bytes(10_000), systemEntropy.bytes(0)]
  expect(drawn.map(({ length }) => length)).toEqual([10, 10, 10_000, 0])
  expect(toHex(drawn[0] ?? new Uint8Array())).not.toBe(toHex(drawn[1] ?? new Uint8Array()))
})

test('ids are ULIDs of the moment', () => {
  const ids = createIdSource({ now: () => 1_469_918_176_385_000_000n }, { bytes: (length) => new Uint8Array(length) })
  expect(ids.mint('run')).toBe('01ARYZ6S410000000000000000')
})

test('observers surround the work, the first outermost', async () => {
  const heard: string[] = []
  const observer = (name: string): Observer => ({
    async around(_operation, work) {
      heard.push(`${name} in`)
      const result = await work()
      heard.push(`${name} out`)
      return result
    },
  })
  const operation = { type: 'turn', runId: 'r', index: 0 } as const
  const outcomeOf = () => ({ status: 'ok', errorType: 'none' }) as const
  const result = await observe([observer('a'), {}, observer('b')], operation, { run: async () => 7, outcomeOf })
  expect(result).toBe(7)
  expect(heard).toEqual(['a in', 'b in', 'b out', 'a out'])
})

test('anything thrown has one line of text', () => {
  expect([new Error('m'), new TypeError(''), 'text', 7, null, undefined].map(errorText)).toEqual([
    'm',
    'TypeError',
    'text',
    '7',
    'null',
    'undefined',
  ])
})

test('a difference in an embedded value has its path under the wire keys', async () => {
  const { encodePayload, encodeValue, KIND } = await import('@starling/event')
  const scheduled = (value: unknown) => ({ callId: 'c', turnId: 't', tool: 'x', args: encodeValue(value), attempt: 1 })
  const [recorded] = await record([[KIND.ToolCallScheduled, scheduled({ list: [{ a: 1 }], same: true })]])
  const produced = {
    seq: 1,
    kind: KIND.ToolCallScheduled,
    payload: encodePayload(KIND.ToolCallScheduled, scheduled({ list: [{ a: 2 }], same: true })),
  }
  expect(describeDivergence(recorded, produced)).toMatchObject({ path: 'args.list[0].a', recorded: 1, produced: 2 })
})

test('a long value is shortened in the message and whole in the divergence', async () => {
  const { encodePayload, KIND } = await import('@starling/event')
  const [recorded] = await record([[KIND.UserMessageAppended, { content: 'x'.repeat(1000) }]])
  const payload = encodePayload(KIND.UserMessageAppended, { content: 'y' })
  const divergence = describeDivergence(recorded, { seq: 1, kind: KIND.UserMessageAppended, payload })
  expect(divergence.message.length).toBeLessThan(400)
  expect(divergence.recorded).toHaveLength(1000)
})

function answerOf(chunks: readonly ModelChunk[]) {
  const builder = createBuilder()
  for (const chunk of chunks) builder.add(chunk)
  return builder.finish(false)
}

function closedBy(chunks: readonly ModelChunk[], ordered = true): ClosedReasoning[] {
  const closed: ClosedReasoning[] = []
  const builder = new AnswerBuilder({ ordered, onReasoning: (block) => closed.push(block) })
  for (const chunk of chunks) builder.add(chunk)
  return closed
}

function createBuilder(): AnswerBuilder {
  return new AnswerBuilder({ ordered: true, onReasoning: () => undefined })
}
