import fc from 'fast-check'
import { expect, test } from 'vitest'

import { childPath, formatPath, namesBelow, parseFilePath, parsePath } from '../../src/files/file-path.ts'

test.for([
  ['a', ['a']],
  ['a/b.txt', ['a', 'b.txt']],
  ['./a', ['a']],
  ['a//b/', ['a', 'b']],
  ['a/./b', ['a', 'b']],
  ['a/../b', ['b']],
  ['a/b/../../c', ['c']],
  ['.', []],
  ['a/..', []],
  ['...', ['...']],
  ['..a', ['..a']],
  [String.raw`a\b`, [String.raw`a\b`]],
  ['C:/x', ['C:', 'x']],
] as const)('%j is read', ([path, names]) => {
  expect(parsePath(path, 'linux')).toEqual(names)
})

test.for(['a/', 'a//', 'a/.', 'a/x/..', './a/', 'a/b/c/../'])('%j is no path of a file', (path) => {
  expect(() => parseFilePath(path, 'linux')).toThrow(/is that of a directory, expected a regular file$/)
  expect(parsePath(path, 'linux')[0]).toBe('a')
})

test.for(['a', './a', 'b/../a', '...', 'a..', '.a', 'a/..b'])('%j is the path of a file', (path) => {
  expect(parseFilePath(path, 'linux')).toEqual(parsePath(path, 'linux'))
})

test('on Windows, a backslash ends the path of a folder as well', () => {
  expect(() => parseFilePath('a\\', 'win32')).toThrow(/is that of a directory/)
  expect(parseFilePath('a\\', 'linux')).toEqual(['a\\'])
})

test.for(['..', '../a', 'a/../../b', './..', 'a/b/../../..', '../../../../etc/passwd'])('%j leads outside', (path) => {
  expect(() => parsePath(path, 'linux')).toThrow(/leads outside the root$/)
})

test.for(['/', '/etc/passwd', '//host/share'])('%j is absolute', (path) => {
  expect(() => parsePath(path, 'linux')).toThrow(/is absolute, expected one that is relative to the root$/)
})

test('a null byte is refused, wherever it is', () => {
  expect(() => parsePath('a\0.txt', 'linux')).toThrow(/has a null byte$/)
})

test.for([
  [String.raw`a\b`, ['a', 'b']],
  [String.raw`a\..\b/c`, ['b', 'c']],
] as const)('on Windows, %j is read', ([path, names]) => {
  expect(parsePath(path, 'win32')).toEqual(names)
})

test.for([
  String.raw`C:\secrets`,
  'C:secrets',
  String.raw`\\host\share`,
  String.raw`\secrets`,
  String.raw`..\secrets`,
  'file.txt:stream',
  'file.txt::$DATA',
  'NUL',
  'a/con.txt',
  'com1',
  'lpt9.log',
])('on Windows, %j is refused', (path) => {
  expect(() => parsePath(path, 'win32')).toThrow(/^path /)
})

test('whatever is read has no names that lead up', () => {
  const name = fc.constantFrom('.', '..', '', 'a', 'b', '...')
  fc.assert(
    fc.property(fc.array(name, { minLength: 1 }), (names) => {
      let read: readonly string[]
      try {
        read = parsePath(names.join('/'), 'linux')
      } catch {
        return
      }
      expect(read.filter((part) => part === '..' || part === '.' || part === '')).toEqual([])
    }),
  )
})

test('a path is shown with slashes, and the root as a dot', () => {
  expect([formatPath([]), formatPath(['a', 'b']), childPath('.', 'a'), childPath('a/b', 'c')]).toEqual([
    '.',
    'a/b',
    'a',
    'a/b/c',
  ])
})

test('what only begins like the root is not below it', () => {
  const below = [
    namesBelow('/root', '/root'),
    namesBelow('/root', '/root/a/b'),
    namesBelow('/root', '/root2/a'),
    namesBelow('/root', '/'),
    namesBelow('/', '/a'),
  ]
  expect(below).toEqual([[], ['a', 'b'], undefined, undefined, ['a']])
})
