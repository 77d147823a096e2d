import { isShell, readShell } from './read-shell.ts'
import { readSu, readWrapper } from './read-wrapper.ts'
import type { Finding, Invocation, Scope } from './scope.ts'
import { unknownWord } from './shell-command.ts'
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
  return {}
}

/** Programs that run code out of a file, an argument or their input. */
const INTERPRETER =
  /^(python|pypy|ipython|perl|ruby|irb|node|nodejs|deno|bun|tsx|ts-node|php|lua|luajit|tclsh|wish|expect|osascript|Rscript|R|julia|groovy|jshell|erl|elixir|iex|racket|guile|sbcl|ocaml|ghci|runghc|swift|scala|qjs)[\d.]*$/

const TELLS_VERSION = /^(-V|-v|--version|-h|--help)$/

/** A file by its name is a program like any other; code within the arguments, or from the input, is hidden. */
function readInterpreter({ name, args }: Invocation): Finding {
  const [first] = args
  if (first?.known === true && args.length === 1 && TELLS_VERSION.test(first.text)) return {}
  if (first?.known === true && first.text !== '' && !first.text.startsWith('-')) return {}
  return { hidden: `${name} may run code out of its arguments or its input` }
}

/** What a program does that has a language of its own. */
function hidden(reason: string): Reader {
  return () => ({ hidden: reason })
}

const UNKNOWN_VARIABLE = 'it is not known which variable it sets'

const HARMLESS: Reader = () => ({ harmless: true })

/** `find` and `fd` run commands in the middle of their arguments. */
function readFind(starts: RegExp, attached: RegExp): Reader {
  return ({ args, frame, text }, scope) => {
    let at = 0
    while (at < args.length) {
      const word = args[at]
      at += 1
      if (word?.known !== true) continue
      if (attached.test(word.text)) scope.hide('its arguments may hold a command', text, frame)
      if (!starts.test(word.text)) continue
      if (word.text.endsWith('dir')) scope.move()
      const end = args.findIndex((stop, place) => place >= at && (stop.text === ';' || stop.text === '+'))
      const command = args.slice(at, end < 0 ? undefined : end)
      // The braces stand for a file that was found; the input is that of all commands together.
      scope.run(
        command.map((part) => (part.text.includes('{') ? unknownWord(part.text, false) : part)),
        { ...frame, stdin: undefined },
      )
      at += command.length
    }
    // -exec may be what a variable becomes.
    if (args.some((word) => word.many)) scope.hide('its arguments may hold a command', text, frame)
    return {}
  }
}

/** `fd` also takes the command in the same word. */
const FIND_NEWER = readFind(/^(-[xX]|--exec|--exec-batch)$/, /^(-\w*[xX]|--exec(-batch)?=)./)

/** `export` and its like set variables; other options of theirs evaluate what they are given. */
function readDeclaration({ args, text, frame }: Invocation, scope: Scope): Finding {
  for (const word of args) {
    if (word.text.startsWith('-')) {
      if (!word.known || !/^-[xrgpaA]+$/.test(word.text)) scope.hide('its options may evaluate code', text, frame)
      continue
    }
    const name = /^([A-Za-z_]\w*)(\+?=|$)/.exec(word.text)?.[1]
    if (name === undefined || word.many) scope.hide(UNKNOWN_VARIABLE, text, frame)
    else scope.set(name)
  }
  return { harmless: true }
}

/** Programs that put what they read into variables whose names they are given. */
function readSetter({ args, text, frame }: Invocation, scope: Scope): Finding {
  for (const word of args) {
    if (!word.known || word.text.includes('[')) scope.hide(UNKNOWN_VARIABLE, text, frame)
    else if (/^[A-Za-z_]\w*$/.test(word.text)) scope.set(word.text)
    // mapfile -C calls what it is given.
    if (/^-\w*C/.test(word.text)) scope.hide('it calls what it is given', text, frame)
  }
  return {}
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
  if (first?.known === false && /^(-|[$`*?[])/.test(format)) scope.hide(UNKNOWN_VARIABLE, text, frame)
  if (!format.startsWith('-v')) return {}
  const variable = format.length > 2 ? format.slice(2) : (second?.text ?? '')
  if (/^[A-Za-z_]\w*$/.test(variable)) scope.set(variable)
  else scope.hide(UNKNOWN_VARIABLE, text, frame)
  return {}
}

/** `test -v` evaluates the index in what it is given. */
function readTest({ args, text, frame }: Invocation, scope: Scope): Finding {
  const evaluates = args.some((word) => word.many || (word.known && /^-[vR]$/.test(word.text)))
  if (evaluates) scope.hide('it may evaluate what it is given', text, frame)
  return {}
}

function readTrap({ args, frame, text }: Invocation, scope: Scope): Finding {
  const [first, second] = args[0]?.text === '--' ? args.slice(1) : args
  if (first === undefined || /^-[lpP]*$/.test(first.text) || second === undefined) return {}
  scope.runScript(first.text, frame)
  if (!first.known) scope.hide('the script that it runs is not known', text, frame)
  return {}
}

function readAlias({ args, frame }: Invocation, scope: Scope): Finding {
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

/** What git can be told in front of its command makes it run other programs. */
function readGit({ args, text, frame }: Invocation, scope: Scope): Finding {
  for (let at = 0; at < args.length; at++) {
    const word = args[at]
    if (word === undefined || !word.text.startsWith('-')) break
    if (!word.known || /^(-c|--config-env|--exec-path|--git-dir)/.test(word.text)) {
      scope.hide('options of git may run commands', text, frame)
      break
    }
    if (word.text === '-C') scope.move()
    if (/^(-C|--work-tree|--namespace|--super-prefix)$/.test(word.text)) at += 1
  }
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
  ['wait', readWait],
  ['printf', readPrintf],
  ['trap', readTrap],
  ['alias', readAlias],
  ['git', readGit],
  ['sed', readSed],
  ['find', readFind(/^-(exec|execdir|ok|okdir)$/, /^$/)],
  ['fd', FIND_NEWER],
  ['fdfind', FIND_NEWER],
  ['su', readSu],
  ['runuser', readSu],
])
