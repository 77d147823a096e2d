import type { ModelRate, PriceTable, TokenRate } from './model-rate.ts'
import type { AliasTable } from './prices-aliases.ts'
import { withLongPrompts } from './scale-rate.ts'

// Standard processing. Batch and Flex cost half, Fast twice as much: a request that asks for one of them
// needs a rate of the agent's own.

/** Above 272,000 tokens of prompt a whole call costs twice as much for input and half as much again for output. */
function tiered(rate: TokenRate): ModelRate {
  return withLongPrompts(rate, 272_000, { input: 2, output: 1.5 })
}

const GPT_5 = { input: 1.25, output: 10, cacheRead: 0.125 }
const GPT_5_2 = { input: 1.75, output: 14, cacheRead: 0.175 }
const GPT_5_PRO = { input: 30, output: 180 }
const GPT_4O_OLD = { input: 5, output: 15 }
const O_MINI = { input: 1.1, output: 4.4, cacheRead: 0.55 }

/**
 * OpenAI's rates.
 *
 * The GPT-6 series was compared with readings of the vendor's own page between
 * 2026-09-22 and 2026-11-18. GPT-6.2 came on 2026-11-17 with its input, output
 * and cached rates; its cache writes are 1.25 times the input, as for every
 * model since GPT-5.6. All others: the list of 2026-09-23.
 */
export const OPENAI_PRICES: PriceTable = {
  'gpt-6.2-astra': tiered({ input: 8, output: 40, cacheRead: 0.4, cacheWrite: 10 }),
  'gpt-6.2-sol': tiered({ input: 2, output: 10, cacheRead: 0.1, cacheWrite: 2.5 }),
  'gpt-6.1-sol': tiered({ input: 2, output: 10, cacheRead: 0.1, cacheWrite: 2.5 }),
  'gpt-6.1-terra': tiered({ input: 1, output: 5, cacheRead: 0.05, cacheWrite: 1.25 }),
  'gpt-6-astra': tiered({ input: 10, output: 50, cacheRead: 1, cacheWrite: 12.5 }),
  'gpt-6-sol': tiered({ input: 2, output: 10, cacheRead: 0.2, cacheWrite: 2.5 }),
  'gpt-6-luna': tiered({ input: 0.1, output: 0.5, cacheRead: 0.01, cacheWrite: 0.125 }),
  // A promotion since 2026-08-21, at least through 2026-11-21; before 5, 30 and 0.5, with 6.25 to write a cache.
  'gpt-5.6-sol': tiered({ input: 4, output: 20, cacheRead: 0.4, cacheWrite: 5 }),
  // Lowered for good on 2026-07-30, luna too.
  'gpt-5.6-terra': tiered({ input: 2, output: 12, cacheRead: 0.2, cacheWrite: 2.5 }),
  'gpt-5.6-luna': tiered({ input: 0.2, output: 1.2, cacheRead: 0.02, cacheWrite: 0.25 }),
  'gpt-5.5': tiered({ input: 5, output: 30, cacheRead: 0.5 }),
  'gpt-5.5-pro': tiered(GPT_5_PRO),
  'gpt-5.4': tiered({ input: 2.5, output: 15, cacheRead: 0.25 }),
  'gpt-5.4-mini': { input: 0.75, output: 4.5, cacheRead: 0.075 },
  'gpt-5.4-nano': { input: 0.2, output: 1.25, cacheRead: 0.02 },
  'gpt-5.4-pro': tiered(GPT_5_PRO),
  'gpt-5.3': GPT_5_2,
  'gpt-5.2': GPT_5_2,
  'gpt-5.2-pro': { input: 21, output: 168 },
  'gpt-5.1': GPT_5,
  'gpt-5': GPT_5,
  'gpt-5-mini': { input: 0.25, output: 2, cacheRead: 0.025 },
  'gpt-5-nano': { input: 0.05, output: 0.4, cacheRead: 0.005 },
  'gpt-5-pro': { input: 15, output: 120 },
  'gpt-4.1': { input: 2, output: 8, cacheRead: 0.5 },
  'gpt-4.1-mini': { input: 0.4, output: 1.6, cacheRead: 0.1 },
  'gpt-4.1-nano': { input: 0.1, output: 0.4, cacheRead: 0.025 },
  'gpt-4o': { input: 2.5, output: 10, cacheRead: 1.25 },
  'gpt-4o-2024-05-13': GPT_4O_OLD,
  'gpt-4o-mini': { input: 0.15, output: 0.6, cacheRead: 0.075 },
  'chatgpt-4o': GPT_4O_OLD,
  'gpt-4-turbo': { input: 10, output: 30 },
  'gpt-4': { input: 30, output: 60 },
  'gpt-4-32k': { input: 60, output: 120 },
  'gpt-3.5-turbo': { input: 0.5, output: 1.5 },
  'gpt-3.5-turbo-1106': { input: 1, output: 2 },
  'gpt-3.5-turbo-0613': { input: 1.5, output: 2 },
  'gpt-3.5-turbo-16k': { input: 3, output: 4 },
  'o4-mini': { input: 1.1, output: 4.4, cacheRead: 0.275 },
  o3: { input: 2, output: 8, cacheRead: 0.5 },
  'o3-mini': O_MINI,
  'o3-pro': { input: 20, output: 80 },
  'o3-deep-research': { input: 10, output: 40, cacheRead: 2.5 },
  'o4-mini-deep-research': { input: 2, output: 8, cacheRead: 0.5 },
  o1: { input: 15, output: 60, cacheRead: 7.5 },
  'o1-mini': O_MINI,
  'o1-pro': { input: 150, output: 600 },
  'codex-mini': { input: 1.5, output: 6, cacheRead: 0.375 },
  'computer-use': { input: 3, output: 12 },
  // Fine-tuned models, where the vendor lists them; o4-mini costs half where the training data is shared.
  'ft:gpt-4.1-2*': { input: 3, output: 12, cacheRead: 0.75 },
  'ft:gpt-4.1-mini*': { input: 0.8, output: 3.2, cacheRead: 0.2 },
  'ft:gpt-4.1-nano*': { input: 0.2, output: 0.8, cacheRead: 0.05 },
  'ft:gpt-4o-2*': { input: 3.75, output: 15, cacheRead: 1.875 },
  'ft:gpt-4o-mini*': { input: 0.3, output: 1.2, cacheRead: 0.15 },
  'ft:gpt-3.5-turbo*': { input: 3, output: 6 },
  'ft:o4-mini*': { input: 4, output: 16, cacheRead: 1 },
}

