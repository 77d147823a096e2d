import {
  classifyTransportError,
  errorFromStatus,
  isProviderError,
  parseRetryAfter,
  ProviderError,
  type ProviderErrorCode,
} from '@starling/provider'
import {
  isJsonObject,
  type JsonObject,
  parseVendorError,
  shorten,
  summarizeBody,
  type VendorError,
} from '@starling/provider-http'
import { classifyVendorCode } from './classify-vendor-code.ts'
import type { Settings } from './resolve-settings.ts'

/** What the errors of a call are made with. */
export type FailureContext = Pick<Settings, 'target' | 'redact' | 'now'>

/** What the SDK's own errors mean; each class marks its instances with a symbol, whichever copy made them. */
const BY_MARKER: readonly (readonly [marker: string, code: ProviderErrorCode, retryable: boolean])[] = [
  ['AI_LoadAPIKeyError', 'PROVIDER_AUTH', false],
  ['AI_LoadSettingError', 'PROVIDER_INVALID_OPTIONS', false],
  ['AI_UnsupportedFunctionalityError', 'PROVIDER_INVALID_OPTIONS', false],
  ['AI_InvalidPromptError', 'PROVIDER_INVALID_OPTIONS', false],
  ['AI_InvalidArgumentError', 'PROVIDER_INVALID_OPTIONS', false],
  ['AI_NoSuchModelError', 'PROVIDER_INVALID_OPTIONS', false],
  ['AI_NoSuchProviderReferenceError', 'PROVIDER_INVALID_OPTIONS', false],
  // What an answer that was cut off looks like to a package.
  ['AI_InvalidResponseDataError', 'PROVIDER_INVALID_STREAM', true],
  ['AI_EmptyResponseBodyError', 'PROVIDER_INVALID_STREAM', true],
  ['AI_NoContentGeneratedError', 'PROVIDER_INVALID_STREAM', true],
  ['AI_JSONParseError', 'PROVIDER_INVALID_STREAM', false],
  ['AI_TypeValidationError', 'PROVIDER_INVALID_STREAM', false],
]

/** Conditions that may pass by themselves. */
const PASSING: ReadonlySet<ProviderErrorCode> = new Set([
  'PROVIDER_RATE_LIMIT',
  'PROVIDER_OVERLOADED',
  'PROVIDER_TIMEOUT',
])

/** Conditions that stay, also where the package would try again. */
const LASTING: ReadonlySet<ProviderErrorCode> = new Set([
  'PROVIDER_BILLING',
  'PROVIDER_CONTEXT_OVERFLOW',
  'PROVIDER_CONTENT_FILTER',
])

/** What `fetch` says, in every runtime, when it has nothing more exact to say. */
const TRANSPORT_MESSAGES: ReadonlySet<string> = new Set([
  'fetch failed',
  'failed to fetch',
  'load failed',
  'network error',
  'networkerror when attempting to fetch resource.',
  'network connection lost.',
  'the network connection was lost.',
  'terminated',
])

/** A chain of causes that is longer than this is a loop. */
const MAX_CAUSES = 16

/**
 * Makes the error for whatever a model threw, or sent as an error part.
 *
 * The original is left out of it: it holds the whole request, and its headers may hold the key.
 */
export function classifyFailure(failure: unknown, context: FailureContext): ProviderError {
  if (isProviderError(failure)) return failure
  const facts = readFacts(failure, context)
  // An error that is no `Error` is what the vendor sent, as the package handed it on.
  if (!(failure instanceof Error) || (facts.status ?? 0) >= 400) return fromVendor(facts, context)
  const chain = causesOf(failure)
  const transport = chain.find(isTransportError) ?? chain.find(isUnanswered) ?? chain.find(isUnusable)
  if (transport !== undefined) return fromTransport(transport, context)
  return fromPackage(chain, context)
}

/** What a failure says about itself. */
interface Facts {
  readonly status: number | undefined
  readonly said: VendorError
  readonly headers: JsonObject
  /** What the package says about trying again, where that is more than its status says. */
  readonly isRetryable: boolean | undefined
}

