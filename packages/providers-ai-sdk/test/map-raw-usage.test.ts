import { normalizeUsage } from '@starling/provider'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mapRawUsage } from '../src/map-raw-usage.ts'

const NONE = normalizeUsage({})
const ANTHROPIC = {
  input_tokens: 12,
  cache_read_input_tokens: 100,
  cache_creation_input_tokens: 50,
  cache_creation: { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 30 },
  output_tokens: 4,
}

describe('the usage in a chunk of the vendor', () => {
  test('is what Anthropic counted when it began, and when it has gone on', () => {
    const usage = { input: 12, cacheRead: 100, cacheWrite: 50, cacheWriteLong: 30, output: 4, reasoning: 0 }
    expect(mapRawUsage({ type: 'message_start', message: { usage: ANTHROPIC } })).toEqual(usage)
    expect(mapRawUsage({ type: 'message_delta', delta: {}, usage: ANTHROPIC })).toEqual(usage)
    // Without the input it is only a part.
    expect(mapRawUsage({ type: 'message_delta', delta: {}, usage: { output_tokens: 9 } })).toBeUndefined()
  })

  test('of Gemini takes what was cached off the prompt, and adds the thoughts to the answer', () => {
    const usageMetadata = {
      promptTokenCount: 30,
      cachedContentTokenCount: 10,
      toolUsePromptTokenCount: 5,
      candidatesTokenCount: 4,
      thoughtsTokenCount: 6,
    }
    const usage = { input: 25, cacheRead: 10, cacheWrite: 0, output: 10, reasoning: 6 }
    expect(mapRawUsage({ candidates: [], usageMetadata })).toEqual(usage)
  })

  test('of Chat Completions has the reasoning in the answer', () => {
    const usage = {
      prompt_tokens: 30,
      prompt_tokens_details: { cached_tokens: 10 },
      completion_tokens: 9,
      completion_tokens_details: { reasoning_tokens: 6 },
    }
    const expected = { input: 20, cacheRead: 10, cacheWrite: 0, output: 9, reasoning: 6 }
    expect(mapRawUsage({ choices: [], usage })).toEqual(expected)
  })

  test('of the Responses API is in the response, whichever event has it', () => {
    const usage = {
      input_tokens: 30,
      input_tokens_details: { cached_tokens: 10 },
      output_tokens: 9,
      output_tokens_details: { reasoning_tokens: 6 },
    }
    const expected = { input: 20, cacheRead: 10, cacheWrite: 0, output: 9, reasoning: 6 }
    for (const type of ['response.created', 'response.completed', 'response.failed']) {
      expect(mapRawUsage({ type, response: { id: 'resp_1', usage } })).toEqual(expected)
    }
  })

  test.each([
    undefined,
    null,
    'data: {}',
    [],
    {},
    { usage: null },
    { usage: {} },
    { usage: { completion_tokens: 3 } },
    { response: {} },
    { response: { usage: null } },
    { type: 'message_start' },
    { type: 'message_start', message: { usage: null } },
    { type: 'content_block_delta', delta: { text: 'x' } },
  ])('is not made up of %j', (chunk) => {
    expect(mapRawUsage(chunk)).toBeUndefined()
  })

  test('is in good order, whatever a vendor may send', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (first, second) => {
        for (const chunk of [
          first,
          { usage: first, message: second, type: 'message_start' },
          { usageMetadata: { promptTokenCount: first, thoughtsTokenCount: second } },
          { usage: { prompt_tokens: first, completion_tokens: second, prompt_tokens_details: second } },
          { response: { usage: { input_tokens: first, output_tokens: second } } },
        ]) {
          const usage = mapRawUsage(chunk) ?? NONE
          expect(normalizeUsage(usage)).toEqual(usage)
        }
      }),
    )
  })
})
