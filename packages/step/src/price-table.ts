import type { PriceTable } from './model-rate.ts'
import type { AliasTable } from './prices-aliases.ts'
import { ANTHROPIC_ALIASES, ANTHROPIC_PRICES } from './prices-anthropic.ts'
import { BEDROCK_ALIASES, BEDROCK_PRICES } from './prices-bedrock.ts'
import { DEEPSEEK_ALIASES, DEEPSEEK_PRICES } from './prices-deepseek.ts'
import { GEMINI_ALIASES, GEMINI_PRICES } from './prices-gemini.ts'
import { GROQ_PRICES, TOGETHER_PRICES } from './prices-hosts.ts'
import { MISTRAL_ALIASES, MISTRAL_PRICES } from './prices-mistral.ts'
import { OPENAI_ALIASES, OPENAI_PRICES } from './prices-openai.ts'
import { OPENROUTER_PRICES } from './prices-openrouter.ts'
import { XAI_ALIASES, XAI_PRICES } from './prices-xai.ts'

/** When {@link DEFAULT_PRICES} was last compared with the vendors' lists. */
export const PRICES_AS_OF = '2026-11-21'

/** The rates of one vendor. */
export interface VendorPrices {
  readonly vendor: string
  /** Where the vendor publishes them. */
  readonly source: string
  readonly prices: PriceTable
  /** Other names of the models by their key in `prices`: those worth listing, for `lookUpRate` knows more. */
  readonly aliases: AliasTable
}

/** The built-in rates by vendor. */
export const VENDOR_PRICES: readonly VendorPrices[] = [
  {
    vendor: 'OpenAI',
    source: 'https://developers.openai.com/api/docs/pricing',
    prices: OPENAI_PRICES,
    aliases: OPENAI_ALIASES,
  },
  {
    vendor: 'Anthropic',
    source: 'https://platform.claude.com/docs/en/about-claude/pricing',
    prices: ANTHROPIC_PRICES,
    aliases: ANTHROPIC_ALIASES,
  },
  {
    vendor: 'Google Gemini',
    source: 'https://ai.google.dev/gemini-api/docs/pricing',
    prices: GEMINI_PRICES,
    aliases: GEMINI_ALIASES,
  },
  {
    vendor: 'Amazon Bedrock',
    source: 'https://aws.amazon.com/bedrock/pricing/',
    prices: BEDROCK_PRICES,
    aliases: BEDROCK_ALIASES,
  },
  { vendor: 'OpenRouter', source: 'https://openrouter.ai/models', prices: OPENROUTER_PRICES, aliases: {} },
  { vendor: 'xAI', source: 'https://docs.x.ai/developers/pricing', prices: XAI_PRICES, aliases: XAI_ALIASES },
  { vendor: 'Mistral', source: 'https://mistral.ai/pricing/api', prices: MISTRAL_PRICES, aliases: MISTRAL_ALIASES },
  {
    vendor: 'DeepSeek',
    source: 'https://api-docs.deepseek.com/quick_start/pricing',
    prices: DEEPSEEK_PRICES,
    aliases: DEEPSEEK_ALIASES,
  },
  { vendor: 'Groq', source: 'https://groq.com/pricing', prices: GROQ_PRICES, aliases: {} },
  { vendor: 'Together', source: 'https://www.together.ai/pricing', prices: TOGETHER_PRICES, aliases: {} },
]

/** The built-in rates. */
export const DEFAULT_PRICES: PriceTable = Object.assign({}, ...VENDOR_PRICES.map(({ prices }) => prices))
