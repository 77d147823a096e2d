import { expect, test } from 'vitest'

import { capabilitiesFor, type ModelChunk } from '../src/index.ts'
import { createScriptedProvider } from '../src/scripted/index.ts'

test('what a provider says of a model comes before what it says of itself', () => {
  const capabilities = { tools: true, seed: true }
  const provider = { capabilities, capabilitiesOf: (model: string) => ({ tools: true, seed: model === 'new' }) }
  expect(capabilitiesFor(provider, 'new')).toEqual({ tools: true, seed: true })
  expect(capabilitiesFor(provider, 'old')).toEqual({ tools: true, seed: false })
})

test('a provider whose models do not differ can do the same with each', () => {
  const capabilities = { tools: true }
  expect(capabilitiesFor({ capabilities }, 'any')).toBe(capabilities)
})

test('the method is called on its provider', () => {
  class Vendor {
    readonly capabilities = {}
    readonly able = { images: true }
    capabilitiesOf() {
      return this.able
    }
  }
  expect(capabilitiesFor(new Vendor(), 'any')).toEqual({ images: true })
})

test('a scripted provider refuses what it is said not to do with a model', async () => {
  const provider = createScriptedProvider({
    turns: [{ text: 'x' }],
    capabilitiesOf: (model) => ({ seed: model === 'new' }),
  })
  const ask = async (model: string) => {
    const chunks: ModelChunk[] = []
    const request = { model, systemPrompt: '', messages: [], tools: [], seed: 1 }
    for await (const chunk of provider.stream(request)) chunks.push(chunk)
    return chunks
  }
  await expect(ask('old')).rejects.toMatchObject({
    code: 'PROVIDER_INVALID_OPTIONS',
    message: 'the provider "scripted" with the model "old" cannot do seed',
  })
  expect(provider.requests).toHaveLength(0)
  expect(await ask('new')).toContainEqual({ type: 'text-delta', text: 'x' })
})
