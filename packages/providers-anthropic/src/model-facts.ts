/** What a model takes, where models differ. */
export interface ModelFacts {
  /** The most it may produce in one answer, in tokens, thinking included. */
  readonly maxOutputTokens: number
  /** How thinking is asked for: it decides itself, it gets a budget of tokens, or it cannot think. */
  readonly thinking: 'adaptive' | 'budget' | 'never'
  /** What switches thinking off; `undefined` when nothing does. */
  readonly withoutThinking: 'disabled' | 'between_tools' | undefined
  /** Whether it takes temperature, top-p and top-k. */
  readonly takesSampling: boolean
  /** Whether it can be made to call a tool. */
  readonly takesForcedTools: boolean
  /** Whether its answer can be bound to a schema. */
  readonly takesSchema: boolean
  /** Whether it refuses a budget of thinking in a tool loop that did not begin with its own thinking. */
  readonly bindsThinking: boolean
}

const CURRENT: ModelFacts = {
  maxOutputTokens: 128_000,
  thinking: 'adaptive',
  withoutThinking: 'disabled',
  takesSampling: false,
  takesForcedTools: true,
  takesSchema: true,
  bindsThinking: true,
}

const ALWAYS_THINKING: ModelFacts = { ...CURRENT, withoutThinking: undefined, takesForcedTools: false }

const OF_4_5: ModelFacts = { ...CURRENT, maxOutputTokens: 64_000, thinking: 'budget', takesSampling: true }

const OLDER: ModelFacts = { ...OF_4_5, takesSchema: false }

const OLDER_OPUS: ModelFacts = { ...OLDER, maxOutputTokens: 32_000 }

// Some other vendor's model behind this API: what it does not take it says itself, but nobody allows less than this.
const FOREIGN: ModelFacts = { ...CURRENT, maxOutputTokens: 8192, takesSampling: true, bindsThinking: false }

// From the vendor's pages on its models, on thinking, on effort and on structured outputs, as of 2026-11-21:
// https://platform.claude.com/docs/en/about-claude/models/overview. A name counts where an id contains it and no
// further number of a version follows: ids come with a date behind them, or with the name of a cloud before them.
const FACTS_BY_NAME: readonly (readonly [name: string, facts: ModelFacts])[] = [
  ['claude-sonnet-5-5', { ...CURRENT, withoutThinking: 'between_tools', takesForcedTools: false }],
  ['claude-opus-5-5', ALWAYS_THINKING],
  ['claude-fable-5-2', ALWAYS_THINKING],
  ['claude-fable-5-1', ALWAYS_THINKING],
  ['claude-mythos-5-2', ALWAYS_THINKING],
  ['claude-mythos-5-1', ALWAYS_THINKING],
  ['claude-fable-5', { ...CURRENT, withoutThinking: undefined }],
  ['claude-mythos-5', { ...CURRENT, withoutThinking: undefined }],
  ['claude-mythos-preview', { ...CURRENT, withoutThinking: undefined, takesSampling: true }],
  ['claude-opus-4-6', { ...CURRENT, takesSampling: true }],
  ['claude-sonnet-4-6', { ...CURRENT, takesSampling: true }],
  ['claude-opus-4-5', OF_4_5],
  ['claude-sonnet-4-5', OF_4_5],
  ['claude-haiku-4-5', OF_4_5],
  ['claude-opus-4-1', OLDER_OPUS],
  ['claude-opus-4-0', OLDER_OPUS],
  ['claude-opus-4', OLDER_OPUS],
  ['claude-sonnet-4-0', OLDER],
  ['claude-sonnet-4', OLDER],
  ['claude-3-7', OLDER],
  ['claude-3-5', { ...OLDER, maxOutputTokens: 8192, thinking: 'never' }],
  ['claude-3', { ...OLDER, maxOutputTokens: 4096, thinking: 'never' }],
]

const FACTS_BY_PATTERN = FACTS_BY_NAME.map(
  ([name, facts]) => [new RegExp(`${name}(?!-?\\d{1,3}(?!\\d))`), facts] as const,
)

/** Returns what is known of a model by its id; an unknown one is asked as the current ones are. */
export function factsOf(model: string): ModelFacts {
  // Some clouds write the version with dots.
  const id = model.replaceAll('.', '-')
  const known = FACTS_BY_PATTERN.find(([pattern]) => pattern.test(id))
  if (known !== undefined) return known[1]
  return id.includes('claude') ? CURRENT : FOREIGN
}
