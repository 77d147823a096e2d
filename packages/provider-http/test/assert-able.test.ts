import type { ModelRequest, ProviderCapabilities } from '@starling/provider'
import { describe, expect, test } from 'vitest'
import { assertAble } from '../src/index.ts'

const REQUEST: ModelRequest = {
  model: 'model-1',
  systemPrompt: '',
  messages: [{ role: 'user', content: 'hi' }],
  tools: [],
}

const ALL: ProviderCapabilities = { tools: true, topK: true, schemaFormat: true }

class Provider {
  readonly info = { id: 'vendor', apiVersion: 'v1' }
  readonly capabilities = ALL

  capabilitiesOf(model: string): ProviderCapabilities {
    return model === 'model-1' ? { ...this.capabilities, topK: false, schemaFormat: undefined } : this.capabilities
  }
}

describe('what is asked for', () => {
  test('is refused in the name of the provider when none of its models can do it', () => {
    expect(() => assertAble({ ...REQUEST, seed: 1, topK: 5 }, new Provider())).toThrow(
      expect.objectContaining({
        code: 'PROVIDER_INVALID_OPTIONS',
        message: 'the provider "vendor" cannot do seed',
      }),
    )
  })

  test.each<[Partial<ModelRequest>, string]>([
    [{ topK: 5 }, 'topK'],
    [{ responseFormat: { type: 'json-schema', name: 'a', schema: '{}' } }, 'a responseFormat of the type json-schema'],
  ])('%j is refused in the name of the model when only that one cannot do it', (asked, what) => {
    expect(() => assertAble({ ...REQUEST, ...asked }, new Provider())).toThrow(
      expect.objectContaining({
        code: 'PROVIDER_INVALID_OPTIONS',
        message: `the provider "vendor" with the model "model-1" cannot do ${what}`,
      }),
    )
    expect(() => assertAble({ ...REQUEST, ...asked, model: 'model-2' }, new Provider())).not.toThrow()
  })

  test('passes when the model can do it, and when all models of the provider are the same', () => {
    const tools = [{ name: 'search', description: '', inputSchema: '{}' }]
    expect(() => assertAble({ ...REQUEST, tools }, new Provider())).not.toThrow()
    const info = { id: 'vendor', apiVersion: 'v1' }
    expect(() => assertAble({ ...REQUEST, tools, topK: 5 }, { info, capabilities: ALL })).not.toThrow()
  })
})
