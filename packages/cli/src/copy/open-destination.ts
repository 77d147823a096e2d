import type { CliIo, StoredLog } from '../io.ts'
import { openExisting, openLog } from '../open-log.ts'

/** A log that is written to, if at all: one is not made before there is something to write. */
export interface Destination extends AsyncDisposable {
  /** The log as it was found; absent when there was none. */
  readonly existing: StoredLog | undefined
  /** Opens it to write, and makes it when there is none. */
  readonly open: () => Promise<StoredLog>
  /** Brings what is derived from the events up to date, as long as it can be written. */
  readonly finish: () => Promise<void>
}

/** Looks at the place that is copied to; nothing is written or made. */
export async function openDestination(io: CliIo, target: string): Promise<Destination> {
  const existing = await openExisting(io, target)
  let opening: Promise<StoredLog> | undefined
  return {
    existing,
    open: async () => (opening ??= openLog(io, target, 'create')),
    finish: async () => {
      const log = await opening
      await log?.listRuns({ limit: 1 })
    },
    [Symbol.asyncDispose]: async () => {
      const log = await opening?.catch(() => undefined) // Whoever asked for it was told.
      await log?.[Symbol.asyncDispose]()
      await existing?.[Symbol.asyncDispose]()
    },
  }
}
