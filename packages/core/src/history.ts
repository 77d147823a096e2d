import { decodePayload, KIND } from '@starling/event'
import type { Event, RunStarted } from '@starling/event'
import { createValidator, readPages } from '@starling/eventlog'
import { ENGINE } from '@starling/step'
import type { Engine } from '@starling/step'
import { CoreError } from './core-error.ts'
import { describeMismatch, SCHEMA_VERSION } from './run-start.ts'
import type { AgentSetup } from './session.ts'

/**
 * Reads a run that is to be continued page by page, and makes sure that it can
 * be. `take` gets every page as it comes; that it throws counts only for a run
 * that is in order.
 *
 * @throws {@link CoreError} `CORE_RUN_NOT_FOUND`, `CORE_RUN_ENDED`, `CORE_CORRUPT`; what `take` has thrown.
 */
export async function readResumable(
  log: AgentSetup['options']['log'],
  runId: string,
  take: (page: readonly Event[]) => void,
): Promise<void> {
  const validator = createValidator()
  let refusal: { readonly error: unknown } | undefined
  let isEmpty = true
  for await (const page of readPages(log, runId)) {
    isEmpty = false
    for (const event of page) validator.push(event)
    if (refusal !== undefined) continue
    try {
      take(page)
    } catch (error) {
      refusal = { error }
    }
  }
  if (isEmpty) throw notFound(runId)
  const { status, reason } = validator.finish()
  if (status === 'ok') throw new CoreError('CORE_RUN_ENDED', `run ${runId} has ended and cannot be resumed`)
  if (status === 'corrupt') {
    throw new CoreError('CORE_CORRUPT', `run ${runId} is corrupt: ${reason ?? 'it does not validate'}`)
  }
  if (refusal !== undefined) throw refusal.error
}

function notFound(runId: string): CoreError {
  return new CoreError('CORE_RUN_NOT_FOUND', `there is no run ${runId} in the log`)
}

/**
 * Reads a whole run.
 *
 * @throws {@link CoreError} `CORE_RUN_NOT_FOUND` when there is none.
 */
export async function readRun(log: AgentSetup['options']['log'], runId: string): Promise<readonly Event[]> {
  const events: Event[] = []
  for await (const page of readPages(log, runId)) events.push(...page)
  if (events.length === 0) throw notFound(runId)
  return events
}

/**
 * Makes sure that a run goes on with the agent that began it: its replay could
 * not follow another one, and the model would be shown another's conversation.
 *
 * @throws {@link CoreError} `CORE_AGENT_MISMATCH`.
 */
export function checkSameAgent(setup: AgentSetup, first: Event | undefined, engine: Engine): void {
  if (first?.kind !== KIND.RunStarted) return
  const mismatch = describeMismatch(setup, decodePayload(KIND.RunStarted, first.payload), engine)
  if (mismatch === undefined) return
  const text = `run ${first.runId} was recorded with another agent: ${mismatch}; pass force to resume it all the same`
  throw new CoreError('CORE_AGENT_MISMATCH', text)
}

/**
 * The first event of a run.
 *
 * @throws {@link CoreError} `CORE_CORRUPT` when it is another.
 */
export function startOf(history: readonly Event[]): RunStarted {
  const first = history[0]
  if (first?.kind !== KIND.RunStarted) throw new CoreError('CORE_CORRUPT', 'the run does not begin with RunStarted')
  return decodePayload(KIND.RunStarted, first.payload)
}

/**
 * The rules a recording was made under.
 *
 * @throws {@link CoreError} `CORE_SCHEMA_MISMATCH` for rules that this version does not know.
 */
export function engineOf(history: readonly Event[]): Engine {
  const { engine: recorded = 0, schemaVersion } = startOf(history)
  const engine = Object.values(ENGINE).find((known) => known === recorded)
  if (schemaVersion !== SCHEMA_VERSION || engine === undefined) {
    const text = `run ${history[0]?.runId} was recorded with schema ${schemaVersion} and engine ${recorded}; this version knows schema ${SCHEMA_VERSION} and engines up to ${Math.max(...Object.values(ENGINE))}`
    throw new CoreError('CORE_SCHEMA_MISMATCH', text)
  }
  return engine
}
