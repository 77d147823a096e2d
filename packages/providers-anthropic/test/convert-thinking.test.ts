import type { MessageCreateParamsStreaming } from '@anthropic-ai/sdk/resources/messages'
import { utf8Encode } from '@starling/event'
import { type Message, type ModelRequest, REASONING_EFFORTS, type ReasoningEffort } from '@starling/provider'
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

const CALL = { type: 'tool-use', callId: 'call-1', name: 'search', arguments: '{}' } as const
const THOUGHT = { type: 'reasoning', text: 'Hm.', signature: utf8Encode('c2ln') } as const
const RESULT: Message = { role: 'tool', callId: 'call-1', content: '1', isError: false }
const OWN_CALL: Message = { role: 'assistant', content: '', toolUses: [], parts: [THOUGHT, CALL] }
const FOREIGN_CALL: Message = { ...OWN_CALL, providerId: 'openai', model: 'gpt-5.4' }

describe('a budget of thinking in a tool loop', () => {
  test.each([
    'claude-sonnet-4-5',
    'claude-haiku-4-5-20251001',
    'claude-opus-4-5',
    'claude-opus-4-1-20250805',
    'claude-opus-4-20250514',
    'claude-sonnet-4-20250514',
    'claude-3-7-sonnet-20250219',
  ])('that another model began is switched off, for %s', (model) => {
    const body = bodyOf({ model, reasoningEffort: 'low', messages: [...HELLO.messages, FOREIGN_CALL, RESULT] })
    expect(body.thinking).toEqual({ type: 'disabled' })
    expect(body.messages).toMatchObject([
      {},
      { content: [{ type: 'tool_use' }] },
      { content: [{ type: 'tool_result' }] },
    ])
  })

  test('is back when a person speaks', () => {
    const messages = [...HELLO.messages, FOREIGN_CALL, RESULT, OWN_CALL, ...HELLO.messages]
    expect(bodyOf({ model: 'claude-haiku-4-5', reasoningEffort: 'low', messages }).thinking).toMatchObject({
      type: 'enabled',
    })
  })

  test('that began with its own thought stays', () => {
    const messages = [...HELLO.messages, OWN_CALL, RESULT]
    const body = bodyOf({ model: 'claude-haiku-4-5', reasoningEffort: 'low', messages })
    expect(body.thinking).toMatchObject({ type: 'enabled' })
    expect(body.messages[1]).toMatchObject({ content: [{ type: 'thinking' }, { type: 'tool_use' }] })
  })

  test('is switched off where another model had a turn in between, and its own thoughts of the loop stay behind', () => {
    const messages = [...HELLO.messages, OWN_CALL, RESULT, FOREIGN_CALL, RESULT]
    const body = bodyOf({ model: 'claude-haiku-4-5', reasoningEffort: 'low', messages })
    expect(body.thinking).toEqual({ type: 'disabled' })
    expect(JSON.stringify(body.messages)).not.toContain('thinking')
  })

  test('is switched off too where params ask for it', () => {
    const messages = [...HELLO.messages, FOREIGN_CALL, RESULT]
    const params = { ...budget(), metadata: { user_id: 'u' } }
    for (const model of ['claude-haiku-4-5', 'claude-opus-4-6']) {
      expect(bodyOf({ model, params, messages })).toMatchObject({
        thinking: { type: 'disabled' },
        metadata: { user_id: 'u' },
      })
    }
    expect(() => bodyOf({ model: 'claude-haiku-4-5', reasoningEffort: 'low', params, messages })).toThrow(
      expect.objectContaining({ code: 'PROVIDER_INVALID_OPTIONS', message: expect.stringContaining('thinking') }),
    )
  })

  test.each([
    [
      'thinking that decides itself',
      { model: 'claude-opus-4-6', reasoningEffort: 'low' },
      { type: 'adaptive', display: 'summarized' },
    ],
    ["another vendor's model", { model: 'glm-5', params: budget() }, budget().thinking],
    ['no thinking', { model: 'claude-haiku-4-5' }, undefined],
  ] satisfies [string, Partial<ModelRequest>, unknown][])('leaves %s as it is', (_, settings, thinking) => {
    const messages = [...HELLO.messages, OWN_CALL, RESULT, FOREIGN_CALL, RESULT]
    const body = bodyOf({ ...settings, messages })
    expect(body.thinking).toEqual(thinking)
    expect(body.messages[1]).toMatchObject({ content: [{ type: 'thinking' }, { type: 'tool_use' }] })
  })
})

function budget(): { readonly thinking: object } {
  return { thinking: { type: 'enabled', budget_tokens: 1024 } }
}

function adaptive(): { readonly thinking: object } {
  return { thinking: { type: 'adaptive' } }
}

function bodyOf(settings: Partial<ModelRequest>): MessageCreateParamsStreaming {
  const request = { ...HELLO, tools: [SEARCH], ...settings }
  return JSON.parse(convertToMessagesRequest(request, { providerId: 'anthropic', nowMs: 0 }))
}

function thinkingOf(settings: Partial<ModelRequest>): Partial<Thinking> {
  const { thinking, output_config } = bodyOf(settings)
  return { ...(thinking !== undefined && { thinking }), ...(output_config !== undefined && { output_config }) }
}
