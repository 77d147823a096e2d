import { createAgent, type AgentDefinition, type ApprovalChoice, type CallDecision } from '@starling/core'
import type { EventLog } from '@starling/eventlog'
import { nameForceFlag } from '../agent/agent-flags.ts'
import { createAppendGate } from '../agent/append-gate.ts'
import { withSources } from '../agent/close-sources.ts'
import { followRun } from '../agent/follow-run.ts'
import { loadAgent } from '../agent/load-agent.ts'
import { loadConfig } from '../agent/load-config.ts'
import { usageError } from '../cli-error.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { findRun } from '../find-run.ts'
import { onInterrupt } from '../interrupt.ts'
import { openLog } from '../open-log.ts'
import { checkInput } from './check-input.ts'
import type { DecideInvocation } from './decide-flags.ts'
import { checkSame } from './decided-calls.ts'
import { findCalls } from './find-calls.ts'
import { isDecidable, readWaiting } from './read-waiting.ts'
import { recordDecisions } from './record-decisions.ts'
import { announceDecision, reportDecision } from './report-decision.ts'
import { settleChoice } from './settle-choice.ts'

/** Records a decision on calls of a run and, once nothing waits any more, goes on with the run. */
export async function decideCommand(invocation: DecideInvocation, choice: ApprovalChoice): Promise<ExitCode> {
  checkFlags(invocation, choice)
  // First, so that an agent that cannot be loaded leaves everything as it was.
  const definition = await findAgent(invocation, choice)
  return withSources(definition, invocation, async () => decide(invocation, choice, definition))
}

async function decide(
  invocation: DecideInvocation,
  given: ApprovalChoice,
  definition: AgentDefinition | undefined,
): Promise<ExitCode> {
  const { io, log: target, args, flags } = invocation
  const [run = '', ...named] = args
  await using log = await openLog(io, target, 'write')
  const runId = await findRun(log, run, target)
  const { all, question } = flags
  const { calls, hasEnded, sources } = await findCalls(log, { runId, named, all, question, target, nowMs: io.nowMs() })
  checkSame(
    calls.flatMap((call) => call.decided ?? []),
    given,
  )
  const open = calls.filter((call) => call.decided === undefined)
  checkInput(open, given, { definition, sources })
  const decided = { runId, calls: open, choice: given }
  const choice = await interruptible(io, async (signal) => settleChoice(invocation, decided, signal))
  if (typeof choice === 'number') return choice
  // What was shown is what is decided on, and nothing that has come in its place since.
  const decisions = open.map(({ callId, turnId, argsHash }): CallDecision => {
    return { ...choice, callId, turnId, argsHash, by: flags.by ?? io.user, reason: flags.reason }
  })
  await announceDecision(invocation, { runId, calls: open, choice })
  const recorded = await interruptible(io, async (signal) => {
    return { count: open.length === 0 ? 0 : await recordDecisions(log, { runId, decisions, signal }) }
  })
  if (typeof recorded === 'number') return recorded
  const left = (await readWaiting(log, runId)).filter((call) => isDecidable(call, io.nowMs()))
  const goesOn = definition !== undefined && !flags['no-resume'] && left.length === 0 && !hasEnded
  await reportDecision(invocation, { runId, calls, choice, recorded: recorded.count, left, goesOn, hasEnded })
  if (!goesOn) return EXIT.ok
  // Awaited here: the log must stay open until the run has ended.
  return await goOn(invocation, { log, runId, definition })
}

/** What came of `work`, which records nothing once it is interrupted; the exit code where it was. */
async function interruptible<T>(
  io: DecideInvocation['io'],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | ExitCode> {
  const interrupt = onInterrupt(io)
  try {
    return await work(interrupt.signal)
  } catch (error) {
    if (!interrupt.signal.aborted) throw error
    await io.stderr.write('\nstarling: interrupted; nothing was recorded\n')
    return interrupt.exitCode
  } finally {
    interrupt.release()
  }
}

/** The agent to go on with, and to hold arguments against, where there is one and it is wanted. */
async function findAgent(
  { io, flags }: DecideInvocation,
  choice: ApprovalChoice,
): Promise<AgentDefinition | undefined> {
  const isEdited = choice.decision === 'approve' && choice.input !== undefined
  if (flags['no-resume'] && !isEdited) return undefined
  if (flags.agent === undefined && (await loadConfig(io))?.agent === undefined) return undefined
  // What it asks next is for a next decision: whoever has made this one need not be there for it.
  return { ...(await loadAgent(flags.agent, io)), approve: undefined }
}

async function goOn(
  invocation: DecideInvocation,
  run: { readonly log: EventLog; readonly runId: string; readonly definition: AgentDefinition },
): Promise<ExitCode> {
  const { agent, quiet } = invocation.flags
  const { runId, definition } = run
  const gate = createAppendGate(run.log)
  const handle = createAgent({ ...definition, log: gate.log }).resume(runId, { onApproval: 'suspend' })
  return followRun(handle, invocation, { definition, gate, agent, approve: 'later', quiet }).catch(
    nameForceFlag(definition, DECIDED_FORCE),
  )
}

/** What cannot go on here has its decision all the same, and goes on elsewhere. */
const DECIDED_FORCE = 'the decision is recorded; use starling resume --force to'

function checkFlags({ flags, args }: DecideInvocation, choice: ApprovalChoice): void {
  const named = args.slice(1)
  if (flags.all && named.length > 0) throw usageError('use only one of --all or the ids of calls')
  if (flags.question !== undefined && (flags.all || named.length > 1)) {
    throw usageError('--question is for one question of one call')
  }
  if (flags.by === '') throw usageError('--by needs a name, got an empty text')
  const isForOne = choice.decision === 'answer' || (choice.decision === 'approve' && choice.input !== undefined)
  if (!isForOne || (!flags.all && named.length < 2)) return
  throw usageError(`${choice.decision === 'answer' ? '--result' : '--input'} is for one call; name it`)
}
