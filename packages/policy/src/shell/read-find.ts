import type { Finding, Invocation, Scope } from './scope.ts'
import { unknownWord, type ShellWord } from './shell-command.ts'

/** Commands that are read out of the arguments of one `find`; nobody writes as many. */
const MAX_STARTS = 16

const HIDDEN = 'its arguments may hold a command'

/** Reads the commands of `find`, which stand in the middle of its arguments. */
export function readFind(call: Invocation, scope: Scope): Finding {
  return readCommands(call, { starts: /^-(exec|execdir|ok|okdir)$/, attached: /^$/ }, scope)
}

/** Reads the commands of `fd`, which may stand in the same word as the option. */
export function readFdFind(call: Invocation, scope: Scope): Finding {
  const marks = { starts: /^(-[xX]|--exec|--exec-batch)$/, attached: /^(-\w*[xX]|--exec(-batch)?=)./ }
  return readCommands(call, marks, scope)
}

interface Marks {
  /** The options that a command follows. */
  readonly starts: RegExp
  /** The options that have one in the same word. */
  readonly attached: RegExp
}

// Which words are values of other options is not looked at: a command is read
// behind everything that looks like the start of one.
function readCommands({ args, frame, text }: Invocation, { starts, attached }: Marks, scope: Scope): Finding {
  let count = 0
  for (const [at, word] of args.entries()) {
    if (mayStart(word, args[at + 1]) || (word.known && attached.test(word.text))) scope.hide(HIDDEN, text, frame)
    if (!word.known || !starts.test(word.text)) continue
    count += 1
    if (count > MAX_STARTS) {
      scope.hide(HIDDEN, text, frame)
      break
    }
    if (word.text.endsWith('dir')) scope.move()
    // The braces stand for a file that was found; the input is that of all commands together.
    for (const command of commandsAt(args, at + 1)) scope.run(command, { ...frame, stdin: undefined })
  }
  return {}
}

/** A command ends at a semicolon, and some take a plus for the end anywhere, others behind braces only. */
function commandsAt(args: readonly ShellWord[], start: number): readonly (readonly ShellWord[])[] {
  const isEnd = (word: ShellWord, place: number, anywhere: boolean): boolean =>
    place >= start && (word.text === ';' || (word.text === '+' && (anywhere || args[place - 1]?.text === '{}')))
  const ends = [true, false].map((anywhere) => args.findIndex((word, place) => isEnd(word, place, anywhere)))
  return Array.from(new Set(ends), (end) =>
    args
      .slice(start, end < 0 ? undefined : end)
      .map((word) => (word.text.includes('{') ? unknownWord(word.text, false) : word)),
  )
}

/** Reports whether a word that is not known may be the start of a command, which is what follows then, or its end. */
function mayStart(word: ShellWord, next: ShellWord | undefined): boolean {
  if (word.known || isHarmlessPattern(word)) return false
  if (word.many) return true
  if (/^[\w./:=@%]/.test(word.text)) return false
  // No program is called like an option.
  return next !== undefined && !(next.known && next.text.startsWith('-'))
}

/** The names of files that such a pattern finds have a dot in them, and no option does. */
function isHarmlessPattern({ text }: ShellWord): boolean {
  return /^[\w./*?-]*$/.test(text) && text.includes('.')
}
