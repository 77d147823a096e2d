import { kindName, toHex } from '@starling/event'
import { describe, expect, test } from 'vitest'

import { createMemoryEventLog } from '../src/memory/index.ts'
import { summarize } from '../src/summarize.ts'
import { createValidator, validateEvents, validateRun } from '../src/validate.ts'
import { eventOfVector } from '../src/conformance/recordings.ts'
import type { VectorEvent } from '../src/conformance/recordings.ts'
import { readFixture, readGoldenRuns } from './fixtures.ts'
import { digestOf, mutate, readMutations } from './mutations.ts'
import type { Mutation } from './mutations.ts'

const RUNS = readGoldenRuns()
const BASES = new Map(RUNS.map((run) => [run.name, run]))
const MUTATIONS = readMutations()

describe('validation of recorded runs', () => {
  test('there are 74 runs with 2645 events and 948 mutations', () => {
    expect(RUNS).toHaveLength(74)
    expect(RUNS.reduce((sum, run) => sum + run.events.length, 0)).toBe(2645)
    expect(MUTATIONS).toHaveLength(948)
  })

  test.each(RUNS)('$name has the recorded verdict, root and summary', (run) => {
    const { status, reason, events, root } = validateEvents(run.events)
    expect(comparable(reason, { verdict: run.validate, compare_prefix: prefixOf(run.validate) })).toBe(run.validate)
    expect(status).toBe(statusOf(run.validate))
    expect(events).toBe(run.events.length)
    expect(root && toHex(root)).toBe(status === 'corrupt' ? undefined : run.merkle_root_hex)
    expect(aggregateOf(run.events)).toEqual(run.aggregate)
  })

  test.each(RUNS.filter((run) => run.events.length > 20))(
    '$name has the same verdict read in pages of 7',
    async (run) => {
      await using log = createMemoryEventLog()
      await log.append(run.aggregate.run_id, run.events)
      expect(await validateRun(log, run.aggregate.run_id, { pageSize: 7 })).toEqual(validateEvents(run.events))
    },
  )

  test('every prefix of a good run is open, and its verdict may be asked for while pushing goes on', () => {
    for (const run of RUNS.filter(({ validate }) => validate === 'ok')) {
      const validator = createValidator()
      const prefixes = run.events.slice(0, -1)
      const statuses = prefixes.map((event) => {
        validator.push(event)
        return validator.finish().status
      })
      expect(new Set(statuses)).toEqual(new Set(['open']))
      for (const event of run.events.slice(-1)) validator.push(event)
      expect(validator.finish()).toEqual(validateEvents(run.events))
    }
  })
})

describe('validation of recorded mutations', () => {
  // One test per base run: a thousand tests would say no more, and take longer to report than to run.
  test.each([...BASES.keys()].filter((name) => MUTATIONS.some(({ base }) => base === name)))('of %s', (name) => {
    const mutations = MUTATIONS.filter(({ base }) => base === name)
    const found = mutations.map((mutation) => {
      const events = mutate(BASES.get(name)?.events ?? [], mutation)
      const { status, reason } = validateEvents(events)
      return { id: mutation.id, digest: digestOf(events), ok: status === 'ok', verdict: comparable(reason, mutation) }
    })
    const recorded = mutations.map(({ id, result_digest_hex, verdict }) => {
      return { id, digest: result_digest_hex, ok: verdict === 'ok', verdict }
    })
    expect(found).toEqual(recorded)
  })

  test('one that only cuts off the end leaves the run open, and one found wrong inside is never open', () => {
    for (const mutation of MUTATIONS) {
      const events = mutate(BASES.get(mutation.base)?.events ?? [], mutation)
      const isPrefix = mutation.edits.every(({ op }) => op === 'truncate') && mutation.edits.length > 0
      const isOpen = validateEvents(events).status === 'open'
      const mayBeOpen = mutation.verdict.endsWith('is not terminal')
      expect(isOpen && !mayBeOpen).toBe(false)
      expect(isPrefix && mayBeOpen && !isOpen).toBe(false)
    }
  })
})

describe('validation of the vectors', () => {
  const { reference_cases, derived_cases } = readFixture('vectors/validate.json') as {
    reference_cases: Vector[]
    derived_cases: Vector[]
  }

  test('there are 42 of them', () => {
    expect(reference_cases.length + derived_cases.length).toBe(42)
  })

  test.each([...reference_cases, ...derived_cases])('$name', ({ events, expect: wanted, expect_message_suffix }) => {
    const { status, reason } = validateEvents(events.map(eventOfVector))
    expect(status === 'ok').toBe(wanted === 'valid')
    expect(reason).toBe(expect_message_suffix && `eventlog: log failed validation: ${expect_message_suffix}`)
  })
})

interface Vector {
  readonly name: string
  readonly expect: string
  readonly expect_message_suffix?: string
  readonly events: readonly VectorEvent[]
}

/** The recorded verdict when `reason` agrees with it as far as it is comparable, `reason` otherwise. */
function comparable(reason: string | undefined, recorded: Pick<Mutation, 'verdict' | 'compare_prefix'>): string {
  const { verdict, compare_prefix } = recorded
  return compare_prefix !== undefined && reason?.startsWith(compare_prefix) === true ? verdict : (reason ?? 'ok')
}

/** Behind the colon are the words of the reference's CBOR library. */
function prefixOf(verdict: string): string {
  return verdict.replace(/(decode \w+ at \d+: ).*/, '$1')
}

function statusOf(verdict: string): string {
  if (verdict === 'ok') return 'ok'
  return verdict.endsWith('is not terminal') ? 'open' : 'corrupt'
}

function aggregateOf(events: Parameters<typeof validateEvents>[0]): object | undefined {
  const summary = summarize(events)
  return (
    summary && {
      run_id: summary.runId,
      started_at_ns: String(summary.startedAt),
      last_seq: summary.lastSeq,
      last_kind: kindName(summary.lastKind),
      turn_count: summary.turnCount,
      tool_call_count: summary.toolCallCount,
      input_tokens: summary.inputTokens,
      output_tokens: summary.outputTokens,
      cost_usd: summary.costUsd,
      duration_ms: summary.durationMs,
    }
  )
}
