import type { LanguageModelV2, LanguageModelV3, LanguageModelV4 } from '@ai-sdk/provider'
import { capabilitiesFor } from '@starling/provider'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { type AiSdkLanguageModel, type AiSdkProviderOptions, createAiSdkProvider } from '../src/index.ts'
import { createPartsModel, failureOf, FINISH, HELLO } from './support/parts-model.ts'

test('a model of every version is one of ours', () => {
  expectTypeOf<LanguageModelV4>().toExtend<AiSdkLanguageModel>()
  expectTypeOf<LanguageModelV3>().toExtend<AiSdkLanguageModel>()
  expectTypeOf<LanguageModelV2>().toExtend<AiSdkLanguageModel>()
})

describe('the name of a provider', () => {
  test("is the model's own and the version of the specification", () => {
    const { info } = createAiSdkProvider({ model: createPartsModel([]) })
    expect(info).toEqual({ id: 'test.chat', apiVersion: 'v4' })
  })

  test('can be another one', () => {
    const { info } = createAiSdkProvider({ model: createPartsModel([]), providerId: 'mine', apiVersion: '2026-11' })
    expect(info).toEqual({ id: 'mine', apiVersion: '2026-11' })
  })
})

describe('capabilities', () => {
  test('are what the specification can say', () => {
    expect(createAiSdkProvider({ model: createPartsModel([]) }).capabilities).toEqual({
      tools: true,
      toolChoice: true,
      reasoning: true,
      stopSequences: true,
      requestId: true,
      maxOutputTokens: true,
      temperature: true,
      topP: true,
      topK: true,
      seed: true,
      jsonFormat: true,
      schemaFormat: true,
      images: true,
      files: true,
      toolAttachments: true,
      opaqueParts: true,
      citations: true,
      reasoningEffort: true,
      cacheControl: false,
    })
  })

  test('are fewer where the model can do less: refused before anything is sent', async () => {
    const model = createPartsModel([FINISH])
    const provider = createAiSdkProvider({ model, unsupported: ['topK', 'tools'] })
    expect(provider.capabilities).toMatchObject({ topK: false, tools: false, topP: true })
    expect(await failureOf(provider.stream({ ...HELLO, topK: 5 }))).toMatchObject({
      code: 'PROVIDER_INVALID_OPTIONS',
      message: 'the provider "test.chat" cannot do topK',
    })
    expect(model.calls).toEqual([])
  })

  test('are those of one model: another one is refused as soon as anybody asks about it', async () => {
    const model = createPartsModel([FINISH])
    const provider = createAiSdkProvider({ model, providerId: 'mine' })
    expect(capabilitiesFor(provider, 'test-model')).toEqual(provider.capabilities)
    const refusal = {
      code: 'PROVIDER_INVALID_OPTIONS',
      message:
        'the provider "mine" is bound to the model "test-model" and cannot be asked for "another-model": name the same model in both places',
    }
    expect(() => capabilitiesFor(provider, 'another-model')).toThrow(expect.objectContaining(refusal))
    expect(await failureOf(provider.stream({ ...HELLO, model: 'another-model' }))).toMatchObject(refusal)
    expect(model.calls).toEqual([])
  })

  test('hold cache control once there is a marker for it', () => {
    const provider = createAiSdkProvider({ model: createPartsModel([]), cacheMarker: () => ({}) })
    expect(provider.capabilities.cacheControl).toBe(true)
  })
})

describe('options that cannot be used', () => {
  test.for<[string, unknown]>([
    ['its specificationVersion is "v1", expected v4, v3, v2', { model: { specificationVersion: 'v1' } }],
    ['its specificationVersion is "openai/gpt-5"', { model: 'openai/gpt-5' }],
    ['its specificationVersion is undefined', { model: {} }],
    ['its specificationVersion is undefined', {}],
    ['unknown option "onWarnings": did you mean "onWarning"?', { onWarnings: 1 }],
    ['timeouts.firstChunkMs is -1', { model: createPartsModel([]), timeouts: { firstChunkMs: -1 } }],
    ['timeouts.betweenChunksMs is 0.5', { model: createPartsModel([]), timeouts: { betweenChunksMs: 0.5 } }],
  ])('%s', ([words, options]) => {
    expect(() => createAiSdkProvider(options as AiSdkProviderOptions)).toThrow(
      expect.objectContaining({ code: 'PROVIDER_INVALID_OPTIONS', message: expect.stringContaining(words) }),
    )
  })
})

describe('secrets', () => {
  const failing = createPartsModel([{ type: 'error', error: { message: 'the key is key-from-somewhere' } }])

  test.for<[string, Partial<AiSdkProviderOptions>]>([
    ['named', { secrets: ['key-from-somewhere'], env: {} }],
    ['in a variable that is named like a key', { env: { TEST_API_KEY: 'key-from-somewhere' } }],
    ['in a variable that is named like a token', { env: { AWS_SESSION_TOKEN: 'key-from-somewhere' } }],
  ])('%s are taken out of errors', async ([, options]) => {
    const error = await failureOf(createAiSdkProvider({ model: failing, ...options }).stream(HELLO))
    expect(error).toMatchObject({ message: expect.stringContaining('the key is [redacted]') })
  })

  test('other variables are no secrets', async () => {
    const error = await failureOf(
      createAiSdkProvider({ model: failing, env: { TEST_HOST: 'key-from-somewhere' } }).stream(HELLO),
    )
    expect(error).toMatchObject({ message: expect.stringContaining('key-from-somewhere') })
  })
})
