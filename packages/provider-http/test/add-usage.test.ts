import { expect, test } from 'vitest'
import { addUsage } from '../src/index.ts'

const FIRST = { input: 1, cacheRead: 2, cacheWrite: 3, output: 4, reasoning: 5 }
const FURTHER = { input: 10, cacheRead: 20, cacheWrite: 30, output: 40, reasoning: 50 }

test('the first request is the whole so far', () => {
  expect(addUsage(undefined, FIRST)).toEqual(FIRST)
})

test('every kind of token is added to its own kind', () => {
  expect(addUsage(FIRST, FURTHER)).toEqual({ input: 11, cacheRead: 22, cacheWrite: 33, output: 44, reasoning: 55 })
})

test('writes that live an hour are added too, and named only where there are any', () => {
  const long = { ...FURTHER, cacheWriteLong: 7 }
  expect(addUsage(FIRST, long)).toMatchObject({ cacheWrite: 33, cacheWriteLong: 7 })
  expect(addUsage(long, long)).toMatchObject({ cacheWrite: 60, cacheWriteLong: 14 })
  expect(addUsage(FIRST, FURTHER)).not.toHaveProperty('cacheWriteLong')
})
