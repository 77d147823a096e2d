import fc from 'fast-check'
import { expect, test } from 'vitest'

import { createChunkChecker, normalizeUsage } from '../src/index.ts'

test('counts that do not overlap stay as they are', () => {
  const usage = { input: 5, cacheRead: 3, cacheWrite: 2, output: 7, reasoning: 4 }
  expect(normalizeUsage(usage)).toEqual(usage)
})

test('what a vendor does not report is 0', () => {
  expect(normalizeUsage({ output: 7, cacheRead: null, reasoning: undefined })).toEqual({
    input: 0,
    cacheRead: 0,
    cacheWrite: 0,
    output: 7,
    reasoning: 0,
  })
})

test('cached tokens are taken out of an input that includes them', () => {
  const usage = normalizeUsage({ input: 10, cacheRead: 3, cacheWrite: 2 }, { inputIncludesCache: true })
  expect(usage).toMatchObject({ input: 5, cacheRead: 3, cacheWrite: 2 })
})

test('reasoning is added to an output that excludes it', () => {
  const usage = normalizeUsage({ output: 7, reasoning: 4 }, { outputExcludesReasoning: true })
  expect(usage).toMatchObject({ output: 11, reasoning: 4 })
})

test('counts that contradict each other are bounded by one another', () => {
  expect(normalizeUsage({ input: 2, cacheRead: 3 }, { inputIncludesCache: true })).toMatchObject({
    input: 0,
    cacheRead: 3,
  })
  expect(normalizeUsage({ output: 2, reasoning: 3 })).toMatchObject({ output: 2, reasoning: 2 })
})

test('whatever is reported, the result is a usage that a stream may carry', () => {
  const counts = fc.option(fc.oneof(fc.double(), fc.integer()), { nil: undefined })
  const reported = fc.record({
    input: counts,
    cacheRead: counts,
    cacheWrite: counts,
    output: counts,
    cacheWriteLong: counts,
    reasoning: counts,
  })
  fc.assert(
    fc.property(reported, fc.boolean(), fc.boolean(), (usage, inputIncludesCache, outputExcludesReasoning) => {
      const normalized = normalizeUsage(usage, { inputIncludesCache, outputExcludesReasoning })
      expect(() => createChunkChecker().accept({ type: 'usage', usage: normalized })).not.toThrow()
      expect(normalized.reasoning).toBeLessThanOrEqual(normalized.output)
    }),
  )
})

test('long cache writes are a part of the cache writes, and nothing when there are none', () => {
  expect(normalizeUsage({ cacheWrite: 5, cacheWriteLong: 3 })).toMatchObject({ cacheWrite: 5, cacheWriteLong: 3 })
  expect(normalizeUsage({ cacheWrite: 2, cacheWriteLong: 3 })).toMatchObject({ cacheWrite: 2, cacheWriteLong: 2 })
  expect(normalizeUsage({ cacheWriteLong: 3 })).not.toHaveProperty('cacheWriteLong')
  expect(normalizeUsage({ cacheWrite: 2, cacheWriteLong: 0 })).not.toHaveProperty('cacheWriteLong')
})
