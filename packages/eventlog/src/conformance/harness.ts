import type { Event } from '@starling/event'

import type { EventLog } from '../event-log.ts'

/** What a backend provides to be put through the suite. */
export interface EventLogHarness {
  /** Names the backend in the titles. */
  readonly name: string
  /** Opens an empty log. Called once per test; the suite disposes of it. */
  open(): Promise<EventLog>
  /**
   * Opens the storage of `log` once more, for a backend whose events outlive
   * its process. `log` may have been disposed of, or still be in use.
   */
  reopen?(log: EventLog): Promise<EventLog>
  /** Opens the storage of `log` for reading only, for a backend that can. */
  reopenReadOnly?(log: EventLog): Promise<EventLog>
  /** Recorded runs to append and read back byte for byte, each of one run id. */
  readonly runs?: readonly RecordedRun[] | undefined
  /** What the backend cannot do. */
  readonly capabilities?: EventLogCapabilities | undefined
}

/** {@link EventLogHarness.reopen} of a backend that has it. */
export type Reopen = (log: EventLog) => Promise<EventLog>

/** What a backend can do; a test states what one cannot. */
export interface EventLogCapabilities {
  /** Whether a run id may contain U+0000. Default: `true`. */
  readonly nulInRunId?: boolean | undefined
  /** Whether the log keeps leases. Default: `true`. */
  readonly leases?: boolean | undefined
}

/** A run that was recorded elsewhere. */
export interface RecordedRun {
  readonly name: string
  /** In order, from seq 1. */
  readonly events: readonly Event[]
}
