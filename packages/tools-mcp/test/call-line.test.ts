import { expect, test } from 'vitest'

import { CallLine } from '../src/call-line.ts'
import { createMcpSource } from '../src/index.ts'

const NEVER = new AbortController().signal

test('as many calls as the line allows are let through at once, the others in their order', async () => {
  const line = new CallLine(2)
  const entered: number[] = []
  const enter = async (call: number): Promise<() => void> => {
    const leave = await line.enter(NEVER)
    entered.push(call)
    return leave
  }
  const [first, second] = await Promise.all([enter(1), enter(2)])
  const others = [enter(3), enter(4)]
  expect(entered).toEqual([1, 2])
  first()
  first() // twice is once
  const third = await others[0]
  expect(entered).toEqual([1, 2, 3])
  second()
  third?.()
  ;(await others[1])?.()
  await enter(5)
  expect(entered).toEqual([1, 2, 3, 4, 5])
})

test('a call that is aborted while it waits leaves the line, and nobody else', async () => {
  const line = new CallLine(1)
  const leave = await line.enter(NEVER)
  const aborted = new AbortController()
  const gone = line.enter(aborted.signal)
  const next = line.enter(NEVER)
  aborted.abort('enough')
  await expect(gone).rejects.toBe('enough')
  leave()
  ;(await next)()
  await expect(line.enter(aborted.signal)).rejects.toBe('enough')
  ;(await line.enter(NEVER))()
})

test.each([0, -1, Number.NaN])('a concurrency of %s is refused', (concurrency) => {
  const transport = { type: 'stdio', command: 'true' } as const
  expect(() => createMcpSource({ name: 'none', transport, concurrency })).toThrow(
    `concurrency is ${concurrency}, expected a number from 1`,
  )
})
