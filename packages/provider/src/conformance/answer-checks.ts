import { expect } from 'vitest'

import type { ToolUse } from '../provider.ts'
import { collectAnswer, type CollectedAnswer } from './collect-answer.ts'
import { call, type ProviderCheck } from './provider-check.ts'
import type { ProviderHarness } from './provider-harness.ts'
import { SCENARIOS, type ScenarioName } from './scenarios.ts'
import type { VendorAnswer, VendorReply, VendorToolCall } from './vendor-answer.ts'

/** What a complete answer turns into. */
export const ANSWER_CHECKS: readonly ProviderCheck[] = [
  arrives('text', 'a text answer arrives whole, with its usage and one end'),
  arrives('text-in-bytes', 'characters that are split across reads arrive whole'),
  arrives('empty-answer', 'an answer without content still ends'),
  arrives('long-text', 'a long answer arrives whole'),
  arrives('tool-call', 'a tool call arrives with its id, name and arguments', 'tools'),
  arrives('tool-calls', 'several tool calls arrive in order, each with its own arguments', 'tools'),
  arrives('tool-calls-interleaved', 'tool calls that travel at once are told apart', 'tools'),
  arrives('tool-call-without-arguments', 'a tool call without arguments arrives', 'tools'),
  arrives('tool-call-in-pieces', 'arguments in single characters and bytes arrive whole', 'tools'),
  arrives('text-and-tool-call', 'text before a tool call arrives', 'tools'),
  arrives('reasoning', 'reasoning arrives', 'reasoning'),
  arrives('reasoning-signed', 'the signature of a reasoning block arrives', 'reasoning'),
  arrives('reasoning-redacted', 'a redacted reasoning block arrives', 'reasoning'),
  arrives('reasoning-and-tool-call', 'reasoning before a tool call arrives', 'reasoning'),
  arrives('usage-cache-read', 'tokens read from the cache are counted apart from the input'),
  arrives('usage-cache-write', 'tokens written to the cache are counted apart from the input'),
  arrives('usage-reasoning', 'reasoning tokens are counted within the output'),
  arrives('stop-max-tokens', 'an answer that reached the output limit says so'),
  arrives('stop-sequence', 'an answer that reached a stop sequence says so'),
  arrives('stop-filtered', 'an answer that the vendor filtered says so'),
  arrives('stop-refusal', 'a refusal says so'),
  arrives('stop-error', 'an answer that went wrong says so'),
  arrives('stop-other', 'a reason to stop that has no word of its own is other'),
  {
    title: 'the id of the call arrives',
    scenario: 'text',
    needs: 'requestId',
    async run(opened) {
      const { end } = await collectAnswer(call(opened))
      expect(end.requestId).toBe(replyOf(SCENARIOS.text[0]).requestId)
    },
  },
  {
    title: 'the response hash covers the bytes, however they are cut',
    scenario: 'same-text-cut-differently',
    async run(opened) {
      const whole = await collectAnswer(call(opened))
      const inBytes = await collectAnswer(call(opened))
      expect(inBytes.end.rawResponseHash).toEqual(whole.end.rawResponseHash)
    },
  },
  {
    title: 'the response hash tells answers apart',
    scenario: 'different-texts',
    async run(opened) {
      const first = await collectAnswer(call(opened))
      const second = await collectAnswer(call(opened))
      // A provider that computes no hash says null both times.
      if (first.end.rawResponseHash === null) expect(second.end.rawResponseHash).toBeNull()
      else expect(second.end.rawResponseHash).not.toEqual(first.end.rawResponseHash)
    },
  },
]

/** Fails unless `answer` is what `reply` says, as far as the vendor carries it. */
export function expectAnswer(answer: CollectedAnswer, reply: VendorReply, harness: ProviderHarness): void {
  const carried = harness.carries?.(reply) ?? reply
  expect(answer.text).toBe(carried.text.join(''))
  expect(answer.reasoning).toEqual(carried.reasoning)
  expect(answer.toolCalls.map(comparable)).toEqual(carried.toolCalls.map(asToolUse).map(comparable))
  expect(answer.usage).toEqual(carried.usage)
  expect(answer.end.stopReason).toBe(carried.stopReason)
}

/** Returns the reply of an answer that is one. */
export function replyOf(answer: VendorAnswer | undefined): VendorReply {
  if (answer?.type !== 'reply') throw new RangeError('expected the vendor to answer with a reply')
  return answer.reply
}

function arrives(scenario: ScenarioName, title: string, needs?: ProviderCheck['needs']): ProviderCheck {
  const reply = replyOf(SCENARIOS[scenario][0])
  return {
    title,
    scenario,
    needs,
    async run(opened, harness) {
      expectAnswer(await collectAnswer(call(opened)), reply, harness)
    },
  }
}

function asToolUse({ callId, name, argumentPieces }: VendorToolCall): ToolUse {
  return { callId, name, arguments: argumentPieces.join('') }
}

/** Vendors that send arguments as an object leave spaces and the order of keys to the provider. */
function comparable(use: ToolUse): unknown {
  return { ...use, arguments: JSON.parse(use.arguments === '' ? '{}' : use.arguments) }
}
