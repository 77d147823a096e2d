import { KIND } from './kinds.ts'

/**
 * The payload keys that the Go reference knows, for each kind, with those of nested maps.
 *
 * The log format may carry more, which the reference reads over: its export
 * lines never have them. The lists are part of the format and never change.
 */
export const REFERENCE_KEYS: ReadonlyMap<number, ReadonlySet<string>> = new Map([
  [
    KIND.RunStarted,
    keysOf(
      'schema_version goal provider_id model_id api_version params_hash params system_prompt_hash system_prompt',
      'tool_registry_hash tool_schemas name schema_hash budget max_input_tokens max_output_tokens max_usd',
      'max_wall_clock_ms starling_version app_version',
    ),
  ],
  [KIND.UserMessageAppended, keysOf('content')],
  [KIND.TurnStarted, keysOf('turn_id prompt_hash input_tokens')],
  [KIND.ReasoningEmitted, keysOf('turn_id content sensitive signature redacted')],
  [
    KIND.AssistantMessageCompleted,
    keysOf(
      'turn_id text tool_uses call_id tool args stop_reason input_tokens output_tokens cache_read_tokens',
      'cache_create_tokens cost_usd raw_response_hash provider_request_id',
    ),
  ],
  [KIND.ToolCallScheduled, keysOf('call_id turn_id tool args attempt idemp_key')],
  [KIND.ToolCallCompleted, keysOf('call_id result duration_ms attempt')],
  [KIND.ToolCallFailed, keysOf('call_id error error_type duration_ms attempt final')],
  [KIND.SideEffectRecorded, keysOf('name value')],
  [KIND.BudgetExceeded, keysOf('limit cap actual where turn_id call_id partial_text partial_tokens')],
  [KIND.ContextTruncated, keysOf('strategy tokens_before tokens_after messages_before messages_after')],
  [
    KIND.RunCompleted,
    keysOf(
      'final_text turn_count tool_call_count total_cost_usd total_input_tokens total_output_tokens duration_ms',
      'merkle_root',
    ),
  ],
  [KIND.RunFailed, keysOf('error error_type merkle_root duration_ms')],
  [KIND.RunCancelled, keysOf('reason merkle_root duration_ms')],
  [KIND.RunResumed, keysOf('at_seq extra_message reissue_tools pending_calls')],
])

function keysOf(...lines: readonly string[]): ReadonlySet<string> {
  return new Set(lines.join(' ').split(' '))
}
