import { decodePayload, KIND } from '@starling/event'
import type { EventLog } from '@starling/eventlog'
import { CliError, usageError } from '../cli-error.ts'
import { shellWord } from '../output/shell-word.ts'
import { readRunState } from './read-run-state.ts'
import { questionName } from './approval-words.ts'
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
export type FoundCall = Pick<WaitingCall, 'callId'> & Partial<WaitingCall>

/**
 * Returns what was named: without any name the only thing that waits.
 *
 * @throws {@link CliError} `CLI_CALL_NOT_FOUND`, `CLI_RUN_STATE` when nothing waits, `CLI_USAGE` when it is not clear which.
 */
export async function findCalls(log: EventLog, request: NamedCalls): Promise<readonly FoundCall[]> {
  const { runId, named, all, nowMs } = request
  const known: string[] = []
  const state = await readRunState(log, runId, ({ kind, payload }) => {
    if (kind !== KIND.AssistantMessageCompleted) return
    known.push(...(decodePayload(kind, payload).toolUses ?? []).map(({ callId }) => callId))
  })
  if (state.terminal !== undefined) {
    throw new CliError('CLI_RUN_STATE', `run ${runId} has ended: none of its calls waits for a decision`)
  }
  const waiting = await readWaiting(log, runId)
  if (named.length > 0) {
    const ids = new Set(named.map((name) => findId(name, { request, waiting, known })))
    return [...ids].map((callId) => findOne(callId, { request, waiting }))
  }
  // What cannot be decided here, or not any more, must not keep the others from it.
  const open = waiting.filter((call) => isDecidable(call, nowMs))
  const [first] = open
  if (first === undefined) throw nothingWaits(request, waiting)
  if (request.question !== undefined) return [findQuestion(request.question, open, request)]
  if (!all && open.length > 1) {
    const what = open.some(({ question }) => question !== undefined) ? 'decisions' : 'calls'
    const names = open.map(({ callId, tool }) => `${JSON.stringify(callId)} (${tool})`)
    throw usageError(`${open.length} ${what} of run ${runId} wait: ${names.join(', ')}; name some of them, or --all`)
  }
  return open
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
function findOne(
  callId: string,
  { request, waiting }: { readonly request: NamedCalls; readonly waiting: readonly WaitingCall[] },
): FoundCall {
  const ofCall = waiting.filter((call) => call.callId === callId)
  const open = ofCall.filter((call) => isDecidable(call, request.nowMs))
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

interface Candidates {
  readonly request: NamedCalls
  readonly waiting: readonly WaitingCall[]
  /** The ids of every call that the model has planned. */
  readonly known: readonly string[]
}

/** What waits comes first: a beginning that fits a call from long ago as well is not ambiguous. */
function findId(name: string, { request, waiting, known }: Candidates): string {
  const { runId, target } = request
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
