import { expect, expectTypeOf, test } from 'vitest'
import type { CliErrorCode } from '../src/cli-error.ts'
import { EXIT } from '../src/index.ts'
import { exitCodeOf } from '../src/report-failure.ts'

// Scripts branch on these: they never change.
const EXIT_CODES = {
  CLI_USAGE: 2,
  CLI_LOG_NOT_FOUND: 5,
  CLI_RUN_NOT_FOUND: 5,
  CLI_CALL_NOT_FOUND: 5,
  CLI_MODEL_NOT_FOUND: 5,
  CLI_FILE_NOT_FOUND: 5,
  CLI_FILE_EXISTS: 1,
  CLI_AGENT_LOAD: 1,
  CLI_AGENT_INVALID: 1,
  CLI_IMPORT_INVALID: 1,
  CLI_UNSUPPORTED: 1,
  CLI_RUN_STATE: 1,
} as const

test('the codes of this package are these', () => {
  expectTypeOf<CliErrorCode>().toEqualTypeOf<keyof typeof EXIT_CODES>()
})

test.each([
  ...Object.entries(EXIT_CODES),
  ['EVENTLOG_CORRUPT', 4],
  ['EVENTLOG_FORK_NOT_FOUND', 5],
  ['EVENTLOG_INVALID_OPTIONS', 2],
  ['EVENTLOG_INVALID_PRUNE', 2],
  ['EVENTLOG_READ_ONLY', 1],
  ['CORE_RUN_NOT_FOUND', 5],
  ['CORE_CORRUPT', 4],
  ['CORE_RUN_ENDED', 1],
  ['CORE_RUN_IN_USE', 1],
  ['CORE_DECIDED', 1],
  ['CORE_NOT_WAITING', 1],
  ['CORE_TOOL_SOURCE', 1],
  ['SOMETHING_ELSE', 1],
])('%s exits with %i', (code, exit) => {
  expect(exitCodeOf(Object.assign(new Error('x'), { code }))).toBe(exit)
})

test('the exit codes are these', () => {
  expect(EXIT).toEqual({
    ok: 0,
    failure: 1,
    usage: 2,
    diverged: 3,
    corrupt: 4,
    notFound: 5,
    suspended: 6,
    interrupted: 130,
    terminated: 143,
  })
})
