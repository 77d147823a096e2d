// Letters, marks, numbers, punctuation and symbols: what Go prints as it is.
const PRINTABLE = /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u
const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '\u0007': String.raw`\a`,
  '\b': String.raw`\b`,
  '\f': String.raw`\f`,
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
  '\t': String.raw`\t`,
  '\v': String.raw`\v`,
  '\\': String.raw`\\`,
}

/** Quotes `text` in the way of Go's `%q`, which the recorded error texts use. */
export function quoteText(text: string): string {
  let quoted = ''
  for (const character of text) quoted += character === '"' ? String.raw`\"` : quoteCharacter(character)
  return `"${quoted}"`
}

/**
 * Quotes the character at `at` in the way of Go's JSON parser.
 *
 * That parser reads bytes, so it names the first byte of the character's UTF-8
 * form as if it were a character: `ï` for a byte order mark.
 */
export function quoteByteAt(text: string, at: number): string {
  const point = text.codePointAt(at) ?? 0
  const byte = point < 0x80 ? point : point < 0x800 ? 0xc0 | (point >> 6) : firstOfLong(point)
  const character = String.fromCharCode(byte)
  return character === "'" ? String.raw`'\''` : `'${quoteCharacter(character)}'`
}

function firstOfLong(point: number): number {
  return point < 0x10000 ? 0xe0 | (point >> 12) : 0xf0 | (point >> 18)
}

function quoteCharacter(character: string): string {
  const short = SHORT_ESCAPES[character]
  if (short !== undefined) return short
  if (PRINTABLE.test(character)) return character
  const point = character.codePointAt(0) ?? 0
  if (point < 0x80) return String.raw`\x${point.toString(16).padStart(2, '0')}`
  if (point < 0x10000) return String.raw`\u${point.toString(16).padStart(4, '0')}`
  return String.raw`\U${point.toString(16).padStart(8, '0')}`
}
