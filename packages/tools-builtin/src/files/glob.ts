/** Reports whether a path below the root, with slashes, is meant. */
export type PathMatcher = (path: string) => boolean

/** Any number of characters in a name, or of names in a path. */
const STAR = Symbol('star')

/** What one character of a name has to be. */
type CharacterTest = (character: string) => boolean

type NamePattern = readonly (CharacterTest | typeof STAR)[]
type PathPattern = readonly (NamePattern | typeof STAR)[]

/** `{a,b}{c,d}` is four patterns: enough for what people write, and no way to ask for millions. */
const MAX_ALTERNATIVES = 100

/** How patterns are compiled. */
export interface GlobOptions {
  /** Default: `false`. */
  readonly andBelow?: boolean
  /** Of all alternatives together: comparing a path takes time in proportion. Default: no limit. */
  readonly maxCharacters?: number
}

/** A pattern that cannot be used. */
export interface UnreadableGlob {
  readonly invalid: string
  /** What is wrong with it, to follow its text in a message. */
  readonly problem: string
}

/**
 * Compiles patterns such as `*.ts`, `src/**`, `docs/[a-c]?.{md,txt}`; a path is meant when one of them fits.
 *
 * A pattern without a slash is about the last name, wherever it is. With
 * `andBelow`, everything below what is meant is meant too. Matching takes time
 * in proportion to pattern times path, whatever the pattern is.
 *
 * @returns the pattern that cannot be read, instead, when there is one.
 */
export function compileGlobs(
  patterns: readonly string[],
  { andBelow = false, maxCharacters = Number.POSITIVE_INFINITY }: GlobOptions = {},
): PathMatcher | UnreadableGlob {
  const compiled: PathPattern[] = []
  let left = maxCharacters
  for (const pattern of patterns) {
    const alternatives = expandBraces(pattern) ?? []
    for (const alternative of alternatives) {
      left -= alternative.length
      const names = compilePath(alternative)
      if (names === undefined) return { invalid: pattern, problem: 'fits no path below the root' }
      compiled.push(andBelow ? [...names, STAR] : names)
    }
    if (alternatives.length === 0 || left < 0) return { invalid: pattern, problem: 'has too many alternatives' }
  }
  return (path) => {
    const names = path.split('/')
    return compiled.some((pattern) => matchSequence(pattern, names, matchName))
  }
}

/** Returns `undefined` for a pattern that no path can fit: one that is about the root, or about what is above it. */
function compilePath(pattern: string): PathPattern | undefined {
  const parts = pattern.split('/')
  while (parts.length > 1 && parts.at(-1) === '') parts.pop()
  const names = parts.filter((name) => name !== '' && name !== '.')
  if (names.length === 0 || names.some((name) => /^(?:\\?\.){1,2}$/.test(name))) return undefined
  const compiled = names.map((name) => (name === '**' ? STAR : compileName(name)))
  return parts.length > 1 ? compiled : [STAR, ...compiled]
}

function compileName(pattern: string): NamePattern {
  const tests: (CharacterTest | typeof STAR)[] = []
  const characters = Array.from(pattern)
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at] ?? ''
    const end = character === '[' ? characters.indexOf(']', at + 2) : -1
    if (character === '*') {
      if (tests.at(-1) !== STAR) tests.push(STAR)
    } else if (character === '?') {
      tests.push(() => true)
    } else if (end > 0) {
      tests.push(compileClass(characters.slice(at + 1, end)))
      at = end
    } else {
      const literal = character === '\\' && at + 1 < characters.length ? (characters[++at] ?? '') : character
      tests.push((given) => given === literal)
    }
  }
  return tests
}

function compileClass(members: readonly string[]): CharacterTest {
  const negated = members[0] === '!' || members[0] === '^'
  const listed = negated ? members.slice(1) : members
  const ranges: (readonly [string, string])[] = []
  for (let at = 0; at < listed.length; at += 1) {
    const from = listed[at] ?? ''
    const to = listed[at + 1] === '-' ? listed[at + 2] : undefined
    ranges.push([from, to ?? from])
    if (to !== undefined) at += 2
  }
  return (given) => ranges.some(([from, to]) => from <= given && given <= to) !== negated
}

function matchName(pattern: NamePattern, name: string): boolean {
  return matchSequence(pattern, Array.from(name), (test, character) => test(character))
}

/** Goes back to the last star only: what an earlier one could still take, the last one can take as well. */
function matchSequence<Part, Item>(
  parts: readonly (Part | typeof STAR)[],
  items: readonly Item[],
  fits: (part: Part, item: Item) => boolean,
): boolean {
  let at = 0
  let star = -1
  let resume = 0
  for (let index = 0; index < items.length;) {
    const part = parts[at]
    const item = items[index]
    if (part === STAR) {
      star = at
      resume = index
      at += 1
    } else if (part !== undefined && item !== undefined && fits(part, item)) {
      at += 1
      index += 1
    } else if (star >= 0) {
      at = star + 1
      resume += 1
      index = resume
    } else {
      return false
    }
  }
  while (parts[at] === STAR) at += 1
  return at === parts.length
}

function expandBraces(pattern: string): readonly string[] | undefined {
  let expanded: readonly string[] = [pattern]
  for (;;) {
    const next = expanded.flatMap(expandFirst)
    if (next.length > MAX_ALTERNATIVES) return undefined
    if (next.length === expanded.length && next.every((text, index) => text === expanded[index])) return next
    expanded = next
  }
}

/** Writes out the first innermost group of a pattern; one without a comma means itself. */
function expandFirst(pattern: string): readonly string[] {
  const group = /\{([^{},]*,[^{}]*)\}/.exec(pattern)
  if (group === null) return [pattern]
  const [whole, list = ''] = group
  const before = pattern.slice(0, group.index)
  const after = pattern.slice(group.index + whole.length)
  return list.split(',').map((choice) => before + choice + after)
}
