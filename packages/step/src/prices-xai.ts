import type { ModelRate, PriceTable, TokenRate } from './model-rate.ts'
import type { AliasTable } from './prices-aliases.ts'
import { withLongPrompts } from './scale-rate.ts'

/** Above 200,000 tokens of prompt a whole call costs twice as much. */
function tiered(rate: TokenRate): ModelRate {
  return withLongPrompts(rate, 200_000, { input: 2, output: 2 })
}

const GROK_4_6 = tiered({ input: 2, output: 6, cacheRead: 0.5 })
const GROK_4_20 = tiered({ input: 1.25, output: 2.5, cacheRead: 0.2 })

// Retired on 2026-05-15; they keep the price that they had.
const GROK_4_FAST: ModelRate = {
  input: 0.2,
  output: 0.5,
  cacheRead: 0.05,
  above: { promptTokens: 128_000, rate: { input: 0.4, output: 1, cacheRead: 0.05 } },
}

/**
 * xAI's rates; the priority tier costs twice as much.
 *
 * Grok 4.7 by the vendor's page of 2026-09-29, Grok 4.6 and 4.5 by readings of
 * it from 2026-07 on, all others by the list of 2026-09-23.
 */
export const XAI_PRICES: PriceTable = {
  'grok-4.7': GROK_4_6,
  'grok-4.6': GROK_4_6,
  'grok-4.5': GROK_4_6,
  'grok-4.3': GROK_4_20,
  'grok-4.20': GROK_4_20,
  'grok-4-fast': GROK_4_FAST,
  'grok-build-0.1': tiered({ input: 1, output: 2, cacheRead: 0.2 }),
  'grok-code-fast-1': { input: 0.2, output: 1.5, cacheRead: 0.02 },
}

/** Other names of xAI's models. `grok-latest` is none: the vendor moves it from one model to another. */
export const XAI_ALIASES: AliasTable = {
  'grok-4.7': ['grok-4.7-latest'],
  'grok-4.6': ['grok-4.6-latest'],
  'grok-4.5': ['grok-4.5-latest'],
  'grok-4.3': ['grok-4.3-latest'],
  'grok-4.20': [
    'grok-4.20-reasoning',
    'grok-4.20-non-reasoning',
    'grok-4.20-0309-reasoning',
    'grok-4.20-0309-non-reasoning',
  ],
  'grok-4-fast': ['grok-4-fast-reasoning', 'grok-4-fast-non-reasoning'],
  'grok-code-fast-1': ['grok-code-fast', 'grok-code-fast-1-0825'],
}
