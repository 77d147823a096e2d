import { EventLogError } from '@starling/eventlog'
import { describe, expect, test } from 'vitest'

import { codeOf, isConnectionLost, isUndone, openFailed, toEventLogError } from '../src/storage-error.ts'

const PLACE = { target: 'host:5432/db', secret: 'hunter2', opening: false }

function failure(message: string, code?: string): Error {
  return Object.assign(new Error(message), code === undefined ? {} : { code })
}

describe('an error of the driver', () => {
  test.each([
    ['28P01', 'EVENTLOG_OPEN_FAILED', false],
    ['28000', 'EVENTLOG_OPEN_FAILED', false],
    ['3D000', 'EVENTLOG_OPEN_FAILED', false],
    ['42501', 'EVENTLOG_OPEN_FAILED', false],
    ['42P01', 'EVENTLOG_SCHEMA_OUTDATED', false],
    ['42883', 'EVENTLOG_SCHEMA_OUTDATED', false],
    ['25006', 'EVENTLOG_READ_ONLY', false],
    ['55P03', 'EVENTLOG_BUSY', true],
    ['40001', 'EVENTLOG_BUSY', true],
    ['40P01', 'EVENTLOG_BUSY', true],
    ['57014', 'EVENTLOG_BUSY', true],
    ['53300', 'EVENTLOG_BUSY', true],
    ['53100', 'EVENTLOG_FULL', true],
    ['57P01', 'EVENTLOG_STORAGE', true],
    ['25P03', 'EVENTLOG_STORAGE', true],
    ['08006', 'EVENTLOG_STORAGE', true],
    ['XX001', 'EVENTLOG_CORRUPT', false],
    ['22P02', 'EVENTLOG_STORAGE', false],
    ['ECONNREFUSED', 'EVENTLOG_STORAGE', true],
    ['ECONNRESET', 'EVENTLOG_STORAGE', true],
    ['CERT_HAS_EXPIRED', 'EVENTLOG_OPEN_FAILED', false],
  ])('with the code %s is %s', (given, code, retryable) => {
    const cause = failure('what the server says', given)
    expect(toEventLogError(cause, PLACE)).toMatchObject({
      code,
      retryable,
      cause,
      message: expect.stringMatching(
        new RegExp(String.raw`^eventlog/postgres: host:5432/db: .* \(${given}: what the server says\)$`),
      ),
    })
  })

  test.each([
    ['Connection terminated unexpectedly', 'EVENTLOG_STORAGE'],
    ['Client has encountered a connection error and is not queryable', 'EVENTLOG_STORAGE'],
    ['timeout exceeded when trying to connect', 'EVENTLOG_BUSY'],
    ['Connection terminated due to connection timeout', 'EVENTLOG_STORAGE'],
    ['timeout expired', 'EVENTLOG_STORAGE'],
    ['Query read timeout', 'EVENTLOG_STORAGE'],
    ['The server does not support SSL connections', 'EVENTLOG_OPEN_FAILED'],
    ['SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string', 'EVENTLOG_OPEN_FAILED'],
  ])('without a code, %j, is %s', (message, code) => {
    expect(toEventLogError(failure(message), PLACE)).toMatchObject({ code })
  })

  test('while a log is opened says that it cannot be, when there is no connection', () => {
    const opening = { ...PLACE, opening: true }
    for (const code of ['ECONNREFUSED', '57P03', '08001']) {
      expect(toEventLogError(failure('no', code), opening)).toMatchObject({ code: 'EVENTLOG_OPEN_FAILED' })
    }
    expect(toEventLogError(failure('no', '55P03'), opening)).toMatchObject({ code: 'EVENTLOG_BUSY' })
  })

  test('of several addresses of one host tells what each said', () => {
    const error = Object.assign(new AggregateError([new Error('one'), new Error('two')]), { code: 'ECONNREFUSED' })
    expect(toEventLogError(error, PLACE)).toMatchObject({ message: expect.stringContaining('ECONNREFUSED: one, two') })
  })

  test('of many lines becomes one, of a length that can be read', () => {
    const error = toEventLogError(failure(`a\n\tb\u0000${'c'.repeat(1000)}`, '22P02'), PLACE)
    expect(error).toMatchObject({ message: expect.stringMatching(/\(22P02: a b c{296}…\)$/) })
  })

  test('that quotes the password is passed on without it', () => {
    const direct = failure('login of hunter2 failed', '28P01')
    const hidden = Object.assign(failure('failed', '28P01'), { config: { nested: { password: 'hunter2' } } })
    for (const error of [direct, hidden]) {
      const reported = toEventLogError(error, PLACE)
      expect(reported).toMatchObject({ code: 'EVENTLOG_OPEN_FAILED', cause: undefined })
      expect(String(reported)).not.toContain('hunter2')
    }
  })
})

test('an error of ours, and one that is nobody’s, come back untouched', () => {
  for (const error of [new EventLogError('EVENTLOG_FENCED', 'over'), new TypeError('a bug'), 'a text', undefined]) {
    expect(toEventLogError(error, PLACE)).toBe(error)
    expect(codeOf(error)).toBeUndefined()
    expect(isConnectionLost(error)).toBe(false)
  }
})

test('what may pass by itself is told from what does not', () => {
  for (const code of ['57P01', '57P03', '08006', 'ECONNRESET', 'ECONNREFUSED', 'EPIPE']) {
    expect(isConnectionLost(failure('', code))).toBe(true)
  }
  for (const code of ['28P01', '42501', '57014', '40001', '53100']) {
    expect(isConnectionLost(failure('', code))).toBe(false)
  }
  expect([failure('', '40001'), failure('', '40P01'), failure('', '55P03')].map(isUndone)).toEqual([true, true, false])
})

test('a database that cannot be opened is named', () => {
  expect(openFailed('host:5432/db', 'it is too old')).toMatchObject({
    code: 'EVENTLOG_OPEN_FAILED',
    message: 'eventlog/postgres: cannot open host:5432/db: it is too old',
  })
})
