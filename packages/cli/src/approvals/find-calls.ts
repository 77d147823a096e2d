import type { EventLog } from '@starling/eventlog'
import { CliError, usageError } from '../cli-error.ts'
import { shellWord } from '../output/shell-word.ts'
import { questionName } from './approval-words.ts'
import type { RecordedSources } from './check-input.ts'
import { DecisionReader, hashOf, type DecidedCalls, type RecordedDecision } from './decided-calls.ts'
import { readRunState } from './read-run-state.ts'
import { isDecidable, readWaiting, type WaitingCall } from './read-waiting.ts'

/** Which calls of a run are meant. */
export interface NamedCalls {
  readonly runId: string
  /** How the calls were named: in full, or by the beginning of their ids. */
  readonly named: readonly string[]
  /** All that wait. */
  readonly all: boolean
  /** The beginning of the hash of the question that is meant. Default: the only one. */
  readonly question: string | undefined
  /** The log, for saying how to go on. */
  readonly target: string
  readonly nowMs: number
}

/** A call that was named; whether it still waits is for the log to say. */
export type FoundCall = Pick<WaitingCall, 'callId'> &
  Partial<WaitingCall> & {
    /** What has been decided, where it does not wait any more. */
    readonly decided?: RecordedDecision | undefined
  }

/** What was named, in which state of the run. */
export interface FoundCalls {
  readonly calls: readonly FoundCall[]
  /** Whether the run has ended: nothing can be decided in it. */
  readonly hasEnded: boolean
  /** The sources of tools that the run has on record. */
  readonly sources: RecordedSources
}

/**
 * Returns what was named: without any name the only thing that waits. Where
 * nothing waits any more, it is what has been decided last.
 *
 * @throws {@link CliError} `CLI_CALL_NOT_FOUND`, `CLI_RUN_STATE` when nothing waits, and nothing was decided,
 *   `CLI_USAGE` when it is not clear which.
 */
export async function findCalls(log: EventLog, request: NamedCalls): Promise<FoundCalls> {
  const { runId, named } = request
  const decided = new DecisionReader()
  const state = await readRunState(log, runId, (event) => decided.follow(event))
  const hasEnded = state.terminal !== undefined
  const sources = state.started?.toolSources ?? []
  const waiting = hasEnded ? [] : await readWaiting(log, runId)
  const candidates = { request, waiting, decided }
  if (named.length === 0) return { calls: findUnnamed(candidates, hasEnded), hasEnded, sources }
  const ids = new Set(named.map((name) => findId(name, candidates)))
  const calls = [...ids].map((callId) => findOne(callId, candidates))
  if (hasEnded && calls.some((call) => call.decided === undefined)) throw ended(request)
  return { calls, hasEnded, sources }
}

interface Candidates {
  readonly request: NamedCalls
  readonly waiting: readonly WaitingCall[]
  readonly decided: DecidedCalls
}

function findUnnamed({ request, waiting, decided }: Candidates, hasEnded: boolean): readonly FoundCall[] {
  const { runId, all, question, nowMs } = request
  // What cannot be decided here, or not any more, must not keep the others from it.
  const open = waiting.filter((call) => isDecidable(call, nowMs))
  if (open.length === 0) {
    const before = waiting.length > 0 ? [] : findDecided(decided, question)
    if (before.length > 0) return before
    throw hasEnded ? ended(request) : nothingWaits(request, waiting)
  }
  if (question !== undefined) return [findQuestion(question, open, request)]
  if (!all && open.length > 1) {
    const what = open.some((call) => call.question !== undefined) ? 'decisions' : 'calls'
    const names = open.map(({ callId, tool }) => `${JSON.stringify(callId)} (${tool})`)
    throw usageError(`${open.length} ${what} of run ${runId} wait: ${names.join(', ')}; name some of them, or --all`)
  }
  return open
}

/** What was decided last: somebody was quicker, or decides once more. */
function findDecided(decided: DecidedCalls, question: string | undefined): readonly FoundCall[] {
  const last = decided.ofLastTurn()
  const meant = question === undefined ? last : last.filter((one) => decided.find(one.callId, question) === one)
  return meant.map(foundDecided)
}

