import type { ProviderCapabilities } from '@starling/provider'

/** What a model may lack. */
type Feature = keyof ProviderCapabilities

const SAMPLING: readonly Feature[] = ['temperature', 'topP', 'topK']
const REASONING: readonly Feature[] = ['reasoning', 'reasoningEffort']
const TOOLS: readonly Feature[] = ['tools', 'toolChoice']

// What single models lack of what Converse has, by the part of their ids that names the maker and the model. From the
// model cards (https://docs.aws.amazon.com/bedrock/latest/userguide/model-cards.html: structured outputs, modalities)
// and the table of Converse (…/conversation-inference-supported-models-features.html: tools, documents), as of
// 2026-11-21. What Claude and the GPT models answer to sampling is in their own documentation. All rows that fit count;
// a model that none fits is asked as the newest are.
const LACKS: readonly (readonly [models: RegExp, features: readonly Feature[]])[] = [
  [/\banthropic\.claude-(?:v2|instant)/, [...TOOLS, ...REASONING, 'images', 'schemaFormat']],
  [/\banthropic\.claude-3-(?!7)/, REASONING],
  [/\banthropic\.claude-3-5-haiku/, ['images']],
  [/\banthropic\.claude-(?:3|(?:opus|sonnet)-4-(?:\d{8}|[01]\b)|opus-4-[78]\b)/, ['schemaFormat']],
  // From 4.7 on.
  [/\banthropic\.claude-(?!v2|instant|3|mythos-preview|(?:opus|sonnet|haiku)-4-(?:\d{8}|[0-6]\b))/, SAMPLING],
  [/\bamazon\.titan/, [...TOOLS, ...REASONING, 'images', 'schemaFormat']],
  [/\bamazon\.nova-(?:micro|lite|pro|premier)\b/, REASONING],
  [/\bamazon\.nova-(?:micro|lite|pro|premier|2)\b/, ['schemaFormat']],
  [/\bamazon\.nova-micro\b/, ['images', 'files', 'toolAttachments']],
  [/\b(?:ai21|cohere)\./, [...REASONING, 'images', 'schemaFormat']],
  [/\bmeta\.llama/, [...REASONING, 'schemaFormat']],
  [/\bmeta\.llama3-(?:8b|70b)/, [...TOOLS, 'images']],
  [/\bdeepseek\.r1\b/, [...TOOLS, 'images', 'schemaFormat']],
  [/\bmistral\.(?:mistral-7b|mixtral)/, [...TOOLS, ...REASONING, 'images', 'schemaFormat']],
  [/\bmistral\.(?:mistral-(?:large|small)-24\d\d|pixtral)/, [...REASONING, 'schemaFormat']],
  [/\bopenai\.gpt-oss/, ['images', 'stopSequences']],
  [/\bopenai\.gpt-(?!oss)/, ['temperature', 'topP', 'stopSequences']],
  [/\bqwen\.qwen3-vl/, ['schemaFormat']],
  [/\bwriter\.palmyra-x/, ['schemaFormat']],
]

/** Returns what `all`, which Converse can do, comes to with one model. */
export function capabilitiesWith(model: string, all: ProviderCapabilities): ProviderCapabilities {
  const lacking = LACKS.filter(([models]) => models.test(model)).flatMap(([, features]) => features)
  return { ...all, ...Object.fromEntries(lacking.map((feature) => [feature, false])) }
}
