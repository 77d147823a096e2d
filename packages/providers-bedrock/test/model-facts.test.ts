import type { ModelRequest, ProviderCapabilities } from '@starling/provider'
import { collectUntilFailure } from '@starling/provider-http/conformance'
import { describe, expect, test } from 'vitest'
import { createBedrockProvider } from '../src/index.ts'
import { requestWith } from './support/request.ts'

type Feature = keyof ProviderCapabilities

const SAMPLING: readonly Feature[] = ['temperature', 'topK', 'topP']
const REASONING: readonly Feature[] = ['reasoning', 'reasoningEffort']
const TOOLS: readonly Feature[] = ['toolChoice', 'tools']

const provider = createBedrockProvider({ region: 'us-east-1', apiKey: 'key' })

describe('what a model lacks of what Converse can do', () => {
  test.for<readonly [string, readonly Feature[]]>([
    ['us.anthropic.claude-sonnet-4-6', []],
    ['anthropic.claude-opus-4-6-v1', []],
    ['global.anthropic.claude-haiku-4-5-20251001-v1:0', []],
    ['anthropic.claude-sonnet-4-5-20250929-v1:0', []],
    ['eu.anthropic.claude-sonnet-4-20250514-v1:0', ['schemaFormat']],
    ['anthropic.claude-opus-4-1-20250805-v1:0', ['schemaFormat']],
    ['anthropic.claude-opus-4-7', ['schemaFormat', ...SAMPLING]],
    ['us.anthropic.claude-opus-4-8', ['schemaFormat', ...SAMPLING]],
    ['us.anthropic.claude-sonnet-5', SAMPLING],
    ['anthropic.claude-opus-5-5', SAMPLING],
    ['anthropic.claude-opus-4-10', SAMPLING],
    ['anthropic.claude-of-tomorrow', SAMPLING],
    ['anthropic.claude-3-7-sonnet-20250219-v1:0', ['schemaFormat']],
    ['anthropic.claude-3-5-haiku-20241022-v1:0', ['images', 'schemaFormat', ...REASONING]],
    ['anthropic.claude-3-haiku-20240307-v1:0', ['schemaFormat', ...REASONING]],
    ['anthropic.claude-v2:1', ['images', 'schemaFormat', ...REASONING, ...TOOLS]],
    ['us.amazon.nova-2-lite-v1:0', ['schemaFormat']],
    ['amazon.nova-pro-v1:0', ['schemaFormat', ...REASONING]],
    ['amazon.nova-micro-v1:0', ['files', 'images', 'toolAttachments', 'schemaFormat', ...REASONING]],
    ['amazon.titan-text-express-v1', ['images', 'schemaFormat', ...REASONING, ...TOOLS]],
    ['amazon.nova-9-pro-v1:0', []],
    ['cohere.command-r-plus-v1:0', ['images', 'schemaFormat', ...REASONING]],
    ['us.meta.llama4-scout-17b-instruct-v1:0', ['schemaFormat', ...REASONING]],
    ['meta.llama3-70b-instruct-v1:0', ['images', 'schemaFormat', ...REASONING, ...TOOLS]],
    ['us.deepseek.r1-v1:0', ['images', 'schemaFormat', ...TOOLS]],
    ['deepseek.v3.2', []],
    ['mistral.mistral-large-2407-v1:0', ['schemaFormat', ...REASONING]],
    ['mistral.mistral-large-3-675b-instruct', []],
    ['openai.gpt-oss-120b-1:0', ['images', 'stopSequences']],
    ['us.openai.gpt-5.6-sol', ['temperature', 'topP', 'stopSequences']],
    ['qwen.qwen3-32b-v1:0', []],
    ['qwen.qwen3-vl-235b-a22b', ['schemaFormat']],
    ['arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123', []],
    ['arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-2-lite-v1:0', ['schemaFormat']],
    ['a-model-of-tomorrow', []],
  ])('%s: %j', ([model, lacking]) => {
    const of = provider.capabilitiesOf?.(model) ?? {}
    const missing = Object.entries(provider.capabilities).flatMap(([feature, has]) =>
      Reflect.get(of, feature) === has ? [] : [feature],
    )
    expect(missing.toSorted()).toEqual(lacking.toSorted())
    expect(Object.keys(of)).toEqual(Object.keys(provider.capabilities))
  })
})

describe('what a model lacks', () => {
  const image = { type: 'image', mediaType: 'image/png', data: new Uint8Array([1]) } as const
  test.for<readonly [Partial<ModelRequest>, string]>([
    [
      { model: 'amazon.nova-pro-v1:0', responseFormat: { type: 'json-schema', name: 'a', schema: '{}' } },
      'a responseFormat of the type json-schema',
    ],
    [{ model: 'anthropic.claude-opus-5', temperature: 0.5 }, 'temperature'],
    [{ model: 'amazon.nova-lite-v1:0', reasoningEffort: 'low' }, 'reasoningEffort'],
    [{ model: 'us.deepseek.r1-v1:0', tools: [{ name: 'f', description: '', inputSchema: '' }] }, 'tools'],
    [{ model: 'amazon.nova-micro-v1:0', messages: [{ role: 'user', content: '', attachments: [image] }] }, 'images'],
  ])('%j is refused in its name, before anything is signed or sent', async ([asked, what]) => {
    const sent: unknown[] = []
    const { error } = await collectUntilFailure(
      createBedrockProvider({
        region: 'us-east-1',
        apiKey: 'key',
        fetch(input) {
          sent.push(input)
          return Promise.reject(new TypeError('not to be called'))
        },
      }).stream(requestWith(asked)),
    )
    expect(error).toMatchObject({
      code: 'PROVIDER_INVALID_OPTIONS',
      message: `the provider "bedrock" with the model "${asked.model}" cannot do ${what}`,
    })
    expect(sent).toEqual([])
  })
})
