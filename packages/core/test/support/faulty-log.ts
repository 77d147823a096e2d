import type { EventLog } from '@starling/eventlog'

/** What goes wrong with the appends of a {@link createFaultyLog}. */
export interface AppendFault {
  /** The first append that fails, from 1. */
  readonly at: number
  /** How many fail from there on. Default: 1. */
  readonly times?: number
  readonly error: Error
  /** Whether the events are written all the same, as when the answer of a server is lost. Default: `false`. */
  readonly written?: boolean
}

/** A log whose n-th append fails; everything else is the log behind it. */
export function createFaultyLog(log: EventLog, fault: AppendFault): EventLog {
  let appends = 0
  const { at, times = 1, error, written = false } = fault
  return {
    leases: log.leases,
    async append(runId, events, options) {
      appends += 1
      const fails = appends >= at && appends < at + times
      if (!fails || written) await log.append(runId, events, options)
      if (fails) throw error
    },
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
