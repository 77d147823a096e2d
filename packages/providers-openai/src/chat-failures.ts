import { classifyTransportError, errorFromStatus, parseRetryAfter, ProviderError } from '@starling/provider'
import { classifyVendorWords, type VendorError } from './map-vendor-error.ts'
import type { Redact } from './redact.ts'
import type { Settings } from './resolve-settings.ts'
import { shorten, summarizeBody } from './summarize-body.ts'

/** Makes the error for a response that is not a success. */
export function errorFromResponse(response: Response, body: string, settings: Settings): ProviderError {
  const { status, headers } = response
  const said = summarizeBody(body, settings.redact)
  const message = [
    `${settings.endpoint} answered ${status}`,
    redirectHint(response) || said.message || response.statusText.toLowerCase() || 'without a message',
  ].join(': ')
  const details = [...said.words, requestLabel(headers), status === 401 && !settings.hasKey && 'no API key was sent']
  return errorFromStatus(status, settings.redact(message + parenthesis(details)), {
    retryAfterMs: parseRetryAfter(headers, settings.now()),
    retryable: isRetryable(headers, said.words),
  })
}

/** Makes the error for an error object inside a stream that began as a success. */
export function errorFromStream(error: VendorError, settings: Settings): ProviderError {
  const said = shorten(settings.redact(error.message)) || 'an error without a message'
  const message = settings.redact(`${settings.endpoint} failed while streaming: ${said}${parenthesis(error.words)}`)
  if (error.status !== undefined) {
    return errorFromStatus(error.status, message, { retryable: isQuota(error.words) ? false : undefined })
  }
  const code = classifyVendorWords(error.words)
  const mayPass = code === 'PROVIDER_SERVER' || (code === 'PROVIDER_RATE_LIMIT' && !isQuota(error.words))
  return new ProviderError(code, message, { retryable: mayPass })
}

/** Makes the error for a request that did not get through or an answer that broke off. */
export function errorFromTransport(cause: unknown, settings: Settings): ProviderError {
  const error = classifyTransportError(cause, { target: new URL(settings.url).host })
  if (!hasSecret(error.cause, settings.redact)) return error
  // A `fetch` of the caller's own may quote the request that failed.
  const { code, retryable, status, retryAfterMs } = error
  return new ProviderError(code, settings.redact(error.message), { retryable, status, retryAfterMs })
}

/** Makes the error for a response that is a success but no stream of chunks. */
export function errorFromContentType(contentType: string, body: string, settings: Settings): ProviderError {
  const said = summarizeBody(body, settings.redact)
  if (said.words.length > 0 || said.status !== undefined) return errorFromStream(said, settings)
  const got = `${settings.endpoint} answered with ${contentType || 'no content type'} instead of a stream`
  return new ProviderError('PROVIDER_INVALID_STREAM', `${got}: ${said.message}`)
}

// Whoever asks for a limit that money has to lift should not wait for it.
function isQuota(words: readonly string[]): boolean {
  return words.includes('insufficient_quota')
}

function isRetryable(headers: Headers, words: readonly string[]): boolean | undefined {
  if (isQuota(words)) return false
  const should = headers.get('x-should-retry')
  return should === 'true' || should === 'false' ? should === 'true' : undefined
}

function redirectHint(response: Response): string {
  const location = response.headers.get('location')
  if (response.status >= 400 || location === null) return ''
  const target = URL.parse(location, response.url || undefined)
  return `a redirect, which is not followed${target === null ? '' : `, to ${target.origin}${target.pathname}`}`
}

function requestLabel(headers: Headers): string | false {
  const id = headers.get('x-request-id')
  return id !== null && `request ${id}`
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
