import type { ModelRequest, Provider, ProviderCapabilities } from '@starling/provider'
import type { HttpProviderOptions } from '@starling/provider-http'
import { collectChunks, collectUntilFailure } from '@starling/provider-http/conformance'
import { describe, expect, test } from 'vitest'
import { COMPATIBLE_ENDPOINTS, COMPATIBLE_VENDORS, type CompatibleVendor } from '../src/compatible-vendors.ts'
import { createAzureProvider, createCompatibleProvider } from '../src/index.ts'
import { deltaEvent, HELLO, sse, textAnswer } from './support/chunks.ts'

const HOSTED = ['groq', 'deepseek', 'together', 'mistral', 'xai'] as const
const LOCAL = ['ollama', 'vllm', 'lmstudio'] as const

const KEY_VARIABLE = {
  groq: 'GROQ_API_KEY',
  deepseek: 'DEEPSEEK_API_KEY',
  together: 'TOGETHER_API_KEY',
  mistral: 'MISTRAL_API_KEY',
  xai: 'XAI_API_KEY',
} as const

// A key for everybody: each must only ever see its own.
const ALL_KEYS = {
  ...Object.fromEntries(Object.values(KEY_VARIABLE).map((name) => [name, `the-value-of-${name}`])),
  OPENAI_API_KEY: 'sk-of-openai',
  OPENAI_BASE_URL: 'https://openai.test/v1',
  OLLAMA_API_KEY: 'of-a-cloud',
}

describe('what a preset asks for everything it can', () => {
  test.each(COMPATIBLE_VENDORS)('%s', async (vendor) => {
    const { text } = await ask((options) => createCompatibleProvider(vendor, options))
    await expect(text).toMatchFileSnapshot(`./fixtures/presets/${vendor}.http`)
  })

  test('azure', async () => {
    const env = { AZURE_OPENAI_API_KEY: 'azure-key' }
    const { text } = await ask((options) => createAzureProvider({ ...options, resource: 'acme', env }))
    await expect(text).toMatchFileSnapshot('./fixtures/presets/azure.http')
  })

  test('azure with a dated version', async () => {
    const env = { AZURE_OPENAI_API_KEY: 'azure-key' }
    const { text } = await ask((options) =>
      createAzureProvider({ ...options, resource: 'acme', datedVersion: '2024-10-21', env }),
    )
    await expect(text).toMatchFileSnapshot('./fixtures/presets/azure-dated.http')
  })
})

describe('the key', () => {
  test.each(HOSTED)('of %s is its own', async (vendor) => {
    const { headers } = await ask((options) => createCompatibleProvider(vendor, options))
    expect(headers.get('authorization')).toBe(`Bearer the-value-of-${KEY_VARIABLE[vendor]}`)
  })

  test.each(HOSTED)('of %s is missed when the provider is made', (vendor) => {
    const env = { ...ALL_KEYS, [KEY_VARIABLE[vendor]]: '' }
    expect(() => createCompatibleProvider(vendor, { env })).toThrow(
      expect.objectContaining({ code: 'PROVIDER_AUTH', message: expect.stringContaining(KEY_VARIABLE[vendor]) }),
    )
  })

  test.each(COMPATIBLE_VENDORS)('of %s does not go to another endpoint unasked', async (vendor) => {
    const { headers } = await ask((options) =>
      createCompatibleProvider(vendor, { ...options, baseUrl: 'https://proxy.test/v1' }),
    )
    expect(headers.get('authorization')).toBeNull()
  })

  test.each(LOCAL)('of a server of one’s own is none: %s', async (vendor) => {
    const none = await ask((options) => createCompatibleProvider(vendor, options))
    expect(none.headers.get('authorization')).toBeNull()
    const given = await ask((options) => createCompatibleProvider(vendor, { ...options, apiKey: 'mine' }))
    expect(given.headers.get('authorization')).toBe('Bearer mine')
  })

  test('of Azure goes where Azure wants it, or as a token where it is one', async () => {
    const key = await ask((options) => createAzureProvider({ ...options, resource: 'acme', apiKey: 'azure-key' }))
    expect([key.headers.get('api-key'), key.headers.get('authorization')]).toEqual(['azure-key', null])
    const apiKey = (): Promise<string> => Promise.resolve('entra-token')
    const token = await ask((options) =>
      createAzureProvider({ ...options, resource: 'acme', apiKey, keyHeader: 'authorization' }),
    )
    expect([token.headers.get('api-key'), token.headers.get('authorization')]).toEqual([null, 'Bearer entra-token'])
  })
})

