import type { StopReason } from '@starling/provider'

// https://ai.google.dev/api/generate-content#FinishReason. A stop sequence is a plain STOP there.
const STOP_REASON_BY_WORD: ReadonlyMap<string, StopReason> = new Map<string, StopReason>([
  ['STOP', 'stop'],
  ['MAX_TOKENS', 'max_tokens'],
  // The limit of one request, where the answer could not be continued.
  ['CONTINUATION', 'max_tokens'],
  ['SAFETY', 'filtered'],
  ['LANGUAGE', 'filtered'],
  ['RECITATION', 'filtered'],
  ['BLOCKLIST', 'filtered'],
  ['PROHIBITED_CONTENT', 'filtered'],
  ['SPII', 'filtered'],
  ['IMAGE_SAFETY', 'filtered'],
  ['IMAGE_PROHIBITED_CONTENT', 'filtered'],
  ['IMAGE_RECITATION', 'filtered'],
  // Something ended the answer that was not its end.
  ['OTHER', 'error'],
  ['IMAGE_OTHER', 'error'],
  ['NO_IMAGE', 'error'],
  ['MALFORMED_FUNCTION_CALL', 'error'],
  ['MALFORMED_RESPONSE', 'error'],
  ['MISSING_THOUGHT_SIGNATURE', 'error'],
  ['TOO_MANY_TOOL_CALLS', 'error'],
  ['UNEXPECTED_TOOL_CALL', 'error'],
])

/** Maps a `finishReason` to the common vocabulary; an answer that stopped to wait for tools is a plain STOP too. */
export function mapStopReason(finishReason: string, hasCalls: boolean): StopReason {
  const reason = STOP_REASON_BY_WORD.get(finishReason) ?? 'other'
  return reason === 'stop' && hasCalls ? 'tool_use' : reason
}
