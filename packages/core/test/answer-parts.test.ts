import { encodePayload, KIND } from '@starling/event'
import type { AssistantMessageCompleted } from '@starling/event'
import { partsOf } from '@starling/provider'
import type { AssistantMessage, AssistantPart, ModelChunk, ModelRequest } from '@starling/provider'
import { DEFAULT_PRICES } from '@starling/step'
import fc from 'fast-check'
import { createScriptedProvider } from '@starling/provider/scripted'
import { expect, test } from 'vitest'
import { anyAnswer, streamedParts } from './support/streamed-parts.ts'
import { createWorld, expectDiverged, expectReplays, RUN, seqOf, tampered, tool, truncated } from './support/world.ts'
import type { World } from './support/world.ts'

const SIGNATURE = Uint8Array.of(1, 2)
const NONE = new Uint8Array()
const END: ModelChunk = { type: 'end', stopReason: 'tool_use', rawStopReason: '', rawResponseHash: null }
const LOOK: readonly ModelChunk[] = [
  { type: 'tool-call-start', callId: 'c1', name: 'look' },
  { type: 'tool-call-end', callId: 'c1' },
]

/** What a vendor streams that thinks between its calls, searches on its own servers and cites. */
const RICH: readonly ModelChunk[] = [
  { type: 'reasoning-delta', text: 'First ' },
  { type: 'reasoning-delta', text: 'look.' },
  { type: 'reasoning-delta', text: '', signature: SIGNATURE },
  { type: 'redacted-reasoning', data: 'b64' },
  { type: 'text-delta', text: 'I ' },
  { type: 'text-delta', text: 'séarch.' },
  { type: 'opaque', data: '{"type":"server_tool_use","id":"s1"}' },
  { type: 'opaque', data: '{"type":"web_search_tool_result"}' },
  { type: 'text-delta', text: 'Rust 😀' },
  { type: 'text-end', citations: ['{"url":"https://a.test"}', '{"url":"https://b.test"}'] },
  { type: 'text-delta', text: ' is fast.' },
  { type: 'text-end' },
  { type: 'text-end', signature: SIGNATURE },
  { type: 'reasoning-delta', text: 'unsigned', signature: NONE },
  { type: 'reasoning-delta', text: 'another' },
  { type: 'tool-call-start', callId: 'c1', name: 'look' },
  { type: 'tool-call-start', callId: 'c2', name: 'look' },
  { type: 'tool-call-delta', callId: 'c2', argumentsText: '{}' },
  { type: 'tool-call-end', callId: 'c2', signature: SIGNATURE },
  { type: 'tool-call-end', callId: 'c1' },
  { type: 'reasoning-delta', text: '', signature: SIGNATURE },
  END,
]

const RICH_PARTS: readonly AssistantPart[] = [
  { type: 'reasoning', text: 'First look.', signature: SIGNATURE },
  { type: 'reasoning', text: 'b64', redacted: true },
  { type: 'text', text: 'I séarch.' },
  { type: 'opaque', data: '{"type":"server_tool_use","id":"s1"}' },
  { type: 'opaque', data: '{"type":"web_search_tool_result"}' },
  { type: 'text', text: 'Rust 😀', citations: ['{"url":"https://a.test"}', '{"url":"https://b.test"}'] },
  { type: 'text', text: ' is fast.' },
  { type: 'text', text: '', signature: SIGNATURE },
  { type: 'reasoning', text: 'unsigned' },
  { type: 'reasoning', text: 'another' },
  { type: 'tool-use', callId: 'c1', name: 'look', arguments: '{}' },
  { type: 'tool-use', callId: 'c2', name: 'look', arguments: '{}', signature: SIGNATURE },
  { type: 'reasoning', text: '', signature: SIGNATURE },
]

test('an answer goes back to the model as it was streamed', async () => {
  const world = worldOf(RICH)
  expect(await world.agent.runWithId(RUN, 'Go')).toMatchObject({ status: 'completed' })
  const answer = answerIn(world.provider.requests[1])
  expect(answer.parts).toEqual(RICH_PARTS)
  expect(answer.content).toBe('I séarch.Rust 😀 is fast.')
  expect(streamedParts(RICH)).toEqual(RICH_PARTS)
  await expectReplays(world)
})

