import { createToolContext } from '@starling/tool/conformance'
import { expect, test } from 'vitest'

import { abortable, effect } from '../src/effect.ts'

test('an effect gives what was recorded', async () => {
  const context = createToolContext({ sideEffect: async <T>() => 'recorded' as T })
  expect(await effect(context, 'read', async () => 'live')).toBe('recorded')
})

test('an effect that fails gives the recorded error', async () => {
  const recorded = new Error('recorded')
  const context = createToolContext({ sideEffect: () => Promise.reject(recorded) })
  await expect(effect(context, 'read', async () => 'live')).rejects.toBe(recorded)
})

test('an effect that was aborted gives the reason itself, whatever was recorded', async () => {
  const controller = new AbortController()
  const reason = new Error('enough')
  const context = createToolContext({
    signal: controller.signal,
    sideEffect: async (_name, work) => {
      try {
        return await work()
      } catch {
        throw new Error('a copy of the reason')
      }
    },
  })
  const work = async (): Promise<never> => {
    controller.abort(reason)
    throw reason
  }
  await expect(effect(context, 'read', work)).rejects.toBe(reason)
})

test('an effect that succeeds although it was aborted has succeeded', async () => {
  const controller = new AbortController()
  const context = createToolContext({ signal: controller.signal })
  const work = async (): Promise<string> => {
    controller.abort()
    return 'done'
  }
  expect(await effect(context, 'write', work)).toBe('done')
})

test('what can be aborted settles as it would, and rejects with the reason when it is', async () => {
  const controller = new AbortController()
  const { signal } = controller
  const failure = new Error('failure')
  expect(await abortable(Promise.resolve(1), signal)).toBe(1)
  await expect(abortable(Promise.reject(failure), signal)).rejects.toBe(failure)
  const pending = abortable(new Promise(() => undefined), signal)
  controller.abort('reason')
  await expect(pending).rejects.toBe('reason')
  await expect(abortable(Promise.resolve(1), signal)).rejects.toBe('reason')
})

test('what is aborted and fails later leaves no rejection that nobody has seen', async () => {
  const { promise, reject } = Promise.withResolvers<never>()
  const controller = new AbortController()
  const pending = abortable(promise, controller.signal)
  controller.abort('reason')
  await expect(pending).rejects.toBe('reason')
  reject(new Error('late'))
  await expect(promise).rejects.toThrow('late')
})
