import { expect, test } from 'vitest'

import { collectAnswer } from '../src/conformance/index.ts'
import { ProviderError, type ModelChunk, type ModelRequest } from '../src/index.ts'
import { createScriptedProvider, replyToChunks, type Script, type ScriptedTurn } from '../src/scripted/index.ts'

const HOUR_MS = 3_600_000

const REQUEST: ModelRequest = {
  model: 'test-model',
  systemPrompt: '',
  messages: [{ role: 'user', content: 'hello' }],
  tools: [],
}

test('a provider is called scripted unless it is given a name', () => {
  expect(createScriptedProvider({ turns: [] }).info).toEqual({ id: 'scripted', apiVersion: 'v0' })
  const named = createScriptedProvider({ turns: [], id: 'openai', apiVersion: 'v1', capabilities: { tools: true } })
  expect(named.info).toEqual({ id: 'openai', apiVersion: 'v1' })
  expect(named.capabilities).toEqual({ tools: true })
})

test('each call gets the next answer, and one beyond the script fails', async () => {
  const provider = createScriptedProvider({ turns: [{ text: 'one' }, { text: 'two' }] })
  expect(await textOf(provider.stream(REQUEST))).toBe('one')
  expect(await textOf(provider.stream(REQUEST))).toBe('two')
  await expect(textOf(provider.stream(REQUEST))).rejects.toMatchObject({
    code: 'PROVIDER_REJECTED',
    message: 'scripted provider exhausted',
    retryable: false,
  })
  expect(provider.requests).toHaveLength(3)
  expect(provider.activeCalls).toBe(0)
})

test('a reply in short becomes the chunks of a whole answer', () => {
  const signature = Uint8Array.of(1, 2)
  const chunks = replyToChunks(
    {
      reasoning: [
        { text: 'hm', signature },
        { text: 'opaque', redacted: true },
      ],
      text: ['Let me', ' look.'],
      toolCalls: [
        { id: 'c1', name: 'search', arguments: '{ "q": 1 }' },
        { name: 'lookup', arguments: { id: 7 } },
        { name: 'join', arguments: ['{"a"', ':1}'] },
        { name: 'nothing' },
      ],
      usage: { input: 5, output: 2 },
      requestId: 'r1',
    },
    1,
  )
  expect(chunks).toEqual([
    { type: 'reasoning-delta', text: 'hm', signature },
    { type: 'redacted-reasoning', data: 'opaque' },
    { type: 'text-delta', text: 'Let me' },
    { type: 'text-delta', text: ' look.' },
    { type: 'tool-call-start', callId: 'c1', name: 'search' },
    { type: 'tool-call-delta', callId: 'c1', argumentsText: '{ "q": 1 }' },
    { type: 'tool-call-end', callId: 'c1' },
    { type: 'tool-call-start', callId: 'call-2-2', name: 'lookup' },
    { type: 'tool-call-delta', callId: 'call-2-2', argumentsText: '{"id":7}' },
    { type: 'tool-call-end', callId: 'call-2-2' },
    { type: 'tool-call-start', callId: 'call-2-3', name: 'join' },
    { type: 'tool-call-delta', callId: 'call-2-3', argumentsText: '{"a"' },
    { type: 'tool-call-delta', callId: 'call-2-3', argumentsText: ':1}' },
    { type: 'tool-call-end', callId: 'call-2-3' },
    { type: 'tool-call-start', callId: 'call-2-4', name: 'nothing' },
    { type: 'tool-call-end', callId: 'call-2-4' },
    { type: 'usage', usage: { input: 5, cacheRead: 0, cacheWrite: 0, output: 2, reasoning: 0 } },
    { type: 'end', stopReason: 'tool_use', rawStopReason: 'tool_use', rawResponseHash: null, requestId: 'r1' },
  ])
})

test('a reply without anything is an empty answer', () => {
  expect(replyToChunks({})).toEqual([
    { type: 'usage', usage: { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 } },
    { type: 'end', stopReason: 'stop', rawStopReason: 'stop', rawResponseHash: null },
  ])
})

test('the stop reason and the word of the vendor can be said', () => {
  expect(replyToChunks({ stopReason: 'max_tokens', rawStopReason: 'length' }).at(-1)).toMatchObject({
    stopReason: 'max_tokens',
    rawStopReason: 'length',
  })
  expect(replyToChunks({ reasoning: 'hm' })[0]).toEqual({ type: 'reasoning-delta', text: 'hm' })
})

