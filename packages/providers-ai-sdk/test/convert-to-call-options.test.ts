import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import type { ModelRequest } from '@starling/provider'
import { type RequestName, REQUESTS } from '@starling/provider/conformance'
import { describe, expect, test } from 'vitest'
import { convertToCallOptions } from '../src/convert-to-call-options.ts'
import { type AiSdkProviderOptions, createAiSdkProvider } from '../src/index.ts'
import { resolveSettings } from '../src/resolve-settings.ts'
import { collect, createPartsModel, failureOf, FINISH, HELLO } from './support/parts-model.ts'

const SEARCH = { name: 'search', description: 'Searches.', inputSchema: '{"type":"object","properties":{"q":{}}}' }
const SCHEMA = '{"type":"object","properties":{"answer":{"type":"string"}}}'

describe('settings', () => {
  test('the smallest request is a prompt', () => {
    expect(convert({})).toEqual({ prompt: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }] })
  })

  test('every setting has a field of its own', () => {
    const { prompt, ...settings } = convert({
      systemPrompt: 'Be brief.',
      tools: [SEARCH],
      toolChoice: 'any',
      stopSequences: ['END'],
      topK: 17,
      topP: 0.75,
      temperature: 0,
      seed: 0,
      maxOutputTokens: 100,
      reasoningEffort: 'max',
      responseFormat: { type: 'json-schema', name: 'answer', schema: SCHEMA },
    })
    expect(prompt[0]).toEqual({ role: 'system', content: 'Be brief.' })
    expect(settings).toEqual({
      tools: [
        { type: 'function', name: 'search', description: 'Searches.', inputSchema: JSON.parse(SEARCH.inputSchema) },
      ],
      toolChoice: { type: 'required' },
      stopSequences: ['END'],
      topK: 17,
      topP: 0.75,
      temperature: 0,
      seed: 0,
      maxOutputTokens: 100,
      reasoning: 'max',
      responseFormat: { type: 'json', name: 'answer', schema: JSON.parse(SCHEMA) },
    } satisfies Partial<LanguageModelV4CallOptions>)
  })

  test('a setting that asks for nothing is left out', () => {
    expect(Object.keys(convert({ maxOutputTokens: 0, stopSequences: [], toolChoice: '' }))).toEqual(['prompt'])
  })

  test.for([
    ['auto', { type: 'auto' }],
    ['none', { type: 'none' }],
    ['required', { type: 'required' }],
    ['search', { type: 'tool', toolName: 'search' }],
  ] as const)('the tool choice %s', ([toolChoice, expected]) => {
    expect(convert({ tools: [SEARCH], toolChoice }).toolChoice).toEqual(expected)
  })

  test('any JSON at all needs no schema', () => {
    expect(convert({ responseFormat: { type: 'json' } }).responseFormat).toEqual({ type: 'json' })
  })

  test('a tool needs neither a description nor a schema', () => {
    expect(convert({ tools: [{ name: 'now', description: '', inputSchema: ' ' }] }).tools).toEqual([
      { type: 'function', name: 'now', inputSchema: {} },
    ])
  })

  test.for<[string, Partial<ModelRequest>]>([
    ['the tool "lookup", but the request offers "search"', { tools: [SEARCH], toolChoice: 'lookup' }],
    ['the tool "lookup", but the request offers none', { toolChoice: 'lookup' }],
    ['the tool "search"', { tools: [{ ...SEARCH, inputSchema: '{' }] }],
    ['the tool "search"', { tools: [{ ...SEARCH, inputSchema: '[]' }] }],
    ['the response format "a"', { responseFormat: { type: 'json-schema', name: 'a', schema: 'null' } }],
  ])('what cannot be expressed is refused: %s', ([words, request]) => {
    expect(() => convert(request)).toThrow(
      expect.objectContaining({ code: 'PROVIDER_INVALID_OPTIONS', message: expect.stringContaining(words) }),
    )
  })

  test('a request that cannot be expressed sends nothing', async () => {
    const model = createPartsModel([FINISH])
    const provider = createAiSdkProvider({ model })
    const error = await failureOf(provider.stream({ ...HELLO, model: 'other' }))
    expect(error).toMatchObject({ code: 'PROVIDER_INVALID_OPTIONS' })
    expect(model.calls).toEqual([])
  })
})

