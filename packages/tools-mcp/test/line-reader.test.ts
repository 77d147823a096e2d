import fc from 'fast-check'
import { expect, test } from 'vitest'

import { LineReader } from '../src/line-reader.ts'

test('lines come out whole, however they come in', () => {
  const lines = fc.array(fc.string({ unit: fc.constantFrom('a', 'é', ' ', '"') }), { maxLength: 8 })
  fc.assert(
    fc.property(lines, fc.array(fc.nat(20), { maxLength: 8 }), (given, cuts) => {
      const text = given.map((line) => `${line}\n`).join('')
      const ends = [...new Set(cuts.map((cut) => Math.min(cut, text.length)))].toSorted((a, b) => a - b)
      const pieces = [...ends, text.length].map((end, index) => text.slice(ends[index - 1] ?? 0, end))
      const reader = new LineReader(1000)
      expect(pieces.flatMap((piece) => reader.read(piece))).toEqual(given)
    }),
  )
})

test('the end of a line may be that of Windows, even in two pieces', () => {
  const reader = new LineReader(10)
  expect([...reader.read('a\r'), ...reader.read('\nb\r\nc')]).toEqual(['a', 'b'])
  expect(reader.read('\n')).toEqual(['c'])
})

test('a line that is too long is refused, ended or not', () => {
  expect(() => new LineReader(3).read('abcd\n')).toThrow('a message of more than 3 characters')
  const reader = new LineReader(3)
  expect(reader.read('abc\nab')).toEqual(['abc'])
  expect(reader.read('c')).toEqual([])
  expect(() => reader.read('d')).toThrow(RangeError)
})
