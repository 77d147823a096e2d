import type { NormalCommandMatch } from './access-policy.ts'
import { isLiteral } from './pattern.ts'
import type { ShellScript } from './shell/shell-command.ts'

/** How much work one decision may take, in steps of comparing: some tenths of a second. Beyond, nothing is judged. */
export const MAX_WORK = 100_000_000

/** What it takes, in steps, to look at a command by a rule, a word by a pattern and a path by a pattern. */
const PER_COMMAND = 200
const PER_WORD = 20
const PER_PATH = 200

/**
 * Tells how many steps it takes at most to judge a script by rules: each
 * pattern is taken to be compared with each word, and one with a star to try
 * each of its characters at each of theirs.
 */
export function workOf(matches: readonly NormalCommandMatch[], script: ShellScript): number {
  const rules = patternsIn(matches)
  const texts = textsIn(script)
  // A command without words still has a program, and a script its variables.
  return (
    PER_COMMAND * matches.length * script.commands.length +
    PER_WORD * rules.count * texts.count +
    PER_PATH * rules.paths * texts.paths +
    rules.chars * texts.chars
  )
}

interface Size {
  count: number
  /** Of globs, and of what they are compared with. */
  chars: number
  paths: number
}

function patternsIn(matches: readonly NormalCommandMatch[]): Size {
  const size: Size = { count: 0, chars: 0, paths: 0 }
  for (const { program, args, has, not, sets, reads, writes, maySet, mayRead, mayWrite } of matches) {
    const paths = [reads, writes, mayRead, mayWrite].flatMap((list) => list ?? [])
    const words = [program, args, has?.flat(), not, sets, maySet].flatMap((list) => list ?? [])
    size.paths += paths.length
    size.count += words.length
    for (const pattern of [...paths, ...words]) if (!isLiteral(pattern)) size.chars += pattern.length
  }
  return size
}

function textsIn({ commands, sets }: ShellScript): Size {
  const size: Size = { count: 0, chars: 0, paths: 0 }
  const add = (texts: readonly string[]): void => {
    size.count += texts.length
    for (const text of texts) size.chars += text.length
  }
  add(sets)
  for (const { program, args, sets: own, reads, writes } of commands) {
    size.paths += reads.length + writes.length
    add([program.text])
    for (const list of [args, reads, writes]) add(list.map(({ text }) => text))
    add(own)
  }
  return size
}
