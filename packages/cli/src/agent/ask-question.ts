import type { QuestionRequest, RunHandle } from '@starling/core'
import type { Paint } from '../output/paint.ts'
import { printable, printableLine } from '../output/printable.ts'
import { readFieldValue, readForm, type FormField } from './form-field.ts'
import type { Ask } from './prompts.ts'

/** What a tool is answered. */
export type QuestionAnswer = Parameters<RunHandle['answer']>[1]

/** What the question is laid out with. */
export interface AskQuestionOptions {
  readonly paint: Paint
  readonly tell: (text: string) => void
}

/** Asks the person at the terminal what a tool wants to know. */
export async function askQuestion(
  request: QuestionRequest,
  ask: Ask,
  options: AskQuestionOptions,
): Promise<QuestionAnswer> {
  const { paint, tell } = options
  const { question, tool, callId } = request
  const who = `${paint.bold(paint.yellow(printableLine(tool)))} ${paint.dim(printableLine(callId))}`
  // Indented, so that what a server says cannot pass for a question of this program.
  tell(`\n${who} asks: ${indented(question.message)}\n`)
  if (question.type === 'url') {
    // Only shown: whether to go there is for the person to decide.
    tell(`  ${paint.cyan(printableLine(question.url))}\n`)
    return { action: await choose(ask, 'Have you been there?', { paint, tell }) }
  }
  const fields = readForm(question.schema)
  if (fields === undefined) {
    tell('this form has fields that cannot be asked for here; it is cancelled\n')
    return { action: 'cancel' }
  }
  const names = fields.map(({ name, required }) => `${printableLine(name)}${required ? '' : ' (optional)'}`)
  if (names.length > 0) tell(`  it wants: ${names.join(', ')}\n`)
  const action = await choose(ask, 'Answer?', { paint, tell })
  if (action !== 'accept') return { action }
  const content: (readonly [string, unknown])[] = []
  for (const field of fields) {
    const value = await askField(field, ask, options)
    if (value !== undefined) content.push([field.name, value])
  }
  return { action, content: JSON.stringify(Object.fromEntries(content)) }
}

async function choose(ask: Ask, what: string, { paint, tell }: AskQuestionOptions): Promise<QuestionAnswer['action']> {
  const choices = `${paint.bold('y')}es, ${paint.bold('n')}o (decline), ${paint.bold('c')}ancel`
  for (;;) {
    const answer = (await ask(`${what} ${choices} [cancel] `)).trim()
    if (/^y(?:es)?$/i.test(answer)) return 'accept'
    if (/^(?:no?|decline)$/i.test(answer)) return 'decline'
    if (/^(?:c(?:ancel)?)?$/i.test(answer)) return 'cancel'
    tell(`${printableLine(answer)} is none of y, n, c\n`)
  }
}

async function askField(field: FormField, ask: Ask, { paint, tell }: AskQuestionOptions): Promise<unknown> {
  if (field.description !== undefined) tell(paint.dim(`  ${indented(field.description)}\n`))
  for (const [index, { value, title }] of (field.choices ?? []).entries()) {
    const named = title === value ? printableLine(value) : `${printableLine(value)} (${printableLine(title)})`
    tell(`  ${index + 1}. ${named}\n`)
  }
  for (;;) {
    const read = readFieldValue(field, await ask(promptOf(field, paint)))
    if (read === undefined) return undefined
    if ('value' in read) return read.value
    tell(`${printableLine(read.problem)}\n`)
  }
}

function promptOf({ name, title = name, type, required, fallback, choices }: FormField, paint: Paint): string {
  const kind = type === 'list' ? 'several, with commas' : choices === undefined ? KINDS[type] : 'one of these'
  const otherwise = fallback === undefined ? (required ? '' : ' [none]') : ` [${printableLine(plainText(fallback))}]`
  return `${paint.bold(printableLine(title))} (${kind})${otherwise}: `
}

const KINDS = { string: 'text', number: 'number', integer: 'whole number', boolean: 'y or n' } as const

function indented(text: string): string {
  return printable(text).replaceAll('\n', '\n  ')
}

function plainText(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'y' : 'n'
  return typeof value === 'string' ? value : JSON.stringify(value)
}
