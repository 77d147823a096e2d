import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  checkPrices,
  DEFAULT_PRICES,
  findRate,
  lookUpRate,
  PRICES_AS_OF,
  rateFor,
  VENDOR_PRICES,
} from '../src/index.ts'
import type { ModelRate, TokenRate } from '../src/index.ts'
import { effectiveRate } from '../src/prices.ts'
import { referenceRate } from '../src/reference-prices.ts'
import { scaleRate, withLongPrompts } from '../src/scale-rate.ts'

describe('the table', () => {
  test('has every vendor and a date', () => {
    expect(VENDOR_PRICES.map(({ vendor }) => vendor)).toEqual([
      'OpenAI',
      'Anthropic',
      'Google Gemini',
      'Amazon Bedrock',
      'OpenRouter',
      'xAI',
      'Mistral',
      'DeepSeek',
      'Groq',
      'Together',
    ])
    for (const { prices, source } of VENDOR_PRICES) {
      expect(Object.keys(prices).length).toBeGreaterThan(3)
      expect(new URL(source).protocol).toBe('https:')
    }
    expect(new Date(`${PRICES_AS_OF}T00:00:00Z`).toISOString().slice(0, 10)).toBe(PRICES_AS_OF)
  })

  test('no two vendors claim the same name', () => {
    const names = VENDOR_PRICES.flatMap(({ prices }) => Object.keys(prices))
    expect(new Set(names).size).toBe(names.length)
    expect(Object.keys(DEFAULT_PRICES)).toHaveLength(names.length)
  })

  test('stands the check of configured tables', () => {
    expect(() => checkPrices(DEFAULT_PRICES)).not.toThrow()
  })

  test.each(Object.entries(DEFAULT_PRICES))('%s has rates that make sense', (_model, rate) => {
    expectSense(rate)
    if (rate.above === undefined) return
    expectSense(rate.above.rate)
    expect(rate.above.promptTokens).toBeGreaterThanOrEqual(100_000)
    expect(rate.above.rate.input).toBeGreaterThan(rate.input)
    expect(rate.above.rate.output).toBeGreaterThan(rate.output)
    // A part with a rate of its own keeps one when the prompt is long.
    expect(Object.keys(rate.above.rate).toSorted()).toEqual(
      Object.keys(rate)
        .filter((part) => part !== 'above')
        .toSorted(),
    )
  })

  test('what stays in a region of Bedrock costs a tenth more than what does not', () => {
    const names = Object.keys(DEFAULT_PRICES).filter((name) => /^anthropic\.|^openai\.gpt-5\.6/.test(name))
    expect(names.length).toBeGreaterThan(10)
    for (const name of names) {
      const regional = findRate(`eu.${name}-v1:0`)
      const global = findRate(`global.${name}-v1:0`)
      expect((regional?.input ?? 0) / (global?.input ?? 1)).toBeCloseTo(1.1, 9)
      expect((regional?.cacheRead ?? 0) / (global?.cacheRead ?? 1)).toBeCloseTo(1.1, 9)
      expect((regional?.output ?? 0) / (global?.output ?? 1)).toBeCloseTo(1.1, 9)
      expect((regional?.cacheWriteLong ?? 1.1) / (global?.cacheWriteLong ?? 1)).toBeCloseTo(1.1, 9)
    }
  })

  const claude = Object.entries(DEFAULT_PRICES).filter(([key]) => key.includes('claude'))
  test.each(claude)('writing a cache for an hour costs twice the input with %s', (_model, rate) => {
    expect(rate.cacheWriteLong).toBeCloseTo(rate.input * 2, 9)
    const { rate: long } = rate.above ?? { rate }
    expect(long.cacheWriteLong).toBeCloseTo(long.input * 2, 9)
  })

  test('nobody else has a rate for caches that live for an hour', () => {
    const long = Object.entries(DEFAULT_PRICES).filter(([, { cacheWriteLong }]) => cacheWriteLong !== undefined)
    expect(long.map(([key]) => key)).toEqual(claude.map(([key]) => key))
  })
})

