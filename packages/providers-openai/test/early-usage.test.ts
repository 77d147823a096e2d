import { checkChunks, type ModelChunk, type Usage } from '@starling/provider'
import {
  collectChunks,
  collectUntilFailure,
  openLoopbackServer,
  type Respond,
  respondWith,
  write,
} from '@starling/provider-http/conformance'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createOpenAIResponsesProvider } from '../src/index.ts'
import { deltaEvent, HELLO, providerFor, sse } from './support/chunks.ts'
import { responseEvent } from './support/responses-codec.ts'

// What a call used that fails after all is paid for: it must be known before the failure is.

const CONTINUOUS = readFileSync(new URL('fixtures/chat/vllm-continuous-usage.sse', import.meta.url), 'utf8')

describe('the usage of a chat completion', () => {
  test('is told anew with every chunk that has it, and the last one is that of the answer', async () => {
    const chunks = await chatChunks(respondWith(200, CONTINUOUS))
    expect(outputsOf(chunks)).toEqual([0, 1, 2, 3, 4, 4])
    expect(chunks.map(({ type }) => type).join(' ')).toBe(
      'usage text-delta usage text-delta usage text-delta usage usage usage end',
    )
  })

  test.each([1, 2, 3, 4, 5])('is known up to the cut after %i chunks', async (count) => {
    const events = CONTINUOUS.split('\n\n').slice(0, count)
    const { chunks, error } = await chatFailure(async (response) => {
      await write(response, `${events.join('\n\n')}\n\n`)
      response.destroy()
    })
    expect(error).toMatchObject({ code: 'PROVIDER_NETWORK', retryable: true })
    expect(outputsOf(chunks).at(-1)).toBe(count - 1)
  })

  test('is known when the finish reason never comes', async () => {
    const { chunks, error } = await chatFailure(respondWith(200, usageEvent(7) + deltaEvent({ content: 'x' })))
    expect(error).toMatchObject({ code: 'PROVIDER_INVALID_STREAM', retryable: true })
    expect(chunks).toMatchObject([{ type: 'usage', usage: { input: 11, output: 7 } }, { type: 'text-delta' }])
  })

  test('that comes with an error goes before it, and nothing comes after it', async () => {
    const failure = { error: { message: 'overloaded', type: 'server_error' }, usage: usageOf(3) }
    const stream = deltaEvent({ content: 'x' }) + sse(failure) + deltaEvent({ content: 'y' }, 'stop')
    const { chunks, error } = await chatFailure(respondWith(200, stream))
    expect(error).toMatchObject({ code: 'PROVIDER_SERVER', retryable: true })
    expect(chunks).toMatchObject([
      { type: 'text-delta', text: 'x' },
      { type: 'usage', usage: { input: 11, output: 3 } },
    ])
  })

  test('does not cut a text in two, nor a tool call', async () => {
    const call = (args: string) => ({ tool_calls: [{ index: 0, id: 'c', function: { name: 'f', arguments: args } }] })
    const stream = [
      deltaEvent({ content: 'a' }),
      usageEvent(1),
      deltaEvent({ content: 'b' }),
      deltaEvent(call('{"x"')),
      usageEvent(2),
      deltaEvent(call(':1}'), 'tool_calls'),
    ]
    const chunks = await chatChunks(respondWith(200, stream.join('')))
    expect(chunks.filter(({ type }) => type === 'text-end')).toEqual([])
    expect(chunks.filter(({ type }) => type.startsWith('tool-call'))).toMatchObject([
      { type: 'tool-call-start' },
      { argumentsText: '{"x"' },
      { argumentsText: ':1}' },
      { type: 'tool-call-end' },
    ])
  })
})

describe('the usage of a response', () => {
  const created = (usage: object | null) =>
    responseEvent({ type: 'response.created', response: { id: 'resp_1', status: 'in_progress', usage } })
  const text = responseEvent({ type: 'response.output_text.delta', output_index: 0, delta: 'x' })
  const used = { input_tokens: 30, input_tokens_details: { cached_tokens: 10 }, output_tokens: 2 }

  test('is known as soon as an event has it, and a later one replaces it', async () => {
    const whole = responseEvent({ type: 'response.completed', response: { usage: { ...used, output_tokens: 9 } } })
    const { chunks, error } = await responsesOutcome(created(used) + text + whole)
    expect(error).toBeUndefined()
    expect(chunks).toMatchObject([
      { type: 'usage', usage: { input: 20, cacheRead: 10, output: 2 } },
      { type: 'text-delta' },
      { type: 'usage', usage: { input: 20, cacheRead: 10, output: 9 } },
      { type: 'end' },
    ])
  })

  test('is known when the answer is cut off', async () => {
    const { chunks, error } = await responsesOutcome(created(used) + text)
    expect(error).toMatchObject({ code: 'PROVIDER_INVALID_STREAM', retryable: true })
    expect(outputsOf(chunks)).toEqual([2])
  })

  test('that comes with a failure goes before it', async () => {
    const error = { code: 'server_error', message: 'sorry' }
    const failed = responseEvent({ type: 'response.failed', response: { status: 'failed', error, usage: used } })
    const outcome = await responsesOutcome(created(null) + text + failed + text)
    expect(outcome.error).toMatchObject({ code: 'PROVIDER_SERVER', retryable: true })
    expect(outcome.chunks).toMatchObject([{ type: 'text-delta' }, { type: 'usage', usage: { output: 2 } }])
  })

  test('of an answer without any is not made up', async () => {
    const { chunks } = await responsesOutcome(created(null) + text + responseEvent({ type: 'response.completed' }))
    expect(chunks.map(({ type }) => type)).toEqual(['text-delta', 'end'])
  })
})

function usageOf(output: number): object {
  return { prompt_tokens: 11, completion_tokens: output }
}

function usageEvent(output: number): string {
  return sse({ choices: [], usage: usageOf(output) })
}

function outputsOf(chunks: readonly ModelChunk[]): Usage['output'][] {
  return chunks.flatMap((chunk) => (chunk.type === 'usage' ? [chunk.usage.output] : []))
}

async function chatChunks(respond: Respond): Promise<ModelChunk[]> {
  await using server = await openLoopbackServer(respond)
  return await collectChunks(checkChunks(providerFor(server.url).stream(HELLO)))
}

async function chatFailure(respond: Respond) {
  await using server = await openLoopbackServer(respond)
  return await collectUntilFailure(providerFor(server.url).stream(HELLO))
}

async function responsesOutcome(stream: string) {
  await using server = await openLoopbackServer(respondWith(200, stream))
  const provider = createOpenAIResponsesProvider({ baseUrl: server.url, apiKey: 'test-key', env: {} })
  return await collectUntilFailure(provider.stream(HELLO))
}
