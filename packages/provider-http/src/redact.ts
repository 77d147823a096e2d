import { utf8Encode } from '@starling/event'

/** Rewrites a text so that it can be shown. */
export type Redact = (text: string) => string

// A shorter one is a placeholder such as `none`, and replacing it would garble ordinary words.
const SHORTEST_SECRET = 6

// What vendors echo: a bearer token, a key in its usual form, a key with its middle starred out.
// The bounds keep a long text without any of them from being searched again from every character.
const LOOKS_SECRET = /\bBearer\s+[\w.~+/=-]+|\b(?:sk|pk|rk|gsk|xai)-[\w-]{6,}|[\w.-]{0,40}\*{3,}[\w*-]{0,40}/g

// What there is of every escape.
const MAY_ESCAPE = /[\\%]/

// The bounds keep a run of them from being searched again and again.
const BACKSLASHES = '\\\\{0,7}'
const BACKSLASH = '\\\\{1,7}'

/**
 * Creates a function that takes the given secrets, and whatever looks like a key, out of a text.
 *
 * A secret is found as it is and as it is escaped in JSON or in an address.
 */
export function createRedact(secrets: readonly string[]): Redact {
  const known = [...new Set(secrets.flatMap((secret) => [secret, secret.trim()]))]
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    // A secret that contains another one goes first, or its rest would stay.
    .toSorted((left, right) => right.length - left.length)
  let patterns: RegExp[] | undefined
  // Most calls never fail, and need no patterns.
  const found = (text: string): readonly (string | RegExp)[] =>
    MAY_ESCAPE.test(text) ? (patterns ??= known.map(patternOf)) : known
  return (text) =>
    found(text)
      .reduce<string>((rest, secret) => rest.replaceAll(secret, '[redacted]'), text)
      .replace(LOOKS_SECRET, '[redacted]')
}

function patternOf(secret: string): RegExp {
  return new RegExp(Array.from(secret, anyWriting).join(''), 'gu')
}

// A character as it is, as in JSON that nobody has parsed, be it JSON within JSON, and as in an address.
function anyWriting(character: string): string {
  const codePoint = character.codePointAt(0) ?? 0
  const plain = `${/[A-Za-z0-9]/.test(character) ? '' : BACKSLASHES}\\u{${codePoint.toString(16)}}`
  const json = Array.from({ length: character.length }, (_, at) => `${BACKSLASH}u${hex(character.charCodeAt(at), 4)}`)
  const address = Array.from(utf8Encode(character), (byte) => `%${hex(byte, 2)}`)
  return `(?:${plain}|${json.join('')}|${address.join('')})`
}

function hex(value: number, digits: number): string {
  return value
    .toString(16)
    .padStart(digits, '0')
    .replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`)
}
