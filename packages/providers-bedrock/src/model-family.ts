import { ProviderError, type ReasoningEffort } from '@starling/provider'
import type { JsonObject } from '@starling/provider-http'

/** Models that take the same fields beside the ones that Converse has for all. */
export type ModelFamily =
  | 'claude'
  | 'claude-always'
  | 'claude-between'
  | 'claude-budget'
  | 'nova'
  | 'gpt-oss'
  | 'cohere'
  | 'deepseek'
  | 'other'

// The part of a model id, of an inference profile or of an ARN that names the maker and the model.
const FAMILIES: readonly (readonly [RegExp, ModelFamily])[] = [
  // Up to 4.5 a model reasons within a budget; later ones decide by themselves.
  [/\banthropic\.claude-(?:3|v2|instant|(?:opus|sonnet|haiku)-4-(?:\d{8}|[0-5]\b))/, 'claude-budget'],
  // What switches the reasoning off: nothing does, or it stays between calls of tools.
  [/\banthropic\.claude-(?:opus-5-5|(?:fable|mythos)-5|mythos-preview)\b/, 'claude-always'],
  [/\banthropic\.claude-sonnet-5-5\b/, 'claude-between'],
  [/\banthropic\.claude/, 'claude'],
  [/\bamazon\.nova/, 'nova'],
  [/\bopenai\.gpt-oss/, 'gpt-oss'],
  [/\bcohere\./, 'cohere'],
  [/\bdeepseek\./, 'deepseek'],
]

/** Returns the family of a model id; `other` where the id does not tell, as with an application inference profile. */
export function familyOf(model: string): ModelFamily {
  return FAMILIES.find(([pattern]) => pattern.test(model))?.[1] ?? 'other'
}

/** Whether a family is one of Claude. */
export function isClaude(family: ModelFamily): boolean {
  return family.startsWith('claude')
}

const WITHOUT_FORCED_TOOLS = /\banthropic\.claude-(?:(?:opus|sonnet)-5-5|(?:fable|mythos)-5-[12])\b/

/** Whether a model can be made to call a tool. */
export function takesForcedTools(model: string): boolean {
  return !WITHOUT_FORCED_TOOLS.test(model)
}

/** The fields that make a model sample from the `topK` most likely tokens. */
export function topKFields(family: ModelFamily, topK: number): JsonObject {
  if (family === 'nova') return { inferenceConfig: { topK } }
  return family === 'cohere' ? { k: topK } : { top_k: topK }
}

/** How much a model is to reason, in the words of its family. */
export interface EffortFields {
  /** For `outputConfig.effort`, the field that Converse has for it. */
  readonly effort?: string | undefined
  /** For `additionalModelRequestFields`. */
  readonly additional?: JsonObject | undefined
}

/** The nearest of the three words that every family has. */
const LEVELS = { minimal: 'low', low: 'low', medium: 'medium', high: 'high', max: 'high' } as const

/** What a model may spend on reasoning that takes a budget; the smallest that Claude accepts is 1024. */
const BUDGETS = { minimal: 1024, low: 2048, medium: 8192, high: 16_384, max: 32_768 } as const

/**
 * Writes a reasoning effort for a family of models.
 *
 * @param maxOutputTokens - 0 for the model's own limit.
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS` when the family cannot do it.
 */
export function effortFields(family: ModelFamily, effort: ReasoningEffort, maxOutputTokens: number): EffortFields {
  switch (family) {
    case 'claude':
    case 'claude-always':
    case 'claude-between':
      if (effort === 'none') return { additional: { thinking: { type: withoutThinking(family) } } }
      return {
        effort: effort === 'max' ? 'max' : LEVELS[effort],
        additional: { thinking: { type: 'adaptive' } },
      }
    case 'claude-budget':
      if (effort === 'none') return { additional: { thinking: { type: 'disabled' } } }
      return { additional: { thinking: { type: 'enabled', budget_tokens: budget(effort, maxOutputTokens) } } }
    case 'nova':
      if (effort === 'none') return { additional: { reasoningConfig: { type: 'disabled' } } }
      return { additional: { reasoningConfig: { type: 'enabled', maxReasoningEffort: LEVELS[effort] } } }
    case 'gpt-oss':
      return { additional: { reasoning_effort: LEVELS[notNone(effort, 'gpt-oss')] } }
    case 'cohere':
    case 'deepseek':
    case 'other': {
      const level = notNone(effort, 'the model')
      return { effort: level === 'max' ? 'max' : LEVELS[level] }
    }
  }
}

function withoutThinking(family: 'claude' | 'claude-always' | 'claude-between'): string {
  if (family === 'claude-always') {
    throw new ProviderError(
      'PROVIDER_INVALID_OPTIONS',
      'the model always reasons, so reasoningEffort cannot be none: the least is minimal',
    )
  }
  return family === 'claude' ? 'disabled' : 'between_tools'
}

function budget(effort: Exclude<ReasoningEffort, 'none'>, maxOutputTokens: number): number {
  const tokens = BUDGETS[effort]
  if (maxOutputTokens === 0 || maxOutputTokens > tokens) return tokens
  throw new ProviderError(
    'PROVIDER_INVALID_OPTIONS',
    `reasoningEffort "${effort}" is a budget of ${tokens} tokens, which maxOutputTokens ${maxOutputTokens} leaves no room for`,
  )
}

function notNone(effort: ReasoningEffort, who: string): Exclude<ReasoningEffort, 'none'> {
  if (effort !== 'none') return effort
  throw new ProviderError('PROVIDER_INVALID_OPTIONS', `${who} cannot be told not to reason: leave reasoningEffort out`)
}
