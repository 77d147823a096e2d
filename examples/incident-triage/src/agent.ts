import { defineAgent, type AgentDefinition } from '@starling/core'
import { createOpenAIProvider } from '@starling/providers-openai'
import { createScriptedEndpoint, SCRIPTED_MODEL } from './scripted-endpoint/index.ts'
import { queryMetrics } from './tools/query-metrics.ts'
import { readRunbook } from './tools/read-runbook.ts'
import { searchLogs } from './tools/search-logs.ts'

const SYSTEM_PROMPT = `You are on call for a web shop with the services catalog, checkout, payments and inventory.
Find out what is wrong, from evidence only. Search the log and query the metrics first, both at once.
Then read the runbook that fits. The log and the metrics cover 2026-03-14, 09:30 to 10:22 UTC.
Metrics of checkout: p95_latency_ms, error_rate_percent, requests_per_minute, db_connections_in_use,
db_connections_max. Of payments: p95_latency_ms, error_rate_percent. Of inventory: memory_percent, p95_latency_ms.
Answer in at most ten lines of plain text: cause, evidence, what to do now, what to do later.`

/** Whether the agent talks to a real model. */
export const isLive: boolean = (process.env['OPENAI_API_KEY'] ?? '').trim() !== ''

/**
 * The agent of this example: it finds the cause of an incident in log, metrics and runbooks.
 *
 * With `OPENAI_API_KEY` it talks to OpenAI, or to the compatible endpoint that
 * `OPENAI_BASE_URL` names, with the model of `OPENAI_MODEL`; without, to a
 * scripted endpoint of its own on this machine.
 */
export const agent: AgentDefinition = defineAgent({
  provider: isLive ? createOpenAIProvider() : createScriptedEndpoint(),
  model: isLive ? process.env['OPENAI_MODEL'] || 'gpt-4o-mini' : SCRIPTED_MODEL,
  systemPrompt: SYSTEM_PROMPT,
  tools: [searchLogs, queryMetrics, readRunbook],
  // Many times what the task takes: a model that runs in circles ends as a recorded failure.
  budget: { maxTotalTokens: 200_000, maxToolCalls: 30 },
  maxTurns: 15,
})
