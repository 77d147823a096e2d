import type { StopReason } from '@starling/provider'

// Every word that a vendor behind the presets, or a gateway's vendor, documents or says in its source. Words that are
// missing here are unknown, and not taken for a success.
const WORDS: readonly (readonly [reason: StopReason, words: readonly string[]])[] = [
  // `eos`: Together; `eos_token`: TGI; `end_turn`: xAI, Anthropic; `complete`: Cohere; `completed`: OpenAI's Responses.
  ['stop', ['stop', 'eos', 'eos_token', 'end_turn', 'complete', 'completed', 'eosfound']],
  // `function_call` is what OpenAI said before there were several.
  ['tool_use', ['tool_calls', 'tool_use', 'function_call', 'toolcalls']],
  // `model_length`: Mistral; `model_context_window_exceeded`: Z.ai, Anthropic; `max_context`: xAI.
  [
    'max_tokens',
    [
      'length',
      'max_tokens',
      'max_output_tokens',
      'model_length',
      'max_context',
      'model_context_window_exceeded',
      'maxpredictedtokensreached',
      'contextlengthreached',
    ],
  ],
  // TGI, Cohere, LM Studio.
  ['stop_sequence', ['stop_sequence', 'stopstringfound']],
  // `sensitive`: Z.ai; the others: Gemini.
  [
    'filtered',
    ['content_filter', 'sensitive', 'safety', 'recitation', 'blocklist', 'prohibited_content', 'spii', 'image_safety'],
  ],
  ['refusal', ['refusal']],
  // Anthropic's own tools pause: the answer is not over.
  ['other', ['pause_turn']],
  [
    'error',
    [
      'error',
      // DeepSeek; Z.ai; xAI.
      'insufficient_system_resource',
      'network_error',
      'time_limit',
      // The server gave the request up: vLLM, SGLang; LM Studio.
      'abort',
      'userstopped',
      'modelunloaded',
      'failed',
      // The model went round in circles: vLLM, Xiaomi.
      'repetition',
      'repetition_truncation',
      // Ollama was told to fetch a model or to drop it, not to ask it.
      'load',
      'unload',
      // Gemini.
      'malformed_function_call',
      'unexpected_tool_call',
    ],
  ],
]

const STOP_REASON_BY_WORD: ReadonlyMap<string, StopReason> = new Map(
  WORDS.flatMap(([reason, words]) => words.map((word) => [word, reason] as const)),
)

/** What a gateway may hide behind `stop`. */
const TOLD_BY_VENDOR: ReadonlySet<StopReason> = new Set([
  'stop_sequence',
  'refusal',
  'max_tokens',
  'filtered',
  'error',
  'other',
])

/** What an answer held beside its `finish_reason`. */
interface AnswerContent {
  readonly hasToolCalls: boolean
  /** Whether their arguments came whole. Default: `true`. */
  readonly areCallsWhole?: boolean | undefined
  readonly hasRefusal: boolean
  /** The word of the vendor behind a gateway, which has more of them. Default: none. */
  readonly nativeReason?: string | undefined
}

/**
 * Maps a `finish_reason` to the common vocabulary.
 *
 * `stop` is what many servers say for tool calls too, and OpenAI itself does
 * when a tool was forced or the model refused; there the content decides. A text
 * without a word is `other`: one that ran into a limit looks just the same, and
 * so are calls without a word whose arguments break off.
 */
export function mapStopReason(finishReason: string, content: AnswerContent): StopReason {
  const reason = meaningOf(finishReason) ?? 'other'
  if (reason !== 'stop' && finishReason !== '') return reason
  if (content.hasRefusal) return 'refusal'
  const native = meaningOf(content.nativeReason ?? '')
  if (native !== undefined && TOLD_BY_VENDOR.has(native)) return native
  const isCut = finishReason === '' && content.areCallsWhole === false
  return content.hasToolCalls && !isCut ? 'tool_use' : reason
}

function meaningOf(word: string): StopReason | undefined {
  return STOP_REASON_BY_WORD.get(word.toLowerCase())
}
