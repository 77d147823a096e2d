import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CallLimiter } from '../src/call-limiter.ts'
import type { Slot, WaitOptions } from '../src/call-limiter.ts'

/** A limiter whose tools `one` and `uno` may run once at a time. */
function limiter(maxParallel = 8): CallLimiter {
  return new CallLimiter(maxParallel, (tool) => (tool === 'free' ? undefined : 1))
}

/** Runs work as a call. */
async function run<T>(
  calls: CallLimiter,
  slot: Slot & { readonly wait?: WaitOptions },
  work: () => Promise<T>,
): Promise<T> {
  if (!calls.tryEnter(slot)) await calls.enter(slot, slot.wait)
  try {
    return await work()
  } finally {
    calls.leave(slot)
  }
}

/** Work that ends when it is told to, and says whether it has begun. */
function held() {
  let end = (): void => undefined
  const ended = new Promise<void>((resolve) => (end = resolve))
  const work = { hasBegun: false, run: () => ((work.hasBegun = true), ended), end: () => end() }
  return work
}

test('the next one is let in when work fails', async () => {
  const calls = limiter(1)
  const order: string[] = []
  const failing = run(calls, { tool: 'free' }, async () => {
    order.push('first')
    throw new Error('failed')
  })
  const next = run(calls, { tool: 'free' }, async () => order.push('second'))
  await expect(failing).rejects.toThrow('failed')
  await next
  expect(order).toEqual(['first', 'second'])
})

test('a call that waits for its tool takes no place of another', async () => {
  const calls = limiter(2)
  const [first, second, third] = [held(), held(), held()]
  const runs = [
    run(calls, { tool: 'one' }, first.run),
    run(calls, { tool: 'one' }, second.run),
    run(calls, { tool: 'free' }, third.run),
  ]
  expect([first, second, third].map(({ hasBegun }) => hasBegun)).toEqual([true, false, true])
  first.end()
  await runs[0]
  await Promise.resolve()
  expect(second.hasBegun).toBe(true)
  second.end()
  third.end()
  await Promise.all(runs)
})

test('a call inside another takes no place among the planned ones', async () => {
  const calls = limiter(1)
  const outer: Slot = { tool: 'free' }
  const result = await run(calls, outer, () => run(calls, { tool: 'one', outer }, async () => 'inner'))
  expect(result).toBe('inner')
})

test('a call that would wait for itself is told apart from one that only has to wait', async () => {
  const calls = limiter()
  const outer: Slot = { tool: 'one' }
  const other: Slot = { tool: 'uno' }
  const [first, second] = [held(), held()]
  const runs = [run(calls, outer, first.run), run(calls, other, second.run)]
  expect(calls.wouldWaitForever({ tool: 'one', outer })).toBe(true)
  expect(calls.wouldWaitForever({ tool: 'uno', outer })).toBe(false)
  const crossing = run(calls, { tool: 'uno', outer }, async () => undefined)
  expect(calls.wouldWaitForever({ tool: 'one', outer: other })).toBe(true)
  expect(calls.wouldWaitForever({ tool: 'free', outer: other })).toBe(false)
  first.end()
  second.end()
  await Promise.all([...runs, crossing])
})

test('an abort lets a waiting call begin without a place, to find out by itself', async () => {
  const calls = limiter()
  const controller = new AbortController()
  const [first, second] = [held(), held()]
  const running = run(calls, { tool: 'one' }, first.run)
  const waiting = run(calls, { tool: 'one', wait: { signal: controller.signal } }, second.run)
  controller.abort()
  await Promise.resolve()
  expect(second.hasBegun).toBe(true)
  second.end()
  await waiting
  expect(calls.wouldWaitForever({ tool: 'one' })).toBe(false)
  first.end()
  await running
})

test('whoever is let in beyond the limits counts until it ends', async () => {
  const calls = limiter()
  const [first, second, third] = [held(), held(), held()]
  let letIn = (): void => undefined
  const runs = [
    run(calls, { tool: 'one' }, first.run),
    run(calls, { tool: 'one', wait: { onWait: (begin) => (letIn = begin) } }, second.run),
    run(calls, { tool: 'one' }, third.run),
  ]
  letIn()
  await Promise.resolve()
  expect(second.hasBegun).toBe(true)
  first.end()
  await runs[0]
  expect(third.hasBegun).toBe(false)
  second.end()
  await runs[1]
  await Promise.resolve()
  expect(third.hasBegun).toBe(true)
  third.end()
  await runs[2]
})

test('a call inside another is let in although no planned call would be', async () => {
  const calls = limiter(1)
  const [planned, first, second] = [held(), held(), held()]
  const slot = { tool: 'free' }
  calls.tryEnter(slot)
  const runs = [
    run(calls, { tool: 'one', outer: slot }, first.run),
    run(calls, { tool: 'free' }, planned.run),
    run(calls, { tool: 'one', outer: slot }, second.run),
  ]
  first.end()
  await runs[0]
  await Promise.resolve()
  expect([planned.hasBegun, second.hasBegun]).toEqual([false, true])
  second.end()
  calls.leave(slot)
  await Promise.resolve()
  expect(planned.hasBegun).toBe(true)
  planned.end()
  await Promise.all(runs)
})

test('no more run at once than the limits say, and all of them end', async () => {
  const tools = fc.array(fc.constantFrom('free', 'one', 'uno'), { maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(tools, fc.integer({ min: 1, max: 4 }), async (names, maxParallel) => {
      const calls = limiter(maxParallel)
      const running: string[] = []
      const work = async (tool: string): Promise<void> => {
        running.push(tool)
        expect(running.length).toBeLessThanOrEqual(maxParallel)
        for (const capped of ['one', 'uno']) {
          expect(running.filter((name) => name === capped).length).toBeLessThanOrEqual(1)
        }
        await Promise.resolve()
        running.splice(running.indexOf(tool), 1)
      }
      await Promise.all(names.map((tool) => run(calls, { tool }, () => work(tool))))
      expect(running).toEqual([])
    }),
  )
})
