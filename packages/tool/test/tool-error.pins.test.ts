import { hasCode, isStarlingError } from '@starling/event'
import { expect, test } from 'vitest'

import { ToolError, type ToolErrorCode } from '../src/index.ts'

// Codes are recorded in logs and matched by callers: they never change.
const CODES: Readonly<Record<ToolErrorCode, true>> = {
  TOOL_INVALID_INPUT: true,
  TOOL_INVALID_OUTPUT: true,
  TOOL_RESULT_TOO_LARGE: true,
  TOOL_TIMEOUT: true,
  TOOL_TRANSIENT: true,
  TOOL_NOT_FOUND: true,
  TOOL_DENIED: true,
  TOOL_INVALID_DEFINITION: true,
}

test.for(Object.keys(CODES).filter(isCode))('%s is the code of an error of this project', (code) => {
  const error = new ToolError(code, 'message')
  expect(isStarlingError(error)).toBe(true)
  expect(hasCode(error, code)).toBe(true)
  expect(error).toMatchObject({ name: 'ToolError', message: 'message', retryable: false })
})

function isCode(code: string): code is ToolErrorCode {
  return Object.hasOwn(CODES, code)
}
