import { hasCode, jsonToCbor } from '@starling/event'

import { joinPath } from './join-path.ts'

/** The next token of a text that is known to be JSON. */
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|[{}[\]]|[a-z]+/y
const BETWEEN = /[\s,:]*/y

/** Up to this many digits a whole number is exact as a `number`. */
const EXACT_DIGITS = 15
const WHOLE_NUMBER = /^-?\d+$/

/** An object or array that is being read; `keys` is `undefined` for an array. */
interface Container {
  readonly keys: Set<string> | undefined
  /** Whether the next string is a key. */
  keyNext: boolean
  /** How the container's own place is written. */
  readonly path: string
  /** The key or index of the member that is being read. */
  member: string
  length: number
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
  try {
    const value: unknown = JSON.parse(text)
    const problem = findLoss(text)
    return problem === undefined ? { value } : { problem }
  } catch {
    return { problem: whyNotJson(text) }
  }
}

/** The words of `JSON.parse` differ between versions of Node, and a replay compares them. */
function whyNotJson(text: string): string {
  try {
    jsonToCbor(text)
  } catch (error) {
    if (hasCode(error, 'EVENT_JSON')) return `not valid JSON (${error.message})`
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
  if (first === '"' && parent?.keyNext === true) return takeKey(parent, token)
  const path = parent === undefined ? '' : takeValue(parent)
  if (first === '{') open.push({ keys: new Set(), keyNext: true, path, member: '', length: 0 })
  else if (first === '[') open.push({ keys: undefined, keyNext: false, path, member: '', length: 0 })
  else if (first === '-' || (first >= '0' && first <= '9')) return checkNumber(token, path)
  return undefined
}

function nextToken(text: string, from: number): { readonly text: string; readonly end: number } | undefined {
  BETWEEN.lastIndex = from
  BETWEEN.test(text)
  TOKEN.lastIndex = BETWEEN.lastIndex
  const match = TOKEN.exec(text)
  return match === null ? undefined : { text: match[0], end: TOKEN.lastIndex }
}

function takeKey(parent: Container, quoted: string): string | undefined {
  const key = String(JSON.parse(quoted))
  if (parent.keys?.has(key) === true) return `${joinPath(parent.path, key)}: the key comes twice`
  parent.keys?.add(key)
  parent.member = key
  parent.keyNext = false
  return undefined
}

/** Returns where the value that begins now is. */
function takeValue(parent: Container): string {
  if (parent.keys === undefined) return joinPath(parent.path, parent.length++)
  parent.keyNext = true
  return joinPath(parent.path, parent.member)
}

function checkNumber(literal: string, path: string): string | undefined {
  const value = Number(literal)
  const where = path === '' ? 'input' : path
  if (!Number.isFinite(value)) return `${where}: ${shorten(literal)} is out of range`
  if (literal.length <= EXACT_DIGITS || !WHOLE_NUMBER.test(literal) || BigInt(literal) === BigInt(value))
    return undefined
  return `${where}: ${shorten(literal)} is too large to be exact, write it as text`
}

function shorten(literal: string): string {
  return literal.length <= 40 ? literal : `${literal.slice(0, 39)}…`
}
