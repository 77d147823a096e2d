import type { ModelRate, PriceTable, TokenRate } from './model-rate.ts'
import type { AliasTable } from './prices-aliases.ts'
import { withLongPrompts } from './scale-rate.ts'

/** Above 200,000 tokens of prompt a whole call costs twice as much for input and half as much again for output. */
function tiered(rate: TokenRate): ModelRate {
  return withLongPrompts(rate, 200_000, { input: 2, output: 1.5 })
}

// Through 2026-11-30; from then on 4, 20 and 0.2.
const GEMINI_4 = { input: 2, output: 10, cacheRead: 0.1 }
const PRO_3 = { input: 2, output: 12, cacheRead: 0.2 }
// Through 2026-12-31; from then on 1.5, 7.5 and 0.15.
const FLASH_3_6 = { input: 0.75, output: 3.75, cacheRead: 0.075 }

/**
 * Google's rates of the Gemini API, paid tier, for text, images and video: audio costs more with the Flash models.
 * Thinking costs what output costs. What an explicit cache costs per hour is not part of a call.
 *
 * Compared with readings of the vendor's own page: Gemini 4 of 2026-10-13 and
 * 2026-11-11, Gemini 3.8 of 2026-10-07, all others of 2026-09-23.
 */
export const GEMINI_PRICES: PriceTable = {
  'gemini-4-carbon': GEMINI_4,
  'gemini-4-argon': GEMINI_4,
  'gemini-3.8-flash': FLASH_3_6,
  // Answered by Gemini 3.8 Flash since 2026-10-08.
  'gemini-3.7-flash': FLASH_3_6,
  'gemini-3.6-flash': FLASH_3_6,
  // Answered by Gemini 3.6 Flash since 2026-10-08; no list says that it costs less since.
  'gemini-3.5-flash': { input: 1.5, output: 9, cacheRead: 0.15 },
  'gemini-3.5-flash-lite': { input: 0.3, output: 2.5, cacheRead: 0.03 },
  'gemini-3.1-pro': tiered(PRO_3),
  'gemini-3.1-flash-lite': { input: 0.25, output: 1.5, cacheRead: 0.025 },
  'gemini-3-pro': tiered(PRO_3),
  'gemini-3-flash': { input: 0.5, output: 3, cacheRead: 0.05 },
  'gemini-2.5-pro': tiered({ input: 1.25, output: 10, cacheRead: 0.125 }),
  'gemini-2.5-flash': { input: 0.3, output: 2.5, cacheRead: 0.03 },
  'gemini-2.5-flash-lite': { input: 0.1, output: 0.4, cacheRead: 0.01 },
  'gemini-2.0-flash': { input: 0.1, output: 0.4, cacheRead: 0.025 },
  'gemini-2.0-flash-lite': { input: 0.075, output: 0.3 },
}

/**
 * Dated names and previews of Google's models.
 *
 * `gemini-pro-latest`, `gemini-flash-latest` and the like are none of them: the
 * vendor moves them from one model to another, at another price.
 */
export const GEMINI_ALIASES: AliasTable = {
  'gemini-3.1-pro': ['gemini-3.1-pro-preview', 'gemini-3.1-pro-preview-customtools'],
  'gemini-3.1-flash-lite': ['gemini-3.1-flash-lite-preview'],
  'gemini-3-pro': ['gemini-3-pro-preview'],
  'gemini-3-flash': ['gemini-3-flash-preview'],
  'gemini-2.5-pro': ['gemini-2.5-pro-preview-06-05', 'gemini-2.5-pro-preview-05-06'],
  'gemini-2.5-flash': ['gemini-2.5-flash-preview-09-2025'],
  'gemini-2.5-flash-lite': ['gemini-2.5-flash-lite-preview-09-2025'],
  'gemini-2.0-flash': ['gemini-2.0-flash-001'],
  'gemini-2.0-flash-lite': ['gemini-2.0-flash-lite-001'],
}
