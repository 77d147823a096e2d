import type { QuestionRequest, RunHandle } from '@starling/core'
import { deadlineText } from '../approvals/approval-words.ts'
import { askForm, type AskFormOptions } from '../form/ask-form.ts'
import { formLines } from '../form/describe-form.ts'
import { readForm } from '../form/form-field.ts'
import { printableBlock, printableLine } from '../output/printable.ts'
import type { Ask } from './prompts.ts'

/** What a tool is answered. */
export type ToolAnswer = Parameters<RunHandle['answer']>[1]

/** What a person made of a question; `later` leaves it waiting. */
export type QuestionAnswer = ToolAnswer | { readonly action: 'later' }

/** What the question is laid out with. */
export interface AskQuestionOptions extends AskFormOptions {
  readonly nowMs: number
}

/** Asks the person at the terminal what a tool wants to know. */
export async function askQuestion(
  request: QuestionRequest,
  ask: Ask,
  options: AskQuestionOptions,
): Promise<QuestionAnswer> {
  const { paint, tell, nowMs } = options
  const { question, tool, callId, held, expiresAt } = request
  const who = `${paint.bold(paint.yellow(printableLine(tool)))} ${paint.dim(printableLine(callId))}`
  tell(`\n${who} asks: ${printableBlock(question.message)}\n`)
  const until = deadlineText(expiresAt, nowMs)
  if (until !== '') tell(paint.dim(`  ${until}\n`))
  if (question.type === 'url') {
    // Only shown: whether to go there is for the person to decide.
    tell(`  ${paint.cyan(printableLine(question.url))}\n`)
    return { action: await choose(ask, 'Have you been there?', { ...options, held }) }
  }
  const { schema } = question
  const names = readForm(schema)?.fields.map(({ name, required }) => {
    return `${printableLine(name)}${required ? '' : ' (optional)'}`
  })
  const wanted = (names ?? formLines(schema)).join(', ')
  if (wanted !== '') tell(`  it wants: ${wanted}\n`)
  for (;;) {
    const action = await choose(ask, 'Answer?', { ...options, held })
    if (action !== 'accept') return { action }
    const content = await askForm(schema, ask, options)
    if (content !== undefined) return { action, content }
  }
}

async function choose(
  ask: Ask,
  what: string,
  { paint, tell, held }: AskFormOptions & { readonly held: boolean },
): Promise<QuestionAnswer['action']> {
  const later = held ? '' : `, ${paint.bold('l')}ater`
  const choices = `${paint.bold('y')}es, ${paint.bold('n')}o (decline), ${paint.bold('c')}ancel${later}`
  for (;;) {
    const answer = (await ask(`${what} ${choices} [cancel] `)).trim()
    if (/^y(?:es)?$/i.test(answer)) return 'accept'
    if (/^(?:no?|decline)$/i.test(answer)) return 'decline'
    if (/^(?:c(?:ancel)?)?$/i.test(answer)) return 'cancel'
    const isLater = /^l(?:ater)?$/i.test(answer)
    if (isLater && !held) return 'later'
    tell(
      isLater
        ? 'it cannot be put off: only this process can be answered\n'
        : `${printableLine(answer)} is none of ${held ? 'y, n, c' : 'y, n, c, l'}\n`,
    )
  }
}
