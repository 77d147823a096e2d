/**
 * Reports whether a glob fits the whole of `text`: `*` stands for any text,
 * `?` for one character, a backslash takes the next character as it is.
 *
 * Takes at most as many steps as the two lengths multiplied: only the last
 * `*` is ever tried again.
 */
export function fitsPattern(pattern: string, text: string): boolean {
  let at = 0
  let read = 0
  let star = -1
  let resume = 0
  while (read < text.length) {
    const step = stepAt(pattern, at)
    if (step.kind === 'star') {
      star = at
      resume = read
      at += 1
    } else if (step.kind === 'any' || (step.kind === 'char' && step.char === text[read])) {
      at += step.length
      read += 1
    } else if (star >= 0) {
      at = star + 1
      resume += 1
      read = resume
    } else return false
  }
  while (pattern[at] === '*') at += 1
  return at >= pattern.length
}

/** Reports whether one of the globs fits the whole of `text`. */
export function fitsOne(patterns: readonly string[], text: string): boolean {
  return patterns.some((pattern) => fitsPattern(pattern, text))
}

/** Reports whether a pattern names one thing only: there is no `*` or `?` in it to stand for others. */
export function isLiteral(pattern: string): boolean {
  for (let at = 0; at < pattern.length;) {
    const step = stepAt(pattern, at)
    if (step.kind !== 'char') return false
    at += step.length
  }
  return true
}

interface Step {
  readonly kind: 'star' | 'any' | 'char' | 'end'
  readonly char?: string | undefined
  readonly length: number
}

const END: Step = { kind: 'end', length: 0 }
const STAR: Step = { kind: 'star', length: 1 }
const ANY: Step = { kind: 'any', length: 1 }

function stepAt(pattern: string, at: number): Step {
  const char = pattern[at]
  if (char === undefined) return END
  if (char === '*') return STAR
  if (char === '?') return ANY
  if (char === '\\' && at + 1 < pattern.length) return { kind: 'char', char: pattern[at + 1], length: 2 }
  return { kind: 'char', char, length: 1 }
}