describe('the names of a model', () => {
  const listed = VENDOR_PRICES.flatMap(({ vendor, prices, aliases }) =>
    Object.entries(aliases).flatMap(([key, names]) => names.map((name) => ({ vendor, prices, key, name }))),
  )

  test.each(listed)('$name leads to $key of $vendor', ({ prices, key, name }) => {
    expect(Object.keys(prices)).toContain(key)
    expect(lookUpRate(name)?.key).toBe(key)
  })

  test('no name stands for two models, or is a key too', () => {
    const names = listed.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    for (const name of names) expect(DEFAULT_PRICES).not.toHaveProperty([name])
  })

  // Bedrock's list is its own, and may agree with a vendor's by chance.
  const { prices: bedrock = {} } = VENDOR_PRICES.find(({ vendor }) => vendor === 'Amazon Bedrock') ?? {}
  const keys = Object.keys(DEFAULT_PRICES).filter((key) => !Object.hasOwn(bedrock, key))
  test.each(keys)('%s is a key because nothing else in the table says what it costs', (key) => {
    const others = Object.fromEntries(Object.entries(DEFAULT_PRICES).filter(([other]) => other !== key))
    expect(findRate(key, others)).not.toEqual(DEFAULT_PRICES[key])
  })
})

function expectSense({ input, output, cacheRead = input, cacheWrite = input, ...rest }: TokenRate): void {
  const { cacheWriteLong = cacheWrite } = rest
  expect(input).toBeGreaterThan(0)
  expect(output).toBeGreaterThanOrEqual(input)
  expect(output).toBeLessThanOrEqual(1000)
  expect(cacheRead).toBeGreaterThan(0)
  expect(cacheRead).toBeLessThanOrEqual(input)
  expect(cacheWrite).toBeGreaterThanOrEqual(input)
  // Made of decimal prices, not of what binary fractions leave of them.
  expect(cacheWriteLong).toBeGreaterThanOrEqual(cacheWrite)
  for (const price of [input, output, cacheRead, cacheWrite, cacheWriteLong])
    expect(String(price).length).toBeLessThan(10)
}

describe('known rates', () => {
  test.each<[string, ModelRate]>([
    ['gpt-4o-mini', { input: 0.15, output: 0.6, cacheRead: 0.075 }],
    ['gpt-5.4-nano', { input: 0.2, output: 1.25, cacheRead: 0.02 }],
    [
      'gpt-6.2-astra',
      {
        input: 8,
        output: 40,
        cacheRead: 0.4,
        cacheWrite: 10,
        above: { promptTokens: 272_000, rate: { input: 16, output: 60, cacheRead: 0.8, cacheWrite: 20 } },
      },
    ],
    ['claude-opus-5-5', { input: 4, output: 20, cacheRead: 0.2, cacheWrite: 5, cacheWriteLong: 8 }],
    [
      'claude-haiku-5-5',
      {
        input: 0.1,
        output: 0.5,
        cacheRead: 0.01,
        cacheWrite: 0.125,
        cacheWriteLong: 0.2,
        above: {
          promptTokens: 100_000,
          rate: { input: 0.5, output: 2.5, cacheRead: 0.05, cacheWrite: 0.625, cacheWriteLong: 1 },
        },
      },
    ],
    [
      'gemini-2.5-pro',
      {
        input: 1.25,
        output: 10,
        cacheRead: 0.125,
        above: { promptTokens: 200_000, rate: { input: 2.5, output: 15, cacheRead: 0.25 } },
      },
    ],
    ['anthropic.claude-opus-5-5', { input: 4.4, output: 22, cacheRead: 0.22, cacheWrite: 5.5, cacheWriteLong: 8.8 }],
    ['claude-haiku-3', { input: 0.25, output: 1.25, cacheRead: 0.03, cacheWrite: 0.3, cacheWriteLong: 0.5 }],
    ['anthropic/claude-opus-5-fast', { input: 10, output: 50, cacheRead: 1, cacheWrite: 12.5, cacheWriteLong: 20 }],
    [
      'grok-4.7',
      {
        input: 2,
        output: 6,
        cacheRead: 0.5,
        above: { promptTokens: 200_000, rate: { input: 4, output: 12, cacheRead: 1 } },
      },
    ],
    ['x-ai/grok-code-fast-1', { input: 0.2, output: 1.5, cacheRead: 0.02 }],
    ['mistral-large-latest', { input: 0.5, output: 1.5, cacheRead: 0.05 }],
    ['mistral-medium-latest', { input: 1.5, output: 7.5, cacheRead: 0.15 }],
    ['deepseek-v4-pro', { input: 1.32, output: 3.96, cacheRead: 0.044 }],
    ['deepseek/deepseek-v4-pro', { input: 0.435, output: 0.87, cacheRead: 0.003625 }],
    ['ft:gpt-4.1-2025-04-14:org::id', { input: 3, output: 12, cacheRead: 0.75 }],
    ['ft:o4-mini-2025-04-16:org:name:id', { input: 4, output: 16, cacheRead: 1 }],
  ])('%s', (model, rate) => {
    expect(findRate(model)).toEqual(rate)
  })
})

