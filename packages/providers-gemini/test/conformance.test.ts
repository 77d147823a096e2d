import { describeHttpProvider } from '@starling/provider-http/conformance'
import { createGeminiProvider } from '../src/index.ts'
import { GENERATE_CONTENT_CODEC } from './support/generate-content-codec.ts'

describeHttpProvider({
  name: 'gemini',
  earlyUsage: true,
  codec: GENERATE_CONTENT_CODEC,
  create: createGeminiProvider,
  unsupported: {
    'reasoning-redacted': 'there is no reasoning without its text here',
    'stop-refusal': 'a refusal is a plain STOP here',
    'stop-sequence': 'a stop sequence is a plain STOP here',
    'tool-calls-interleaved': 'every call comes whole here',
    'usage-cache-write': 'what is written to the cache is not counted here',
  },
})
