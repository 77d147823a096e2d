import fc from 'fast-check'
import { expect, test } from 'vitest'

import { memorySource } from '../../src/files/byte-source.ts'
import { readRange, type TextPart, type TextRange } from '../../src/files/read-range.ts'

const TEXT = 'one\ntwo\nthree\nfour'

test.for([
  [{}, 'one\ntwo\nthree\nfour', { unit: 'lines', offset: 0, count: 4, nextOffset: null }],
  [{ limit: 2 }, 'one\ntwo\n', { offset: 0, count: 2, nextOffset: 2 }],
  [{ offset: 2 }, 'three\nfour', { offset: 2, count: 2, nextOffset: null }],
  [{ offset: 1, limit: 1 }, 'two\n', { offset: 1, count: 1, nextOffset: 2 }],
  [{ offset: 3, limit: 9 }, 'four', { offset: 3, count: 1, nextOffset: null }],
  [{ offset: 4 }, '', { offset: 4, count: 0, nextOffset: null }],
  [{ offset: 99 }, '', { offset: 99, count: 0, nextOffset: null }],
  [{ maxBytes: 9 }, 'one\ntwo\n', { count: 2, nextOffset: 2 }],
  [{ maxBytes: 8 }, 'one\ntwo\n', { count: 2, nextOffset: 2 }],
  [{ maxBytes: 18 }, TEXT, { count: 4, nextOffset: null }],
  [{ maxBytes: 17 }, 'one\ntwo\nthree\n', { count: 3, nextOffset: 3 }],
  [{ maxBytes: 2 }, 'on', { unit: 'bytes', offset: 0, count: 2, nextOffset: 2 }],
  [{ offset: 2, maxBytes: 3 }, 'thr', { unit: 'bytes', offset: 8, count: 3, nextOffset: 11 }],
  [{ unit: 'bytes' }, TEXT, { unit: 'bytes', offset: 0, count: 18, nextOffset: null }],
  [{ unit: 'bytes', offset: 4, limit: 3 }, 'two', { unit: 'bytes', offset: 4, count: 3, nextOffset: 7 }],
  [{ unit: 'bytes', offset: 14, limit: 99 }, 'four', { offset: 14, count: 4, nextOffset: null }],
  [{ unit: 'bytes', offset: 18 }, '', { offset: 18, count: 0, nextOffset: null }],
] as const)('%j', async ([range, text, expected]) => {
  const part = await read(TEXT, range)
  expect([part.text, part]).toMatchObject([text, expected])
})

test('an empty file has no lines', async () => {
  expect(await read('', {})).toMatchObject({ text: '', count: 0, nextOffset: null })
})

test('empty lines count, and one that only ends the file does not', async () => {
  expect(await read('\n\na\n', {})).toMatchObject({ count: 3, nextOffset: null })
})

test('characters are not cut apart', async () => {
  const parts = await Promise.all([1, 2, 3, 4, 5, 6, 7].map((limit) => read('aé€😀', { unit: 'bytes', limit })))
  expect(parts.map(({ text }) => text)).toEqual(['a', 'a', 'aé', 'aé', 'aé', 'aé€', 'aé€'])
})

test('a line far into a long file is found', async () => {
  const lines = Array.from({ length: 50_000 }, (_, index) => `line ${index}`)
  expect(await read(lines.join('\n'), { offset: 49_998, limit: 1 })).toMatchObject({ text: 'line 49998\n' })
})

test('going on from where a part ended gives the whole text, whatever the sizes', async () => {
  const text = fc.array(fc.constantFrom('a', 'é', '€', '😀', '\n'), { maxLength: 60 }).map((parts) => parts.join(''))
  await fc.assert(
    fc.asyncProperty(
      text,
      fc.integer({ min: 4, max: 20 }),
      fc.integer({ min: 1, max: 5 }),
      async (whole, maxBytes, limit) => {
        let unit: TextRange['unit'] = 'lines'
        let got = ''
        for (let offset: number | null = 0; offset !== null;) {
          const part: TextPart & { readonly text: string } = await read(whole, {
            unit,
            offset,
            maxBytes,
            limit: unit === 'lines' ? limit : undefined,
          })
          got += part.text
          unit = part.unit
          offset = part.nextOffset
        }
        expect(got).toBe(whole)
      },
    ),
  )
})

async function read(text: string, range: Partial<TextRange>): Promise<TextPart & { readonly text: string }> {
  const source = memorySource(new TextEncoder().encode(text))
  const part = await readRange(source, { unit: 'lines', offset: 0, limit: undefined, maxBytes: 1_000_000, ...range })
  return { ...part, text: new TextDecoder().decode(part.bytes) }
}
