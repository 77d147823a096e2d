import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { withLock } from '../src/lock.mjs'
import { createCheckout } from './support/checkout.ts'

test('the second waits for the first and says for whom', async () => {
  using checkout = createCheckout()
  const path = join(checkout.root, 'lock')
  const order: string[] = []
  const waited = Promise.withResolvers<number>()
  const first = withLock(path, {
    onWait: ignore,
    work: async () => {
      order.push(`first waited for by ${await waited.promise}`)
    },
  })
  const second = withLock(path, { onWait: waited.resolve, work: async () => void order.push('second') })
  await Promise.all([first, second])
  expect(order).toEqual([`first waited for by ${process.pid}`, 'second'])
  expect(existsSync(path)).toBe(false)
})

test.each(['', 'nonsense', '999999999'])('a lock nobody holds is taken over: %j', async (content) => {
  using checkout = createCheckout()
  checkout.write('lock', content)
  expect(await withLock(join(checkout.root, 'lock'), { onWait: ignore, work: async () => 'done' })).toBe('done')
})

test('the lock is released when the work fails', async () => {
  using checkout = createCheckout()
  const path = join(checkout.root, 'lock')
  const work = (): Promise<never> => Promise.reject(new Error('broken'))
  await expect(withLock(path, { onWait: ignore, work })).rejects.toThrow('broken')
  expect(existsSync(path)).toBe(false)
})

function ignore(): void {}
