import { compileGlobs, type PathMatcher, type UnreadableGlob } from './glob.ts'

/** Characters that some file systems leave out of a name when they compare it. */
const IGNORED = /\p{Default_Ignorable_Code_Point}/gu

/**
 * Compiles the patterns of what is refused, with everything below it. The root itself is never meant.
 *
 * A file system may take names for the same that differ in small and capital letters, in how a letter with an accent
 * is composed, or in characters that cannot be seen: what is excluded under one of them is excluded under all.
 *
 * @returns the pattern that cannot be read, instead, when there is one.
 */
export function compileExclusion(patterns: readonly string[]): PathMatcher | UnreadableGlob {
  const exact = compileGlobs(patterns, { andBelow: true })
  if (typeof exact !== 'function') return exact
  const folded = compileGlobs(patterns.map(foldName), { andBelow: true })
  if (typeof folded !== 'function') return folded
  return (path) => path !== '.' && (exact(path) || folded(foldName(path)))
}

/** Capital letters last: two small ones may have the same, as the two sigmas do. */
function foldName(text: string): string {
  return text.replaceAll(IGNORED, '').normalize('NFC').toLowerCase().toUpperCase().normalize('NFC')
}
