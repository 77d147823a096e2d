import fc from 'fast-check'
import { expect, test } from 'vitest'

import { parseInput } from '../src/parse-input.ts'

test('one JSON value is read', () => {
  expect(parseInput(' {"a": [1, "x", null, true, {"b": -2.5e3}], "c": {}} ')).toEqual({
    value: { a: [1, 'x', null, true, { b: -2500 }], c: {} },
  })
})

test('no text at all is an empty object', () => {
  expect(parseInput('')).toEqual({ value: {} })
})

test.for<[string, string]>([
  ['{"a":1,"a":2}', 'a: the key comes twice'],
  ['{"a":{"b":1,"b":1}}', 'a.b: the key comes twice'],
  [String.raw`{"a":1,"\u0061":2}`, 'a: the key comes twice'],
  ['{"":1,"":2}', '[""]: the key comes twice'],
  ['[0,{"x y":1,"x y":2}]', '[1]["x y"]: the key comes twice'],
  ['{"__proto__":1,"__proto__":2}', '__proto__: the key comes twice'],
])('%s has a key twice', ([text, problem]) => {
  expect(parseInput(text)).toEqual({ problem })
})

test.for([
  '{"a":{"k":1},"b":{"k":2}}',
  '[{"k":1},{"k":2}]',
  '{"k":{"k":{"k":1}}}',
  '{"a":"b","b":"a"}',
  String.raw`{"a":"\"a\":1,","b":"\\","c":"\\\""}`,
  '{"a":["a","a"],"b":["a"]}',
])('%s has every key once', (text) => {
  expect(parseInput(text)).toEqual({ value: JSON.parse(text) })
})

test.for<[string, string]>([
  ['9007199254740993', 'input: 9007199254740993 is too large to be exact, write it as text'],
  ['{"ids":[1,-12345678901234567891]}', 'ids[1]: -12345678901234567891 is too large to be exact, write it as text'],
  ['{"n":1e999}', 'n: 1e999 is out of range'],
  ['{"n":-1e400}', 'n: -1e400 is out of range'],
  [`[${'9'.repeat(400)}]`, `[0]: ${'9'.repeat(39)}… is out of range`],
])('%s holds a number that would change', ([text, problem]) => {
  expect(parseInput(text)).toEqual({ problem })
})

test.for(['9007199254740992', '18446744073709551616', '-19086400654474230', '0.1', '1e300', '1E+2', '-0'])(
  '%s is a number that stays what it is',
  (text) => {
    expect(parseInput(text)).toEqual({ value: Number(text) })
  },
)

test.for<[string, string]>([
  ['{', 'not valid JSON (unexpected EOF)'],
  ["{'a':1}", String.raw`not valid JSON (invalid character '\'' looking for beginning of object key string)`],
  ['{} {}', 'not valid JSON (trailing data after first value: "{}")'],
  ['{}}', 'not valid JSON (text after the value)'],
  [' ', 'not valid JSON (EOF)'],
])('%s is not JSON, in words that no platform changes', ([text, problem]) => {
  expect(parseInput(text)).toEqual({ problem })
})

test('a string of many megabytes is read', () => {
  const long = String.raw`\n\"x`.repeat(1_000_000)
  expect(parseInput(`{"a":"${long}","b":1}`)).toEqual({ value: { a: '\n"x'.repeat(1_000_000), b: 1 } })
})

test('deep nesting is read', () => {
  const text = '['.repeat(100_000) + ']'.repeat(100_000)
  expect(parseInput(text)).not.toHaveProperty('problem')
})

test('whatever JSON.stringify writes is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), fc.nat(4), (value, indent) => {
      const text = JSON.stringify(value, null, indent)
      expect(parseInput(text)).toEqual({ value: JSON.parse(text) })
    }),
  )
})

test('any text is either read as JSON.parse reads it or a problem in words', () => {
  const tokens = fc.constantFrom(...'{}[],:1- '.split(''), '"a"', '"b"', 'true', 'null', '"\\', '1e9')
  const texts = fc.oneof(
    fc.array(tokens, { minLength: 1 }).map((parts) => parts.join('')),
    fc.string({ minLength: 1 }),
  )
  fc.assert(
    fc.property(texts, (text) => {
      const parsed = parseInput(text)
      const isRead = parsed.problem === undefined
      expect(isRead ? parsed.value : undefined).toEqual(isRead ? JSON.parse(text) : undefined)
      expect(parsed.problem).not.toBe('')
    }),
  )
})

test('a key that is repeated anywhere is found', () => {
  const objects = fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 })
  fc.assert(
    fc.property(objects, fc.nat(), (object, pick) => {
      const entries = Object.entries(object).map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)
      const again = entries[pick % entries.length]
      expect(parseInput(`{${[...entries, again].join(',')}}`).problem).toMatch(/: the key comes twice$/s)
    }),
  )
})
