import { describe, expect, test } from 'vitest'

import { APPEND_CASES } from '../src/conformance/append-cases.ts'
import { LISTING_CASES, PRUNE_CASES, runsToList, runsToPrune } from '../src/conformance/listing-cases.ts'
import { eventOfVector } from '../src/conformance/recordings.ts'
import type { VectorEvent } from '../src/conformance/recordings.ts'
import { readFixture } from './fixtures.ts'

describe('the cases that the suite carries are those of the vectors', () => {
  test('append rules, byte for byte', () => {
    const { cases } = readFixture('vectors/append-rules.json') as { cases: AppendVector[] }
    const ours = APPEND_CASES.map(({ name, steps }) => ({
      name,
      steps: steps.map(({ runId, event, allowed }) => ({ runId, event, allowed })),
    }))
    const theirs = cases.map(({ name, append }) => ({
      name,
      steps: append.map((step) => ({
        runId: step.run_param,
        event: eventOfVector(step.event),
        allowed: step.expect === 'ok',
      })),
    }))
    expect(ours).toEqual(theirs)
  })

  test('listing runs, byte for byte', () => {
    const { list } = readFixture('vectors/list-and-prune.json') as ListingVectors
    expect(runsToList()).toEqual(Object.values(list.runs).map((run) => run.map(eventOfVector)))
  })

  test('listing queries', () => {
    const { list } = readFixture('vectors/list-and-prune.json') as ListingVectors
    const theirs = list.queries.map(({ options, total_matching, run_ids }) => {
      const { started_after_unix_nano, require_tool_calls, ...rest } = options
      return {
        options: {
          ...rest,
          ...(started_after_unix_nano !== undefined && { startedAfter: BigInt(started_after_unix_nano) }),
          ...(require_tool_calls !== undefined && { requireToolCalls: require_tool_calls }),
        },
        totalMatching: total_matching,
        ...(run_ids !== undefined && { runIds: run_ids }),
      }
    })
    expect(LISTING_CASES).toEqual(theirs)
  })

  test('prune steps', () => {
    const { prune } = readFixture('vectors/list-and-prune.json') as ListingVectors
    expect(runsToPrune().map((run) => run[0]?.runId)).toEqual(Object.keys(prune.runs))
    for (const [index, step] of prune.steps.entries()) {
      const ours = PRUNE_CASES[index]
      expect(ours?.options.before).toBe(BigInt(step.options.before_unix_nano))
      expect(ours?.options.status).toBe(step.options.status)
      expect(ours?.options.dryRun).toBe(step.options.dry_run)
      const camel = (key: string): string => key.replace(/_(\w)/, (_, letter: string) => letter.toUpperCase())
      const report = Object.fromEntries(Object.entries(step.report).map(([key, value]) => [camel(key), value]))
      expect(ours?.report).toEqual(report)
      expect(ours?.remaining).toEqual(step.remaining ?? Object.keys(prune.runs))
    }
  })
})

interface AppendVector {
  readonly name: string
  readonly append: readonly { readonly run_param: string; readonly event: VectorEvent; readonly expect: string }[]
}

interface ListingVectors {
  readonly list: {
    readonly runs: Readonly<Record<string, readonly VectorEvent[]>>
    readonly queries: readonly {
      readonly options: {
        readonly limit?: number
        readonly status?: string
        readonly query?: string
        readonly started_after_unix_nano?: number
        readonly require_tool_calls?: boolean
      }
      readonly total_matching: number
      readonly run_ids?: readonly string[]
    }[]
  }
  readonly prune: {
    readonly runs: Readonly<Record<string, string>>
    readonly steps: readonly {
      readonly options: { readonly before_unix_nano: number; readonly status?: string; readonly dry_run?: boolean }
      readonly report: Readonly<Record<string, number>>
      readonly remaining?: readonly string[]
    }[]
  }
}
