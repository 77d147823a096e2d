import type { StopReason } from '@starling/provider'

// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html, and what Claude says itself.
const STOP_REASONS: ReadonlyMap<string, StopReason> = new Map([
  ['end_turn', 'stop'],
  ['tool_use', 'tool_use'],
  ['max_tokens', 'max_tokens'],
  ['model_context_window_exceeded', 'max_tokens'],
  // Of an answer that the vendor would go on with: what there is of it is not the whole.
  ['pause_turn', 'max_tokens'],
  ['compaction', 'max_tokens'],
  ['stop_sequence', 'stop_sequence'],
  ['guardrail_intervened', 'filtered'],
  ['content_filtered', 'filtered'],
  ['refusal', 'refusal'],
  ['malformed_model_output', 'error'],
  ['malformed_tool_use', 'error'],
])

/** Maps Bedrock's word for why the model stopped; one that is not known is `other`. */
export function mapStopReason(reason: string): StopReason {
  return STOP_REASONS.get(reason) ?? 'other'
}