function foundDecided(decided: RecordedDecision): FoundCall {
  const argsHash = hashOf(decided)
  return { callId: decided.callId, decided, ...(argsHash === undefined ? {} : { argsHash }) }
}

function ended({ runId }: NamedCalls): CliError {
  return new CliError('CLI_RUN_STATE', `run ${runId} has ended: none of its calls waits for a decision`)
}

function nothingWaits({ runId, target }: NamedCalls, waiting: readonly WaitingCall[]): CliError {
  const resume = `\`starling resume ${shellWord(target)} ${shellWord(runId)}\``
  const held = waiting.find((call) => call.held === true)
  const why = held === undefined ? '' : `: ${heldText(held)}`
  return new CliError('CLI_RUN_STATE', `no call of run ${runId} waits for a decision${why}; ${resume} goes on with it`)
}

/** Returns why a question is for its own process alone. */
export function heldText({ callId }: Pick<WaitingCall, 'callId'>): string {
  return `the question of call ${callId} can be answered only by the process that asked it`
}

/** What a call waits for: the question that is meant, else the call itself, else its only question. */
function findOne(callId: string, { request, waiting, decided }: Candidates): FoundCall {
  const ofCall = waiting.filter((call) => call.callId === callId)
  const open = ofCall.filter((call) => isDecidable(call, request.nowMs))
  const before = decided.find(callId, request.question)
  if (open.length === 0 && ofCall.length === 0 && before !== undefined) return foundDecided(before)
  if (request.question !== undefined) return findQuestion(request.question, open, request)
  const [first] = open
  const itself = open.find(({ question }) => question === undefined)
  if (itself !== undefined || first === undefined) return itself ?? ofCall[0] ?? { callId }
  if (new Set(open.map(({ argsHash }) => argsHash)).size === 1) return first
  throw usageError(`call ${callId} asks ${open.length} questions: ${namesOf(open)}; name one with --question`)
}

function findQuestion(name: string, open: readonly WaitingCall[], { runId, target }: NamedCalls): WaitingCall {
  const asked = open.filter(({ question }) => question !== undefined)
  const matching = asked.filter(({ argsHash }) => name !== '' && argsHash.startsWith(name.toLowerCase()))
  const [first] = matching
  if (first === undefined) {
    const there = `\`starling approvals ${shellWord(target)} ${shellWord(runId)}\` shows what waits`
    throw new CliError('CLI_CALL_NOT_FOUND', `no question of run ${runId} is named ${JSON.stringify(name)}; ${there}`)
  }
  if (new Set(matching.map(({ callId, argsHash }) => `${argsHash} ${callId}`)).size === 1) return first
  throw usageError(
    `several questions begin with ${JSON.stringify(name)}: ${namesOf(matching)}; name the call and more of the hash`,
  )
}

function namesOf(asked: readonly WaitingCall[]): string {
  return asked.map((call) => `${questionName(call)} (${call.question?.message ?? ''})`).join(', ')
}

/** What waits comes first: a beginning that fits a call from long ago as well is not ambiguous. */
function findId(name: string, { request, waiting, decided }: Candidates): string {
  const { runId, target } = request
  const { known } = decided
  if (known.includes(name)) return name
  const asking = waiting.map(({ callId }) => callId).filter((callId) => callId.startsWith(name))
  const matching = asking.length > 0 ? asking : known.filter((callId) => callId.startsWith(name))
  const [only, second] = new Set(name === '' ? [] : matching)
  if (only === undefined) {
    const there = `\`starling approvals ${shellWord(target)} ${shellWord(runId)}\` shows what waits`
    throw new CliError('CLI_CALL_NOT_FOUND', `call ${JSON.stringify(name)} not found in run ${runId}; ${there}`)
  }
  if (second === undefined) return only
  const names = [...new Set(matching)].slice(0, 5).map((callId) => JSON.stringify(callId))
  throw usageError(`several calls begin with ${JSON.stringify(name)}: ${names.join(', ')}; name more of the id`)
}
