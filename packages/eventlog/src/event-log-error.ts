import { StarlingError } from '@starling/event'

/** Why an {@link EventLog} refused. */
export type EventLogErrorCode =
  /** An event does not extend the chain of its run: read again, then append. */
  | 'EVENTLOG_INVALID_APPEND'
  /** The log was used after it was disposed of. */
  | 'EVENTLOG_CLOSED'
  /** What is stored is not a valid run. */
  | 'EVENTLOG_CORRUPT'
  /** The log was opened for reading only. */
  | 'EVENTLOG_READ_ONLY'
  /** The run to fork has no events. */
  | 'EVENTLOG_FORK_NOT_FOUND'
  /** The database was written by a newer version. */
  | 'EVENTLOG_SCHEMA_TOO_NEW'
  /** The database must be migrated first. */
  | 'EVENTLOG_SCHEMA_OUTDATED'
  /** The options of a prune contradict each other or name nothing. */
  | 'EVENTLOG_INVALID_PRUNE'
  /** An option is out of range: a position, a limit, a page size, a lease's time, a fence of another run. */
  | 'EVENTLOG_INVALID_OPTIONS'
  /** Another live process holds the run. */
  | 'EVENTLOG_LEASED'
  /** The lease has been taken over by another process. */
  | 'EVENTLOG_FENCED'
  /** The storage cannot be opened: missing directory, wrong kind of file, missing rights. */
  | 'EVENTLOG_OPEN_FAILED'
  /** Another process keeps the storage locked; try again. */
  | 'EVENTLOG_BUSY'
  /** The storage is full; nothing was written. */
  | 'EVENTLOG_FULL'
  /** The storage failed in another way. */
  | 'EVENTLOG_STORAGE'

/** An error of an event log. */
export class EventLogError extends StarlingError<EventLogErrorCode> {}
