import fc from 'fast-check'
import { expect, test } from 'vitest'

import { checkChunks, createChunkChecker, ProviderError, type ModelChunk } from '../src/index.ts'

const USAGE = { input: 1, cacheRead: 0, cacheWrite: 0, output: 2, reasoning: 1 }
const END: ModelChunk = { type: 'end', stopReason: 'stop', rawStopReason: '', rawResponseHash: null }
const TEXT: ModelChunk = { type: 'text-delta', text: 'x' }

test('a whole answer passes unchanged', async () => {
  const answer: ModelChunk[] = [
    { type: 'reasoning-delta', text: 'hm' },
    { type: 'reasoning-delta', text: '', signature: Uint8Array.of(1) },
    { type: 'redacted-reasoning', data: 'opaque' },
    { type: 'usage', usage: USAGE },
    TEXT,
    start('a'),
    start('b'),
    delta('b', '{'),
    delta('a', ''),
    delta('b', '}'),
    end('b'),
    TEXT,
    { type: 'text-end', citations: ['{"url":"https://x.test"}'], signature: Uint8Array.of(2) },
    { type: 'opaque', data: '{"type":"search"}' },
    end('a'),
    { type: 'usage', usage: { ...USAGE, output: 0 } },
    { ...END, rawResponseHash: new Uint8Array(32), requestId: 'r' },
  ]
  const passed = await collect(checkChunks(from(answer)))
  expect(passed).toEqual(answer)
  expect(passed.every((chunk, index) => chunk === answer[index])).toBe(true)
})

test('after a failed attempt the answer begins again, with call ids of its own', async () => {
  const failed: ModelChunk = {
    type: 'attempt-failed',
    error: new ProviderError('PROVIDER_OVERLOADED', 'overloaded'),
    next: 'fallback',
    delayMs: 0,
  }
  const answer = [start('a'), delta('a', '{'), failed, start('a'), delta('a', '{}'), end('a'), END]
  expect(await collect(checkChunks(from(answer)))).toEqual(answer)
})

test('an answer of nothing but an end passes', async () => {
  expect(await collect(checkChunks(from([END])))).toEqual([END])
})

test.for<[readonly unknown[], string]>([
  [[], 'the answer stopped before its end chunk'],
  [[TEXT], 'the answer stopped before its end chunk'],
  [[END, END], 'end chunk after the end'],
  [[END, TEXT], 'text-delta chunk after the end'],
  [[END, { type: 'usage', usage: USAGE }], 'usage chunk after the end'],
  [[start(''), END], 'tool call with the id "", expected text'],
  [[{ ...start('a'), callId: undefined }, END], 'tool call with the id undefined, expected text'],
  [[start('a', ''), END], 'tool call "a" with the name "", expected text'],
  [[{ type: 'tool-call-start', callId: 'a' }, END], 'tool call "a" with the name undefined, expected text'],
  [[start('a'), start('a')], 'tool call "a" starts a second time'],
  [[start('a'), end('a'), start('a')], 'tool call "a" starts a second time'],
  [[delta('a', '{}')], 'delta of tool call "a", which has not started'],
  [[start('a'), end('a'), delta('a', '{}')], 'delta of tool call "a", which has ended'],
  [[end('a')], 'end of tool call "a", which has not started'],
  [[start('a'), end('a'), end('a')], 'end of tool call "a", which has ended'],
  [[start('a'), start('b'), end('a'), END], 'tool call "b" is open at the end'],
  [[{ type: 'text-delta' }], 'text-delta chunk whose text is undefined, expected text'],
  [[{ type: 'reasoning-delta', text: null }], 'reasoning-delta chunk whose text is object, expected text'],
  [[{ type: 'redacted-reasoning', text: '' }], 'redacted-reasoning chunk whose data is undefined, expected text'],
  [
    [start('a'), { type: 'tool-call-delta', callId: 'a' }],
    'tool-call-delta chunk whose argumentsText is undefined, expected text',
  ],
  [[{ ...END, stopReason: 'end_turn' }], 'unknown stop reason "end_turn"'],
  [[{ ...END, rawStopReason: undefined }], 'end chunk whose rawStopReason is undefined, expected text'],
  [[{ ...END, rawResponseHash: new Uint8Array(31) }], 'raw response hash of 31 bytes, expected 32'],
  [[{ ...END, rawResponseHash: new Uint8Array(0) }], 'raw response hash of 0 bytes, expected 32'],
  [[{ type: 'opaque', data: '{"a":' }], 'opaque chunk whose data is not JSON: "{\\"a\\":"'],
  [[{ type: 'opaque' }], 'opaque chunk whose data is undefined, expected text'],
  [[{ type: 'text-end', citations: ['x'] }], 'citation chunk whose data is not JSON: "x"'],
  [[{ type: 'attempt-failed', delayMs: -1 }], 'attempt-failed chunk whose delayMs is -1, expected whole milliseconds'],
  [[{ type: 'image-delta' }], 'unknown chunk type "image-delta"'],
  [[{}], 'unknown chunk type undefined'],
])('%j is refused', async ([chunks, message]) => {
  await expect(collect(checkChunks(fromUntyped(chunks)))).rejects.toMatchObject({
    code: 'PROVIDER_INVALID_STREAM',
    message: `invalid stream: ${message}`,
  })
})

test.for(['input', 'cacheRead', 'cacheWrite', 'output', 'reasoning'])(
  'the usage count %s is a whole number',
  async (part) => {
    for (const count of [-1, 0.5, Number.NaN, Infinity, 2 ** 53, '1', null, undefined]) {
      const chunk = { type: 'usage', usage: { ...USAGE, [part]: count } }
      await expect(collect(checkChunks(fromUntyped([chunk])))).rejects.toThrow(
        `invalid stream: usage whose ${part} is ${String(count)}, expected a whole number of tokens`,
      )
    }
  },
)

