import { STOP_REASONS } from '@starling/provider'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mapStopReason } from '../src/map-stop-reason.ts'

const TEXT_ONLY = { hasToolCalls: false, hasRefusal: false }

describe('mapStopReason', () => {
  test.each([
    ['stop', 'stop'],
    ['length', 'max_tokens'],
    ['tool_calls', 'tool_use'],
    ['function_call', 'tool_use'],
    ['content_filter', 'filtered'],
    ['stop_sequence', 'stop_sequence'],
    ['refusal', 'refusal'],
    ['error', 'error'],
    ['STOP', 'stop'],
    ['model_length', 'max_tokens'],
    ['', 'other'],
    ['brand_new_reason', 'other'],
  ])('%j is %s', (word, expected) => {
    expect(mapStopReason(word, TEXT_ONLY)).toBe(expected)
  })

  test.each(['stop', '', 'eos'])('%j after tool calls is tool_use', (word) => {
    expect(mapStopReason(word, { hasToolCalls: true, hasRefusal: false })).toBe('tool_use')
  })

  test('calls that break off are tool_use where the vendor says so, and other where it says nothing', () => {
    const cut = { hasToolCalls: true, areCallsWhole: false, hasRefusal: false }
    expect(mapStopReason('', cut)).toBe('other')
    expect(mapStopReason('tool_calls', cut)).toBe('tool_use')
    expect(mapStopReason('stop', cut)).toBe('tool_use')
    expect(mapStopReason('', { ...cut, nativeReason: 'MAX_TOKENS' })).toBe('max_tokens')
  })

  test('a refusal that ends with stop is a refusal', () => {
    expect(mapStopReason('stop', { hasToolCalls: false, hasRefusal: true })).toBe('refusal')
  })

  test('a filtered or cut-off answer stays one, whatever it held', () => {
    expect(mapStopReason('content_filter', { hasToolCalls: true, hasRefusal: true })).toBe('filtered')
    expect(mapStopReason('length', { hasToolCalls: true, hasRefusal: false })).toBe('max_tokens')
  })

  test.each([
    ['stop', 'stop_sequence', 'stop_sequence'],
    ['stop', 'refusal', 'refusal'],
    ['stop', 'MAX_TOKENS', 'max_tokens'],
    ['stop', 'MALFORMED_FUNCTION_CALL', 'error'],
    ['stop', 'SAFETY', 'filtered'],
    ['stop', 'pause_turn', 'other'],
    ['stop', 'end_turn', 'stop'],
    ['stop', 'something_new', 'stop'],
    ['length', 'stop_sequence', 'max_tokens'],
    ['tool_calls', 'stop', 'tool_use'],
  ])('%j of a gateway, which was %j with the vendor, is %s', (word, nativeReason, expected) => {
    expect(mapStopReason(word, { ...TEXT_ONLY, nativeReason })).toBe(expected)
  })

  // The documented words of every vendor that is spoken with, as of 2026-11-21.
  test.each([
    [
      'OpenAI, Groq',
      'stop length tool_calls function_call content_filter',
      'stop max_tokens tool_use tool_use filtered',
    ],
    ['Together', 'stop eos length tool_calls function_call', 'stop stop max_tokens tool_use tool_use'],
    ['Mistral', 'stop length model_length error tool_calls', 'stop max_tokens max_tokens error tool_use'],
    [
      'DeepSeek',
      'stop length content_filter tool_calls insufficient_system_resource',
      'stop max_tokens filtered tool_use error',
    ],
    ['xAI', 'stop length end_turn tool_calls time_limit', 'stop max_tokens stop tool_use error'],
    ['Ollama', 'stop length tool_calls load unload', 'stop max_tokens tool_use error error'],
    ['vLLM', 'stop length tool_calls abort error repetition', 'stop max_tokens tool_use error error error'],
    [
      'LM Studio',
      'eosFound stopStringFound maxPredictedTokensReached contextLengthReached toolCalls userStopped modelUnloaded failed',
      'stop stop_sequence max_tokens max_tokens tool_use error error error',
    ],
    ['TGI', 'eos_token stop_sequence length', 'stop stop_sequence max_tokens'],
    ['Cohere', 'COMPLETE STOP_SEQUENCE MAX_TOKENS ERROR', 'stop stop_sequence max_tokens error'],
    [
      'Z.ai',
      'stop tool_calls length sensitive network_error model_context_window_exceeded',
      'stop tool_use max_tokens filtered error max_tokens',
    ],
    ['Xiaomi', 'stop length content_filter repetition_truncation', 'stop max_tokens filtered error'],
    ['OpenRouter', 'stop length tool_calls content_filter error', 'stop max_tokens tool_use filtered error'],
  ])('no word of %s is unknown', (_, words, expected) => {
    expect(
      words
        .split(' ')
        .map((word) => mapStopReason(word, TEXT_ONLY))
        .join(' '),
    ).toBe(expected)
  })

  test('any word maps into the vocabulary', () => {
    fc.assert(
      fc.property(fc.string(), fc.boolean(), fc.boolean(), (word, hasToolCalls, hasRefusal) => {
        expect(STOP_REASONS).toContain(mapStopReason(word, { hasToolCalls, hasRefusal }))
      }),
    )
  })
})
