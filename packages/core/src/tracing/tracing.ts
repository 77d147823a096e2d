import type { Observer, Operation, OperationOutcome } from '@starling/step'
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { Attributes, Span, Tracer } from '@opentelemetry/api'
import { createUsageMeter } from '../usage-meter.ts'

/** The revision of OpenTelemetry's GenAI conventions that the attributes follow. */
export const SEMANTIC_CONVENTIONS_VERSION = '1.38.0'

const SCHEMA_URL = `https://opentelemetry.io/schemas/${SEMANTIC_CONVENTIONS_VERSION}`

/** How spans are made. */
export interface TracingOptions {
  /** Default: the global tracer named `@starling/core`. */
  readonly tracer?: Tracer | undefined
}

/**
 * Makes an observer that opens a span for every run, model call and tool call:
 * the reference's names (`agent.run`, `agent.llm_call`, `agent.tool_call`) with
 * its attributes and those of OpenTelemetry's GenAI conventions beside them; the
 * default tracer names their revision in its schema URL.
 * Without a configured SDK it costs next to nothing.
 */
export function createTracing(options: TracingOptions = {}): Observer {
  const tracer =
    options.tracer ?? trace.getTracerProvider().getTracer('@starling/core', undefined, { schemaUrl: SCHEMA_URL })
  const meter = createUsageMeter()
  return {
    onChunk: (turnId, chunk) => meter.take(turnId, chunk),
    async around<T>(
      operation: Operation,
      work: () => Promise<T>,
      outcomeOf: (result: T) => OperationOutcome,
    ): Promise<T> {
      const kind = operation.type === 'model' ? SpanKind.CLIENT : SpanKind.INTERNAL
      const span = tracer.startSpan(NAMES[operation.type], { kind, attributes: attributesOf(operation) })
      try {
        const result = await context.with(trace.setSpan(context.active(), span), work)
        settle(span, outcomeOf(result))
        return result
      } catch (error) {
        setUsage(span, meter.usageOf(operation))
        span.setAttribute('error.type', error instanceof Error ? error.name : 'error')
        span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : String(error) })
        throw error
      } finally {
        meter.forget(operation)
        span.end()
      }
    },
  }
}

const NAMES = { run: 'agent.run', turn: 'agent.turn', model: 'agent.llm_call', tool: 'agent.tool_call' } as const

function attributesOf(operation: Operation): Attributes {
  switch (operation.type) {
    case 'run':
      return {
        run_id: operation.runId,
        resumed: operation.resumed,
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.conversation.id': operation.runId,
        'gen_ai.provider.name': operation.agent.provider,
        'gen_ai.request.model': operation.agent.model,
      }
    case 'turn':
      return { turn: operation.index }
    case 'model':
      return {
        model: operation.model,
        turn_id: operation.turnId,
        attempt: operation.attempt,
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': operation.provider,
        'gen_ai.request.model': operation.model,
      }
    case 'tool':
      return {
        tool: operation.tool,
        call_id: operation.callId,
        attempt: operation.attempt,
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': operation.tool,
        'gen_ai.tool.call.id': operation.callId,
      }
  }
}

function settle(span: Span, outcome: OperationOutcome): void {
  const { usage, stopReason, turnId } = outcome
  if (turnId !== undefined) span.setAttribute('turn_id', turnId)
  setUsage(span, usage)
  if (stopReason !== undefined) span.setAttribute('gen_ai.response.finish_reasons', [stopReason])
  if (outcome.status === 'ok') return
  const { error, errorType, status } = outcome
  span.setAttribute('error.type', errorType === 'none' ? status : errorType)
  const message = error instanceof Error ? error.message : typeof error === 'string' ? error : status
  span.setStatus({ code: SpanStatusCode.ERROR, message })
}

function setUsage(span: Span, usage: OperationOutcome['usage']): void {
  if (usage === undefined) return
  span.setAttribute('gen_ai.usage.input_tokens', usage.input + usage.cacheRead + usage.cacheWrite)
  span.setAttribute('gen_ai.usage.output_tokens', usage.output)
}