test('chunks go out as they are written, also when they break the protocol', async () => {
  const chunks: ModelChunk[] = [
    { type: 'tool-call-end', callId: 'never started' },
    { type: 'text-delta', text: 'and no end' },
  ]
  expect(await collect(streamOf({ chunks }))).toEqual(chunks)
})

test('an answer may depend on the request and the number of the call', async () => {
  const turns: Script = (request, callIndex) => {
    const last = request.messages.at(-1)
    return callIndex < 2 ? { text: `${callIndex}: ${last?.content ?? ''}` } : undefined
  }
  const provider = createScriptedProvider({ turns })
  expect(await textOf(provider.stream(REQUEST))).toBe('0: hello')
  const other: ModelRequest = { ...REQUEST, messages: [{ role: 'user', content: 'again' }] }
  expect(await textOf(provider.stream(other))).toBe('1: again')
  await expect(textOf(provider.stream(REQUEST))).rejects.toThrow('scripted provider exhausted')
})

test('an answer may take its time to be made up, and may fail to be', async () => {
  const later = createScriptedProvider({ turns: async () => ({ text: 'later' }) })
  expect(await textOf(later.stream(REQUEST))).toBe('later')
  const failure = new Error('no answer')
  const failing = createScriptedProvider({ turns: () => Promise.reject(failure) })
  await expect(textOf(failing.stream(REQUEST))).rejects.toBe(failure)
  expect(failing.activeCalls).toBe(0)
})

test('requests are kept as they were, in the order the calls began', async () => {
  const provider = createScriptedProvider({ turns: () => ({ text: 'x' }) })
  const messages = [...REQUEST.messages]
  const first = provider.stream({ ...REQUEST, messages })
  await textOf(provider.stream({ ...REQUEST, model: 'second' }))
  await textOf(first)
  messages.push({ role: 'user', content: 'added later' })
  expect(provider.requests.map(({ model }) => model)).toEqual(['second', 'test-model'])
  expect(provider.requests[1]).toEqual(REQUEST)
})

test('calls at once get different answers', async () => {
  const provider = createScriptedProvider({ turns: Array.from({ length: 50 }, (_, index) => ({ text: `${index}` })) })
  const answers = await Promise.all(Array.from({ length: 50 }, () => textOf(provider.stream(REQUEST))))
  expect(answers).toEqual(Array.from({ length: 50 }, (_, index) => `${index}`))
})

test('a fault strikes before the first chunk, unless it is told when', async () => {
  const error = new ProviderError('PROVIDER_NETWORK', 'unplugged')
  const atOnce = await outcomeOf({ text: ['a', 'b'], fault: { kind: 'error', error } })
  expect(atOnce).toEqual({ chunks: 0, error })
  const later = await outcomeOf({ text: ['a', 'b'], fault: { kind: 'error', error, afterChunks: 1 } })
  expect(later).toEqual({ chunks: 1, error })
  const afterAll = await outcomeOf({ text: 'a', fault: { kind: 'error', error, afterChunks: 99 } })
  expect(afterAll).toEqual({ chunks: 3, error })
})

test('an error without one of its own is a failure of the vendor', async () => {
  const { error } = await outcomeOf({ fault: { kind: 'error' } })
  expect(error).toMatchObject({ code: 'PROVIDER_SERVER', message: 'scripted failure', retryable: true })
})

test('an answer that stops short has no end', async () => {
  expect(await collect(streamOf({ text: 'a', fault: { kind: 'eof' } }))).toMatchObject([
    { type: 'text-delta' },
    { type: 'usage' },
  ])
  expect(await collect(streamOf({ text: ['a', 'b'], fault: { kind: 'eof', afterChunks: 1 } }))).toHaveLength(1)
  expect(await collect(streamOf({ chunks: [], fault: { kind: 'eof' } }))).toEqual([])
})

test('an answer that hangs waits for an abort', async () => {
  const controller = new AbortController()
  const provider = createScriptedProvider({ turns: [{ text: 'a', fault: { kind: 'hang', afterChunks: 1 } }] })
  const chunks = provider.stream(REQUEST, { signal: controller.signal })[Symbol.asyncIterator]()
  expect(await chunks.next()).toMatchObject({ value: { text: 'a' } })
  const rest = chunks.next()
  expect(provider.activeCalls).toBe(1)
  controller.abort('enough')
  await expect(rest).rejects.toBe('enough')
  expect(provider.activeCalls).toBe(0)
})

