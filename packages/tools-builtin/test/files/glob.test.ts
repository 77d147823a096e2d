import fc from 'fast-check'
import { expect, test } from 'vitest'

import { compileGlobs, type PathMatcher } from '../../src/files/glob.ts'

test.for([
  ['*.ts', 'a.ts', true],
  ['*.ts', 'src/deep/a.ts', true],
  ['*.ts', 'a.tsx', false],
  ['*.ts', 'a.ts/b', false],
  ['*', '.hidden', true],
  ['a?c', 'abc', true],
  ['a?c', 'a/c', false],
  ['a?c', 'a😀c', true],
  ['src/*.ts', 'src/a.ts', true],
  ['src/*.ts', 'src/deep/a.ts', false],
  ['src/*.ts', 'lib/src/a.ts', false],
  ['src/**', 'src/a/b/c', true],
  ['src/**', 'source/a', false],
  ['src/**/*.ts', 'src/a.ts', true],
  ['src/**/*.ts', 'src/a/b/c.ts', true],
  ['**/test/**', 'a/b/test/c/d', true],
  ['**/test/**', 'test/x', true],
  ['**', 'any/thing', true],
  ['/src/*.ts', 'src/a.ts', true],
  ['./src/*.ts', 'src/a.ts', true],
  ['src//*.ts', 'src/a.ts', true],
  ['src/./*.ts', 'src/a.ts', true],
  ['.//a.ts', 'a.ts', true],
  ['.//a.ts', 'src/a.ts', false],
  ['a.ts/.', 'a.ts', true],
  ['docs//', 'deep/docs', true],
  ['...', 'deep/...', true],
  ['docs/', 'docs', true],
  ['docs/', 'deep/docs', true],
  ['*.{ts,js}', 'a.js', true],
  ['*.{ts,js}', 'a.json', false],
  ['{src,test}/{a,b}.ts', 'test/b.ts', true],
  ['{a,{b,c}}.md', 'c.md', true],
  ['{single}.md', '{single}.md', true],
  ['[a-c].md', 'b.md', true],
  ['[a-c].md', 'd.md', false],
  ['[!a-c].md', 'd.md', true],
  ['[!a-c].md', 'a.md', false],
  ['[^a-c].md', 'd.md', true],
  ['[]].md', '].md', true],
  ['[a-].md', '-.md', true],
  ['[abc', '[abc', true],
  [String.raw`\*.md`, '*.md', true],
  [String.raw`\*.md`, 'a.md', false],
  ['a.b', 'axb', false],
  ['(a+)+$', '(a+)+$', true],
  ['**a**', 'xxaxx', true],
  ['a*b*c', 'aXbYbZc', true],
  ['a*b*c', 'aXbYb', false],
] as const)('%j means %j: %j', ([pattern, path, expected]) => {
  expect(matcher([pattern])(path)).toBe(expected)
})

test('no patterns mean nothing, several mean what any of them does', () => {
  expect([matcher([])('a'), matcher(['*.md', '*.ts'])('a.ts'), matcher(['*.md', '*.ts'])('a.js')]).toEqual([
    false,
    true,
    false,
  ])
})

test('everything below what is meant can be meant too', () => {
  const below = matcher(['node_modules', 'secrets/*.pem'], true)
  const paths = ['node_modules', 'a/node_modules/b/c', 'secrets/x.pem', 'secrets/x.pem/y', 'secrets/x.txt', 'modules']
  expect(paths.map((path) => below(path))).toEqual([true, true, true, true, false, false])
})

test.for(['{a,b}'.repeat(7), `{${'a,'.repeat(101)}}`])('%j is too much', (pattern) => {
  expect(compileGlobs(['*.md', pattern])).toEqual({ invalid: pattern, problem: 'has too many alternatives' })
})

test('many patterns with many alternatives can be too much together', () => {
  const pattern = `{${'a,'.repeat(99)}a}${'*b'.repeat(300)}`
  const limit = { maxCharacters: 64 * 1024 }
  expect([typeof compileGlobs([pattern], limit), typeof compileGlobs([pattern, pattern])]).toEqual([
    'function',
    'function',
  ])
  expect(compileGlobs([pattern, pattern], limit)).toEqual({ invalid: pattern, problem: 'has too many alternatives' })
})

test.for([
  '',
  '/',
  '.',
  './',
  '//',
  '..',
  '../a',
  'a/..',
  'a/b/../c',
  'a/{b,..}/c',
  String.raw`a/\../c`,
  String.raw`\.`,
])('%j fits no path', (pattern) => {
  expect(compileGlobs(['*.md', pattern])).toEqual({ invalid: pattern, problem: 'fits no path below the root' })
})

test('a pattern made to take long takes no time', () => {
  const names = matcher([`${'*a'.repeat(100)}b`])
  expect(names('a'.repeat(255))).toBe(false)
  expect(matcher([`{${','.repeat(60_000)}`])('c')).toBe(false)
  const folders = matcher([`${'**/a/'.repeat(100)}b`])
  expect(folders(`${'a/'.repeat(1000)}c`)).toBe(false)
})

test('a path without signs means itself and nothing else', () => {
  const name = fc.stringMatching(/^[a-z.]{1,5}$/).filter((text) => text !== '.' && text !== '..')
  const path = fc.array(name, { minLength: 2, maxLength: 4 }).map((names) => names.join('/'))
  fc.assert(
    fc.property(path, path, (pattern, other) => {
      expect([matcher([pattern])(pattern), matcher([pattern])(other)]).toEqual([true, pattern === other])
    }),
  )
})

test('stars match as the regular expression does that says the same', () => {
  const pattern = fc.stringMatching(/^[ab*?]{1,8}$/)
  fc.assert(
    fc.property(pattern, fc.stringMatching(/^[ab]{0,10}$/), (glob, name) => {
      fc.pre(name !== '' && glob !== '**')
      const regex = new RegExp(`^${glob.replaceAll(/\*+/g, '.*').replaceAll('?', '.')}$`)
      expect(matcher([glob])(name)).toBe(regex.test(name))
    }),
  )
})

function matcher(patterns: readonly string[], andBelow = false): PathMatcher {
  const compiled = compileGlobs(patterns, { andBelow })
  if (typeof compiled !== 'function') throw new Error(`expected a matcher, got ${compiled.invalid}`)
  return compiled
}