describe('what a vendor does not know', () => {
  const settings: readonly (readonly [keyof ProviderCapabilities, Partial<ModelRequest>])[] = [
    ['toolChoice', { toolChoice: 'any' }],
    ['topK', { topK: 3 }],
    ['seed', { seed: 3 }],
    ['reasoningEffort', { reasoningEffort: 'low' }],
    ['jsonFormat', { responseFormat: { type: 'json' } }],
    ['schemaFormat', { responseFormat: { type: 'json-schema', name: 'a', schema: '{}' } }],
    ['parallelToolCalls', { parallelToolCalls: false }],
  ]

  test.each<[CompatibleVendor, string]>([
    ['groq', 'topK schemaFormat'],
    ['deepseek', 'topK seed schemaFormat parallelToolCalls'],
    ['together', 'parallelToolCalls'],
    ['mistral', 'topK'],
    ['xai', 'topK'],
    ['ollama', 'toolChoice topK parallelToolCalls'],
    ['vllm', ''],
    ['lmstudio', 'reasoningEffort jsonFormat parallelToolCalls'],
  ])('is refused before anything is sent: %s: %s', async (vendor, expected) => {
    const provider = createCompatibleProvider(vendor, { apiKey: null, env: {}, fetch: () => expect.fail('sent') })
    const lacking = settings.filter(([feature]) => provider.capabilities[feature] !== true)
    expect(lacking.map(([feature]) => feature).join(' ')).toBe(expected)
    for (const [, setting] of lacking) {
      const { error } = await collectUntilFailure(provider.stream({ ...HELLO, ...setting }))
      expect(error).toMatchObject({ code: 'PROVIDER_INVALID_OPTIONS' })
    }
  })

  test('is JSON beside tools, for Groq', async () => {
    const responseFormat = { type: 'json' } as const
    const tools = [{ name: 'search', description: '', inputSchema: '{"type":"object"}' }]
    const groq = createCompatibleProvider('groq', { apiKey: null, env: {}, fetch: () => expect.fail('sent') })
    const { error } = await collectUntilFailure(groq.stream({ ...HELLO, responseFormat, tools }))
    expect(error).toMatchObject({
      code: 'PROVIDER_INVALID_OPTIONS',
      message: 'the provider "groq" cannot do a responseFormat beside tools',
    })
    const { body } = await ask((options) => createCompatibleProvider('groq', options), { ...HELLO, responseFormat })
    expect(body).toMatchObject({ response_format: { type: 'json_object' } })
  })

  test.each<[CompatibleVendor, string]>([
    ['groq', 'none low medium high'],
    ['deepseek', 'none minimal low medium high max'],
    ['together', 'none low medium high'],
    ['mistral', 'none high'],
    ['xai', 'none low medium high'],
    ['ollama', 'none low medium high'],
    ['vllm', 'none low medium high'],
  ])('are other efforts than these: %s: %s', (vendor, expected) => {
    expect(Object.keys(COMPATIBLE_ENDPOINTS[vendor].dialect.efforts ?? {}).join(' ')).toBe(expected)
  })

  test('is a vendor that is not in the list', () => {
    const unknown: string = 'grok'
    // @ts-expect-error: only the names of the list are taken.
    expect(() => createCompatibleProvider(unknown)).toThrow('unknown vendor "grok": known are groq, deepseek,')
  })
})

