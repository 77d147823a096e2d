import type { Feature, ModelLimits } from './model-limits.ts'

const REASONING = ['reasoning', 'reasoningEffort'] as const satisfies readonly Feature[]

// What a vendor refuses for some of its models, as of 2026-11-21. Servers of one's own, and vendors who host whatever
// is open, have no list: what a model can do there is up to how it was loaded.

/** https://console.groq.com/docs/reasoning and /docs/vision */
export const GROQ_MODELS: readonly ModelLimits[] = [
  { models: /^openai\/gpt-oss/, lacks: ['images'], efforts: ['low', 'medium', 'high'] },
  // Its other effort has no word in the port.
  { models: /^qwen\/qwen3-32b/, lacks: ['images'], efforts: ['none'] },
  { models: /^meta-llama\/llama-4/, lacks: REASONING },
  { models: /^(?:llama|meta-llama\/|gemma|mixtral|moonshotai\/|allam|groq\/)/, lacks: ['images', ...REASONING] },
]

/** https://docs.mistral.ai/capabilities/reasoning/adjustable and /capabilities/structured_output/custom */
export const MISTRAL_MODELS: readonly ModelLimits[] = [
  { models: /^(?:open-)?codestral-mamba/, lacks: ['schemaFormat', 'images', ...REASONING] },
  // They reason always.
  { models: /^magistral/, lacks: ['reasoningEffort'] },
  { models: /^(?:codestral|open-|mistral-tiny|mistral-saba)/, lacks: ['images', ...REASONING] },
  { models: /^(?:devstral|ministral|pixtral|voxtral)/, lacks: REASONING },
  { models: /^mistral-(?:large-2[345]\d\d|medium-2[345]\d\d|small-2[345]\d\d)/, lacks: REASONING },
]

/**
 * https://docs.x.ai/developers/model-capabilities/text/reasoning (effort, and
 * no stop sequences for models that reason) and /text/structured-outputs (with
 * tools from Grok 4 on).
 */
export const XAI_MODELS: readonly ModelLimits[] = [
  { models: /^grok-(?:beta|vision|2)/, lacks: REASONING, formatExcludesTools: true },
  {
    models: /^grok-3-mini/,
    lacks: ['stopSequences', 'images'],
    formatExcludesTools: true,
    efforts: ['low', 'high'],
  },
  { models: /^grok-3/, lacks: ['images', ...REASONING], formatExcludesTools: true },
  { models: /^grok-4.*-non-reasoning/, lacks: REASONING },
  { models: /^grok-(?:4(?:-|$|\.20)|code-)/, lacks: ['reasoningEffort', 'stopSequences'] },
  { models: /^grok-4\.3/, lacks: ['stopSequences'] },
]
