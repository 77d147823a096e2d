import { createAgent } from '@starling/core'
import { toHex } from '@starling/event'
import { validateRun, type EventLog } from '@starling/eventlog'
import { agent } from '../agent.ts'
import { countCalls } from './count-calls.ts'
import { check } from './demo-failure.ts'
import { sayProved } from './terminal.ts'

/** Checks the hash chain and the Merkle root of a run. */
export async function validate(log: EventLog, runId: string): Promise<void> {
  const { status, events, reason, root } = await validateRun(log, runId)
  check(status === 'ok', `run ${runId} does not validate: ${status}, ${reason ?? 'no reason given'}`)
  sayProved(
    `${runId}: ${events} events, an unbroken hash chain, Merkle root ${toHex(root ?? new Uint8Array()).slice(0, 16)}…`,
  )
}

/** Runs a recording again without the model, and compares every event. */
export async function replay(log: EventLog, runId: string): Promise<void> {
  const { counted, counts } = countCalls(agent)
  const report = await createAgent({ ...counted, log }).replay(runId)
  const [divergence] = report.divergences
  check(divergence === undefined, `the replay of ${runId} diverged: ${divergence?.message ?? ''}`)
  const { eventsRecorded, eventsReproduced } = report
  check(report.status === 'match', `the replay of ${runId} says ${report.status}`)
  check(
    eventsReproduced === eventsRecorded,
    `the replay of ${runId} reproduced ${eventsReproduced} of ${eventsRecorded} events`,
  )
  check(counts.models === 0, `the replay of ${runId} called the model ${counts.models} times`)
  sayProved(
    `${runId}: ${eventsReproduced} of ${eventsRecorded} events came out byte for byte; ` +
      `${counts.tools} tool calls made again, 0 model calls`,
  )
}
