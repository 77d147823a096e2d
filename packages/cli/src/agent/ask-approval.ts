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

const IN_DOUBT_CHOICES = 'yes makes it again; no leaves its outcome unknown; give tells the model what came of it'

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
  const isInDoubt = request.reason === 'in_doubt'
  const letters = ['y', 'n', 'e', ...(isInDoubt ? ['g'] : []), ...(canWait ? ['l'] : [])]
  const given = isInDoubt ? `, ${paint.bold('g')}ive its result` : ''
  const later = canWait ? `, ${paint.bold('l')}ater` : ''
  const choices = `${paint.bold('y')}es, ${paint.bold('n')}o, ${paint.bold('e')}dit${given}${later}`
  for (;;) {
    const answer = (await ask(`${isInDoubt ? 'Make it again?' : 'Allow it?'} ${choices} [no] `)).trim()
    const letter = WORDS.get(answer.toLowerCase())
    if (letter === 'y') return { decision: 'approve' }
    if (letter === 'n') return deny(await ask('Why not? The model is told. [no reason] '))
    if (letter === 'e') {
      const input = await askArguments(request, ask, options)
      if (input !== undefined) return { decision: 'approve', input }
    } else if (letter === 'g' && isInDoubt) {
      const result = await askResult(ask, options)
      if (result !== undefined) return { decision: 'answer', result }
    } else if (letter !== 'l') tell(`${printableLine(answer)} is none of ${letters.join(', ')}\n`)
    else if (canWait) return { decision: 'later' }
    else tell('it cannot be put off: the log of this run has no place for what waits\n')
  }
}

const WORDS: ReadonlyMap<string, string> = new Map([
  ['', 'n'],
  ...['yes', 'no', 'edit', 'give', 'later'].flatMap((word): [string, string][] => {
    const letter = word.slice(0, 1)
    return [
      [word, letter],
      [letter, letter],
    ]
  }),
])

function describe(request: ApprovalRequest, { paint, nowMs }: AskApprovalOptions): string {
  const { tool, callId, input, expiresAt } = request
  const until = deadlineText(expiresAt, nowMs, 'denied')
  const why = until === '' ? reasonText(request) : `${reasonText(request)}; ${until}`
  const head = `${paint.bold(paint.yellow(printableLine(tool)))} ${paint.dim(printableLine(callId))}`
  const args = printable(prettyJson(input)).replaceAll(/^/gm, '  ')
  const meaning = request.reason === 'in_doubt' ? `  ${IN_DOUBT_CHOICES}\n` : ''
  return `\n${head}: ${why}\n${args}\n${meaning}`
}

function deny(reason: string): ApprovalAnswer {
  const said = reason.trim()
  return { decision: 'deny', reason: said === '' ? undefined : said }
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

/** What came of a call, as whoever looked has found it; `undefined` when the person thinks better of it. */
async function askResult(ask: Ask, { tell }: AskApprovalOptions): Promise<string | undefined> {
  for (let text = ''; ;) {
    text = (await ask('Its result as JSON: ', text === '' ? undefined : text)).trim()
    if (text === '') return undefined
    try {
      JSON.parse(text)
      return text
    } catch (error) {
      tell(`not JSON: ${printableLine(error instanceof Error ? error.message : String(error))}\n`)
    }
  }
}

function problemsOf(text: string, schema: string | undefined): readonly string[] {
  try {
    return checkArguments(text, schema)
  } catch (error) {
    return [`not JSON: ${error instanceof Error ? error.message : String(error)}`]
  }
}
