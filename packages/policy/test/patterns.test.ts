import fc from 'fast-check'
import { expect, test } from 'vitest'

import { fitsPath, isUnder, mayFit, parsePath } from '../src/path.ts'
import { fitsPattern, isLiteral } from '../src/pattern.ts'
import { expandBraces } from '../src/shell/braces.ts'
import { allOf, anyOf, not, type Verdict } from '../src/verdict.ts'

test.for<[string, string, boolean]>([
  ['', '', true],
  ['', 'a', false],
  ['*', '', true],
  ['**', 'a/b', true],
  ['a*', 'a', true],
  ['*a', 'ba', true],
  ['*a', 'ab', false],
  ['a*b*c', 'a1b2b3c', true],
  ['a*b*c', 'a1c2b', false],
  ['?', 'a', true],
  ['?', '', false],
  ['a?c', 'abc', true],
  [String.raw`\*`, '*', true],
  [String.raw`\?`, 'a', false],
  [String.raw`a\\b`, String.raw`a\b`, true],
  ['a\\', 'a\\', true],
  [String.raw`*\*`, 'a*', true],
  [String.raw`*\*`, 'ab', false],
  ['[a]', '[a]', true],
  ['a.c', 'abc', false],
])('the pattern %j on %j: %s', ([pattern, text, fits]) => {
  expect(fitsPattern(pattern, text)).toBe(fits)
})

test('a pattern fits what the regular expression of the same meaning fits', () => {
  const letters = fc.constantFrom('a', 'b', '*', '?', '\\')
  const pattern = fc.array(letters, { maxLength: 8 }).map((list) => list.join(''))
  const text = fc.array(fc.constantFrom('a', 'b', '*', '\\'), { maxLength: 8 }).map((list) => list.join(''))
  fc.assert(
    fc.property(pattern, text, (glob, value) => {
      expect(fitsPattern(glob, value)).toBe(expression(glob).test(value))
    }),
    { numRuns: 2000 },
  )
})

test('a pattern that would take for ever as a regular expression does not', () => {
  const begin = performance.now()
  expect(fitsPattern(`${'*a'.repeat(200)}b`, 'a'.repeat(20_000))).toBe(false)
  expect(performance.now() - begin).toBeLessThan(3000)
})

test('a literal has nothing in it that stands for other text', () => {
  expect(['git', String.raw`a\*b`, ''].map((pattern) => isLiteral(pattern))).toEqual([true, true, true])
  expect(['g*', '?', String.raw`\\*`].map((pattern) => isLiteral(pattern))).toEqual([false, false, false])
})

test.for<[string, string, boolean]>([
  ['a/b', 'a/./b/', true],
  ['a/*', 'a/b', true],
  ['a/*', 'a/b/c', false],
  ['a/**', 'a/b/c', true],
  ['a/**', 'a', true],
  ['**/c', 'a/b/c', true],
  ['a/**/c', 'a/c', true],
  ['a/**/c/**/e', 'a/b/c/d/e', true],
  ['a/**/c/**/e', 'a/b/d/e', false],
  ['/a', 'a', false],
  ['/a', '/b/../a', true],
  ['/a', '/../a', true],
  ['*.c', 'a.c', true],
])('the pattern of paths %j on %j: %s', ([pattern, path, fits]) => {
  expect(fitsPath(parsePath(pattern), parsePath(path))).toBe(fits)
})

test('a path never leaves the folder it is below, however many steps up are in it', () => {
  const part = fc.constantFrom('a', 'b', '.', '..', '')
  fc.assert(
    fc.property(fc.array(part, { maxLength: 10 }), (parts) => {
      const path = parsePath(`/top/${parts.join('/')}`)
      expect(path.parts).not.toContain('..')
      expect(isUnder(parsePath('/top'), path)).toBe(path.parts[0] === 'top')
    }),
  )
})

test.for<[string, string, boolean]>([
  ['a', '../a', true],
  ['a', 'b/../../a', true],
  ['/a', '../a', true],
  ['/a', '~/a', true],
  ['~/a', '/home/me/a', true],
  ['a', '/srv/a', true],
  ['/a', 'a', false],
  ['/a', '/b', false],
  ['a', 'b/..', false],
  ['/a', '/~', false],
])('whether %j may be about %j is open: %s', ([pattern, path, may]) => {
  expect(mayFit(parsePath(pattern), parsePath(path))).toBe(may)
})

test.for<[string, readonly string[] | undefined]>([
  ['a', ['a']],
  ['{a,b}', ['a', 'b']],
  ['x{a,b}y{c,d}', ['xayc', 'xayd', 'xbyc', 'xbyd']],
  ['{a,{b,c}d}', ['a', 'bd', 'cd']],
  ['{a,}b', ['ab', 'b']],
  ['{,}', []],
  ['{a}', ['{a}']],
  ['{a', ['{a']],
  ['{a,b', ['{a,b']],
  ['{{a,b}', ['{a', '{b']],
  ['{a},{b,c}', ['{a},b', '{a},c']],
  ['{1..3}', undefined],
  ['{a,"b"}', undefined],
  ['{a,$b}', undefined],
  ['{a,b}'.repeat(7), undefined],
])('the braces of %j become %j', ([text, words]) => {
  expect(expandBraces(text)).toEqual(words)
})

test('verdicts combine like truth, with what may be between the two', () => {
  const verdict = fc.constantFrom<Verdict>('yes', 'maybe', 'no')
  fc.assert(
    fc.property(fc.array(verdict), (verdicts) => {
      expect(anyOf(verdicts)).toBe(not(allOf(verdicts.map((one) => not(one)))))
    }),
  )
  expect(allOf([])).toBe('yes')
  expect(anyOf([])).toBe('no')
})

/** The regular expression that means what a pattern does. */
function expression(pattern: string): RegExp {
  const source = pattern.replaceAll(/\\(.)|\*|\?|[^*?]/gs, (piece, escaped: string | undefined) => {
    if (piece === '*') return '[^]*'
    if (piece === '?') return '[^]'
    return (escaped ?? piece).replace(/[\\^$.*+?()[\]{}|]/, String.raw`\$&`)
  })
  return new RegExp(`^${source}$`)
}
