import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mapUsage } from '../src/map-usage.ts'

describe('nested usage', () => {
  test('the counts do not overlap', () => {
    expect(
      mapUsage(
        {
          inputTokens: { total: 141, noCache: 11, cacheRead: 90, cacheWrite: 40 },
          outputTokens: { total: 7, text: 2, reasoning: 5 },
        },
        'test',
      ),
    ).toEqual({ input: 11, cacheRead: 90, cacheWrite: 40, output: 7, reasoning: 5 })
  })

  test('without a count of its own, what was not cached is the rest of the total', () => {
    const inputTokens = { total: 100, noCache: undefined, cacheRead: 90, cacheWrite: undefined }
    expect(mapUsage({ inputTokens, outputTokens: { total: 7 } }, 'test')).toMatchObject({ input: 10, cacheRead: 90 })
  })

  test('without a total, the output is text and reasoning', () => {
    const usage = { inputTokens: { noCache: 1 }, outputTokens: { total: undefined, text: 2, reasoning: 5 } }
    expect(mapUsage(usage, 'test')).toMatchObject({ output: 7, reasoning: 5 })
    expect(mapUsage({ inputTokens: { noCache: 1 }, outputTokens: { text: 2 } }, 'test')).toMatchObject({ output: 2 })
  })

  test('what Anthropic wrote to its cache for an hour is told apart', () => {
    const inputTokens = { total: 141, noCache: 11, cacheRead: 90, cacheWrite: 40 }
    const usage = { inputTokens, outputTokens: { total: 7 } }
    const creation = (tokens: unknown): object => ({
      cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: tokens },
    })
    expect(mapUsage({ ...usage, raw: creation(30) }, 'anthropic.messages')).toMatchObject({
      cacheWrite: 40,
      cacheWriteLong: 30,
    })
    for (const raw of [undefined, null, {}, { cache_creation: null }, creation(0), creation('30')]) {
      expect(mapUsage({ ...usage, raw }, 'anthropic.messages')).not.toHaveProperty('cacheWriteLong')
    }
  })

  test('half a usage is one', () => {
    expect(mapUsage({ inputTokens: { total: 3 } }, 'test')).toMatchObject({ input: 3, output: 0 })
    expect(mapUsage({ outputTokens: { total: 3 } }, 'test')).toMatchObject({ input: 0, output: 3 })
  })
})

describe('flat usage', () => {
  const usage = { inputTokens: 100, outputTokens: 7, totalTokens: 107, reasoningTokens: 5, cachedInputTokens: 90 }

  test('the input includes what was cached', () => {
    expect(mapUsage(usage, 'openai.chat')).toEqual({ input: 10, cacheRead: 90, cacheWrite: 0, output: 7, reasoning: 5 })
  })

  test.for(['anthropic.messages', 'vertex.anthropic.messages', 'amazon-bedrock'])(
    'with %s it never did',
    (provider) => {
      expect(mapUsage(usage, provider)).toMatchObject({ input: 100, cacheRead: 90 })
    },
  )

  test('more cached tokens than input can only be beside it', () => {
    expect(mapUsage({ ...usage, inputTokens: 10 }, 'a-proxy')).toMatchObject({ input: 10, cacheRead: 90 })
  })
})

test.for([
  undefined,
  null,
  7,
  {},
  { inputTokens: undefined, outputTokens: undefined },
  { inputTokens: {}, outputTokens: {} },
])('nothing reported is no usage: %j', (usage) => {
  expect(mapUsage(usage, 'test')).toBeUndefined()
})

test('whatever a package reports, the counts are whole and not negative', () => {
  const count = fc.oneof(fc.constant(undefined), fc.integer(), fc.double(), fc.string())
  const nested = fc.record({
    inputTokens: fc.record({ total: count, noCache: count, cacheRead: count, cacheWrite: count }),
    outputTokens: fc.record({ total: count, text: count, reasoning: count }),
  })
  const flat = fc.record({ inputTokens: count, outputTokens: count, reasoningTokens: count, cachedInputTokens: count })
  fc.assert(
    fc.property(fc.oneof(nested, flat), (usage) => {
      const counts = Object.values(mapUsage(usage, 'test') ?? {})
      expect(counts.every((value) => Number.isSafeInteger(value) && value >= 0)).toBe(true)
    }),
  )
})
