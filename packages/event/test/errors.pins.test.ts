import { describe, expect, expectTypeOf, test } from 'vitest'
import { EventError, hasCode, isStarlingError, StarlingError } from '../src/index.ts'
import type { EventErrorCode } from '../src/index.ts'

// Codes are read by other programs: add, never rename.
const CODES = ['EVENT_DECODE', 'EVENT_ENCODE', 'EVENT_JSON', 'EVENT_PROOF'] as const

describe('error codes', () => {
  test('are these', () => {
    expectTypeOf<EventErrorCode>().toEqualTypeOf<(typeof CODES)[number]>()
    expect(CODES.map((code) => new EventError(code, 'm').code)).toEqual(CODES)
  })
})

describe('an error of ours', () => {
  const cause = new Error('inner')
  const error = new EventError('EVENT_DECODE', 'what went wrong', { cause })

  test('carries code, message, cause and name', () => {
    expect(error).toBeInstanceOf(StarlingError)
    expect(error).toMatchObject({ code: 'EVENT_DECODE', message: 'what went wrong', cause, name: 'EventError' })
    expect(error.retryable).toBe(false)
    expect(new EventError('EVENT_DECODE', 'm', { retryable: true }).retryable).toBe(true)
    expect('cause' in new EventError('EVENT_DECODE', 'm')).toBe(false)
  })

  test('is recognised by its brand, whichever copy of the class made it', () => {
    const foreign = { code: 'EVENT_JSON', [Symbol.for('@starling/error')]: true }
    expect(isStarlingError(error)).toBe(true)
    expect(isStarlingError(foreign)).toBe(true)
    expect(hasCode(foreign, 'EVENT_JSON')).toBe(true)
  })

  test('is told from anything else', () => {
    for (const value of [new Error('m'), { code: 'EVENT_DECODE' }, null, undefined, 'EVENT_DECODE']) {
      expect(isStarlingError(value)).toBe(false)
      expect(hasCode(value, 'EVENT_DECODE')).toBe(false)
    }
    expect(hasCode(error, 'EVENT_ENCODE')).toBe(false)
  })

  test('does not show its brand', () => {
    expect(Object.keys(error).toSorted()).toEqual(['code', 'name', 'retryable'])
    expect(JSON.parse(JSON.stringify(error))).toEqual({ code: 'EVENT_DECODE', name: 'EventError', retryable: false })
  })
})
