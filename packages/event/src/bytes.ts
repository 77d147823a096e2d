/**
 * Bytes and the texts they travel as: hexadecimal, base64 and UTF-8.
 *
 * Written over tables and not over `Buffer`, so that the package runs in a
 * browser as it is.
 */
import { EventError } from './event-error.ts'

const HEX_OF_BYTE: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** The value of each hexadecimal digit by character code; 255 for every other character. */
const HEX_VALUES: Uint8Array = tableOf('0123456789abcdef')
for (let digit = 10; digit < 16; digit++) HEX_VALUES[0x41 + digit - 10] = digit

const BASE64_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const BASE64_CODES: Uint8Array = Uint8Array.from(BASE64_ALPHABET, (character) => character.charCodeAt(0))
const BASE64_VALUES: Uint8Array = tableOf(BASE64_ALPHABET)
const PAD = 0x3d

// A byte order mark is content here, not framing: hashes cover it.
const STRICT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const ENCODER = new TextEncoder()

/** Below this many bytes a loop over ASCII beats the call into the platform's decoder. */
const SHORT_TEXT = 12

/** Returns `bytes` in hexadecimal, lower case, two digits a byte. */
export function toHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += HEX_OF_BYTE[byte]
  return text
}

/**
 * Reads hexadecimal digits of either case, two a byte, with nothing between them.
 *
 * @throws {@link EventError} `EVENT_DECODE` for an odd length or any other character.
 */
export function fromHex(text: string): Uint8Array {
  if (text.length % 2 !== 0) throw new EventError('EVENT_DECODE', `hex text has an odd length of ${text.length}`)
  const bytes = new Uint8Array(text.length / 2)
  for (let at = 0; at < bytes.length; at++) {
    const high = valueAt(HEX_VALUES, text, at * 2)
    const low = valueAt(HEX_VALUES, text, at * 2 + 1)
    if ((high | low) > 15) throw new EventError('EVENT_DECODE', `hex text has a bad digit in byte ${at}`)
    bytes[at] = (high << 4) | low
  }
  return bytes
}

/** Returns `bytes` in standard base64 (RFC 4648 section 4) with padding. */
export function toBase64(bytes: Uint8Array): string {
  const codes = new Uint8Array(Math.ceil(bytes.length / 3) * 4).fill(PAD)
  let at = 0
  for (let from = 0; from < bytes.length; from += 3) {
    const left = bytes.length - from
    const group = ((bytes[from] ?? 0) << 16) | ((bytes[from + 1] ?? 0) << 8) | (bytes[from + 2] ?? 0)
    codes[at++] = BASE64_CODES[group >> 18] ?? 0
    codes[at++] = BASE64_CODES[(group >> 12) & 63] ?? 0
    if (left > 1) codes[at] = BASE64_CODES[(group >> 6) & 63] ?? 0
    at++
    if (left > 2) codes[at] = BASE64_CODES[group & 63] ?? 0
    at++
  }
  return STRICT.decode(codes)
}

/**
 * Reads standard base64 (RFC 4648 section 4).
 *
 * Padding is required, and the unused bits of the last character must be zero,
 * so that every byte sequence has exactly one text.
 *
 * @throws {@link EventError} `EVENT_DECODE` for anything else.
 */
export function fromBase64(text: string): Uint8Array {
  if (text.length % 4 !== 0) throw new EventError('EVENT_DECODE', `base64 text has a length of ${text.length}`)
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const digits = text.length - padding
  const bytes = new Uint8Array((text.length / 4) * 3 - padding)
  let at = 0
  let group = 0
  for (let from = 0; from < text.length; from++) {
    const value = from < digits ? valueAt(BASE64_VALUES, text, from) : 0
    if (value > 63) throw new EventError('EVENT_DECODE', `base64 text has a bad character at ${from}`)
    group = ((group << 6) | value) & 0xffffff
    if (from % 4 !== 3) continue
    bytes[at++] = group >> 16
    // Writes past the end are dropped, which is what padding asks for.
    bytes[at++] = group >> 8
    bytes[at++] = group
  }
  const unused = padding === 2 ? group & 0xffff : padding === 1 ? group & 0xff : 0
  if (unused !== 0) throw new EventError('EVENT_DECODE', 'base64 text has bits left over in its last character')
  return bytes
}

/** Reports whether `a` and `b` hold the same bytes. Not in constant time: for public hashes only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false
  return true
}

/** Returns `text` in UTF-8; a lone surrogate becomes U+FFFD. */
export function utf8Encode(text: string): Uint8Array {
  return ENCODER.encode(text)
}

/**
 * Reads UTF-8, from `start` (default 0) up to but not including `end` (default: all).
 *
 * A byte order mark is kept as U+FEFF.
 *
 * @throws {@link EventError} `EVENT_DECODE` when the bytes are not valid UTF-8.
 */
export function utf8Decode(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  const text = end - start < SHORT_TEXT ? shortAscii(bytes, start, end) : undefined
  if (text !== undefined) return text
  try {
    return STRICT.decode(bytes.subarray(start, end))
  } catch (cause) {
    throw new EventError('EVENT_DECODE', 'text is not valid utf-8', { cause })
  }
}

/**
 * Reads UTF-8, with one U+FFFD for every byte that is not part of a valid sequence.
 *
 * That is how Go reads invalid text. The platform's own decoder writes one
 * U+FFFD for a whole truncated sequence, which gives other bytes.
 */
export function utf8DecodeLossy(bytes: Uint8Array): string {
  try {
    return STRICT.decode(bytes)
  } catch {
    // Invalid text is expected here: find the bytes to replace.
    return decodeReplacing(bytes)
  }
}

function decodeReplacing(bytes: Uint8Array): string {
  let text = ''
  let validFrom = 0
  let at = 0
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at)
    if (length === 0) {
      text += `${STRICT.decode(bytes.subarray(validFrom, at))}\ufffd`
      validFrom = at + 1
    }
    at += length || 1
  }
  return text + STRICT.decode(bytes.subarray(validFrom))
}

/** The length of the valid UTF-8 sequence at `at` (Unicode 16, table 3-7), or 0. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0
  if (first < 0x80) return 1
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0
  if (length === 0) return 0
  const second = bytes[at + 1] ?? 0
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf
  if (second < low || second > high) return 0
  for (let next = at + 2; next < at + length; next++) if (((bytes[next] ?? 0) & 0xc0) !== 0x80) return 0
  return length
}

function shortAscii(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = ''
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0
    if (byte > 0x7f) return undefined
    text += String.fromCharCode(byte)
  }
  return text
}

function valueAt(table: Uint8Array, text: string, at: number): number {
  return table[text.charCodeAt(at)] ?? 255
}

function tableOf(alphabet: string): Uint8Array {
  const table = new Uint8Array(128).fill(255)
  for (let value = 0; value < alphabet.length; value++) table[alphabet.charCodeAt(value)] = value
  return table
}
