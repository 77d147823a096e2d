import type { ArrayValue, Command, ParameterExpansionPart, SyntaxNode, Word, WordPart } from 'unbash'

const ARITHMETIC = 'arithmetic may run code that a variable holds'

/** Operators of `[[` that take their operands as arithmetic. */
const NUMERIC: ReadonlySet<string> = new Set(['-eq', '-ne', '-lt', '-le', '-gt', '-ge'])

/**
 * Tells whether a part of a script evaluates text that is not written there,
 * and how: arithmetic, for one, runs a substitution in the index of an array
 * even when it comes out of a variable.
 */
export function evaluates(node: SyntaxNode): string | undefined {
  switch (node.type) {
    case 'ArithmeticWord':
      return isNumber(node.value) ? undefined : ARITHMETIC
    case 'ArithmeticCommandExpansion':
      return ARITHMETIC
    case 'TestBinary':
      if (!NUMERIC.has(node.operator)) return undefined
      return isCount(node.left) && isCount(node.right) ? undefined : ARITHMETIC
    case 'TestUnary':
      return /^-[vR]$/.test(node.operator) && !isName(node.operand) ? ARITHMETIC : undefined
    case 'Slice':
      return isNumber(node.offset.value) && isNumber(node.length?.value ?? '') ? undefined : ARITHMETIC
    case 'Assignment':
      return isIndex(node.index) ? undefined : ARITHMETIC
    case 'FileDescriptorVariable':
      return /^\w+$/.test(node.name) ? undefined : ARITHMETIC
    case 'ParameterExpansion':
      return expansionHazard(node)
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

function expansionHazard(part: ParameterExpansionPart): string | undefined {
  if (!isIndex(part.index)) return ARITHMETIC
  const isList = part.index !== undefined && /^[@*]$/.test(part.index.value)
  return part.prefix === '!' && !isList ? 'an expansion may run code that a variable holds' : undefined
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
      return /[$`]/.test(node.text) ? 'shells do not agree on where the document ends' : undefined
    case 'AnsiCQuoted':
      return !bash && node.text.includes(String.raw`\'`) ? 'shells do not agree on where the quotes end' : undefined
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

function isIndex(word: Word | undefined): boolean {
  return word === undefined || isNumber(word.value) || /^[@*]$/.test(word.value)
}

function isNumber(text: string): boolean {
  return /^\s*-?(0[xX][\da-fA-F]+|\d*)\s*$/.test(text)
}

/** A number, or what is always one: how many arguments there are, and how the last command ended. */
function isCount(word: Word): boolean {
  return isNumber(word.value) || /^"?\$[#?]"?$/.test(word.text)
}

function isName(word: Word): boolean {
  return /^[A-Za-z_]\w*$/.test(word.text)
}