describe('a rate is found', () => {
  test.each([
    // OpenAI and Azure
    ['gpt-5.4-2026-03-05', 'gpt-5.4', 'plain'],
    ['openai/gpt-5.4-mini', 'gpt-5.4-mini', 'plain'],
    ['gpt-5-4-mini-2026-03-17', 'gpt-5.4-mini', 'alias'],
    ['gpt-5.6', 'gpt-5.6-sol', 'alias'],
    ['gpt-5-chat-latest', 'gpt-5', 'alias'],
    ['gpt-5.1-codex-max', 'gpt-5.1', 'alias'],
    ['gpt-35-turbo-0125', 'gpt-3.5-turbo', 'alias'],
    ['gpt-4-0613', 'gpt-4', 'plain'],
    ['gpt-4-1106-preview', 'gpt-4-turbo', 'alias'],
    ['gpt-4o-2024-05-13', 'gpt-4o-2024-05-13', 'exact'],
    ['o3-mini-2025-01-31', 'o3-mini', 'plain'],
    ['ft:gpt-4o-mini-2024-07-18:org::id', 'ft:gpt-4o-mini*', 'pattern'],
    ['ft:gpt-4.1-nano-2025-04-14:org::id:ckpt-step-100', 'ft:gpt-4.1-nano*', 'pattern'],
    ['chatgpt-4o-latest', 'chatgpt-4o', 'plain'],
    ['gpt-5.1-codex-mini', 'gpt-5-mini', 'alias'],
    ['gpt-4-0125-preview', 'gpt-4-turbo', 'alias'],
    // Anthropic and Vertex
    ['claude-fable-5-1-20260901', 'claude-fable-5-1', 'plain'],
    ['claude-opus-5', 'claude-opus-5', 'exact'],
    ['claude-opus-5-latest', 'claude-opus-5', 'plain'],
    ['claude-5.5-opus', 'claude-opus-5-5', 'alias'],
    ['claude-3-5-sonnet@20240620', 'claude-sonnet-3-5', 'alias'],
    ['claude-opus-4@20250514', 'claude-opus-4-0', 'alias'],
    // Gemini
    ['models/gemini-3.1-pro-preview', 'gemini-3.1-pro', 'plain'],
    ['gemini-2.5-pro-preview-05-06', 'gemini-2.5-pro', 'plain'],
    ['gemini-2.5-flash-preview-09-2025', 'gemini-2.5-flash', 'plain'],
    ['gemini-2.0-flash-001', 'gemini-2.0-flash', 'plain'],
    ['publishers/google/models/gemini-3.8-flash', 'gemini-3.8-flash', 'plain'],
    // Bedrock
    ['anthropic.claude-opus-4-5-20251101-v1:0', 'anthropic.claude-opus-4-5', 'plain'],
    ['us.anthropic.claude-sonnet-5-5', 'anthropic.claude-sonnet-5-5', 'plain'],
    ['apac.anthropic.claude-sonnet-4-20250514-v1:0', 'claude-sonnet-4-0', 'alias'],
    ['us-gov.anthropic.claude-3-5-haiku-20241022-v1:0', 'claude-haiku-3-5', 'alias'],
    ['global.anthropic.claude-haiku-4-5-20251001-v1:0', 'claude-haiku-4-5', 'plain'],
    ['us.amazon.nova-pro-v1:0', 'amazon.nova-pro', 'plain'],
    ['global.amazon.nova-2-lite-v1:0', 'global.amazon.nova-2-lite', 'plain'],
    ['eu.amazon.nova-2-lite-v1:0:256k', 'amazon.nova-2-lite', 'plain'],
    ['meta.llama3-3-70b-instruct-v1:0', 'meta.llama3-3-70b-instruct', 'plain'],
    ['arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-opus-4-6-v1', 'anthropic.claude-opus-4-6', 'plain'],
    [
      'arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-haiku-5-5',
      'anthropic.claude-haiku-5-5',
      'plain',
    ],
    ['openai.gpt-oss-120b-1:0', 'openai.gpt-oss-120b', 'alias'],
    ['us.openai.gpt-oss-20b-1:0', 'openai.gpt-oss-20b', 'alias'],
    // xAI, Mistral, DeepSeek
    ['grok-4.3-latest', 'grok-4.3', 'plain'],
    ['x-ai/grok-4.6', 'grok-4.6', 'plain'],
    ['grok-4.20-0309-non-reasoning', 'grok-4.20', 'alias'],
    ['mistral-large-4-0', 'mistral-large-4', 'alias'],
    ['mistralai/mistral-small-2603', 'mistral-small-2603', 'plain'],
    ['devstral-medium-latest', 'devstral-2512', 'alias'],
    ['deepseek-v4-flash', 'deepseek-flash', 'alias'],
    ['groq:openai/gpt-oss-20b', 'groq:openai/gpt-oss-20b', 'exact'],
    // OpenRouter
    ['x-ai/grok-4.5', 'x-ai/grok-4.5', 'exact'],
    ['anthropic/claude-sonnet-5.5', 'claude-sonnet-5-5', 'alias'],
    ['anthropic/claude-4.5-haiku-20251001', 'claude-haiku-4-5', 'alias'],
    ['google/gemini-3.8-flash:nitro', 'gemini-3.8-flash', 'plain'],
    ['moonshotai/kimi-k3-20260715', 'moonshotai/kimi-k3', 'plain'],
    ['deepseek/deepseek-v4-pro:floor', 'deepseek/deepseek-v4-pro', 'plain'],
    ['amazon/nova-2-lite-v1', 'global.amazon.nova-2-lite', 'alias'],
    ['openai/gpt-oss-120b', 'openai/gpt-oss-120b', 'exact'],
    ['openai/gpt-oss-120b:free', 'openai/gpt-oss-120b:free', 'free'],
  ])('for %s as %s (%s)', (model, key, rule) => {
    expect(lookUpRate(model)).toMatchObject({ key, rule })
    expect(findRate(model)).toBe(lookUpRate(model)?.rate)
  })

  test('of a free variant, as nothing', () => {
    expect(findRate('meta-llama/llama-3.3-70b-instruct:free')).toEqual({ input: 0, output: 0 })
  })

  test('by its own name before any other', () => {
    const rate = { input: 7, output: 7 }
    const table = { ...DEFAULT_PRICES, 'openai/gpt-4o': rate, 'a/b:free': rate, 'gpt-5-chat-latest': rate }
    for (const model of ['openai/gpt-4o', 'a/b:free', 'gpt-5-chat-latest']) expect(findRate(model, table)).toBe(rate)
  })

  test('under an alias in a table of the agent too', () => {
    const rate = { input: 7, output: 7 }
    expect(findRate('gpt-5.6', { ...DEFAULT_PRICES, 'gpt-5.6-sol': rate })).toBe(rate)
  })

  test('for every key of the table, as that key', () => {
    for (const key of Object.keys(DEFAULT_PRICES)) expect(lookUpRate(key)).toMatchObject({ key, rule: 'exact' })
  })
})

