import type { Event } from '@starling/event'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { chainOf, finishedRun } from '../src/conformance/runs.ts'
import { collect } from '../src/conformance/test-steps.ts'
import { createNotifier, streamRun } from '../src/backend/index.ts'
import type { ChangeSubscription, RunSource } from '../src/backend/index.ts'

describe('streamRun', () => {
  test('misses nothing that is stored between a read and the wait after it', async () => {
    const store = new SlowStore(finishedRun('r'))
    store.available = 1
    // The store grows exactly when the stream has read everything and is about to ask for the last event.
    store.beforeLast = () => store.grow(1)
    expect(await collect(streamRun(store))).toEqual(store.events)
  })

  test('survives waking up for no reason', async () => {
    const store = new SlowStore(finishedRun('r'))
    store.available = 2
    const streamed = collect(streamRun(store))
    for (let n = 0; n < 20; n++) {
      store.notifier.notify()
      await Promise.resolve()
    }
    store.grow(store.events.length)
    expect(await streamed).toEqual(store.events)
  })

  test('reads page after page, no page before the one before it was consumed', async () => {
    const store = new SlowStore(chainOf('r', 1000))
    store.available = 1000
    const stream = streamRun(store)[Symbol.asyncIterator]()
    const first = await stream.next()
    expect(first.value).toEqual(store.events[0])
    expect(store.reads).toEqual([1])
    for (let n = 1; n < 600; n++) await stream.next()
    expect(store.reads).toHaveLength(3)
    await stream.return?.()
  })

  test('a failed read fails the stream and ends its subscription', async () => {
    const store = new SlowStore(chainOf('r', 3))
    store.failure = new Error('disk')
    const stream = streamRun(store)[Symbol.asyncIterator]()
    await expect(stream.next()).rejects.toThrow('disk')
    expect(store.subscriptions).toBe(0)
    expect(await stream.next()).toMatchObject({ done: true })
  })

  test('leaving while a read is under way ends it after that read', async () => {
    const store = new SlowStore(chainOf('r', 3))
    store.available = 3
    const stream = streamRun(store)[Symbol.asyncIterator]()
    const reading = stream.next()
    const left = stream.return?.()
    expect(await left).toMatchObject({ done: true })
    expect((await reading).done).toBe(true)
    expect(store.subscriptions).toBe(0)
  })

  test('leaving before the first event reads nothing', async () => {
    const store = new SlowStore(chainOf('r', 3))
    const stream = streamRun(store)[Symbol.asyncIterator]()
    expect(await stream.return?.()).toMatchObject({ done: true })
    expect(await stream.next()).toMatchObject({ done: true })
    expect(store.reads).toEqual([])
  })

  test('whatever way it ends, it unsubscribes and lets go of the signal', async () => {
    for (const end of ['finish', 'break', 'abort', 'close'] as const) {
      const store = new SlowStore(finishedRun('r'))
      store.available = end === 'finish' ? 100 : 3
      const signal = new CountingSignal()
      const streamed = collect(streamRun(store, { signal: signal.signal }), end === 'break' ? 2 : Infinity)
      const settled = Promise.allSettled([streamed])
      while (store.subscriptions === 0) await Promise.resolve()
      if (end === 'abort') signal.abort('enough')
      if (end === 'close') store.notifier.close()
      const [result] = await settled
      expect(result.status).toBe(end === 'finish' || end === 'break' ? 'fulfilled' : 'rejected')
      expect(store.subscriptions).toBe(0)
      expect(signal.listeners).toBe(0)
    }
  })

  test('yields the same events however the store grows, from wherever it starts', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 4 })),
        fc.integer({ min: 1, max: 9 }),
        async (steps, fromSeq) => {
          const store = new SlowStore(finishedRun('r'))
          const streamed = collect(streamRun(store, { fromSeq }))
          for (const step of steps) {
            store.grow(step)
            await Promise.resolve()
          }
          store.grow(store.events.length)
          expect(await streamed).toEqual(store.events.slice(fromSeq - 1))
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('a notifier', () => {
  const never = new AbortController().signal

  test('remembers a change until it is waited for, and once only', async () => {
    const notifier = createNotifier()
    const changes = notifier.subscribe('r')
    notifier.notify('r')
    notifier.notify('r')
    await changes.wait(never)
    const second = new AbortController()
    const waiting = changes.wait(second.signal)
    second.abort('still waiting')
    await expect(waiting).rejects.toBe('still waiting')
  })

  test('wakes the readers of one run, or of all', async () => {
    const notifier = createNotifier()
    const woken: string[] = []
    const readers = ['r', 'r', 's'].map((runId) => {
      return notifier
        .subscribe(runId)
        .wait(never)
        .then(() => woken.push(runId))
    })
    notifier.notify('r')
    await Promise.all(readers.slice(0, 2))
    expect(woken).toEqual(['r', 'r'])
    notifier.notify()
    await Promise.all(readers)
    expect(woken).toEqual(['r', 'r', 's'])
  })

  test('does not wake a reader that has left', async () => {
    const notifier = createNotifier()
    const changes = notifier.subscribe('r')
    changes[Symbol.dispose]()
    notifier.notify('r')
    const controller = new AbortController()
    const waiting = changes.wait(controller.signal)
    controller.abort('not woken')
    await expect(waiting).rejects.toBe('not woken')
  })

  test('fails every wait once it is closed, those under way and those to come', async () => {
    const notifier = createNotifier()
    const changes = notifier.subscribe('r')
    const waiting = changes.wait(never)
    notifier.close()
    await expect(waiting).rejects.toMatchObject({ code: 'EVENTLOG_CLOSED' })
    await expect(changes.wait(never)).rejects.toMatchObject({ code: 'EVENTLOG_CLOSED' })
    await expect(notifier.subscribe('s').wait(never)).rejects.toMatchObject({ code: 'EVENTLOG_CLOSED' })
  })

  test('an abort comes before everything else', async () => {
    const notifier = createNotifier()
    const changes = notifier.subscribe('r')
    notifier.notify('r')
    await expect(changes.wait(AbortSignal.abort('first'))).rejects.toBe('first')
    await changes.wait(never)
    notifier.close()
    await expect(changes.wait(AbortSignal.abort('first'))).rejects.toBe('first')
  })
})

/** A store that answers a microtask later, as real ones do, and holds the first `available` of its events. */
class SlowStore implements RunSource {
  readonly events: readonly Event[]
  readonly notifier = createNotifier()
  readonly reads: number[] = []
  available = 0
  subscriptions = 0
  failure: Error | undefined
  beforeLast: (() => void) | undefined

  constructor(events: readonly Event[]) {
    this.events = events
  }

  grow(count: number): void {
    this.available = Math.min(this.events.length, this.available + count)
    this.notifier.notify('r')
  }

  async read({ fromSeq, limit }: { fromSeq: number; limit: number }): Promise<readonly Event[]> {
    this.reads.push(fromSeq)
    const page = this.events.slice(0, this.available).slice(fromSeq - 1, fromSeq - 1 + limit)
    await Promise.resolve()
    if (this.failure !== undefined) throw this.failure
    return page
  }

  async last(): Promise<Event | undefined> {
    this.beforeLast?.()
    await Promise.resolve()
    return this.events[this.available - 1]
  }

  subscribe(): ChangeSubscription {
    this.subscriptions++
    const changes = this.notifier.subscribe('r')
    return {
      wait: (signal) => changes.wait(signal),
      [Symbol.dispose]: () => {
        this.subscriptions--
        changes[Symbol.dispose]()
      },
    }
  }
}

/** A signal that counts who listens to it. */
class CountingSignal {
  listeners = 0
  readonly #controller = new AbortController()

  get signal(): AbortSignal {
    const { signal } = this.#controller
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...parameters: Parameters<typeof add>) => {
      this.listeners++
      add(...parameters)
    }
    signal.removeEventListener = (...parameters: Parameters<typeof remove>) => {
      this.listeners--
      remove(...parameters)
    }
    return signal
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason)
  }
}
