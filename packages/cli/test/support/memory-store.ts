import type { Event } from '@starling/event'
import { createMemoryEventLog } from '@starling/eventlog/memory'
import type { LogKind, LogStore, OpenMode, StoredLog } from '../../src/index.ts'

/** A store of logs in memory, with what was asked of it. */
export interface MemoryStore extends LogStore {
  /** Puts runs into a log, which is made when there is none. */
  add(target: string, ...runs: readonly (readonly Event[])[]): Promise<void>
  open(target: string, mode: OpenMode): Promise<StoredLog>
  /** The log at `target`. */
  log(target: string): StoredLog
  /** Every call of `open`, in order. */
  readonly opened: readonly (readonly [target: string, mode: OpenMode])[]
}

/** What the logs of a store can do beyond the port. */
export interface MemoryStoreOptions {
  readonly extras?: Partial<StoredLog> | undefined
  readonly forkFile?: LogKind['forkFile']
  readonly latestSchemaVersion?: number | undefined
}

/** Makes an empty store. */
export function createMemoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  const logs = new Map<string, StoredLog>()
  const opened: (readonly [string, OpenMode])[] = []
  const make = (target: string): StoredLog => {
    const log = logs.get(target) ?? keepOpen({ log: createMemoryEventLog(), extras: options.extras ?? {} })
    logs.set(target, log)
    return log
  }
  const get = (target: string): StoredLog => {
    const log = logs.get(target)
    if (log === undefined) throw new Error(`the test has no log ${target}`)
    return log
  }
  return {
    opened,
    nameOf: (target) => target,
    kindOf: () => ({
      backend: 'memory',
      latestSchemaVersion: options.latestSchemaVersion,
      ...(options.forkFile === undefined ? {} : { forkFile: options.forkFile }),
    }),
    add: async (target, ...runs) => {
      for (const run of runs) await make(target).append(run[0]?.runId ?? '', run)
    },
    log: get,
    exists: async (target) => logs.has(target),
    open: async (target, mode) => {
      opened.push([target, mode])
      return mode === 'create' ? make(target) : get(target)
    },
  }
}

/** A command closes the log it opened; what is in memory must outlive that. */
function keepOpen({ log, extras }: { readonly log: StoredLog; readonly extras: Partial<StoredLog> }): StoredLog {
  return new Proxy(log, {
    get: (target, key) => {
      if (key === Symbol.asyncDispose) return async () => {}
      const value: unknown = Reflect.get(extras, key) ?? Reflect.get(target, key)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
