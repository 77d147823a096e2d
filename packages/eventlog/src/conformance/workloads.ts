import { hasCode } from '@starling/event'
import type { Event } from '@starling/event'

import type { EventLog } from '../event-log.ts'
import { RunBuilder } from './runs.ts'

/** What {@link race} appends. */
export interface RaceOptions {
  /** Names the racer: its own runs are `own-<name>-<number>`. */
  readonly name: string
  /** How many events it wants to append to the run `shared`, which every racer builds alike. */
  readonly shared: number
  /** To how many runs of its own it appends ten events each, all at once. */
  readonly own: number
}

/** What {@link appendForEver} appends. */
export interface AppendForEverOptions {
  /** To how many runs at once: `run-0`, `run-1` and so on. */
  readonly runs: number
  /** How many events an append has. */
  readonly batch: number
  /** Is told after each append up to where the run is durable. */
  readonly onDurable: (runId: string, seq: number) => void
}

/** Races others for one run, then appends to runs of its own; returns the numbers that it has won in the shared one. */
export async function race(log: EventLog, { name, shared, own }: RaceOptions): Promise<readonly number[]> {
  const won: number[] = []
  for (const event of take(endlessChain('shared'), shared)) {
    try {
      await log.append('shared', event)
      won.push(event.seq)
    } catch (error) {
      if (!hasCode(error, 'EVENTLOG_INVALID_APPEND')) throw error
    }
  }
  await Promise.all(
    Array.from({ length: own }, async (_, n) => {
      const events = endlessChain(`own-${name}-${n}`)
      for (let step = 0; step < 5; step++) await log.append(`own-${name}-${n}`, take(events, 2))
    }),
  )
  return won
}

/** Appends until the process is killed. */
export async function appendForEver(log: EventLog, options: AppendForEverOptions): Promise<never> {
  const { runs, batch, onDurable } = options
  const appending = Array.from({ length: runs }, async (_, run): Promise<never> => {
    const runId = `run-${run}`
    for (const events = endlessChain(runId); ;) {
      const appended = take(events, batch)
      await log.append(runId, appended)
      onDurable(runId, appended.at(-1)?.seq ?? 0)
    }
  })
  return Promise.race(appending)
}

/** The events of a run that never ends: its start, and messages. */
function* endlessChain(runId: string): Generator<Event, never, undefined> {
  const run = new RunBuilder(runId).start()
  for (;;) {
    yield* run.events.slice(-1)
    run.say(`message ${run.events.length} of ${runId}`)
  }
}

function take(events: Generator<Event, never, undefined>, count: number): readonly Event[] {
  return Array.from({ length: count }, () => events.next().value)
}
