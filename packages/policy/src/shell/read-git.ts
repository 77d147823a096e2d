import type { Finding, Invocation, Scope } from './scope.ts'

/** Options of its commands that take a program to run. They may be cut short. */
const RUNS = '--upload-pack --receive-pack --exec --extcmd --open-files-in-pager --config --template'.split(' ')

/** Its commands that run programs, or make others of them do so. */
const RUNNERS: ReadonlySet<string> = new Set(
  'config bisect submodule filter-branch difftool mergetool send-email daemon instaweb web--browse hook'.split(' '),
)

/** Short options that take a program to run, by command. */
const SHORT: ReadonlyMap<string, RegExp> = new Map([
  ['clone', /^-\w*[uc]/],
  ['rebase', /^-\w*x/],
  ['grep', /^-\w*O/],
])

/** Settings with which git runs nothing else. */
const HARMLESS_SETTING = /^(user\.(name|email)|color\.\w+|advice\.\w+|core\.quotepath|init\.defaultbranch)=/i

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
  const runs = RUNNERS.has(name) || rest.some((word) => word.known && isRunner(name, word.text))
  return runs ? { hidden: `git ${name} may run commands` } : {}
}

function isRunner(command: string, text: string): boolean {
  if (text.startsWith('ext::') || SHORT.get(command)?.test(text) === true) return true
  const option = text.replace(/=.*$/s, '')
  return option.length > 2 && option.startsWith('--') && RUNS.some((name) => name.startsWith(option))
}
