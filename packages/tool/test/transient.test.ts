import { expect, test } from 'vitest'

import { isTransient, ToolError, transient } from '../src/index.ts'

test('a message becomes a transient error', () => {
  const error = transient('the service is busy')
  expect(error).toMatchObject({ code: 'TOOL_TRANSIENT', message: 'the service is busy', retryable: true })
  expect(error).toBeInstanceOf(ToolError)
  expect(error).not.toHaveProperty('cause')
})

test('an error becomes the cause of a transient one with the same message', () => {
  const cause = new RangeError('busy')
  expect(transient(cause)).toMatchObject({ message: 'busy', cause })
})

test('a transient error is found anywhere in the chain of causes', () => {
  const deep = new Error('outer', { cause: new Error('middle', { cause: transient('inner') }) })
  expect(isTransient(transient('now'))).toBe(true)
  expect(isTransient(deep)).toBe(true)
})

test('a transient error of another copy of the package counts', () => {
  const copy = Object.defineProperty(new Error('busy'), Symbol.for('@starling/error'), { value: true })
  expect(isTransient(Object.assign(copy, { code: 'TOOL_TRANSIENT' }))).toBe(true)
})

test('nothing else is transient', () => {
  const retryable = new ToolError('TOOL_TIMEOUT', 'slow', { retryable: true })
  const lookalike = Object.assign(new Error('busy'), { code: 'TOOL_TRANSIENT' })
  for (const value of [new Error('x'), retryable, lookalike, 'transient', null, undefined, { cause: transient('x') }]) {
    expect(isTransient(value)).toBe(false)
  }
})

test('a chain of causes that is a loop ends', () => {
  const error = new Error('loop')
  error.cause = new Error('inner', { cause: error })
  expect(isTransient(error)).toBe(false)
})
