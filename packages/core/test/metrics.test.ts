import { createMemoryEventLog } from '@starling/eventlog/memory'
import { ProviderError } from '@starling/provider'
import { createScriptedProvider } from '@starling/provider/scripted'
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import type { AgentOptions } from '../src/index.ts'
import { createMetrics } from '../src/metrics/index.ts'
import { createFaultyLog } from './support/faulty-log.ts'
import { createWorld, RUN, tool } from './support/world.ts'

const LOOK = tool('look', () => 'fine')

/** Runs a script under metrics; answers the value of one sample, named as in the text format. */
async function measured(
  turns: Parameters<typeof createWorld>[0],
  options: Partial<AgentOptions> = {},
  run: { readonly signal?: AbortSignal } = {},
): Promise<(sample: string) => number | undefined> {
  const registry = new Registry()
  const { observer, observeLog } = createMetrics(registry)
  const log = observeLog(options.log ?? createMemoryEventLog())
  const world = createWorld(turns, { tools: [LOOK], ...options, log, observers: [observer] })
  await world.agent.runWithId(RUN, 'Go', run).catch(() => undefined)
  const text = await registry.metrics()
  const samples = new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  )
  return (sample) => samples.get(sample)
}

test('a completed run counts itself, its model calls, tokens, tool calls and appends', async () => {
  const value = await measured([
    { toolCalls: [{ name: 'look' }], usage: { input: 10, cacheRead: 5, output: 3 } },
    { text: 'Done.', usage: { input: 20, output: 4 } },
  ])
  expect(value('starling_runs_started_total')).toBe(1)
  expect(value('starling_runs_in_flight')).toBe(0)
  expect(value('starling_run_terminal_total{status="ok",error_type="none"}')).toBe(1)
  expect(value('starling_run_duration_seconds_count{status="ok"}')).toBe(1)
  expect(value('starling_provider_calls_total{model="gpt-4o",status="ok"}')).toBe(2)
  expect(value('starling_provider_call_duration_seconds_count{model="gpt-4o"}')).toBe(2)
  expect(value('starling_provider_tokens_total{model="gpt-4o",type="prompt"}')).toBe(35)
  expect(value('starling_provider_tokens_total{model="gpt-4o",type="completion"}')).toBe(7)
  expect(value('starling_tool_calls_total{tool="look",status="ok",error_type="none"}')).toBe(1)
  expect(value('starling_tool_call_duration_seconds_count{tool="look"}')).toBe(1)
  expect(value('starling_eventlog_appends_total{kind="RunStarted",status="ok"}')).toBe(1)
  expect(value('starling_eventlog_appends_total{kind="TurnStarted",status="ok"}')).toBe(2)
})

test('the buckets are those of the reference', async () => {
  const registry = new Registry()
  createMetrics(registry)
  const buckets = (name: string): unknown => Reflect.get(registry.getSingleMetric(name) ?? {}, 'upperBounds')
  const calls = [
    0.005, 0.0125075, 0.0312876, 0.078266, 0.1957826, 0.4897508, 1.225113, 3.0646237, 7.6661653, 19.1769353, 47.9711604,
    120,
  ]
  expect(buckets('starling_run_duration_seconds')).toEqual(calls)
  expect(buckets('starling_provider_call_duration_seconds')).toEqual(calls)
  expect(buckets('starling_tool_call_duration_seconds')).toEqual(calls)
  expect(buckets('starling_eventlog_append_duration_seconds')).toEqual([
    0.00005, 0.00011635, 0.00027073, 0.00062996, 0.00146587, 0.00341095, 0.00793701, 0.01846876, 0.0429753, 0.1,
  ])
})

test('the names are those of the reference', async () => {
  const registry = new Registry()
  createMetrics(registry)
  expect(registry.getMetricsAsArray().map(({ name }) => name)).toEqual([
    'starling_runs_started_total',
    'starling_runs_in_flight',
    'starling_run_terminal_total',
    'starling_run_duration_seconds',
    'starling_provider_calls_total',
    'starling_provider_call_duration_seconds',
    'starling_provider_tokens_total',
    'starling_tool_calls_total',
    'starling_tool_call_duration_seconds',
    'starling_budget_exceeded_total',
    'starling_eventlog_appends_total',
    'starling_eventlog_append_duration_seconds',
  ])
})

test('a second registration in one registry is an error, in another it is not', () => {
  const registry = new Registry()
  createMetrics(registry)
  expect(() => createMetrics(registry)).toThrow('already been registered')
  expect(() => createMetrics(new Registry())).not.toThrow()
})

test('a run that its budget ended counts as budget, with the axis', async () => {
  const value = await measured([{ text: 'x'.repeat(100) }], { budget: { maxOutputTokens: 5 } })
  expect(value('starling_run_terminal_total{status="budget",error_type="budget"}')).toBe(1)
  expect(value('starling_budget_exceeded_total{axis="output_tokens"}')).toBe(1)
})

test('a failed model call counts as an error', async () => {
  const error = new ProviderError('PROVIDER_AUTH', 'no key')
  const value = await measured([{ fault: { kind: 'error', error } }])
  expect(value('starling_provider_calls_total{model="gpt-4o",status="error"}')).toBe(1)
  expect(value('starling_run_terminal_total{status="error",error_type="provider"}')).toBe(1)
})

test('a cancelled run counts as cancelled', async () => {
  const value = await measured([{ text: 'never' }], {}, { signal: AbortSignal.abort() })
  expect(value('starling_run_terminal_total{status="cancelled",error_type="none"}')).toBe(1)
})

test('tool names that the model makes up share one label', async () => {
  const value = await measured([{ toolCalls: [{ name: 'imaginary' }, { name: 'other' }] }, { text: 'Done.' }])
  expect(value('starling_tool_calls_total{tool="unknown",status="error",error_type="tool"}')).toBe(2)
})

test('a run that could not be recorded is no longer in flight, and its appends count as errors', async () => {
  const log = createFaultyLog(createMemoryEventLog(), { at: 1, times: 99, error: new Error('disk full') })
  const value = await measured([{ text: 'never' }], { log })
  expect(value('starling_runs_in_flight')).toBe(0)
  expect(value('starling_eventlog_appends_total{kind="RunStarted",status="error"}')).toBe(1)
})

test('a call without usage adds no tokens', async () => {
  const value = await measured([{ text: 'Hello.' }])
  expect(value('starling_provider_tokens_total{model="gpt-4o",type="prompt"}')).toBeUndefined()
})

test.each<[string, Partial<AgentOptions>]>([
  ['a cap cuts off', { budget: { maxOutputTokens: 5 } }],
  ['a cancellation cuts off', {}],
])('a model call that %s counts the tokens that the vendor had counted', async (_what, options) => {
  const controller = new AbortController()
  const { capabilities, info } = createScriptedProvider({ turns: [] })
  const provider: AgentOptions['provider'] = {
    info,
    capabilities,
    async *stream() {
      yield { type: 'usage', usage: { input: 10, cacheRead: 0, cacheWrite: 0, output: 1, reasoning: 0 } }
      yield { type: 'text-delta', text: 'x'.repeat(100) }
      controller.abort()
      yield { type: 'text-delta', text: 'more' }
    },
  }
  const value = await measured([], { ...options, provider }, { signal: controller.signal })
  expect(value('starling_provider_tokens_total{model="gpt-4o",type="prompt"}')).toBe(10)
  expect(value('starling_provider_tokens_total{model="gpt-4o",type="completion"}')).toBe(1)
})
