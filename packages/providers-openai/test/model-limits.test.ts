import {
  capabilitiesFor,
  type ModelRequest,
  type Provider,
  type ProviderCapabilities,
  REASONING_EFFORTS,
} from '@starling/provider'
import { collectChunks, collectUntilFailure } from '@starling/provider-http/conformance'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type CompatibleVendor,
  createAzureProvider,
  createCompatibleProvider,
  createOpenAIProvider,
} from '../src/index.ts'
import { createOpenAIResponsesProvider } from '../src/index.ts'
import { COMPATIBLE_VENDORS } from '../src/compatible-vendors.ts'
import { limitByModel } from '../src/model-limits.ts'
import { HELLO, textAnswer } from './support/chunks.ts'

const unsent = { apiKey: null, env: {}, fetch: () => expect.fail('sent') } as const
const OPENAI = createOpenAIProvider({ ...unsent, baseUrl: 'https://openai.test/v1' })
const RESPONSES = createOpenAIResponsesProvider({ ...unsent, baseUrl: 'https://openai.test/v1' })

describe('what a model of OpenAI cannot do', () => {
  const old = 'jsonFormat schemaFormat images files reasoning reasoningEffort'
  const blind = 'schemaFormat images files reasoning reasoningEffort'
  const plain = 'reasoning reasoningEffort'
  const sampling = 'temperature topP'

  test.each([
    ['gpt-4', old],
    ['gpt-4-0613', old],
    ['gpt-4-32k', old],
    ['gpt-3.5-turbo-0613', old],
    ['gpt-3.5-turbo-16k-0613', old],
    ['ft:gpt-3.5-turbo-0613:acme::abc', old],
    ['gpt-3.5-turbo', blind],
    ['gpt-3.5-turbo-0125', blind],
    ['ft:gpt-3.5-turbo-0125:acme::abc', blind],
    ['gpt-4-1106-preview', blind],
    ['gpt-4-turbo-preview', blind],
    ['gpt-4-turbo', `schemaFormat ${plain}`],
    ['gpt-4-turbo-2024-04-09', `schemaFormat ${plain}`],
    ['gpt-4o-2024-05-13', `schemaFormat ${plain}`],
    ['chatgpt-4o-latest', `schemaFormat tools toolChoice parallelToolCalls ${plain}`],
    ['gpt-4o', plain],
    ['gpt-4o-mini-2024-07-18', plain],
    ['gpt-4.1-nano', plain],
    ['ft:gpt-4o-2024-08-06:acme::abc', plain],
    ['gpt-5-chat-latest', plain],
    ['o1', `parallelToolCalls ${sampling}`],
    ['o3-mini', `parallelToolCalls images files ${sampling}`],
    ['o3', `parallelToolCalls stopSequences ${sampling}`],
    ['o4-mini-2025-04-16', `parallelToolCalls stopSequences ${sampling}`],
    ['gpt-5', `stopSequences ${sampling}`],
    ['gpt-5-nano-2025-08-07', `stopSequences ${sampling}`],
    ['gpt-5.4', 'stopSequences'],
    ['gpt-5.3-chat-latest', ''],
    ['gpt-6.1-sol', ''],
    ['openai/gpt-oss-120b', ''],
    ['a-model-of-the-future', ''],
    ['', ''],
  ])('%s: %s', (model, expected) => {
    expect(lacking(OPENAI, model)).toEqual(words(expected))
  })

  test('is refused before anything is sent, in words that name the model', async () => {
    for (const provider of [OPENAI, RESPONSES]) {
      const asked = await collectUntilFailure(
        provider.stream({
          ...HELLO,
          model: 'gpt-4-turbo',
          responseFormat: { type: 'json-schema', name: 'a', schema: '{}' },
        }),
      )
      expect(asked.error).toMatchObject({
        code: 'PROVIDER_INVALID_OPTIONS',
        message: expect.stringMatching(/"openai.*gpt-4-turbo.* cannot do a responseFormat of the type json-schema$/),
      })
      const { error } = await collectUntilFailure(provider.stream({ ...HELLO, model: 'o3', temperature: 0 }))
      expect(error).toMatchObject({ message: expect.stringMatching(/"openai.*o3.* cannot do temperature$/) })
    }
  })

  test('the Responses API cannot make it do', () => {
    expect(lacking(RESPONSES, 'gpt-4-turbo')).toEqual(words('schemaFormat reasoning reasoningEffort'))
    expect(lacking(RESPONSES, 'o3')).toEqual(words('parallelToolCalls temperature topP'))
    expect(lacking(RESPONSES, 'gpt-5.4')).toEqual([])
  })

  test('Azure cannot tell from the name of a deployment', () => {
    for (const api of ['chat', 'responses'] as const) {
      const azure = createAzureProvider({ ...unsent, resource: 'acme', api })
      expect(capabilitiesFor(azure, 'gpt-4')).toEqual(azure.capabilities)
    }
  })
})

describe('what a model of a compatible vendor cannot do', () => {
  const plain = 'reasoning reasoningEffort'

  test.each<[CompatibleVendor, string, string]>([
    ['groq', 'llama-3.3-70b-versatile', `images ${plain}`],
    ['groq', 'moonshotai/kimi-k2-instruct-0905', `images ${plain}`],
    ['groq', 'meta-llama/llama-4-scout-17b-16e-instruct', plain],
    ['groq', 'openai/gpt-oss-120b', 'images'],
    ['groq', 'qwen/qwen3-32b', 'images'],
    ['groq', 'qwen/qwen3.8-27b', ''],
    ['mistral', 'open-codestral-mamba', `schemaFormat images ${plain}`],
    ['mistral', 'codestral-latest', `images ${plain}`],
    ['mistral', 'magistral-medium-latest', 'reasoningEffort'],
    ['mistral', 'mistral-small-2506', plain],
    ['mistral', 'mistral-medium-2508', plain],
    ['mistral', 'mistral-small-latest', ''],
    ['mistral', 'mistral-medium-3-5', ''],
    ['xai', 'grok-2-1212', plain],
    ['xai', 'grok-3', `images ${plain}`],
    ['xai', 'grok-3-mini', 'stopSequences images'],
    ['xai', 'grok-4', 'reasoningEffort stopSequences'],
    ['xai', 'grok-4-0709', 'reasoningEffort stopSequences'],
    ['xai', 'grok-4.20-0309-reasoning', 'reasoningEffort stopSequences'],
    ['xai', 'grok-4.20-0309-non-reasoning', plain],
    ['xai', 'grok-4-1-fast-non-reasoning', plain],
    ['xai', 'grok-code-fast-1', 'reasoningEffort stopSequences'],
    ['xai', 'grok-4.3', 'stopSequences'],
    ['xai', 'grok-7', ''],
  ])('%s: %s: %s', (vendor, model, expected) => {
    expect(lacking(createCompatibleProvider(vendor, unsent), model)).toEqual(words(expected))
  })

  test('may be JSON beside tools', () => {
    const excludes = (vendor: CompatibleVendor, model: string): boolean =>
      capabilitiesFor(createCompatibleProvider(vendor, unsent), model).formatExcludesTools === true
    expect(['grok-2-1212', 'grok-3', 'grok-4'].map((model) => excludes('xai', model))).toEqual([true, true, false])
    expect(excludes('groq', 'openai/gpt-oss-120b')).toBe(true)
    expect(excludes('mistral', 'codestral-latest')).toBe(false)
  })

  test.each(COMPATIBLE_VENDORS)('is nothing for a name that %s has never had', (vendor) => {
    const provider = createCompatibleProvider(vendor, unsent)
    expect(capabilitiesFor(provider, 'a-model-of-the-future')).toEqual(provider.capabilities)
  })
})

describe('a reasoning effort', () => {
  const providers = {
    chat: OPENAI,
    responses: RESPONSES,
    groq: createCompatibleProvider('groq', unsent),
    xai: createCompatibleProvider('xai', unsent),
  }

  test.each<[keyof typeof providers, string, string]>([
    ['chat', 'o3', 'low medium high'],
    ['chat', 'o3-mini', 'low medium high'],
    ['chat', 'o1', 'low medium high'],
    ['responses', 'o4-mini', 'low medium high'],
    ['chat', 'gpt-5', 'minimal low medium high'],
    ['responses', 'gpt-5-nano', 'minimal low medium high'],
    ['chat', 'gpt-5.1', 'none low medium high'],
    ['responses', 'gpt-5.4-mini', 'none low medium high'],
    ['groq', 'openai/gpt-oss-20b', 'low medium high'],
    ['groq', 'qwen/qwen3-32b', 'none'],
    ['xai', 'grok-3-mini', 'low high'],
  ])('that a model does not know is refused before anything is sent: %s: %s: %s', async (name, model, known) => {
    for (const effort of REASONING_EFFORTS.filter((one) => !known.split(' ').includes(one))) {
      const { error } = await collectUntilFailure(providers[name].stream({ ...HELLO, model, reasoningEffort: effort }))
      expect(error).toMatchObject({
        code: 'PROVIDER_INVALID_OPTIONS',
        message: `the model "${model}" has no reasoningEffort "${effort}": it knows ${known.replaceAll(' ', ', ')}`,
      })
    }
  })

  test.each(['o3', 'gpt-5', 'gpt-5.1', 'gpt-5.4', 'gpt-6.1-sol', 'a-model-of-the-future'])(
    'that a model knows is sent: %s',
    async (model) => {
      expect(await bodyOf({ ...HELLO, model, reasoningEffort: 'high' })).toMatchObject({ reasoning_effort: 'high' })
    },
  )

  test.each(['none', 'minimal', 'max'] as const)(
    'of a model that is not in the list is sent as it is: %s',
    async (effort) => {
      expect(await bodyOf({ ...HELLO, reasoningEffort: effort })).toMatchObject({ reasoning_effort: effort })
    },
  )
})

test('a setting that only other models lack is sent', async () => {
  const request: ModelRequest = { ...HELLO, model: 'gpt-4o', temperature: 0, stopSequences: ['END'] }
  expect(await bodyOf(request)).toMatchObject({ model: 'gpt-4o', temperature: 0, stop: 'END' })
})

test('no model can do more than its provider', () => {
  const names = fc.oneof(fc.string(), fc.stringMatching(/^(ft:)?(gpt-|o|grok-|mistral-|llama-)[0-9a-z.-]{0,12}$/))
  const providers = [OPENAI, RESPONSES, ...COMPATIBLE_VENDORS.map((vendor) => createCompatibleProvider(vendor, unsent))]
  fc.assert(
    fc.property(names, fc.constantFrom(...providers), (model, provider) => {
      const { formatExcludesTools: _, ...able } = capabilitiesFor(provider, model)
      expect(provider.capabilities).toMatchObject(able)
    }),
  )
})

test('the first family that has a name counts', () => {
  const all: ProviderCapabilities = { tools: true, images: true }
  const capabilitiesOf = limitByModel(all, [
    { models: /^a-b/, lacks: ['images'] },
    { models: /^a/, lacks: ['tools'], formatExcludesTools: true },
  ])
  expect(capabilitiesOf('a-b-c')).toEqual({ tools: true })
  expect(capabilitiesOf('a')).toEqual({ images: true, formatExcludesTools: true })
  expect(capabilitiesOf('b')).toBe(all)
})

/** What is sent to OpenAI. */
async function bodyOf(request: ModelRequest): Promise<unknown> {
  const bodies: unknown[] = []
  const provider = createOpenAIProvider({
    ...unsent,
    baseUrl: 'https://openai.test/v1',
    async fetch(input, init) {
      bodies.push(await new Request(input, init).json())
      return new Response(textAnswer('x'), { headers: { 'content-type': 'text/event-stream' } })
    },
  })
  await collectChunks(provider.stream(request))
  return bodies[0]
}

/** What the provider can do, and this model of it cannot. */
function lacking(provider: Provider, model: string): string[] {
  const able = new Set(Object.keys(capabilitiesFor(provider, model)))
  return Object.keys(provider.capabilities)
    .filter((name) => !able.has(name))
    .toSorted()
}

function words(text: string): string[] {
  return text
    .split(' ')
    .filter((word) => word !== '')
    .toSorted()
}
