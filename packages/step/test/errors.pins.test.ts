import { hasCode, isStarlingError } from '@starling/event'
import { expect, expectTypeOf, test } from 'vitest'
import { StepError } from '../src/index.ts'
import type { StepErrorCode } from '../src/index.ts'

// A code is for ever: adding one is fine, changing or removing one breaks callers.
const CODES = [
  'STEP_OUTSIDE_RUN',
  'STEP_CALL_ENDED',
  'STEP_DIVERGED',
  'STEP_BUDGET_EXCEEDED',
  'STEP_MISSING_RAW_HASH',
  'STEP_INVALID_OPTIONS',
] as const

test('the codes are these', () => {
  expectTypeOf<StepErrorCode>().toEqualTypeOf<(typeof CODES)[number]>()
  expect(new Set(CODES).size).toBe(6)
})

test.each(CODES)('%s is recognised by its code, whatever the class', (code) => {
  const error: unknown = new StepError(code, 'message', { cause: 'cause', retryable: true })
  expect(isStarlingError(error)).toBe(true)
  expect(hasCode(error, code)).toBe(true)
  expect(error).toMatchObject({ name: 'StepError', code, message: 'message', cause: 'cause', retryable: true })
})
