// A high surrogate that a low one follows, then one of either kind alone, then any other escape: whichever comes first
// is taken whole, so that what follows an escaped backslash is no escape.
const ESCAPES = /\\(?:u[dD][89abAB][\dA-Fa-f]{2}\\u[dD][c-fC-F][\dA-Fa-f]{2}|u([dD][89a-fA-F][\dA-Fa-f]{2})|[^])/g

const MAY_HALVE = /\\u[dD][89a-fA-F]/

/**
 * Returns a JSON text in which half a character, as a text that was cut ends with, is `U+FFFD`.
 *
 * Vendors refuse the whole request for one, escaped as `JSON.stringify` writes
 * it, wherever it stands: in what a person said, a tool returned or a model wrote.
 * Everything else stays as it is, character for character.
 */
export function wellFormedJson(text: string): string {
  const whole = text.toWellFormed()
  if (!MAY_HALVE.test(whole)) return whole
  return whole.replace(ESCAPES, (escape: string, half: string | undefined) => (half === undefined ? escape : '\\ufffd'))
}