test('what is quoted stays in one line of bounded length', async () => {
  const callId = `a\n${'x'.repeat(500)}`
  await expect(collect(checkChunks(from([end(callId)])))).rejects.toThrow(
    `invalid stream: end of tool call "a\\n${'x'.repeat(75)}…, which has not started`,
  )
})

test('only an answer that stopped short is worth another attempt', async () => {
  await expect(collect(checkChunks(from([TEXT])))).rejects.toMatchObject({ retryable: true })
  await expect(collect(checkChunks(from([END, TEXT])))).rejects.toMatchObject({ retryable: false })
})

test('the chunks before a bad one arrive', async () => {
  const seen: ModelChunk[] = []
  const read = async (): Promise<void> => {
    for await (const chunk of checkChunks(from([TEXT, TEXT, end('a')]))) seen.push(chunk)
  }
  await expect(read()).rejects.toThrow('has not started')
  expect(seen).toEqual([TEXT, TEXT])
})

test('an error of the source passes as it is', async () => {
  const failure = { not: 'even an error' }
  const source: AsyncIterable<ModelChunk> = {
    [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(Object.assign(new Error('failed'), failure)) }),
  }
  await expect(collect(checkChunks(source))).rejects.toMatchObject(failure)
})

test('the source is closed when the consumer leaves', async () => {
  const source = watched([TEXT, TEXT, END])
  for await (const chunk of checkChunks(source.chunks)) if (chunk === TEXT) break
  expect(source.closed()).toBe(true)
})

test('the source is closed when a chunk is refused', async () => {
  const source = watched([end('a'), TEXT, END])
  await expect(collect(checkChunks(source.chunks))).rejects.toThrow('has not started')
  expect(source.closed()).toBe(true)
})

test('nothing is read before the first chunk is asked for', async () => {
  const source = watched([END])
  const chunks = checkChunks(source.chunks)
  expect(source.started()).toBe(false)
  await collect(chunks)
  expect(source.started()).toBe(true)
})

test('a checker follows an answer without a stream', () => {
  const checker = createChunkChecker()
  checker.accept(TEXT)
  expect(() => checker.finish()).toThrow('stopped before its end chunk')
  checker.accept(END)
  expect(() => checker.finish()).not.toThrow()
})

test('an answer passes exactly when its tool calls pair up and it ends once, last', async () => {
  const ids = fc.constantFrom('a', 'b')
  const chunks = fc.oneof(
    fc.constant(TEXT),
    ids.map((id) => start(id)),
    ids.map((id) => delta(id, '')),
    ids.map((id) => end(id)),
    fc.constant(END),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(chunks, { maxLength: 8 }), fc.boolean(), async (list, ends) => {
      const answer = ends ? [...list, END] : list
      const outcome = await collect(checkChunks(from(answer))).then(
        () => true,
        () => false,
      )
      expect(outcome).toBe(isInOrder(answer))
    }),
  )
})

/** The rule again, over the whole answer: one end, last; each call is a start, deltas and an end. */
function isInOrder(answer: readonly ModelChunk[]): boolean {
  if (answer.findIndex(({ type }) => type === 'end') !== answer.length - 1 || answer.length === 0) return false
  return ['a', 'b'].every((id) => {
    const letters = answer.flatMap((chunk) => ('callId' in chunk && chunk.callId === id ? [chunk.type.slice(10)] : []))
    return /^(?:start (?:delta )*end )?$/.test(letters.map((letter) => `${letter} `).join(''))
  })
}

function start(callId: string, name = 'tool'): ModelChunk {
  return { type: 'tool-call-start', callId, name }
}

function delta(callId: string, argumentsText: string): ModelChunk {
  return { type: 'tool-call-delta', callId, argumentsText }
}

function end(callId: string): ModelChunk {
  return { type: 'tool-call-end', callId }
}

async function* from(chunks: readonly ModelChunk[]): AsyncIterable<ModelChunk> {
  yield* chunks
}

/** Chunks as an adapter in plain JavaScript may make them. */
async function* fromUntyped(chunks: readonly unknown[]): AsyncIterable<ModelChunk> {
  for (const chunk of chunks) yield Object(chunk)
}

async function collect(chunks: AsyncIterable<ModelChunk>): Promise<ModelChunk[]> {
  const collected: ModelChunk[] = []
  for await (const chunk of chunks) collected.push(chunk)
  return collected
}

function watched(chunks: readonly ModelChunk[]): {
  readonly chunks: AsyncIterable<ModelChunk>
  started(): boolean
  closed(): boolean
} {
  let started = false
  let closed = false
  const source = async function* (): AsyncIterable<ModelChunk> {
    started = true
    try {
      yield* chunks
    } finally {
      closed = true
    }
  }
  return { chunks: source(), started: () => started, closed: () => closed }
}

test('long cache writes are a part of the cache writes', () => {
  const accept = (usage: object) => () => createChunkChecker().accept({ type: 'usage', usage: { ...USAGE, ...usage } })
  expect(accept({ cacheWrite: 3, cacheWriteLong: 3 })).not.toThrow()
  expect(accept({ cacheWrite: 3, cacheWriteLong: undefined })).not.toThrow()
  expect(accept({ cacheWrite: 3, cacheWriteLong: 4 })).toThrow(
    'invalid stream: usage whose cacheWriteLong is 4, expected at most its cacheWrite of 3',
  )
  expect(accept({ cacheWrite: 3, cacheWriteLong: 0.5 })).toThrow('usage whose cacheWriteLong is 0.5, expected a whole')
})
