import { expect, test } from 'vitest'

import { imageTypeOf } from '../src/image-type.ts'

test.for([
  ['\u0089PNG\r\n\u001A\nrest', 'image/png'],
  ['\u00FF\u00D8\u00FF\u00E0rest', 'image/jpeg'],
  ['GIF87arest', 'image/gif'],
  ['GIF89arest', 'image/gif'],
  ['RIFF\u0001\u0002\u0003\u0004WEBPVP8 ', 'image/webp'],
  ['RIFF\u0001\u0002\u0003\u0004WAVEfmt ', undefined],
  ['GIF90a', undefined],
  ['\u0089PNG', undefined],
  ['<svg xmlns="http://www.w3.org/2000/svg"/>', undefined],
  ['', undefined],
] as const)('%j begins %s', ([start, expected]) => {
  expect(imageTypeOf(Uint8Array.from(start, (character) => character.charCodeAt(0)))).toBe(expected)
})
