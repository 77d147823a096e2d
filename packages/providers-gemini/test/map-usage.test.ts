import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createUsageMeter } from '../src/map-usage.ts'

describe('the usage of an answer', () => {
  test('is not known before the first report', () => {
    const meter = createUsageMeter()
    for (const odd of [undefined, null, 'usage', [1]]) meter.add(odd)
    expect(meter.total()).toBeUndefined()
  })

  test('counts cached tokens once, what tools read as input, and thoughts as output', () => {
    expect(
      totalOf({
        promptTokenCount: 100,
        cachedContentTokenCount: 80,
        toolUsePromptTokenCount: 30,
        candidatesTokenCount: 12,
        thoughtsTokenCount: 50,
        totalTokenCount: 192,
      }),
    ).toEqual({ input: 50, cacheRead: 80, cacheWrite: 0, output: 62, reasoning: 50 })
  })

  test('follows the reports, which repeat the ones before and may leave counts out', () => {
    expect(
      totalOf(
        { promptTokenCount: 10, thoughtsTokenCount: 5 },
        { promptTokenCount: 10, candidatesTokenCount: 3, thoughtsTokenCount: 5 },
        { promptTokenCount: 10, candidatesTokenCount: 7 },
      ),
    ).toEqual({ input: 10, cacheRead: 0, cacheWrite: 0, output: 12, reasoning: 5 })
  })

  test('is whole numbers that add up, whatever is reported', () => {
    const count = fc.option(fc.oneof(fc.nat(), fc.double(), fc.string()), { nil: undefined })
    const report = fc.record({
      promptTokenCount: count,
      cachedContentTokenCount: count,
      toolUsePromptTokenCount: count,
      candidatesTokenCount: count,
      thoughtsTokenCount: count,
    })
    fc.assert(
      fc.property(fc.array(report, { minLength: 1 }), (reports) => {
        const { output = -1, reasoning = 0, input = -1, cacheRead = -1, cacheWrite = -1 } = totalOf(...reports) ?? {}
        const counts = [output, reasoning, input, cacheRead, cacheWrite]
        expect(counts.filter((value) => Number.isSafeInteger(value) && value >= 0)).toHaveLength(5)
        expect(reasoning).toBeLessThanOrEqual(output)
      }),
    )
  })
})

function totalOf(...reports: readonly object[]): ReturnType<ReturnType<typeof createUsageMeter>['total']> {
  const meter = createUsageMeter()
  for (const report of reports) meter.add(report)
  return meter.total()
}
