import { ToolError } from '@starling/tool'

import type { Converted } from './convert-content.ts'

/** What the wrapping of a text may add: a plain string becomes an object. */
const SLACK = 32

/**
 * Writes what was converted as JSON of at most `maxBytes` in UTF-8.
 *
 * Texts are cut short to fit, and say so: `truncated` beside them, with the
 * `bytes` they had. What is no text cannot be cut.
 *
 * @throws {@link ToolError} `TOOL_RESULT_TOO_LARGE` when nothing that fits is left.
 */
export function limitOutput(converted: Converted, maxBytes: number, what: string): string {
  const { value, exact, isWhole, beside = [] } = converted
  const text = exact ?? JSON.stringify(value)
  if (isWithin(text, maxBytes)) return text
  const size = sizeOf(text)
  const cuttable = typeof value === 'string' ? { text: value } : value
  const texts = textParts(isWhole === true ? beside : cuttable)
  const cut = cutTexts(cuttable, texts, size - maxBytes)
  if (sizeOf(cut) <= maxBytes) return cut
  throw new ToolError('TOOL_RESULT_TOO_LARGE', `the result of ${what} has ${size} bytes, more than ${maxBytes}`)
}

/** Cuts a text of at most `maxBytes` out of the words of a failure. */
export function limitText(text: string, maxBytes: number): string {
  return isWithin(text, maxBytes) ? text : `${cutTo(text, maxBytes)}…`
}

/** A UTF-16 unit is at most three bytes: most texts need not be encoded to be measured. */
function isWithin(text: string, maxBytes: number): boolean {
  return text.length * 3 <= maxBytes || sizeOf(text) <= maxBytes
}

interface TextPart {
  readonly text: string
}

/** Writes a value with so many bytes less in its texts, as far as that goes. */
function cutTexts(value: unknown, texts: readonly TextPart[], excess: number): string {
  // From the last text on: what comes first is what was asked for.
  const limits = new Map<object, number>()
  let over = excess
  for (const part of texts.toReversed()) {
    if (over <= 0) break
    const bytes = sizeOf(JSON.stringify(part.text))
    const flag = sizeOf(`,"truncated":true,"bytes":${bytes}`) + '"…"'.length
    const limit = Math.max(0, bytes - over - flag - SLACK)
    limits.set(part, limit)
    over -= bytes - limit - flag
  }
  return JSON.stringify(value, (_key, item: unknown) => {
    const limit = isObject(item) ? limits.get(item) : undefined
    if (limit === undefined || !isTextPart(item)) return item
    return { ...item, text: cutTo(item.text, limit), truncated: true, bytes: sizeOf(item.text) }
  })
}

/** The parts that hold text, in the shapes that `convert-content.ts` makes. */
function textParts(value: unknown): readonly TextPart[] {
  if (Array.isArray(value)) return value.flatMap((item) => textParts(item))
  if (!isObject(value)) return []
  if (isTextPart(value)) return [value]
  return Object.values(value).flatMap((item) => textParts(item))
}

/** The longest beginning of a text whose JSON has at most `maxBytes`; never half a character. */
function cutTo(text: string, maxBytes: number): string {
  let low = 0
  let high = Math.min(text.length, maxBytes)
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (sizeOf(JSON.stringify(text.slice(0, middle))) <= maxBytes + 2) low = middle
    else high = middle - 1
  }
  const cut = text.slice(0, low)
  return cut.isWellFormed() ? cut : cut.slice(0, -1)
}

const encoder = new TextEncoder()

/** The bytes of a text in UTF-8. */
export function sizeOf(text: string): number {
  return encoder.encode(text).length
}

function isTextPart(value: unknown): value is TextPart {
  return isObject(value) && typeof value['text'] === 'string'
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
