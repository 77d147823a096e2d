import type { PriceTable } from './model-rate.ts'
import { withLongPrompts } from './scale-rate.ts'

const CLAUDE_FAST = { input: 10, output: 50, cacheRead: 1, cacheWrite: 12.5, cacheWriteLong: 20 }

/**
 * OpenRouter's rates for models that no other part of the table has; those of
 * OpenAI, Anthropic, Google, xAI and Mistral cost there what their vendors
 * charge, but for those listed here too.
 *
 * Many endpoints serve an open model, each at its own price: these are the
 * ones that OpenRouter lists, which the endpoint that answers may differ from.
 * The list of 2026-09-23.
 */
export const OPENROUTER_PRICES: PriceTable = {
  // Reading a cache costs less than at xAI.
  'x-ai/grok-4.5': withLongPrompts({ input: 2, output: 6, cacheRead: 0.3 }, 200_000, { input: 2, output: 2 }),
  // Half of what OpenAI itself charges.
  'openai/gpt-5.6-sol': withLongPrompts({ input: 2, output: 10, cacheRead: 0.2, cacheWrite: 2.5 }, 272_000, {
    input: 2,
    output: 1.5,
  }),
  'anthropic/claude-opus-5-fast': CLAUDE_FAST,
  'anthropic/claude-opus-4.8-fast': CLAUDE_FAST,
  'deepseek/deepseek-v4-pro': { input: 0.435, output: 0.87, cacheRead: 0.003625 },
  'deepseek/deepseek-v4-flash': { input: 0.0983, output: 0.1966, cacheRead: 0.0197 },
  'deepseek/deepseek-v3.2': { input: 0.2288, output: 0.3432 },
  'deepseek/deepseek-v3.1-terminus': { input: 0.23, output: 0.9 },
  'deepseek/deepseek-chat-v3.1': { input: 0.21, output: 0.79, cacheRead: 0.13 },
  'deepseek/deepseek-r1-0528': { input: 0.5, output: 2.15 },
  'deepseek/deepseek-r1': { input: 0.45, output: 2.15 },
  'moonshotai/kimi-k3': { input: 3, output: 15, cacheRead: 0.3 },
  'moonshotai/kimi-k2.7-code': { input: 0.75, output: 3.5, cacheRead: 0.16 },
  'moonshotai/kimi-k2.6': { input: 0.68, output: 3.41, cacheRead: 0.34 },
  'moonshotai/kimi-k2.5': { input: 0.4, output: 1.9, cacheRead: 0.09 },
  'moonshotai/kimi-k2-thinking': { input: 0.6, output: 2.5 },
  'z-ai/glm-5.3': { input: 1.4, output: 4.4, cacheRead: 0.26 },
  'z-ai/glm-5.3-flash': { input: 0.075, output: 0.25, cacheRead: 0.015 },
  'z-ai/glm-5.2': { input: 1.4, output: 4.4, cacheRead: 0.26 },
  'z-ai/glm-5.1': { input: 0.98, output: 3.08, cacheRead: 0.182 },
  'z-ai/glm-5': { input: 0.6, output: 1.92, cacheRead: 0.12 },
  'z-ai/glm-4.7': { input: 0.4, output: 1.75, cacheRead: 0.08 },
  'z-ai/glm-4.6': { input: 0.43, output: 1.74, cacheRead: 0.08 },
  'minimax/minimax-m3': { input: 0.3, output: 1.2, cacheRead: 0.06 },
  'minimax/minimax-m2.7': { input: 0.27, output: 1.08, cacheRead: 0.054 },
  'minimax/minimax-m2.5': { input: 0.15, output: 0.9, cacheRead: 0.05 },
  'qwen/qwen3.7-max': { input: 1.25, output: 3.75, cacheRead: 0.25, cacheWrite: 1.5625 },
  'qwen/qwen3.7-plus': { input: 0.4, output: 1.6, cacheRead: 0.08, cacheWrite: 0.5 },
  'qwen/qwen3.6-plus': { input: 0.325, output: 1.95, cacheWrite: 0.40625 },
  'qwen/qwen3.6-flash': { input: 0.1875, output: 1.125, cacheWrite: 0.234375 },
  'qwen/qwen3.5-397b-a17b': { input: 0.39, output: 2.34 },
  'qwen/qwen3-max': { input: 1.2, output: 6 },
  'qwen/qwen3-coder': { input: 0.22, output: 1.8 },
  'qwen/qwen3-coder-plus': { input: 0.65, output: 3.25, cacheRead: 0.13, cacheWrite: 0.8125 },
  'qwen/qwen3-235b-a22b': { input: 0.13, output: 0.6 },
  'mistralai/mistral-medium-3-5': { input: 1.5, output: 7.5 },
  'mistralai/mistral-medium-3.1': { input: 0.4, output: 2, cacheRead: 0.04 },
  'meta-llama/llama-4-maverick': { input: 0.15, output: 0.6 },
  'meta-llama/llama-4-scout': { input: 0.08, output: 0.3 },
  'meta-llama/llama-3.3-70b-instruct': { input: 0.05, output: 0.24 },
  'openai/gpt-oss-120b': { input: 0.039, output: 0.18 },
  'openai/gpt-oss-20b': { input: 0.029, output: 0.14 },
  'google/gemma-4-31b-it': { input: 0.09, output: 0.34, cacheRead: 0.05 },
  'google/gemma-3-27b-it': { input: 0.1, output: 0.2 },
  'nvidia/nemotron-3-ultra-550b-a55b': { input: 0.5, output: 2.5, cacheRead: 0.15 },
  'nvidia/nemotron-3-super-120b-a12b': { input: 0.09, output: 0.45 },
  'xiaomi/mimo-v2.5-pro': { input: 0.435, output: 0.87, cacheRead: 0.0036 },
  'cohere/command-a': { input: 2.5, output: 10 },
}