describe('at a provider a rate is found', () => {
  test.each([
    ['groq', 'openai/gpt-oss-120b', 'groq:openai/gpt-oss-120b'],
    ['together', 'openai/gpt-oss-120b', 'together:openai/gpt-oss-120b'],
    ['openrouter', 'openai/gpt-oss-120b', 'openai/gpt-oss-120b'],
    ['groq', 'llama-3.3-70b-versatile', 'groq:llama-3.3-70b-versatile'],
    ['together', 'moonshotai/Kimi-K3', 'together:moonshotai/Kimi-K3'],
    ['deepseek', 'deepseek-chat', 'deepseek:deepseek-chat'],
    ['deepseek', 'deepseek-v4-flash', 'deepseek-flash'],
    ['openrouter', 'openai/gpt-5.6-sol', 'openai/gpt-5.6-sol'],
    ['openai', 'gpt-5.6', 'gpt-5.6-sol'],
    ['bedrock', 'us.anthropic.claude-opus-5-5', 'anthropic.claude-opus-5-5'],
    ['mistral', 'mistral-large-latest', 'mistral-large-2512'],
  ])('%s, for %s as %s', (provider, model, key) => {
    expect(lookUpRate(model, DEFAULT_PRICES, provider)?.key).toBe(key)
    expect(findRate(model, DEFAULT_PRICES, provider)).toBe(DEFAULT_PRICES[key])
  })

  test.each([
    ['groq', 'moonshotai/kimi-k3'],
    ['together', 'openai/gpt-oss-20b'],
    ['ollama', 'gpt-oss-120b'],
    ['ollama', 'deepseek-v4-pro'],
    ['vllm', 'openai/gpt-oss-120b'],
    ['lmstudio', 'mistral-small-2603'],
    ['openrouter', 'deepseek/deepseek-chat'],
    ['deepseek', 'constructor'],
    ['__proto__', 'constructor'],
  ])('%s has no rate for %s: that of another host would be wrong', (provider, model) => {
    expect(lookUpRate(model, DEFAULT_PRICES, provider)).toBeUndefined()
  })

  const rate = { input: 7, output: 7 }
  test.each([
    ['groq', 'openai/gpt-oss-120b', 'openai/gpt-oss-120b'],
    ['groq', 'openai/gpt-oss-120b', 'groq:openai/gpt-oss-120b'],
    ['groq', 'mine-1', 'mine-*'],
    ['vllm', 'openai/gpt-oss-120b', 'vllm:*'],
    ['vllm', 'org/mine', 'mine'],
    ['ollama', 'qwen3', 'ollama:qwen3'],
  ])('%s, for %s by the key %s of the agent before any built-in one', (provider, model, key) => {
    expect(lookUpRate(model, { ...DEFAULT_PRICES, [key]: rate }, provider)).toMatchObject({ key, rate })
  })

  test('that it gives away, as nothing', () => {
    expect(lookUpRate('a/b:free', DEFAULT_PRICES, 'openrouter')).toMatchObject({ key: 'a/b:free', rule: 'free' })
  })
})