test('every chunk is waited for, through the given sleep', async () => {
  const slept: number[] = []
  const sleep = async (ms: number): Promise<void> => void slept.push(ms)
  const turns = [{ text: ['a', 'b'] }, { text: 'c', latencyMs: 5 }, { text: 'd', latencyMs: 0 }]
  const provider = createScriptedProvider({ turns, latencyMs: 20, sleep })
  await textOf(provider.stream(REQUEST))
  expect(slept).toEqual([20, 20, 20, 20])
  await textOf(provider.stream(REQUEST))
  expect(slept.slice(4)).toEqual([5, 5, 5])
  await textOf(provider.stream(REQUEST))
  expect(slept).toHaveLength(7)
})

test.for<[string, (ms: number, signal?: AbortSignal) => Promise<void>]>([
  ['ends early', () => Promise.resolve()],
  ['rejects with an error of its own', () => Promise.reject(new DOMException('aborted', 'AbortError'))],
])('an abort during a wait rejects with its reason when the sleep %s', async ([, whenAborted]) => {
  const reason = new Error('stop')
  const controller = new AbortController()
  const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
    controller.abort(reason)
    await whenAborted(ms, signal)
  }
  const provider = createScriptedProvider({ turns: [{ text: 'a', latencyMs: 1 }], sleep })
  await expect(textOf(provider.stream(REQUEST, { signal: controller.signal }))).rejects.toBe(reason)
})

test('a sleep that fails without an abort fails the call', async () => {
  const failure = new Error('no timer')
  const provider = createScriptedProvider({
    turns: [{ text: 'a', latencyMs: 1 }],
    sleep: () => Promise.reject(failure),
  })
  await expect(textOf(provider.stream(REQUEST))).rejects.toBe(failure)
})

test('the default sleep waits, and wakes for an abort', async () => {
  const turns = [
    { text: 'a', latencyMs: 1 },
    { text: 'b', latencyMs: HOUR_MS },
    { text: ['c', 'd'], latencyMs: HOUR_MS },
  ]
  const provider = createScriptedProvider({ turns })
  expect(await textOf(provider.stream(REQUEST))).toBe('a')
  const early = new AbortController()
  const abortedEarly = textOf(provider.stream(REQUEST, { signal: early.signal }))
  early.abort('enough')
  await expect(abortedEarly).rejects.toBe('enough')
  const late = new AbortController()
  const abortedAsleep = textOf(provider.stream(REQUEST, { signal: late.signal }))
  setImmediate(() => late.abort('enough'))
  await expect(abortedAsleep).rejects.toBe('enough')
})

test('an answer has no response hash unless one is asked for', async () => {
  expect((await collectAnswer(streamOf({ text: 'a' }))).end.rawResponseHash).toBeNull()
})

test('a response hash follows from the chunks', async () => {
  const turns: ScriptedTurn[] = [
    { text: 'a' },
    { text: 'a' },
    { text: 'b' },
    { reasoning: [{ text: 'a', signature: Uint8Array.of(1) }] },
    { reasoning: [{ text: 'a', signature: Uint8Array.of(2) }] },
  ]
  const provider = createScriptedProvider({ turns, responseHash: 'chunks' })
  const hashes: string[] = []
  while (hashes.length < turns.length) {
    const { end } = await collectAnswer(provider.stream(REQUEST))
    hashes.push(String(end.rawResponseHash))
  }
  expect(hashes[0]).toBe(hashes[1])
  expect(new Set(hashes).size).toBe(4)
  expect(hashes[0]?.split(',')).toHaveLength(32)
})

test('a response hash that the script has is kept', async () => {
  const rawResponseHash = new Uint8Array(32).fill(7)
  const end: ModelChunk = { type: 'end', stopReason: 'stop', rawStopReason: '', rawResponseHash }
  const provider = createScriptedProvider({ turns: [{ chunks: [end] }], responseHash: 'chunks' })
  expect((await collectAnswer(provider.stream(REQUEST))).end.rawResponseHash).toBe(rawResponseHash)
})

async function textOf(chunks: AsyncIterable<ModelChunk>): Promise<string> {
  return (await collectAnswer(chunks)).text
}

function streamOf(turn: ScriptedTurn): AsyncIterable<ModelChunk> {
  return createScriptedProvider({ turns: [turn] }).stream(REQUEST)
}

async function collect(chunks: AsyncIterable<ModelChunk>): Promise<ModelChunk[]> {
  const collected: ModelChunk[] = []
  for await (const chunk of chunks) collected.push(chunk)
  return collected
}

async function outcomeOf(turn: ScriptedTurn): Promise<{ readonly chunks: number; readonly error: unknown }> {
  const chunks: ModelChunk[] = []
  try {
    for await (const chunk of streamOf(turn)) chunks.push(chunk)
  } catch (error) {
    return { chunks: chunks.length, error }
  }
  return { chunks: chunks.length, error: undefined }
}
