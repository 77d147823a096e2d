import { encodeValue, KIND } from '@starling/event'
import type { Event, Kind, PayloadByKind, SideEffectRecorded } from '@starling/event'
import type { EventLog } from '@starling/eventlog'
import { createMemoryEventLog } from '@starling/eventlog/memory'
import { createLiveRecorder, createReplayRecorder, ENGINE } from '../../src/index.ts'
import type {
  Clock,
  LiveRecorder,
  LiveRecorderOptions,
  ReplayRecorder,
  ReplayRecorderOptions,
} from '../../src/index.ts'

/** The run of these tests. */
export const RUN = 'run-1'

/** A clock that ticks by one nanosecond per reading and never sleeps. */
export function tickingClock(): Clock {
  let ns = 1000n
  return { now: () => (ns += 1n), elapsedMs: () => 0, sleep: () => Promise.resolve() }
}

/** A live recorder over a log in memory. */
export function liveRecorder(options: Partial<LiveRecorderOptions> = {}): LiveRecorder & { readonly log: EventLog } {
  const log = options.log ?? createMemoryEventLog()
  const recorder = createLiveRecorder({ runId: RUN, engine: ENGINE.scoped, clock: tickingClock(), ...options, log })
  return Object.assign(recorder, { log })
}

/** What to emit, in order. */
export type Draft = { [K in Kind]: readonly [K, PayloadByKind[K]] }[Kind]

/** Records drafts as one run. */
export async function record(drafts: readonly Draft[]): Promise<readonly Event[]> {
  const recorder = liveRecorder()
  for (const draft of drafts) stage(recorder, draft)
  await recorder.flush()
  return recorder.log.read(RUN)
}

function stage<K extends Kind>(recorder: LiveRecorder, [kind, payload]: readonly [K, PayloadByKind[K]]): void {
  recorder.stage(kind, payload)
}

/** A replay recorder over drafts. */
export async function replayRecorder(
  drafts: readonly Draft[],
  options: Partial<ReplayRecorderOptions> = {},
): Promise<ReplayRecorder> {
  return createReplayRecorder({ recording: await record(drafts), engine: ENGINE.scoped, ...options })
}

/** The side effect that a call records under a name. */
export function effect(callId: string, name: string, ordinal = 0): SideEffectRecorded {
  return { name, value: encodeValue(`${name} of ${callId}`), callId, attempt: 1, ordinal }
}

/** The draft of {@link effect}. */
export function effectDraft(callId: string, name: string, ordinal = 0): Draft {
  return [KIND.SideEffectRecorded, effect(callId, name, ordinal)]
}

/** The draft of a call's result. */
export function completedDraft(callId: string): Draft {
  return [KIND.ToolCallCompleted, { callId, result: encodeValue(null), durationMs: 0, attempt: 1 }]
}
