import { kindName } from '@starling/event'
import { withMetrics } from '@starling/eventlog'
import type { EventLog } from '@starling/eventlog'
import type { Observer, Operation, OperationOutcome } from '@starling/step'
import { Counter, Gauge, Histogram } from 'prom-client'
import type { Registry } from 'prom-client'
import { createUsageMeter } from '../usage-meter.ts'

/** Prometheus metrics of agents and their logs. */
export interface Metrics {
  /** Goes into `AgentOptions.observers`. */
  readonly observer: Observer
  /** Wraps a log so that its appends are counted. */
  observeLog(log: EventLog): EventLog
}

/** 12 steps from 5 ms to 120 s, as the reference has them. */
const CALL_BUCKETS = [
  0.005, 0.0125075, 0.0312876, 0.078266, 0.1957826, 0.4897508, 1.225113, 3.0646237, 7.6661653, 19.1769353, 47.9711604,
  120,
]

/** 10 steps from 50 µs to 100 ms, as the reference has them. */
const APPEND_BUCKETS = [
  0.00005, 0.00011635, 0.00027073, 0.00062996, 0.00146587, 0.00341095, 0.00793701, 0.01846876, 0.0429753, 0.1,
]

/** What a tool is called in a label when the model made its name up: labels must stay few. */
const UNKNOWN_TOOL = 'unknown'

/**
 * Registers the reference's metrics, under its names and with its buckets.
 *
 * @throws prom-client's error when the registry already has them.
 */
export function createMetrics(registry: Registry): Metrics {
  const instruments = createInstruments(registry)
  const meter = createUsageMeter()
  return {
    observer: {
      onChunk: (turnId, chunk) => meter.take(turnId, chunk),
      async around<T>(
        operation: Operation,
        work: () => Promise<T>,
        outcomeOf: (result: T) => OperationOutcome,
      ): Promise<T> {
        if (operation.type === 'turn') return work()
        const startedMs = performance.now()
        if (operation.type === 'run') {
          instruments.runsStarted.inc()
          instruments.runsInFlight.inc()
        }
        let outcome: OperationOutcome = { status: 'error', errorType: 'internal' }
        try {
          const result = await work()
          outcome = outcomeOf(result)
          return result
        } catch (error) {
          outcome = { ...thrown(operation, error), usage: meter.usageOf(operation) }
          throw error
        } finally {
          meter.forget(operation)
          record(instruments, operation, { ...outcome, seconds: (performance.now() - startedMs) / 1000 })
        }
      },
    },
    observeLog: (log) =>
      withMetrics(log, {
        onAppend({ kind, status, durationMs }) {
          const name = kindName(kind)
          instruments.appends.inc({ kind: name, status })
          instruments.appendSeconds.observe({ kind: name }, durationMs / 1000)
        },
      }),
  }
}

type Instruments = ReturnType<typeof createInstruments>

function createInstruments(registry: Registry) {
  const registers = [registry]
  const counter = <L extends string>(name: string, help: string, labelNames: L[]): Counter<L> =>
    new Counter({ name, help, labelNames, registers })
  const histogram = <L extends string>(name: string, help: string, labelNames: L[]): Histogram<L> =>
    new Histogram({ name, help, labelNames, buckets: CALL_BUCKETS, registers })
  return {
    runsStarted: counter('starling_runs_started_total', 'Runs started or resumed', []),
    runsInFlight: new Gauge({ name: 'starling_runs_in_flight', help: 'Runs under way', registers }),
    runTerminal: counter('starling_run_terminal_total', 'Runs ended', ['status', 'error_type']),
    runSeconds: histogram('starling_run_duration_seconds', 'Duration of runs', ['status']),
    providerCalls: counter('starling_provider_calls_total', 'Model calls', ['model', 'status']),
    providerSeconds: histogram('starling_provider_call_duration_seconds', 'Duration of model calls', ['model']),
    providerTokens: counter('starling_provider_tokens_total', 'Tokens used', ['model', 'type']),
    toolCalls: counter('starling_tool_calls_total', 'Attempts of tool calls', ['tool', 'status', 'error_type']),
    toolSeconds: histogram('starling_tool_call_duration_seconds', 'Duration of tool calls', ['tool']),
    budgetExceeded: counter('starling_budget_exceeded_total', 'Budget caps crossed', ['axis']),
    appends: counter('starling_eventlog_appends_total', 'Events appended', ['kind', 'status']),
    appendSeconds: new Histogram({
      name: 'starling_eventlog_append_duration_seconds',
      help: 'Duration of appends',
      labelNames: ['kind'],
      buckets: APPEND_BUCKETS,
      registers,
    }),
  }
}

function record(
  instruments: Instruments,
  operation: Operation,
  outcome: OperationOutcome & { readonly seconds: number },
): void {
  const { seconds } = outcome
  switch (operation.type) {
    case 'run':
      instruments.runsInFlight.dec()
      instruments.runTerminal.inc({ status: outcome.status, error_type: outcome.errorType })
      instruments.runSeconds.observe({ status: outcome.status }, seconds)
      if (outcome.budgetLimit !== undefined) instruments.budgetExceeded.inc({ axis: outcome.budgetLimit })
      break
    case 'model': {
      const { model } = operation
      instruments.providerCalls.inc({ model, status: outcome.status === 'budget' ? 'ok' : outcome.status })
      instruments.providerSeconds.observe({ model }, seconds)
      const { usage } = outcome
      if (usage === undefined) break
      const prompt = usage.input + usage.cacheRead + usage.cacheWrite
      if (prompt > 0) instruments.providerTokens.inc({ model, type: 'prompt' }, prompt)
      if (usage.output > 0) instruments.providerTokens.inc({ model, type: 'completion' }, usage.output)
      break
    }
    case 'tool': {
      const tool = operation.known ? operation.tool : UNKNOWN_TOOL
      const status = outcome.status === 'ok' ? 'ok' : 'error'
      instruments.toolCalls.inc({ tool, status, error_type: outcome.errorType })
      instruments.toolSeconds.observe({ tool }, seconds)
      break
    }
    case 'turn':
      break
  }
}

function thrown(operation: Operation, error: unknown): OperationOutcome {
  const isAbort = error instanceof Error && error.name === 'AbortError'
  if (isAbort) return { status: 'cancelled', errorType: 'none', error }
  const isBudget = error instanceof Error && 'code' in error && error.code === 'STEP_BUDGET_EXCEEDED'
  if (isBudget) return { status: 'budget', errorType: 'budget', error }
  return { status: 'error', errorType: operation.type === 'tool' ? 'tool' : 'internal', error }
}
