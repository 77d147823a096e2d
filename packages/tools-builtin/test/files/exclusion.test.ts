import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { compileExclusion } from '../../src/files/exclusion.ts'
import type { PathMatcher } from '../../src/files/glob.ts'
import { createListFilesTool, createReadFileTool, createSearchFilesTool, createWriteFileTool } from '../../src/index.ts'
import { call, callFailing } from '../support/call.ts'
import { openTempFolder } from '../support/temp-folder.ts'

test.for(['.*', '*', '**', '?', '[.]', '**/.*', '.*/**'])('%j does not mean the root itself', (pattern) => {
  expect(exclusion(pattern)('.')).toBe(false)
})

test.for([
  ['.env', '.ENV', true],
  ['.ENV', '.env', true],
  ['.env', 'a/.Env/b', true],
  ['.env', '.environment', false],
  ['caf\u00E9', 'cafe\u0301', true],
  ['cafe\u0301', 'CAF\u00C9', true],
  ['stra\u00DFe', 'STRASSE', true],
  ['\u03C3\u03BF\u03C6\u03CC\u03C2', '\u03A3\u039F\u03A6\u038C\u03A3', true],
  ['key', '\u212Aey', true],
  ['.git', '.g\u200Cit', true],
  ['.git', '.\uFEFFgit/config', true],
  ['*.{pem,key}', 'a/B.PEM', true],
  ['[a-c].md', 'B.md', true],
  ['[!a-c].md', 'd.md', true],
  ['[!a-c].md', 'a.md', false],
  ['[Z-a].md', '_.md', true],
  ['a//.env', 'a/.env', true],
  ['.//.env', '.env', true],
  ['a/./.env', 'a/.env', true],
] as const)('%j means %j: %j', ([pattern, path, expected]) => {
  expect(exclusion(pattern)(path)).toBe(expected)
})

test('a name is excluded in whatever letters it is written', () => {
  const name = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => !/[\\/{}[\]*?]|^\.{1,2}$/u.test(text))
  fc.assert(
    fc.property(name, fc.constantFrom('NFC', 'NFD'), (text, form) => {
      const isExcluded = exclusion(text)
      const written = [text, text.normalize(form), text.toUpperCase(), text.toLowerCase().normalize(form)]
      expect(written.filter((path) => !isExcluded(path) && path !== '.')).toEqual([])
    }),
  )
})

describe('a pattern that fits no path is refused by the options', () => {
  test.for(['../a/.env', 'a/b/../.env', '.', './', '/', '..'])('%j', (pattern) => {
    expect(() => createReadFileTool({ root: '.', exclude: [pattern] })).toThrow(
      `tool read_file: option exclude has ${JSON.stringify(pattern)}, which fits no path below the root`,
    )
  })
})

test('every tool works in a root of which hidden files are excluded', async () => {
  await using folder = await openTempFolder({ 'a.txt': 'hello', '.ENV': 'hello' })
  const options = { root: folder.path, exclude: ['.*'] }
  expect(await call(createListFilesTool(options), {})).toMatchObject({ entries: [{ path: 'a.txt' }] })
  expect(await call(createSearchFilesTool(options), { query: 'hello' })).toMatchObject({ filesSearched: 1 })
  expect(await call(createWriteFileTool(options), { path: 'b.txt', contents: '' })).toMatchObject({ created: true })
  expect((await callFailing(createReadFileTool(options), { path: '.ENV' })).message).toBe('path ".ENV" is excluded')
})

function exclusion(...patterns: readonly string[]): PathMatcher {
  const compiled = compileExclusion(patterns)
  if (typeof compiled !== 'function') throw new Error(`expected an exclusion, got ${compiled.invalid}`)
  return compiled
}
