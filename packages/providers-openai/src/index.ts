export { createOpenAIProvider } from './openai-provider.ts'
export type { OpenAIProviderOptions, OpenAITimeouts } from './openai-provider-options.ts'
