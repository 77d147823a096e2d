import { createAnthropic } from '@ai-sdk/anthropic'
import { createGoogle } from '@ai-sdk/google'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { openScenarioServer } from '@starling/provider-http/conformance'
import {
  CONFORMANCE_KEY,
  type ConformanceScenario,
  createScenarioFetch,
  describeProvider,
  type OpenedScenario,
  type ProviderHarness,
  type WireCodec,
} from '@starling/provider/conformance'
import { createAnthropic as createAnthropicV3 } from 'ai-sdk-anthropic-v3'
import { type AiSdkLanguageModel, type AiSdkProviderOptions, createAiSdkProvider } from '../src/index.ts'
import { carriedByChat, CHAT_CODEC } from './support/chat-codec.ts'
import { carriedByMessages, MESSAGES_CODEC } from './support/messages-codec.ts'
import { carriedByGemini, GEMINI_CODEC } from './support/gemini-codec.ts'
import {
  carriedByModel,
  carriedByModelV2,
  createScenarioModelV2,
  createScenarioModelV3,
  createScenarioModelV4,
  type ScenarioModel,
} from './support/scenario-model.ts'

describeProvider({
  name: 'a model of version 4',
  carries: carriedByModel,
  open: (scenario) => openModel(createScenarioModelV4(scenario)),
})

describeProvider({
  name: 'a model of version 3',
  carries: carriedByModel,
  open: (scenario) => openModel(createScenarioModelV3(scenario)),
})

describeProvider({
  name: 'a model of version 2',
  carries: carriedByModelV2,
  unsupported: { 'usage-cache-write': 'version 2 has no such count' },
  open: (scenario) => openModel(createScenarioModelV2(scenario)),
})

/** A package of the catalogue: its model behind a server that speaks its protocol. */
interface CatalogueMember extends Pick<ProviderHarness, 'name' | 'carries' | 'unsupported' | 'earlyUsage'> {
  readonly codec: WireCodec
  readonly cannot: AiSdkProviderOptions['unsupported']
  /** Whether it is put through the suite over a real connection too. */
  readonly isOverHttp: boolean
  model(baseURL: string, fetch?: typeof globalThis.fetch): AiSdkLanguageModel
}

const CATALOGUE: readonly CatalogueMember[] = [
  {
    name: '@ai-sdk/openai-compatible',
    isOverHttp: true,
    codec: CHAT_CODEC,
    carries: carriedByChat,
    unsupported: {
      'reasoning-signed': 'Chat Completions has no signatures',
      'reasoning-redacted': 'Chat Completions has no redacted reasoning',
      'usage-cache-write': 'the package does not read this count',
    },
    cannot: ['topK'],
    model: (baseURL, fetch) =>
      createOpenAICompatible({
        name: 'scenario',
        baseURL,
        apiKey: CONFORMANCE_KEY,
        includeUsage: true,
        supportsStructuredOutputs: true,
        supportsMultiPartToolContent: true,
        ...(fetch !== undefined && { fetch }),
      }).chatModel('marker-model'),
  },
  {
    name: '@ai-sdk/anthropic',
    isOverHttp: true,
    codec: MESSAGES_CODEC,
    earlyUsage: true,
    carries: carriedByMessages,
    cannot: ['seed', 'jsonFormat'],
    model: (baseURL, fetch) =>
      createAnthropic({ baseURL, apiKey: CONFORMANCE_KEY, ...(fetch !== undefined && { fetch }) })('marker-model'),
  },
  {
    name: '@ai-sdk/anthropic of version 3',
    isOverHttp: false,
    codec: MESSAGES_CODEC,
    earlyUsage: true,
    carries: carriedByMessages,
    cannot: ['seed', 'jsonFormat'],
    model: (baseURL, fetch) =>
      createAnthropicV3({ baseURL, apiKey: CONFORMANCE_KEY, ...(fetch !== undefined && { fetch }) })('marker-model'),
  },
  {
    name: '@ai-sdk/google',
    isOverHttp: true,
    codec: GEMINI_CODEC,
    earlyUsage: true,
    carries: carriedByGemini,
    unsupported: {
      'reasoning-redacted': 'Gemini has no redacted reasoning',
      'usage-cache-write': 'Gemini reports no such count',
    },
    cannot: [],
    model: (baseURL, fetch) =>
      createGoogle({ baseURL, apiKey: CONFORMANCE_KEY, ...(fetch !== undefined && { fetch }) })('marker-model'),
  },
]

for (const { name, codec, cannot, model, isOverHttp, ...rest } of CATALOGUE) {
  if (isOverHttp)
    describeProvider({
      ...rest,
      name: `${name} over HTTP`,
      async open(scenario) {
        const server = await openScenarioServer(scenario, codec)
        return {
          provider: createAiSdkProvider({
            model: model(`${server.url}/v1`),
            unsupported: cannot,
            secrets: [CONFORMANCE_KEY],
          }),
          requests: server.requests,
          openConnections: server.openResponses,
          [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
        }
      },
    })

  describeProvider({
    ...rest,
    name: `${name} over a fetch of its own`,
    open(scenario: ConformanceScenario) {
      const vendor = createScenarioFetch(scenario, codec)
      return Promise.resolve({
        provider: createAiSdkProvider({
          model: model('http://vendor.test/v1', vendor.fetch),
          unsupported: cannot,
          secrets: [CONFORMANCE_KEY],
        }),
        requests: vendor.requests,
        openConnections: vendor.openConnections,
        [Symbol.asyncDispose]: () => Promise.resolve(),
      })
    },
  })
}

function openModel(scenario: ScenarioModel<AiSdkLanguageModel>): Promise<OpenedScenario> {
  return Promise.resolve({
    provider: createAiSdkProvider({ model: scenario.model, env: { SCRIPTED_API_KEY: CONFORMANCE_KEY } }),
    requests: scenario.requests,
    openConnections: scenario.openStreams,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  })
}
