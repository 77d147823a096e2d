import fc from 'fast-check'
import { expect, test } from 'vitest'

import { fitsWildcards, type WildcardRules } from '../src/wildcards.ts'

const RULES: WildcardRules<string, string> = {
  isStar: (piece) => piece === '*',
  fits: (piece, item) => piece === '?' || piece === item,
}

/** The same by trying everything. */
function fitsByTrying(pattern: readonly string[], items: readonly string[]): boolean {
  const [piece, ...others] = pattern
  if (piece === undefined) return items.length === 0
  if (piece === '*') return items.some((_item, at) => fitsByTrying(others, items.slice(at))) || fitsByTrying(others, [])
  const [item, ...rest] = items
  return item !== undefined && RULES.fits(piece, item) && fitsByTrying(others, rest)
}

test('a pattern fits what it fits when everything is tried', () => {
  const pattern = fc.array(fc.constantFrom('a', 'b', '?', '*'), { maxLength: 7 })
  const items = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 7 })
  fc.assert(
    fc.property(pattern, items, (pieces, list) => {
      expect(fitsWildcards(pieces, list, RULES)).toBe(fitsByTrying(pieces, list))
    }),
    { numRuns: 3000 },
  )
})

test('nothing fits nothing, and stars fit nothing too', () => {
  expect(fitsWildcards([], [], RULES)).toBe(true)
  expect(fitsWildcards(['*', '*'], [], RULES)).toBe(true)
  expect(fitsWildcards(['*', 'a'], [], RULES)).toBe(false)
  expect(fitsWildcards([], ['a'], RULES)).toBe(false)
})

test('it compares at most as often as both are long, multiplied', () => {
  let compared = 0
  const counting: WildcardRules<string, string> = {
    isStar: (piece) => piece === '*',
    fits: (piece, item) => {
      compared += 1
      return piece === item
    },
  }
  const pattern = [...Array.from({ length: 50 }, () => ['*', 'a']).flat(), 'b']
  const items = Array.from({ length: 500 }, () => 'a')
  expect(fitsWildcards(pattern, items, counting)).toBe(false)
  expect(compared).toBeLessThan(pattern.length * items.length)
})
