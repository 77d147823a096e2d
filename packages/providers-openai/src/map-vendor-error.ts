import type { ProviderErrorCode } from '@starling/provider'
import { isJsonObject, type JsonObject } from './json-object.ts'

/** What a vendor says about a failure. */
export interface VendorError {
  /** One line; empty when the vendor gave no words. */
  readonly message: string
  /** The vendor's words for the condition, most specific first; may be empty. */
  readonly words: readonly string[]
  /** The HTTP status that the error names itself, as errors inside a stream do. */
  readonly status: number | undefined
}

/** Reads the error that a chunk of a stream reports, if it does. */
export function parseStreamError(chunk: JsonObject, eventName: string): VendorError | undefined {
  const isError = eventName === 'error' || chunk['object'] === 'error' || Boolean(chunk['error'])
  return isError ? parseVendorError(chunk) : undefined
}

/**
 * Reads an error in any of the shapes that OpenAI-compatible servers use:
 * `{error: {…}}`, `{error: "…"}`, the object without its envelope, `{detail: …}`, or a list of these.
 */
export function parseVendorError(body: unknown): VendorError {
  const first: unknown = Array.isArray(body) ? body[0] : body
  if (!isJsonObject(first)) return { message: oneLine(first), words: [], status: undefined }
  const inner = first['error'] ?? first
  if (!isJsonObject(inner)) return { message: oneLine(inner), words: [], status: undefined }
  const { code, type, status } = inner
  return {
    message: oneLine(inner['message'] ?? inner['detail'] ?? ''),
    words: [code, type, status].filter((word): word is string => typeof word === 'string' && word !== ''),
    status: [code, status].map(Number).find((number) => number >= 400 && number <= 599),
  }
}

const CODE_BY_WORD: readonly (readonly [RegExp, ProviderErrorCode])[] = [
  [/rate_?limit|too_many_requests|quota|resource_exhausted/i, 'PROVIDER_RATE_LIMIT'],
  [/authentication|api_key|permission|unauthori[sz]ed|forbidden/i, 'PROVIDER_AUTH'],
  [/invalid_request|context_length|content_policy|not_found|unsupported/i, 'PROVIDER_REJECTED'],
]

/** Maps an error that has no status to a code by the vendor's words; the vendor's own failure when they say nothing. */
export function classifyVendorWords(words: readonly string[]): ProviderErrorCode {
  for (const word of words) {
    const match = CODE_BY_WORD.find(([pattern]) => pattern.test(word))
    if (match !== undefined) return match[1]
  }
  return 'PROVIDER_SERVER'
}

function oneLine(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  return text.replace(/\s+/g, ' ').trim()
}
