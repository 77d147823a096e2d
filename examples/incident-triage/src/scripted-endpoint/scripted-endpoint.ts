import type { CallOptions, ModelChunk, ModelRequest, Provider } from '@starling/provider'
import { createOpenAIProvider } from '@starling/providers-openai'
import { openChatServer } from './chat-server.ts'
import { answer } from './script.ts'

/** Nobody listens there: it fills in the address until a server is open. */
const NOWHERE = 'http://127.0.0.1:9/v1'
const PROVIDER_ID = 'scripted-endpoint'

/**
 * Creates a provider that asks a scripted server over real HTTP, through the adapter for OpenAI.
 *
 * The server lives in this process and as long as a call: nothing is left
 * open, however the run or the process ends.
 */
export function createScriptedEndpoint(): Provider {
  const { info, capabilities } = createAdapter(NOWHERE)
  return { info, capabilities, stream }
}

async function* stream(request: ModelRequest, options?: CallOptions): AsyncGenerator<ModelChunk> {
  await using server = await openChatServer(answer)
  yield* createAdapter(server.baseUrl).stream(request, options)
}

function createAdapter(baseUrl: string): Provider {
  return createOpenAIProvider({ baseUrl, apiKey: null, providerId: PROVIDER_ID, env: {} })
}
