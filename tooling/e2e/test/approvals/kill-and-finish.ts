import { join } from 'node:path'
import { createAgent, decideApprovals } from '@starling/core'
import { KIND } from '@starling/event'
import { openSqliteEventLog } from '@starling/eventlog-sqlite'
import type { ProcessEnd } from '../programs.ts'
import { findBroken, makeFolder, readRun, readWaiting, RUN } from './folder.ts'
import { journalIn, LOG } from './program.ts'
import type { Scenario } from './scenario.ts'

/** A process that works on the run of a folder, and is killed at an event when it is told to. */
export type Step = (folder: string, crashAtSeq?: number) => Promise<ProcessEnd>

/** A process that is killed at an event. */
export interface Kill {
  readonly name: string
  readonly seq: number
  /** The folder it finds. Default: an empty one. */
  readonly from?: string | undefined
  readonly step: Step
}

/** A process that is killed at each of the events from `first` to `last`. */
export function killsAt(
  name: string,
  [first, last]: readonly [number, number],
  how: Omit<Kill, 'name' | 'seq'>,
): readonly Kill[] {
  return Array.from({ length: last - first + 1 }, (_item, index) => {
    return { ...how, name: `${name}, ${first + index}`, seq: first + index }
  })
}

/** Kills a process, has this one bring the run to its end, and returns what is broken then. */
export async function killAndFinish(directory: string, scenario: Scenario, kill: Kill): Promise<readonly string[]> {
  const { name, seq, from, step } = kill
  const folder = makeFolder(directory, name, from)
  const { signal, code, stderr } = await step(folder, seq)
  if (signal !== 'SIGKILL') return [`${name}: not killed, exit code ${String(code)}: ${stderr}`]
  const left = (await readRun(folder)).length
  if (left !== seq) return [`${name}: ${left} events outlived the kill`]
  const problem = await finish(folder, scenario)
  const broken = problem === undefined ? await findBroken(folder, scenario) : [problem]
  return broken.map((text) => `${name}: ${text}`)
}

// Asking, deciding and resuming, once more each for a call in doubt, and the last resume.
const MOST_STEPS = 8

/**
 * Decides whatever waits and resumes, each step on a log that it opens and
 * closes, until the run has ended; returns what went wrong, if anything. Goes
 * through the engine: of the processes that the command line would start for
 * it, the others of the test are examples enough.
 */
async function finish(folder: string, scenario: Scenario): Promise<string | undefined> {
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    const events = await readRun(folder)
    if (events.at(-1)?.kind === KIND.RunCompleted) return undefined
    const waiting = events.length === 0 ? [] : await readWaiting(folder)
    await using log = await openSqliteEventLog({ path: join(folder, LOG) })
    if (waiting.length > 0) {
      // What may have been done already is not done again.
      const decisions = waiting.map((request) =>
        request.reason === 'in_doubt'
          ? ({ callId: request.callId, decision: 'deny' } as const)
          : scenario.decide(request),
      )
      await decideApprovals(log, { runId: RUN, decisions })
      continue
    }
    const agent = createAgent({ ...scenario.define(journalIn(folder)), log })
    const how = { onApproval: 'suspend' } as const
    const { status, error } = await (events.length === 0
      ? agent.runWithId(RUN, 'Ship it', how)
      : agent.resume(RUN, how).result)
    if (status !== 'completed' && status !== 'suspended') return `the run has ${status}: ${error?.message ?? ''}`
  }
  return `the run has not ended after ${MOST_STEPS} steps`
}
