import type { BetaStopReason } from '@anthropic-ai/sdk/resources/beta/messages'
import type { StopReason as VendorStopReason } from '@anthropic-ai/sdk/resources/messages'
import type { StopReason } from '@starling/provider'
import { expect, test } from 'vitest'
import { mapStopReason } from '../src/map-stop-reason.ts'

// A reason that a later SDK adds fails to compile here.
const STOP_REASONS: Readonly<Record<VendorStopReason | BetaStopReason, StopReason>> = {
  end_turn: 'stop',
  tool_use: 'tool_use',
  max_tokens: 'max_tokens',
  model_context_window_exceeded: 'max_tokens',
  pause_turn: 'max_tokens',
  compaction: 'max_tokens',
  stop_sequence: 'stop_sequence',
  refusal: 'refusal',
}

test.each(Object.entries(STOP_REASONS))('%s is %s', (word, reason) => {
  expect(mapStopReason(word)).toBe(reason)
})

test.each(['', 'END_TURN', 'toString', 'a_reason_of_the_future'])('"%s" is other', (word) => {
  expect(mapStopReason(word)).toBe('other')
})
