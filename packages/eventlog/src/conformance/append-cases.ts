import { fromHex } from '@starling/event'
import type { Event } from '@starling/event'

import { RunBuilder } from './runs.ts'
import { at } from './test-steps.ts'

/** One append, and whether the rules of the log format allow it. */
export interface AppendStep {
  readonly runId: string
  readonly event: Event
  readonly allowed: boolean
  /** The words of the rule that refuses it. */
  readonly detail?: string | undefined
}

/** Appends to an empty log, one after the other. */
export interface AppendCase {
  readonly name: string
  readonly steps: readonly AppendStep[]
}

const X: Event = at(new RunBuilder('r1', 0n).say('x').events, 0)
const START: Event = at(new RunBuilder('r1').start({ goal: 'a' }).events, 0)
const SECOND: Event = at(new RunBuilder('r1').start({ goal: 'a' }).say('b').events, 1)
const OF_RUN_B: Event = at(new RunBuilder('run-b', 0n).start({ goal: 'x' }).events, 0)
const OF_R1: Event = { ...OF_RUN_B, runId: 'r1' }
const ENDED: readonly Event[] = endedAndContinued()

/** What the log format says about appends: which are refused, and with which words. */
export const APPEND_CASES: readonly AppendCase[] = [
  one('first-event-must-be-seq-1', refused({ ...X, seq: 5 }, 'first event must have Seq=1, got 5')),
  one(
    'first-event-must-have-empty-prev-hash',
    refused({ ...X, prevHash: fromHex('01') }, 'first event must have empty PrevHash'),
  ),
  { name: 'seq-skip', steps: [allowed(START), refused({ ...SECOND, seq: 3 }, 'expected Seq=2, got 3')] },
  { name: 'seq-repeat', steps: [allowed(START), refused(START, 'expected Seq=2, got 1')] },
  {
    name: 'prev-hash-mismatch',
    steps: [
      allowed(START),
      refused({ ...SECOND, prevHash: new Uint8Array(32) }, 'PrevHash does not match prior event hash'),
    ],
  },
  one('run-id-param-mismatch', {
    ...refused(OF_RUN_B, 'runID parameter "run-a" does not match event RunID "run-b"'),
    runId: 'run-a',
  }),
  one('empty-run-id-param', { ...refused(OF_R1, 'empty runID parameter'), runId: '' }),
  one('empty-event-run-id', { ...refused({ ...OF_R1, runId: '' }, 'event has empty RunID'), runId: 'r1' }),
  { name: 'happy-path-5', steps: fiveMessages().map((event) => allowed(event)) },
  one('first-event-kind-is-not-checked', allowed(X)),
  { name: 'append-after-terminal-is-not-checked', steps: ENDED.map((event) => allowed(event)) },
]

function one(name: string, step: AppendStep): AppendCase {
  return { name, steps: [step] }
}

function allowed(event: Event): AppendStep {
  return { runId: event.runId, event, allowed: true }
}

function refused(event: Event, detail: string): AppendStep {
  return { runId: event.runId, event, allowed: false, detail }
}

function fiveMessages(): readonly Event[] {
  const run = new RunBuilder('r1').start({ goal: 'msg-0' })
  for (const content of ['msg-1', 'msg-2', 'msg-3', 'msg-4']) run.say(content)
  return run.events
}

/** A run that goes on after its terminal event, which has no Merkle root. */
function endedAndContinued(): readonly Event[] {
  return new RunBuilder('r1').start({ goal: 'a' }).completeWithoutRoot('ok').say('late').events
}
