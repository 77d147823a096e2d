import type { PriceTable } from './model-rate.ts'

// Groq and Together serve models of others, under the names that those have elsewhere too, at prices of their own:
// so the key has the provider before it.

/**
 * Groq's rates; batch and flex have others. The vendor's list as of 2026-08-29.
 * The Llama models ended on 2026-08-16 and keep the price that they had.
 */
export const GROQ_PRICES: PriceTable = {
  'groq:openai/gpt-oss-120b': { input: 0.15, output: 0.6, cacheRead: 0.075 },
  'groq:openai/gpt-oss-20b': { input: 0.075, output: 0.3, cacheRead: 0.0375 },
  'groq:openai/gpt-oss-safeguard-20b': { input: 0.075, output: 0.3, cacheRead: 0.037 },
  'groq:qwen/qwen3.8-27b': { input: 0.8, output: 4, cacheRead: 0.4 },
  'groq:qwen/qwen3-32b': { input: 0.29, output: 0.59 },
  'groq:llama-3.3-70b-versatile': { input: 0.59, output: 0.79 },
  'groq:llama-3.1-8b-instant': { input: 0.05, output: 0.08 },
}

/**
 * Together's rates of its serverless models, as far as public readings of its
 * list agree: those of 2026-06 to 2026-09-23. A dedicated endpoint is paid by the hour.
 */
export const TOGETHER_PRICES: PriceTable = {
  'together:deepseek-ai/DeepSeek-V4-Pro-0813': { input: 1.32, output: 3.96, cacheRead: 0.13 },
  'together:deepseek-ai/DeepSeek-V4.1-Flash': { input: 0.3, output: 1.2, cacheRead: 0.006 },
  'together:moonshotai/Kimi-K3': { input: 3, output: 15, cacheRead: 0.3 },
  'together:moonshotai/Kimi-K2.7-Code': { input: 0.95, output: 4, cacheRead: 0.19 },
  'together:moonshotai/Kimi-K2.6': { input: 1.2, output: 4.5, cacheRead: 0.2 },
  'together:zai-org/GLM-5.3': { input: 1.4, output: 4.4, cacheRead: 0.26 },
  'together:zai-org/GLM-5.2': { input: 1.4, output: 4.4, cacheRead: 0.26 },
  'together:nvidia/nemotron-3-ultra-550b-a55b': { input: 0.6, output: 3.6, cacheRead: 0.2 },
  'together:openai/gpt-oss-120b': { input: 0.15, output: 0.6 },
  'together:meta-llama/Llama-3.3-70B-Instruct-Turbo': { input: 0.88, output: 0.88 },
}
