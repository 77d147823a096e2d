import { isTerminalKind } from '@starling/event'
import type { Event } from '@starling/event'
import type { AppendOptions, EventLog } from '@starling/eventlog'

/** When a process kills itself. */
export type Crash =
  /** Events are appended one by one; right after this one is durable. */
  | { readonly type: 'event'; readonly seq: number }
  /** Events are appended as they come; around the n-th append (from 1), or the last. */
  | { readonly type: 'append'; readonly number: number; readonly when: 'before' | 'during' | 'after' }

/** Makes a log that kills this process, with the signal nobody can catch. */
export function createCrashingLog(log: EventLog, crash: Crash): EventLog {
  return { ...delegate(log), append: crash.type === 'event' ? appendSingly(log, crash.seq) : appendUntil(log, crash) }
}

type Append = EventLog['append']

function appendSingly(log: EventLog, seq: number): Append {
  return async (runId, events, options) => {
    for (const event of toList(events)) {
      await log.append(runId, event, options)
      if (event.seq === seq) die()
    }
  }
}

function appendUntil(log: EventLog, crash: Extract<Crash, { type: 'append' }>): Append {
  let number = 0
  return async (runId: string, events: Event | readonly Event[], options?: AppendOptions) => {
    number += 1
    const isLast = toList(events).some((event) => isTerminalKind(event.kind))
    if (number !== crash.number && !isLast) return log.append(runId, events, options)
    if (crash.when === 'before') die()
    const appended = log.append(runId, events, options)
    if (crash.when === 'during') die()
    await appended
    die()
  }
}

function toList(events: Event | readonly Event[]): readonly Event[] {
  return 'runId' in events ? [events] : events
}

function die(): never {
  process.kill(process.pid, 'SIGKILL')
  throw new Error('a process outlived SIGKILL')
}

/** The same log as a plain object: its methods are on a class and need their `this`. */
function delegate(log: EventLog): EventLog {
  return {
    leases: log.leases,
    append: (runId, events, options) => log.append(runId, events, options),
    read: (runId, options) => log.read(runId, options),
    stream: (runId, options) => log.stream(runId, options),
    listRuns: (options) => log.listRuns(options),
    summary: (runId) => log.summary(runId),
    search: (options) => log.search(options),
    prune: (options) => log.prune(options),
    fork: (runId, options) => log.fork(runId, options),
    [Symbol.asyncDispose]: () => log[Symbol.asyncDispose](),
  }
}
