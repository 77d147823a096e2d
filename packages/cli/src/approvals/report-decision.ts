import type { ApprovalChoice } from '@starling/core'
import { blake3, jsonToCbor, toHex } from '@starling/event'
import { count } from '../output/format.ts'
import { printableLine } from '../output/printable.ts'
import { approveCommand, resumeCommand } from './commands-to-type.ts'
import type { DecideInvocation } from './decide-flags.ts'
import type { FoundCall } from './find-calls.ts'
import { isExpired, type WaitingCall } from './read-waiting.ts'
import type { Decided } from './settle-choice.ts'
import { waitingJson } from './show-waiting.ts'

/** Shows what is about to be decided, before anything is recorded. */
export async function announceDecision(invocation: DecideInvocation, { runId, calls, choice }: Decided): Promise<void> {
  const { io, out, flags } = invocation
  if (out.json || flags.quiet) return
  const lines = calls.flatMap((call) => {
    // It does not wait, or not any longer, as the log is about to say.
    const { expiresAt } = call
    if (call.tool === undefined || call.input === undefined || isExpired({ expiresAt }, io.nowMs())) return []
    const made = `call ${printableLine(call.callId)} of run ${printableLine(runId)}: ${printableLine(call.tool)}`
    return call.question === undefined ? announceCall(made, call, choice) : announceAnswer(made, call, choice)
  })
  await io.stderr.write(lines.map((line) => `${line}\n`).join(''))
}

function announceCall(made: string, call: FoundCall, choice: ApprovalChoice): readonly string[] {
  const verb = { approve: 'approving', deny: 'denying', answer: 'answering' }[choice.decision]
  const { input = '' } = call
  const edited = choice.decision === 'approve' ? choice.input : undefined
  return [
    `${verb} ${made} ${printableLine(edited ?? input)}`,
    ...(edited === undefined ? [] : [`  in place of ${printableLine(input)}`]),
    ...(choice.decision === 'answer' ? [`  with ${printableLine(choice.result)}; it is not called`] : []),
    ...(call.reason === 'in_doubt' ? [`  it may already have happened: ${OF_DOUBT[choice.decision]}`] : []),
    `  arguments blake3:${hashOf(call, choice)}`,
  ]
}

/** What becomes of a call that may have happened. */
const OF_DOUBT = {
  approve: 'it is made again',
  deny: 'it is not made again, and its outcome stays unknown',
  answer: 'this counts as what came of it',
} as const

function announceAnswer(made: string, call: FoundCall, choice: ApprovalChoice): readonly string[] {
  const { question, argsHash = '' } = call
  const verb = choice.decision === 'deny' ? 'declining' : 'answering'
  const content = choice.decision === 'approve' && question?.type === 'form' ? (choice.input ?? '{}') : undefined
  return [
    `${verb} ${made} asks ${printableLine(question?.message ?? '')}`,
    ...(question?.type === 'url' ? [`  ${printableLine(question.url)}`] : []),
    ...(content === undefined ? [] : [`  with ${printableLine(content)}`]),
    `  question blake3:${argsHash}`,
  ]
}

/** What came of it. */
export interface DecisionOutcome extends Decided {
  /** How many of the decisions were not on record already. */
  readonly recorded: number
  /** The calls that still wait. */
  readonly left: readonly WaitingCall[]
  /** Whether the run goes on in this process. */
  readonly goesOn: boolean
  /** Whether it had ended before: what is told of was decided then. */
  readonly hasEnded: boolean
}

/** Says what is on record now, and how the run goes on. */
export async function reportDecision(invocation: DecideInvocation, outcome: DecisionOutcome): Promise<void> {
  const { io, out, flags } = invocation
  if (out.json) {
    // Then there is one document, the result of the run.
    if (outcome.goesOn && flags.quiet) return undefined
    const data = outcomeJson(invocation, outcome)
    return out.data(outcome.goesOn ? { type: 'decided', ...data } : data)
  }
  const { runId, left, goesOn, hasEnded } = outcome
  if (goesOn) return flags.quiet ? undefined : io.stderr.write(`${said(outcome)}; going on\n`)
  if (hasEnded) return out.line(`${said(outcome)}; it has ended`)
  const target = { log: invocation.log, runId, agent: flags.agent }
  const next =
    left.length === 0
      ? `go on with: ${resumeCommand(target)}`
      : `${countOf(left)} left, decide with: ${approveCommand(target, left)}`
  await out.line(`${said(outcome)}; ${next}`)
}

/** `2 calls of run r approved`, `1 question of run r declined`. */
function said({ runId, calls, choice, recorded }: DecisionOutcome): string {
  const isAsked = calls.length > 0 && calls.every(isQuestion)
  const how = isAsked
    ? { approve: 'answered', deny: 'declined', answer: 'answered' }
    : { approve: 'approved', deny: 'denied', answer: 'answered' }
  const already = recorded === 0 ? ' already' : ''
  return `${countOf(calls)} of run ${printableLine(runId)} ${how[choice.decision]}${already}`
}

/** `1 call`, `2 questions`, `1 call and 1 question`. */
function countOf(waiting: readonly Pick<FoundCall, 'question' | 'decided'>[]): string {
  const questions = waiting.filter(isQuestion).length
  const calls = waiting.length - questions
  const parts = [
    ...(calls === 0 ? [] : [count(calls, 'call')]),
    ...(questions === 0 ? [] : [count(questions, 'question')]),
  ]
  return parts.join(' and ')
}

function isQuestion({ question, decided }: Pick<FoundCall, 'question' | 'decided'>): boolean {
  return question !== undefined || decided?.type === 'question-answered'
}

function outcomeJson({ io, flags }: DecideInvocation, outcome: DecisionOutcome): Record<string, unknown> {
  const { runId, calls, choice, recorded, left } = outcome
  return {
    run_id: runId,
    decision: choice.decision,
    by: flags.by ?? io.user ?? null,
    reason: flags.reason ?? null,
    calls: calls.map((call) => ({
      call_id: call.callId,
      tool: call.tool ?? null,
      args_hash: call.argsHash === undefined ? null : hashOf(call, choice),
      question: call.question ?? null,
    })),
    recorded,
    waiting: left.map(waitingJson),
  }
}

/** The hash of the arguments, or of the question, that is recorded with the decision. */
function hashOf({ argsHash, question }: FoundCall, choice: ApprovalChoice): string {
  const edited = choice.decision === 'approve' && question === undefined ? choice.input : undefined
  return edited === undefined ? (argsHash ?? '') : toHex(blake3(jsonToCbor(edited)))
}
