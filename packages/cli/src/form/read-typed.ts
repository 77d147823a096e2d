import { checkLimits } from './check-value.ts'
import type { FormChoice, FormField } from './form-field.ts'

/** What somebody typed, as the field takes it; or why it does not. */
export type FieldValue = { readonly value: unknown } | { readonly problem: string }

/** Takes what was typed for a field; nothing typed is the fallback, or nothing. */
export function readTyped(field: FormField, typed: string): FieldValue | undefined {
  const text = typed.trim()
  if (text === '') {
    if (field.fallback !== undefined) return { value: field.fallback }
    return field.required ? { problem: `${field.name} is required` } : undefined
  }
  const read = parseTyped(field, text)
  if ('problem' in read) return read
  const problem = checkLimits(field, read.value)
  return problem === undefined ? read : { problem }
}

function parseTyped({ type, choices }: FormField, text: string): FieldValue {
  switch (type) {
    case 'boolean':
      if (/^(?:y|yes|true)$/i.test(text)) return { value: true }
      return /^(?:n|no|false)$/i.test(text) ? { value: false } : { problem: 'type y or n' }
    case 'number':
    case 'integer': {
      const value = Number(text)
      if (!Number.isFinite(value)) return { problem: 'type a number' }
      return type === 'integer' && !Number.isInteger(value) ? { problem: 'type a whole number' } : { value }
    }
    case 'list':
      return { value: [...new Set(text.split(',').map((part) => findChoice(choices, part.trim())))] }
    case 'string':
      return { value: findChoice(choices, text) }
  }
}

/** By its number in the list, its value or its title; what is none of these is left as it is. */
function findChoice(choices: readonly FormChoice[] = [], text: string): string {
  const found =
    choices.find(({ value }) => value === text) ??
    choices.find(({ title }) => title.toLowerCase() === text.toLowerCase()) ??
    (/^\d+$/.test(text) ? choices[Number(text) - 1] : undefined)
  return found?.value ?? text
}
