import type { ParameterExpansionPart, SyntaxNode, Word } from 'unbash'

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
      return isNumber(node.left.value) && isNumber(node.right.value) ? undefined : ARITHMETIC
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

function isIndex(word: Word | undefined): boolean {
  return word === undefined || isNumber(word.value) || /^[@*]$/.test(word.value)
}

function isNumber(text: string): boolean {
  return /^\s*-?(0[xX][\da-fA-F]+|\d*)\s*$/.test(text)
}

function isName(word: Word): boolean {
  return /^[A-Za-z_]\w*$/.test(word.text)
}
