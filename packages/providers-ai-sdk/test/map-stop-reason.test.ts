import { STOP_REASONS } from '@starling/provider'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isCutOff, mapStopReason } from '../src/map-stop-reason.ts'

const NO_CALLS = { hasToolCalls: false }

test.for([
  ['stop', 'end_turn', 'stop'],
  ['stop', 'stop_sequence', 'stop_sequence'],
  ['stop', 'pause_turn', 'other'],
  ['stop', '', 'stop'],
  ['length', 'max_tokens', 'max_tokens'],
  ['content-filter', 'content_filter', 'filtered'],
  ['content-filter', 'SAFETY', 'filtered'],
  ['content-filter', 'refusal', 'refusal'],
  ['content-filter', 'stop', 'refusal'],
  ['tool-calls', 'tool_use', 'tool_use'],
  ['error', 'MALFORMED_FUNCTION_CALL', 'error'],
  ['other', 'compaction', 'other'],
  ['other', 'eos', 'stop'],
  ['other', 'eos_token', 'stop'],
  ['other', 'COMPLETE', 'stop'],
  ['other', 'stop_sequence', 'stop_sequence'],
  ['other', 'model_length', 'max_tokens'],
  ['other', 'function_call', 'tool_use'],
  ['other', 'sensitive', 'filtered'],
  ['other', 'refusal', 'refusal'],
  ['other', 'insufficient_system_resource', 'error'],
  ['other', 'repetition_truncation', 'error'],
  ['other', 'abort', 'error'],
  ['other', '', 'other'],
  ['a-word-of-the-future', 'x', 'other'],
] as const)('%s with %s is %s', ([unified, raw, expected]) => {
  expect(mapStopReason({ unified, raw }, NO_CALLS)).toBe(expected)
})

test('stop after tool calls waits for their results, a stop sequence does not', () => {
  const withCalls = { hasToolCalls: true }
  expect(mapStopReason({ unified: 'stop', raw: 'stop' }, withCalls)).toBe('tool_use')
  expect(mapStopReason({ unified: 'stop', raw: 'stop_sequence' }, withCalls)).toBe('stop_sequence')
  expect(mapStopReason({ unified: 'length', raw: '' }, withCalls)).toBe('max_tokens')
  expect(mapStopReason({ unified: 'other', raw: 'eos' }, withCalls)).toBe('tool_use')
})

test('any words are some stop reason', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.boolean(), (unified, raw, hasToolCalls) => {
      expect(STOP_REASONS).toContain(mapStopReason({ unified, raw }, { hasToolCalls }))
    }),
  )
})

test.for([
  ['interrupted', '', 'v4', true],
  ['interrupted', 'x', 'v4', true],
  ['unknown', '', 'v2', true],
  ['other', '', 'v4', true],
  ['other', '', 'v3', true],
  ['other', '', 'v2', false],
  ['other', 'compaction', 'v4', false],
  ['stop', '', 'v4', false],
  ['error', '', 'v4', false],
] as const)('%s with "%s" in %s: cut off is %s', ([unified, raw, version, expected]) => {
  expect(isCutOff({ unified, raw }, version)).toBe(expected)
})
