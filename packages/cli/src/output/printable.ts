// Everything that moves the cursor, colours or rings: C0 without tab and newline, DEL, C1, and the
// invisible characters that reorder text.
// oxlint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g

/**
 * Returns `text` with every character that could steer a terminal shown as an
 * escape. What a model, a tool or a run id says must never reach the terminal
 * raw. Tabs and newlines stay.
 */
export function printable(text: string): string {
  return text.replaceAll(UNSAFE, escape)
}

/** As {@link printable}, on one line: tabs and newlines become escapes too. */
export function printableLine(text: string): string {
  return printable(text).replaceAll('\n', '\\n').replaceAll('\t', '\\t')
}

/** As {@link printable}, every line but the first indented, so that it cannot pass for a line of this program. */
export function printableBlock(text: string, indent = '  '): string {
  return printable(text).replaceAll('\n', `\n${indent}`)
}

/** As {@link printable} for JSON text, which stays the same JSON. */
export function printableJson(text: string): string {
  return text.replaceAll(UNSAFE, (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`)
}

function escape(character: string): string {
  if (character === '\r') return '\\r'
  const code = character.codePointAt(0) ?? 0
  return code > 0xff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\x${code.toString(16).padStart(2, '0')}`
}