describe('reasoning', () => {
  const call = { callId: 'call_1', name: 'search', arguments: '{}' }
  const thought = { role: 'assistant', content: 'so', toolUses: [call], reasoning: [{ text: 'hm' }] } as const
  const silent = { role: 'assistant', content: 'so', toolUses: [call] } as const

  test.each<[CompatibleVendor, object, object]>([
    ['deepseek', { content: 'so', reasoning_content: 'hm' }, { content: 'so', reasoning_content: '' }],
    [
      'mistral',
      {
        content: [
          { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
          { type: 'text', text: 'so' },
        ],
      },
      { content: 'so' },
    ],
    ['ollama', { content: 'so', reasoning: 'hm' }, { content: 'so' }],
    ['vllm', { content: 'so', reasoning: 'hm' }, { content: 'so' }],
    ['groq', { content: 'so' }, { content: 'so' }],
  ])('goes back to %s in its own way', async (vendor, withReasoning, without) => {
    const { body } = await ask((options) => createCompatibleProvider(vendor, options), {
      ...HELLO,
      messages: [
        thought,
        silent,
        { ...thought, providerId: 'somebody else' },
        { ...thought, providerId: vendor, model: 'another model' },
        { ...thought, providerId: vendor, model: HELLO.model },
      ],
    })
    const sent: unknown[] = body.messages.map(({ role: _, tool_calls: __, ...fields }) => fields)
    expect(sent).toEqual([withReasoning, without, without, without, withReasoning])
  })

  test('of DeepSeek is not made up for an answer that called nothing', async () => {
    const { body } = await ask((options) => createCompatibleProvider('deepseek', options), {
      ...HELLO,
      messages: [{ role: 'assistant', content: 'so', toolUses: [] }],
    })
    expect(body.messages).toEqual([{ role: 'assistant', content: 'so' }])
  })

  test('of Mistral is read from its content, and a call of another vendor gets an id that it takes', async () => {
    const answer = deltaEvent({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] }] })
    const { body, chunks } = await ask(
      (options) => createCompatibleProvider('mistral', options),
      {
        ...HELLO,
        messages: [
          { ...silent, providerId: 'openai' },
          { role: 'tool', callId: 'call_1', content: '1', isError: false },
        ],
      },
      answer + textAnswer('so'),
    )
    expect(chunks.slice(0, 2)).toEqual([
      { type: 'reasoning-delta', text: 'hm' },
      { type: 'text-delta', text: 'so' },
    ])
    const [assistant, tool] = body.messages
    expect(tool?.['tool_call_id']).toMatch(/^[a-z0-9]{9}$/)
    expect(assistant).toMatchObject({ tool_calls: [{ id: tool?.['tool_call_id'] }] })
  })
})

test('the id of the answer names the call where no header does', async () => {
  const answer = sse({ id: 'chatcmpl-1', choices: [] }) + textAnswer('x')
  const { chunks } = await ask((options) => createCompatibleProvider('groq', options), HELLO, answer)
  expect(chunks.at(-1)).toMatchObject({ type: 'end', requestId: 'chatcmpl-1' })
})

