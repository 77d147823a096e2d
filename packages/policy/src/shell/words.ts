import type { Assignment, Word, WordPart } from 'unbash'

import { expandBraces } from './braces.ts'
import { literal, unknownWord, type ShellWord } from './shell-command.ts'

/** Tells what words a word of a script becomes: one, or several when it has braces. */
export function toWords(word: Word | Assignment): readonly ShellWord[] {
  if (word.type === 'Assignment') return [assignmentWord(word)]
  const parts = word.parts
  if (parts === undefined) return [literal(word.value)]
  if (parts.some((part) => part.type === 'BraceExpansion')) {
    return expandBraces(word.text)?.map(literal) ?? [unknownWord(word.value)]
  }
  return [wordOfParts(parts)]
}

/** Tells what text a list of parts becomes. */
export function wordOfParts(parts: readonly WordPart[]): ShellWord {
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
function assignmentWord(assignment: Assignment): ShellWord {
  const { value } = assignment
  if (value.type === 'ArrayValue' || assignment.index !== undefined) return unknownWord(assignment.text, false)
  const [word] = toWords(value)
  const start = `${assignment.name}${assignment.append === true ? '+' : ''}=`
  return { text: `${start}${word?.text ?? ''}`, known: word?.known !== false, many: false }
}

function literalOf(part: WordPart): string | undefined {
  switch (part.type) {
    case 'Literal':
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      return part.value
    case 'DoubleQuoted':
    case 'LocaleString': {
      const word = wordOfParts(part.parts)
      return word.known ? word.text : undefined
    }
    default:
      return undefined
  }
}

/** How an unknown part is written, without the quotes around it. */
function sketchOf(part: WordPart): string {
  return part.type === 'DoubleQuoted' || part.type === 'LocaleString' ? wordOfParts(part.parts).text : part.text
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
