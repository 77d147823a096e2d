import { ProviderError, type ProviderErrorCode } from './provider-error.ts'

/** Refused for now, not for good: request timeout, conflict, too early, too many requests. */
const PASSING_STATUSES: ReadonlySet<number> = new Set([408, 409, 425, 429])

/** The vendor does not speak what was asked; asking again changes nothing. */
const LASTING_STATUSES: ReadonlySet<number> = new Set([501, 505])

/**
 * Returns the code for an HTTP status; `undefined` for one that reports no failure (below 400).
 *
 * 401 and 403 are `PROVIDER_AUTH`, 429 is `PROVIDER_RATE_LIMIT`, 500 and above
 * are `PROVIDER_SERVER`, every other one from 400 is `PROVIDER_REJECTED`.
 */
export function classifyStatus(status: number): ProviderErrorCode | undefined {
  if (status === 401 || status === 403) return 'PROVIDER_AUTH'
  if (status === 429) return 'PROVIDER_RATE_LIMIT'
  if (status >= 500) return 'PROVIDER_SERVER'
  return status >= 400 ? 'PROVIDER_REJECTED' : undefined
}

/** Reports whether the same request may succeed later, by its HTTP status alone. */
export function isRetryableStatus(status: number): boolean {
  return PASSING_STATUSES.has(status) || (status >= 500 && !LASTING_STATUSES.has(status))
}

/** What is known about a failure besides its HTTP status. */
export interface StatusErrorOptions extends ErrorOptions {
  /** How long the vendor asks to wait, in milliseconds: see {@link parseRetryAfter}. Default: unset. */
  readonly retryAfterMs?: number | undefined
  /** Whether the same request may succeed later. Default: by the status, as {@link isRetryableStatus} says. */
  readonly retryable?: boolean | undefined
}

/**
 * Makes the error for a response that was not a success.
 *
 * A status below 400, such as a redirect that was not followed, counts as `PROVIDER_REJECTED`.
 */
export function errorFromStatus(status: number, message: string, options: StatusErrorOptions = {}): ProviderError {
  return new ProviderError(classifyStatus(status) ?? 'PROVIDER_REJECTED', message, {
    ...options,
    status,
    retryable: options.retryable ?? isRetryableStatus(status),
  })
}
