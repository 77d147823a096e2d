import { expect, test } from 'vitest'

import { assertSupported, type ModelRequest, type ProviderCapabilities } from '../src/index.ts'

const CASES: readonly (readonly [name: string, Partial<ModelRequest>, ProviderCapabilities])[] = [
  ['toolChoice', { toolChoice: 'any' }, { toolChoice: true }],
  ['stopSequences', { stopSequences: ['x'] }, { stopSequences: true }],
  ['topK', { topK: 1 }, { topK: true }],
  ['maxOutputTokens', { maxOutputTokens: 1 }, { maxOutputTokens: true }],
  ['temperature', { temperature: 0 }, { temperature: true }],
  ['topP', { topP: 1 }, { topP: true }],
  ['seed', { seed: 0 }, { seed: true }],
  ['reasoningEffort', { reasoningEffort: 'none' }, { reasoningEffort: true }],
  ['parallelToolCalls', { parallelToolCalls: false }, { parallelToolCalls: true }],
  ['a responseFormat of the type json', { responseFormat: { type: 'json' } }, { jsonFormat: true }],
  [
    'a responseFormat of the type json-schema',
    { responseFormat: { type: 'json-schema', name: 'x', schema: '{}' } },
    { schemaFormat: true },
  ],
  ['tools', { tools: [{ name: 'x', description: '', inputSchema: '{}' }] }, { tools: true }],
  ['images', userWith('image'), { images: true }],
  ['files', userWith('file'), { files: true }],
  ['images in tool results', resultWith('image'), { images: true, toolAttachments: true }],
  ['files in tool results', resultWith('file'), { files: true, toolAttachments: true }],
]

test.for(CASES)('%s needs its capability', ([name, request, able]) => {
  expect(() => assertSupported(request, able, 'vendor')).not.toThrow()
  const unable = name.endsWith('in tool results') ? { images: true, files: true } : {}
  expect(() => assertSupported(request, unable, 'vendor')).toThrow(
    expect.objectContaining({ code: 'PROVIDER_INVALID_OPTIONS', message: `the provider "vendor" cannot do ${name}` }),
  )
})

test('tools exclude a format where the provider says so', () => {
  const request: Partial<ModelRequest> = {
    responseFormat: { type: 'json' },
    tools: [{ name: 'x', description: '', inputSchema: '{}' }],
  }
  const able = { jsonFormat: true, tools: true, formatExcludesTools: true }
  expect(() => assertSupported(request, able, 'vendor')).toThrow(
    expect.objectContaining({
      code: 'PROVIDER_INVALID_OPTIONS',
      message: 'the provider "vendor" cannot do a responseFormat beside tools',
    }),
  )
  expect(() => assertSupported({ ...request, tools: [] }, able, 'vendor')).not.toThrow()
  expect(() => assertSupported({ ...request, responseFormat: undefined }, able, 'vendor')).not.toThrow()
  expect(() => assertSupported(request, { ...able, formatExcludesTools: false }, 'vendor')).not.toThrow()
})

test('the model is named where models differ', () => {
  expect(() => assertSupported({ seed: 1 }, {}, { providerId: 'vendor', model: 'small' })).toThrow(
    'the provider "vendor" with the model "small" cannot do seed',
  )
})

test('what asks for nothing needs nothing', () => {
  const request: Partial<ModelRequest> = {
    toolChoice: '',
    stopSequences: [],
    maxOutputTokens: 0,
    tools: [],
    cache: { systemPrompt: true },
    messages: [{ role: 'user', content: 'x', attachments: [] }],
  }
  expect(() => assertSupported(request, {}, 'vendor')).not.toThrow()
})

function userWith(type: 'image' | 'file'): Partial<ModelRequest> {
  return { messages: [{ role: 'user', content: '', attachments: [attachment(type)] }] }
}

function resultWith(type: 'image' | 'file'): Partial<ModelRequest> {
  return {
    messages: [{ role: 'tool', callId: 'a', content: '', isError: false, attachments: [attachment(type)] }],
  }
}

function attachment(type: 'image' | 'file') {
  return { type, mediaType: 'application/octet-stream', data: new Uint8Array() }
}
