import type { ProviderCapabilities, ReasoningEffort } from '@starling/provider'
import { mistralCallId } from './call-ids.ts'
import { CHAT_CAPABILITIES, type ChatDialect, type Fields } from './chat-dialect.ts'
import { GROQ_MODELS, MISTRAL_MODELS, XAI_MODELS } from './compatible-models.ts'
import { type Feature, type ModelLimits, without } from './model-limits.ts'
import { deepSeekReasoning, mistralReasoning, reasoningAs } from './send-reasoning.ts'

/** The vendors and servers that {@link createCompatibleProvider} knows. */
export const COMPATIBLE_VENDORS = [
  'groq',
  'deepseek',
  'together',
  'mistral',
  'xai',
  'ollama',
  'vllm',
  'lmstudio',
] as const

/** A vendor or server that {@link createCompatibleProvider} knows: one of {@link COMPATIBLE_VENDORS}. */
export type CompatibleVendor = (typeof COMPATIBLE_VENDORS)[number]

/** Where one vendor is and how it speaks. */
export interface CompatibleEndpoint {
  readonly baseUrl: string
  /** The domains that get the key from the environment. Default: none, as for a server of one's own. */
  readonly domains?: readonly string[]
  /** The environment variable with the key. Default: none. */
  readonly keyVariable?: string
  readonly dialect: ChatDialect
  /** What some of its models cannot do. Default: nothing is known. */
  readonly limits?: readonly ModelLimits[]
}

/** What each of them does otherwise than OpenAI, from its own documentation, as of 2026-11-21. */
export const COMPATIBLE_ENDPOINTS: Readonly<Record<CompatibleVendor, CompatibleEndpoint>> = {
  // https://console.groq.com/docs/api-reference; /docs/structured-outputs: schemas exclude streaming, JSON excludes tools.
  groq: {
    baseUrl: 'https://api.groq.com/openai/v1',
    domains: ['groq.com'],
    keyVariable: 'GROQ_API_KEY',
    dialect: {
      capabilities: { ...chatWithout('schemaFormat', 'files'), formatExcludesTools: true },
      efforts: efforts('none', 'low', 'medium', 'high'),
    },
    limits: GROQ_MODELS,
  },
  // https://api-docs.deepseek.com/api/create-chat-completion and /guides/thinking_mode
  deepseek: {
    baseUrl: 'https://api.deepseek.com',
    domains: ['deepseek.com'],
    keyVariable: 'DEEPSEEK_API_KEY',
    dialect: {
      capabilities: chatWithout('seed', 'schemaFormat', 'parallelToolCalls', 'images', 'files'),
      maxTokensField: 'max_tokens',
      efforts: {
        none: { thinking: { type: 'disabled' } },
        // The vendor's own table of what it takes each for.
        minimal: deepSeekEffort('low'),
        low: deepSeekEffort('low'),
        medium: deepSeekEffort('high'),
        high: deepSeekEffort('high'),
        max: deepSeekEffort('max'),
      },
      messageFields: deepSeekReasoning,
    },
  },
  // https://github.com/togethercomputer/openapi and https://docs.together.ai/docs/inference/chat/reasoning
  together: {
    baseUrl: 'https://api.together.xyz/v1',
    domains: ['together.xyz', 'together.ai'],
    keyVariable: 'TOGETHER_API_KEY',
    dialect: {
      capabilities: { ...chatWithout('parallelToolCalls', 'files'), topK: true },
      maxTokensField: 'max_tokens',
      listsStops: true,
      // Usage comes unasked.
      includeUsage: false,
      efforts: { none: { reasoning: { enabled: false } }, ...efforts('low', 'medium', 'high') },
    },
  },
  // https://docs.mistral.ai/api/endpoint/chat and /capabilities/reasoning
  mistral: {
    baseUrl: 'https://api.mistral.ai/v1',
    domains: ['mistral.ai'],
    keyVariable: 'MISTRAL_API_KEY',
    dialect: {
      capabilities: chatWithout('files'),
      maxTokensField: 'max_tokens',
      seedField: 'random_seed',
      // Refused as an extra input; usage comes unasked.
      includeUsage: false,
      efforts: efforts('none', 'high'),
      callId: mistralCallId,
      messageFields: mistralReasoning,
    },
    limits: MISTRAL_MODELS,
  },
  // https://docs.x.ai/developers/rest-api-reference/inference/chat-completions
  xai: {
    baseUrl: 'https://api.x.ai/v1',
    domains: ['x.ai'],
    keyVariable: 'XAI_API_KEY',
    dialect: { capabilities: chatWithout('files'), efforts: efforts('none', 'low', 'medium', 'high') },
    limits: XAI_MODELS,
  },
  // https://docs.ollama.com/api/openai-compatibility
  ollama: {
    baseUrl: 'http://localhost:11434/v1',
    dialect: {
      capabilities: chatWithout('toolChoice', 'parallelToolCalls', 'files'),
      maxTokensField: 'max_tokens',
      efforts: efforts('none', 'low', 'medium', 'high'),
      messageFields: reasoningAs('reasoning'),
    },
  },
  // https://docs.vllm.ai/en/stable/serving/openai_compatible_server
  vllm: {
    baseUrl: 'http://localhost:8000/v1',
    dialect: {
      capabilities: { ...chatWithout('files'), topK: true },
      efforts: efforts('none', 'low', 'medium', 'high'),
      messageFields: reasoningAs('reasoning'),
    },
  },
  // https://lmstudio.ai/docs/developer/openai-compat/chat-completions
  lmstudio: {
    baseUrl: 'http://localhost:1234/v1',
    dialect: {
      capabilities: { ...chatWithout('parallelToolCalls', 'reasoningEffort', 'jsonFormat', 'files'), topK: true },
      maxTokensField: 'max_tokens',
    },
  },
}

function chatWithout(...features: readonly Feature[]): ProviderCapabilities {
  return without(CHAT_CAPABILITIES, features)
}

function efforts(...names: readonly ReasoningEffort[]): Partial<Record<ReasoningEffort, Fields>> {
  return Object.fromEntries(names.map((name) => [name, { reasoning_effort: name }]))
}

function deepSeekEffort(effort: 'low' | 'high' | 'max'): Fields {
  return { thinking: { type: 'enabled' }, reasoning_effort: effort }
}