test('after a crash at any event, the answer goes back as it was streamed', async () => {
  const world = worldOf(RICH)
  await world.agent.runWithId(RUN, 'Go')
  const from = await seqOf(world.log, KIND.AssistantMessageCompleted)
  const events = await world.log.read(RUN)
  for (let count = from; count < events.length; count += 1) {
    const resumed = worldOf(undefined, { log: await truncated(world.log, count) })
    expect(await resumed.agent.resume(RUN).result).toMatchObject({ status: 'completed' })
    const shown = resumed.provider.requests.map((request) => answerIn(request).parts)
    expect(shown).toEqual(count < events.length - 1 ? [RICH_PARTS] : [])
    await expectReplays(resumed)
  }
})

test('whatever is streamed comes back in the next request, live and resumed, and replays', async () => {
  await fc.assert(
    fc.asyncProperty(anyAnswer, async (chunks) => {
      const world = worldOf(chunks)
      await world.agent.runWithId(RUN, 'Go')
      const expected = streamedParts(chunks)
      expect(partsOf(answerIn(world.provider.requests[1]))).toEqual(expected)
      await expectReplays(world)
      const log = await truncated(world.log, await seqOf(world.log, KIND.AssistantMessageCompleted))
      const resumed = worldOf(undefined, { log })
      await resumed.agent.resume(RUN).result
      expect(partsOf(answerIn(resumed.provider.requests[0]))).toEqual(expected)
    }),
    { numRuns: 150 },
  )
})

test('an answer of reasoning, text and calls in this order is recorded without its order', async () => {
  const world = worldOf([
    { type: 'reasoning-delta', text: 'hm', signature: SIGNATURE },
    { type: 'text-delta', text: 'a' },
    { type: 'text-delta', text: 'b' },
    { type: 'text-end', citations: [], signature: NONE },
    ...LOOK,
    END,
  ])
  await world.agent.runWithId(RUN, 'Go')
  const [answer] = await world.payloads(KIND.AssistantMessageCompleted)
  expect(answer).not.toHaveProperty('parts')
  expect(answerIn(world.provider.requests[1]).parts).toBeUndefined()
  await expectReplays(world)
})

test('a character whose halves come in two texts belongs to the first', async () => {
  const world = worldOf([
    { type: 'text-delta', text: 'a\ud83d' },
    { type: 'text-end', signature: SIGNATURE },
    { type: 'text-delta', text: '\ude00b' },
    ...LOOK,
    END,
  ])
  await world.agent.runWithId(RUN, 'Go')
  expect(answerIn(world.provider.requests[1]).parts?.slice(0, 2)).toEqual([
    { type: 'text', text: 'a😀', signature: SIGNATURE },
    { type: 'text', text: 'b' },
  ])
  await expectReplays(world)
})

test('a byte order mark at the beginning of a text stays there', async () => {
  const world = worldOf([
    { type: 'text-delta', text: '\ufeffa' },
    { type: 'text-end', signature: SIGNATURE },
    ...LOOK,
    END,
  ])
  await world.agent.runWithId(RUN, 'Go')
  expect(answerIn(world.provider.requests[1]).parts?.[0]).toEqual({
    type: 'text',
    text: '\ufeffa',
    signature: SIGNATURE,
  })
  await expectReplays(world)
})

test('reasoning that was closed before its attempt failed is part of the log, and replays', async () => {
  const world = createWorld([
    {
      chunks: [{ type: 'reasoning-delta', text: 'hm' }, { type: 'tool-call-start', callId: 'c1', name: 'look' }, END],
      fault: { kind: 'eof', afterChunks: 2 },
    },
    { text: 'Done.' },
  ])
  await world.agent.runWithId(RUN, 'Go')
  expect(await world.kinds()).toContain('ReasoningEmitted')
  await expectReplays(world)
})

