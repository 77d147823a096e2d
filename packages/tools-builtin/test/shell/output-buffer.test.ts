import fc from 'fast-check'
import { expect, test } from 'vitest'

import { createOutputBuffer, type KeptOutput } from '../../src/shell/output-buffer.ts'

test('what fits is kept as it is', () => {
  expect(keep(10, ['01234', '56789'])).toEqual({ text: '0123456789', sizeBytes: 10, truncated: false })
})

test('of what does not, the beginning and the end are kept', () => {
  expect(keep(10, ['01234', '56789', 'abcde'])).toEqual({
    text: '01234\n[5 bytes left out]\nabcde',
    sizeBytes: 15,
    truncated: true,
  })
})

test('nothing written is nothing kept', () => {
  expect(keep(10, [])).toEqual({ text: '', sizeBytes: 0, truncated: false })
})

test('characters are not cut apart at either side of what is left out', () => {
  expect(keep(10, ['aé€😀😀€éa'])).toMatchObject({ text: 'aé\n[14 bytes left out]\néa', truncated: true })
  expect(keep(8, ['😀😀😀'])).toMatchObject({ text: '😀\n[4 bytes left out]\n😀' })
})

test('a great many small pieces take no more room than they may', () => {
  const buffer = createOutputBuffer(100)
  for (let index = 0; index < 100_000; index += 1) buffer.push(new TextEncoder().encode(`${index}\n`))
  const { text, sizeBytes } = buffer.read()
  expect(text).toMatch(/^0\n1\n[^]*\n99998\n99999\n$/)
  expect([text.length < 140, sizeBytes]).toEqual([true, 588_890])
})

test('however it comes in, the same beginning and end are kept', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ maxLength: 30, unit: 'grapheme-ascii' })),
      fc.integer({ min: 2, max: 40 }),
      (pieces, limit) => {
        const whole = pieces.join('')
        const { text, truncated } = keep(limit, pieces)
        const half = Math.ceil(limit / 2)
        const expected =
          whole.length <= limit
            ? whole
            : `${whole.slice(0, half)}\n[${whole.length - limit} bytes left out]\n${whole.slice(whole.length - (limit - half))}`
        expect([text, truncated]).toEqual([expected, whole.length > limit])
      },
    ),
  )
})

function keep(maxBytes: number, pieces: readonly string[]): KeptOutput {
  const buffer = createOutputBuffer(maxBytes)
  for (const piece of pieces) buffer.push(new TextEncoder().encode(piece))
  return buffer.read()
}
