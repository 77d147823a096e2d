import type { Finding, Invocation, Scope } from './scope.ts'
import type { ShellWord } from './shell-command.ts'

/** Options of its commands that take a program to run. They may be cut short. */
const RUNS = '--upload-pack --receive-pack --exec --extcmd --open-files-in-pager --config --template'.split(' ')

/** Its commands that run programs, or make others of them do so. */
const RUNNERS: ReadonlySet<string> = new Set(
  'bisect submodule filter-branch difftool mergetool send-email daemon instaweb web--browse hook shell remote-ext merge-index p4 svn'.split(
    ' ',
  ),
)

/** Short options that take a program to run, by command. */
const SHORT: ReadonlyMap<string, RegExp> = new Map([
  ['clone', /^-\w*[uc]/],
  ['rebase', /^-\w*x/],
  ['grep', /^-\w*O/],
])

/** Settings with which git runs nothing else. */
const HARMLESS_SETTING = /^(user\.(name|email)|color\.\w+|advice\.\w+|core\.quotepath|init\.defaultbranch)=/i

/** How settings are read, and not written. */
const READS_SETTING = /^(--(get|get-all|get-regexp|get-urlmatch|list|show-origin|show-scope)|-l|get|list)$/

/** Its commands that take such an option. */
const TAKES_PROGRAM = /^(archive|clone|fetch|fetch-pack|grep|init|ls-remote|pull|push|rebase|send-pack)$/

/** What git can be told makes it run other programs. */
export function readGit({ args, text, frame }: Invocation, scope: Scope): Finding {
  let at = 0
  for (; at < args.length; at++) {
    const word = args[at]
    if (word === undefined || (word.known && !word.text.startsWith('-'))) break
    const setting = args[at + 1]
    if (word.text === '-c' && setting?.known === true && HARMLESS_SETTING.test(setting.text)) {
      at += 1
      continue
    }
    const hasValue = /^(-C|--work-tree|--namespace|--super-prefix)$/.test(word.text)
    const isOpen = !word.known || (hasValue && args[at + 1]?.many === true)
    if (isOpen || /^(-c|--config-env|--exec-path|--git-dir)/.test(word.text)) {
      scope.hide('options of git may run commands', text, frame)
      return {}
    }
    if (word.text === '-C') scope.move()
    if (hasValue) at += 1
  }
  const [command, ...rest] = args.slice(at)
  const name = command?.text ?? ''
  const runs = RUNNERS.has(name) || (name === 'config' && !readsSetting(rest))
  return runs || rest.some((word, place) => isRunner(name, word, rest[place - 1]))
    ? { hidden: `git ${name} may run commands` }
    : {}
}

function readsSetting([first, ...more]: readonly ShellWord[]): boolean {
  const text = first?.text ?? ''
  return READS_SETTING.test(text) || (more.length === 0 && /^[A-Za-z][\w.-]*$/.test(text))
}

function isRunner(command: string, { text, known, many }: ShellWord, before: ShellWord | undefined): boolean {
  // What is not known may be one of these options, unless it is the value of another one, or begins like none.
  if (!known) return TAKES_PROGRAM.test(command) && before?.text !== '--' && (many || /^[^\w./:=@%]/.test(text))
  if (/(^|=)ext::/.test(text) || SHORT.get(command)?.test(text) === true) return true
  const option = text.replace(/=.*$/s, '')
  return option.length > 2 && option.startsWith('--') && RUNS.some((name) => name.startsWith(option))
}
