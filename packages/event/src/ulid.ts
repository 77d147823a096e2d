import { EventError } from './event-error.ts'

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const TIME_CHARACTERS = 10
const RANDOM_BYTES = 10

/**
 * Formats a ULID: 26 characters of Crockford's base 32, the time in
 * milliseconds since the epoch in the first 10 and 80 random bits in the rest.
 *
 * Layout: https://github.com/ulid/spec.
 *
 * @throws {@link EventError} `EVENT_ENCODE` unless `random` has 10 bytes and the time 48 bits.
 */
export function formatUlid(timeMs: number, random: Uint8Array): string {
  if (random.length !== RANDOM_BYTES) {
    throw new EventError('EVENT_ENCODE', `a ULID needs ${RANDOM_BYTES} random bytes, got ${random.length}`)
  }
  if (!Number.isInteger(timeMs) || timeMs < 0 || timeMs >= 2 ** 48) {
    throw new EventError('EVENT_ENCODE', `the time of a ULID has 48 bits, got ${timeMs}`)
  }
  let time = ''
  for (let rest = timeMs, left = TIME_CHARACTERS; left > 0; left -= 1, rest = Math.floor(rest / 32)) {
    time = CROCKFORD.charAt(rest % 32) + time
  }
  // 40 bits are exactly eight characters: twice five bytes.
  return time + group(random, 0) + group(random, 5)
}

function group(bytes: Uint8Array, offset: number): string {
  let text = ''
  let bits = 0
  let value = 0
  for (let index = offset; index < offset + 5; index += 1) {
    value = (value << 8) | (bytes[index] ?? 0)
    for (bits += 8; bits >= 5; bits -= 5) text += CROCKFORD.charAt((value >>> (bits - 5)) & 31)
    value &= (1 << bits) - 1
  }
  return text
}
