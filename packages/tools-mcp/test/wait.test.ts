import { expect, test } from 'vitest'

import { abortable, sleep } from '../src/wait.ts'

test('a wait that is aborted rejects with the reason, before it begins as after', async () => {
  const reason = new Error('enough')
  await expect(sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason)
  const controller = new AbortController()
  const waiting = sleep(60_000, controller.signal)
  controller.abort(reason)
  await expect(waiting).rejects.toBe(reason)
})

test('what can be aborted settles as what it waits for, unless it is aborted before', async () => {
  const reason = new Error('enough')
  const controller = new AbortController()
  expect(await abortable(Promise.resolve(1), controller.signal)).toBe(1)
  await expect(abortable(Promise.reject(reason), controller.signal)).rejects.toBe(reason)
  const { promise: never } = Promise.withResolvers<number>()
  const waiting = abortable(never, controller.signal)
  controller.abort(reason)
  await expect(waiting).rejects.toBe(reason)
  await expect(abortable(Promise.resolve(1), controller.signal)).rejects.toBe(reason)
})

test('what fails after it was aborted fails unheard', async () => {
  const { promise, reject } = Promise.withResolvers<number>()
  const waiting = abortable(promise, AbortSignal.abort('enough'))
  await expect(waiting).rejects.toBe('enough')
  reject(new Error('too late'))
  await expect(promise).rejects.toThrow('too late')
})
