import { type ModelRequest, ProviderError, type ReasoningEffort } from '@starling/provider'
import { endThinking, isJsonObject } from '@starling/provider-http'
import { isForcedChoice } from './convert-tools.ts'
import { factsOf, type ModelFacts } from './model-facts.ts'

/** How a request asks for thinking: fields of the body. */
export interface ThinkingFields {
  readonly thinking?: object
  /** For `output_config`. */
  readonly effort?: string
}

/** A request, and how it asks for thinking. */
export interface SettledThinking {
  readonly request: ModelRequest
  readonly fields: ThinkingFields
}

type Effort = Exclude<ReasoningEffort, 'none'>

// A level lower than the vendor's lowest is its lowest.
const EFFORT: Readonly<Record<Effort, string>> = {
  minimal: 'low',
  low: 'low',
  medium: 'medium',
  high: 'high',
  max: 'max',
}

// Of the output limit, which thinking counts towards: so the budget is always below it.
const BUDGET_SHARE: Readonly<Record<Effort, number>> = { minimal: 0, low: 0.1, medium: 0.25, high: 0.5, max: 0.8 }
const MIN_BUDGET = 1024

/**
 * Converts the reasoning effort to what the model takes: adaptive thinking with
 * an effort, or a budget of tokens. Empty where the vendor decides.
 *
 * The thinking of a model that writes it down only on request is requested, as
 * the vendor's summary: it is part of the record.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS` for an effort the model does not have.
 */
function convertThinking({ model, reasoningEffort }: ModelRequest, maxTokens: number): ThinkingFields {
  if (reasoningEffort === undefined) return {}
  const facts = factsOf(model)
  if (reasoningEffort === 'none') return withoutThinking(model, facts)
  switch (facts.thinking) {
    case 'adaptive':
      return { thinking: { type: 'adaptive', display: 'summarized' }, effort: EFFORT[reasoningEffort] }
    case 'budget':
      return { thinking: { type: 'enabled', budget_tokens: budgetOf(reasoningEffort, maxTokens) } }
    case 'never':
      throw invalid(`${model} does not reason, so reasoningEffort cannot be ${reasoningEffort}`)
  }
}

/**
 * Settles how a request asks for thinking, and takes it back where Claude could
 * not think on: with a budget, in a tool loop that it has not begun with a
 * thought of its own, as after a fallback. See {@link endThinking}.
 *
 * @param maxTokens - how long the answer may be.
 * @param providerId - whose earlier answers are its own.
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS` for settings that the model does not have, or that exclude each other.
 */
export function settleThinking(request: ModelRequest, maxTokens: number, providerId: string): SettledThinking {
  const fields = convertThinking(request, maxTokens)
  assertCompatible(request, fields)
  const { model, params = {} } = request
  const isBound = factsOf(model).bindsThinking && thinkingType(fields.thinking ?? params['thinking']) === 'enabled'
  const messages = isBound ? endThinking(request.messages, { providerId, model }) : undefined
  if (messages === undefined) return { request, fields }
  const { thinking: _, ...rest } = params
  // Asked for twice it is still refused.
  const kept = fields.thinking === undefined ? rest : params
  return { request: { ...request, messages, params: kept }, fields: { ...fields, thinking: { type: 'disabled' } } }
}

/**
 * Checks the settings that exclude each other.
 *
 * @throws ProviderError `PROVIDER_INVALID_OPTIONS` that names both.
 */
function assertCompatible(request: ModelRequest, fields: ThinkingFields): void {
  const { model, toolChoice = '' } = request
  const facts = factsOf(model)
  const isForced = isForcedChoice(toolChoice)
  if (isForced && !facts.takesForcedTools) {
    throw invalid(`${model} cannot be made to call a tool, so toolChoice cannot be "${toolChoice}"`)
  }
  const sampling = samplingOf(request)
  if (sampling !== undefined && !facts.takesSampling) throw invalid(`${model} takes no ${sampling}`)
  const thinking = thinkingType(fields.thinking ?? request.params?.['thinking'])
  // Thinking that decides itself takes a forced call, thinking within a budget does not:
  // https://platform.claude.com/docs/build-with-claude/thinking-tool-workflows.
  if (isForced && thinking === 'enabled') {
    throw invalid(`toolChoice "${toolChoice}" does not go with reasoning: it can be "auto" or "none"`)
  }
  if (thinking !== 'disabled' && sampling !== undefined) throw invalid(`${sampling} does not go with reasoning`)
}

function withoutThinking(model: string, facts: ModelFacts): ThinkingFields {
  if (facts.thinking === 'never') return {}
  if (facts.withoutThinking !== undefined) return { thinking: { type: facts.withoutThinking } }
  throw invalid(`${model} always reasons, so reasoningEffort cannot be none: the least is minimal`)
}

function budgetOf(effort: Effort, maxTokens: number): number {
  if (maxTokens <= MIN_BUDGET) {
    throw invalid(`reasoning takes at least ${MIN_BUDGET} tokens, and maxOutputTokens is ${maxTokens}`)
  }
  return Math.max(MIN_BUDGET, Math.floor(maxTokens * BUDGET_SHARE[effort]))
}

// The first sampling setting that is not what the vendor takes anyway.
function samplingOf({ temperature, topP, topK, params = {} }: ModelRequest): string | undefined {
  if ((temperature ?? params['temperature'] ?? 1) !== 1) return 'temperature'
  const top = topP ?? params['top_p'] ?? 1
  if (typeof top === 'number' && top < 0.95) return 'topP'
  return topK === undefined ? undefined : 'topK'
}

function thinkingType(thinking: unknown): unknown {
  return (isJsonObject(thinking) ? thinking['type'] : undefined) ?? 'disabled'
}

function invalid(message: string): ProviderError {
  return new ProviderError('PROVIDER_INVALID_OPTIONS', message)
}
