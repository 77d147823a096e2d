import { RunState } from '@starling/core'
import type { Event } from '@starling/event'
import type { EventLog } from '@starling/eventlog'
import { readEvents } from '../read-log.ts'

/** Folds the events of a run, as the engine does; `onEvent` sees each of them. */
export async function readRunState(
  log: EventLog,
  runId: string,
  onEvent: (event: Event) => void = () => {},
): Promise<RunState> {
  const state = new RunState()
  // Whoever decides needs the calls of a run; its conversation may be long.
  state.keepsMessages = false
  for await (const event of readEvents(log, runId)) {
    state.follow([event])
    onEvent(event)
  }
  return state
}
