import { describeProvider } from '@starling/provider/conformance'
import { COMPATIBLE_VENDORS } from '../src/compatible-vendors.ts'
import { createAzureProvider, createCompatibleProvider } from '../src/index.ts'
import { carriedByChat, CHAT_CODEC, EARLY_USAGE_CODEC } from './support/chat-codec.ts'
import { openWith } from './support/scenario-provider.ts'

const CHAT = {
  carries: carriedByChat,
  unsupported: {
    'reasoning-signed': 'Chat Completions has no signatures',
    'reasoning-redacted': 'Chat Completions has no redacted reasoning',
  },
}

for (const vendor of COMPATIBLE_VENDORS) {
  describeProvider({
    ...CHAT,
    name: vendor,
    open: openWith(CHAT_CODEC, (options) => createCompatibleProvider(vendor, options)),
  })
}

describeProvider({ ...CHAT, name: 'azure', open: openWith(CHAT_CODEC, createAzureProvider) })

describeProvider({
  ...CHAT,
  name: 'a server that tells the usage with every chunk',
  earlyUsage: true,
  open: openWith(EARLY_USAGE_CODEC, (options) => createCompatibleProvider('vllm', options)),
})
