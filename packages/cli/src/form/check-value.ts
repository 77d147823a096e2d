import type { FormField } from './form-field.ts'

/** Returns why a field does not take a value of its own type; `undefined` when it does. */
export function checkLimits(field: FormField, value: unknown): string | undefined {
  if (typeof value === 'string')
    return field.choices === undefined ? checkText(field, value) : checkChoice(field, value)
  if (typeof value === 'number') return checkNumber(field, value)
  return Array.isArray(value) ? checkList(field, value) : undefined
}

/** Returns why a field does not take a value out of JSON; `undefined` when it does. */
export function checkValue(field: FormField, value: unknown): string | undefined {
  return isOfType(field, value)
    ? checkLimits(field, value)
    : `wants ${WANTED[field.type]}, got ${JSON.stringify(value) ?? 'nothing'}`
}

const WANTED = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  list: 'a list',
} as const

function isOfType({ type }: FormField, value: unknown): boolean {
  if (type === 'list') return Array.isArray(value)
  if (type === 'integer') return Number.isInteger(value)
  return typeof value === type
}

function checkNumber({ limits }: FormField, value: number): string | undefined {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = limits
  if (typeof minimum === 'number' && value < minimum) return `at least ${minimum}`
  if (typeof maximum === 'number' && value > maximum) return `at most ${maximum}`
  if (typeof exclusiveMinimum === 'number' && value <= exclusiveMinimum) return `more than ${exclusiveMinimum}`
  return typeof exclusiveMaximum === 'number' && value >= exclusiveMaximum ? `less than ${exclusiveMaximum}` : undefined
}

function checkText({ limits }: FormField, text: string): string | undefined {
  const { minLength, maxLength, format, pattern } = limits
  const length = Array.from(text).length
  if (typeof minLength === 'number' && length < minLength) return `at least ${minLength} characters`
  if (typeof maxLength === 'number' && length > maxLength) return `at most ${maxLength} characters`
  if (typeof pattern === 'string' && !fits(pattern, text)) return `does not match ${pattern}`
  const known = typeof format === 'string' && Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined
  return known === undefined || known.test(text) ? undefined : `not ${known.named}`
}

/** What MCP names; of any other format the tool is the judge. */
const FORMATS: Readonly<Record<string, { readonly named: string; readonly test: (text: string) => boolean }>> = {
  email: { named: 'an email address', test: (text) => /^[^\s@]+@[^\s@]+$/.test(text) },
  uri: { named: 'an address such as https://example.test', test: (text) => URL.canParse(text) },
  date: { named: 'a date such as 2026-01-31', test: (text) => /^\d{4}-\d\d-\d\d$/.test(text) && isTime(text) },
  'date-time': {
    named: 'a time such as 2026-01-31T12:00:00Z',
    test: (text) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(text) && isTime(text),
  },
}

function isTime(text: string): boolean {
  return !Number.isNaN(Date.parse(text))
}

function fits(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(text)
  } catch {
    return true // A pattern that is none holds nobody to anything.
  }
}

function checkChoice({ choices = [] }: FormField, text: unknown): string | undefined {
  const values = choices.map(({ value }) => value)
  return values.some((value) => value === text) ? undefined : `one of ${values.join(', ')}`
}

function checkList(field: FormField, values: readonly unknown[]): string | undefined {
  const { minItems, maxItems } = field.limits
  for (const value of values) {
    const problem = checkChoice(field, value)
    if (problem !== undefined) return problem
  }
  if (typeof minItems === 'number' && values.length < minItems) return `at least ${minItems} of them`
  return typeof maxItems === 'number' && values.length > maxItems ? `at most ${maxItems} of them` : undefined
}
