import type { StopReason } from '@starling/provider'

// https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons.
const STOP_REASON_BY_WORD: ReadonlyMap<string, StopReason> = new Map<string, StopReason>([
  ['end_turn', 'stop'],
  ['tool_use', 'tool_use'],
  ['max_tokens', 'max_tokens'],
  ['model_context_window_exceeded', 'max_tokens'],
  // Limits too: of what the vendor's servers do in one call, and of the context, which they have summed up to make
  // room. Whoever sees one of them has not got the whole answer.
  ['pause_turn', 'max_tokens'],
  ['compaction', 'max_tokens'],
  ['stop_sequence', 'stop_sequence'],
  ['refusal', 'refusal'],
])

/** Maps a `stop_reason` to the common vocabulary. */
export function mapStopReason(stopReason: string): StopReason {
  return STOP_REASON_BY_WORD.get(stopReason) ?? 'other'
}
