import type { PriceTable, TokenRate } from './model-rate.ts'
import type { AliasTable } from './prices-aliases.ts'

/** Writing a cache that lives for five minutes costs a quarter more than input; one of an hour costs twice as much. */
function claude(input: number, output: number, cacheRead: number): TokenRate {
  return { input, output, cacheRead, cacheWrite: input * 1.25, cacheWriteLong: input * 2 }
}

const OPUS = claude(5, 25, 0.5)
const OPUS_4 = claude(15, 75, 1.5)
const SONNET = claude(3, 15, 0.3)
const FABLE_5_1 = claude(10, 50, 0.25)
const FABLE_5 = claude(10, 50, 1)

/**
 * Anthropic's rates, global routing; US-only inference costs a tenth more, fast mode twice as much or more.
 *
 * Compared with readings of the vendor's own page, the newest of 2026-10-24.
 */
export const ANTHROPIC_PRICES: PriceTable = {
  'claude-fable-5-1': FABLE_5_1,
  'claude-fable-5': FABLE_5,
  'claude-mythos-5-1': FABLE_5_1,
  'claude-mythos-5': FABLE_5,
  'claude-opus-5-5': claude(4, 20, 0.2),
  'claude-opus-5': OPUS,
  'claude-opus-4-8': OPUS,
  'claude-opus-4-7': OPUS,
  'claude-opus-4-6': OPUS,
  'claude-opus-4-5': OPUS,
  'claude-opus-4-1': OPUS_4,
  'claude-opus-4-0': OPUS_4,
  'claude-opus-3': OPUS_4,
  // Cache reads cost 0.20 until 2026-10-07.
  'claude-sonnet-5-5': claude(2, 10, 0.1),
  // The increase announced for 2026-09-01 did not come.
  'claude-sonnet-5': claude(2, 10, 0.2),
  'claude-sonnet-4-6': SONNET,
  'claude-sonnet-4-5': { ...SONNET, above: { promptTokens: 200_000, rate: claude(6, 22.5, 0.6) } },
  'claude-sonnet-4-0': SONNET,
  'claude-sonnet-3-7': SONNET,
  'claude-sonnet-3-5': SONNET,
  'claude-sonnet-3': SONNET,
  'claude-haiku-5-5': {
    ...claude(0.1, 0.5, 0.01),
    above: { promptTokens: 100_000, rate: claude(0.5, 2.5, 0.05) },
  },
  'claude-haiku-4-5': claude(1, 5, 0.1),
  'claude-haiku-3-5': claude(0.8, 4, 0.08),
  'claude-haiku-3': { input: 0.25, output: 1.25, cacheRead: 0.03, cacheWrite: 0.3, cacheWriteLong: 0.5 },
}

/** Dated and moving names of Anthropic's models, and those of the days when the version came first. */
export const ANTHROPIC_ALIASES: AliasTable = {
  'claude-opus-4-5': ['claude-opus-4-5-20251101'],
  'claude-opus-4-1': ['claude-opus-4-1-20250805'],
  'claude-opus-4-0': ['claude-opus-4-20250514', 'claude-opus-4'],
  'claude-opus-3': ['claude-3-opus-20240229', 'claude-3-opus-latest'],
  'claude-sonnet-4-5': ['claude-sonnet-4-5-20250929'],
  'claude-sonnet-4-0': ['claude-sonnet-4-20250514', 'claude-sonnet-4'],
  'claude-sonnet-3-7': ['claude-3-7-sonnet-20250219', 'claude-3-7-sonnet-latest'],
  'claude-sonnet-3-5': ['claude-3-5-sonnet-20241022', 'claude-3-5-sonnet-20240620', 'claude-3-5-sonnet-latest'],
  'claude-sonnet-3': ['claude-3-sonnet-20240229'],
  'claude-haiku-4-5': ['claude-haiku-4-5-20251001'],
  'claude-haiku-3-5': ['claude-3-5-haiku-20241022', 'claude-3-5-haiku-latest'],
  'claude-haiku-3': ['claude-3-haiku-20240307'],
}
