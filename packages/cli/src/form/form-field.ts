/** A form of plain values that a tool asks a person to fill in. */
export interface Form {
  readonly fields: readonly FormField[]
  /** Whether an answer may hold more than the fields. */
  readonly takesMore: boolean
}

/** One field of a {@link Form}. */
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

/** Reads a form; `undefined` for a schema that is none of plain values. */
export function readForm(schema: string): Form | undefined {
  const root = objectOf(parseSchema(schema))
  const properties = objectOf(root?.['properties'])
  if (root === undefined || root['type'] !== 'object') return undefined
  const more = root['additionalProperties']
  const required = listOf(root['required'])
  const fields: FormField[] = []
  for (const [name, value] of Object.entries(properties ?? {})) {
    const field = readField(name, objectOf(value) ?? {})
    if (field === undefined) return undefined
    fields.push({ ...field, required: required.includes(name) })
  }
  return { fields, takesMore: more !== undefined && more !== false }
}

/** Reads one field of plain values; `undefined` for any other. */
export function readField(
  name: string,
  property: Readonly<Record<string, unknown>>,
): Omit<FormField, 'required'> | undefined {
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

/** Parses the text of a schema; `undefined` for what is none. */
export function parseSchema(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // Said by whoever finds no form in it.
  }
}

/** Returns the members of a JSON object; `undefined` for any other value. */
export function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return Object.fromEntries(Object.entries(value))
}

/** Returns the items of a JSON array; none for any other value. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
