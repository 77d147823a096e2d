import type { StopReason } from '@starling/provider'

/** Why a model finished: one of the SDK's words, and the vendor's own. */
export interface FinishReason {
  readonly unified: string
  /** Empty when the vendor gave none. */
  readonly raw: string
}

const BY_WORD: ReadonlyMap<string, StopReason> = new Map<string, StopReason>([
  ['stop', 'stop'],
  ['length', 'max_tokens'],
  ['content-filter', 'filtered'],
  ['tool-calls', 'tool_use'],
  ['error', 'error'],
])

/** Where the vendor's own word says more than the SDK's. */
const BY_BOTH: ReadonlyMap<string, StopReason> = new Map<string, StopReason>([
  ['stop stop_sequence', 'stop_sequence'],
  // The vendor's server tools take a pause: the answer is not over.
  ['stop pause_turn', 'other'],
  ['content-filter refusal', 'refusal'],
  // A vendor that says its usual word beside a refusal.
  ['content-filter stop', 'refusal'],
])

// What vendors say that a package, above all the one for compatible endpoints, has no word for.
const BY_RAW: ReadonlyMap<string, StopReason> = new Map<string, StopReason>([
  ...['stop', 'eos', 'eos_token', 'end_turn', 'complete', 'completed'].map((word) => [word, 'stop'] as const),
  ...['tool_calls', 'tool_use', 'function_call'].map((word) => [word, 'tool_use'] as const),
  ...['length', 'max_tokens', 'max_output_tokens', 'model_length', 'model_context_window_exceeded'].map(
    (word) => [word, 'max_tokens'] as const,
  ),
  ['stop_sequence', 'stop_sequence'],
  ...['content_filter', 'sensitive'].map((word) => [word, 'filtered'] as const),
  ['refusal', 'refusal'],
  ...['error', 'abort', 'insufficient_system_resource', 'network_error', 'repetition', 'repetition_truncation'].map(
    (word) => [word, 'error'] as const,
  ),
])

/** Maps a finish reason; `stop` is what some vendors say for tool calls too, so there the content decides. */
export function mapStopReason({ unified, raw }: FinishReason, content: { readonly hasToolCalls: boolean }): StopReason {
  const reason = BY_BOTH.get(`${unified} ${raw}`) ?? BY_WORD.get(unified) ?? BY_RAW.get(raw.toLowerCase()) ?? 'other'
  return reason === 'stop' && content.hasToolCalls ? 'tool_use' : reason
}

/** Reports whether the vendor never said that the answer is over: what a cut connection looks like. */
export function isCutOff({ unified, raw }: FinishReason, version: string): boolean {
  if (unified === 'interrupted' || unified === 'unknown') return true
  // Version 2 has no room for the vendor's word.
  return unified === 'other' && raw === '' && version !== 'v2'
}
