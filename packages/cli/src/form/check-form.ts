import { checkValue } from './check-value.ts'
import { readForm } from './form-field.ts'

/**
 * Holds the answer to a form, one JSON text, against the fields of its schema
 * and returns what is wrong with it, a line for each problem.
 *
 * Of a schema that is no form of plain values only the tool is the judge.
 */
export function checkForm(schema: string, content: string): readonly string[] {
  const parsed: unknown = JSON.parse(content)
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    return [`a form is answered with a JSON object, not with ${content.trim()}`]
  }
  const form = readForm(schema)
  if (form === undefined) return []
  const { fields, takesMore } = form
  const given = new Map<string, unknown>(Object.entries(parsed))
  const problems = fields.flatMap((field) => {
    if (!given.has(field.name)) return field.required ? [`${field.name} is required`] : []
    const problem = checkValue(field, given.get(field.name))
    return problem === undefined ? [] : [`${field.name}: ${problem}`]
  })
  const names = fields.map(({ name }) => name)
  const unknown = takesMore ? [] : [...given.keys()].filter((name) => !names.includes(name))
  return [...problems, ...unknown.map((name) => `the form has no field ${name}; it has ${names.join(', ') || 'none'}`)]
}

/** Whether a form cannot be accepted without filling it in. */
export function needsInput(schema: string): boolean {
  const form = readForm(schema)
  return form === undefined || form.fields.some(({ required }) => required)
}
