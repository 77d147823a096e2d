import { kindName, toHex } from '@starling/event'
import { describe, expect, test } from 'vitest'

import { createMemoryEventLog } from '../src/memory/index.ts'
import { summarize } from '../src/summarize.ts'
import { createValidator, validateEvents, validateRun } from '../src/validate.ts'
import { eventOfVector, readFixture, readGoldenRuns } from './fixtures.ts'
import type { VectorEvent } from './fixtures.ts'
import { digestOf, mutate, readMutations } from './mutations.ts'

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
    const verdict = validateEvents(run.events)
    expectVerdict(verdict.reason, { verdict: run.validate })
    expect(verdict.status).toBe(statusOf(run.validate))
    expect(verdict.events).toBe(run.events.length)
    if (verdict.status !== 'corrupt') expect(toHex(verdict.root ?? new Uint8Array(0))).toBe(run.merkle_root_hex)
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
    for (const mutation of MUTATIONS.filter(({ base }) => base === name)) {
      const events = mutate(BASES.get(name)?.events ?? [], mutation)
      expect(digestOf(events), `${mutation.id} ${mutation.description}`).toBe(mutation.result_digest_hex)
      const verdict = validateEvents(events)
      expectVerdict(verdict.reason, mutation)
      expect(verdict.status === 'ok', mutation.id).toBe(mutation.verdict === 'ok')
      if (verdict.status === 'open') expect(mutation.verdict, mutation.id).toMatch(/is not terminal$/)
    }
  })
})

describe('validation of the vectors', () => {
  const { reference_cases, derived_cases } = readFixture<{ reference_cases: Vector[]; derived_cases: Vector[] }>(
    'vectors/validate.json',
  )

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

function expectVerdict(reason: string | undefined, recorded: { verdict: string; compare_prefix?: string }): void {
  const prefix = recorded.compare_prefix ?? recorded.verdict.replace(/(decode \w+ at \d+: ).*/, '$1')
  if (prefix === recorded.verdict) expect(reason ?? 'ok').toBe(recorded.verdict)
  else expect(reason).toSatisfy((text) => typeof text === 'string' && text.startsWith(prefix), recorded.verdict)
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
