import type { PriceTable } from './model-rate.ts'
import type { AliasTable } from './prices-aliases.ts'

/**
 * Mistral's rates; a batch costs half as much. Where no list has a rate for
 * reading a cache, it costs what input does.
 *
 * Mistral Large 4 by the vendor's model page of 2026-10, all others by those
 * of 2026-06 to 2026-09, cache rates by the vendor's list of 2026-08-24.
 */
export const MISTRAL_PRICES: PriceTable = {
  // Of the preview, 2026-10-06: half of what the list has for later, which is 1.36, 4.18 and 0.14.
  'mistral-large-4': { input: 0.68, output: 2.09, cacheRead: 0.07 },
  'mistral-large-2512': { input: 0.5, output: 1.5, cacheRead: 0.05 },
  'mistral-large-2411': { input: 2, output: 6 },
  'mistral-medium-3-5': { input: 1.5, output: 7.5, cacheRead: 0.15 },
  'mistral-medium-2508': { input: 0.4, output: 2, cacheRead: 0.04 },
  'mistral-small-2603': { input: 0.15, output: 0.6, cacheRead: 0.015 },
  'mistral-small-2506': { input: 0.1, output: 0.3 },
  'magistral-medium-2509': { input: 2, output: 5 },
  'magistral-small-2509': { input: 0.5, output: 1.5 },
  'devstral-2512': { input: 0.4, output: 2, cacheRead: 0.04 },
  'codestral-2508': { input: 0.3, output: 0.9, cacheRead: 0.03 },
  'ministral-14b-2512': { input: 0.2, output: 0.2, cacheRead: 0.02 },
  'ministral-8b-2512': { input: 0.15, output: 0.15, cacheRead: 0.015 },
  'ministral-3b-2512': { input: 0.1, output: 0.1, cacheRead: 0.01 },
  'open-mistral-nemo': { input: 0.15, output: 0.15 },
  'pixtral-large-2411': { input: 2, output: 6 },
  'zai-glm-5-3': { input: 1.4, output: 4.4, cacheRead: 0.14 },
}

/**
 * Other names of Mistral's models, as of 2026-10: the vendor moves those in
 * `-latest` to a newer model. `mistral-medium-3` is left out: here it is
 * Medium 3.5, at OpenRouter the Medium 3 of 2025.
 */
export const MISTRAL_ALIASES: AliasTable = {
  'mistral-large-4': ['mistral-large-4-0'],
  'mistral-large-2512': ['mistral-large-latest'],
  'mistral-medium-3-5': ['mistral-medium-3.5', 'mistral-medium-latest'],
  'mistral-medium-2508': ['mistral-medium-2505'],
  'mistral-small-2603': ['mistral-small-latest'],
  'magistral-medium-2509': ['magistral-medium-latest'],
  'magistral-small-2509': ['magistral-small-latest'],
  'devstral-2512': ['devstral-latest', 'devstral-medium-latest'],
  'codestral-2508': ['codestral-latest'],
  'ministral-14b-2512': ['ministral-14b-latest'],
  'ministral-8b-2512': ['ministral-8b-latest'],
  'ministral-3b-2512': ['ministral-3b-latest'],
  'open-mistral-nemo': ['open-mistral-nemo-2407'],
  'pixtral-large-2411': ['pixtral-large-latest'],
  'zai-glm-5-3': ['zai-glm-5', 'zai-glm-latest'],
}
