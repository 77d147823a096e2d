import type { PriceTable } from './model-rate.ts'
import type { AliasTable } from './prices-aliases.ts'

// Retired on 2026-07-24; both were DeepSeek V4 Flash by then, at its price of that day.
const RETIRED = { input: 0.14, output: 0.28, cacheRead: 0.0028 }

/**
 * DeepSeek's rates, those of its peak hours: 01:00 to 04:00 and 06:00 to 10:00
 * UTC from Monday to Friday, but for public holidays in China. All other hours
 * cost half. A rate has no time of day, so a cost is at most this much, and a
 * cap in USD holds.
 *
 * The vendor's page of 2026-10-27. The retired names have `deepseek:` before
 * them, for OpenRouter still serves models under the same ones.
 */
export const DEEPSEEK_PRICES: PriceTable = {
  'deepseek-flash': { input: 0.3, output: 1.2, cacheRead: 0.006 },
  'deepseek-v4-pro': { input: 1.32, output: 3.96, cacheRead: 0.044 },
  'deepseek:deepseek-chat': RETIRED,
  'deepseek:deepseek-reasoner': RETIRED,
}

/** Older names that DeepSeek still answers to. */
export const DEEPSEEK_ALIASES: AliasTable = {
  'deepseek-flash': ['deepseek-v4-flash', 'deepseek-v4-flash-vision-exp'],
}
