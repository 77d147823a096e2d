import { nearestName } from '@starling/event'

import { PolicyError } from './policy-error.ts'

/** Longer texts are no patterns that somebody wrote; the cap bounds what a comparison costs. */
const LONGEST_TEXT = 1024

/** An error that names the place of a problem; the data as a whole has the empty path. */
export function invalid(path: string, problem: string): PolicyError {
  return new PolicyError('POLICY_INVALID', `policy ${path === '' ? 'data' : path} ${problem}`)
}

/** Writes a value into a message, cut short. */
export function show(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}

/** Takes an object whose fields are all known; those that are `undefined` count as left out. */
export function readObject(value: unknown, path: string, fields: readonly string[]): ReadonlyMap<string, unknown> {
  const entries = readEntries(value, path)
  for (const name of entries.keys()) {
    if (fields.includes(name)) continue
    const near = nearestName(name, fields)
    const hint = near === undefined ? `; there are ${fields.join(', ')}` : `; did you mean ${near}?`
    throw invalid(join(path, name), `does not exist${hint}`)
  }
  return entries
}

/** Takes any plain object. */
export function readEntries(value: unknown, path: string): ReadonlyMap<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(path, `is ${show(value)}, expected an object`)
  }
  return new Map(Object.entries(value).filter(([, field]) => field !== undefined))
}

/** Takes a list of at least one element, or what stands for a list of itself. */
export function readList<T>(value: unknown, path: string, read: (element: unknown, path: string) => T): readonly T[] {
  if (!Array.isArray(value)) throw invalid(path, `is ${show(value)}, expected a list`)
  if (value.length === 0) throw invalid(path, 'is an empty list, expected at least one element')
  return value.map((element: unknown, at) => read(element, `${path}[${at}]`))
}

/** Takes one text, or several. */
export function readTexts(value: unknown, path: string): readonly string[] {
  return typeof value === 'string' ? [readText(value, path)] : readList(value, path, readText)
}

/** Takes a text that is not empty. */
export function readText(value: unknown, path: string): string {
  if (typeof value !== 'string' || value === '') throw invalid(path, `is ${show(value)}, expected a text`)
  if (value.length > LONGEST_TEXT) {
    throw invalid(path, `is ${value.length} characters long, expected at most ${LONGEST_TEXT}`)
  }
  return value
}

/** Takes a finite number. */
export function readNumber(value: unknown, path: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw invalid(path, `is ${show(value)}, expected a number`)
  return value
}

/** Takes one of a few words. */
export function readWord<Word extends string>(value: unknown, path: string, words: readonly Word[]): Word {
  const found = words.find((word) => word === value)
  if (found === undefined) throw invalid(path, `is ${show(value)}, expected ${words.join(' or ')}`)
  return found
}

/** Writes the path of a field. */
export function join(path: string, name: string): string {
  const step = /^[A-Za-z_$][\w$]*$/.test(name) ? name : `[${JSON.stringify(name)}]`
  if (path === '') return step
  return step.startsWith('[') ? `${path}${step}` : `${path}.${step}`
}
