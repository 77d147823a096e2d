import fc from 'fast-check'
import { expect, test } from 'vitest'

import { parseRetryAfter } from '../src/index.ts'

const NOW_MS = Date.UTC(2026, 10, 21, 12, 0, 0)
const DAY_MS = 24 * 60 * 60 * 1000

test.for<[string, number | undefined]>([
  ['0', 0],
  ['7', 7000],
  [' 7 ', 7000],
  ['1.5', 1500],
  ['0.0001', 1],
  ['86400', DAY_MS],
  ['86401', DAY_MS],
  ['9'.repeat(400), DAY_MS],
  ['Sat, 21 Nov 2026 12:00:30 GMT', 30_000],
  ['Sat, 21 Nov 2026 12:00:00 GMT', 0],
  ['Sat, 21 Nov 2026 11:59:59 GMT', 0],
  ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
  ['Sat, 21 Nov 2099 12:00:00 GMT', DAY_MS],
  ['', undefined],
  ['-1', undefined],
  ['+1', undefined],
  ['1e3', undefined],
  ['Infinity', undefined],
  ['NaN', undefined],
  ['0x10', undefined],
  ['7 seconds', undefined],
  ['soon 7', undefined],
  ['2026-11-21T12:00:30Z', undefined],
  ['Sat, 21 Foo 2026 12:00:30 GMT', undefined],
  ['Sat, 21 Nov 2026 25:00:30 GMT', undefined],
])('retry-after %j is %s ms', ([value, waitMs]) => {
  expect(parseRetryAfter(value, NOW_MS)).toBe(waitMs)
  expect(parseRetryAfter(new Headers({ 'retry-after': value }), NOW_MS)).toBe(waitMs)
})

test.for<[Record<string, string>, number | undefined]>([
  [{}, undefined],
  [{ 'retry-after-ms': '250' }, 250],
  [{ 'retry-after-ms': '250.4', 'retry-after': '7' }, 251],
  [{ 'retry-after-ms': 'soon', 'retry-after': '7' }, 7000],
  [{ 'Retry-After': '7' }, 7000],
])('the headers %j say %s ms', ([headers, waitMs]) => {
  expect(parseRetryAfter(new Headers(headers), NOW_MS)).toBe(waitMs)
})

test('no value is no wait', () => {
  expect(parseRetryAfter(null, NOW_MS)).toBeUndefined()
  expect(parseRetryAfter(undefined, NOW_MS)).toBeUndefined()
})

test('a date that is sent is read back to the second', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: DAY_MS / 1000 }), (seconds) => {
      const date = new Date(NOW_MS + seconds * 1000).toUTCString()
      expect(parseRetryAfter(date, NOW_MS)).toBe(seconds * 1000)
    }),
  )
})

test('whatever is sent, the wait is whole, never negative and never longer than a day', () => {
  const values = fc.oneof(
    fc.string(),
    fc.double().map(String),
    fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
  )
  fc.assert(
    fc.property(values, (value) => {
      const waitMs = parseRetryAfter(value, NOW_MS) ?? 0
      expect(Number.isInteger(waitMs) && waitMs >= 0 && waitMs <= DAY_MS).toBe(true)
    }),
  )
})
