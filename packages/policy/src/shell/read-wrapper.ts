import { isSplit, takeOptions, type TakenOption } from './options.ts'
import { runText } from './read-shell.ts'
import type { Finding, Frame, Invocation, Scope } from './scope.ts'
import { joinWords, literal, unknownWord, type ShellWord } from './shell-command.ts'
import { SU, type Wrapper } from './wrappers.ts'

/** What `env` takes for a variable: any word with an equals sign. */
const ASSIGNMENT = /^([^=]*)=/

/** Reads the command that a program such as `env` or `xargs` runs. */
export function readWrapper(call: Invocation, wrapper: Wrapper, scope: Scope): Finding {
  const { taken, understood, rest: first } = takeOptions(call.args, wrapper)
  if (has(taken, wrapper.idle)) return { harmless: true }
  if (changesFolder(taken)) scope.move()
  if (!understood) scope.hide(`the options of ${call.name} are not all known`, call.text, call.frame)
  const split = wrapper.splits === true ? taken.find(({ name }) => isSplit(name)) : undefined
  if (split !== undefined) return runSplit(split, first, { call, scope })
  if (has(taken, wrapper.opaque)) scope.hide(`options of ${call.name} may run commands`, call.text, call.frame)
  const assigned = wrapper.assigns === true ? takeAssignments(first) : { names: [], rest: first, understood: true }
  const frame: Frame = { ...call.frame, sets: [...call.frame.sets, ...assigned.names] }
  for (const word of first.slice(0, assigned.names.length)) assignWord(word, call, scope)
  const skipped = assigned.rest.slice(0, wrapper.operands ?? 0)
  if (!assigned.understood || skipped.some((word) => !word.known || word.bashOnly === true)) {
    scope.hide(`it is not known where the command of ${call.name} begins`, call.text, frame)
  }
  const behind = assigned.rest.slice(skipped.length)
  // Programs that take a script let options follow their operand.
  const again = skipped.length > 0 && (wrapper.script ?? wrapper.scriptIn !== undefined)
  const late = again ? takeOptions(behind, wrapper) : { taken: [], understood: true, rest: behind }
  if (!late.understood) scope.hide(`the options of ${call.name} are not all known`, call.text, frame)
  const scripts = runOptions([...taken, ...late.taken], { call: { ...call, frame }, wrapper, scope })
  if (late.rest.length === 0) return scripts ? { carrier: wrapper.grants !== true } : runNothing(call, wrapper, scope)
  if (wrapper.script === true) runJoined(late.rest, { ...call, frame }, scope)
  if (wrapper.script === true && wrapper.appends === true) {
    runListed(late.rest, { ...call, frame }, scope)
    scope.hide(`what ${call.name} runs is put together from what it reads`, call.text, frame)
  }
  if (wrapper.script !== true || wrapper.appends === true) scope.run(inner(late.rest, taken, wrapper), frame)
  return { carrier: wrapper.grants !== true }
}

/** Reads what `su` runs: the script of an option, or whatever follows the user. */
export function readSu(call: Invocation, scope: Scope): Finding {
  const { taken, understood, rest: first } = takeOptions(call.args, SU)
  const late = takeOptions(first.slice(1), SU)
  const all = [...taken, ...late.taken]
  if (!understood || !late.understood)
    scope.hide(`the options of ${call.name} are not all known`, call.text, call.frame)
  if (has(all, SU.opaque)) scope.hide(`options of ${call.name} may run commands`, call.text, call.frame)
  const scripts = runOptions(all, { call, wrapper: SU, scope })
  const named = taken.some(({ name }) => name === 'u' || name === 'user')
  const rest = named ? first : late.rest
  if (rest.length === 0 && !scripts) return runNothing(call, SU, scope)
  if (rest.length > 0) {
    scope.run(rest, call.frame)
    scope.run([literal('sh'), ...rest], call.frame)
    scope.hide(`what ${call.name} hands to the shell is not looked into`, call.text, call.frame)
  }
  return {}
}

/** Without a command, a program that runs others as someone else, or elsewhere, starts a shell. */
function runNothing({ name, frame }: Invocation, wrapper: Wrapper, scope: Scope): Finding {
  if (wrapper.grants !== true) return {}
  if (frame.stdin !== undefined) scope.run([literal('sh')], frame)
  return { hidden: `${name} may run a shell on what it reads` }
}

