import { toolResults, type ChatRequest } from './chat-request.ts'

/** How the scripted model is named in requests and in the log. */
export const SCRIPTED_MODEL = 'incident-script'

/** A call of a tool in an answer. */
export interface ScriptedCall {
  readonly id: string
  readonly name: string
  /** JSON text, sent exactly like this. */
  readonly arguments: string
}

/** An answer of the scripted model. */
export interface ScriptedAnswer {
  readonly text: string
  readonly calls: readonly ScriptedCall[]
}

/**
 * Answers a request by what the conversation holds and nothing else, so that
 * after a crash any process goes on where the conversation stands.
 */
export function answer(request: ChatRequest): ScriptedAnswer {
  const results = toolResults(request)
  const logs = results.get('search_logs')
  const metrics = results.get('query_metrics')
  if (logs === undefined || metrics === undefined) return LOOK
  if (!results.has('read_runbook')) return READ
  return { text: diagnose(logs, metrics), calls: [] }
}

/** Two calls at once. Their arguments are spaced and unsorted, as models write them; both survive a replay. */
const LOOK: ScriptedAnswer = {
  text: 'Two things first: what the log says about checkout, and what its metrics did meanwhile.',
  calls: [
    {
      id: 'call_logs',
      name: 'search_logs',
      arguments: '{ "service": "checkout",  "level": "WARN",\n  "from": "2026-03-14T09:55:00Z", "limit": 6 }',
    },
    {
      id: 'call_metrics',
      name: 'query_metrics',
      arguments:
        '{"step_minutes" : 5, "service" : "checkout", "to" : "2026-03-14T10:20:00Z", "from" : "2026-03-14T09:50:00Z",' +
        ' "metrics" : [ "p95_latency_ms", "db_connections_in_use", "db_connections_max" ]}',
    },
  ],
}

const READ: ScriptedAnswer = {
  text: 'Every connection to the database is taken, and the maximum fell when latency rose. There is a runbook for that.',
  calls: [{ id: 'call_runbook', name: 'read_runbook', arguments: '{ "name" : "db-pool-exhaustion" }' }],
}

/** The figures come from the results in the request: other data, another diagnosis. */
function diagnose(logs: string, metrics: string): string {
  const matched = find(logs, /"matched":(\d+)/)
  const first = find(logs, /"first":"[^"]*T(\d\d:\d\d)/)
  const maxima = seriesMaxima(metrics, 'db_connections_max')
  const latencies = seriesMaxima(metrics, 'p95_latency_ms')
  return `Cause: checkout has run out of database connections. Its pool shrank from ${maxima.at(0) ?? '?'} to ${maxima.at(-1) ?? '?'}.
Evidence:
- ${matched} warnings and errors of checkout since 09:55, the first at ${first}: waiting for a connection timed out.
- Its p95 latency rose from ${latencies.at(0) ?? '?'} to ${latencies.at(-1) ?? '?'} ms, the limit of the wait, when the maximum fell.
Now: shopctl rollback checkout. It takes two minutes and needs no approval.
Later: refuse a db_pool_max below 20 when the configuration is checked.`
}

function find(text: string, pattern: RegExp): string {
  return pattern.exec(text)?.[1] ?? '?'
}

function seriesMaxima(metrics: string, name: string): readonly number[] {
  const series = metrics.split('{"metric":').find((part) => part.startsWith(`"${name}"`)) ?? ''
  return [...series.matchAll(/"max":([\d.]+)/g)].map(([, value]) => Math.round(Number(value)))
}
