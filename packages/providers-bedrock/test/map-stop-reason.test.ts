import type { StopReason as VendorStopReason } from '@aws-sdk/client-bedrock-runtime'
import type { StopReason } from '@starling/provider'
import { describe, expect, test } from 'vitest'
import { mapStopReason } from '../src/map-stop-reason.ts'

// A reason that a later SDK adds fails to compile here.
const STOP_REASONS: Readonly<Record<VendorStopReason, StopReason>> = {
  end_turn: 'stop',
  tool_use: 'tool_use',
  max_tokens: 'max_tokens',
  model_context_window_exceeded: 'max_tokens',
  stop_sequence: 'stop_sequence',
  guardrail_intervened: 'filtered',
  content_filtered: 'filtered',
  malformed_model_output: 'error',
  malformed_tool_use: 'error',
}

describe('the stop reason', () => {
  test.for(Object.entries(STOP_REASONS))('%s is %s', ([reason, expected]) => {
    expect(mapStopReason(reason)).toBe(expected)
  })

  test.for([
    // Words of Claude that the SDK does not have, but the models behind it do.
    ['refusal', 'refusal'],
    ['pause_turn', 'max_tokens'],
    ['compaction', 'max_tokens'],
    ['something_new', 'other'],
    ['END_TURN', 'other'],
    ['toString', 'other'],
    ['', 'other'],
  ] as const)('"%s" is %s', ([reason, expected]) => {
    expect(mapStopReason(reason)).toBe(expected)
  })
})
