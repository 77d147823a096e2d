import type { EventLog } from '@starling/eventlog'

/** A log whose runs can be left open: shut, it takes no more events. */
export interface AppendGate {
  /** The log to give to the agent. */
  readonly log: EventLog
  /** Refuses every append from now on; resolves when those under way are durable. */
  shut(): Promise<void>
}

/**
 * Puts a gate before the appends to a log.
 *
 * A run that does more than wait stops without a terminal event only when it
 * loses its log: what is durable by then is all that a later resume needs.
 */
export function createAppendGate(log: EventLog): AppendGate {
  const pending = new Set<Promise<void>>()
  let isShut = false
  const append: EventLog['append'] = async (...args) => {
    if (isShut) throw new Error('the process is being terminated: nothing more is recorded')
    const appended = log.append(...args)
    pending.add(appended)
    try {
      await appended
    } finally {
      pending.delete(appended)
    }
  }
  // A proxy must hand out what its target holds unchangeably: this one holds nothing itself.
  const shell: EventLog = Object.create(log)
  return {
    log: new Proxy(shell, {
      get(_shell, name) {
        if (name === 'append') return append
        const value: unknown = Reflect.get(log, name)
        return typeof value === 'function' ? value.bind(log) : value
      },
    }),
    async shut() {
      isShut = true
      await Promise.allSettled(pending)
    },
  }
}
