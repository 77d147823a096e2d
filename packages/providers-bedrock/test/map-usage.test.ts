import { describe, expect, test } from 'vitest'
import { mapUsage } from '../src/map-usage.ts'

describe('the token counts', () => {
  test('cached tokens are counted beside the input', () => {
    const usage = {
      inputTokens: 11,
      outputTokens: 7,
      totalTokens: 148,
      cacheReadInputTokens: 90,
      cacheWriteInputTokens: 40,
    }
    expect(mapUsage(usage)).toEqual({ input: 11, cacheRead: 90, cacheWrite: 40, output: 7, reasoning: 0 })
  })

  test('what is missing is 0', () => {
    expect(mapUsage({})).toEqual({ input: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 })
  })

  test('what is no number is 0', () => {
    const usage = { inputTokens: '11', outputTokens: null, cacheReadInputTokens: {}, cacheWriteInputTokens: -4 }
    expect(mapUsage(usage)).toEqual({ input: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 })
  })

  test('what is written for an hour is a part of what is written, counted once', () => {
    const cacheDetails = [
      { ttl: '1h', inputTokens: 30 },
      { ttl: '5m', inputTokens: 10 },
    ]
    expect(mapUsage({ inputTokens: 1, outputTokens: 2, cacheWriteInputTokens: 40, cacheDetails })).toEqual({
      input: 1,
      cacheRead: 0,
      cacheWrite: 40,
      cacheWriteLong: 30,
      output: 2,
      reasoning: 0,
    })
  })

  test.for<unknown>([[], [{ ttl: '5m', inputTokens: 40 }], [{ ttl: '1h', inputTokens: '30' }], [null, 'odd'], 'odd'])(
    'nothing is written for an hour when the details are %j',
    (cacheDetails) => {
      expect(mapUsage({ cacheWriteInputTokens: 40, cacheDetails })).not.toHaveProperty('cacheWriteLong')
    },
  )
})
