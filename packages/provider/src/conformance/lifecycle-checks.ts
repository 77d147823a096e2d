import { expect, vi } from 'vitest'

import type { ModelChunk } from '../provider.ts'
import { expectAnswer, replyOf } from './answer-checks.ts'
import { collectAnswer } from './collect-answer.ts'
import { expectReleased } from './failure-checks.ts'
import { call, type ProviderCheck } from './provider-check.ts'
import { SCENARIOS } from './scenarios.ts'

const REASON = new Error('the reason of the abort')

/** When a call begins, how it is ended and what it leaves behind. */
export const LIFECYCLE_CHECKS: readonly ProviderCheck[] = [
  {
    title: 'the name of the provider needs no call',
    scenario: 'text',
    async run(opened) {
      const { id, apiVersion } = opened.provider.info
      expect(id).toMatch(/^\S+$/)
      expect(apiVersion).toMatch(/^\S+$/)
      expect(opened.requests()).toHaveLength(0)
    },
  },
  {
    title: 'nothing is sent before the first chunk is asked for',
    scenario: 'text',
    async run(opened, harness) {
      const first = call(opened)
      // A second call that is answered shows that the first one had every chance to be sent.
      expectAnswer(await collectAnswer(call(opened)), replyOf(SCENARIOS.text[0]), harness)
      expect(opened.requests()).toHaveLength(1)
      await collectAnswer(first)
      expect(opened.requests()).toHaveLength(2)
    },
  },
  {
    title: 'a call that is left before its first chunk sends nothing',
    scenario: 'text',
    async run(opened) {
      await iterate(call(opened)).return?.()
      await collectAnswer(call(opened))
      expect(opened.requests()).toHaveLength(1)
    },
  },
  {
    title: 'an abort before the call sends nothing and rejects with its reason',
    scenario: 'text',
    async run(opened) {
      await expect(iterate(call(opened, AbortSignal.abort(REASON))).next()).rejects.toBe(REASON)
      expect(opened.requests()).toHaveLength(0)
      await expectReleased(opened)
    },
  },
  {
    title: 'an abort while the vendor has not answered rejects with its reason',
    scenario: 'silence-before-answer',
    async run(opened) {
      const controller = new AbortController()
      const failure = rejectionOf(collectAnswer(call(opened, controller.signal)))
      await vi.waitFor(() => expect(opened.requests()).toHaveLength(1))
      controller.abort(REASON)
      expect(await failure).toBe(REASON)
      await expectReleased(opened)
    },
  },
  {
    title: 'an abort in the middle of an answer rejects with its reason',
    scenario: 'silence-in-answer',
    async run(opened) {
      const controller = new AbortController()
      const chunks = iterate(call(opened, controller.signal))
      await firstText(chunks)
      const failure = rejectionOf(drain(chunks))
      controller.abort(REASON)
      expect(await failure).toBe(REASON)
      await expectReleased(opened)
    },
  },
  {
    title: 'an abort between two chunks rejects with its reason',
    scenario: 'text-in-bytes',
    async run(opened) {
      const controller = new AbortController()
      const chunks = iterate(call(opened, controller.signal))
      await firstText(chunks)
      controller.abort(REASON)
      await expect(drain(chunks)).rejects.toBe(REASON)
      await expectReleased(opened)
    },
  },
  {
    title: 'an abort without a reason of its own rejects with the default one',
    scenario: 'silence-in-answer',
    async run(opened) {
      const controller = new AbortController()
      const chunks = iterate(call(opened, controller.signal))
      await firstText(chunks)
      const failure = rejectionOf(drain(chunks))
      controller.abort()
      expect(await failure).toBe(controller.signal.reason)
    },
  },
  {
    title: 'an abort after the end changes nothing',
    scenario: 'text',
    async run(opened, harness) {
      const controller = new AbortController()
      const answer = await collectAnswer(call(opened, controller.signal))
      controller.abort(REASON)
      expectAnswer(answer, replyOf(SCENARIOS.text[0]), harness)
      expectAnswer(await collectAnswer(call(opened)), replyOf(SCENARIOS.text[0]), harness)
    },
  },
  {
    title: 'leaving an answer early closes its connection',
    scenario: 'silence-in-answer',
    async run(opened) {
      for await (const chunk of call(opened)) if (chunk.type === 'text-delta') break
      await expectReleased(opened)
    },
  },
  {
    title: 'leaving an answer twice is harmless',
    scenario: 'silence-in-answer',
    async run(opened) {
      const chunks = iterate(call(opened))
      await firstText(chunks)
      await chunks.return?.()
      await chunks.return?.()
      expect(await chunks.next()).toMatchObject({ done: true })
      await expectReleased(opened)
    },
  },
  {
    title: 'a whole answer closes its connection',
    scenario: 'text',
    async run(opened) {
      await collectAnswer(call(opened))
      await expectReleased(opened)
    },
  },
  {
    title: 'one provider answers call after call',
    scenario: 'different-texts',
    async run(opened, harness) {
      expectAnswer(await collectAnswer(call(opened)), replyOf(SCENARIOS['different-texts'][0]), harness)
      expectAnswer(await collectAnswer(call(opened)), replyOf(SCENARIOS['different-texts'][1]), harness)
    },
  },
  {
    title: 'two calls at once do not mix',
    scenario: 'different-texts',
    async run(opened, harness) {
      const [first, second] = [tee(call(opened)), tee(call(opened))]
      // The first call has to arrive first: its answer tells them apart.
      await firstText(first)
      await firstText(second)
      while ((await Promise.all([first.next(), second.next()])).some((result) => result.done !== true)) continue
      expectAnswer(await collectAnswer(first.seen()), replyOf(SCENARIOS['different-texts'][0]), harness)
      expectAnswer(await collectAnswer(second.seen()), replyOf(SCENARIOS['different-texts'][1]), harness)
    },
  },
  {
    title: 'aborting one of two calls leaves the other alone',
    scenario: 'different-texts',
    async run(opened, harness) {
      const controller = new AbortController()
      const first = iterate(call(opened, controller.signal))
      await firstText(first)
      const second = tee(call(opened))
      await firstText(second)
      controller.abort(REASON)
      await expect(drain(first)).rejects.toBe(REASON)
      await drain(second)
      expectAnswer(await collectAnswer(second.seen()), replyOf(SCENARIOS['different-texts'][1]), harness)
    },
  },
]

type Chunks = AsyncIterator<ModelChunk>

function iterate(source: AsyncIterable<ModelChunk>): Chunks {
  return source[Symbol.asyncIterator]()
}

/** Iterates and keeps what came. */
function tee(source: AsyncIterable<ModelChunk>): Chunks & { seen(): AsyncIterable<ModelChunk> } {
  const chunks = iterate(source)
  const seen: ModelChunk[] = []
  return {
    async next() {
      const result = await chunks.next()
      if (result.done !== true) seen.push(result.value)
      return result
    },
    async *seen() {
      yield* seen
    },
  }
}

async function firstText(chunks: Chunks): Promise<void> {
  for (;;) {
    const { done, value } = await chunks.next()
    if (done === true) throw new RangeError('the answer ended before its first text')
    if (value.type === 'text-delta') return
  }
}

async function drain(chunks: Chunks): Promise<void> {
  while ((await chunks.next()).done !== true) continue
}

/** Waits for a rejection from now on, so that it is never unhandled. */
async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new RangeError('the call ended as if it had not been aborted')
}
