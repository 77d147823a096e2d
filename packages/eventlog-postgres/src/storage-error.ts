import { inspect } from 'node:util'

import { EventLogError } from '@starling/eventlog'
import type { EventLogErrorCode } from '@starling/eventlog'

interface Explanation {
  readonly code: EventLogErrorCode
  readonly text: string
  readonly retryable?: boolean
}

const LOST: Explanation = { code: 'EVENTLOG_STORAGE', text: 'the connection to the server was lost', retryable: true }
const UNREACHABLE: Explanation = {
  code: 'EVENTLOG_STORAGE',
  text: 'the server cannot be reached',
  retryable: true,
}
const REFUSED: Explanation = { code: 'EVENTLOG_OPEN_FAILED', text: 'the server refuses this user or password' }
const DENIED: Explanation = { code: 'EVENTLOG_OPEN_FAILED', text: 'the user lacks a right' }
const TLS: Explanation = { code: 'EVENTLOG_OPEN_FAILED', text: 'the connection cannot be encrypted as asked for' }
const UNTRUSTED: Explanation = {
  code: 'EVENTLOG_OPEN_FAILED',
  text: `${TLS.text}: the server's certificate is of an unknown authority, whose own goes in ssl, or a URL's sslrootcert`,
}
const LOCKED: Explanation = { code: 'EVENTLOG_BUSY', text: 'another process keeps it locked', retryable: true }
const ALL_LENT: Explanation = {
  code: 'EVENTLOG_BUSY',
  text: 'no connection of the pool became free in time, nothing was written',
  retryable: true,
}
const SERVER_FULL: Explanation = { code: 'EVENTLOG_BUSY', text: 'the server has no connection left', retryable: true }
const FULL: Explanation = { code: 'EVENTLOG_FULL', text: 'the storage is full, nothing was written', retryable: true }

// By SQLSTATE, or by the code of the socket's error; the first that the code begins with.
const EXPLANATIONS: readonly (readonly [string, Explanation])[] = [
  ['28', REFUSED],
  ['3D000', { code: 'EVENTLOG_OPEN_FAILED', text: 'there is no such database' }],
  ['42501', DENIED],
  ['42P01', { code: 'EVENTLOG_SCHEMA_OUTDATED', text: 'a table is missing; run migrate' }],
  ['42883', { code: 'EVENTLOG_SCHEMA_OUTDATED', text: 'a function is missing; run migrate' }],
  ['42703', { code: 'EVENTLOG_OPEN_FAILED', text: 'a table is not as expected' }],
  ['42P07', { code: 'EVENTLOG_OPEN_FAILED', text: 'a name that is needed is taken by someone else' }],
  ['42809', { code: 'EVENTLOG_OPEN_FAILED', text: 'a name that is needed is taken by someone else' }],
  ['3F000', { code: 'EVENTLOG_SCHEMA_OUTDATED', text: 'the schema is missing; run migrate' }],
  ['25006', { code: 'EVENTLOG_READ_ONLY', text: 'the server takes no writes: it is a standby, or set to read-only' }],
  ['55P03', LOCKED],
  ['40', { code: 'EVENTLOG_BUSY', text: 'another transaction was in the way', retryable: true }],
  ['57014', { code: 'EVENTLOG_BUSY', text: 'the statement took too long', retryable: true }],
  ['57P', LOST],
  // Of a process that was silent for too long within a transaction.
  ['25P03', LOST],
  ['08', LOST],
  ['53300', SERVER_FULL],
  ['53', FULL],
  ['54', { code: 'EVENTLOG_FULL', text: 'it is more than the server can store' }],
  ['XX001', { code: 'EVENTLOG_CORRUPT', text: 'the database is damaged' }],
  ['XX002', { code: 'EVENTLOG_CORRUPT', text: 'the database is damaged' }],
  ['ECONNREFUSED', UNREACHABLE],
  ['ENOTFOUND', UNREACHABLE],
  ['EAI_AGAIN', UNREACHABLE],
  ['EHOSTUNREACH', UNREACHABLE],
  ['ENETUNREACH', UNREACHABLE],
  ['ENOENT', UNREACHABLE],
  ['ETIMEDOUT', UNREACHABLE],
  ['ECONNRESET', LOST],
  ['EPIPE', LOST],
  ['ERR_TLS', TLS],
  ['ERR_SSL', TLS],
  ['CERT_', TLS],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', UNTRUSTED],
  ['SELF_SIGNED_CERT_IN_CHAIN', UNTRUSTED],
  ['UNABLE_TO_', UNTRUSTED],
]

