/** More alternatives than this are not written out. */
const MAX_WORDS = 64

/** What may stand around braces for them to be written out: nothing that is quoted, or expands on its own. */
const PLAIN = /^[\w./=:,{}+@%^-]+$/

/**
 * Writes out the braces of a word: `r{m,x}` is `rm` and `rx`. `undefined` for
 * words that have more in them than that, such as quotes and ranges.
 */
export function expandBraces(text: string): readonly string[] | undefined {
  if (!PLAIN.test(text) || text.length > 256 || text.includes('..')) return undefined
  const words = expand(text)
  return words?.filter((word) => word !== '')
}

function expand(text: string): readonly string[] | undefined {
  const group = firstGroup(text)
  if (group === undefined) return [text]
  const ends = expand(group.after)
  if (ends === undefined) return undefined
  const words: string[] = []
  for (const choice of group.choices) {
    const middles = expand(choice)
    if (middles === undefined || middles.length * ends.length + words.length > MAX_WORDS) return undefined
    for (const middle of middles) for (const end of ends) words.push(group.before + middle + end)
  }
  return words
}

interface Group {
  readonly before: string
  readonly choices: readonly string[]
  readonly after: string
}

/** The first braces that are closed and have a comma of their own in them. */
function firstGroup(text: string): Group | undefined {
  for (let open = text.indexOf('{'); open >= 0; open = text.indexOf('{', open + 1)) {
    const choices: string[] = []
    let depth = 0
    let start = open + 1
    for (let at = open; at < text.length; at++) {
      const char = text[at]
      if (char === '{') depth += 1
      else if (char === ',' && depth === 1) {
        choices.push(text.slice(start, at))
        start = at + 1
      } else if (char === '}') {
        depth -= 1
        if (depth > 0) continue
        if (choices.length === 0) break
        choices.push(text.slice(start, at))
        return { before: text.slice(0, open), choices, after: text.slice(at + 1) }
      }
    }
  }
  return undefined
}
