import { hasCode, isStarlingError } from '@starling/event'
import { expect, expectTypeOf, test } from 'vitest'
import { CoreError } from '../src/index.ts'
import type { CoreErrorCode } from '../src/index.ts'

// A code is for ever: adding one is fine, changing or removing one breaks callers.
const CODES = [
  'CORE_INVALID_OPTIONS',
  'CORE_RUN_NOT_FOUND',
  'CORE_RUN_EXISTS',
  'CORE_RUN_ENDED',
  'CORE_RUN_IN_USE',
  'CORE_SCHEMA_MISMATCH',
  'CORE_AGENT_MISMATCH',
  'CORE_PENDING_CALLS',
  'CORE_CORRUPT',
  'CORE_TOOL_SOURCE',
  'CORE_DECIDED',
  'CORE_NOT_WAITING',
] as const

test('the codes are these', () => {
  expectTypeOf<CoreErrorCode>().toEqualTypeOf<(typeof CODES)[number]>()
  expect(new Set(CODES).size).toBe(12)
})

test.each(CODES)('%s is recognised by its code, whatever the class', (code) => {
  const error: unknown = new CoreError(code, 'message', { cause: 'cause', retryable: true })
  expect(isStarlingError(error)).toBe(true)
  expect(hasCode(error, code)).toBe(true)
  expect(error).toMatchObject({ name: 'CoreError', code, message: 'message', cause: 'cause', retryable: true })
})