/** Words that `env -S` takes apart at the spaces, as everyone would; it has quotes, escapes and variables of its own. */
const PLAIN_WORDS = /^[\w@%+=:,./ -]+$/

/** Reads what `env -S` makes of a text: its own options, variables and the command, with the other words behind. */
function runSplit(
  { value }: TakenOption,
  rest: readonly ShellWord[],
  { call, scope }: { readonly call: Invocation; readonly scope: Scope },
): Finding {
  if (value?.known !== true || value.bashOnly === true || !PLAIN_WORDS.test(value.text)) {
    scope.hide('what env takes apart is not known', call.text, call.frame)
    // What a shell would make of it is near enough for whoever refuses.
    scope.runScript(joinWords([literal('env'), value ?? literal(''), ...rest]), call.frame)
    return {}
  }
  const words = value.text.split(' ').filter((word) => word !== '')
  scope.run([literal('env'), ...words.map(literal), ...rest], call.frame)
  return { carrier: true }
}

/** Reads the scripts in the values of options; reports whether there are any. */
function runOptions(
  taken: readonly TakenOption[],
  at: { readonly call: Invocation; readonly wrapper: Wrapper; readonly scope: Scope },
): boolean {
  const { call, wrapper, scope } = at
  const scripts = taken.filter(({ name }) => wrapper.scriptIn?.includes(name) === true)
  for (const { value } of scripts) {
    runText(value ?? unknownWord(''), { frame: call.frame, text: call.text, scope })
  }
  return scripts.length > 0
}

/** Reads the rest of the words as one script. */
function runJoined(words: readonly ShellWord[], call: Invocation, scope: Scope): void {
  const known = words.every((word) => word.known && word.bashOnly !== true)
  runText({ text: joinWords(words), known, many: false }, { frame: call.frame, text: call.text, scope })
}

/** Reads the words behind `:::`, each of which `parallel` may take for a script. */
function runListed(words: readonly ShellWord[], { frame, text }: Invocation, scope: Scope): void {
  const start = words.findIndex((word) => word.text.startsWith(':::'))
  if (start < 0) return
  for (const word of words.slice(start + 1)) runText(word, { frame, text, scope })
}

interface Assignments {
  readonly names: readonly string[]
  readonly rest: readonly ShellWord[]
  /** Whether each of them is an assignment for sure, and one word. */
  readonly understood: boolean
}

function takeAssignments(words: readonly ShellWord[]): Assignments {
  const names: string[] = []
  let understood = true
  for (const word of words) {
    const name = ASSIGNMENT.exec(word.text)?.[1]
    if (name === undefined) break
    if (word.many || word.bashOnly === true || (!word.known && !/^[A-Za-z_]\w*$/.test(name))) understood = false
    names.push(name)
  }
  return { names, rest: words.slice(names.length), understood }
}

/** Looks at a word that sets a variable. */
function assignWord({ text, known }: ShellWord, at: Invocation, scope: Scope): void {
  const equals = text.indexOf('=')
  const name = text.slice(0, equals)
  scope.notes.numbers.note(name, false)
  scope.assign(name, known ? text.slice(equals + 1) : undefined, at)
}

/** The command within, with what is put into it and behind it. */
function inner(words: readonly ShellWord[], taken: readonly TakenOption[], wrapper: Wrapper): readonly ShellWord[] {
  if (wrapper.appends !== true) return words
  const places = taken.flatMap(({ name, value }) => (/^(I|J|i|replace)$/.test(name) ? [value?.text ?? '{}'] : []))
  const replaced = words.map((word) =>
    ['{}', '/_', ...places].some((place) => place !== '' && word.text.includes(place)) ? unknownWord(word.text) : word,
  )
  return [...replaced, unknownWord('…')]
}

function has(taken: readonly TakenOption[], names: readonly string[] | undefined): boolean {
  return names !== undefined && taken.some(({ name }) => names.includes(name))
}

function changesFolder(taken: readonly TakenOption[]): boolean {
  return taken.some(({ name }) => name === 'C' || name === 'D' || name === 'chdir' || name === 'chroot' || name === 'i')
}
