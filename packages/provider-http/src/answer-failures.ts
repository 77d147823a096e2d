import {
  classifyTransportError,
  errorFromStatus,
  parseRetryAfter,
  ProviderError,
  type ProviderErrorCode,
} from '@starling/provider'
import type { Redact } from './redact.ts'
import type { Connection } from './resolve-connection.ts'
import { shorten, summarizeBody } from './summarize-body.ts'
import { isErrorBody, type VendorError } from './vendor-error.ts'

/** What the errors of one call are made with. */
export interface CallContext {
  readonly connection: Pick<Connection, 'vendor' | 'now'>
  /** Where the call goes, for people: without the query, which may hold keys. */
  readonly endpoint: string
  readonly hasKey: boolean
  /** Takes the secrets of the call out of a text. */
  readonly redact: Redact
  /** The vendor's id of the call, once it has given one. */
  readonly requestId?: string | undefined
}

/** Conditions that may pass by themselves. */
const PASSING: ReadonlySet<ProviderErrorCode> = new Set([
  'PROVIDER_RATE_LIMIT',
  'PROVIDER_OVERLOADED',
  'PROVIDER_SERVER',
  'PROVIDER_NETWORK',
  'PROVIDER_TIMEOUT',
])

/** Conditions that stay, also where the vendor invites another attempt. */
const LASTING: ReadonlySet<ProviderErrorCode> = new Set([
  'PROVIDER_BILLING',
  'PROVIDER_CONTEXT_OVERFLOW',
  'PROVIDER_CONTENT_FILTER',
])

/** Makes the error for a response that is not a success. */
export function errorFromResponse(response: Response, body: string, call: CallContext): ProviderError {
  const { status, headers } = response
  const { vendor, now } = call.connection
  const said = summarizeBody(completeBody(body, headers, call), call.redact)
  const message = [
    `${call.endpoint} answered ${status}`,
    redirectHint(response) || said.message || response.statusText.toLowerCase() || 'without a message',
  ].join(': ')
  const details = [
    ...said.codes,
    ...requestDetail(requestIdOf(headers, call)),
    status === 401 && !call.hasKey && 'no API key was sent',
  ]
  const code = vendor.classify?.(said, status)
  return errorFromStatus(status, call.redact(message + parenthesis(details)), {
    code,
    retryAfterMs: parseRetryAfter(headers, now()) ?? vendor.retryAfterMs?.(said, { status, headers, nowMs: now() }),
    retryable: isRetryable(code, headers),
  })
}

/** Makes the error for an error object inside a stream that began as a success. */
export function errorFromStream(error: VendorError, call: CallContext): ProviderError {
  const { vendor, now } = call.connection
  const said = shorten(call.redact(error.message)) || 'an error without a message'
  const details = parenthesis([...error.codes, ...requestDetail(call.requestId)])
  const message = call.redact(`${call.endpoint} failed while streaming: ${said}${details}`)
  const retryAfterMs = vendor.retryAfterMs?.(error, { status: error.status, headers: new Headers(), nowMs: now() })
  const code = vendor.classify?.(error, error.status)
  if (error.status !== undefined) {
    return errorFromStatus(error.status, message, { code, retryAfterMs, retryable: isRetryable(code) })
  }
  return new ProviderError(code ?? 'PROVIDER_SERVER', message, {
    retryAfterMs,
    retryable: code === undefined || PASSING.has(code),
  })
}

/** Makes the error for a request that did not get through or an answer that broke off. */
export function errorFromTransport(cause: unknown, call: CallContext): ProviderError {
  const error = classifyTransportError(cause, { target: new URL(call.endpoint).host + ofRequest(call) })
  if (!hasSecret(error.cause, call.redact)) return error
  // A `fetch` of the caller's own may quote the request that failed.
  const { code, retryable, status, retryAfterMs } = error
  return new ProviderError(code, call.redact(error.message), { retryable, status, retryAfterMs })
}

/** Makes the error for a response that is a success but no stream of chunks: what it says, if it says an error. */
export function errorFromContentType({ headers }: Response, body: string, call: CallContext): ProviderError {
  const completed = completeBody(body, headers, call)
  const said = summarizeBody(completed, call.redact)
  // The headers may say what the body does not: then the vendor has put it there.
  const isError = completed !== body || isErrorBody(body)
  if (isError && (said.codes.length > 0 || said.status !== undefined)) return errorFromStream(said, call)
  const contentType = shorten(call.redact(headers.get('content-type') ?? '')) || 'no content type'
  const got = `${call.endpoint} answered with ${contentType} instead of a stream`
  const words = said.message === '' ? '' : `: ${said.message}`
  return new ProviderError('PROVIDER_INVALID_STREAM', got + words + ofRequest(call))
}

/** Names the request at the end of a message; empty when the vendor gave it no id. */
export function ofRequest({ requestId, redact }: Pick<CallContext, 'requestId' | 'redact'>): string {
  return redact(parenthesis(requestDetail(requestId)))
}

/** The vendor's id of the call, when it gave one. */
export function requestIdOf(headers: Headers, call: Pick<CallContext, 'connection'>): string | undefined {
  const name = call.connection.vendor.requestIdHeader
  return name === undefined ? undefined : (headers.get(name) ?? undefined)
}

function completeBody(body: string, headers: Headers, { connection }: CallContext): string {
  return connection.vendor.completeBody?.(body, headers) ?? body
}

function requestDetail(requestId: string | undefined): string[] {
  return requestId === undefined ? [] : [`request ${requestId}`]
}

// What the vendor's own code says, then its header; else the status decides.
function isRetryable(code: ProviderErrorCode | undefined, headers?: Headers): boolean | undefined {
  if (code !== undefined && LASTING.has(code)) return false
  const should = headers?.get('x-should-retry')
  if (should === 'true' || should === 'false') return should === 'true'
  return code !== undefined && PASSING.has(code) ? true : undefined
}

function redirectHint(response: Response): string {
  const location = response.headers.get('location')
  if (response.status >= 400 || location === null) return ''
  const target = URL.parse(location, response.url || undefined)
  return `a redirect, which is not followed${target === null ? '' : `, to ${target.origin}${target.pathname}`}`
}

function parenthesis(details: readonly (string | false)[]): string {
  const shown = details.filter((detail) => detail !== false)
  return shown.length === 0 ? '' : ` (${shown.join(', ')})`
}

function hasSecret(cause: unknown, redact: Redact): boolean {
  for (let next = cause, depth = 0; next instanceof Error && depth < 16; next = next.cause, depth++) {
    const text = `${next.message}\n${next.stack ?? ''}`
    if (redact(text) !== text) return true
  }
  return false
}
