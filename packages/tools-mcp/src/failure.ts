import {
  OAuthError,
  ProtocolError,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  UnauthorizedError,
  type JSONRPCErrorResponse,
  type RequestId,
} from '@modelcontextprotocol/client'
import { isStarlingError } from '@starling/event'
import { isTransient, transient } from '@starling/tool'

import { maskError, type Mask } from './mask.ts'
import { McpError } from './mcp-error.ts'

/** Marks the answer that a request gets when its stream has ended without one. */
const STREAM_ENDED = 'starling/stream-ended'

/** Marks the answer that a request gets in the place of one that cannot be read. */
const UNREADABLE = 'starling/unreadable'

/** JSON-RPC leaves -32000 to -32099 to implementations. */
const OUR_CODE = -32000

/** Causes may be a loop. */
const MAX_CAUSES = 5

/** What a server may say of itself in one error. */
const MAX_MESSAGE = 2000

const SILENT: ReadonlySet<string> = new Set([SdkErrorCode.RequestTimeout])

const NOT_FOUND = 404
const UNAUTHORIZED = 401
const FORBIDDEN = 403

/** The server is busy or has forgotten the session; of 5xx see below. */
const TRANSIENT_STATUSES: ReadonlySet<number> = new Set([404, 408, 409, 425, 429])

/** What a pipe, or a socket, breaks with. */
const BROKEN: ReadonlySet<unknown> = new Set([
  'EPIPE',
  'ECONNRESET',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
])

const LOST: ReadonlySet<string> = new Set([
  SdkErrorCode.ConnectionClosed,
  SdkErrorCode.NotConnected,
  SdkErrorCode.SendFailed,
])

/** The answer that a request gets when its stream has ended without one. */
export function streamEnded(id: RequestId, message: string): JSONRPCErrorResponse {
  return { jsonrpc: '2.0', id, error: { code: OUR_CODE, message, data: STREAM_ENDED } }
}

/** The answer that a request gets in the place of one that cannot be read. */
export function unreadable(id: RequestId, message: string): JSONRPCErrorResponse {
  return { jsonrpc: '2.0', id, error: { code: OUR_CODE, message, data: UNREADABLE } }
}

/** Reports whether `error` means that the connection, or the session on it, is gone. */
export function isConnectionLost(error: unknown): boolean {
  if (error instanceof SdkHttpError) return isSessionForgotten(error)
  if (error instanceof SdkError) return LOST.has(error.code)
  if (error instanceof ProtocolError) return error.data === STREAM_ENDED
  if (error instanceof TypeError) return /fetch failed|terminated/.test(error.message)
  if (error instanceof Error && 'code' in error && BROKEN.has(error.code)) return true
  return error instanceof Error && /^(?:Not connected|the server does not run)$/.test(error.message)
}

/** Reports whether the server has refused a request because it does not know the session: nothing was done. */
export function isSessionForgotten(error: unknown): boolean {
  return error instanceof SdkHttpError && error.status === NOT_FOUND
}

/** Reports whether `error` means that nothing came within the time of a request; an error of the protocol is an answer. */
export function isSilence(error: unknown): boolean {
  return error instanceof SdkError && SILENT.has(error.code)
}

/** What is known where a failure is put into words. */
export interface FailureContext {
  /** Who failed, such as `mcp tool "add" of server "calc"`. */
  readonly what: string
  readonly mask: Mask
  /** What else is known of the end of the connection, such as how the process ended. */
  readonly detail: string | undefined
  readonly classify: ((error: unknown) => boolean) | undefined
}

/** Puts what a request failed with into one error of ours: of the port when it is transient, otherwise an {@link McpError}. */
export function toFailure(error: unknown, context: FailureContext): Error {
  if (isStarlingError(error)) return error
  const { what, detail, classify } = context
  const cause = maskError(error, context.mask)
  const text = oneLine(context.mask(describe(error)))
  const auth = authFailure(error)
  if (auth !== undefined) return new McpError('MCP_UNAUTHORIZED', `${what}: ${auth}`, { cause })
  const lost = isConnectionLost(error)
  if (lost || isBusy(error) || classify?.(error) === true) {
    const reason = lost && detail !== undefined ? oneLine(context.mask(detail)) : text
    return transient(new Error(`${what}: ${lost ? `the connection was lost: ${reason}` : text}`, { cause }))
  }
  return new McpError('MCP_REQUEST_FAILED', `${what}: ${text}`, { cause })
}

/** The same for a connection that could not be made. */
export function toConnectionFailure(error: unknown, context: FailureContext): McpError {
  const auth = authFailure(error)
  const cause = maskError(error, context.mask)
  if (auth !== undefined) return new McpError('MCP_UNAUTHORIZED', `${context.what}: ${auth}`, { cause })
  const details = [describe(error), context.detail].filter((detail) => detail !== undefined)
  const text = oneLine(context.mask(details.join('; ')))
  const retryable = !isMissing(error)
  return new McpError('MCP_CONNECTION_FAILED', `${context.what}: ${text}`, { cause, retryable })
}

/** The failure of a call whose connection could not be made: worth another attempt unless it never will be. */
export function toCallFailure(error: unknown, context: FailureContext): Error {
  const failure = toFailure(error, context)
  const again = failure instanceof McpError && failure.retryable
  return again && !isTransient(failure) ? transient(failure) : failure
}

function authFailure(error: unknown): string | undefined {
  const status = error instanceof SdkHttpError ? error.status : undefined
  if (status === FORBIDDEN) return 'the server refuses access (HTTP 403)'
  if (status === UNAUTHORIZED) return 'the server refuses the credentials (HTTP 401)'
  if (error instanceof UnauthorizedError) return 'the server asks for authorization (HTTP 401)'
  if (error instanceof OAuthError) return `the authorization server refuses (${error.code})`
  return undefined
}

function isBusy(error: unknown): boolean {
  return error instanceof SdkHttpError && (error.status >= 500 || TRANSIENT_STATUSES.has(error.status))
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EACCES')
}

function oneLine(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, MAX_MESSAGE)
}

function describe(error: unknown): string {
  if (error instanceof SdkHttpError) return `the server answered with HTTP ${error.status}`
  if (error instanceof ProtocolError && (error.data === STREAM_ENDED || error.data === UNREADABLE)) return error.message
  if (error instanceof ProtocolError) return `the server answered with error ${error.code}: ${error.message}`
  const messages: string[] = []
  // Of `fetch failed` only the causes say why, and what comes first may say it already.
  for (let next = error, depth = 0; next instanceof Error && depth < MAX_CAUSES; next = next.cause, depth++) {
    const { message } = next
    if (message !== '' && !messages.some((before) => before.includes(message))) messages.push(message)
  }
  return messages.length > 0 ? messages.join(': ') : String(error)
}