function readFacts(failure: unknown, { redact }: FailureContext): Facts {
  const { statusCode, responseBody, responseHeaders, isRetryable } = fieldsOf(failure)
  const said =
    failure instanceof Error
      ? summarizeBody(typeof responseBody === 'string' ? responseBody : '', redact)
      : parseVendorError(failure)
  const status = typeof statusCode === 'number' ? statusCode : said.status
  const isAsUsual = failure instanceof Error && isRetryable === isRetryableAsUsual(status)
  return {
    status,
    said: said.message === '' && failure instanceof Error ? { ...said, message: failure.message } : said,
    headers: isJsonObject(responseHeaders) ? responseHeaders : {},
    isRetryable: typeof isRetryable === 'boolean' && !isAsUsual ? isRetryable : undefined,
  }
}

// What `APICallError` assumes when its package says nothing.
function isRetryableAsUsual(status: number | undefined): boolean {
  return status !== undefined && (status === 408 || status === 409 || status === 429 || status >= 500)
}

function fromVendor(facts: Facts, { target, redact, now }: FailureContext): ProviderError {
  const { status, said, headers } = facts
  const words = shorten(redact(said.message)) || 'an error without a message'
  const codes = said.codes.length === 0 ? '' : ` (${said.codes.join(', ')})`
  const message = redact(
    `${target} ${status === undefined ? 'failed while streaming' : `answered ${status}`}: ${words}${codes}`,
  )
  const code = classifyVendorCode(said, status)
  const retryable = mayPass(code, facts)
  const retryAfterMs = parseRetryAfter({ get: (name) => textOrNull(headers[name]) }, now())
  if (status !== undefined) return errorFromStatus(status, message, { code, retryable, retryAfterMs })
  return new ProviderError(code ?? 'PROVIDER_SERVER', message, { retryable: retryable ?? code === undefined })
}

function mayPass(code: ProviderErrorCode | undefined, facts: Facts): boolean | undefined {
  if (code !== undefined && LASTING.has(code)) return false
  return facts.isRetryable ?? (code !== undefined && PASSING.has(code) ? true : undefined)
}

function fromTransport(failure: unknown, { target, redact }: FailureContext): ProviderError {
  const { code, message, retryable } = classifyTransportError(failure, { target })
  return new ProviderError(code, redact(message), { retryable })
}

/** The package itself gave up, or broke. */
function fromPackage(chain: readonly Error[], { target, redact }: FailureContext): ProviderError {
  const [failure] = chain
  const message = shorten(redact(`the model ${target} failed: ${failure?.message ?? ''}`))
  for (const error of chain) {
    const known = BY_MARKER.find(([marker]) => hasMarker(error, marker))
    if (known !== undefined) return new ProviderError(known[1], message, { retryable: known[2] })
  }
  return new ProviderError('PROVIDER_SERVER', message)
}

function isTransportError(error: Error): boolean {
  const code: unknown = Reflect.get(error, 'code')
  // Node names its own complaints about wrong calls in this way too.
  if (typeof code === 'string' && !/^ERR_(?!TLS|SSL)/.test(code)) return true
  return error.name === 'TimeoutError' || TRANSPORT_MESSAGES.has(error.message.toLowerCase())
}

// A call that was made and has neither a status nor a code of its own did not get through: the SDK puts what `fetch`
// had to say, such as that it does not use the port, in its own words.
function isUnanswered(error: Error): boolean {
  return hasMarker(error, 'AI_APICallError') && Reflect.get(error, 'statusCode') === undefined
}

/** Whether `fetch` could not even begin, with this address or these headers. */
function isUnusable(error: Error): boolean {
  return classifyTransportError(error).code === 'PROVIDER_INVALID_OPTIONS'
}

function hasMarker(error: Error, marker: string): boolean {
  return Reflect.get(error, Symbol.for(`vercel.ai.error.${marker}`)) === true
}

function causesOf(failure: Error): Error[] {
  const chain: Error[] = []
  for (let next: unknown = failure; next instanceof Error && chain.length < MAX_CAUSES; next = next.cause)
    chain.push(next)
  return chain
}

function fieldsOf(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {}
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
