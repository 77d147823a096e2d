import { isJsonObject, type JsonObject } from './json-object.ts'

/** What a vendor says about a failure. */
export interface VendorError {
  /** One line; empty when the vendor gave no words. */
  readonly message: string
  /** The vendor's codes for the condition, most specific first, as it writes them; may be empty. */
  readonly codes: readonly string[]
  /** The HTTP status that the error names itself, as errors inside a stream do. */
  readonly status: number | undefined
  /** The error object itself, for what only one vendor says; empty when there is none. Never to be shown. */
  readonly fields: JsonObject
}

/** Makes the error of a vendor that gave nothing but words. */
export function errorOfText(message: string): VendorError {
  return { message, codes: [], status: undefined, fields: {} }
}

/**
 * Reads an error in any of the shapes that vendors use: `{error: {…}}`,
 * `{error: "…"}`, the object without its envelope, `{detail: …}`, or a list of these.
 *
 * The codes are its `code`, `type` and `status`, as far as they are texts.
 */
export function parseVendorError(body: unknown): VendorError {
  const first: unknown = Array.isArray(body) ? body[0] : body
  if (!isJsonObject(first)) return errorOfText(oneLine(first))
  const inner = first['error'] ?? first
  if (!isJsonObject(inner)) return errorOfText(oneLine(inner))
  const { code, type, status } = inner
  return {
    message: oneLine(inner['message'] ?? inner['detail'] ?? ''),
    // `error` only says that it is one.
    codes: [code, type, status].filter(isText).filter((word) => word !== '' && word !== 'error'),
    status: [code, status].map(Number).find((number) => number >= 400 && number <= 599),
    fields: inner,
  }
}

/**
 * Reports whether the body of a response is an error in so many words: an object
 * in `error`, or one that calls itself an error. Any other object has codes of
 * its own, such as the `type` of a message.
 */
export function isErrorBody(body: string): boolean {
  const json = parseJson(body)
  const first: unknown = Array.isArray(json) ? json[0] : json
  if (!isJsonObject(first)) return false
  return isJsonObject(first['error']) || first['type'] === 'error' || first['object'] === 'error'
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // A page, or a text.
    return undefined
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function oneLine(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  return text.replace(/\s+/g, ' ').trim()
}
