import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { openRegexWorker } from '../../src/files/regex-worker.ts'
import { createTextFinder, type LineFinder } from '../../src/files/text-finder.ts'

const never = new AbortController().signal

/** Both kinds, made to find the same. */
const KINDS: readonly { readonly kind: string; readonly open: () => LineFinder }[] = [
  { kind: 'a text', open: () => createTextFinder('ab', false) },
  { kind: 'a text in any letters', open: () => createTextFinder('AB', true) },
  { kind: 'an expression', open: () => openRegexWorker('ab', '') },
]

describe.for(KINDS)('$kind', ({ open }) => {
  test('finds lines and where in them', async () => {
    await using finder = open()
    expect(await finder.find(['ab', '', 'xxabab', 'ba'], 9, never)).toEqual([
      { line: 0, column: 0 },
      { line: 2, column: 2 },
    ])
  })

  test('finds as many as are wanted', async () => {
    await using finder = open()
    expect(await finder.find(['ab', 'ab', 'ab'], 2, never)).toHaveLength(2)
  })

  test('finds nothing in nothing, and goes on after that', async () => {
    await using finder = open()
    expect([await finder.find([], 1, never), await finder.find(['ab'], 1, never)]).toEqual([
      [],
      [{ line: 0, column: 0 }],
    ])
  })
})

test.for([false, true])('a text is found anywhere in a long line, in any letters: %j', async (ignoreCase) => {
  const query = 'needle'
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 40_000 }), async (column) => {
      const line = `${'n'.repeat(column)}${query}${'e'.repeat(100)}`
      expect(await createTextFinder(query, ignoreCase).find([line], 1, never)).toEqual([{ line: 0, column }])
    }),
    { examples: [[0], [16_383], [16_384], [16_379], [32_767], [32_768]], numRuns: 30 },
  )
})

test.for([false, true])('a text made to take long ends with its signal, in any letters: %j', async (ignoreCase) => {
  const controller = new AbortController()
  const reason = new Error('enough')
  const finder = createTextFinder(`b${'a'.repeat(999)}`, ignoreCase)
  const search = finder.find(['a'.repeat(16 * 1024 * 1024)], 1, controller.signal)
  setImmediate(() => controller.abort(reason))
  await expect(search).rejects.toBe(reason)
})

test('every sign means itself in a text, in small letters and in any', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ minLength: 1 }), fc.string(), async (query, rest) => {
      const line = `${rest}${query}${rest}`
      const exact = await createTextFinder(query, false).find([line], 1, never)
      const any = await createTextFinder(query, true).find([line], 1, never)
      expect([exact[0]?.column, any.length]).toEqual([line.indexOf(query), 1])
    }),
  )
})

test('an expression that takes for ever is ended by its signal', async () => {
  await using finder = openRegexWorker('^(a|aa)+$', '')
  const controller = new AbortController()
  const reason = new Error('enough')
  const search = finder.find([`${'a'.repeat(200)}b`], 1, controller.signal)
  controller.abort(reason)
  await expect(search).rejects.toBe(reason)
})

test('a search that was aborted before it began asks nothing', async () => {
  await using finder = openRegexWorker('a', '')
  await expect(finder.find(['a'], 1, AbortSignal.abort('before'))).rejects.toBe('before')
})

test('an expression that needs more room than there is fails in words', async () => {
  await using finder = openRegexWorker('(?:a|b)*c', '')
  const error = await finder.find(['a'.repeat(12_000_000)], 1, never).catch((reason: unknown) => reason)
  expect(error).toMatchObject({ code: 'BUILTIN_FAILED', message: 'the regular expression took too much' })
})
