import { kindName } from '@starling/event'
import type { RunSummary } from '@starling/eventlog'
import { formatTime } from './output/format.ts'

/** Returns a run summary as JSON data, with the keys of the wire. */
export function summaryJson(run: RunSummary): Record<string, unknown> {
  return {
    run_id: run.runId,
    status: run.status,
    started_at: formatTime(run.startedAt),
    started_at_ns: run.startedAt,
    last_seq: run.lastSeq,
    last_kind: kindName(run.lastKind),
    turn_count: run.turnCount,
    tool_call_count: run.toolCallCount,
    input_tokens: run.inputTokens,
    output_tokens: run.outputTokens,
    cost_usd: run.costUsd,
    duration_ms: run.durationMs,
  }
}
