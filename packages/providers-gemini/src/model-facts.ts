import type { ReasoningEffort } from '@starling/provider'

/** The levels of thinking, least first. */
export const THINKING_LEVELS = ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH', 'XHIGH'] as const

/** A level of thinking: one of {@link THINKING_LEVELS}. */
export type ThinkingLevel = (typeof THINKING_LEVELS)[number]

/** How thinking is asked for. */
export type Thinking =
  | { readonly by: 'level'; readonly levels: readonly ThinkingLevel[] }
  /** In tokens; a least budget of 0 switches it off. */
  | { readonly by: 'budget'; readonly off: number | undefined; readonly budgets: BudgetByEffort }
  | { readonly by: 'nothing' }

type BudgetByEffort = Readonly<Record<Exclude<ReasoningEffort, 'none'>, number>>

/** What a model takes, where models differ. */
export interface ModelFacts {
  readonly thinking: Thinking
  /** Whether it refuses a tool call of the conversation that nobody signed. */
  readonly wantsSignedCalls: boolean
  /** Whether the result of a tool may hold more than JSON. */
  readonly takesResultParts: boolean
  /** Whether it calls tools. */
  readonly takesTools: boolean
  /** Whether the answer may be bound to JSON. */
  readonly takesFormat: boolean
  /** Whether the answer may be bound to JSON beside tools. */
  readonly takesFormatWithTools: boolean
  /** Whether temperature, top-p and top-k change anything. */
  readonly takesSampling: boolean
}

const CURRENT: ModelFacts = {
  thinking: { by: 'level', levels: ['LOW', 'MEDIUM', 'HIGH'] },
  wantsSignedCalls: true,
  takesResultParts: true,
  takesTools: true,
  takesFormat: true,
  takesFormatWithTools: true,
  takesSampling: false,
}

const WITH_MINIMAL: ModelFacts = { ...CURRENT, thinking: { by: 'level', levels: ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH'] } }

const OLDER: ModelFacts = {
  thinking: { by: 'nothing' },
  wantsSignedCalls: false,
  takesResultParts: false,
  takesTools: true,
  takesFormat: true,
  takesFormatWithTools: false,
  takesSampling: true,
}

// The vendor's own table for its OpenAI-compatible endpoint, and the least and the most of each model beside it.
const BUDGETS: BudgetByEffort = { minimal: 512, low: 1024, medium: 8192, high: 24_576, max: 24_576 }

/** Some other model behind this API: it is asked as today's are, and what it does not take it says itself. */
const FOREIGN: ModelFacts = { ...CURRENT, wantsSignedCalls: false, takesSampling: true }

// From the vendor's pages on each model (https://ai.google.dev/gemini-api/docs/models), on thinking, on thought
// signatures, on structured outputs and on what is new in 3.6 (sampling), as of 2026-11-21. The first name that an id
// begins with counts: versions and dates come behind it.
const FACTS_BY_NAME: readonly (readonly [name: string, facts: ModelFacts])[] = [
  ['gemini-4-hydrogen', { ...CURRENT, thinking: { by: 'level', levels: ['LOW', 'MEDIUM', 'HIGH', 'XHIGH'] } }],
  ['gemini-3.6-flash', WITH_MINIMAL],
  ['gemini-3.5-flash-lite', WITH_MINIMAL],
  ['gemini-3.5-flash', { ...WITH_MINIMAL, takesSampling: true }],
  ['gemini-3.1-flash', { ...WITH_MINIMAL, takesSampling: true }],
  ['gemini-3.1-pro', { ...CURRENT, takesSampling: true }],
  ['gemini-3-flash', { ...WITH_MINIMAL, takesSampling: true }],
  ['gemini-3-pro', { ...CURRENT, thinking: { by: 'level', levels: ['LOW', 'HIGH'] }, takesSampling: true }],
  [
    'gemini-2.5-pro',
    { ...OLDER, thinking: { by: 'budget', off: undefined, budgets: { ...BUDGETS, minimal: 128, max: 32_768 } } },
  ],
  ['gemini-2.5-flash-image', { ...OLDER, takesTools: false, takesFormat: false }],
  ['gemini-2.5', { ...OLDER, thinking: { by: 'budget', off: 0, budgets: BUDGETS } }],
  ['gemini-2', OLDER],
  ['gemini-1', OLDER],
  ['gemini-', CURRENT],
  ['gemma-3', { ...OLDER, takesTools: false, takesFormat: false }],
]

/** Returns what is known of a model by its id; an unknown one is asked as the current ones are. */
export function factsOf(model: string): ModelFacts {
  const id = model.slice(model.lastIndexOf('/') + 1)
  return FACTS_BY_NAME.find(([name]) => id.startsWith(name))?.[1] ?? FOREIGN
}
