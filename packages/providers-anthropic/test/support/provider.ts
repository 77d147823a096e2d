import { checkChunks, type ModelChunk, type ModelRequest, type Provider } from '@starling/provider'
import { collectChunks, createFakeVendor, withUsageLast } from '@starling/provider-http/conformance'
import { readFileSync } from 'node:fs'
import { type AnthropicProviderOptions, createAnthropicProvider } from '../../src/index.ts'

/** The smallest request, to a model of today. */
export const HELLO: ModelRequest = {
  model: 'claude-opus-5',
  systemPrompt: '',
  messages: [{ role: 'user', content: 'hi' }],
  tools: [],
}

/** A provider with a key and without an environment. */
export function providerFor(options: AnthropicProviderOptions): Provider {
  return createAnthropicProvider({ baseUrl: 'http://vendor.test', apiKey: 'test-key', env: {}, ...options })
}

/** A recorded stream. */
export function fixture(name: string): string {
  return readFileSync(new URL(`../fixtures/${name}.sse`, import.meta.url), 'utf8')
}

/** Reads what a provider makes of recorded streams, and checks the order of the chunks; of the usage the last one counts. */
export async function chunksOf(answers: readonly string[], request: ModelRequest = HELLO): Promise<ModelChunk[]> {
  const provider = providerFor({ fetch: createFakeVendor(...answers).fetch })
  return withUsageLast(await collectChunks(checkChunks(provider.stream(request))))
}
