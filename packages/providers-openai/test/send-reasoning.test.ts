import type { AssistantMessage, AssistantPart } from '@starling/provider'
import { describe, expect, test } from 'vitest'
import { deepSeekReasoning, mistralReasoning, reasoningAs } from '../src/send-reasoning.ts'

const CALL: AssistantPart = { type: 'tool-use', callId: 'c', name: 'f', arguments: '{}' }
const THOUGHT: AssistantPart[] = [
  { type: 'reasoning', text: 'a' },
  { type: 'text', text: 'so' },
  { type: 'reasoning', text: 'b' },
  { type: 'reasoning', text: 'b2Js', redacted: true },
]

describe('reasoning that goes back', () => {
  test('is one text, without what was redacted', () => {
    expect(reasoningAs('reasoning')(messageOf(THOUGHT))).toEqual({ reasoning: 'ab' })
    expect(reasoningAs('reasoning_content')(messageOf(THOUGHT))).toEqual({ reasoning_content: 'ab' })
    expect(reasoningAs('reasoning')(messageOf([CALL]))).toEqual({})
  })

  test('to DeepSeek is there for every answer with calls', () => {
    expect(deepSeekReasoning(messageOf([...THOUGHT, CALL]))).toEqual({ reasoning_content: 'ab' })
    expect(deepSeekReasoning(messageOf(THOUGHT))).toEqual({ reasoning_content: 'ab' })
    expect(deepSeekReasoning(messageOf([CALL]))).toEqual({ reasoning_content: '' })
    expect(deepSeekReasoning(messageOf([{ type: 'text', text: 'so' }]))).toEqual({})
  })

  test('to Mistral is a part of the content, before the text', () => {
    const thinking = { type: 'thinking', thinking: [{ type: 'text', text: 'ab' }] }
    expect(mistralReasoning(messageOf(THOUGHT))).toEqual({ content: [thinking, { type: 'text', text: 'so' }] })
    expect(mistralReasoning(messageOf([{ type: 'reasoning', text: 'ab' }, CALL]))).toEqual({ content: [thinking] })
    expect(mistralReasoning(messageOf([CALL]))).toEqual({})
  })
})

function messageOf(parts: readonly AssistantPart[]): AssistantMessage {
  return { role: 'assistant', content: '', toolUses: [], parts }
}
