import { describeHttpProvider } from '@starling/provider-http/conformance'
import { createAnthropicProvider } from '../src/index.ts'
import { MESSAGES_CODEC } from './support/messages-codec.ts'

describeHttpProvider({
  name: 'anthropic',
  earlyUsage: true,
  codec: MESSAGES_CODEC,
  create: createAnthropicProvider,
  unsupported: {
    'stop-filtered': 'a filtered answer is a refusal here',
    'stop-error': 'an answer that goes wrong ends with an error event',
  },
})
