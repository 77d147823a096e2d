import { type CacheControl, isProviderError, type Message, type ModelChunk } from '@starling/provider'
import { collectChunks, collectUntilFailure, messageOf } from '@starling/provider-http/conformance'
import { describe, expect, test } from 'vitest'
import { deltaEvent, sse } from './support/openrouter-codec.ts'
import { chunksOf, DONE, fixture, HELLO, providerSaying } from './support/provider.ts'

describe('thinking of Claude with parallel tools', () => {
  const details = [
    {
      type: 'reasoning.text',
      text: 'Two cities, two calls.',
      format: 'anthropic-claude-v1',
      index: 0,
      signature: 'EqQBCkgIBx',
    },
    { type: 'reasoning.encrypted', data: 'EmwKAhgBEgy', format: 'anthropic-claude-v1', index: 1 },
  ]

  test('is text to read, the calls, the blocks put together, and the usage with what was cached', async () => {
    const chunks = await chunksOf(fixture('claude-thinking-tools'))
    expect(chunks.slice(0, 4)).toEqual([
      { type: 'reasoning-delta', text: 'Two cities, ' },
      { type: 'reasoning-delta', text: 'two calls.' },
      { type: 'text-delta', text: 'Let me ' },
      { type: 'text-delta', text: 'look.' },
    ])
    expect(messageOf(chunks).toolUses).toMatchObject([
      { callId: 'toolu_01A', name: 'get_weather', arguments: '{"city":"Oslo"}' },
      { callId: 'toolu_01B', name: 'get_weather', arguments: '{"city":"Zürich"}' },
    ])
    expect(blocksOf(chunks)).toEqual([{ reasoning_details: details }])
    expect(chunks.filter(({ type }) => type === 'usage')).toMatchObject([
      { usage: { input: 100, cacheRead: 1800, cacheWrite: 200, output: 160, reasoning: 64 } },
    ])
    expect(chunks.at(-1)).toMatchObject({
      type: 'end',
      stopReason: 'tool_use',
      rawStopReason: 'tool_use',
      requestId: 'gen-1795250000-AbCdEf',
    })
    expect(chunks.at(-1)).not.toHaveProperty('answeredBy')
  })

  test('goes back as it came, once', async () => {
    const { provider, bodies } = providerSaying([fixture('claude-thinking-tools'), DONE])
    const message = messageOf(await collectChunks(provider.stream(HELLO)))
    const messages: Message[] = [
      ...HELLO.messages,
      message,
      { role: 'tool', callId: 'toolu_01A', content: 'rain', isError: false },
      { role: 'tool', callId: 'toolu_01B', content: 'sun', isError: false },
    ]
    await collectChunks(provider.stream({ ...HELLO, messages }))
    expect(JSON.parse(bodies[1] ?? '').messages[1]).toEqual({
      role: 'assistant',
      content: 'Let me look.',
      tool_calls: [
        { id: 'toolu_01A', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } },
        { id: 'toolu_01B', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Zürich"}' } },
      ],
      reasoning_details: details,
    })
  })

  test('does not go to OpenRouter when another provider gave it', async () => {
    const { provider, bodies } = providerSaying([fixture('claude-thinking-tools'), DONE])
    const message = { ...messageOf(await collectChunks(provider.stream(HELLO))), providerId: 'anthropic' }
    await collectChunks(provider.stream({ ...HELLO, messages: [message] }))
    expect(bodies[1]).not.toMatch(/reasoning/)
  })
})

test('reasoning does not go to another model than the one that gave it', async () => {
  const { provider, bodies } = providerSaying([fixture('claude-thinking-tools'), DONE, DONE])
  const given = messageOf(await collectChunks(provider.stream(HELLO)))
  const fallback = { ...given, providerId: 'openrouter', model: 'openai/gpt-5.4' }
  await collectChunks(provider.stream({ ...HELLO, messages: [fallback] }))
  expect(bodies[1]).not.toMatch(/reasoning|annotations/)
  // Asked for that model, it is its own again.
  await collectChunks(provider.stream({ ...HELLO, model: 'openai/gpt-5.4', messages: [fallback] }))
  expect(bodies[2]).toMatch(/reasoning_details/)
})

