import { hasCode, isStarlingError } from '@starling/event'
import { expect, expectTypeOf, test } from 'vitest'

import { EventLogError } from '../src/index.ts'
import type { EventLogErrorCode } from '../src/index.ts'

// A code is for ever: adding one is fine, changing or removing one breaks callers.
const CODES = [
  'EVENTLOG_INVALID_APPEND',
  'EVENTLOG_CLOSED',
  'EVENTLOG_CORRUPT',
  'EVENTLOG_READ_ONLY',
  'EVENTLOG_FORK_NOT_FOUND',
  'EVENTLOG_SCHEMA_TOO_NEW',
  'EVENTLOG_SCHEMA_OUTDATED',
  'EVENTLOG_INVALID_PRUNE',
  'EVENTLOG_INVALID_OPTIONS',
  'EVENTLOG_LEASED',
  'EVENTLOG_FENCED',
  'EVENTLOG_OPEN_FAILED',
  'EVENTLOG_BUSY',
  'EVENTLOG_FULL',
  'EVENTLOG_STORAGE',
] as const

test('the codes are these', () => {
  expectTypeOf<EventLogErrorCode>().toEqualTypeOf<(typeof CODES)[number]>()
  expect(new Set(CODES).size).toBe(15)
})

test.each(CODES)('%s is recognised by its code, whatever the class', (code) => {
  const error: unknown = new EventLogError(code, 'message', { cause: 'cause', retryable: true })
  expect(isStarlingError(error)).toBe(true)
  expect(hasCode(error, code)).toBe(true)
  expect(error).toMatchObject({ name: 'EventLogError', code, message: 'message', cause: 'cause', retryable: true })
})
