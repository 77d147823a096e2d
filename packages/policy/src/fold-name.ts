/** Characters that some file systems leave out of a name when they compare it. */
const IGNORED = /\p{Default_Ignorable_Code_Point}/gu

/** All of ASCII but the capital letters, which nothing has to be done about. */
const FOLDED = /^[\0-@[-\x7f]*$/

/**
 * Writes a name as file systems compare it that make no difference between
 * capital and small letters, ways to compose an accent, and characters that
 * cannot be seen. A rule that refuses must not make one either.
 */
export function foldName(text: string): string {
  if (FOLDED.test(text)) return text
  // Capital letters in between: two small ones may have the same, as the two sigmas do.
  return text.replaceAll(IGNORED, '').normalize('NFC').toLowerCase().toUpperCase().toLowerCase().normalize('NFC')
}