describe('no rate is found', () => {
  test.each([
    'unheard-of',
    'gpt-7',
    'gpt-4o-realtime-preview',
    'gpt-4o-mini-tts',
    'claude-opus-9',
    'claude-opus',
    'claude-opus-latest',
    'gemini-flash-latest',
    'gemini-pro-latest',
    'grok-latest',
    'mistral-medium-3',
    'deepseek-chat',
    'deepseek/deepseek-chat',
    'openai/gpt-oss-safeguard-20b',
    'llama-3.3-70b-versatile',
    'ft:gpt-5:org::id',
    'gemini-2.5-flash-preview-tts',
    'openrouter/auto',
    'openai/gpt-4o:extended',
    'openai/gpt-6-sol:batch',
    'gpt-oss-120b:free',
    'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123',
    'eu.anthropic.claude-opus-9-v1:0',
    'constructor',
    '__proto__',
    'toString',
    '/',
    '',
    '-latest',
  ])('for %j', (model) => {
    expect(lookUpRate(model)).toBeUndefined()
  })

  test('for anything that is no name, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (model) => {
        expect(lookUpRate(model, {})?.rule ?? 'free').toBe('free')
      }),
    )
  })

  test('as fast for a long name as for a short one', () => {
    expect(lookUpRate(`gpt-${'-2024'.repeat(2000)}x`)).toBeUndefined()
  })
})

