import { printableLine } from '../output/printable.ts'
import { readForm, type FormField } from './form-field.ts'

/** Returns a line about each field of a form: what it takes, and what it is for. */
export function formLines(schema: string): readonly string[] {
  const form = readForm(schema)
  if (form === undefined) return [`a JSON object that fits ${printableLine(schema)}`]
  return form.fields.map((field) => {
    const { name, title, description } = field
    const about = [title, description].filter((text) => text !== undefined && text !== name).join(': ')
    return printableLine(`${name} (${factsOf(field).join(', ')})${about === '' ? '' : `: ${oneLine(about)}`}`)
  })
}

/** Returns what to type as the answer to a form, its values left out. */
export function formSample(schema: string): string {
  const form = readForm(schema)
  if (form === undefined) return '{…}'
  const required = form.fields.filter((field) => field.required)
  return `{${required.map(({ name }) => `${JSON.stringify(name)}:…`).join(',')}}`
}

/** Returns the default of a field as a person would type it. */
export function fallbackText({ fallback }: FormField): string {
  if (typeof fallback === 'boolean') return fallback ? 'y' : 'n'
  return typeof fallback === 'string' ? fallback : JSON.stringify(fallback)
}

function factsOf(field: FormField): readonly string[] {
  const { type, required, choices, fallback } = field
  const values = choices?.map(({ value, title }) => (title === value ? value : `${value} (${title})`)).join(', ')
  const kind = values === undefined ? KINDS[type] : `${type === 'list' ? 'a list out of' : 'one of'} ${values}`
  return [
    kind,
    ...(required ? ['required'] : []),
    ...limitsOf(field),
    ...(fallback === undefined ? [] : [`default ${JSON.stringify(fallback)}`]),
  ]
}

const KINDS = {
  string: 'text',
  number: 'number',
  integer: 'whole number',
  boolean: 'true or false',
  list: 'list',
} as const

function limitsOf({ limits }: FormField): readonly string[] {
  const { format, pattern } = limits
  return [
    ...LIMITS.flatMap(([name, before, after]) => {
      const limit = limits[name]
      return typeof limit === 'number' ? [`${before} ${limit}${after}`] : []
    }),
    ...(typeof format === 'string' ? [format] : []),
    ...(typeof pattern === 'string' ? [`matches ${pattern}`] : []),
  ]
}

const LIMITS = [
  ['minimum', 'at least', ''],
  ['exclusiveMinimum', 'more than', ''],
  ['maximum', 'at most', ''],
  ['exclusiveMaximum', 'less than', ''],
  ['minLength', 'at least', ' characters'],
  ['maxLength', 'at most', ' characters'],
  ['minItems', 'at least', ' of them'],
  ['maxItems', 'at most', ' of them'],
] as const

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}
