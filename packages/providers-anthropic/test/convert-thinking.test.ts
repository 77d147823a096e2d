import type { MessageCreateParamsStreaming } from '@anthropic-ai/sdk/resources/messages'
import { type ModelRequest, REASONING_EFFORTS, type ReasoningEffort } from '@starling/provider'
import { describe, expect, test } from 'vitest'
import { convertToMessagesRequest } from '../src/convert-to-messages-request.ts'
import { HELLO } from './support/provider.ts'

type Thinking = Pick<MessageCreateParamsStreaming, 'thinking' | 'output_config'>

const SEARCH = { name: 'search', description: '', inputSchema: '{"type":"object"}' }

describe('reasoning effort', () => {
  test('leaves everything to the vendor when it is not set', () => {
    expect(thinkingOf({ model: 'claude-opus-5-5' })).toEqual({})
  })

  test.each([
    'claude-sonnet-5-5',
    'claude-opus-5-5',
    'claude-fable-5-2',
    'claude-haiku-5-5',
    'claude-opus-4-8',
    'claude-sonnet-4-6',
    'a-model-of-tomorrow',
  ])('is adaptive thinking with an effort for %s', (model) => {
    const efforts = REASONING_EFFORTS.slice(1).map((reasoningEffort) => thinkingOf({ model, reasoningEffort }))
    expect(efforts).toEqual(
      (['low', 'low', 'medium', 'high', 'max'] as const).map(
        (effort) =>
          ({ thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort } }) satisfies Thinking,
      ),
    )
  })

  test.each([
    ['claude-opus-4-5-20251101', [1024, 6400, 16_000, 32_000, 51_200]],
    ['claude-opus-4-1-20250805', [1024, 3200, 8000, 16_000, 25_600]],
    ['claude-3-7-sonnet-20250219', [1024, 6400, 16_000, 32_000, 51_200]],
  ])('is a share of the output for %s', (model, budgets) => {
    const efforts = REASONING_EFFORTS.slice(1).map((reasoningEffort) => thinkingOf({ model, reasoningEffort }))
    expect(efforts).toEqual(
      budgets.map((budget_tokens) => ({ thinking: { type: 'enabled', budget_tokens } }) satisfies Thinking),
    )
  })

  test('stays below the limit on output that is asked for, and is never less than the vendor takes', () => {
    const model = 'claude-haiku-4-5'
    const budgetFor = (maxOutputTokens: number, reasoningEffort: ReasoningEffort): unknown =>
      thinkingOf({ model, maxOutputTokens, reasoningEffort }).thinking
    expect(budgetFor(1025, 'max')).toEqual({ type: 'enabled', budget_tokens: 1024 })
    expect(budgetFor(10_000, 'max')).toEqual({ type: 'enabled', budget_tokens: 8000 })
    expect(budgetFor(10_000, 'low')).toEqual({ type: 'enabled', budget_tokens: 1024 })
    expect(() => budgetFor(1024, 'low')).toThrow('reasoning takes at least 1024 tokens, and maxOutputTokens is 1024')
  })

  test.each([
    ['claude-opus-5', { thinking: { type: 'disabled' } }],
    ['claude-haiku-5-5', { thinking: { type: 'disabled' } }],
    ['claude-sonnet-4-5', { thinking: { type: 'disabled' } }],
    ['claude-sonnet-5-5', { thinking: { type: 'between_tools' } }],
    ['a-model-of-tomorrow', { thinking: { type: 'disabled' } }],
    ['claude-3-5-haiku-20241022', {}],
  ] satisfies [string, Thinking][])('none is what switches thinking off for %s', (model, expected) => {
    expect(thinkingOf({ model, reasoningEffort: 'none' })).toEqual(expected)
  })

  test.each(['claude-opus-5-5', 'claude-fable-5-1', 'claude-mythos-5', 'claude-mythos-preview'])(
    'none is refused for %s',
    (model) => {
      expect(() => thinkingOf({ model, reasoningEffort: 'none' })).toThrow(
        `${model} always reasons, so reasoningEffort cannot be none: the least is minimal`,
      )
    },
  )

  test('is refused for a model that does not reason', () => {
    expect(() => thinkingOf({ model: 'claude-3-5-haiku-20241022', reasoningEffort: 'low' })).toThrow(
      'claude-3-5-haiku-20241022 does not reason, so reasoningEffort cannot be low',
    )
  })
})