describe('Azure', () => {
  const env = { AZURE_OPENAI_ENDPOINT: 'https://gateway.test/', AZURE_OPENAI_API_KEY: 'azure-key' }

  test('is where the environment says, which gets the key of the environment', async () => {
    const { url, headers } = await ask((options) => createAzureProvider({ ...options, env }))
    expect(url).toBe('https://gateway.test/openai/v1/chat/completions')
    expect(headers.get('api-key')).toBe('azure-key')
  })

  test('speaks the Responses API too', async () => {
    const { url, body } = await ask(
      (options) =>
        createAzureProvider({ ...options, env, resource: 'acme', api: 'responses', reasoningSummary: 'auto' }),
      HELLO,
      sse({ type: 'response.completed', response: {} }),
    )
    expect(url).toBe('https://acme.openai.azure.com/openai/v1/responses')
    expect(body).toMatchObject({ store: false, reasoning: { summary: 'auto' } })
  })

  test('keeps the name of a deployment within its place in the address', async () => {
    const { url } = await ask(
      (options) => createAzureProvider({ ...options, env, resource: 'acme', datedVersion: '2024-10-21' }),
      { ...HELLO, model: 'a/../b?c' },
    )
    expect(url).toBe(
      'https://acme.openai.azure.com/openai/deployments/a%2F..%2Fb%3Fc/chat/completions?api-version=2024-10-21',
    )
  })

  test.each([
    [{}, 'no Azure endpoint: pass resource or baseUrl, or set AZURE_OPENAI_ENDPOINT'],
    [{ resource: 'evil.test/' }, 'resource "evil.test/" is not the name of a resource'],
    [{ resource: 'acme', api: 'responses', datedVersion: '2024-10-21' } as const, 'the Responses API has no dated'],
  ])('%j is refused', (options, message) => {
    expect(() => createAzureProvider({ env: {}, ...options })).toThrow(
      expect.objectContaining({ code: 'PROVIDER_INVALID_OPTIONS', message: expect.stringContaining(message) }),
    )
  })

  test('has names without a network', () => {
    const options = { resource: 'acme', apiKey: null }
    expect(createAzureProvider(options).info).toEqual({ id: 'azure', apiVersion: 'v1' })
    expect(createAzureProvider({ ...options, datedVersion: '2024-10-21' }).info.apiVersion).toBe('2024-10-21')
  })
})

/** Asks for everything that a provider says it can do. */
function everything({ capabilities: able }: Provider): ModelRequest {
  const schema = '{"type":"object","properties":{"a":{"type":"number"}},"required":["a"],"additionalProperties":false}'
  return {
    model: 'some-model',
    systemPrompt: 'be brief',
    messages: [
      {
        role: 'user',
        content: 'look',
        ...(able.images === true && {
          attachments: [{ type: 'image', mediaType: 'image/png', data: Uint8Array.of(1, 2, 3) }],
        }),
      },
      {
        role: 'assistant',
        content: 'let me see',
        reasoning: [{ text: 'they want me to look' }],
        toolUses: [{ callId: 'abcDEF123', name: 'search', arguments: '{"q":"it"}' }],
      },
      { role: 'tool', callId: 'abcDEF123', content: '"found"', isError: false },
    ],
    tools: [{ name: 'search', description: 'finds things', inputSchema: '{"type":"object"}' }],
    stopSequences: ['END'],
    maxOutputTokens: 100,
    temperature: 0.5,
    topP: 0.9,
    cache: { messages: true },
    ...(able.toolChoice === true && { toolChoice: 'any' }),
    ...(able.topK === true && { topK: 40 }),
    ...(able.seed === true && { seed: 7 }),
    ...(able.reasoningEffort === true && { reasoningEffort: 'high' }),
    ...(able.parallelToolCalls === true && { parallelToolCalls: false }),
    ...(able.formatExcludesTools !== true && {
      responseFormat: able.schemaFormat === true ? { type: 'json-schema', name: 'answer', schema } : { type: 'json' },
    }),
  }
}

async function ask(
  create: (options: HttpProviderOptions) => Provider,
  request?: ModelRequest,
  answer: string = textAnswer('x'),
) {
  const sent: Request[] = []
  const provider = create({
    env: ALL_KEYS,
    fetch(input, init) {
      sent.push(new Request(input, init))
      return Promise.resolve(new Response(answer, { headers: { 'content-type': 'text/event-stream' } }))
    },
  })
  const chunks = await collectChunks(provider.stream(request ?? everything(provider)))
  const [received] = sent
  if (received === undefined) throw new Error('nothing was sent')
  const body: { readonly messages: readonly Readonly<Record<string, unknown>>[] } = JSON.parse(await received.text())
  return { chunks, url: received.url, headers: received.headers, body, text: asText(received, body) }
}

/** A request as a file, without the key. */
function asText({ method, url, headers }: Request, body: unknown): string {
  const lines = [...headers].map(([name, value]) => `${name}: ${/key|authorization/.test(name) ? '(the key)' : value}`)
  return [`${method} ${url}`, ...lines, '', JSON.stringify(body, undefined, 2), ''].join('\n')
}
