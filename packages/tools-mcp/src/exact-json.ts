/** `JSON.rawJSON`, which Node has since version 21 and TypeScript's library does not know. */
interface RawJson {
  rawJSON(text: string): object
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only the type is missing, see RawJson
const rawJson: RawJson = JSON as typeof JSON & RawJson

/** What every number has that JavaScript writes in another way. */
const MAY_CHANGE = /\d{16}|\d[.eE]|-0/

/** One that JavaScript may change; not the digits of a fraction or of an exponent. */
const LONG_WHOLE_NUMBER = /(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g

/**
 * Reads JSON so that `JSON.stringify` writes every number as it was written.
 *
 * Numbers that JavaScript would change are objects which only `JSON.stringify`
 * understands: what is read so is for writing, not for looking at.
 */
export function parseExact(text: string): unknown {
  // Looking at every value costs, and most texts hold nothing that could change.
  const parsed: unknown = MAY_CHANGE.test(text) ? JSON.parse(text, keepNumber) : JSON.parse(text)
  return parsed
}

/** The same, but whole numbers that JavaScript can hold are numbers, however they are written: `5.0` is 5. */
export function parseNearlyExact(text: string): unknown {
  const parsed: unknown = JSON.parse(text, (key, value: unknown, context?: Source) =>
    Number.isSafeInteger(value) ? value : keepNumber(key, value, context),
  )
  return parsed
}

interface Source {
  readonly source?: string
}

function keepNumber(_key: string, value: unknown, context?: Source): unknown {
  const source = context?.source
  if (typeof value !== 'number' || source === undefined || String(value) === source) return value
  return rawJson.rawJSON(source)
}

/** Writes the whole numbers of a JSON text that JavaScript would change as what it would make of them. */
export function roundNumbers(text: string): string {
  if (!/\d{16}/.test(text)) return text
  let rounded = ''
  let from = 0
  for (const { start, end } of plainParts(text)) {
    rounded += text.slice(from, start) + text.slice(start, end).replaceAll(LONG_WHOLE_NUMBER, roundNumber)
    from = end
  }
  return rounded + text.slice(from)
}

function roundNumber(literal: string): string {
  const value = Number(literal)
  // One that is out of range is for the reader to refuse.
  return Number.isFinite(value) ? String(value) : literal
}

/** The parts of a JSON text outside its strings. Not by a regular expression: those run out of stack in long strings. */
function* plainParts(text: string): Iterable<{ readonly start: number; readonly end: number }> {
  let start = 0
  for (;;) {
    const quote = text.indexOf('"', start)
    if (quote === -1) return yield { start, end: text.length }
    yield { start, end: quote }
    let close = text.indexOf('"', quote + 1)
    while (close !== -1 && isEscaped(text, close)) close = text.indexOf('"', close + 1)
    if (close === -1) return
    start = close + 1
  }
}

function isEscaped(text: string, at: number): boolean {
  let first = at
  while (text.charAt(first - 1) === '\\') first--
  return (at - first) % 2 === 1
}
