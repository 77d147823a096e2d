import { readFdFind, readFind } from './read-find.ts'
import { readGit } from './read-git.ts'
import { readRunner } from './read-runner.ts'
import { isShell, readShell } from './read-shell.ts'
import { readSu, readWrapper } from './read-wrapper.ts'
import type { Finding, Frame, Invocation, Scope } from './scope.ts'
import type { ShellWord } from './shell-command.ts'
import { WRAPPERS } from './wrappers.ts'

type Reader = (call: Invocation, scope: Scope) => Finding

/** Finds out what a program runs, going by its name: most programs run nothing that is written in their arguments. */
export function readProgram(call: Invocation, scope: Scope): Finding {
  if (isShell(call.name)) return readShell(call, scope)
  // The tools of GNU have a g in front where others are at home.
  const plain = call.name.replace(/^g(?!it$|awk$)/, '')
  const reader = READERS.get(call.name) ?? READERS.get(plain)
  if (reader !== undefined) return reader(call, scope)
  const wrapper = WRAPPERS.get(call.name) ?? WRAPPERS.get(plain)
  if (wrapper !== undefined) return readWrapper(call, wrapper, scope)
  if (INTERPRETER.test(call.name)) return readInterpreter(call)
  return readRunner(call) ?? {}
}

/** Reports whether a program is one whose arguments are looked into, or one of the shell itself. */
export function isKnownProgram(name: string): boolean {
  return READERS.has(name) || WRAPPERS.has(name) || isShell(name) || INTERPRETER.test(name) || BUILTIN.test(name)
}

const BUILTIN = /^(echo|times|umask|ulimit|kill|jobs|fg|bg|pwd|type|logout|suspend|history|dirs|disown)$/

/** Programs that run code out of a file, an argument or their input. */
const INTERPRETER =
  /^(python|pypy|ipython|perl|ruby|irb|node|nodejs|deno|bun|tsx|ts-node|zx|php|lua|luajit|tclsh|wish|expect|osascript|rscript|r|julia|groovy|jshell|kotlin|dart|crystal|clojure|clj|bb|erl|elixir|iex|racket|guile|sbcl|ocaml|ghc|ghci|runghc|swift|scala|scala-cli|qjs)[\d.]*(-(dbg|intel64|(x86_64|aarch64|arm|i\d86)[\w-]*))?$/

/** Commands of theirs that take code, or the name of another program. */
const RUNS_CODE = /^(eval|exec|x|run|task|repl|create|install)$/

const TELLS_VERSION = /^(-V|-v|--version|-h|--help)$/

