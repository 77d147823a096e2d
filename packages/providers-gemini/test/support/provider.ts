import { checkChunks, type ModelChunk, type ModelRequest, type Provider } from '@starling/provider'
import { collectChunks, createFakeVendor, withUsageLast } from '@starling/provider-http/conformance'
import { readFileSync } from 'node:fs'
import { createGeminiProvider, type GeminiProviderOptions } from '../../src/index.ts'

/** The smallest request, to a model of today. */
export const HELLO: ModelRequest = {
  model: 'gemini-3.8-flash',
  systemPrompt: '',
  messages: [{ role: 'user', content: 'hi' }],
  tools: [],
}

/** A provider with a key, without an environment, whose own call ids are `generated-1` and so on. */
export function providerFor(options: GeminiProviderOptions): Provider {
  let count = 0
  const generateCallId = (): string => `generated-${(count += 1)}`
  return createGeminiProvider({
    baseUrl: 'http://vendor.test',
    apiKey: 'test-key',
    env: {},
    generateCallId,
    ...options,
  })
}

/** A transcript in the vendor's wire format, with its line ends, which a checkout of the file does not keep. */
export function fixture(name: string): string {
  return readFileSync(new URL(`../fixtures/${name}.sse`, import.meta.url), 'utf8').replace(/\r?\n/g, '\r\n')
}

/** Reads what a provider makes of recorded streams, and checks the order of the chunks; of the usage the last one counts. */
export async function chunksOf(answers: readonly string[], request: ModelRequest = HELLO): Promise<ModelChunk[]> {
  const provider = providerFor({ fetch: createFakeVendor(...answers).fetch })
  return withUsageLast(await collectChunks(checkChunks(provider.stream(request))))
}

/** The body of the request that `request` goes out as. */
export async function bodyOf(request: Partial<ModelRequest>, options: GeminiProviderOptions = {}): Promise<string> {
  const vendor = createFakeVendor(fixture('grounding'))
  await collectChunks(providerFor({ ...options, fetch: vendor.fetch }).stream({ ...HELLO, ...request }))
  return vendor.bodies[0] ?? ''
}
