/**
 * Runs agents under tracing and prints their spans as JSON, by scenario.
 *
 * A program of its own: OpenTelemetry's API has one global context manager per
 * process, and node itself resolves its modules as it does for a user.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { context, trace } from '@opentelemetry/api'
import type { Context } from '@opentelemetry/api'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base'
import { createMemoryEventLog } from '@starling/eventlog/memory'
import { createScriptedProvider } from '@starling/provider/scripted'
import type { ScriptedTurn } from '@starling/provider/scripted'
import type { Tool } from '@starling/tool'
import { createAgent } from '../../src/index.ts'
import type { AgentOptions } from '../../src/index.ts'
import { createTracing } from '../../src/tracing/index.ts'
import type { PrintedSpan } from './printed-span.ts'

const storage = new AsyncLocalStorage<Context>()
const root = context.active()
context.setGlobalContextManager({
  active: () => storage.getStore() ?? root,
  with: (active, fn, ...[thisArg, ...args]) => storage.run(active, () => fn.apply(thisArg, args)),
  bind: (_active, target) => target,
  enable() {
    return this
  },
  disable() {
    return this
  },
})

const exporter = new InMemorySpanExporter()
const sdk = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
const tracer = sdk.getTracer('test')
const controller = new AbortController()

const TURNS: readonly ScriptedTurn[] = [
  { toolCalls: [{ id: 'c1', name: 'look' }], usage: { input: 10, output: 3 } },
  { text: 'Done.' },
]

process.stdout.write(
  JSON.stringify({
    tree: await spansOf(TURNS, { tools: [look(() => 'fine')] }),
    failed: await spansOf(TURNS, { tools: [look(fail)], onToolError: 'fail' }),
    capped: await spansOf([{ text: 'x'.repeat(100) }], { budget: { maxOutputTokens: 5 } }),
    inside: await spansOf(TURNS, { tools: [look(() => tracer.startSpan('inside').end())] }),
    cancelled: await spansOf(TURNS, { tools: [look(() => controller.abort('enough'))] }, controller.signal),
    untraced: await spansOf(TURNS, { observers: [createTracing()] }),
    global: await spansOfGlobal(),
  }),
)

/** What a tracer of the application's own SDK sees. */
function spansOfGlobal(): Promise<PrintedSpan[]> {
  trace.setGlobalTracerProvider(sdk)
  return spansOf(TURNS, { observers: [createTracing()] })
}

async function spansOf(
  turns: readonly ScriptedTurn[],
  options: Partial<AgentOptions>,
  signal?: AbortSignal,
): Promise<PrintedSpan[]> {
  exporter.reset()
  const agent = createAgent({
    model: 'gpt-4o',
    provider: createScriptedProvider({ turns }),
    log: createMemoryEventLog(),
    observers: [createTracing({ tracer })],
    ...options,
  })
  await agent.runWithId('run-1', 'Go', { signal })
  const spans = exporter.getFinishedSpans()
  const byId = new Map(spans.map((span) => [span.spanContext().spanId, span]))
  const pathOf = (span: ReadableSpan): string => {
    const parent = byId.get(span.parentSpanContext?.spanId ?? '')
    return parent === undefined ? span.name : `${pathOf(parent)} > ${span.name}`
  }
  return spans.map((span) => ({
    path: pathOf(span),
    kind: span.kind,
    status: span.status,
    attributes: span.attributes,
    schemaUrl: span.instrumentationScope.schemaUrl,
  }))
}

function look(work: () => unknown): Tool {
  return {
    name: 'look',
    description: 'looks',
    inputSchema: '{"type":"object"}',
    execute: async () => JSON.stringify(work() ?? null),
  }
}

function fail(): never {
  throw new Error('blind')
}
