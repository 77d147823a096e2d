import { expect, test } from 'vitest'
import { checkCitations, readCitations } from '../src/citations.ts'
import { readErrorCodes, renderErrors } from '../src/error-codes.ts'

test('codes are read with their comments', () => {
  const source = `export type Code =
  /** The first
   * of two. */
  | 'A_FIRST'
  /** The other. */
  | 'A_SECOND'`
  expect(readErrorCodes(source)).toEqual([
    { code: 'A_FIRST', meaning: 'The first of two.' },
    { code: 'A_SECOND', meaning: 'The other.' },
  ])
})

test('the page has one row for each code', () => {
  const page = renderErrors([{ name: '@starling/a', codes: [{ code: 'A_X', meaning: 'one | two' }] }])
  expect(page).toContain('## @starling/a')
  expect(page).toContain('| `A_X` | one \\| two |')
})

test('a citation names a file and a title', () => {
  expect(readCitations('see `a/b.test.ts` › “it holds”, done')).toEqual([{ file: 'a/b.test.ts', title: 'it holds' }])
})

test('a promise without a test, a missing file and a missing title are found', () => {
  const page = '| G-01 | a promise | none |\n| G-02 | another | `a.ts` › “x” `b.ts` › “y” |'
  expect(checkCitations(page, (file) => (file === 'a.ts' ? 'no such title' : undefined))).toEqual([
    'G-01 names no test',
    'a.ts has no test titled “x”',
    'b.ts does not exist',
  ])
})

test('a page whose tests all exist has no problems', () => {
  expect(checkCitations('| G-01 | a promise | `a.ts` › “x” |', () => "test('x', …)")).toEqual([])
})
