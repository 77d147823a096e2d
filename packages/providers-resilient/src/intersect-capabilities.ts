import { capabilitiesFor, type ProviderCapabilities } from '@starling/provider'
import type { ResolvedCandidate } from './resolve-candidates.ts'
import type { RequestSettings } from './resilient-provider-options.ts'

/** What counts when all have it; the rule about formats counts when one has it. */
type Feature = Exclude<keyof ProviderCapabilities, 'formatExcludesTools'>

/** Each feature, with the setting that asks for it and for nothing else. */
const FEATURES: Readonly<Record<Feature, keyof RequestSettings | undefined>> = {
  tools: undefined,
  toolChoice: 'toolChoice',
  reasoning: undefined,
  stopSequences: 'stopSequences',
  cacheControl: 'cache',
  requestId: undefined,
  maxOutputTokens: 'maxOutputTokens',
  temperature: 'temperature',
  topP: 'topP',
  topK: 'topK',
  seed: 'seed',
  reasoningEffort: 'reasoningEffort',
  jsonFormat: 'responseFormat',
  schemaFormat: 'responseFormat',
  parallelToolCalls: 'parallelToolCalls',
  images: undefined,
  files: undefined,
  toolAttachments: undefined,
  opaqueParts: undefined,
  citations: undefined,
}

/**
 * What every candidate can do: a request that only some of them could answer is
 * refused at once, not at the first fallback.
 *
 * A candidate that replaces a setting need not know it.
 *
 * @param model - the model of a request, for the candidates that have none of their own. Default: any of their models.
 */
export function intersectCapabilities(candidates: readonly ResolvedCandidate[], model?: string): ProviderCapabilities {
  const all: { -readonly [Name in Feature]?: boolean } = {}
  for (const feature of featureNames()) {
    if (candidates.every((candidate) => isAble(candidate, feature, model))) all[feature] = true
  }
  return candidates.some((candidate) => excludesTools(candidate, model)) ? { ...all, formatExcludesTools: true } : all
}

function isAble(candidate: ResolvedCandidate, feature: Feature, model: string | undefined): boolean {
  const setting = FEATURES[feature]
  if (setting !== undefined && Object.hasOwn(candidate.settings, setting)) return true
  return abilitiesOf(candidate, model).every((able) => able[feature] === true)
}

function excludesTools(candidate: ResolvedCandidate, model: string | undefined): boolean {
  if (Object.hasOwn(candidate.settings, 'responseFormat')) return false
  return abilitiesOf(candidate, model).some(({ formatExcludesTools }) => formatExcludesTools === true)
}

/** What each key of a candidate can do. */
function abilitiesOf({ routes, model: own }: ResolvedCandidate, asked: string | undefined): ProviderCapabilities[] {
  const model = own ?? asked
  return routes.map(({ provider }) => (model === undefined ? provider.capabilities : capabilitiesFor(provider, model)))
}

function featureNames(): readonly Feature[] {
  return Object.keys(FEATURES).filter((name): name is Feature => Object.hasOwn(FEATURES, name))
}
