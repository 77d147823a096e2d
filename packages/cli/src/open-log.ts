import { hasCode } from '@starling/event'
import { CliError } from './cli-error.ts'
import { isLogUrl } from './log-url.ts'
import type { CliIo, OpenMode, StoredLog } from './io.ts'

/**
 * Opens a log for a command. Only mode `create` makes one: a mistyped path
 * is "not found", not a new empty log.
 */
export async function openLog(io: CliIo, target: string, mode: OpenMode): Promise<StoredLog> {
  if (mode !== 'create' && !(await io.store.exists(target))) throw logNotFound(target)
  const log = await io.store.open(target, mode)
  if (log === undefined) throw logNotFound(target)
  return log
}

/** Opens a log to be read, if there is one. */
export async function openExisting(io: CliIo, target: string): Promise<StoredLog | undefined> {
  return (await io.store.exists(target)) ? io.store.open(target, 'read') : undefined
}

function logNotFound(target: string): CliError {
  const todo = isLogUrl(target)
    ? 'check the database and ?schema=, or make one with `starling migrate`'
    : 'check the path, or make one with `starling run`'
  return new CliError('CLI_LOG_NOT_FOUND', `no log at ${target}; ${todo}`)
}

// Why a log that can be read may not be a place to keep an index.
const NO_PLACE = [
  'EVENTLOG_OPEN_FAILED',
  'EVENTLOG_READ_ONLY',
  'EVENTLOG_SCHEMA_TOO_NEW',
  'EVENTLOG_BUSY',
  'EVENTLOG_FULL',
]

/**
 * Asks a log something that it can answer faster the next time, when it may
 * keep what it finds out; where it cannot be written, it is only read.
 */
export async function askLog<T>(io: CliIo, target: string, ask: (log: StoredLog) => Promise<T>): Promise<T> {
  let isOpen = false
  try {
    await using log = await openLog(io, target, 'index')
    isOpen = true
    return await ask(log)
  } catch (error) {
    // To open a log in a database writes nothing: what fails once would fail, or be waited for, again.
    if (!isOpen && isLogUrl(target)) throw error
    if (!NO_PLACE.some((code) => hasCode(error, code))) throw error
    await using log = await openLog(io, target, 'read')
    return await ask(log)
  }
}
