import { needsInput } from '../form/check-form.ts'
import { printableLine } from '../output/printable.ts'
import { shellWord } from '../output/shell-word.ts'
import { questionName } from './approval-words.ts'
import type { WaitingCall } from './read-waiting.ts'

/** What a suggested command is about; ids may say anything, so control characters come out as escapes. */
export interface CommandTarget {
  readonly log: string
  readonly runId: string
  /** The agent module that was named; `undefined` when the configuration names it, or nothing does. */
  readonly agent?: string | undefined
}

/** Returns the command that goes on with a run. */
export function resumeCommand({ log, runId, agent }: CommandTarget): string {
  return printableLine(`starling resume ${agentFlag(agent)}${shellWord(log)} ${shellWord(runId)}`)
}

/** What a run waits for, as far as a command must name it. */
type Named = Pick<WaitingCall, 'callId' | 'question' | 'argsHash'>

/** Returns the command that decides on what a run waits for: on all of it, or on the first where each must be named. */
export function approveCommand(target: CommandTarget, waiting: readonly Named[]): string {
  const [first] = waiting
  const isOne = waiting.length === 1 || waiting.some(isToFillIn)
  return first !== undefined && isOne ? approveOneCommand(target, first, waiting) : approve(target, '--all')
}

/** Returns the command that decides on one of the things that wait in a run. */
export function approveOneCommand(target: CommandTarget, one: Named, waiting: readonly Named[]): string {
  const call = shellWord(one.callId)
  const ofCall = waiting.filter(({ callId }) => callId === one.callId)
  const isTold = one.question === undefined || new Set(ofCall.map(({ argsHash }) => argsHash)).size <= 1
  return approve(target, isTold ? call : `${call} --question ${questionName(one)}`)
}

/** Whether to approve it takes an answer that nobody can give in its stead. */
export function isToFillIn({ question }: Pick<WaitingCall, 'question'>): boolean {
  return question?.type === 'form' && needsInput(question.schema)
}

function approve({ log, runId, agent }: CommandTarget, which: string): string {
  return printableLine(`starling approve ${agentFlag(agent)}${shellWord(log)} ${shellWord(runId)} ${which}`)
}

function agentFlag(agent: string | undefined): string {
  return agent === undefined ? '' : `--agent ${shellWord(agent)} `
}
