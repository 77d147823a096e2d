import { createAnthropic } from '@ai-sdk/anthropic'
import type { ModelChunk, Provider } from '@starling/provider'
import { collectUntilFailure } from '@starling/provider-http/conformance'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createAiSdkProvider } from '../src/index.ts'
import { createPartsModel, FINISH, HELLO } from './support/parts-model.ts'

// What a call used that fails after all is paid for: it must be known before the failure is.

const CUT = new Error('cut')
const TEXT = { type: 'text-delta', id: '1', delta: 'Hel' }

describe('the usage of an answer that fails', () => {
  test('is known when Anthropic began to answer, with what it wrote to its cache for an hour', async () => {
    const usage = {
      input_tokens: 12,
      cache_read_input_tokens: 100,
      cache_creation_input_tokens: 50,
      cache_creation: { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 30 },
      output_tokens: 1,
    }
    const { chunks, error } = await outcomeOf([anthropicStart({ usage }), TEXT], CUT)
    expect(error).toMatchObject({ code: 'PROVIDER_SERVER' })
    expect(chunks).toEqual([
      {
        type: 'usage',
        usage: { input: 12, cacheRead: 100, cacheWrite: 50, cacheWriteLong: 30, output: 1, reasoning: 0 },
      },
      { type: 'text-delta', text: 'Hel' },
    ])
  })

  test.each([[{}], [{ usage: null }], [{ usage: {} }], [{ usage: { input_tokens: 'many' } }]])(
    'is not made up of a beginning that does not tell: %j',
    async (metadata) => {
      const { chunks } = await outcomeOf([anthropicStart(metadata), TEXT], CUT)
      expect(chunks.map(({ type }) => type)).toEqual(['text-delta'])
    },
  )

  test('is known after the finish part, whatever breaks then', async () => {
    const { chunks, error } = await outcomeOf([TEXT, FINISH], CUT)
    expect(error).toMatchObject({ code: 'PROVIDER_SERVER' })
    expect(chunks.at(-1)).toMatchObject({ type: 'usage', usage: { input: 3, output: 2 } })
  })

  test('is replaced by the usage of the finish part', async () => {
    const { chunks, error } = await outcomeOf([anthropicStart({ usage: { input_tokens: 1 } }), TEXT, FINISH])
    expect(error).toBeUndefined()
    expect(chunks).toMatchObject([
      { type: 'usage', usage: { input: 1, output: 0 } },
      { type: 'text-delta' },
      { type: 'usage', usage: { input: 3, output: 2 } },
      { type: 'end' },
    ])
  })
})

describe("a vendor's own chunk", () => {
  const raw = (output: number): object => ({
    type: 'raw',
    rawValue: { choices: [], usage: { prompt_tokens: 11, completion_tokens: output } },
  })

  test('tells the usage before the package sums it up', async () => {
    const { chunks, error } = await outcomeOf([raw(1), TEXT, raw(2)], CUT)
    expect(error).toMatchObject({ code: 'PROVIDER_SERVER' })
    expect(chunks).toMatchObject([
      { type: 'usage', usage: { input: 11, output: 1 } },
      { type: 'text-delta' },
      { type: 'usage', usage: { input: 11, output: 2 } },
    ])
  })

  test('that tells the same again says nothing, and the package has the last word', async () => {
    const { chunks } = await outcomeOf([raw(1), raw(1), TEXT, raw(1), FINISH])
    expect(usagesOf(chunks)).toMatchObject([
      { input: 11, output: 1 },
      { input: 3, output: 2 },
    ])
  })
})

describe('the Anthropic package', () => {
  const recorded = readFileSync(new URL('fixtures/anthropic-turn.sse', import.meta.url), 'utf8')

  test('tells what was read and written before the first word, so that a cut leaves it', async () => {
    const beginning = recorded.slice(0, recorded.indexOf('event: content_block_stop'))
    const { chunks, error } = await collectUntilFailure(anthropicSaying(beginning).stream(CLAUDE))
    expect(error).toMatchObject({ code: 'PROVIDER_INVALID_STREAM', retryable: true })
    const [whole] = usagesOf((await collectUntilFailure(anthropicSaying(recorded).stream(CLAUDE))).chunks)
    expect(usagesOf(chunks)).toEqual([whole])
    expect(whole?.input).toBeGreaterThan(0)
  })
})

const CLAUDE = { ...HELLO, model: 'claude-sonnet-4-5' }

function anthropicSaying(stream: string): Provider {
  const fetch = (): Promise<Response> =>
    Promise.resolve(new Response(stream, { headers: { 'content-type': 'text/event-stream' } }))
  return createAiSdkProvider({ model: createAnthropic({ apiKey: 'test-key', fetch })(CLAUDE.model), env: {} })
}

function anthropicStart(metadata: object): object {
  return { type: 'custom', kind: 'anthropic.message_start', providerMetadata: { anthropic: metadata } }
}

/** Reads an answer of these parts, which then breaks off with an error if one is given. */
function outcomeOf(parts: readonly object[], error?: Error) {
  async function* breakingOff(): AsyncGenerator<object> {
    yield* parts
    if (error !== undefined) throw error
  }
  const model = {
    ...createPartsModel([]),
    doStream: () => Promise.resolve({ stream: ReadableStream.from(breakingOff()) }),
  }
  return collectUntilFailure(createAiSdkProvider({ model, env: {} }).stream(HELLO))
}

function usagesOf(chunks: readonly ModelChunk[]) {
  return chunks.flatMap((chunk) => (chunk.type === 'usage' ? [chunk.usage] : []))
}
