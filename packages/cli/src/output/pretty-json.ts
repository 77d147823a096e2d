/**
 * Returns JSON text indented by two spaces, its numbers and strings untouched;
 * short values stay on one line.
 *
 * Works on the text, because parsing would round large integers.
 */
export function prettyJson(text: string, width = 76): string {
  const compact = text.trim()
  if (compact.length <= width) return compact
  let result = ''
  let depth = 0
  for (let index = 0; index < compact.length; index++) {
    const character = compact.charAt(index)
    if (character === '"') {
      const end = endOfString(compact, index)
      result += compact.slice(index, end)
      index = end - 1
    } else if (character === '{' || character === '[') {
      const next = compact.charAt(index + 1)
      if (next === '}' || next === ']') {
        result += character + next
        index += 1
      } else {
        depth += 1
        result += `${character}\n${'  '.repeat(depth)}`
      }
    } else if (character === '}' || character === ']') {
      depth -= 1
      result += `\n${'  '.repeat(depth)}${character}`
    } else if (character === ',') {
      result += `,\n${'  '.repeat(depth)}`
    } else if (character === ':') {
      result += ': '
    } else if (!/\s/.test(character)) {
      result += character
    }
  }
  return result
}

/** Returns the position after the string that starts at `start`. */
function endOfString(text: string, start: number): number {
  let index = start + 1
  while (index < text.length && text[index] !== '"') index += text[index] === '\\' ? 2 : 1
  return index + 1
}
