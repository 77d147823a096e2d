import { type AssistantMessage, type ModelRequest, partsOf, type ProviderCapabilities } from '@starling/provider'
import { type JsonObject, jsonText } from '@starling/provider-http'
import { CHAT_CAPABILITIES, type ChatDialect, type Fields } from '@starling/providers-openai/chat'
import { markCache, markTools, splitCacheWrites } from './mark-cache.ts'
import type { OpenRouterProviderOptions, OpenRouterRouting } from './openrouter-provider-options.ts'
import { createReasoningReader, reasoningFields } from './reasoning-details.ts'
import { isSameModel } from './same-model.ts'

// The same for all models: which endpoint of a model knows which setting is OpenRouter's to say, and it changes from day
// to day. Where none does, `require_parameters` makes it refuse the request before any model is asked.
const CAPABILITIES: ProviderCapabilities = {
  ...CHAT_CAPABILITIES,
  topK: true,
  cacheControl: true,
  opaqueParts: true,
  citations: true,
}

/** Written with the other fields of reasoning, all at once. */
const EFFORTS: ChatDialect['efforts'] = { none: {}, minimal: {}, low: {}, medium: {}, high: {}, max: {} }

/** How OpenRouter speaks Chat Completions. */
export function openRouterDialect(options: OpenRouterProviderOptions): ChatDialect {
  return {
    capabilities: CAPABILITIES,
    maxTokensField: 'max_tokens',
    efforts: EFFORTS,
    generateCallId: options.generateCallId,
    requestFields: (request) => ({
      ...reasoningOf(request, options),
      ...modelsOf(options),
      ...routingOf(request, options.routing),
    }),
    messageFields: (message) => ({ ...reasoningFields(message), ...annotationsOf(message) }),
    finishMessages: markCache,
    lastToolFields: markTools,
    finishUsage: splitCacheWrites,
    createDeltaReader: createReasoningReader,
    requestIdOf: (headers, chunk) => headers.get('x-request-id') ?? (textOf(chunk['id']) || undefined),
    modelOf,
  }
}

function reasoningOf({ reasoningEffort }: ModelRequest, { excludeReasoning }: OpenRouterProviderOptions): Fields {
  const reasoning = {
    ...(reasoningEffort !== undefined && { effort: reasoningEffort }),
    ...(excludeReasoning !== undefined && { exclude: excludeReasoning }),
  }
  return Object.keys(reasoning).length === 0 ? {} : { reasoning }
}

function modelsOf({ fallbackModels = [] }: OpenRouterProviderOptions): Fields {
  return fallbackModels.length === 0 ? {} : { models: fallbackModels }
}

function routingOf(request: ModelRequest, routing: OpenRouterRouting = {}): Fields {
  const requires = routing.requireParameters ?? (hasSettings(request) ? true : undefined)
  const fields = {
    order: routing.order,
    only: routing.only,
    ignore: routing.ignore,
    allow_fallbacks: routing.allowFallbacks,
    require_parameters: requires,
    data_collection: routing.dataCollection,
    zdr: routing.zeroDataRetention,
    sort: routing.sort,
  }
  const provider = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
  return Object.keys(provider).length === 0 ? {} : { provider }
}

// OpenRouter leaves out what a vendor does not know, unless it is told that it matters.
function hasSettings(request: ModelRequest): boolean {
  const { temperature, topP, topK, seed, reasoningEffort, responseFormat, stopSequences = [], params = {} } = request
  if ('provider' in params) return false
  const settings = [temperature, topP, topK, seed, reasoningEffort, responseFormat]
  return stopSequences.length > 0 || settings.some((setting) => setting !== undefined)
}

function annotationsOf(message: AssistantMessage): Fields {
  const citations = partsOf(message).flatMap((part) => (part.type === 'text' ? (part.citations ?? []) : []))
  return citations.length === 0 ? {} : { annotations: citations.map((citation) => jsonText(citation, 'a citation')) }
}

function modelOf(chunk: JsonObject, { model }: ModelRequest): string | undefined {
  const answering = textOf(chunk['model'])
  return answering === '' || isSameModel(model, answering) ? undefined : answering
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