type Change = (answer: AssistantMessageCompleted) => Partial<AssistantMessageCompleted>

test.each<[string, Change]>([
  ['a part less', ({ parts }) => ({ parts: parts?.slice(1) })],
  ['no parts', () => ({ parts: undefined })],
  ['another order', ({ parts }) => ({ parts: parts?.toReversed() })],
  ['a longer text', ({ parts }) => ({ parts: parts?.map((part) => ({ ...part, length: (part.length ?? 0) + 1 })) })],
  ['an unknown type', ({ parts }) => ({ parts: parts?.map((part) => ({ ...part, type: 'else' })) })],
  ['another provider', () => ({ providerId: 'scripted' })],
  ['another model', () => ({ modelId: 'gpt-4o' })],
])('an answer tampered with to have %s differs', async (_name, change) => {
  const world = worldOf(RICH)
  await world.agent.runWithId(RUN, 'Go')
  const seq = await seqOf(world.log, KIND.AssistantMessageCompleted)
  const [answer] = await world.payloads(KIND.AssistantMessageCompleted)
  if (answer === undefined) throw new Error('there is no answer')
  const payload = encodePayload(KIND.AssistantMessageCompleted, { ...answer, ...change(answer) })
  const log = await tampered(world, (events) =>
    events.slice(0, -1).map((event) => (event.seq === seq ? { ...event, payload } : event)),
  )
  await expectDiverged(worldOf(undefined, { log }))
})

test('the reference keeps no order, and reasoning without a signature ends with the answer', async () => {
  const world = worldOf(RICH, { profile: 'reference' })
  await world.agent.runWithId(RUN, 'Go')
  const [answer] = await world.payloads(KIND.AssistantMessageCompleted)
  expect(answer).not.toHaveProperty('parts')
  expect(answerIn(world.provider.requests[1]).parts).toBeUndefined()
  await expectReplays(world)
})

test('who answered instead is recorded, paid and told with the answer', async () => {
  const answeredBy = { providerId: 'other', model: 'gpt-4o-mini' }
  const usage = { input: 1_000_000, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0 }
  const world = worldOf([...LOOK, { type: 'usage', usage }, { ...END, answeredBy }])
  await world.agent.runWithId(RUN, 'Go')
  const [answer] = await world.payloads(KIND.AssistantMessageCompleted)
  expect(answer).toMatchObject({ providerId: 'other', modelId: 'gpt-4o-mini' })
  expect(answer?.costUsd).toBe(DEFAULT_PRICES['gpt-4o-mini']?.input)
  expect(answerIn(world.provider.requests[1])).toMatchObject(answeredBy)
  await expectReplays(world)
  const resumed = worldOf(undefined, { log: await truncated(world.log, await seqOf(world.log, KIND.TurnStarted, 2)) })
  await resumed.agent.resume(RUN).result
  expect(answerIn(resumed.provider.requests[0])).toMatchObject(answeredBy)
  await expectReplays(resumed)
})

test('in the log, the own provider with another model is named by the model alone, and a model without a price costs what was asked for', async () => {
  const answeredBy = { providerId: 'scripted', model: 'unheard-of' }
  const world = worldOf([...LOOK, { ...END, answeredBy }])
  await world.agent.runWithId(RUN, 'Go')
  const [answer] = await world.payloads(KIND.AssistantMessageCompleted)
  expect(answer).toMatchObject({ modelId: 'unheard-of', rate: { input: 2.5, output: 10 } })
  expect(answer?.costUsd).toBeGreaterThan(0)
  expect(answer).not.toHaveProperty('providerId')
  expect(answerIn(world.provider.requests[1])).toMatchObject(answeredBy)
  await expectReplays(world)
  const resumed = worldOf(undefined, { log: await truncated(world.log, await seqOf(world.log, KIND.TurnStarted, 2)) })
  await resumed.agent.resume(RUN).result
  expect(resumed.provider.requests).toMatchObject([world.provider.requests[1]])
  await expectReplays(resumed)
})

