import type { ApprovalChoice } from '@starling/core'
import { CliError, usageError } from '../cli-error.ts'
import { askForm } from '../form/ask-form.ts'
import { checkForm } from '../form/check-form.ts'
import { formLines, formSample } from '../form/describe-form.ts'
import { createPaint, wantsColour } from '../output/paint.ts'
import { printableLine } from '../output/printable.ts'
import { shellWord } from '../output/shell-word.ts'
import { deadlineText } from './approval-words.ts'
import { approveOneCommand, isToFillIn } from './commands-to-type.ts'
import type { DecideInvocation } from './decide-flags.ts'
import { heldText, type FoundCall } from './find-calls.ts'
import { questionLines } from './show-waiting.ts'
import { isExpired, type WaitingCall } from './read-waiting.ts'

/** What is decided, and on what. */
export interface Decided {
  readonly runId: string
  readonly calls: readonly FoundCall[]
  readonly choice: ApprovalChoice
}

type Question = NonNullable<WaitingCall['question']>

/**
 * Returns the choice as the questions among the calls take it: what answers a
 * form fits it, and has been asked for on the terminal where it was not given.
 *
 * @throws {@link CliError} `CLI_USAGE` for what answers no such question, `CLI_RUN_STATE` for one that cannot be
 *   answered here; rejects when `signal` takes the form back.
 */
export async function settleChoice(
  invocation: DecideInvocation,
  decided: Decided,
  signal: AbortSignal,
): Promise<ApprovalChoice> {
  const { calls, choice } = decided
  // Nobody fills in a form that is over already; the log says so.
  if (calls.some(({ expiresAt }) => isExpired({ expiresAt }, invocation.io.nowMs()))) return choice
  for (const call of calls) checkQuestion(call, choice, invocation)
  const form = choice.decision === 'approve' && choice.input === undefined ? calls.find(isForm) : undefined
  if (form === undefined) return choice
  if (calls.length === 1 && invocation.io.ask !== undefined) return fillIn(invocation, form, signal)
  const wanting = calls.find((call) => isToFillIn(call))
  if (wanting === undefined) return choice
  throw wantsInput(invocation, decided, wanting)
}

function isForm(call: FoundCall): call is FoundCall & { readonly question: Extract<Question, { type: 'form' }> } {
  return call.question?.type === 'form'
}

function checkQuestion(call: FoundCall, choice: ApprovalChoice, { log }: DecideInvocation): void {
  const { callId, question, held, runId = '' } = call
  if (question === undefined) return
  if (held === true) {
    const resume = `\`starling resume ${shellWord(log)} ${shellWord(runId)}\` goes on without the answer`
    throw new CliError('CLI_RUN_STATE', `${heldText({ callId })}; when that has ended, ${resume}`)
  }
  if (choice.decision === 'answer') {
    throw usageError(`call ${callId} asks a question, which takes no --result: answer it with --input, or deny it`)
  }
  if (choice.decision !== 'approve' || choice.input === undefined) return
  if (question.type === 'url') {
    throw usageError(`call ${callId} asks for a visit to an address, which takes no --input: approve or deny it`)
  }
  const problems = checkForm(question.schema, choice.input)
  if (problems.length === 0) return
  throw new CliError('CLI_USAGE', `the answer does not fit the form of call ${callId}; nothing was recorded`, {
    details: problems,
  })
}

async function fillIn(
  { io }: DecideInvocation,
  { question, callId, tool = '', expiresAt }: FoundCall & { readonly question: Extract<Question, { type: 'form' }> },
  signal: AbortSignal,
): Promise<ApprovalChoice> {
  const { ask } = io
  if (ask === undefined) throw new Error('there is nobody to ask')
  const paint = createPaint(wantsColour(io.env, io.stderr.isTTY))
  const head = `${paint.cyan(printableLine(callId))} ${paint.yellow(printableLine(tool))}`
  const until = deadlineText(expiresAt, io.nowMs())
  const lines = [head, ...questionLines({ question }, paint), ...(until === '' ? [] : [paint.dim(`  ${until}`)])]
  await io.stderr.write(`${lines.join('\n')}\n`)
  const tell = (text: string): void => void io.stderr.write(text)
  const input = await askForm(question.schema, async (text, prefill) => ask(text, { signal, prefill }), { paint, tell })
  if (input === undefined) throw usageError(`no answer was given to call ${callId}; nothing was recorded`)
  return { decision: 'approve', input }
}

/** Nobody is there to be asked, or there is more than one thing to answer. */
function wantsInput(
  { log, flags }: DecideInvocation,
  { runId, calls }: Decided,
  { callId, question, argsHash = '' }: FoundCall,
): CliError {
  const schema = question?.type === 'form' ? question.schema : ''
  const named = calls.map((call) => ({ ...call, argsHash: call.argsHash ?? '' }))
  const command = approveOneCommand({ log, runId, agent: flags.agent }, { callId, question, argsHash }, named)
  const type = `${command} --input ${shellWord(formSample(schema))}`
  const alone = calls.length > 1 ? 'must be answered by itself' : 'needs an answer'
  const message = `the form that call ${callId} asks for ${alone}: ${type}; nothing was recorded`
  return new CliError('CLI_USAGE', message, { details: formLines(schema) })
}
