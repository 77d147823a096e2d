import {
  CONFORMANCE_KEY,
  createScenarioFetch,
  describeProvider,
  type ProviderHarness,
} from '@starling/provider/conformance'
import { openScenarioServer } from '@starling/provider-http/conformance'
import { createBedrockProvider } from '../src/index.ts'
import { carriedByConverse, CONVERSE_CODEC } from './support/converse-codec.ts'

const credentials = {
  accessKeyId: CONFORMANCE_KEY,
  secretAccessKey: `secret-${CONFORMANCE_KEY}`,
  sessionToken: `session-${CONFORMANCE_KEY}`,
}

const shared = { carries: carriedByConverse } satisfies Partial<ProviderHarness>

describeProvider({
  ...shared,
  name: 'bedrock over HTTP',
  async open(scenario) {
    const server = await openScenarioServer(scenario, CONVERSE_CODEC)
    return {
      provider: createBedrockProvider({ region: 'us-east-1', baseUrl: server.url, credentials }),
      requests: server.requests,
      openConnections: server.openResponses,
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    }
  },
})

describeProvider({
  ...shared,
  name: 'bedrock over a fetch of its own',
  async open(scenario) {
    const vendor = createScenarioFetch(scenario, CONVERSE_CODEC)
    return {
      provider: createBedrockProvider({ region: 'us-east-1', credentials, fetch: vendor.fetch }),
      requests: vendor.requests,
      openConnections: vendor.openConnections,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }
  },
})

describeProvider({
  ...shared,
  name: 'bedrock with an API key',
  async open(scenario) {
    const vendor = createScenarioFetch(scenario, CONVERSE_CODEC)
    return {
      provider: createBedrockProvider({ region: 'us-east-1', apiKey: CONFORMANCE_KEY, fetch: vendor.fetch }),
      requests: vendor.requests,
      openConnections: vendor.openConnections,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }
  },
})