describe('settings that exclude each other', () => {
  test.each<[Partial<ModelRequest>, string]>([
    [{ model: 'claude-opus-4-8', temperature: 0 }, 'claude-opus-4-8 takes no temperature'],
    [{ model: 'claude-opus-4-7', params: { temperature: 0.5 } }, 'claude-opus-4-7 takes no temperature'],
    [{ model: 'claude-sonnet-5-5', topP: 0.5 }, 'claude-sonnet-5-5 takes no topP'],
    [{ model: 'claude-fable-5', topK: 5 }, 'claude-fable-5 takes no topK'],
    [{ model: 'claude-unheard-of', topK: 5 }, 'claude-unheard-of takes no topK'],
    [{ model: 'claude-opus-4-6', temperature: 0.5, reasoningEffort: 'low' }, 'temperature does not go with reasoning'],
    [{ model: 'claude-opus-4-5', topK: 5, reasoningEffort: 'low' }, 'topK does not go with reasoning'],
    [{ model: 'claude-opus-4-6', topP: 0.9, params: adaptive() }, 'topP does not go with reasoning'],
    [
      { model: 'claude-opus-4-5', toolChoice: 'any', reasoningEffort: 'low' },
      'toolChoice "any" does not go with reasoning',
    ],
    [{ model: 'claude-opus-4-6', toolChoice: 'search', params: budget() }, 'toolChoice "search" does not go with'],
    [{ model: 'claude-sonnet-5-5', toolChoice: 'required' }, 'claude-sonnet-5-5 cannot be made to call a tool'],
    [{ model: 'claude-opus-5-5', toolChoice: 'search' }, 'claude-opus-5-5 cannot be made to call a tool'],
  ])('%j', (settings, message) => {
    expect(() => thinkingOf(settings)).toThrow(
      expect.objectContaining({ code: 'PROVIDER_INVALID_OPTIONS', message: expect.stringContaining(message) }),
    )
  })

  test.each<Partial<ModelRequest>>([
    { model: 'claude-opus-4-8', temperature: 1 },
    { model: 'claude-opus-4-8', topP: 1 },
    { model: 'claude-opus-4-6', temperature: 0.5, reasoningEffort: 'none' },
    { model: 'claude-opus-4-5', topP: 0.95, reasoningEffort: 'high' },
    { model: 'claude-opus-5', toolChoice: 'auto', reasoningEffort: 'high' },
    { model: 'claude-opus-5', toolChoice: 'none', reasoningEffort: 'high' },
    { model: 'claude-opus-5', toolChoice: 'any', reasoningEffort: 'high' },
    { model: 'claude-opus-5', toolChoice: 'search', params: adaptive() },
    { model: 'claude-opus-4-5', toolChoice: 'any', reasoningEffort: 'none' },
    { model: 'claude-opus-5', toolChoice: 'any', params: { thinking: { type: 'disabled' } } },
    { model: 'claude-sonnet-5-5', toolChoice: 'auto' },
    { model: 'claude-unheard-of', toolChoice: 'any' },
    { model: 'a-model-of-tomorrow', temperature: 0.5, topP: 0.5, topK: 5, toolChoice: 'any' },
  ])('%j goes together', (settings) => {
    expect(thinkingOf(settings)).toBeTypeOf('object')
  })
})

function budget(): { readonly thinking: object } {
  return { thinking: { type: 'enabled', budget_tokens: 1024 } }
}

function adaptive(): { readonly thinking: object } {
  return { thinking: { type: 'adaptive' } }
}

function thinkingOf(settings: Partial<ModelRequest>): Partial<Thinking> {
  const request = { ...HELLO, tools: [SEARCH], ...settings }
  const { thinking, output_config } = JSON.parse(convertToMessagesRequest(request, { providerId: '', nowMs: 0 }))
  return { ...(thinking !== undefined && { thinking }), ...(output_config !== undefined && { output_config }) }
}
