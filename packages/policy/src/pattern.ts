import { fitsWildcards, type WildcardRules } from './wildcards.ts'

/** What a piece of a pattern stands for: one character as it is, any one, or any text. */
type Token = string | typeof ANY | typeof STAR

/** What makes a pattern more than a text. */
const SPECIAL = /[*?\\]/

const ANY = 0
const STAR = 1

const CHARACTERS: WildcardRules<Token, string> = {
  isStar: (token) => token === STAR,
  fits: (token, char) => token === ANY || token === char,
}

/**
 * Reports whether a glob fits the whole of `text`: `*` stands for any text,
 * `?` for one character, a backslash takes the next character as it is.
 */
export function fitsPattern(pattern: string, text: string): boolean {
  if (!SPECIAL.test(pattern)) return pattern === text
  return fitsWildcards(tokensOf(pattern), text, CHARACTERS)
}

/** Reports whether one of the globs fits the whole of `text`. */
export function fitsOne(patterns: readonly string[], text: string): boolean {
  return patterns.some((pattern) => fitsPattern(pattern, text))
}

/** Reports whether a pattern names one thing only: nothing in it stands for other text. */
export function isLiteral(pattern: string): boolean {
  return tokensOf(pattern).every((token) => typeof token === 'string')
}

function tokensOf(pattern: string): readonly Token[] {
  const tokens: Token[] = []
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at] ?? ''
    if (char === '*') tokens.push(STAR)
    else if (char === '?') tokens.push(ANY)
    else if (char === '\\' && at + 1 < pattern.length) {
      at += 1
      tokens.push(pattern[at] ?? '')
    } else tokens.push(char)
  }
  return tokens
}
