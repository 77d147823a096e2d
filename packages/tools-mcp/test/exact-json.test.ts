import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { parseExact, parseNearlyExact, roundNumbers } from '../src/exact-json.ts'

describe('parseExact', () => {
  test.for([
    '{"id":9007199254740993}',
    '[1.0,1,-0,1e2,0.10,123456789012345678901234567890]',
    '{"a":{"b":[1.50]}}',
    '7.0',
  ])('reads %s so that it is written the same again', (text) => {
    expect(JSON.stringify(parseExact(text))).toBe(text)
  })

  test('leaves numbers that need no help as they are', () => {
    expect(parseExact('{"a":1,"b":[2.5,"9007199254740993"]}')).toEqual({ a: 1, b: [2.5, '9007199254740993'] })
  })

  test('writes what any JSON text says', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value)
        expect(JSON.stringify(parseExact(text))).toBe(text)
      }),
    )
  })
})

test('parseNearlyExact reads whole numbers as numbers, and others so that they are written the same again', () => {
  const text = '{"a":5.0,"b":1e2,"c":-0,"d":1.50,"e":9007199254740993,"f":"5.0"}'
  const value = parseNearlyExact(text)
  expect(value).toMatchObject({ a: 5, b: 100, f: '5.0' })
  expect(JSON.stringify(value)).toBe('{"a":5,"b":100,"c":0,"d":1.50,"e":9007199254740993,"f":"5.0"}')
})

describe('roundNumbers', () => {
  test.for([
    ['{"id":9007199254740993}', '{"id":9007199254740992}'],
    ['[-9007199254740993]', '[-9007199254740992]'],
    ['[123456789012345678901234567890]', '[1.2345678901234568e+29]'],
    ['{"id":"9007199254740993"}', '{"id":"9007199254740993"}'],
    ['{"a\\"9007199254740993":1}', '{"a\\"9007199254740993":1}'],
    ['["\\\\",9007199254740993]', '["\\\\",9007199254740992]'],
    ['[0.12345678901234567890,1234567890123456789.5]', '[0.12345678901234567890,1234567890123456789.5]'],
    ['[1e-00000000000000000001]', '[1e-00000000000000000001]'],
    ['{"open', '{"open'],
    ['', ''],
  ])('makes %s into %s', ([text = '', rounded]) => {
    expect(roundNumbers(text)).toBe(rounded)
  })

  test('leaves alone what is out of range', () => {
    const text = `[${'9'.repeat(400)}]`
    expect(roundNumbers(text)).toBe(text)
  })

  test('changes no value that JavaScript reads', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.bigInt(), (value, number) => {
        const text = `[${JSON.stringify(value)},${number}]`
        expect(JSON.parse(roundNumbers(text))).toEqual(JSON.parse(text))
      }),
    )
  })
})
