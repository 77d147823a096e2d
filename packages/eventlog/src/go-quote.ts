/** Letters, marks, numbers, punctuation, symbols and the ASCII space: what Go calls printable. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
])

/**
 * Returns `text` as Go's `%q` prints it: in double quotes, everything that is not printable escaped.
 *
 * The verdicts of the log format quote ids this way. Which characters count as
 * printable follows the Unicode version of the platform.
 */
export function goQuote(text: string): string {
  let quoted = '"'
  for (const character of text.toWellFormed()) {
    quoted += ESCAPES.get(character) ?? (PRINTABLE.test(character) ? character : escape(character))
  }
  return `${quoted}"`
}

function escape(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`
  return code < 0x1_00_00 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0')
}
