import { expect, test } from 'vitest'

import { SharedWork } from '../src/shared-work.ts'

test('who asks while work is under way shares the next time, which begins afterwards', async () => {
  const ends: (() => void)[] = []
  const work = new SharedWork(() => {
    const { promise, resolve } = Promise.withResolvers<void>()
    ends.push(resolve)
    return promise
  })
  const first = work.run()
  const [second, third] = [work.run(), work.run()]
  expect(second).toBe(third)
  expect(ends).toHaveLength(1)
  ends[0]?.()
  await first
  while (ends.length < 2) await Promise.resolve()
  ends[1]?.()
  await Promise.all([second, third])
  expect(ends).toHaveLength(2)
})

test('work that fails is done again for who came later', async () => {
  let times = 0
  const work = new SharedWork(async () => {
    times++
    await Promise.resolve()
    if (times === 1) throw new RangeError('the first time')
  })
  const [first, second] = [work.run(), work.run()]
  await expect(first).rejects.toThrow('the first time')
  await expect(second).resolves.toBeUndefined()
  await work.run()
  expect(times).toBe(3)
})
