import type { ModelRate, PriceTable, TokenRate } from './model-rate.ts'
import type { AliasTable } from './prices-aliases.ts'
import { ANTHROPIC_PRICES } from './prices-anthropic.ts'
import { OPENAI_PRICES } from './prices-openai.ts'
import { scaleRate } from './scale-rate.ts'

/** Since Claude 4.5, what stays within a region or a part of the world costs a tenth more than global routing. */
function regional(rate: ModelRate | undefined): ModelRate {
  if (rate === undefined) throw new TypeError('the vendor of a model on Bedrock has no rate for it')
  const { above, ...base } = rate
  if (above === undefined) return tenthMore(base)
  return { ...tenthMore(base), above: { promptTokens: above.promptTokens, rate: tenthMore(above.rate) } }
}

function tenthMore(rate: TokenRate): TokenRate {
  return scaleRate(rate, { input: 1.1, output: 1.1 })
}

const REGIONAL_CLAUDE = [
  'claude-fable-5-1',
  'claude-fable-5',
  'claude-opus-5-5',
  'claude-opus-5',
  'claude-opus-4-8',
  'claude-opus-4-7',
  'claude-opus-4-6',
  'claude-opus-4-5',
  'claude-sonnet-5-5',
  'claude-sonnet-5',
  'claude-sonnet-4-6',
  'claude-haiku-5-5',
  'claude-haiku-4-5',
]

const SONNET_4_5: TokenRate = { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75, cacheWriteLong: 6 }

const REGIONAL_GPT = ['gpt-5.6-sol', 'gpt-5.6-terra', 'gpt-5.6-luna']

/**
 * Amazon Bedrock's rates on demand, in US regions where they differ between regions.
 *
 * Keys are model ids without the version at their end. Those of Claude, GPT
 * and Nova 2 Lite are for models called in a region or through a profile such
 * as `us.` or `eu.`; a `global.` profile costs what the vendor itself charges.
 * Writing a cache that lives for an hour costs twice as much as input here too.
 * Batch and Flex cost half as much. The list of 2026-09-23; Claude 5.5 on a reading of 2026-10.
 */
export const BEDROCK_PRICES: PriceTable = {
  ...Object.fromEntries(REGIONAL_CLAUDE.map((name) => [`anthropic.${name}`, regional(ANTHROPIC_PRICES[name])])),
  // Without the surcharge for long prompts that Anthropic has.
  'global.anthropic.claude-sonnet-4-5': SONNET_4_5,
  'anthropic.claude-sonnet-4-5': tenthMore(SONNET_4_5),
  ...Object.fromEntries(REGIONAL_GPT.map((name) => [`openai.${name}`, regional(OPENAI_PRICES[name])])),
  'openai.gpt-5.5': { input: 5.5, output: 33, cacheRead: 0.55 },
  'openai.gpt-5.4': { input: 2.75, output: 16.5, cacheRead: 0.275 },
  'openai.gpt-oss-120b': { input: 0.15, output: 0.6 },
  'openai.gpt-oss-20b': { input: 0.07, output: 0.3 },
  'amazon.nova-2-lite': { input: 0.33, output: 2.75, cacheRead: 0.0825 },
  'global.amazon.nova-2-lite': { input: 0.3, output: 2.5, cacheRead: 0.075 },
  'amazon.nova-premier': { input: 2.5, output: 12.5, cacheRead: 0.625 },
  'amazon.nova-pro': { input: 0.8, output: 3.2, cacheRead: 0.2 },
  'amazon.nova-lite': { input: 0.06, output: 0.24, cacheRead: 0.015 },
  'amazon.nova-micro': { input: 0.035, output: 0.14, cacheRead: 0.00875 },
  'deepseek.r1': { input: 1.35, output: 5.4 },
  'google.gemma-3-27b-it': { input: 0.23, output: 0.38 },
  'google.gemma-3-12b-it': { input: 0.09, output: 0.29 },
  'google.gemma-3-4b-it': { input: 0.04, output: 0.08 },
  'meta.llama4-maverick-17b-instruct': { input: 0.24, output: 0.97 },
  'meta.llama4-scout-17b-instruct': { input: 0.17, output: 0.66 },
  'meta.llama3-3-70b-instruct': { input: 0.72, output: 0.72 },
  'meta.llama3-2-90b-instruct': { input: 0.72, output: 0.72 },
  'meta.llama3-2-11b-instruct': { input: 0.16, output: 0.16 },
  'meta.llama3-1-70b-instruct': { input: 0.72, output: 0.72 },
  'meta.llama3-1-8b-instruct': { input: 0.22, output: 0.22 },
  'mistral.mistral-large-3-675b-instruct': { input: 0.5, output: 1.5 },
  'mistral.mistral-large-2402': { input: 4, output: 12 },
  'mistral.magistral-small-2509': { input: 0.5, output: 1.5 },
  'mistral.devstral-2-123b': { input: 0.4, output: 2 },
  'mistral.ministral-3-14b-instruct': { input: 0.2, output: 0.2 },
  'mistral.ministral-3-8b-instruct': { input: 0.15, output: 0.15 },
  'mistral.pixtral-large-2502': { input: 2, output: 6 },
  'nvidia.nemotron-super-3-120b': { input: 0.15, output: 0.65 },
  'nvidia.nemotron-nano-3-30b': { input: 0.06, output: 0.24 },
  'qwen.qwen3-coder-480b-a35b': { input: 0.45, output: 1.8 },
  'qwen.qwen3-coder-30b-a3b': { input: 0.15, output: 0.6 },
  'qwen.qwen3-vl-235b-a22b': { input: 0.53, output: 2.66 },
  'qwen.qwen3-32b': { input: 0.15, output: 0.6 },
  'writer.palmyra-x5': { input: 0.6, output: 6 },
  'writer.palmyra-x4': { input: 2.5, output: 10 },
}

