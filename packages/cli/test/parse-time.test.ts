import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseDuration, parseSince, parseTime } from '../src/parse-time.ts'

const SECOND = 1_000_000_000n

describe('a duration', () => {
  test.each([
    ['30d', 30n * 86_400n * SECOND],
    ['1h30m', 5400n * SECOND],
    ['1.5h', 5400n * SECOND],
    ['2w', 14n * 86_400n * SECOND],
    ['10ms', 10_000_000n],
    ['3us', 3000n],
    ['3µs', 3000n],
    ['7ns', 7n],
    ['0s', 0n],
    ['0.0000000019s', 1n],
  ])('%s is %s nanoseconds', (text, ns) => {
    expect(parseDuration(text, '--x')).toBe(ns)
  })

  test.each(['', '30', 'd', '1h 30m', '1h30', '1.h', '1x', ' 1h', '1h,2m', '１h'])('%j is none', (text) => {
    expect(() => parseDuration(text, '--x')).toThrow(
      `--x needs a duration such as 30d, 720h or 1h30m, got ${JSON.stringify(text)}`,
    )
  })

  test('is positive', () => {
    expect(() => parseDuration('-1h', '--x')).toThrow('--x must be positive, got "-1h"')
  })

  test('is the sum of its parts, however long they are', () => {
    const parts = fc.array(fc.tuple(fc.bigInt(0n, 10n ** 30n), fc.constantFrom('h', 'm', 's')), { minLength: 1 })
    const scale = { h: 3600n, m: 60n, s: 1n }
    fc.assert(
      fc.property(parts, (given) => {
        const text = given.map(([number, unit]) => `${number}${unit}`).join('')
        const sum = given.reduce((total, [number, unit]) => total + number * scale[unit] * SECOND, 0n)
        expect(parseDuration(text, '--x')).toBe(sum)
      }),
    )
  })
})

describe('a time', () => {
  test.each([
    ['1970-01-01T00:00:00Z', 0n],
    ['1970-01-01t00:00:00z', 0n],
    ['1970-01-01T01:00:00+01:00', 0n],
    ['1970-01-01T00:00:00.123456789Z', 123_456_789n],
    ['1970-01-01T00:00:00.1234567899Z', 123_456_789n],
    ['1969-12-31T23:59:59Z', -SECOND],
    ['2024-02-29T00:00:00Z', 1_709_164_800n * SECOND],
    ['9999-12-31T23:59:59Z', 2n ** 63n - 1n],
    ['0001-01-01T00:00:00Z', -(2n ** 63n)],
  ])('%s is %s', (text, ns) => {
    expect(parseTime(text, '--x')).toBe(ns)
  })

  test.each([
    '',
    '2025-01-08',
    '2025-02-30T00:00:00Z',
    '2025-02-29T00:00:00Z',
    '2025-13-01T00:00:00Z',
    '2025-01-08T25:00:00Z',
    '2025-01-08T00:00:00',
    '2025-01-08 00:00:00Z',
    'yesterday',
  ])('%j is none, or depends on a guess', (text) => {
    expect(() => parseTime(text, '--x')).toThrow(
      `--x needs a time such as 2025-01-08T00:00:00Z, got ${JSON.stringify(text)}`,
    )
  })

  test('is what it was written from, to the millisecond', () => {
    const date = fc.date({ min: new Date('1700-01-01'), max: new Date('2250-01-01'), noInvalidDate: true })
    fc.assert(
      fc.property(date, (at) => {
        expect(parseTime(at.toISOString(), '--x')).toBe(BigInt(at.getTime()) * 1_000_000n)
      }),
    )
  })
})

describe('a point in the past', () => {
  const NOW = Date.UTC(2026, 0, 2)

  test.each([
    ['24h', '2026-01-01T00:00:00Z'],
    ['2026-01-01', '2026-01-01T00:00:00Z'],
    ['2025-06-01T12:00:00+02:00', '2025-06-01T10:00:00Z'],
  ])('%s is %s', (text, at) => {
    expect(parseSince(text, '--x', NOW)).toBe(parseTime(at, '--x'))
  })

  test('is never before the first that a log can hold', () => {
    expect(parseSince('99999999d', '--x', NOW)).toBe(-(2n ** 63n))
  })

  test.each([
    ['now', '--x needs a duration such as 24h, a date such as'],
    ['5 days', '--x needs a duration such as 24h, a date such as'],
    ['5y', '--x needs a duration such as 30d'],
    ['-5d', '--x must be positive'],
    ['2026-02-30', '--x needs a time such as'],
  ])('%j is none, and its message names what it was taken for', (text, message) => {
    expect(() => parseSince(text, '--x', NOW)).toThrow(message)
  })
})