describe('params', () => {
  test('objects are options under their namespace, numbers are settings', () => {
    const options = convert({ params: { test: { thinking: { budget: 5 } }, presencePenalty: 0.5, temperature: 0.25 } })
    expect(options).toMatchObject({
      providerOptions: { test: { thinking: { budget: 5 } } },
      presencePenalty: 0.5,
      temperature: 0.25,
    })
  })

  test('the namespaces of a model are the words of its name, in both spellings', () => {
    const params = { 'amazon-bedrock': { a: 1 }, amazonBedrock: { b: 2 } }
    const model = createPartsModel([], { provider: 'amazon-bedrock.converse' })
    expect(convert({ params }, { model }).providerOptions).toEqual(params)
  })

  test('further namespaces can be named, or all of them allowed', () => {
    const params = { openai: { user: 'u' } }
    expect(convert({ params }, { optionNamespaces: ['openai'] }).providerOptions).toEqual(params)
    expect(convert({ params }, { optionNamespaces: 'any' }).providerOptions).toEqual(params)
  })

  test.for<[string, Partial<ModelRequest>]>([
    ['params.openai is not a namespace of the model, which are "test", "chat"', { params: { openai: {} } }],
    ['params.logprobs is neither a setting', { params: { logprobs: true } }],
    ['params.maxOutputTokens is neither a setting', { params: { maxOutputTokens: 5 } }],
    ['params.temperature is neither a setting', { params: { temperature: 'hot' } }],
    ['params.temperature is set by the request itself', { temperature: 0.5, params: { temperature: 0.25 } }],
  ])('what the model would not look at is refused: %s', ([words, request]) => {
    expect(() => convert(request)).toThrow(
      expect.objectContaining({ code: 'PROVIDER_INVALID_OPTIONS', message: expect.stringContaining(words) }),
    )
  })
})

describe('cache markers', () => {
  const cacheMarker: AiSdkProviderOptions['cacheMarker'] = (ttl) => ({
    test: { cacheControl: { type: 'ephemeral', ttl } },
  })
  const marked = { providerOptions: { test: { cacheControl: { type: 'ephemeral', ttl: '1h' } } } }
  const request = {
    systemPrompt: 'Be brief.',
    tools: [SEARCH, { ...SEARCH, name: 'lookup' }],
    cache: { tools: true, systemPrompt: true, messages: true, ttl: '1h' },
  } as const

  test('mark the system prompt, the last tool and the last message', () => {
    const { prompt, tools } = convert(request, { cacheMarker })
    expect(prompt).toMatchObject([
      { role: 'system', ...marked },
      { role: 'user', ...marked },
    ])
    expect(tools?.[0]).not.toHaveProperty('providerOptions')
    expect(tools?.[1]).toMatchObject(marked)
  })

  test('are where they are asked for and nowhere else', () => {
    const { prompt, tools } = convert({ ...request, cache: { tools: true } }, { cacheMarker })
    expect(JSON.stringify(prompt)).not.toContain('cacheControl')
    expect(JSON.stringify(tools)).toContain('cacheControl')
    expect(JSON.stringify(convert(request))).not.toContain('cacheControl')
  })
})

test("tools on the vendor's servers are offered beside the tools of the request", () => {
  const webSearch = { id: 'anthropic.web_search_20250305', name: 'web_search', args: { maxUses: 3 } } as const
  const { tools } = convert({ tools: [SEARCH] }, { providerTools: [webSearch] })
  expect(tools).toMatchObject([{ type: 'provider', ...webSearch }, { name: 'search' }])
  expect(convert({ toolChoice: 'web_search' }, { providerTools: [webSearch] }).toolChoice).toEqual({
    type: 'tool',
    toolName: 'web_search',
  })
})

test.for(Object.keys(REQUESTS) as RequestName[])('the call options of the request %s', (name) => {
  const model = createPartsModel([], { modelId: 'marker-model' })
  const options = convertToCallOptions(REQUESTS[name], resolveSettings({ model, env: {} }))
  expect(options satisfies LanguageModelV4CallOptions).toMatchSnapshot()
})

test('a request is never changed', async () => {
  const request: ModelRequest = { ...HELLO, tools: [SEARCH], stopSequences: ['END'], params: { test: { a: [1] } } }
  const before = structuredClone(request)
  await collect(createAiSdkProvider({ model: createPartsModel([FINISH]) }).stream(request))
  expect(request).toEqual(before)
})

function convert(
  request: Partial<ModelRequest>,
  options: Partial<AiSdkProviderOptions> = {},
): LanguageModelV4CallOptions {
  const settings = resolveSettings({ model: createPartsModel([]), includeRawChunks: false, env: {}, ...options })
  return convertToCallOptions({ ...HELLO, ...request }, settings)
}
