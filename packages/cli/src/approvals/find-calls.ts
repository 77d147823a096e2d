import { decodePayload, KIND } from '@starling/event'
import type { EventLog } from '@starling/eventlog'
import { CliError, usageError } from '../cli-error.ts'
import { shellWord } from '../output/shell-word.ts'
import { readRunState } from './read-run-state.ts'
import { isExpired, readWaiting, type WaitingCall } from './read-waiting.ts'

/** Which calls of a run are meant. */
export interface NamedCalls {
  readonly runId: string
  /** How the calls were named: in full, or by the beginning of their ids. */
  readonly named: readonly string[]
  /** All that wait. */
  readonly all: boolean
  /** The log, for saying how to go on. */
  readonly target: string
  readonly nowMs: number
}

/** A call that was named; whether it still waits is for the log to say. */
export type FoundCall = Pick<WaitingCall, 'callId'> & Partial<WaitingCall>

/**
 * Returns the calls that were named: without any name the only one that waits.
 *
 * @throws {@link CliError} `CLI_CALL_NOT_FOUND`, `CLI_RUN_STATE` when nothing waits, `CLI_USAGE` when it is not clear which.
 */
export async function findCalls(log: EventLog, request: NamedCalls): Promise<readonly FoundCall[]> {
  const { runId, named, all, target, nowMs } = request
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
    return [...ids].map((callId) => waiting.find((call) => call.callId === callId) ?? { callId })
  }
  // What has expired cannot be decided any more, and must not keep the others from it.
  const open = waiting.filter((call) => !isExpired(call, nowMs))
  if (open.length === 0) {
    const goOn = `\`starling resume ${shellWord(target)} ${shellWord(runId)}\` goes on with it`
    throw new CliError('CLI_RUN_STATE', `no call of run ${runId} waits for a decision; ${goOn}`)
  }
  if (!all && open.length > 1) {
    const names = open.map(({ callId, tool }) => `${JSON.stringify(callId)} (${tool})`)
    throw usageError(`${open.length} calls of run ${runId} wait: ${names.join(', ')}; name some of them, or --all`)
  }
  return open
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