/** The ids of models on Bedrock, version and all. Each may have a part of the world before it: `us.`, `eu.`, `apac.`. */
export const BEDROCK_ALIASES: AliasTable = {
  'anthropic.claude-opus-4-6': ['anthropic.claude-opus-4-6-v1'],
  'anthropic.claude-opus-4-5': ['anthropic.claude-opus-4-5-20251101-v1:0'],
  'anthropic.claude-sonnet-4-5': ['anthropic.claude-sonnet-4-5-20250929-v1:0'],
  'global.anthropic.claude-sonnet-4-5': ['global.anthropic.claude-sonnet-4-5-20250929-v1:0'],
  'anthropic.claude-haiku-4-5': ['anthropic.claude-haiku-4-5-20251001-v1:0'],
  'openai.gpt-oss-120b': ['openai.gpt-oss-120b-1:0'],
  'openai.gpt-oss-20b': ['openai.gpt-oss-20b-1:0'],
  'amazon.nova-2-lite': ['amazon.nova-2-lite-v1:0'],
  'global.amazon.nova-2-lite': ['global.amazon.nova-2-lite-v1:0'],
  'amazon.nova-premier': ['amazon.nova-premier-v1:0'],
  'amazon.nova-pro': ['amazon.nova-pro-v1:0'],
  'amazon.nova-lite': ['amazon.nova-lite-v1:0'],
  'amazon.nova-micro': ['amazon.nova-micro-v1:0'],
  'deepseek.r1': ['deepseek.r1-v1:0'],
  'meta.llama4-maverick-17b-instruct': ['meta.llama4-maverick-17b-instruct-v1:0'],
  'meta.llama4-scout-17b-instruct': ['meta.llama4-scout-17b-instruct-v1:0'],
  'meta.llama3-3-70b-instruct': ['meta.llama3-3-70b-instruct-v1:0'],
  'meta.llama3-2-90b-instruct': ['meta.llama3-2-90b-instruct-v1:0'],
  'meta.llama3-2-11b-instruct': ['meta.llama3-2-11b-instruct-v1:0'],
  'meta.llama3-1-70b-instruct': ['meta.llama3-1-70b-instruct-v1:0'],
  'meta.llama3-1-8b-instruct': ['meta.llama3-1-8b-instruct-v1:0'],
  'mistral.mistral-large-2402': ['mistral.mistral-large-2402-v1:0'],
  'writer.palmyra-x5': ['writer.palmyra-x5-v1:0'],
  'writer.palmyra-x4': ['writer.palmyra-x4-v1:0'],
}
