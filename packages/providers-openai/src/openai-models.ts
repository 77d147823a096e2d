import type { Feature, ModelLimits } from './model-limits.ts'

const REASONING = ['reasoning', 'reasoningEffort'] as const satisfies readonly Feature[]
const MEDIA = ['images', 'files'] as const satisfies readonly Feature[]
const TOOLS = ['tools', 'toolChoice', 'parallelToolCalls'] as const satisfies readonly Feature[]
const SAMPLING = ['temperature', 'topP'] as const satisfies readonly Feature[]

/**
 * What OpenAI refuses for its models, as of 2026-11-21; fine-tuned ones are as
 * what they were made of. From
 * https://developers.openai.com/api/docs/guides/structured-outputs (JSON mode and schemas),
 * https://developers.openai.com/api/docs/guides/reasoning (sampling, effort),
 * https://developers.openai.com/api/docs/guides/latest-model (parameter compatibility),
 * https://developers.openai.com/api/reference/resources/chat (`stop`)
 * and https://developers.openai.com/api/docs/models (tools, images).
 *
 * From GPT-5.1 on, sampling is a question of the effort, not of the model: only
 * without reasoning it is taken, and so it is left to the vendor.
 */
export const OPENAI_MODELS: readonly ModelLimits[] = [
  // From before JSON mode.
  {
    models: /^(?:ft:)?(?:gpt-4(?:-32k)?(?:-0314|-0613)?|gpt-3\.5-turbo(?:-16k.*|-0301|-0613))(?:$|:)/,
    lacks: ['jsonFormat', 'schemaFormat', ...MEDIA, ...REASONING],
  },
  // From before schemas.
  { models: /^gpt-4-(?:turbo(?!-preview)|vision)/, lacks: ['schemaFormat', ...REASONING] },
  { models: /^(?:ft:)?(?:gpt-4-|gpt-3\.5)/, lacks: ['schemaFormat', ...MEDIA, ...REASONING] },
  { models: /^(?:ft:)?gpt-4o-2024-05-13/, lacks: ['schemaFormat', ...REASONING] },
  { models: /^chatgpt-4o/, lacks: ['schemaFormat', ...TOOLS, ...REASONING] },
  { models: /^(?:ft:)?(?:gpt-4|gpt-5-chat)/, lacks: REASONING },
  {
    models: /^o1-(?:mini|preview)/,
    lacks: ['jsonFormat', 'schemaFormat', 'reasoningEffort', ...TOOLS, ...MEDIA, ...SAMPLING],
  },
  { models: /^o3-mini/, lacks: ['parallelToolCalls', ...MEDIA, ...SAMPLING], efforts: ['low', 'medium', 'high'] },
  { models: /^o1(?:-|$)/, lacks: ['parallelToolCalls', ...SAMPLING], efforts: ['low', 'medium', 'high'] },
  {
    models: /^(?:ft:)?o[34](?:-|$)/,
    lacks: ['parallelToolCalls', 'stopSequences', ...SAMPLING],
    efforts: ['low', 'medium', 'high'],
  },
  {
    models: /^gpt-5(?:-|$)/,
    lacks: ['stopSequences', ...SAMPLING],
    efforts: ['minimal', 'low', 'medium', 'high'],
  },
  { models: /^gpt-5\.[1-5](?!\d*-chat)/, lacks: ['stopSequences'], efforts: ['none', 'low', 'medium', 'high'] },
  { models: /^gpt-5\.(?!\d+-chat)/, lacks: ['stopSequences'] },
]