/** Other names of OpenAI's models: dated, moving, and of variants at the same price. */
export const OPENAI_ALIASES: AliasTable = {
  'gpt-5.6-sol': ['gpt-5.6'],
  'gpt-5.5': ['gpt-5.5-chat', 'gpt-5.5-chat-latest'],
  'gpt-5.4': ['gpt-5.4-2026-03-05'],
  'gpt-5.4-mini': ['gpt-5.4-mini-2026-03-17'],
  'gpt-5.3': ['gpt-5.3-chat', 'gpt-5.3-chat-latest', 'gpt-5.3-codex'],
  'gpt-5.2': ['gpt-5.2-2025-12-11', 'gpt-5.2-chat', 'gpt-5.2-chat-latest', 'gpt-5.2-codex'],
  'gpt-5.2-pro': ['gpt-5.2-pro-2025-12-11'],
  'gpt-5.1': ['gpt-5.1-2025-11-13', 'gpt-5.1-chat', 'gpt-5.1-chat-latest', 'gpt-5.1-codex', 'gpt-5.1-codex-max'],
  'gpt-5': ['gpt-5-2025-08-07', 'gpt-5-chat', 'gpt-5-chat-latest', 'gpt-5-codex'],
  'gpt-5-mini': ['gpt-5-mini-2025-08-07', 'gpt-5.1-codex-mini'],
  'gpt-5-nano': ['gpt-5-nano-2025-08-07'],
  'gpt-5-pro': ['gpt-5-pro-2025-10-06'],
  'gpt-4.1': ['gpt-4.1-2025-04-14'],
  'gpt-4.1-mini': ['gpt-4.1-mini-2025-04-14'],
  'gpt-4.1-nano': ['gpt-4.1-nano-2025-04-14'],
  'gpt-4o': ['gpt-4o-2024-11-20', 'gpt-4o-2024-08-06'],
  'gpt-4o-mini': ['gpt-4o-mini-2024-07-18'],
  'chatgpt-4o': ['chatgpt-4o-latest'],
  'gpt-4-turbo': ['gpt-4-turbo-2024-04-09', 'gpt-4-turbo-preview', 'gpt-4-0125-preview', 'gpt-4-1106-preview'],
  'gpt-4': ['gpt-4-0613'],
  'gpt-3.5-turbo': ['gpt-3.5-turbo-0125', 'gpt-35-turbo'],
  'o4-mini': ['o4-mini-2025-04-16', 'o4-mini-high'],
  o3: ['o3-2025-04-16'],
  'o3-mini': ['o3-mini-2025-01-31', 'o3-mini-high'],
  'o3-pro': ['o3-pro-2025-06-10'],
  'o3-deep-research': ['o3-deep-research-2025-06-26'],
  'o4-mini-deep-research': ['o4-mini-deep-research-2025-06-26'],
  o1: ['o1-2024-12-17', 'o1-preview'],
  'o1-mini': ['o1-mini-2024-09-12'],
  'o1-pro': ['o1-pro-2025-03-19'],
  'codex-mini': ['codex-mini-latest'],
  'computer-use': ['computer-use-preview', 'computer-use-preview-2025-03-11'],
}
