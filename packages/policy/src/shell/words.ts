import type { Assignment, Command, Word, WordPart } from 'unbash'

import { expandBraces } from './braces.ts'
import { literal, unknownWord, type ShellWord } from './shell-command.ts'

/** The program of a command and its arguments; none for assignments and redirections alone. */
export function wordsOf({ name, args }: Command, bash: boolean): readonly ShellWord[] {
  const words = name === undefined ? [] : [...toWords(name, bash)]
  for (const word of args) words.push(...toWords(word, bash))
  return words
}

/** Tells what words a word of a script becomes: one, or several when it has braces. */
export function toWords(word: Word | Assignment, bash: boolean): readonly ShellWord[] {
  if (word.type === 'Assignment') return [assignmentWord(word, bash)]
  const parts = word.parts
  if (parts === undefined) return [literal(word.value)]
  if (!parts.some((part) => part.type === 'BraceExpansion')) return [wordOfParts(parts, bash)]
  const words = expandBraces(word.text)?.map(literal) ?? [unknownWord(word.value)]
  return bash ? words : words.map((one) => ({ ...one, bashOnly: true }))
}

/** Tells what text a list of parts becomes. */
export function wordOfParts(parts: readonly WordPart[], bash: boolean): ShellWord {
  const bashOnly = !bash && parts.some(({ type }) => type === 'AnsiCQuoted' || type === 'LocaleString')
  const word = joinParts(parts)
  return bashOnly ? { ...word, bashOnly } : word
}

function joinParts(parts: readonly WordPart[]): ShellWord {
  let text = ''
  let known = true
  let many = false
  let tail = ''
  for (const part of parts) {
    const value = literalOf(part)
    text += value ?? sketchOf(part)
    tail = value === undefined ? '' : tail + value
    if (value !== undefined) continue
    known = false
    many ||= mayBeMany(part)
  }
  // A NUL ends a word in some shells and is dropped by others.
  if (text.includes('\0')) return unknownWord(text)
  return known ? literal(text) : { text, known, many, tail }
}

/** The name and the value of an assignment as one word. */
function assignmentWord(assignment: Assignment, bash: boolean): ShellWord {
  const { value } = assignment
  if (assignment.index !== undefined) return unknownWord(assignment.text, false)
  if (value.type === 'ArrayValue') return { ...unknownWord(assignment.text, false), list: true }
  const [word, ...more] = toWords(value, bash)
  const start = `${assignment.name}${assignment.append === true ? '+' : ''}=`
  const known = word?.known !== false && more.length === 0
  const bashOnly = word?.bashOnly === true ? { bashOnly: true } : {}
  return { text: `${start}${word?.text ?? ''}`, known, many: false, ...bashOnly }
}

function literalOf(part: WordPart): string | undefined {
  switch (part.type) {
    case 'Literal':
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      return part.value
    case 'DoubleQuoted':
    case 'LocaleString': {
      const word = joinParts(part.parts)
      return word.known ? word.text : undefined
    }
    default:
      return undefined
  }
}

/** How an unknown part is written, without the quotes around it. */
function sketchOf(part: WordPart): string {
  return part.type === 'DoubleQuoted' || part.type === 'LocaleString' ? joinParts(part.parts).text : part.text
}

function mayBeMany(part: WordPart): boolean {
  switch (part.type) {
    case 'DoubleQuoted':
    case 'LocaleString':
      return part.parts.some((child) => isList(child))
    case 'ArithmeticExpansion':
    case 'ProcessSubstitution':
      return false
    default:
      return true
  }
}

/** `$@` and its like stay several words in quotes too. */
function isList(part: WordPart): boolean {
  if (part.type === 'SimpleExpansion') return part.text === '$@'
  return part.type === 'ParameterExpansion' && part.text.includes('@')
}