// What the driver says without a code.
const MESSAGES: readonly (readonly [RegExp, Explanation])[] = [
  // The server was not even asked: all connections are lent.
  [/^timeout exceeded when trying to connect/i, ALL_LENT],
  [/^timeout expired$|due to connection timeout/i, UNREACHABLE],
  [/^Connection terminated|not queryable|Client was closed|Query read timeout/i, LOST],
  [/does not support SSL|error establishing an SSL/i, TLS],
  [/password must be a string|client password/i, REFUSED],
]

// What another try may do better, without anybody doing anything about it.
const TRANSIENT: ReadonlySet<Explanation> = new Set([LOST, UNREACHABLE])

const MAX_MESSAGE = 300

// How far into an error is looked for what must not be shown.
const INSPECTED_DEPTH = 5

/** Returns the SQLSTATE, or the code of the socket's error, that the driver put on `error`. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || error instanceof EventLogError) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** Returns whether `error` says that there is no connection any more: what was asked for last may have happened. */
export function isConnectionLost(error: unknown): boolean {
  const known = explanationOf(error)
  return known !== undefined && TRANSIENT.has(known)
}

/** Returns whether `error` says that no connection of the pool became free in time. */
export function isAllLent(error: unknown): boolean {
  return explanationOf(error) === ALL_LENT
}

/** Returns whether `error` says that the server, or the role, may have no more connections. */
export function isServerFull(error: unknown): boolean {
  return explanationOf(error) === SERVER_FULL
}

/** Returns whether `error` says that a transaction was undone because of another one: the same may succeed at once. */
export function isUndone(error: unknown): boolean {
  return codeOf(error)?.startsWith('40') === true
}

/** What {@link toEventLogError} needs to know of the place of an error. */
export interface ErrorPlace {
  /** Names the database, without its password. */
  readonly target: string
  /** Never shown, whatever the driver writes. */
  readonly secret: string | undefined
  /** Whether the log is just being opened. */
  readonly opening: boolean
}

/**
 * Returns the {@link EventLogError} that says in one line what the driver's
 * `error` means. Other errors come back untouched.
 */
export function toEventLogError(error: unknown, { target, secret, opening }: ErrorPlace): unknown {
  if (!(error instanceof Error) || error instanceof EventLogError) return error
  const found = explanationOf(error)
  const code = codeOf(error)
  if (found === undefined && code === undefined) return error
  const known = found ?? { code: 'EVENTLOG_STORAGE', text: 'the storage failed' }
  const isOpening = opening && TRANSIENT.has(known)
  const detail = [code, toOneLine(messageOf(error))].filter((part) => part !== undefined && part !== '').join(': ')
  const message = redact(`eventlog/postgres: ${target}: ${known.text} (${detail})`, secret)
  return new EventLogError(isOpening ? 'EVENTLOG_OPEN_FAILED' : known.code, message, {
    cause: withoutSecret(error, secret),
    retryable: known.retryable ?? false,
  })
}

/** Returns the error for a database that cannot be opened because of `reason`. */
export function openFailed(target: string, reason: string): EventLogError {
  return new EventLogError('EVENTLOG_OPEN_FAILED', `eventlog/postgres: cannot open ${target}: ${reason}`)
}

function explanationOf(error: unknown): Explanation | undefined {
  if (!(error instanceof Error) || error instanceof EventLogError) return undefined
  const code = codeOf(error)
  const byCode = code === undefined ? undefined : EXPLANATIONS.find(([prefix]) => code.startsWith(prefix))
  return (byCode ?? MESSAGES.find(([pattern]) => pattern.test(error.message)))?.[1]
}

// Several addresses of one host fail together, with a message that is empty.
function messageOf(error: Error): string {
  if (error instanceof AggregateError) {
    return error.errors.map((each) => (each instanceof Error ? each.message : String(each))).join(', ')
  }
  return error.message
}

function toOneLine(message: string): string {
  const line = message.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim()
  return line.length > MAX_MESSAGE ? `${line.slice(0, MAX_MESSAGE)}…` : line
}

function redact(text: string, secret: string | undefined): string {
  return secret === undefined || secret === '' ? text : text.replaceAll(secret, '***')
}

// An error that quotes the secret is not passed on.
function withoutSecret(error: Error, secret: string | undefined): Error | undefined {
  if (secret === undefined || secret === '') return error
  return inspect(error, { depth: INSPECTED_DEPTH, showHidden: true }).includes(secret) ? undefined : error
}