describe('cache writes', () => {
  const written = { prompt_tokens: 9, completion_tokens: 1, prompt_tokens_details: { cache_write_tokens: 5 } }
  const answer = deltaEvent({ content: 'x' }, ['stop', 'end_turn'])
  const usage = { input: 4, cacheRead: 0, cacheWrite: 5, output: 1, reasoning: 0 }
  const by = (model: string): string => answer + sse({ model, choices: [], usage: written }) + sse('[DONE]')

  test.each<[string, CacheControl, string]>([
    ['live as the vendor likes where the marks say nothing', { messages: true }, HELLO.model],
    ['live five minutes where they say so', { messages: true, ttl: '5m' }, HELLO.model],
    ['of another vendor, which answered instead, are its own', { messages: true, ttl: '1h' }, 'openai/gpt-5.4'],
  ])('%s', async (_, cache, model) => {
    expect(await chunksOf(by(model), { ...HELLO, cache })).toContainEqual({ type: 'usage', usage })
  })

  test('live an hour where the marks say so', async () => {
    const chunks = await chunksOf(by(HELLO.model), { ...HELLO, cache: { messages: true, ttl: '1h' } })
    expect(chunks).toContainEqual({ type: 'usage', usage: { ...usage, cacheWriteLong: 5 } })
  })
})

test('blocks of Gemini that belong to calls stay apart, each with the call that it is about', async () => {
  const chunks = await chunksOf(fixture('gemini-encrypted'), { ...HELLO, model: 'google/gemini-3.1-pro' })
  expect(blocksOf(chunks)).toMatchObject([
    {
      reasoning_details: [
        { type: 'reasoning.text', text: '**Plan**' },
        { type: 'reasoning.encrypted', data: 'CiQB0e2Kbx', id: 'tool_0_get_weather' },
        { type: 'reasoning.encrypted', data: 'CiQB0e2Kby', id: 'tool_1_get_weather' },
      ],
    },
  ])
  expect(chunks.at(-1)).toMatchObject({ stopReason: 'tool_use', rawStopReason: 'STOP' })
})

test('citations close the text they are about, and go back with it', async () => {
  const { provider, bodies } = providerSaying([fixture('web-search'), DONE])
  const chunks = await collectChunks(provider.stream({ ...HELLO, model: 'openai/gpt-5.4' }))
  expect(chunks.slice(0, 2)).toMatchObject([
    { type: 'text-delta', text: 'It rains in Oslo.' },
    { type: 'text-end', citations: [expect.stringContaining('https://example.com/oslo')] },
  ])
  await collectChunks(provider.stream({ ...HELLO, messages: [messageOf(chunks)] }))
  expect(JSON.parse(bodies[1] ?? '').messages[0]).toMatchObject({
    content: 'It rains in Oslo.',
    annotations: [{ type: 'url_citation', url_citation: { url: 'https://example.com/oslo' } }],
  })
})

test('what goes back has its numbers digit for digit', async () => {
  const numbers = '{"whole":1.0,"long":12345678901234567890}'
  const detail = (text: string): string =>
    `{"type":"reasoning.text","text":"${text}","index":0.0,"signature":null,"n":${numbers}}`
  const deltas = [
    `{"reasoning_details":[${detail('a')}]}`,
    `{"reasoning_details":[${detail('b')}]}`,
    '{"content":"x"}',
    `{"annotations":[${numbers}]}`,
  ]
  const stream = deltas.map((delta) => sse(`{"choices":[{"index":0,"delta":${delta}}]}`)).join('')
  const { provider, bodies } = providerSaying([stream + sse('[DONE]'), DONE])
  const message = messageOf(await collectChunks(provider.stream(HELLO)))
  await collectChunks(provider.stream({ ...HELLO, messages: [message] }))
  expect(bodies[1]).toContain(`"reasoning_details":[${detail('ab')}]`)
  expect(bodies[1]).toContain(`"annotations":[${numbers}]`)
})

