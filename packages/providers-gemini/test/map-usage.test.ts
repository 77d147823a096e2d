import type { Usage } from '@starling/provider'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createUsageMeter } from '../src/map-usage.ts'

describe('the usage of an answer', () => {
  test('is not known before the first report', () => {
    const meter = createUsageMeter()
    expect([undefined, null, 'usage', [1]].map((odd) => meter.add(odd))).toEqual(Array(4).fill(undefined))
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

  test('is told when something of it is news', () => {
    const meter = createUsageMeter()
    const prompt = { promptTokenCount: 10 }
    const reports = [{}, prompt, prompt, { ...prompt, candidatesTokenCount: 3 }, { candidatesTokenCount: 2 }]
    expect(reports.map((report) => meter.add(report)?.output)).toEqual([0, 0, undefined, 3, undefined])
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

function totalOf(...reports: readonly object[]): Usage | undefined {
  const meter = createUsageMeter()
  return reports.map((report) => meter.add(report)).findLast((usage) => usage !== undefined)
}
