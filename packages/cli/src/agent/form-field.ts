/** One field of a form that a tool asks a person to fill in. */
export interface FormField {
  readonly name: string
  readonly type: 'string' | 'number' | 'integer' | 'boolean' | 'list'
  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly required: boolean
  /** What the answer, or each item of it, may be; any when absent. */
  readonly choices?: readonly FormChoice[] | undefined
  /** What is taken when nothing is typed. */
  readonly fallback?: unknown
  /** The rules that remain, by their names in JSON Schema. */
  readonly limits: Readonly<Record<string, unknown>>
}

/** One of the answers that a field allows. */
export interface FormChoice {
  readonly value: string
  readonly title: string
}

/** What somebody typed, as the field takes it; or why it does not. */
export type FieldValue = { readonly value: unknown } | { readonly problem: string }

/** Reads the fields of a form; `undefined` for a schema that is no form of plain values. */
export function readForm(schema: string): readonly FormField[] | undefined {
  const root = objectOf(parse(schema))
  const properties = objectOf(root?.['properties'])
  if (root === undefined || root['type'] !== 'object') return undefined
  const required = listOf(root['required'])
  const fields: FormField[] = []
  for (const [name, value] of Object.entries(properties ?? {})) {
    const field = readField(name, objectOf(value) ?? {})
    if (field === undefined) return undefined
    fields.push({ ...field, required: required.includes(name) })
  }
  return fields
}

/** Takes what was typed for a field; nothing typed is the fallback, or nothing. */
export function readFieldValue(field: FormField, typed: string): FieldValue | undefined {
  const text = typed.trim()
  if (text === '') {
    if (field.fallback !== undefined) return { value: field.fallback }
    return field.required ? { problem: `${field.name} is required` } : undefined
  }
  switch (field.type) {
    case 'boolean':
      if (/^(?:y|yes|true)$/i.test(text)) return { value: true }
      return /^(?:n|no|false)$/i.test(text) ? { value: false } : { problem: 'type y or n' }
    case 'number':
    case 'integer':
      return readNumber(field, text)
    case 'list':
      return readList(field, text)
    case 'string':
      return field.choices === undefined ? checkText(field, text) : readChoice(field.choices, text)
  }
}

function readField(name: string, property: Readonly<Record<string, unknown>>): Omit<FormField, 'required'> | undefined {
  const { type, title, description, default: fallback, ...limits } = property
  const shared = { name, title: textOf(title), description: textOf(description), fallback, limits }
  switch (type) {
    case 'string':
      return { ...shared, type, choices: readChoices(property) }
    case 'number':
    case 'integer':
    case 'boolean':
      return { ...shared, type }
    case 'array': {
      const choices = readChoices(objectOf(property['items']) ?? {})
      return choices === undefined ? undefined : { ...shared, type: 'list', choices }
    }
    default:
      return undefined
  }
}

function readChoices(schema: Readonly<Record<string, unknown>>): readonly FormChoice[] | undefined {
  const named = listOf(schema['oneOf'] ?? schema['anyOf']).flatMap((item) => {
    const { const: value, title } = objectOf(item) ?? {}
    return typeof value === 'string' ? [{ value, title: textOf(title) ?? value }] : []
  })
  const titles = listOf(schema['enumNames'])
  const plain = listOf(schema['enum']).flatMap((value, index) =>
    typeof value === 'string' ? [{ value, title: textOf(titles[index]) ?? value }] : [],
  )
  const choices = [...named, ...plain]
  return choices.length === 0 ? undefined : choices
}

function readNumber({ type, limits }: FormField, text: string): FieldValue {
  const value = Number(text)
  if (!Number.isFinite(value)) return { problem: 'type a number' }
  if (type === 'integer' && !Number.isInteger(value)) return { problem: 'type a whole number' }
  const { minimum, maximum } = limits
  if (typeof minimum === 'number' && value < minimum) return { problem: `at least ${minimum}` }
  if (typeof maximum === 'number' && value > maximum) return { problem: `at most ${maximum}` }
  return { value }
}

function checkText({ limits }: FormField, text: string): FieldValue {
  const { minLength, maxLength } = limits
  const length = Array.from(text).length
  if (typeof minLength === 'number' && length < minLength) return { problem: `at least ${minLength} characters` }
  if (typeof maxLength === 'number' && length > maxLength) return { problem: `at most ${maxLength} characters` }
  return { value: text }
}

/** By its number in the list, its value or its title. */
function readChoice(choices: readonly FormChoice[], text: string): FieldValue {
  const found =
    choices.find(({ value }) => value === text) ??
    choices.find(({ title }) => title.toLowerCase() === text.toLowerCase()) ??
    (/^\d+$/.test(text) ? choices[Number(text) - 1] : undefined)
  return found === undefined
    ? { problem: `one of ${choices.map(({ value }) => value).join(', ')}` }
    : { value: found.value }
}

function readList({ choices = [], limits }: FormField, text: string): FieldValue {
  const values: unknown[] = []
  for (const part of text.split(',')) {
    const read = readChoice(choices, part.trim())
    if ('problem' in read) return read
    if (!values.includes(read.value)) values.push(read.value)
  }
  const { minItems, maxItems } = limits
  if (typeof minItems === 'number' && values.length < minItems) return { problem: `at least ${minItems} of them` }
  if (typeof maxItems === 'number' && values.length > maxItems) return { problem: `at most ${maxItems} of them` }
  return { value: values }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // Said by whoever finds no form in it.
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return Object.fromEntries(Object.entries(value))
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
