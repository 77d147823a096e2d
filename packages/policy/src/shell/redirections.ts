import type { PipeOperator, PipelineNode, Redirection, Word } from 'unbash'

import type { Frame, ShellInput } from './scope.ts'
import { baseName, joinWords, type ShellWord } from './shell-command.ts'
import { toWords, wordOfParts, wordsOf } from './words.ts'

const UNKNOWN: ShellInput = { text: '', known: false }

/** A frame with what redirections change in it. */
export function redirected(frame: Frame, redirects: readonly Redirection[]): Frame {
  if (redirects.length === 0) return frame
  let { stdin } = frame
  const reads = [...frame.reads]
  const writes = [...frame.writes]
  for (const redirect of redirects) {
    const changesInput = isInput(redirect)
    if (redirect.type === 'HereDoc') stdin = changesInput ? bodyOf(redirect, frame.bash) : stdin
    else if (redirect.type === 'HereString') stdin = changesInput ? textOfWord(redirect.target, frame.bash) : stdin
    else {
      const files = filesOf(redirect, frame.bash)
      if (redirect.operator.includes('<')) reads.push(...files)
      if (redirect.operator.includes('>')) writes.push(...files)
      if (changesInput) stdin = UNKNOWN
    }
  }
  return { ...frame, reads, writes, stdin }
}

/** Reports whether it is the standard input that a redirection changes, and no other descriptor. */
function isInput({ operator, descriptor }: Redirection): boolean {
  if (descriptor === undefined) return operator.startsWith('<')
  return descriptor.type === 'FileDescriptor' && descriptor.value === 0
}

/** The files that a redirection opens; the null device and the streams that are open already are none. */
function filesOf(
  { operator, target }: Extract<Redirection, { type: 'Redirect' }>,
  bash: boolean,
): readonly ShellWord[] {
  if (target === undefined || isProcess(target)) return []
  const files = toWords(target, bash).filter((word) => !isStream(word))
  return operator === '>&' || operator === '<&' ? files.filter((word) => !isDescriptor(word)) : files
}

/** The files of a process are its own commands, which are read as such. */
function isProcess(word: Word): boolean {
  return word.parts?.length === 1 && word.parts[0]?.type === 'ProcessSubstitution'
}

function isStream(word: ShellWord): boolean {
  return word.known && /^\/dev\/(null|stdin|stdout|stderr|fd\/\d+)$/.test(word.text)
}

function isDescriptor(word: ShellWord): boolean {
  return word.known && /^(\d+-?|-)$/.test(word.text)
}

function bodyOf({ body, delimiter }: Extract<Redirection, { type: 'HereDoc' }>, bash: boolean): ShellInput {
  if (delimiter?.quoted === true) return { text: body.text, known: true }
  if (body.parts === undefined) return { text: cooked(body.text), known: true }
  const { text, known } = wordOfParts(body.parts, bash)
  return { text, known: known && !body.text.includes('\\') }
}

/** Takes the backslashes out that a document without quotes takes out: the other ones stay. */
function cooked(text: string): string {
  return text.replaceAll(/\\([\\$`\n])/g, (_match, char: string) => (char === '\n' ? '' : char))
}

function textOfWord(word: Word | undefined, bash: boolean): ShellInput {
  const [first, ...more] = word === undefined ? [] : toWords(word, bash)
  if (first === undefined || more.length > 0) return UNKNOWN
  return { text: first.text, known: first.known && first.bashOnly !== true }
}

/**
 * What a command is known to write into a pipe, by its name: enough to see
 * through `echo … | sh`. Not known where it may write more than that, such as
 * what a substitution in front of it says on its standard error.
 */
export function outputOf(node: PipelineNode, operator: PipeOperator | undefined, outer: Frame): ShellInput {
  if (node.type !== 'Command') return UNKNOWN
  const [program, ...args] = wordsOf(node, outer.bash)
  const name = baseName(program?.text ?? '')
  const text = joinWords(args)
  const plain = operator === '|' && node.prefix.every((part) => part.type === 'HereDoc' || part.type === 'HereString')
  if (name === 'cat' && args.length === 0) {
    const input = { ...UNKNOWN, ...redirected(outer, node.redirects).stdin }
    return { text: input.text, known: input.known && plain, named: true }
  }
  if (name === 'echo') {
    // Shells do not agree on what a backslash means to echo, nor an option.
    const known = args.every((word) => word.known && word.bashOnly !== true) && !/^-|\\/.test(text)
    return { text: text.replace(/^(-\w+ )+/, ''), known: known && plain && node.redirects.length === 0, named: true }
  }
  return { text: name === 'printf' ? text.replaceAll(String.raw`\n`, '\n') : '', known: false }
}