test('what comes before a call is estimated at the price of the model that is asked, live and replayed', async () => {
  const usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0 }
  const dear: ModelChunk[] = [
    { type: 'usage', usage },
    { ...END, answeredBy: { providerId: 'other', model: 'gpt-4-turbo' } },
  ]
  const options = { model: 'gpt-4o-mini', budget: { maxUsd: 0.005 }, tools: [tool('look', () => 'seen')] }
  const world = createWorld([{ chunks: [...LOOK, ...dear] }, { chunks: dear }], options)
  expect(await world.agent.runWithId(RUN, 'x'.repeat(3000))).toMatchObject({ status: 'completed', costUsd: 0 })
  await expectReplays(world)
})

test('another provider that goes on with a run by force sees whose answers are not its own, and names its own', async () => {
  const world = worldOf([...LOOK, END])
  await world.agent.runWithId(RUN, 'Go')
  const log = await truncated(world.log, await seqOf(world.log, KIND.TurnStarted, 2))
  const provider = createScriptedProvider({
    id: 'newcomer',
    turns: [{ toolCalls: [{ id: 'later', name: 'look' }] }, { text: 'Done.' }],
  })
  const other = worldOf(undefined, { log, provider })
  expect(await other.agent.resume(RUN, { force: true }).result).toMatchObject({ status: 'completed' })
  const authors = provider.requests.map(({ messages }) =>
    messages.flatMap((message) => (message.role === 'assistant' ? [message.providerId] : [])),
  )
  expect(authors).toEqual([['scripted'], ['scripted', undefined]])
  expect(answerIn(provider.requests[0]).model).toBe('gpt-4o')
  const answers = await other.payloads(KIND.AssistantMessageCompleted)
  expect(answers.map(({ providerId }) => providerId)).toEqual([undefined, 'newcomer', 'newcomer'])
})

test('another model that goes on with a run by force sees whose answers are not its own, and is named with its own', async () => {
  const world = worldOf([...LOOK, END])
  await world.agent.runWithId(RUN, 'Go')
  const log = await truncated(world.log, await seqOf(world.log, KIND.TurnStarted, 2))
  const other = createWorld([{ toolCalls: [{ id: 'later', name: 'look' }] }, { text: 'Done.' }], {
    log,
    model: 'gpt-4o-mini',
    tools: [tool('look', () => 'seen')],
  })
  expect(await other.agent.resume(RUN, { force: true }).result).toMatchObject({ status: 'completed' })
  const authors = other.provider.requests.map(({ messages }) =>
    messages.flatMap((message) => (message.role === 'assistant' ? [message.model] : [])),
  )
  expect(authors).toEqual([['gpt-4o'], ['gpt-4o', undefined]])
  const answers = await other.payloads(KIND.AssistantMessageCompleted)
  expect(answers.map(({ modelId }) => modelId)).toEqual([undefined, 'gpt-4o-mini', 'gpt-4o-mini'])
  expect(answers.map(({ providerId }) => providerId)).toEqual([undefined, undefined, undefined])
})

test('an answer of the run itself names nobody', async () => {
  const world = worldOf([...LOOK, { ...END, answeredBy: { providerId: 'scripted', model: 'gpt-4o' } }])
  await world.agent.runWithId(RUN, 'Go')
  expect(answerIn(world.provider.requests[1])).not.toHaveProperty('providerId')
  expect(answerIn(world.provider.requests[1])).not.toHaveProperty('model')
  await expectReplays(world)
})

function worldOf(chunks: readonly ModelChunk[] | undefined, options: Parameters<typeof createWorld>[1] = {}): World {
  const turns = chunks === undefined ? [{ text: 'Done.' }] : [{ chunks }, { text: 'Done.' }]
  return createWorld(turns, { tools: [tool('look', () => 'seen')], ...options })
}

function answerIn(request: ModelRequest | undefined): AssistantMessage {
  const answer = request?.messages.find((message) => message.role === 'assistant')
  if (answer === undefined) throw new Error('the request has no answer')
  return answer
}