describe('a long prompt', () => {
  const rate = withLongPrompts({ input: 1, output: 4, cacheRead: 0.1, cacheWriteLong: 3, reasoning: 5 }, 1000, {
    input: 2,
    output: 1.5,
  })

  test('has its own rate only above the mark', () => {
    expect(rateFor(rate, 1000)).toBe(rate)
    expect(rateFor(rate, 1001)).toEqual({ input: 2, output: 6, cacheRead: 0.2, cacheWriteLong: 6, reasoning: 7.5 })
    expect(rateFor({ input: 1, output: 1 }, 1e9)).toEqual({ input: 1, output: 1 })
  })

  test('leaves no mark in what is recorded', () => {
    expect(effectiveRate(rateFor(rate, 1001))).toEqual({
      input: 2,
      output: 6,
      cacheRead: 0.2,
      cacheWrite: 2,
      cacheWriteLong: 6,
      reasoning: 7.5,
    })
    expect(effectiveRate(rate)).not.toHaveProperty('above')
  })

  test('multiplies decimal prices to decimal prices', () => {
    expect(scaleRate({ input: 1.2, output: 0.7 }, { input: 1.5, output: 1.1 })).toEqual({ input: 1.8, output: 0.77 })
  })

  test('must be a rate above a whole number of tokens', () => {
    const of = (above: object) => () => checkPrices({ m: Object.assign({ input: 1, output: 1 }, { above }) } as never)
    expect(of({ promptTokens: 1, rate: { input: 1, output: 1 } })).not.toThrow()
    expect(of({ promptTokens: 0.5, rate: { input: 1, output: 1 } })).toThrow(
      'the long prompts of m begin above 0.5 tokens, expected a whole number of 0 or more',
    )
    expect(of({ promptTokens: 1, rate: { input: 1, output: -1 } })).toThrow(
      'the output price of long prompts of m is -1, expected a number of 0 or more',
    )
    expect(of({ promptTokens: 1 })).toThrow('the long prompts of m have no rate')
  })
})

describe("the reference's rates", () => {
  const rateOf = (model: string) => referenceRate(model, findRate(model))

  test.each([
    ['gpt-4o', 2.5, 10],
    ['gpt-4o-mini', 0.15, 0.6],
    ['gpt-4-turbo', 10, 30],
    ['gpt-3.5-turbo', 0.5, 1.5],
    ['claude-opus-4-7', 5, 25],
    ['claude-opus-4-6', 5, 25],
    ['claude-opus-4-5', 5, 25],
    ['claude-opus-4-1', 15, 75],
    ['claude-opus-4-0', 15, 75],
    ['claude-sonnet-4-6', 3, 15],
    ['claude-sonnet-4-5', 3, 15],
    ['claude-sonnet-4-0', 3, 15],
    ['claude-haiku-4-5', 1, 5],
    ['claude-haiku-3-5', 0.8, 4],
    ['claude-haiku-3', 0.25, 1.25],
  ])('of %s stay what its recordings were made with', (model, input, output) => {
    expect(rateOf(model)).toEqual({ input, output })
  })

  test.each(['gpt-4o-2024-08-06', 'openai/gpt-4o', 'gpt-6.2-sol', 'claude-opus-5', 'unheard-of'])(
    'know no %s: it compares exact names',
    (model) => {
      expect(rateOf(model)).toBeUndefined()
    },
  )

  test('give way to what the agent says itself', () => {
    const rate = { input: 1, output: 1 }
    expect(referenceRate('gpt-4o', rate)).toBe(rate)
    expect(referenceRate('mine', rate)).toBe(rate)
  })
})