/** A file by its name is a program like any other; code within the arguments, or from the input, is hidden. */
function readInterpreter({ name, args }: Invocation): Finding {
  const [first] = args
  if (first?.known === true && args.length === 1 && TELLS_VERSION.test(first.text)) return {}
  const isFile = first?.known === true && first.text !== '' && !first.text.startsWith('-')
  // What lies in these folders is what the program reads from its input.
  if (isFile && !RUNS_CODE.test(first.text) && !/(^|\/)(dev|proc)\//.test(first.text)) return {}
  return { hidden: `${name} may run code out of its arguments or its input` }
}

/** What a program does that has a language of its own. */
function hidden(reason: string): Reader {
  return () => ({ hidden: reason })
}

const UNKNOWN_VARIABLE = 'it is not known which variable it sets'

const UNKNOWN_SCRIPT = 'the script that it runs is not known'

const HARMLESS: Reader = () => ({ harmless: true })

/** `export` and its like set variables; other options of theirs evaluate what they are given. */
function readDeclaration({ args, text, frame }: Invocation, scope: Scope): Finding {
  const isList = args.some((word) => /^-\w*[aA]/.test(word.text))
  for (const word of args) {
    if (word.text.startsWith('-')) {
      if (!word.known || !/^-[xrgpaA]+$/.test(word.text)) scope.hide('its options may evaluate code', text, frame)
      continue
    }
    const [, name, value] = /^([A-Za-z_]\w*)(?:$|\+?=(.*)$)/s.exec(word.text) ?? []
    if (name === undefined || word.many) scope.hide(UNKNOWN_VARIABLE, text, frame)
    else noteValue({ name, value, word, isList }, { text, frame, scope })
  }
  return { harmless: true }
}

interface Declared {
  readonly name: string
  readonly value: string | undefined
  readonly word: ShellWord
  readonly isList: boolean
}

/** A text in parentheses becomes a list of what bash evaluates in it, where the variable is one already. */
function noteValue(
  { name, value, word, isList }: Declared,
  { text, frame, scope }: { readonly text: string; readonly frame: Frame; readonly scope: Scope },
): void {
  scope.set(name, word.known && /^-?\d*$/.test(value ?? ''))
  scope.assign(name, word.known ? (value ?? '') : undefined, { text, frame })
  if (isList || word.list === true) scope.notes.lists.add(name)
  if (word.list === true || value === undefined) return
  if (!word.known) scope.notes.unknownValues.add(name)
  if (value.trimStart().startsWith('(')) scope.hide('the value of a list may run code', text, frame)
}

/** Programs that put what they read into variables whose names they are given. */
function readSetter({ name, args, text, frame }: Invocation, scope: Scope): Finding {
  if (name === 'unset') for (const word of args) scope.notes.unset.add(word.text)
  const isList = args.some((word) => /^-\w*a/.test(word.text))
  for (const word of args) {
    if (isList) scope.notes.lists.add(word.text)
    if (!word.known || word.text.includes('[')) scope.hide(UNKNOWN_VARIABLE, text, frame)
    else if (/^[A-Za-z_]\w*$/.test(word.text)) scope.set(word.text)
    // mapfile -C calls what it is given.
    if (/^-\w*C/.test(word.text)) scope.hide('it calls what it is given', text, frame)
  }
  return name === 'unset' ? { harmless: true } : {}
}

/** `wait -p` evaluates the index in what it is given. */
function readWait({ args, text, frame }: Invocation, scope: Scope): Finding {
  if (args.some((word) => !/^[\w%-]+$/.test(word.text))) scope.hide(UNKNOWN_VARIABLE, text, frame)
  for (const word of args) if (/^[A-Za-z_]\w*$/.test(word.text)) scope.set(word.text)
  return { harmless: true }
}

function readPrintf({ args, text, frame }: Invocation, scope: Scope): Finding {
  const [first, second] = args
  const format = first?.text ?? ''
  // A text that begins with none of these is the format, whatever else is in it.
  if (first?.known === false && !/^[\w%\\ ./:]/.test(format)) scope.hide(UNKNOWN_VARIABLE, text, frame)
  if (!format.startsWith('-v')) return {}
  const variable = format.length > 2 ? format.slice(2) : (second?.text ?? '')
  if (/^[A-Za-z_]\w*$/.test(variable)) scope.set(variable)
  else scope.hide(UNKNOWN_VARIABLE, text, frame)
  return {}
}

/** `test -v` evaluates the index in what it is given, and a word that is not known may be that option. */
function readTest({ args, text, frame }: Invocation, scope: Scope): Finding {
  const evaluates = args.some((word, at) => {
    if (scope.notes.numbers.isNumber(word.text)) return false
    if (word.many || (word.known && /^-[vR]$/.test(word.text))) return true
    return word.known ? /\w\[/.test(word.text) : args[at + 1]?.known === false
  })
  if (evaluates) scope.hide('it may evaluate what it is given', text, frame)
  return {}
}

function readTrap({ args, frame, text }: Invocation, scope: Scope): Finding {
  if (args.some((word) => word.many || word.bashOnly === true)) scope.hide(UNKNOWN_SCRIPT, text, frame)
  const [first, second] = args[0]?.text === '--' ? args.slice(1) : args
  if (first === undefined || /^(-[lpP]*|)$/.test(first.text) || second === undefined) return { harmless: true }
  scope.runScript(first.text, frame)
  if (!first.known) scope.hide(UNKNOWN_SCRIPT, text, frame)
  return { harmless: true }
}

/** Options of the shell that change nothing about what a script means. */
const PLAIN_SETTING = /^(allexport|errexit|noglob|nounset|pipefail|noclobber|xtrace|verbose|errtrace|functrace)$/

/** `set -k` takes words for variables, and a history puts old words in the place of new ones. */
function readSet({ args, text, frame }: Invocation, scope: Scope): Finding {
  for (let at = 0; at < args.length; at++) {
    const word = args[at]
    if (word === undefined || (word.known && (word.text === '--' || !/^[-+]/.test(word.text)))) break
    const takesName = word.text.endsWith('o')
    const name = takesName ? args[at + 1] : undefined
    if (!word.known || !/^[-+][aefuvxCET]*o?$/.test(word.text) || (name !== undefined && !isPlainSetting(name))) {
      scope.hide('it changes how the shell reads what follows', text, frame)
    }
    if (takesName) at += 1
  }
  return { harmless: true }
}

function isPlainSetting({ known, text }: ShellWord): boolean {
  return known && PLAIN_SETTING.test(text)
}

/** Its options of `set`, and those with which names mean something else. */
function readShopt({ args, text, frame }: Invocation, scope: Scope): Finding {
  const changes = args.some((word) => !word.known || /^-\w*o|^(expand_aliases|extdebug)$/.test(word.text))
  if (changes) scope.hide('it changes how the shell reads what follows', text, frame)
  return {}
}

function readAlias({ args, frame }: Invocation, scope: Scope): Finding {
  scope.notes.defines = true
  for (const word of args) {
    const equals = word.text.indexOf('=')
    if (equals > 0) scope.runScript(word.text.slice(equals + 1), frame)
  }
  return args.length === 0 ? {} : { hidden: 'an alias changes what later words mean' }
}

function readFolderChange(_call: Invocation, scope: Scope): Finding {
  scope.move()
  return {}
}

/** A script of sed that only prints, deletes or substitutes; others may run commands and write files. */
const PLAIN_SED = /^(\d+(,(\d+|\$))?|\$)?[pdq]$|^s([/|#,:@!])(?:\\.|(?!\4)[^\\\n])*\4(?:\\.|(?!\4)[^\\\n])*\4[gpiI\d]*$/
const SED_OPTION = /^(-[nErsuz]+|--(quiet|silent|regexp-extended|separate|null-data|debug|sandbox))$/

function readSed({ args }: Invocation): Finding {
  const script = args.findIndex((word) => !SED_OPTION.test(word.text))
  const word = args[script]
  const rest = args.slice(script + 1)
  const isPlain =
    word?.known === true && PLAIN_SED.test(word.text) && rest.every((file) => file.known && !file.text.startsWith('-'))
  return isPlain ? {} : { hidden: 'a script of sed may run commands' }
}

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ...[':', 'true', 'false', 'break', 'continue', 'return', 'exit', 'shift'].map((name) => [name, HARMLESS] as const),
  ...['export', 'readonly', 'declare', 'typeset', 'local'].map((name) => [name, readDeclaration] as const),
  ...['read', 'mapfile', 'readarray', 'getopts', 'unset'].map((name) => [name, readSetter] as const),
  ...['cd', 'chdir', 'pushd', 'popd'].map((name) => [name, readFolderChange] as const),
  ...['test', '['].map((name) => [name, readTest] as const),
  ...['awk', 'gawk', 'mawk', 'nawk', 'original-awk'].map(
    (name) => [name, hidden('a script of awk may run commands')] as const,
  ),
  ...[
    'ed',
    'ex',
    'vi',
    'vim',
    'nvim',
    'view',
    'emacs',
    'gdb',
    'lldb',
    'm4',
    'dc',
    'screen',
    'tmux',
    'at',
    'batch',
    'crontab',
  ].map((name) => [name, hidden(`${name} runs commands of its own`)] as const),
  ...['.', 'source'].map((name) => [name, hidden('it runs a file that is not looked into')] as const),
  ...['let', 'hash', 'enable', 'complete', 'compgen', 'bind', 'fc', 'caller', 'coproc'].map(
    (name) => [name, hidden('it can make the shell run something else')] as const,
  ),
  ['set', readSet],
  ['shopt', readShopt],
  ['wait', readWait],
  ['printf', readPrintf],
  ['trap', readTrap],
  ['alias', readAlias],
  ['git', readGit],
  ['sed', readSed],
  ['find', readFind],
  ['fd', readFdFind],
  ['fdfind', readFdFind],
  ['su', readSu],
  ['runuser', readSu],
])
