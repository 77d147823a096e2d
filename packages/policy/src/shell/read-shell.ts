import type { Finding, Frame, Invocation, Scope } from './scope.ts'
import type { ShellWord } from './shell-command.ts'

/** The shells whose grammar is that of bash, or a part of it. */
const SHELLS: ReadonlySet<string> = new Set([
  'sh',
  'bash',
  'rbash',
  'dash',
  'ash',
  'ksh',
  'mksh',
  'lksh',
  'oksh',
  'loksh',
  'pdksh',
  'rksh',
  'hush',
  'mrsh',
  'brush',
  'posh',
  'yash',
])

/** Shells with grammars of their own: their scripts are read like those of bash, and not relied upon. */
const OTHER_SHELLS: ReadonlySet<string> = new Set(
  'zsh rzsh fish csh tcsh bsd-csh nu elvish xonsh rc es osh oil sash gsh pwsh powershell cmd wsl'.split(' '),
)

/** Reports whether a program reads scripts of the shell. */
export function isShell(name: string): boolean {
  return SHELLS.has(plainName(name)) || OTHER_SHELLS.has(plainName(name))
}

/** The name without what tells one version of a shell from the others: `bash-5.2`, `zsh5`, `-bash`. */
function plainName(name: string): string {
  return name.replace(/^-/, '').replace(/(-static|\.distrib|-?\d[\w.]*)$/, '')
}

/** Reads what a shell is told to run: a text, a file, or its input. */
export function readShell(call: Invocation, scope: Scope): Finding {
  const { args, text } = call
  const shell = plainName(call.name)
  const frame: Frame = { ...call.frame, bash: shell === 'bash' || shell === 'rbash' }
  const options = shellOptions(args)
  if (OTHER_SHELLS.has(shell)) scope.hide(`the grammar of ${call.name} is not that of bash`, text, frame)
  if (!options.understood) scope.hide(`the options of ${call.name} are not all known`, text, frame)
  const [operand] = options.rest
  if (options.command) {
    if (operand === undefined) return { hidden: 'it has no script to run' }
    return runText(operand, { frame, text, scope })
  }
  if (operand !== undefined && !options.stdin) return { hidden: 'it runs a file that is not looked into' }
  const { stdin } = frame
  if (stdin === undefined || stdin.text === '') return { hidden: 'it runs what it reads' }
  // What the first line runs may take a part of the next one from the same input.
  const known = stdin.known && !stdin.text.trimEnd().includes('\n')
  if (stdin.named === true) scope.notes.trustsNames = true
  return runText({ text: stdin.text, known, many: false }, { frame, text, scope })
}

/** Reads a word as a script. Of one that is known in part, the part is read, and not relied upon. */
export function runText(word: ShellWord, at: { frame: Frame; text: string; scope: Scope }): Finding {
  const { frame, text, scope } = at
  scope.runScript(word.text, frame)
  if (!word.known || word.bashOnly === true) scope.hide('the script that it runs is not known', text, frame)
  return { carrier: true }
}

interface ShellOptions {
  /** Whether the first operand is a script. */
  readonly command: boolean
  /** Whether the script comes from the input, whatever the operands. */
  readonly stdin: boolean
  readonly understood: boolean
  readonly rest: readonly ShellWord[]
}

const LONG_FLAGS: ReadonlySet<string> = new Set(
  'login norc noprofile posix restricted verbose noediting debugger help version'.split(' '),
)

/** Those that run a file, and take it as the next word. */
const TAKES_FILE = /^(rcfile|init-file)$/

const LONG_OPTIONS: ReadonlySet<string> = new Set([
  ...LONG_FLAGS,
  ...'rcfile init-file debug dump-strings dump-po-strings wordexp protected pretty-print'.split(' '),
])

/** Settings that change how a script is read: `-k`, `-H` and their like. */
const REREADS = /^(keyword|history|histexpand|expand_aliases|extdebug)$/

function shellOptions(words: readonly ShellWord[]): ShellOptions {
  let command = false
  let stdin = false
  let understood = true
  let at = 0
  for (; at < words.length; at++) {
    const word = words[at]
    if (word === undefined || !/^[-+]/.test(word.text)) break
    if (!word.known || word.bashOnly === true) understood = false
    if (word.text === '--' || word.text === '-') {
      at += 1
      break
    }
    const long = /^--?([a-z][a-z-]{2,})$/.exec(word.text)?.[1] ?? ''
    // bash takes its long options with one dash too.
    if (word.text.startsWith('--') || LONG_OPTIONS.has(long)) {
      if (!LONG_FLAGS.has(long)) understood = false
      if (TAKES_FILE.test(long)) at += 1
      continue
    }
    if (!/^[-+][abcefhilmnoprstuvxBCDEOPT]+$/.test(word.text)) understood = false
    if (word.text.includes('c')) command = true
    if (word.text.includes('s')) stdin = true
    const values = word.text.match(/[oO]/g)?.length ?? 0
    const names = words.slice(at + 1, at + 1 + values)
    if (names.some((value) => !value.known || value.bashOnly === true || REREADS.test(value.text))) understood = false
    at += values
  }
  return { command, stdin, understood, rest: words.slice(at) }
}
