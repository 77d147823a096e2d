import type { MessageDeltaUsage, Usage } from '@anthropic-ai/sdk/resources/messages'
import { describe, expect, test } from 'vitest'
import { createUsageMeter } from '../src/map-usage.ts'

const START: Usage = {
  input_tokens: 25,
  cache_creation_input_tokens: 7,
  cache_read_input_tokens: 3,
  cache_creation: { ephemeral_5m_input_tokens: 7, ephemeral_1h_input_tokens: 0 },
  output_tokens: 1,
  output_tokens_details: null,
  server_tool_use: null,
  service_tier: 'standard',
  inference_geo: null,
  speed: null,
}

const NOTHING_NEW: MessageDeltaUsage = {
  input_tokens: null,
  cache_creation_input_tokens: null,
  cache_read_input_tokens: null,
  output_tokens: 9,
  output_tokens_details: null,
  server_tool_use: null,
}

describe('token counts', () => {
  test('the parts do not overlap', () => {
    expect(total(START)).toEqual({ input: 25, cacheRead: 3, cacheWrite: 7, output: 1, reasoning: 0 })
  })

  test('what a later report leaves out stays', () => {
    expect(total(START, NOTHING_NEW)).toEqual({ input: 25, cacheRead: 3, cacheWrite: 7, output: 9, reasoning: 0 })
    expect(total(START, { output_tokens: 9 })).toEqual(total(START, NOTHING_NEW))
  })

  test('a later report is the sum so far, not a further part', () => {
    const later: MessageDeltaUsage = {
      input_tokens: 10_682,
      cache_creation_input_tokens: 7,
      cache_read_input_tokens: 3000,
      output_tokens: 510,
      output_tokens_details: { thinking_tokens: 200 },
      server_tool_use: { web_search_requests: 1, web_fetch_requests: 0 },
    }
    expect(total(START, later)).toEqual({
      input: 10_682,
      cacheRead: 3000,
      cacheWrite: 7,
      output: 510,
      reasoning: 200,
    })
  })

  test('what is written for an hour is a part of what is written, and stays where a later report leaves it out', () => {
    const cache_creation = { ephemeral_5m_input_tokens: 2, ephemeral_1h_input_tokens: 5 }
    expect(total({ ...START, cache_creation })).toMatchObject({ cacheWrite: 7, cacheWriteLong: 5 })
    expect(total({ ...START, cache_creation }, NOTHING_NEW)).toMatchObject({ cacheWrite: 7, cacheWriteLong: 5 })
    expect(total(NOTHING_NEW, { ...START, cache_creation })).toMatchObject({ cacheWrite: 7, cacheWriteLong: 5 })
    expect(total(START, NOTHING_NEW)).not.toHaveProperty('cacheWriteLong')
    expect(total({ ...START, cache_creation: null })).not.toHaveProperty('cacheWriteLong')
  })

  test('a report of zeros at the end takes nothing back', () => {
    expect(total(START, { input_tokens: 0, output_tokens: 9 })).toMatchObject({ input: 25, output: 9 })
  })

  test('without a report there are none', () => {
    expect(total()).toBeUndefined()
    expect(total(undefined, null, 'usage', 5)).toBeUndefined()
  })

  test('only a report that changes something is news', () => {
    const meter = createUsageMeter()
    const news = [START, START, { output_tokens: 1 }, { output_tokens: 4 }].map((report) => meter.add(report))
    expect(news).toEqual([
      expect.objectContaining({ input: 25, output: 1 }),
      undefined,
      undefined,
      expect.objectContaining({ input: 25, output: 4 }),
    ])
  })

  test('what is not a count is no tokens', () => {
    expect(total({ input_tokens: '25', output_tokens: -3, output_tokens_details: 7 })).toEqual({
      input: 0,
      cacheRead: 0,
      cacheWrite: 0,
      output: 0,
      reasoning: 0,
    })
  })
})

function total(...reports: readonly unknown[]) {
  const meter = createUsageMeter()
  return reports.map((report) => meter.add(report)).findLast((usage) => usage !== undefined)
}
