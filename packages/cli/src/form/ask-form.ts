import type { Ask } from '../agent/prompts.ts'
import type { Paint } from '../output/paint.ts'
import { printableBlock, printableLine } from '../output/printable.ts'
import { checkForm } from './check-form.ts'
import { fallbackText } from './describe-form.ts'
import { readForm, type FormField } from './form-field.ts'
import { readTyped } from './read-typed.ts'

/** What a form is laid out with. */
export interface AskFormOptions {
  readonly paint: Paint
  readonly tell: (text: string) => void
}

/**
 * Has the person at the terminal fill in a form, and returns what was typed as
 * one JSON object; `undefined` when the person thinks better of it.
 */
export async function askForm(schema: string, ask: Ask, options: AskFormOptions): Promise<string | undefined> {
  const form = readForm(schema)
  if (form === undefined) return askJson(schema, ask, options)
  const content: (readonly [string, unknown])[] = []
  for (const field of form.fields) {
    const value = await askField(field, ask, options)
    if (value !== undefined) content.push([field.name, value])
  }
  return JSON.stringify(Object.fromEntries(content))
}

/** A form whose fields cannot be asked for one by one is filled in as it is handed on. */
async function askJson(schema: string, ask: Ask, { tell }: AskFormOptions): Promise<string | undefined> {
  tell(`  its fields cannot be asked for one by one; they are ${printableLine(schema)}\n`)
  for (let text = ''; ;) {
    text = (await ask('The whole answer as JSON: ', text === '' ? undefined : text)).trim()
    if (text === '') return undefined
    const problem = problemOf(schema, text)
    if (problem === undefined) return text
    tell(`${printableLine(problem)}\n`)
  }
}

function problemOf(schema: string, text: string): string | undefined {
  try {
    return checkForm(schema, text)[0]
  } catch (error) {
    return `not JSON: ${error instanceof Error ? error.message : String(error)}`
  }
}

async function askField(field: FormField, ask: Ask, { paint, tell }: AskFormOptions): Promise<unknown> {
  if (field.description !== undefined) tell(paint.dim(`  ${printableBlock(field.description)}\n`))
  for (const [index, { value, title }] of (field.choices ?? []).entries()) {
    const named = title === value ? printableLine(value) : `${printableLine(value)} (${printableLine(title)})`
    tell(`  ${index + 1}. ${named}\n`)
  }
  for (;;) {
    const read = readTyped(field, await ask(promptOf(field, paint)))
    if (read === undefined) return undefined
    if ('value' in read) return read.value
    tell(`${printableLine(read.problem)}\n`)
  }
}

function promptOf(field: FormField, paint: Paint): string {
  const { name, title = name, type, required, fallback, choices } = field
  const kind = type === 'list' ? 'several, with commas' : choices === undefined ? KINDS[type] : 'one of these'
  const otherwise = fallback === undefined ? (required ? '' : ' [none]') : ` [${printableLine(fallbackText(field))}]`
  return `${paint.bold(printableLine(title))} (${kind})${otherwise}: `
}

const KINDS = { string: 'text', number: 'number', integer: 'whole number', boolean: 'y or n' } as const
