import type { Model } from '@anthropic-ai/sdk/resources/messages'
import { describe, expect, test } from 'vitest'
import { factsOf } from '../src/model-facts.ts'

describe('the most a model may produce', () => {
  test.each<[Model, number]>([
    ['claude-fable-5-2', 128_000],
    ['claude-mythos-5-1', 128_000],
    ['claude-opus-5-5', 128_000],
    ['claude-sonnet-5-5', 128_000],
    ['claude-haiku-5-5', 128_000],
    ['claude-opus-4-6', 128_000],
    ['claude-sonnet-4-6', 128_000],
    ['claude-opus-4-5-20251101', 64_000],
    ['claude-sonnet-4-5-20250929', 64_000],
    ['claude-haiku-4-5', 64_000],
    ['claude-sonnet-4-20250514', 64_000],
    ['claude-opus-4-1-20250805', 32_000],
    ['claude-opus-4-20250514', 32_000],
    ['claude-3-5-haiku-latest', 8192],
    ['claude-opus-4-0', 32_000],
    ['claude-sonnet-4-0', 64_000],
    ['claude-3-haiku-20240307', 4096],
    ['claude-mythos-preview', 128_000],
    ['claude-opus-7', 128_000],
    ['deepseek-chat', 8192],
  ])('%s: %i', (model, expected) => {
    expect(factsOf(model).maxOutputTokens).toBe(expected)
  })
})

test.each([
  ['claude-sonnet-4-5@20250929', 'claude-sonnet-4-5'],
  ['us.anthropic.claude-opus-4-7', 'claude-opus-4-7'],
  ['anthropic/claude-sonnet-5-5', 'claude-sonnet-5-5'],
  ['anthropic/claude-opus-4.5', 'claude-opus-4-5'],
  ['anthropic.claude-opus-4-6-v1', 'claude-opus-4-6'],
])('%s is %s, whichever cloud names it', (id, model) => {
  expect(factsOf(id)).toBe(factsOf(model))
})

test('a newer model is not taken for the older one whose name it begins with', () => {
  expect(factsOf('claude-opus-5-5')).not.toEqual(factsOf('claude-opus-5'))
  expect(factsOf('claude-fable-5-1')).not.toEqual(factsOf('claude-fable-5'))
  expect(factsOf('claude-opus-4-5')).not.toEqual(factsOf('claude-opus-4-1'))
})

test.each([
  'claude-opus-4-10',
  'claude-sonnet-4-9',
  'claude-opus-5-6',
  'claude-opus-6',
  'claude-3-10',
  'claude-haiku-6',
])('%s is not taken for an older model whose name it begins with: it is asked as the current ones are', (model) => {
  expect(factsOf(model)).toBe(factsOf('claude-of-tomorrow'))
  expect(factsOf(model)).toMatchObject({ thinking: 'adaptive', takesSchema: true, takesSampling: false })
})
