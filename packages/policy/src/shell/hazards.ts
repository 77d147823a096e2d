import type {
  ArrayValue,
  Assignment,
  Command,
  ParameterExpansionPart,
  Redirect,
  SyntaxNode,
  Word,
  WordPart,
} from 'unbash'

import type { Numbers } from './numbers.ts'

const ARITHMETIC = 'arithmetic may run code that a variable holds'

/** Operators of `[[` that take their operands as arithmetic. */
const NUMERIC: ReadonlySet<string> = new Set(['-eq', '-ne', '-lt', '-le', '-gt', '-ge'])

/**
 * Tells whether a part of a script evaluates text that is not written there,
 * and how: arithmetic, for one, runs a substitution in the index of an array
 * even when it comes out of a variable.
 */
export function evaluates(node: SyntaxNode, numbers: Numbers): string | undefined {
  switch (node.type) {
    case 'ArithmeticWord':
      return isNumber(node.value) || isCount(node.value, numbers) ? undefined : ARITHMETIC
    case 'ArithmeticCommandExpansion':
      return ARITHMETIC
    case 'TestBinary':
      if (!NUMERIC.has(node.operator)) return undefined
      return [node.left, node.right].every((side) => isNumber(side.value) || isCount(side.text, numbers))
        ? undefined
        : ARITHMETIC
    case 'TestUnary':
      return /^-[vR]$/.test(node.operator) && !isName(node.operand) ? ARITHMETIC : undefined
    case 'Slice':
      return [node.offset, node.length].every((word) => isPlace(word, numbers)) ? undefined : ARITHMETIC
    case 'Assignment':
      return assignmentHazard(node, numbers)
    case 'Redirect':
      return redirectHazard(node)
    case 'AnsiCQuoted':
      // bash takes braces behind the one, and what follows them may be lost; of the other it takes a single byte.
      return /\\x\{|\\c[^ -~]/.test(node.text) ? 'it is not known what an escape stands for' : undefined
    case 'FileDescriptorVariable':
      return /^\w+$/.test(node.name) ? undefined : ARITHMETIC
    case 'ParameterExpansion':
      return expansionHazard(node, numbers)
    case 'ArrayValue':
      return hasIndex(node) ? ARITHMETIC : undefined
    case 'Transform':
      return 'an expansion may run code that a variable holds'
    case 'Unknown':
      return 'an expansion is not known'
    default:
      return undefined
  }
}

function expansionHazard(part: ParameterExpansionPart, numbers: Numbers): string | undefined {
  if (!isIndex(part.index, numbers)) return ARITHMETIC
  const isList = part.index !== undefined && /^[@*]$/.test(part.index.value)
  return part.prefix === '!' && !isList ? 'an expansion may run code that a variable holds' : undefined
}

function assignmentHazard({ index, value }: Assignment, numbers: Numbers): string | undefined {
  if (!isIndex(index, numbers)) return ARITHMETIC
  // The parser sees no list where something follows it; bash makes one all the same.
  return value.type === 'Word' && value.text.startsWith('(') ? 'the value of a list may run code' : undefined
}

/** What becomes of the word behind `>&` is taken for a script's own text: bash expands it once more. */
function redirectHazard({ operator, target }: Redirect): string | undefined {
  if (operator !== '>&' && operator !== '<&') return undefined
  return target !== undefined && /[$`*?[]/.test(target.text) ? 'bash may expand what is redirected to twice' : undefined
}

/** An index in front of an element is arithmetic; braces may become one. */
function hasIndex({ elements }: ArrayValue): boolean {
  return elements.some(({ text }) => (text.startsWith('[') && !/^\[\d+\]\+?=/.test(text)) || /^\S*\{.*\[/.test(text))
}

/** Tells why shells may read a part of a script in different ways, and this one here in a third. */
export function disagreement(node: SyntaxNode, bash: boolean): string | undefined {
  switch (node.type) {
    case 'DoubleQuoted':
    case 'LocaleString':
    case 'HereDocBody':
      return node.parts?.some((part) => quotesWithin(part)) === true
        ? 'shells do not agree on quotes in ${}'
        : undefined
    case 'HereDocDelimiter':
      return /[$`\n\t]/.test(node.text) ? 'shells do not agree on where the document ends' : undefined
    case 'ArithmeticExpansion':
      return !bash && node.text.startsWith('$[') ? 'shells do not agree on $[' : undefined
    case 'Command':
      return !bash && goesOn(node) ? 'shells do not agree on &>' : undefined
    default:
      return undefined
  }
}

/** Within double quotes and documents, a quote in `${}` is one to some shells, and to others a character. */
function quotesWithin(part: WordPart): boolean {
  return part.type === 'ParameterExpansion' && /['"]/.test(part.text)
}

/** Where `&>` is two operators, what follows is a command of its own. */
function goesOn({ redirects, name, args }: Command): boolean {
  const first = redirects.find(({ operator }) => operator === '&>' || operator === '&>>')
  return first !== undefined && [...(name === undefined ? [] : [name]), ...args].some(({ pos }) => pos > first.pos)
}

function isIndex(word: Word | undefined, numbers: Numbers): boolean {
  return isPlace(word, numbers) || (word !== undefined && /^[@*]$/.test(word.value))
}

/** A number, or none at all. */
function isPlace(word: Word | undefined, numbers: Numbers): boolean {
  return word === undefined || isNumber(word.value) || isCount(word.text, numbers)
}

function isNumber(text: string): boolean {
  return /^\s*-?(0[xX][\da-fA-F]+|\d*)\s*$/.test(text)
}

/** What is always a number: how many arguments there are, how the last command ended, and what the script counts. */
function isCount(text: string, numbers: Numbers): boolean {
  return /^"?\$[#?]"?$/.test(text) || numbers.isNumber(text)
}

function isName(word: Word): boolean {
  return /^[A-Za-z_]\w*$/.test(word.text)
}
