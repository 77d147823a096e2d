import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mapUsage } from '../src/map-usage.ts'

describe('mapUsage', () => {
  test('cached tokens come off the prompt, and reasoning is part of the output', () => {
    expect(
      mapUsage({
        prompt_tokens: 100,
        completion_tokens: 50,
        total_tokens: 150,
        prompt_tokens_details: { cached_tokens: 60 },
        completion_tokens_details: { reasoning_tokens: 30 },
      }),
    ).toEqual({ input: 40, cacheRead: 60, cacheWrite: 0, output: 50, reasoning: 30 })
  })

  test('tokens written to a cache come off the prompt too', () => {
    const details = { cached_tokens: 20, cache_write_tokens: 70 }
    expect(mapUsage({ prompt_tokens: 100, completion_tokens: 1, prompt_tokens_details: details })).toEqual({
      input: 10,
      cacheRead: 20,
      cacheWrite: 70,
      output: 1,
      reasoning: 0,
    })
  })

  test('cache hits are found under their other name', () => {
    const usage = { prompt_tokens: 10, prompt_cache_hit_tokens: 4, prompt_cache_miss_tokens: 6, completion_tokens: 1 }
    expect(mapUsage(usage)).toMatchObject({ input: 6, cacheRead: 4 })
  })

  test('reasoning that the total shows to be on top is added to the output', () => {
    const usage = {
      prompt_tokens: 32,
      completion_tokens: 9,
      total_tokens: 135,
      completion_tokens_details: { reasoning_tokens: 94 },
    }
    expect(mapUsage(usage)).toMatchObject({ output: 103, reasoning: 94 })
  })

  test('reasoning inside the completion is not added again', () => {
    const usage = {
      prompt_tokens: 32,
      completion_tokens: 103,
      total_tokens: 135,
      completion_tokens_details: { reasoning_tokens: 94 },
    }
    expect(mapUsage(usage)).toMatchObject({ output: 103, reasoning: 94 })
  })

  test('what is missing or no number counts as nothing', () => {
    const nothing = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 }
    expect(mapUsage({})).toEqual(nothing)
    expect(mapUsage({ prompt_tokens: '7', prompt_tokens_details: null, completion_tokens_details: [] })).toEqual(
      nothing,
    )
  })

  test('the parts of the prompt always add up to it', () => {
    const counts = fc.record({ prompt: fc.nat(1e6), cached: fc.nat(1e6), written: fc.nat(1e6), output: fc.nat(1e6) })
    fc.assert(
      fc.property(counts, ({ prompt, cached, written, output }) => {
        fc.pre(cached + written <= prompt)
        const usage = mapUsage({
          prompt_tokens: prompt,
          completion_tokens: output,
          prompt_tokens_details: { cached_tokens: cached, cache_write_tokens: written },
        })
        expect(usage.input + usage.cacheRead + usage.cacheWrite).toBe(prompt)
        expect(usage.output).toBe(output)
      }),
    )
  })
})