describe('an error inside the stream', () => {
  test('comes after what was said, and is the failure of the vendor behind', async () => {
    const { chunks, error } = await failureOf(fixture('error-mid-stream'))
    expect(chunks).toEqual([{ type: 'text-delta', text: 'Half of an' }])
    expect(error).toMatchObject({ code: 'PROVIDER_SERVER', status: 502, retryable: true })
    expect(String(error)).toContain('Provider disconnected')
  })

  test.each([
    [400, 'PROVIDER_REJECTED', false],
    [401, 'PROVIDER_AUTH', false],
    [402, 'PROVIDER_BILLING', false],
    [408, 'PROVIDER_TIMEOUT', true],
    [429, 'PROVIDER_RATE_LIMIT', true],
    [502, 'PROVIDER_SERVER', true],
    [503, 'PROVIDER_OVERLOADED', true],
    ['server_error', 'PROVIDER_SERVER', true],
    ['rate_limit_exceeded', 'PROVIDER_RATE_LIMIT', true],
  ])('with the code %j is %s', async (code, expected, retryable) => {
    const whole = sse({ error: { code, message: 'went wrong' } })
    const ofChoice = sse({ choices: [{ index: 0, delta: {}, finish_reason: 'error', error: { code, message: 'm' } }] })
    for (const stream of [whole, ofChoice]) {
      expect((await failureOf(stream)).error).toMatchObject({ code: expected, retryable })
    }
  })
})

describe('who answered', () => {
  test.each<[string, string, string | undefined]>([
    ['openai/gpt-4o', 'openai/gpt-4o', undefined],
    ['openai/gpt-4o', 'openai/gpt-4o-2024-08-06', undefined],
    ['openai/gpt-4o:nitro', 'openai/gpt-4o', undefined],
    ['anthropic/claude-sonnet-4.6', 'anthropic/claude-4.6-sonnet-20260217', undefined],
    ['anthropic/claude-sonnet-4.6', 'anthropic/claude-4.6-opus-20260205', 'anthropic/claude-4.6-opus-20260205'],
    ['openai/gpt-4', 'openai/gpt-4o', 'openai/gpt-4o'],
    ['openai/gpt-5', 'openai/gpt-5-mini', 'openai/gpt-5-mini'],
    ['openrouter/auto', 'anthropic/claude-sonnet-5', 'anthropic/claude-sonnet-5'],
    ['~anthropic/claude-latest', 'anthropic/claude-opus-5', 'anthropic/claude-opus-5'],
    ['openai/gpt-4o', '', undefined],
  ])('when %j was asked and %j answered is told: %j', async (model, answering, expected) => {
    const chunks = await chunksOf(sse({ model: answering, choices: [] }) + DONE, { ...HELLO, model })
    const answeredBy = expected === undefined ? undefined : { providerId: 'openrouter', model: expected }
    expect(chunks.at(-1)).toMatchObject({ type: 'end', ...(answeredBy !== undefined && { answeredBy }) })
    expect(Object.hasOwn(chunks.at(-1) ?? {}, 'answeredBy')).toBe(answeredBy !== undefined)
  })
})

test.each([
  [['stop', 'stop_sequence'], 'stop_sequence'],
  [['stop', 'refusal'], 'refusal'],
  [['stop', 'STOP'], 'stop'],
  [['length', 'MAX_TOKENS'], 'max_tokens'],
  [['content_filter', 'SAFETY'], 'filtered'],
] as const)('an answer that ended with %j says %s, and the vendor’s own word', async (finish, stopReason) => {
  const chunks = await chunksOf(deltaEvent({ content: 'x' }, finish) + sse('[DONE]'))
  expect(chunks.at(-1)).toMatchObject({ stopReason, rawStopReason: finish[1] })
})

test('an answer without an end is cut off, whatever comments came', async () => {
  const { error } = await failureOf(
    `: OPENROUTER PROCESSING\n\n${deltaEvent({ content: 'x' })}: OPENROUTER PROCESSING\n\n`,
  )
  expect(isProviderError(error) && error.code).toBe('PROVIDER_INVALID_STREAM')
})

function blocksOf(chunks: readonly ModelChunk[]): unknown[] {
  return chunks.flatMap((chunk) => (chunk.type === 'opaque' ? [JSON.parse(chunk.data)] : []))
}

async function failureOf(stream: string) {
  return await collectUntilFailure(providerSaying([stream]).provider.stream(HELLO))
}
