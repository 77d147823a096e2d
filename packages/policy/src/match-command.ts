import type { NormalCommandMatch } from './access-policy.ts'
import type { Reading } from './condition.ts'
import { foldName } from './fold-name.ts'
import { fitsPath, mayFit, parsePath } from './path.ts'
import { fitsOne, fitsPattern, isLiteral } from './pattern.ts'
import { baseName, programName, type ShellCommand, type ShellScript, type ShellWord } from './shell/shell-command.ts'
import { isSystemPath } from './shell/read-script.ts'
import { allOf, anyOf, not, type Verdict } from './verdict.ts'

/**
 * Judges whether a rule is about a command.
 *
 * An `allow` (`strict`) is about nothing that hides something, unless it names the program in full.
 */
export function fitsCommand(match: NormalCommandMatch, command: ShellCommand, how: Match): Verdict {
  const program = fitsProgram(match, command, how)
  // Most rules are about another program, and there may be many of both.
  if (program === 'no') return 'no'
  const verdict = allOf([
    program,
    fitsArguments(match, command),
    anyOf([how.sets, anyFits(match.sets, command.sets)]),
    fitsFiles(match.reads, command.reads, how),
    fitsFiles(match.writes, command.writes, how),
  ])
  if (how.reading === 'wary') return verdict
  const named = match.program?.every((pattern) => isLiteral(pattern)) === true
  if (command.hidden !== undefined && !(command.program.known && named)) return 'no'
  return how.permitsSets ? allOf([verdict, permits(match, command, how)]) : 'no'
}

/** How a rule looks at the commands of a script: what is the same for all of them is found out once. */
export interface Match {
  readonly reading: Reading
  /** The script that the command is in. */
  readonly script: ShellScript
  /** Whether the rule is about the variables that are set for all commands. */
  readonly sets: Verdict
  /** Whether, as an `allow`, it goes as far as these variables. */
  readonly permitsSets: boolean
}

/** Looks at a script as a whole by a rule. */
export function matchScript(match: NormalCommandMatch, reading: Reading, script: ShellScript): Match {
  return { reading, script, sets: anyFits(match.sets, script.sets), permitsSets: maySetAll(match.maySet, script.sets) }
}

function fitsProgram({ program }: NormalCommandMatch, command: ShellCommand, how: Match): Verdict {
  if (program === undefined) return 'yes'
  const path = command.program.text
  if (!command.program.known) {
    // What ends in /rm is some rm, wherever it may lie.
    const name = programName(command.program)
    return name !== undefined && program.some((pattern) => fitsName(pattern, name, how) === 'yes') ? 'yes' : 'maybe'
  }
  return anyOf(
    program.map((pattern) => (pattern.includes('/') ? fitsPathOf(pattern, path, how) : fitsName(pattern, path, how))),
  )
}

function fitsName(pattern: string, path: string, how: Match): Verdict {
  if (how.reading === 'strict') return isSystemPath(path) && fitsPattern(pattern, baseName(path)) ? 'yes' : 'no'
  // Windows makes no difference between a program and its ending, and there a backslash separates folders, too.
  const name = foldName(baseName(path.replaceAll('\\', '/')))
  const names = [name, name.replace(/\.(exe|cmd|bat|com)$/, '')]
  return names.some((one) => fitsPattern(foldName(pattern), one)) ? 'yes' : 'no'
}

function fitsPathOf(pattern: string, path: string, how: Match): Verdict {
  if (!path.includes('/'))
    return how.reading === 'wary' && fitsName(baseName(pattern), path, how) === 'yes' ? 'maybe' : 'no'
  const read = (text: string): string => (how.reading === 'wary' ? foldName(text) : text)
  const given = parsePath(read(path))
  const wanted = parsePath(read(pattern))
  if (fitsPath(wanted, given)) return how.script.moves && !given.absolute ? 'maybe' : 'yes'
  const sameName = fitsPattern(wanted.parts.at(-1) ?? '', given.parts.at(-1) ?? '')
  return how.reading === 'wary' && sameName && given.absolute !== wanted.absolute ? 'maybe' : 'no'
}

function fitsArguments({ args, has, not: absent }: NormalCommandMatch, command: ShellCommand): Verdict {
  return allOf([
    args === undefined ? 'yes' : fitsSequence(args, command.args),
    allOf((has ?? []).map((choices) => anyOf(choices.map((choice) => isAmong(choice, command.args))))),
    not(anyOf((absent ?? []).map((pattern) => isAmong(pattern, command.args)))),
  ])
}

