import type { ApprovalChoice, ApprovalRequest } from '@starling/core'
import { deadlineText, reasonText } from '../approvals/approval-words.ts'
import { checkArguments } from '../form/check-arguments.ts'
import type { Paint } from '../output/paint.ts'
import { prettyJson } from '../output/pretty-json.ts'
import { printable, printableJson, printableLine } from '../output/printable.ts'
import type { Ask } from './prompts.ts'

/** What a person made of a call that waits; `later` leaves it waiting. */
export type ApprovalAnswer =
  | (ApprovalChoice & { readonly reason?: string | undefined })
  | { readonly decision: 'later' }

/** What the question is laid out with. */
export interface AskApprovalOptions {
  readonly paint: Paint
  readonly nowMs: number
  readonly tell: (text: string) => void
  /** Whether the log has a place for what waits. */
  readonly canWait: boolean
  /** What the tool takes, as JSON Schema; `undefined` when it is not known. */
  readonly schema?: string | undefined
}

/** Asks the person at the terminal about a call, until there is an answer. */
export async function askApproval(
  request: ApprovalRequest,
  ask: Ask,
  options: AskApprovalOptions,
): Promise<ApprovalAnswer> {
  const { paint, tell, canWait } = options
  tell(describe(request, options))
  const later = canWait ? `, ${paint.bold('l')}ater` : ''
  const choices = `${paint.bold('y')}es, ${paint.bold('n')}o, ${paint.bold('e')}dit${later}`
  for (;;) {
    const answer = (await ask(`Allow it? ${choices} [no] `)).trim()
    switch (answer.toLowerCase()) {
      case 'y':
      case 'yes':
        return { decision: 'approve' }
      case '':
      case 'n':
      case 'no':
        return deny(await ask('Why not? The model is told. [no reason] '))
      case 'e':
      case 'edit': {
        const edited = await askArguments(request, ask, options)
        if (edited !== undefined) return { decision: 'approve', input: edited }
        break
      }
      case 'l':
      case 'later':
        if (canWait) return { decision: 'later' }
        tell('it cannot be put off: the log of this run has no place for what waits\n')
        break
      default:
        tell(`${printableLine(answer)} is none of ${canWait ? 'y, n, e, l' : 'y, n, e'}\n`)
    }
  }
}

function describe(request: ApprovalRequest, { paint, nowMs }: AskApprovalOptions): string {
  const { tool, callId, input, expiresAt } = request
  const until = deadlineText(expiresAt, nowMs, 'denied')
  const why = until === '' ? reasonText(request) : `${reasonText(request)}; ${until}`
  const head = `${paint.bold(paint.yellow(printableLine(tool)))} ${paint.dim(printableLine(callId))}`
  const args = printable(prettyJson(input)).replaceAll(/^/gm, '  ')
  return `\n${head}: ${why}\n${args}\n`
}

function deny(reason: string): ApprovalAnswer {
  const said = reason.trim()
  return { decision: 'deny', reason: said === '' ? 'denied by the user' : said }
}

/** The arguments to call it with; `undefined` when the person thinks better of it. */
async function askArguments(
  { input }: ApprovalRequest,
  ask: Ask,
  { tell, schema }: AskApprovalOptions,
): Promise<string | undefined> {
  for (let text = printableJson(input); ;) {
    text = (await ask('Arguments: ', text)).trim()
    if (text === '') return undefined
    const problems = problemsOf(text, schema)
    if (problems.length === 0) return text
    tell(problems.map((problem) => `${printableLine(problem)}\n`).join(''))
  }
}

function problemsOf(text: string, schema: string | undefined): readonly string[] {
  try {
    return checkArguments(text, schema)
  } catch (error) {
    return [`not JSON: ${error instanceof Error ? error.message : String(error)}`]
  }
}
