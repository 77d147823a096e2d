import { encodeCbor, KIND } from '@starling/event'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { chainOf, finishedRun, RunBuilder } from '../src/conformance/runs.ts'
import { createSummarizer, summarize } from '../src/index.ts'

describe('summarize', () => {
  test('there is none without events', () => {
    expect(summarize([])).toBeUndefined()
    expect(createSummarizer().summary()).toBeUndefined()
  })

  test.each([
    [0n, 0],
    [999_999n, 0],
    [1_000_000n, 1],
    [1_999_999n, 1],
    [-5_000_000n, 0],
    [3_600_000_000_000n, 3_600_000],
  ])('%i ns from the first event to the last are %i ms', (stepNs, durationMs) => {
    const events = new RunBuilder('r', 1_795_256_960_795_436_425n, stepNs).start().say('x').events
    expect(summarize(events)).toMatchObject({ durationMs, startedAt: 1_795_256_960_795_436_425n })
  })

  test('turns and calls are counted without being decoded', () => {
    const run = new RunBuilder('r')
      .addRaw(KIND.TurnStarted, encodeCbor('?'))
      .addRaw(KIND.ToolCallScheduled, encodeCbor('?'))
    expect(summarize(run.events)).toMatchObject({ turnCount: 1, toolCallCount: 1, status: 'in progress' })
  })

  test('the state is that of the last event, also after a terminal one', () => {
    const run = new RunBuilder('r').start().complete()
    expect(summarize(run.events)).toMatchObject({ status: 'completed', lastKind: KIND.RunCompleted })
    expect(summarize(run.say('late').events)).toMatchObject({ status: 'in progress', lastSeq: 3 })
  })

  test('an event at a time or all at once is the same', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('say', 'tool', 'bad', 'end'), { maxLength: 12 }), (steps) => {
        const run = new RunBuilder('r').start()
        for (const step of steps) {
          if (step === 'say') run.say('hi')
          else if (step === 'tool') run.callTool()
          else if (step === 'bad') run.addRaw(KIND.AssistantMessageCompleted, encodeCbor(1))
          else run.complete()
        }
        const summarizer = createSummarizer()
        for (const [index, event] of run.events.entries()) {
          summarizer.push(event)
          expect(summarizer.summary()).toEqual(summarize(run.events.slice(0, index + 1)))
        }
        const calls = steps.filter((step) => step === 'tool').length
        expect(summarizer.summary()).toMatchObject({ toolCallCount: calls, inputTokens: calls * 10 })
      }),
    )
  })

  test('a summary stays what it was when more is pushed', () => {
    const summarizer = createSummarizer()
    for (const event of chainOf('r', 2)) summarizer.push(event)
    const before = summarizer.summary()
    const copy = { ...before }
    for (const event of finishedRun('r').slice(2)) summarizer.push(event)
    expect(before).toEqual(copy)
  })
})