/** Lines patterns up with words: `**` takes any number of words, another pattern exactly one. */
function fitsSequence(patterns: readonly string[], words: readonly ShellWord[]): Verdict {
  // row[at] is the verdict on the patterns so far against the first `at` words.
  let row: readonly Verdict[] = ['yes', ...words.map(() => 'no' as const)]
  // A word that may be none at all can be left out before any pattern.
  row = spread(row, words)
  for (const pattern of patterns) {
    const next: Verdict[] = []
    for (let at = 0; at <= words.length; at++) {
      const word = words[at - 1]
      const taken = word === undefined ? 'no' : allOf([row[at - 1] ?? 'no', fitsWord(pattern, word)])
      // Of a word that may be several, some may be taken already.
      const more = word?.many === true ? allOf(['maybe', row[at] ?? 'no']) : 'no'
      next.push(pattern === '**' ? anyOf([row[at] ?? 'no', next[at - 1] ?? 'no']) : anyOf([taken, more]))
    }
    row = spread(next, words)
  }
  return row.at(-1) ?? 'no'
}

/** Lets words that may be several, or none, take part of a pattern's place. */
function spread(row: readonly Verdict[], words: readonly ShellWord[]): readonly Verdict[] {
  const result = [...row]
  for (let at = 1; at < result.length; at++) {
    const may = words[at - 1]?.many === true && result[at - 1] !== 'no'
    if (may && result[at] === 'no') result[at] = 'maybe'
  }
  return result
}

function fitsWord(pattern: string, word: ShellWord): Verdict {
  if (word.known) return fitsPattern(pattern, word.text) ? 'yes' : 'no'
  if (pattern === '*' && !word.many) return 'yes'
  return 'maybe'
}

/** Judges whether an argument is there, taking options as programs do. */
function isAmong(pattern: string, words: readonly ShellWord[]): Verdict {
  return anyOf(words.map((word) => (word.known ? (isArgument(pattern, word.text) ? 'yes' : 'no') : 'maybe')))
}

function isArgument(pattern: string, text: string): boolean {
  if (fitsPattern(pattern, text)) return true
  const short = /^-([A-Za-z0-9])$/.exec(pattern)?.[1]
  if (short !== undefined) return /^-[A-Za-z0-9]/.test(text) && text.includes(short)
  if (!/^--[\w-]+$/.test(pattern)) return false
  const name = text.replace(/=.*$/s, '')
  return name.length > 2 && name.startsWith('--') && pattern.startsWith(name)
}

function anyFits(patterns: readonly string[] | undefined, names: readonly string[]): Verdict {
  if (patterns === undefined) return 'yes'
  return names.some((name) => fitsOne(patterns, name)) ? 'yes' : 'no'
}

function fitsFiles(patterns: readonly string[] | undefined, files: readonly ShellWord[], how: Match): Verdict {
  if (patterns === undefined) return 'yes'
  return anyOf(files.map((file) => fitsFile(patterns, file, how)))
}

function fitsFile(patterns: readonly string[], file: ShellWord, { reading, script }: Match): Verdict {
  if (!file.known) return 'maybe'
  const read = (text: string): string => (reading === 'wary' ? foldName(text) : text)
  const path = parsePath(read(file.text))
  const lost = script.moves && !path.absolute
  const wanted = patterns.map((pattern) => parsePath(read(pattern)))
  if (!lost && wanted.some((pattern) => fitsPath(pattern, path))) return 'yes'
  return lost || wanted.some((pattern) => mayFit(pattern, path)) ? 'maybe' : 'no'
}

/** Names that programs do not look at: those in lower case, but for the few that they do. */
const OWN_VARIABLE = /^(?!.*(_proxy|config)$)(?!npm_|pnpm_|yarn_|git_)[a-z_][a-z0-9_]*$/

/** Judges whether an `allow` goes as far as the variables and the files of a command. */
function permits({ maySet, mayRead, mayWrite }: NormalCommandMatch, command: ShellCommand, how: Match): Verdict {
  return allOf([
    maySetAll(maySet, command.sets) ? 'yes' : 'no',
    allOf(command.reads.map((file) => fitsFile(mayRead ?? [], file, how))),
    allOf(command.writes.map((file) => fitsFile(mayWrite ?? [], file, how))),
  ])
}

function maySetAll(maySet: readonly string[] | undefined, names: readonly string[]): boolean {
  return names.every((name) => OWN_VARIABLE.test(name) || fitsOne(maySet ?? [], name))
}
