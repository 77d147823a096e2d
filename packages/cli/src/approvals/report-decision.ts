import type { ApprovalChoice } from '@starling/core'
import { blake3, jsonToCbor, toHex } from '@starling/event'
import { count } from '../output/format.ts'
import { printableLine } from '../output/printable.ts'
import { approveCommand, resumeCommand } from './commands-to-type.ts'
import type { DecideInvocation } from './decide-flags.ts'
import type { FoundCall } from './find-calls.ts'
import type { WaitingCall } from './read-waiting.ts'
import { waitingJson } from './show-waiting.ts'

/** What is decided. */
export interface Decided {
  readonly runId: string
  readonly calls: readonly FoundCall[]
  readonly choice: ApprovalChoice
}

/** Shows what is about to be decided, before anything is recorded. */
export async function announceDecision(invocation: DecideInvocation, { runId, calls, choice }: Decided): Promise<void> {
  const { io, out, flags } = invocation
  if (out.json || flags.quiet) return
  const verb = { approve: 'approving', deny: 'denying', answer: 'answering' }[choice.decision]
  const lines = calls.flatMap((call) => {
    const { callId, tool, input } = call
    if (tool === undefined || input === undefined) return [] // It does not wait, as the log is about to say.
    const edited = choice.decision === 'approve' ? choice.input : undefined
    const made = `${printableLine(tool)} ${printableLine(edited ?? input)}`
    return [
      `${verb} call ${printableLine(callId)} of run ${printableLine(runId)}: ${made}`,
      ...(edited === undefined ? [] : [`  in place of ${printableLine(input)}`]),
      ...(choice.decision === 'answer' ? [`  with ${printableLine(choice.result)}; it is not called`] : []),
      `  arguments blake3:${hashOf(call, choice)}`,
    ]
  })
  await io.stderr.write(lines.map((line) => `${line}\n`).join(''))
}

/** What came of it. */
export interface DecisionOutcome extends Decided {
  /** How many of the decisions were not on record already. */
  readonly recorded: number
  /** The calls that still wait. */
  readonly left: readonly WaitingCall[]
  /** Whether the run goes on in this process. */
  readonly goesOn: boolean
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
  const { runId, calls, choice, recorded, left, goesOn } = outcome
  const how = { approve: 'approved', deny: 'denied', answer: 'answered' }[choice.decision]
  const said = `${count(calls.length, 'call')} of run ${printableLine(runId)} ${how}${recorded === 0 ? ' already' : ''}`
  if (goesOn) return flags.quiet ? undefined : io.stderr.write(`${said}; going on\n`)
  const target = { log: invocation.log, runId, agent: flags.agent }
  const callIds = left.map(({ callId }) => callId)
  const next =
    left.length === 0
      ? `go on with: ${resumeCommand(target)}`
      : `${count(left.length, 'call')} left, decide with: ${approveCommand(target, callIds)}`
  await out.line(`${said}; ${next}`)
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
    })),
    recorded,
    waiting: left.map(waitingJson),
  }
}

/** The hash of the arguments that is recorded with the decision. */
function hashOf({ argsHash }: FoundCall, choice: ApprovalChoice): string {
  const edited = choice.decision === 'approve' ? choice.input : undefined
  return edited === undefined ? (argsHash ?? '') : toHex(blake3(jsonToCbor(edited)))
}
