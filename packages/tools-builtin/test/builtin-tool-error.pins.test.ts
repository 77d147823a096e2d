import { hasCode, isStarlingError } from '@starling/event'
import { expect, test } from 'vitest'

import { BuiltinToolError, type BuiltinToolErrorCode } from '../src/index.ts'

// Codes are recorded in logs and matched by callers: they never change.
const CODES: Readonly<Record<BuiltinToolErrorCode, true>> = {
  BUILTIN_REFUSED: true,
  BUILTIN_NOT_FOUND: true,
  BUILTIN_UNSUPPORTED: true,
  BUILTIN_FAILED: true,
}

test.for(Object.keys(CODES).filter(isCode))('%s is the code of an error of this project', (code) => {
  const error = new BuiltinToolError(code, 'message')
  expect(isStarlingError(error)).toBe(true)
  expect(hasCode(error, code)).toBe(true)
  expect(error).toMatchObject({ name: 'BuiltinToolError', message: 'message', retryable: false })
})

function isCode(code: string): code is BuiltinToolErrorCode {
  return Object.hasOwn(CODES, code)
}
