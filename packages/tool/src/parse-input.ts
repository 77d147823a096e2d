import { hasCode, jsonToCbor } from '@starling/event'

import { joinPath } from './join-path.ts'

/** A token that is no string, and what comes between tokens, in a text that is known to be JSON. */
const TOKEN = /-?\d[\d.eE+-]*|[{}[\]]|[a-z]+/y
const BETWEEN = /[\s,:]*/y

/** Up to this many digits a whole number is exact as a `number`. */
const EXACT_DIGITS = 15
const WHOLE_NUMBER = /^-?\d+$/

/** An object or array that is being read; `keys` is `undefined` for an array. */
interface Container {
  readonly keys: Set<string> | undefined
  /** Whether the next string is a key. */
  keyNext: boolean
  /** The key or index of the member that is being read. */
  member: string | number
}

/** What {@link parseInput} read, or why it could not, in one line. */
export type ParsedInput = { readonly value: unknown; readonly problem?: undefined } | { readonly problem: string }

/**
 * Reads one JSON value and nothing else, and nothing that `JSON.parse` would silently change:
 * an object with a key twice, and a number that is too large to be exact, are refused.
 *
 * Empty text counts as `{}`: that is how some vendors write a call without arguments.
 */
export function parseInput(text: string): ParsedInput {
  if (text === '') return { value: {} }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { problem: whyNotJson(text) }
  }
  const problem = findLoss(text)
  return problem === undefined ? { value } : { problem }
}

/** The words of `JSON.parse` differ between versions of Node, and a replay compares them. */
function whyNotJson(text: string): string {
  try {
    jsonToCbor(text)
  } catch (error) {
    if (hasCode(error, 'EVENT_JSON')) return `not valid JSON (${error.message.replace(/^decode json: /, '')})`
    throw error
  }
  // The scanner of the log is more patient about what follows a value.
  return 'not valid JSON (text after the value)'
}

function findLoss(text: string): string | undefined {
  const open: Container[] = []
  for (let token = nextToken(text, 0); token !== undefined; token = nextToken(text, token.end)) {
    const problem = takeToken(token.text, open)
    if (problem !== undefined) return problem
  }
  return undefined
}

function takeToken(token: string, open: Container[]): string | undefined {
  const parent = open.at(-1)
  const first = token.charAt(0)
  if (first === '}' || first === ']') {
    open.pop()
    return undefined
  }
  if (first === '"' && parent?.keyNext === true) return takeKey(token, parent, open)
  if (parent !== undefined) beginMember(parent)
  if (first === '{') open.push({ keys: new Set(), keyNext: true, member: '' })
  else if (first === '[') open.push({ keys: undefined, keyNext: false, member: -1 })
  else if (first === '-' || (first >= '0' && first <= '9')) return checkNumber(token, open)
  return undefined
}

function nextToken(text: string, from: number): { readonly text: string; readonly end: number } | undefined {
  BETWEEN.lastIndex = from
  BETWEEN.test(text)
  const start = BETWEEN.lastIndex
  if (start === text.length) return undefined
  const end = text.charAt(start) === '"' ? endOfString(text, start) : endOfPlain(text, start)
  return { text: text.slice(start, end), end }
}

function endOfPlain(text: string, start: number): number {
  TOKEN.lastIndex = start
  return TOKEN.test(text) ? TOKEN.lastIndex : text.length
}

/** Not a regular expression: those run out of stack in long strings. */
function endOfString(text: string, start: number): number {
  let quote = text.indexOf('"', start + 1)
  while (isEscaped(text, quote)) quote = text.indexOf('"', quote + 1)
  return quote + 1
}

function isEscaped(text: string, at: number): boolean {
  let first = at
  while (text.charAt(first - 1) === '\\') first--
  return (at - first) % 2 === 1
}

function takeKey(quoted: string, parent: Container, open: readonly Container[]): string | undefined {
  const key = String(JSON.parse(quoted))
  const twice = parent.keys?.has(key) === true
  parent.keys?.add(key)
  parent.member = key
  parent.keyNext = false
  return twice ? `${placeOf(open)}: the key comes twice` : undefined
}

function beginMember(parent: Container): void {
  if (typeof parent.member === 'number') parent.member++
  else parent.keyNext = true
}

function checkNumber(literal: string, open: readonly Container[]): string | undefined {
  const value = Number(literal)
  if (!Number.isFinite(value)) return `${placeOf(open)}: ${shorten(literal)} is out of range`
  if (literal.length <= EXACT_DIGITS || !WHOLE_NUMBER.test(literal) || survives(literal, value)) return undefined
  return `${placeOf(open)}: ${shorten(literal)} is too large to be exact, write it as text`
}

/** Reports whether a whole number is exact, or at least reads back: that is how floats are written. */
function survives(literal: string, value: number): boolean {
  return String(value) === literal || BigInt(literal) === BigInt(value)
}

function placeOf(open: readonly Container[]): string {
  return open.reduce((path, { member }) => joinPath(path, member), '') || 'input'
}

function shorten(literal: string): string {
  return literal.length <= 40 ? literal : `${literal.slice(0, 39)}…`
}
